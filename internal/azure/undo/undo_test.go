package undo_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/azure/undo"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/journal"
)

const (
	sub   = "11111111-2222-3333-4444-555555555555"
	rg    = "/subscriptions/" + sub + "/resourceGroups/alerts"
	rule  = rg + "/providers/Microsoft.Insights/activityLogAlerts/r"
	group = rg + "/providers/Microsoft.Insights/actionGroups/g"
	other = rg + "/providers/Microsoft.Insights/activityLogAlerts/theirs"
	salt  = "00ff"
)

func ruleText(description, tag string) json.RawMessage {
	return json.RawMessage(`{"location":"global","tags":{"monitorctl:managed":"` + tag + `"},"properties":{"description":"` + description + `","actions":{"actionGroups":[{"actionGroupId":"` + group + `"}]}}}`)
}

func groupText(receivers string) json.RawMessage {
	return json.RawMessage(`{"location":"Global","tags":{"monitorctl:managed":"true"},"properties":{"groupShortName":"g","emailReceivers":[` + receivers + `]}}`)
}

const (
	ann = `{"name":"ann","emailAddress":"ann@example.com"}`
	bob = `{"name":"bob","emailAddress":"bob@example.com"}`
)

func state(o change.Object, raw json.RawMessage) *action.State {
	if raw == nil {
		return nil
	}
	if o.Kind == action.GroupKind {
		raw = subscription.Mask(raw, salt)
	}
	s := action.StateOf(o.Kind, raw)
	return &s
}

// TestFor takes back what nobody has touched, and says of the rest why it stays.
func TestFor(t *testing.T) {
	type write struct {
		o             change.Object
		before, after json.RawMessage
	}
	r, g, home := action.RuleObject(rule), action.GroupObject(group), action.ResourceGroupObject(rg)
	homeText := json.RawMessage(`{"location":"westeurope","tags":{"monitorctl:managed":"true"}}`)
	all := []write{{home, nil, homeText}, {g, nil, groupText(ann)}, {r, nil, ruleText("d", "true")}}
	tests := []struct {
		name    string
		writes  []write
		now     undo.Subscription
		actions string // joined
		left    string // part of the only reason; "" for none
	}{
		{"everything", all, undo.Subscription{r: {Raw: ruleText("d", "true")}, g: {Raw: groupText(ann), Named: []string{rule}}, home: {Raw: homeText, Inside: []string{rule, group}}},
			"delete alert rule r in alerts; delete action group g in alerts; delete resource group alerts", ""},
		{"something else is in the group", all, undo.Subscription{r: {Raw: ruleText("d", "true")}, g: {Raw: groupText(ann)}, home: {Raw: homeText, Inside: []string{rule, group, other}}},
			"delete alert rule r in alerts; delete action group g in alerts", "something else is in it: " + other},
		{"someone's rule names the group", all[1:], undo.Subscription{r: {Raw: ruleText("d", "true")}, g: {Raw: groupText(ann), Named: []string{rule, other}}},
			"delete alert rule r in alerts", "theirs names it"},
		{"the rule was edited", all[2:], undo.Subscription{r: {Raw: ruleText("edited", "true")}}, "", "it has been changed: description"},
		{"the rule is not ours any more", all[2:], undo.Subscription{r: {Raw: ruleText("d", "terraform")}}, "", "has been changed"},
		{"the rule was not ours", []write{{r, nil, ruleText("d", "")}}, undo.Subscription{r: {Raw: ruleText("d", "")}}, "", "whatever the journal says"},
		{"gone already", all[2:], undo.Subscription{r: {}}, "", ""},
		{"unreadable", all[2:], undo.Subscription{r: {Failure: "AuthorizationFailed"}}, "", "it could not be read: AuthorizationFailed"},
		{"a receiver was added", []write{{g, groupText(ann), groupText(ann + "," + bob)}}, undo.Subscription{g: {Raw: groupText(ann + "," + bob)}}, "change action group g in alerts", ""},
		{"... and someone removed another", []write{{g, groupText(ann), groupText(ann + "," + bob)}}, undo.Subscription{g: {Raw: groupText(bob)}}, "", "it has been changed: receivers"},
		{"a rule was replaced", []write{{r, ruleText("old", "true"), ruleText("d", "true")}}, undo.Subscription{r: {Raw: ruleText("d", "true")}}, "update alert rule r in alerts", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var j journal.Journal[action.State]
			j.Header.Account, j.Header.Salt = sub, salt
			for _, w := range tt.writes {
				j.Records = append(j.Records, change.Record[action.State]{Object: w.o, Before: state(w.o, w.before), After: state(w.o, w.after), Result: change.Done})
			}
			p := undo.For(j, tt.now)
			var actions []string
			for _, a := range p.Actions {
				actions = append(actions, a.String())
			}
			if got := strings.Join(actions, "; "); got != tt.actions {
				t.Errorf("actions %q, want %q", got, tt.actions)
			}
			left := ""
			for _, l := range p.Left {
				left += l.Why
			}
			if (left == "") != (tt.left == "") || !strings.Contains(left, tt.left) {
				t.Errorf("left %q, want %q", left, tt.left)
			}
			for _, a := range p.Actions {
				if strings.Contains(string(mustJSON(t, a.Saved())), "ann@example.com") {
					t.Errorf("%s holds an address", a)
				}
			}
		})
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
