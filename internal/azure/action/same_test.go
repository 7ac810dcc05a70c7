package action_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/change"
)

const id = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.Insights/activityLogAlerts/r"

// TestEqual: what Azure adds by itself makes no difference, everything that can be written
// does, also what this version does not know.
func TestEqual(t *testing.T) {
	const body = `{"location":"global","tags":{"monitorctl:managed":"true"},"properties":{"enabled":true,"description":"d","scopes":["/subscriptions/S"],
		"condition":{"allOf":[{"field":"category","equals":"Administrative"}]},"actions":{"actionGroups":[{"actionGroupId":"/subscriptions/S/resourceGroups/RG"}]}}}`
	for name, edit := range map[string]func(string) string{
		"as it is": func(s string) string { return s },
		"read-only keys": func(s string) string {
			return strings.Replace(s, `{"location"`, `{"id":"`+id+`","name":"r","type":"T","etag":"e","systemData":{"a":1},"kind":null,"location"`, 1)
		},
		"explicit nulls": func(s string) string {
			return strings.Replace(s, `"equals"`, `"containsAny":null,"odata.type":null,"equals"`, 1)
		},
		"the default is left out": func(s string) string { return strings.Replace(s, `"enabled":true,`, ``, 1) },
		"keys and ids in other case": func(s string) string {
			return strings.NewReplacer(`"location":"global"`, `"Location":"Global"`, "/resourceGroups/RG", "/resourcegroups/rg/", "Administrative", "administrative").Replace(s)
		},
		"a tag of a policy": func(s string) string { return strings.Replace(s, `"tags":{`, `"tags":{"costs":"42",`, 1) },
		"a state": func(s string) string {
			return strings.Replace(s, `"enabled"`, `"provisioningState":"Succeeded","enabled"`, 1)
		},
	} {
		if !action.Equal(json.RawMessage(body), json.RawMessage(edit(body))) {
			t.Errorf("%s makes a difference", name)
		}
	}
	for name, edit := range map[string]func(string) string{
		"disabled":       func(s string) string { return strings.Replace(s, `"enabled":true`, `"enabled":false`, 1) },
		"a description":  func(s string) string { return strings.Replace(s, `"d"`, `"D"`, 1) },
		"a scope":        func(s string) string { return strings.Replace(s, `subscriptions/S"`, `subscriptions/T"`, 1) },
		"an unknown key": func(s string) string { return strings.Replace(s, `"enabled"`, `"future":{"x":1},"enabled"`, 1) },
		"no tag of ours": func(s string) string { return strings.Replace(s, `"true"}`, `"terraform"}`, 1) },
		"an order": func(s string) string {
			return strings.Replace(s, `{"field"`, `{"field":"level","equals":"x"},{"field"`, 1)
		},
	} {
		if action.Equal(json.RawMessage(body), json.RawMessage(edit(body))) {
			t.Errorf("%s makes no difference", name)
		}
	}
}

// TestWritable keeps everything but what Azure alone sets.
func TestWritable(t *testing.T) {
	got := string(action.Writable(json.RawMessage(`{"id":"x","name":"r","type":"T","systemData":{},"location":"global","identity":{"type":"None"},
		"properties":{"provisioningState":"Succeeded","emailReceivers":[{"name":"a","emailAddress":"a@example.com","status":"Enabled","future":1.50}],"teamsReceivers":[{"name":"t"}],"future":null}}`)))
	want := `{"identity":{"type":"None"},"location":"global","properties":{"emailReceivers":[{"emailAddress":"a@example.com","future":1.50,"name":"a"}],"teamsReceivers":[{"name":"t"}]}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestStateOf: a journal that was edited leads to nothing but the object that it names, in
// the kind that it says.
func TestStateOf(t *testing.T) {
	raw := json.RawMessage(`{"id":"` + id + `","location":"global"}`)
	group := strings.Replace(id, "activityLogAlerts", "actionGroups", 1)
	resources := "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg"
	tests := []struct {
		name  string
		state action.State
		o     change.Object
		of    bool
	}{
		{"a rule", action.State{Rule: raw}, action.RuleObject(strings.ToUpper(id)), true},
		{"a body", action.State{Rule: json.RawMessage(`{"location":"global"}`)}, action.RuleObject(id), true},
		{"a group", action.State{Group: json.RawMessage(`{}`)}, action.GroupObject(group), true},
		{"a resource group", action.State{ResourceGroup: json.RawMessage(`{}`)}, action.ResourceGroupObject(resources), true},
		{"another rule", action.State{Rule: raw}, action.RuleObject(id + "2"), false},
		{"a rule as a resource group", action.State{ResourceGroup: raw}, action.ResourceGroupObject(id), false},
		{"a resource group as a rule", action.State{Rule: json.RawMessage(`{}`)}, action.RuleObject(resources), false},
		{"two kinds", action.State{Rule: raw, Group: raw}, action.RuleObject(id), false},
		{"nothing", action.State{}, action.RuleObject(id), false},
		{"a machine", action.State{Rule: json.RawMessage(`{}`)}, change.Object{Kind: "vm", Name: id}, false},
	}
	for _, tt := range tests {
		if got := tt.state.Of(tt.o); got != tt.of {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.of)
		}
	}
}
