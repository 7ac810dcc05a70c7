// Package desired says what monitorctl's own objects of Azure look like: the alert rules
// and the action group that the scope asks for, field by field, and by what an object is
// known as one of them. Plan, destroy and undo take both from here.
//
// One rule for each operation, in the form that Prowler, turbot, CloudSploit, Azure
// Policy and cloudbeat look for: to Azure one rule for all would do. An object is known
// by the tag ManagedTag, whose value says who keeps it.
package desired

import (
	"encoding/json"
	"maps"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// ManagedTag is the tag by which it is known who keeps an object.
const ManagedTag = "monitorctl:managed"

// What the action group is called: its name, and the short one that stands in text
// messages.
const (
	DefaultGroup = "monitorctl-alerts"
	ShortName    = "monitorctl"
)

// An Owner says who keeps an object.
type Owner struct {
	Ours bool   // monitorctl may change it
	Why  string // a clause about the object when it may not; "" otherwise
}

// OwnerOf returns who keeps an object with these tags. Names of tags compare without
// case.
func OwnerOf(tags map[string]string) Owner {
	for name, value := range tags {
		if !strings.EqualFold(name, ManagedTag) {
			continue
		}
		switch value {
		case "true":
			return Owner{Ours: true}
		case "terraform", "bicep":
			return Owner{Why: "is kept by " + value + ", as its tag " + ManagedTag + " says: change it there"}
		}
	}
	return Owner{Why: "was not created by monitorctl: it lacks the tag " + ManagedTag + "=true"}
}

// Tags returns the tags of an object of ours.
func Tags(more map[string]string) map[string]string {
	tags := map[string]string{}
	maps.Copy(tags, more)
	tags[ManagedTag] = "true"
	return tags
}

// Names are the wishes that decide what the objects are called.
type Names struct {
	Prefix string // before the names of rules and of the action group
}

// Group is the name of the action group.
func (n Names) Group() string { return n.Prefix + DefaultGroup }

// A Home is where the objects stand.
type Home struct{ Subscription, ResourceGroup string }

// ID is the id of the resource group.
func (h Home) ID() string {
	return "/subscriptions/" + h.Subscription + "/resourceGroups/" + h.ResourceGroup
}

// RuleID is the id of an alert rule.
func (h Home) RuleID(name string) string {
	return h.ID() + "/providers/Microsoft.Insights/activityLogAlerts/" + name
}

// GroupID is the id of an action group.
func (h Home) GroupID(name string) string {
	return h.ID() + "/providers/Microsoft.Insights/actionGroups/" + name
}

// A Rule is an alert rule that the scope asks for.
type Rule struct {
	Name, Description string
	Operations        []catalog.Operation // that it alerts on; all incidents, or none
	Once              bool                // only when a call succeeds
}

// Rules returns a rule for each of the operations of a control or, with one, a single
// rule for all of them.
func (n Names) Rules(c catalog.Control, operations []catalog.Operation, one, once bool) []Rule {
	if one && len(operations) > 0 {
		return []Rule{{n.Prefix + camel(c.ID), "Triggered by: " + c.Title + ".", operations, once}}
	}
	var out []Rule
	for _, o := range operations {
		out = append(out, Rule{n.Prefix + o.Rule, o.Description, []catalog.Operation{o}, once})
	}
	return out
}

// Supplement returns the rule for the blind spots of a control.
func (n Names) Supplement(c catalog.Control, operations []catalog.Operation, once bool) Rule {
	return Rule{n.Prefix + camel(c.ID) + "Supplement", "Triggered by what " + c.ID + " does not require.", operations, once}
}

// camel returns an id such as nsg-changes as NsgChanges.
func camel(id string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(id, "-") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// The forms of what is written; keys that are left out have the default that is meant.
type (
	object struct {
		Location   string            `json:"location"`
		Tags       map[string]string `json:"tags"`
		Properties any               `json:"properties"`
	}

	ruleProperties struct {
		Enabled     bool      `json:"enabled"`
		Description string    `json:"description"`
		Scopes      []string  `json:"scopes"`
		Condition   condition `json:"condition"`
		Actions     actions   `json:"actions"`
	}

	condition struct {
		AllOf []clause `json:"allOf"`
	}

	clause struct {
		Field       string   `json:"field,omitempty"`
		Equals      string   `json:"equals,omitempty"`
		ContainsAny []string `json:"containsAny,omitempty"`
		AnyOf       []clause `json:"anyOf,omitempty"`
	}

	actions struct {
		ActionGroups []actionGroup `json:"actionGroups"`
	}

	actionGroup struct {
		ID string `json:"actionGroupId"`
	}
)

// Body is the rule as it is written: on the whole subscription, in the location that
// turbot compares by case, without a condition on level or, but for Once, on status.
func (r Rule) Body(h Home, groupID string, tags map[string]string) json.RawMessage {
	all := []clause{{Field: "category", Equals: "Administrative"}}
	var names, incidents []string
	for _, o := range r.Operations {
		if o.Incident != "" {
			incidents = append(incidents, o.Incident)
		} else {
			names = append(names, o.Spelling)
		}
	}
	if len(incidents) > 0 {
		all = []clause{{Field: "category", Equals: "ServiceHealth"}}
		add := clause{Field: "properties.incidentType", Equals: incidents[0]}
		if len(incidents) > 1 {
			add = clause{}
			for _, i := range incidents {
				add.AnyOf = append(add.AnyOf, clause{Field: "properties.incidentType", Equals: i})
			}
		}
		all = append(all, add)
	}
	switch len(names) {
	case 0:
	case 1:
		all = append(all, clause{Field: "operationName", Equals: names[0]})
	default:
		all = append(all, clause{Field: "operationName", ContainsAny: names})
	}
	if r.Once && len(names) > 0 {
		all = append(all, clause{Field: "status", Equals: "Succeeded"})
	}
	return encode(object{"global", Tags(tags), ruleProperties{
		Enabled: true, Description: r.Description, Scopes: []string{"/subscriptions/" + h.Subscription},
		Condition: condition{all}, Actions: actions{[]actionGroup{{groupID}}},
	}})
}

func encode(v any) json.RawMessage {
	data, _ := json.Marshal(v) // plain data: it cannot fail
	return data
}
