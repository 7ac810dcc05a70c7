package azuretest

import (
	"slices"
	"strings"
)

// changed makes a write to a network security group happen: its record goes to whoever is
// alerted, and its state is as long as the next answer shows that Azure is still at it.
func (c *Cloud) changed(o *object, verb, state string) map[string]any {
	parts := strings.Split(o.id, "/")
	o.properties()["provisioningState"] = state
	s := c.subs[strings.ToLower(parts[2])]
	c.do(s, Call{Operation: SecurityGroups + "/" + verb, Caller: "monitorctl", ResourceGroup: parts[4], Name: parts[8]})
	return copied(o.value)
}

// shown answers for an object. What Azure was still at is done with the answer after that.
func (c *Cloud) shown(o *object) (any, error) {
	value := copied(o.value)
	if o.kind != SecurityGroups {
		return value, nil
	}
	if o.properties()["provisioningState"] == "Deleting" {
		s := c.subs[strings.ToLower(subscriptionOf(o.id))]
		s.objects = slices.DeleteFunc(s.objects, func(have *object) bool { return have == o })
	}
	o.properties()["provisioningState"] = "Succeeded"
	return value, nil
}

// copied returns a value whose properties are its own.
func copied(value map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range value {
		out[k] = v
	}
	if p, ok := value["properties"].(map[string]any); ok {
		own := map[string]any{}
		for k, v := range p {
			own[k] = v
		}
		out["properties"] = own
	}
	return out
}
