package azuretest

import (
	"fmt"
	"slices"
	"strings"
)

// An Error is what Azure answers instead.
type Error struct {
	Status     int // of HTTP
	Code       string
	Message    string
	RetryAfter int // seconds; 0 for none
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func refuse(status int, code, format string, args ...any) *Error {
	return &Error{Status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// maxRules is how many alert rules a subscription can have enabled.
const maxRules = 100

// maxGroups is how many action groups a rule can have.
const maxGroups = 5

// missingRegistration is what a provider says that the subscription never used.
func (s *sub) missingRegistration() *Error {
	return refuse(409, "MissingSubscriptionRegistration", "the subscription is not registered to use namespace 'Microsoft.Insights'")
}

// receiverKinds are the keys of an action group's receivers: an answer has all of them.
var receiverKinds = []string{
	"emailReceivers", "smsReceivers", "webhookReceivers", "itsmReceivers", "azureAppPushReceivers", "automationRunbookReceivers", "voiceReceivers",
	"logicAppReceivers", "azureFunctionReceivers", "armRoleReceivers", "eventHubReceivers",
}

// checkReceivers refuses receivers of one name, and those without what their kind needs.
func checkReceivers(properties map[string]any) error {
	seen := map[string]bool{}
	for _, key := range receiverKinds {
		for _, r := range objectsOf(properties[key]) {
			name := strings.ToLower(text(r["name"]))
			switch {
			case name == "" || seen[name]:
				return refuse(400, "BadRequest", "the names of receivers must be there and be unique: %q", name)
			case key == "emailReceivers" && !strings.Contains(text(r["emailAddress"]), "@"):
				return refuse(400, "BadRequest", "receiver %q has no e-mail address", name)
			case key == "armRoleReceivers" && text(r["roleId"]) == "":
				return refuse(400, "BadRequest", "receiver %q has no role", name)
			}
			seen[name] = true
		}
	}
	return nil
}

// put makes or replaces an object, whole.
func (c *Cloud) put(id string, value map[string]any) (created bool, e error) {
	kind, group, err := c.place(id)
	if err != nil {
		return false, err
	}
	s := c.subs[strings.ToLower(subscriptionOf(id))]
	switch {
	case s.State == "Disabled" || s.State == "Deleted":
		return false, refuse(409, "ReadOnlyDisabledSubscription", "the subscription %s is disabled", s.ID)
	case s.registration != "Registered" && kind != SecurityGroups:
		return false, s.missingRegistration()
	case s.locked(id, false) != nil:
		return false, s.locked(id, false)
	case s.denied[kind] != "":
		return false, refuse(403, "RequestDisallowedByPolicy", "resource %q was disallowed by policy %q", id[strings.LastIndexByte(id, '/')+1:], s.denied[kind])
	case s.groups[strings.ToLower(group)] == nil:
		return false, refuse(404, "ResourceGroupNotFound", "resource group %q could not be found", group)
	case text(value["location"]) == "":
		return false, refuse(400, "LocationRequired", "the location property is required for this definition")
	}
	properties, ok := value["properties"].(map[string]any)
	if !ok {
		return false, refuse(400, "BadRequest", "the object has no properties")
	}
	if err := check(kind, id, properties, s); err != nil {
		return false, err
	}
	stored := map[string]any{"id": id, "name": id[strings.LastIndexByte(id, '/')+1:], "type": kind, "location": value["location"], "tags": value["tags"], "kind": nil, "properties": properties}
	for key, v := range value {
		if _, ok := stored[key]; !ok {
			stored[key] = v
		}
	}
	if have := c.find(id); have != nil {
		stored["id"], stored["name"] = have.value["id"], have.value["name"]
		have.value = stored
		return false, nil
	}
	s.objects = append(s.objects, &object{id: id, kind: kind, value: stored})
	return true, nil
}

// place returns the kind and the resource group of an id.
func (c *Cloud) place(id string) (kind, group string, e error) {
	parts := strings.Split(id, "/")
	if len(parts) != 9 || !strings.EqualFold(parts[3], "resourceGroups") || !strings.EqualFold(parts[5], "providers") || parts[8] == "" {
		return "", "", refuse(400, "InvalidResourceId", "%q is no id of a resource", id)
	}
	if c.subs[strings.ToLower(parts[2])] == nil {
		return "", "", refuse(404, "SubscriptionNotFound", "the subscription %q could not be found", parts[2])
	}
	i := slices.IndexFunc(kinds, func(k string) bool { return strings.EqualFold(k, parts[6]+"/"+parts[7]) })
	if i < 0 {
		return "", "", refuse(404, "InvalidResourceType", "the resource type %s/%s is not known", parts[6], parts[7])
	}
	return kinds[i], parts[4], nil
}

// check refuses properties that Azure refuses, or that it does not document.
func check(kind, id string, properties map[string]any, s *sub) error {
	switch kind {
	case AlertRules:
		return checkRule(id, properties, s)
	case ActionGroups:
		if name := text(properties["groupShortName"]); name == "" || len(name) > 12 {
			return refuse(400, "BadRequest", "groupShortName must have 1 to 12 characters")
		}
		return checkReceivers(properties)
	case ProcessingRules:
		if len(texts(properties["scopes"])) == 0 {
			return refuse(400, "BadRequest", "a processing rule needs scopes")
		}
		return checkSchedule(properties)
	}
	return nil
}

func checkRule(id string, properties map[string]any, s *sub) error {
	enabled := 0
	for _, o := range s.objects {
		if o.kind == AlertRules && isOn(o.properties()) && !same(o.id, id) {
			enabled++
		}
	}
	if enabled >= maxRules && isOn(properties) {
		return refuse(400, "BadRequest", "the subscription has %d alert rules already", enabled)
	}
	actions, _ := properties["actions"].(map[string]any)
	if n := len(objectsOf(actions["actionGroups"])); n > maxGroups {
		return refuse(400, "BadRequest", "a rule has at most %d action groups, not %d", maxGroups, n)
	}
	scopes := texts(properties["scopes"])
	if len(scopes) == 0 {
		return refuse(400, "BadRequest", "a rule needs scopes")
	}
	condition, _ := properties["condition"].(map[string]any)
	clauses := objectsOf(condition["allOf"])
	if len(clauses) == 0 {
		return refuse(400, "BadRequest", "a rule needs conditions")
	}
	category := ""
	for _, clause := range clauses {
		leaves, err := leavesOf(clause)
		if err != nil {
			return err
		}
		for _, l := range leaves {
			if l.field == "category" {
				category = strings.ToLower(l.values[0])
			}
		}
	}
	switch {
	case category == "":
		return refuse(400, "BadRequest", "a rule needs a condition on category")
	case category == "servicehealth" && len(scopes) != 1:
		return refuse(400, "ScopeIsInvalid", "Service Health takes one subscription")
	}
	return nil
}

// isOn reports whether an object is enabled, which is the default.
func isOn(properties map[string]any) bool {
	on, ok := properties["enabled"].(bool)
	return on || !ok
}
