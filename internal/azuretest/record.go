package azuretest

import (
	"slices"
	"strings"
)

// A Call is one successful call of Azure Resource Manager.
type Call struct {
	Operation     string // Microsoft.Network/networkSecurityGroups/write
	Caller        string
	ResourceGroup string
	Name          string // of the resource
	StartLevel    string // of the record of its start; "" for Informational
	EndLevel      string // of that of its end
	Outcome       string // the HTTP status of its end, in words; "" for OK
	Failed        bool   // it fails after all
}

// A record is one of the Activity Log: its fields in lower case, with properties under
// "properties.".
type record map[string]string

// records are those that a call leaves.
func (call Call) records(subscription string) []record {
	operation := call.Operation
	kind := operation[:strings.LastIndexByte(operation, '/')]
	provider, types, _ := strings.Cut(kind, "/")
	id := "/subscriptions/" + subscription + "/resourceGroups/" + call.ResourceGroup + "/providers/" + provider
	for t := range strings.SplitSeq(types, "/") {
		id += "/" + t + "/" + call.Name
	}
	outcome := call.Outcome
	if outcome == "" {
		outcome = "OK"
	}
	entry := func(status, level, sub string) record {
		if level == "" {
			level = "Informational"
		}
		return record{
			"category": "Administrative", "operationname": operation, "resourceprovider": provider, "resourcetype": kind, "resourceid": id,
			"resourcegroup": call.ResourceGroup, "caller": call.Caller, "status": status, "substatus": sub, "level": level, "properties.statuscode": sub,
		}
	}
	end := "Succeeded"
	if call.Failed {
		end = "Failed"
	}
	return []record{entry("Started", call.StartLevel, ""), entry(end, call.EndLevel, outcome)}
}

// An Incident is an event of Service Health.
type Incident struct {
	Type    string // Incident, Maintenance, ...
	Service string
	Level   string
}

func (i Incident) record(subscription string) record {
	return record{
		"category": "ServiceHealth", "operationname": "Microsoft.ServiceHealth/incident/action", "resourceid": "/subscriptions/" + subscription,
		"status": "Active", "level": i.Level, "properties.incidenttype": i.Type, "properties.impactedservices": i.Service,
	}
}

// A leaf compares a field with values.
type leaf struct {
	field  string // lower case
	values []string
}

var leafFields = []string{
	"resourceid", "category", "caller", "level", "operationname", "resourcegroup", "resourceprovider", "status", "substatus", "resourcetype",
}

// leavesOf returns the leaves of an entry of allOf; one must hold; what Azure
// does not document is refused.
func leavesOf(clause map[string]any) ([]leaf, error) {
	if list := objectsOf(clause["anyOf"]); clause["anyOf"] != nil {
		if clause["field"] != nil || len(list) == 0 {
			return nil, refuse(400, "BadRequest", "anyOf stands alone and is not empty")
		}
		var out []leaf
		for _, e := range list {
			l, err := leafOf(e)
			if err != nil {
				return nil, err
			}
			out = append(out, l)
		}
		return out, nil
	}
	l, err := leafOf(clause)
	return []leaf{l}, err
}

func leafOf(e map[string]any) (leaf, error) {
	for key, value := range e {
		if value != nil && !slices.Contains([]string{"field", "equals", "containsany"}, strings.ToLower(key)) {
			return leaf{}, refuse(400, "BadRequest", "the key %s is not known", key)
		}
	}
	l := leaf{field: strings.ToLower(text(value(e, "field")))}
	if !slices.Contains(leafFields, l.field) && !strings.HasPrefix(l.field, "properties.") {
		return leaf{}, refuse(400, "BadRequest", "the field %q is not known", l.field)
	}
	if equals, ok := value(e, "equals").(string); ok {
		l.values = []string{equals}
	}
	l.values = append(l.values, texts(value(e, "containsAny"))...)
	if len(l.values) == 0 {
		return leaf{}, refuse(400, "BadRequest", "the field %q has no value", l.field)
	}
	return l, nil
}

// value returns the value of a key in any case.
func value(e map[string]any, key string) any {
	for k, v := range e {
		if strings.EqualFold(k, key) {
			return v
		}
	}
	return nil
}

// matches reports whether a rule matches a record, its scope aside.
func (r record) matches(rule *object) bool {
	condition, _ := rule.properties()["condition"].(map[string]any)
	for _, clause := range objectsOf(condition["allOf"]) {
		leaves, err := leavesOf(clause)
		if err != nil || !slices.ContainsFunc(leaves, r.holds) {
			return false
		}
	}
	return true
}

func (r record) holds(l leaf) bool {
	have, ok := r[l.field]
	return ok && slices.ContainsFunc(l.values, func(want string) bool { return strings.EqualFold(want, have) })
}

// inScope reports whether a record is in one of the scopes of a rule: below it, part by
// part.
func (r record) inScope(rule *object) bool {
	id := strings.ToLower(r["resourceid"]) + "/"
	return slices.ContainsFunc(texts(rule.properties()["scopes"]), func(scope string) bool {
		return strings.HasPrefix(scope, "/") && strings.HasPrefix(id, strings.ToLower(strings.TrimRight(scope, "/"))+"/")
	})
}
