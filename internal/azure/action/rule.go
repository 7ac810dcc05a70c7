package action

import (
	"encoding/json"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/condition"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/change"
)

// RuleSettings are the settings of an alert rule, as a plan shows them.
func RuleSettings(raw json.RawMessage) []change.Setting {
	r := subscription.ReadAlertRule(identified(IDOf(raw), raw))
	return []change.Setting{
		{Name: "condition", Value: condition.Parse(r.Condition).String()},
		{Name: "scope", Value: strings.Join(r.Scopes, ", ")},
		{Name: "notifies", Value: strings.Join(r.Groups, ", ")},
		{Name: "enabled", Value: word(r.Enabled)},
		{Name: "location", Value: r.Location},
		{Name: "description", Value: r.Description},
		{Name: "tags", Value: pairs(r.Tags)},
	}
}

func word(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// Replaceable says why an alert rule cannot be written whole: writing it back later would
// drop what this version does not know, or does not keep; "" when it can.
func Replaceable(raw json.RawMessage) string {
	r := subscription.ReadAlertRule(raw)
	if len(r.Problems) > 0 {
		return "it has settings that this version does not know: " + r.Problems[0]
	}
	actions := child(child(object(raw), "properties"), "actions")
	groups, _ := actions["actionGroups"].([]any)
	for _, g := range groups {
		m, _ := g.(map[string]any)
		for key, value := range m {
			if value != nil && !strings.EqualFold(key, "actionGroupId") {
				return "it sends " + key + " along, which may be secret and would not be in the journal"
			}
		}
	}
	return ""
}
