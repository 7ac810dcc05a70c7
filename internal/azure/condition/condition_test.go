package condition_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/azure/condition"
)

const (
	subscription = "11111111-2222-3333-4444-555555555555"
	groupWrite   = "Microsoft.Network/networkSecurityGroups/write"
	ruleWrite    = "Microsoft.Network/networkSecurityGroups/securityRules/write"
	op           = `{"field":"operationName","equals":"Microsoft.Network/networkSecurityGroups/write"}`
	admin        = `{"field":"category","equals":"Administrative"}`
)

func all(clauses ...string) string { return `{"allOf":[` + strings.Join(clauses, ",") + `]}` }

var names = map[condition.Fit]string{condition.Whole: "whole", condition.Usual: "usual", condition.Unclear: "unclear", condition.Partial: "partial", condition.None: "none"}

func TestCover(t *testing.T) {
	tests := []struct {
		name       string
		conditions []string
		operation  string // groupWrite unless said
		want       string
	}{
		{name: "category and operation", conditions: []string{all(admin, op)}, want: "whole"},
		{name: "the other order, in any case", conditions: []string{all(`{"FIELD":"OPERATIONNAME","equals":"microsoft.network/NETWORKSECURITYGROUPS/write"}`, `{"field":"Category","equals":"administrative"}`)}, want: "whole"},
		{name: "no category", conditions: []string{all(op)}, want: "whole"},
		{name: "category alone", conditions: []string{all(admin)}, want: "whole"},
		{name: "explicit nulls", conditions: []string{all(`{"field":"operationName","equals":"Microsoft.Network/networkSecurityGroups/write","containsAny":null,"anyOf":null,"odata.type":null}`)}, want: "whole"},
		{name: "the provider", conditions: []string{all(admin, `{"field":"resourceProvider","equals":"Microsoft.Network"}`)}, want: "whole"},
		{name: "the type", conditions: []string{all(admin, `{"field":"resourceType","equals":"Microsoft.Network/networkSecurityGroups"}`)}, want: "whole"},
		{name: "the type is not that of a rule", operation: ruleWrite, conditions: []string{all(admin, `{"field":"resourceType","equals":"Microsoft.Network/networkSecurityGroups"}`)}, want: "none"},
		{name: "the type of a rule", operation: ruleWrite, conditions: []string{all(`{"field":"resourceType","equals":"microsoft.network/networksecuritygroups/securityrules"}`)}, want: "whole"},
		{name: "another operation", operation: ruleWrite, conditions: []string{all(admin, op)}, want: "none"},
		{name: "any of the operations", conditions: []string{all(admin, `{"anyOf":[`+op+`,{"field":"operationName","equals":"x"}]}`)}, want: "whole"},
		{name: "contains any of the operations", conditions: []string{all(`{"field":"operationName","containsAny":["x","Microsoft.Network/networksecuritygroups/write"]}`)}, want: "whole"},
		{name: "contains other operations", conditions: []string{all(`{"field":"operationName","containsAny":["x"]}`)}, want: "none"},
		{name: "contains a part", conditions: []string{all(`{"field":"operationName","containsAny":["networkSecurityGroups"]}`)}, want: "unclear"},
		{name: "equals a part", conditions: []string{all(`{"field":"operationName","equals":"networkSecurityGroups"}`)}, want: "none"},
		{name: "no wildcards", conditions: []string{all(`{"field":"operationName","equals":"Microsoft.Network/*"}`)}, want: "none"},
		{name: "no wildcards in containsAny", conditions: []string{all(`{"field":"operationName","containsAny":["Microsoft.Network/networkSecurityGroups/*"]}`)}, want: "none"},
		{name: "another category", conditions: []string{all(op, `{"field":"category","equals":"Security"}`)}, want: "none"},
		{name: "succeeded", conditions: []string{all(op, `{"field":"status","equals":"Succeeded"}`)}, want: "whole"},
		{name: "succeeded, among others", conditions: []string{all(op, `{"field":"status","containsAny":["failed","succeeded"]}`)}, want: "whole"},
		{name: "started", conditions: []string{all(op, `{"field":"status","equals":"Started"}`)}, want: "whole"},
		{name: "accepted", conditions: []string{all(op, `{"field":"status","equals":"Accepted"}`)}, want: "unclear"},
		{name: "failed", conditions: []string{all(op, `{"field":"status","equals":"Failed"}`)}, want: "none"},
		{name: "the words of Log Analytics", conditions: []string{all(op, `{"field":"status","equals":"Success"}`)}, want: "none"},
		{name: "a part of a status", conditions: []string{all(op, `{"field":"status","containsAny":["succeed"]}`)}, want: "unclear"},
		{name: "the usual level", conditions: []string{all(op, `{"field":"level","equals":"Informational"}`)}, want: "usual"},
		{name: "all levels", conditions: []string{all(op, `{"field":"level","containsAny":["critical","error","warning","informational"]}`)}, want: "whole"},
		{name: "all levels but the usual one", conditions: []string{all(op, `{"field":"level","containsAny":["Critical","Error","Warning"]}`)}, want: "partial"},
		{name: "verbose", conditions: []string{all(op, `{"field":"level","equals":"verbose"}`)}, want: "none"},
		{name: "two levels unite", conditions: []string{all(op, `{"field":"level","equals":"Informational"}`), all(op, `{"field":"level","containsAny":["Critical","Error","Warning"]}`)}, want: "whole"},
		{name: "levels of the start and of the end do not", conditions: []string{
			all(op, `{"field":"status","equals":"Started"}`, `{"field":"level","equals":"Informational"}`),
			all(op, `{"field":"status","equals":"Succeeded"}`, `{"field":"level","containsAny":["Critical","Error","Warning"]}`)}, want: "usual"},
		{name: "a caller", conditions: []string{all(op, `{"field":"caller","equals":"alice@example.com"}`)}, want: "partial"},
		{name: "callers never unite", conditions: []string{all(op, `{"field":"caller","equals":"alice@example.com"}`), all(op, `{"field":"caller","equals":"bob@example.com"}`)}, want: "partial"},
		{name: "any caller or the operation", conditions: []string{all(`{"anyOf":[{"field":"caller","equals":"alice@example.com"},` + op + `]}`)}, want: "whole"},
		{name: "a property", conditions: []string{all(op, `{"field":"properties.statusCode","equals":"Created"}`)}, want: "partial"},
		{name: "a resource", conditions: []string{all(op, `{"field":"resourceId","equals":"/subscriptions/x"}`)}, want: "partial"},
		{name: "a part that every id has", conditions: []string{all(op, `{"field":"resourceId","containsAny":["/subscriptions/`+subscription+`"]}`)}, want: "unclear"},
		{name: "an unclear leaf of another operation", conditions: []string{all(`{"field":"operationName","notEquals":"x"}`, `{"field":"operationName","equals":"other"}`)}, want: "none"},
		{name: "an unclear leaf and a caller", conditions: []string{all(op, `{"field":"caller","notEquals":"x"}`, `{"field":"caller","equals":"alice@example.com"}`)}, want: "partial"},
		{name: "an unclear rule beside a good one", conditions: []string{all(op, `{"field":"caller","notEquals":"x"}`), all(op)}, want: "whole"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.operation == "" {
				tt.operation = groupWrite
			}
			var list []condition.Condition
			for _, raw := range tt.conditions {
				list = append(list, condition.Parse(json.RawMessage(raw)))
			}
			if got := names[condition.Cover(condition.Administrative(tt.operation, subscription), list).Fit]; got != tt.want {
				t.Errorf("%s: got %s, want %s", tt.conditions, got, tt.want)
			}
		})
	}
}

// TestUnclear holds what is not understood, and that it decides nothing.
func TestUnclear(t *testing.T) {
	tests := []struct{ raw, want string }{
		{all(op, `{"field":"caller","notEquals":"x"}`), "condition.allOf[1]: the key notEquals is not known"},
		{all(op, `{"field":"color","equals":"x"}`), "condition.allOf[1]: the field color is not known"},
		{all(op, `{"field":"properties.","equals":"x"}`), "condition.allOf[1]: the field properties. is not known"},
		{all(op, `{"anyOf":[`+admin+`],"field":"caller","equals":"x"}`), "condition.allOf[1]: field is next to anyOf; condition.allOf[1]: equals is next to anyOf"},
		{all(op, `{"anyOf":[]}`), "condition.allOf[1].anyOf: is empty"},
		{all(op, `{"anyOf":[{"anyOf":[`+admin+`]}]}`), "condition.allOf[1].anyOf[0]: the key anyOf is not known"},
		{all(op, `{"field":"caller"}`), "condition.allOf[1]: has no value"},
		{all(op, `{"equals":"x"}`), "condition.allOf[1]: has no field"},
		{all(op, `{"field":"caller","equals":"x","containsAny":["y"]}`), "condition.allOf[1]: has both equals and containsAny"},
		{all(op, `{"field":"caller","containsAny":[]}`), "condition.allOf[1].containsAny: is empty"},
		{all(op, `"x"`), "condition.allOf[1]: is not an object"},
		{`{"allOf":[]}`, "condition.allOf: is empty"},
		{`{}`, "condition.allOf: is empty"},
		{`{"allOf":{}}`, "condition.allOf: is not a list"},
		{`{"allOf":[` + op + `],"anyOf":[]}`, "condition: the key anyOf is not known"},
		{``, "condition: is absent"},
	}
	for _, tt := range tests {
		c := condition.Parse(json.RawMessage(tt.raw))
		if got := strings.Join(c.Unclear(), " | "); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s\ngot  %s\nwant %s", tt.raw, got, tt.want)
		}
		if got := condition.Cover(condition.Administrative(groupWrite, subscription), []condition.Condition{c}).Fit; got != condition.Unclear {
			t.Errorf("%s: %s, want unclear", tt.raw, names[got])
		}
	}
}

func TestServiceHealth(t *testing.T) {
	incident := condition.ServiceHealth("Incident")
	health := `{"field":"category","equals":"ServiceHealth"}`
	tests := []struct{ raw, want string }{
		{all(health), "whole"},
		{all(health, `{"field":"properties.incidentType","equals":"Incident"}`), "whole"},
		{all(health, `{"field":"properties.incidentType","equals":"Maintenance"}`), "none"},
		{all(health, `{"anyOf":[{"field":"properties.incidentType","equals":"Maintenance"},{"field":"properties.incidentType","equals":"incident"}]}`), "whole"},
		{all(health, `{"field":"properties.impactedServices[*].ServiceName","containsAny":["Storage"]}`), "partial"},
		{all(health, `{"field":"level","equals":"Error"}`), "partial"},
		{all(admin), "none"},
	}
	for _, tt := range tests {
		if got := names[condition.Cover(incident, []condition.Condition{condition.Parse(json.RawMessage(tt.raw))}).Fit]; got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.raw, got, tt.want)
		}
	}
}

func TestNeverAndNames(t *testing.T) {
	e := condition.Administrative(groupWrite, subscription)
	tests := []struct {
		raw          string
		never, names bool
	}{
		{all(admin, op), false, true},
		{all(op, `{"field":"operationName","equals":"other"}`), true, true},
		{all(op, `{"field":"OperationName","equals":"MICROSOFT.NETWORK/networkSecurityGroups/write"}`), false, true},
		{all(op, `{"field":"category","equals":"Policy"}`), false, true},
		{all(admin), false, false},
		{all(`{"field":"operationName","equals":"other"}`), false, false},
		{all(`{"anyOf":[{"field":"operationName","equals":"a"},{"field":"operationName","equals":"b"}]}`), false, false},
	}
	for _, tt := range tests {
		c := condition.Parse(json.RawMessage(tt.raw))
		if c.Never() != tt.never || c.Names(e) != tt.names {
			t.Errorf("%s: never %t, names %t; want %t, %t", tt.raw, c.Never(), c.Names(e), tt.never, tt.names)
		}
	}
	if c := condition.Parse(json.RawMessage(all(admin))); c.Of(condition.Foreign(), condition.Succeeded, condition.Informational) != condition.Yes {
		t.Error("a category alone matches the records of every operation")
	}
}

func TestBlames(t *testing.T) {
	e := condition.Administrative(groupWrite, subscription)
	c := condition.Parse(json.RawMessage(all(admin, op, `{"field":"caller","equals":"alice"}`, `{"field":"level","equals":"verbose"}`, `{"field":"status","equals":"Succeeded"}`)))
	var got []string
	for _, b := range c.Blames(e) {
		got = append(got, b.Clause.String())
	}
	if want := "caller = alice; level = verbose"; strings.Join(got, "; ") != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(all(admin, op))
	f.Add(all(`{"anyOf":[{"field":"a","equals":"b"}]}`))
	f.Fuzz(func(t *testing.T, raw string) {
		c := condition.Parse(json.RawMessage(raw))
		_, _ = c.String(), c.Never()
		if fit := condition.Cover(condition.Administrative(groupWrite, subscription), []condition.Condition{c}).Fit; fit == condition.Whole && len(c.Unclear()) > 0 {
			for _, text := range c.Unclear() {
				if !strings.Contains(text, "anyOf") {
					t.Errorf("%q: %s is not understood, and passes", raw, text)
				}
			}
		}
	})
}
