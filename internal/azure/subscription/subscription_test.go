package subscription_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/subscription"
)

const (
	own   = "11111111-2222-3333-4444-555555555555"
	other = "99999999-2222-3333-4444-555555555555"
)

func TestIDs(t *testing.T) {
	tests := []struct {
		id   string
		want string // subscription|group|rest, "no" for none
	}{
		{"/subscriptions/S", "S||"},
		{"/Subscriptions/S/", "S||"},
		{"/subscriptions/S/resourceGroups/RG", "S|RG|"},
		{"/subscriptions/S/RESOURCEGROUPS/RG/providers/Microsoft.Insights/actionGroups/a", "S|RG|/providers/Microsoft.Insights/actionGroups/a"},
		{"/subscriptions/S/providers/Microsoft.X/y", "S||/providers/Microsoft.X/y"},
		{"subscriptions/S", "no"},
		{"/subscriptions", "no"},
		{"/subscriptions//", "no"},
		{"/providers/Microsoft.Management/managementGroups/root", "no"},
		{"", "no"},
	}
	for _, tt := range tests {
		got := "no"
		if id, ok := subscription.ParseID(tt.id); ok {
			got = id.Subscription + "|" + id.Group + "|" + id.Rest
		}
		if got != tt.want {
			t.Errorf("ParseID(%q): got %s, want %s", tt.id, got, tt.want)
		}
	}
	if !subscription.Same("/Subscriptions/A/", "/subscriptions/a") || subscription.Same("/subscriptions/a", "/subscriptions/b") {
		t.Error("ids compare without case and end slash, and only so")
	}
}

func TestReadAlertRule(t *testing.T) {
	tests := []struct{ name, raw, want string }{
		{"as the portal writes it", `{"id":"/subscriptions/S/resourceGroups/rg/providers/microsoft.insights/ActivityLogAlerts/r","name":"r","type":"Microsoft.Insights/ActivityLogAlerts","location":"Global","tags":{},"kind":null,
			"properties":{"enabled":true,"description":"d","scopes":["/subscriptions/S"],"condition":{"allOf":[]},"actions":{"actionGroups":[{"actionGroupId":"/g","webhookProperties":{"k":"v"}}]}}}`,
			"r Global true [/subscriptions/S] [/g] []"},
		{"enabled is the default", `{"id":"/x/r","properties":{}}`, "r  true [] [] []"},
		{"off", `{"id":"/x/r","properties":{"enabled":false}}`, "r  false [] [] []"},
		{"keys in another case", `{"ID":"/x/r","Properties":{"Enabled":false,"SCOPES":["/s"]}}`, "r  false [/s] [] []"},
		{"unknown keys", `{"id":"/x/r","future":1,"properties":{"futureField":{},"actions":{"futureAction":[],"actionGroups":[{"actionGroupId":"/g","mode":"x"}]}}}`,
			"r  true [] [/g] [the key future is not known properties.actions.actionGroups[0]: the key mode is not known properties.actions: the key futureAction is not known properties: the key futureField is not known]"},
		{"no properties", `{"id":"/x/r"}`, "r  true [] [] [has no properties]"},
	}
	for _, tt := range tests {
		r := subscription.ReadAlertRule(json.RawMessage(tt.raw))
		got := fmt.Sprint(r.Name, " ", r.Location, " ", r.Enabled, " ", r.Scopes, " ", r.Groups, " ", r.Problems)
		for _, want := range strings.Fields(tt.want) {
			if !strings.Contains(got, strings.Trim(want, "[]")) {
				t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
				break
			}
		}
		if strings.HasSuffix(tt.want, " []") && len(r.Problems) > 0 {
			t.Errorf("%s: problems %q", tt.name, r.Problems)
		}
	}
}

func TestReadActionGroup(t *testing.T) {
	g := subscription.ReadActionGroup(json.RawMessage(`{"id":"/x/g","location":"Global","properties":{"groupShortName":"s","enabled":true,
		"emailReceivers":[{"name":"e","emailAddress":"a@b.c","useCommonAlertSchema":true,"status":"Enabled"}],
		"SmsReceivers":[{"name":"t","countryCode":"49","phoneNumber":"123456789","status":"NotSpecified"}],
		"webhookReceivers":[{"name":"w","serviceUri":"https://hooks.slack.com/services/SECRET","futureAuth":"x"}],
		"armRoleReceivers":[{"name":"r","roleId":"8e3af657"}],"itsmReceivers":[],"voiceReceivers":null,
		"teamsReceivers":[{"name":"n","channel":"c"}],"muted":true}}`))
	var got []string
	for _, r := range g.Receivers {
		got = append(got, fmt.Sprintf("%s %s %s %s%s %v", r.Kind, r.Name, r.Status, r.Address, r.RoleID, r.Problems))
	}
	want := []string{
		"email e Enabled a@b.c []", "sms t NotSpecified 123456789 []",
		"webhook w  https://hooks.slack.com/services/SECRET [the key futureAuth is not known]",
		"armRole r  8e3af657 []", "teams n   [receivers of the kind teams are not known]",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if fmt.Sprint(g.Problems) != "[properties: the key muted is not known]" {
		t.Errorf("problems: %q", g.Problems)
	}
}

func TestReadProcessingRule(t *testing.T) {
	r := subscription.ReadProcessingRule(json.RawMessage(`{"id":"/x/p","name":"p","properties":{"scopes":["/subscriptions/S"],"enabled":true,
		"conditions":[{"field":"Severity","operator":"Equals","values":["Sev4"]}],
		"schedule":{"effectiveFrom":"2026-01-02T03:04:05","timeZone":"UTC","recurrences":[{"recurrenceType":"Daily","startTime":"20:00:00","endTime":"22:00:00"}]},
		"actions":[{"actionType":"AddActionGroups","actionGroupIds":["/g"]},{"actionType":"RemoveAllActionGroups"}]}}`))
	got := fmt.Sprintln(r.Enabled, r.Scopes, r.Conditions, r.Schedule.From.Format(time.DateTime), r.Schedule.Recurs, r.Removes, r.Adds, r.Problems)
	if want := "true [/subscriptions/S] [{Severity Equals [Sev4]}] 2026-01-02 03:04:05 true true [/g] []\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	odd := subscription.ReadProcessingRule(json.RawMessage(`{"id":"/x/p","properties":{"actions":[{"actionType":"Escalate"}],"schedule":{"effectiveUntil":"soon"},"conditions":[{"field":"a","negate":true}]}}`))
	if len(odd.Problems) != 3 {
		t.Errorf("an unknown action, a time that is none and an unknown key: %q", odd.Problems)
	}
}

func TestMask(t *testing.T) {
	const group = `{"id":"/x/g","properties":{"groupShortName":"short","emailReceivers":[{"name":"sec","emailAddress":"security@example.com","status":"Enabled"}],
		"smsReceivers":[{"name":"t","countryCode":"49","phoneNumber":"17012345678"}],
		"webhookReceivers":[{"name":"w","serviceUri":"https://hooks.slack.com/services/T0/KEY"},{"name":"p","serviceUri":"https://events.pagerduty.com/integration/KEY/enqueue"}],
		"logicAppReceivers":[{"name":"l","resourceId":"/subscriptions/S","callbackUrl":"https://x.logic.azure.com/KEY?sig=KEY"}],
		"teamsReceivers":[{"name":"n","secretThing":"KEY","nested":{"a":["KEY"]}}],"enabled":true,"enabled":false}}`
	got := string(subscription.Mask(json.RawMessage(group), "salt"))
	for _, gone := range []string{"KEY", "security@", "1701234", "sig="} {
		if strings.Contains(got, gone) {
			t.Errorf("%s is still there: %s", gone, got)
		}
	}
	for _, stays := range []string{`"groupShortName":"short"`, `"emailAddress":"s***@example.com"`, `"https://hooks.slack.com/***"`, `"https://events.pagerduty.com/integration/***"`, `"name":"n"`, `"phoneNumber":"***78"`, `"enabled":true,"enabled":false`, `"resourceId":"/subscriptions/S"`} {
		if !strings.Contains(got, stays) {
			t.Errorf("%s is missing: %s", stays, got)
		}
	}
	if hash := subscription.Hash("salt", "email", "Security@Example.com"); !strings.Contains(got, `"monitorctlHash":"`+hash+`"`) {
		t.Errorf("the hash of the address is missing: %s", got)
	}
	before, after := subscription.ReadActionGroup(json.RawMessage(group)), subscription.ReadActionGroup(json.RawMessage(got))
	if fmt.Sprint(before.Problems) != fmt.Sprint(after.Problems) || len(before.Receivers) != len(after.Receivers) {
		t.Errorf("masking changes what is understood: %q, %q", before.Problems, after.Problems)
	}
	rule := string(subscription.Mask(json.RawMessage(`{"properties":{"description":"d","actions":{"actionGroups":[{"actionGroupId":"/g","webhookProperties":{"token":"KEY"}}]}}}`), "salt"))
	if strings.Contains(rule, "KEY") || !strings.Contains(rule, `"description":"d"`) || !strings.Contains(rule, `"/g"`) {
		t.Errorf("masked rule: %s", rule)
	}
}

func TestFile(t *testing.T) {
	s := subscription.Snapshot{Schema: subscription.SchemaV1, TakenAt: time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), Salt: "00", Subscriptions: []subscription.Subscription{
		{ID: own, Name: "acme", State: "Enabled",
			AlertRules:   &subscription.Read[[]json.RawMessage]{Value: []json.RawMessage{json.RawMessage(`{"id":"/x","enabled":true,"enabled":false}`)}},
			ActionGroups: &subscription.Read[[]json.RawMessage]{Failure: &subscription.Failure{Operation: "Microsoft.Insights/actionGroups/read", Code: "AuthorizationFailed"}},
			Elsewhere:    map[string]*subscription.Read[json.RawMessage]{"/subscriptions/" + other + "/g": {}}},
	}}
	var first, second bytes.Buffer
	if err := subscription.Encode(&first, s); err != nil {
		t.Fatal(err)
	}
	if !subscription.IsSnapshot(first.Bytes()) || subscription.IsSnapshot([]byte(`{"schema":"monitorctl/snapshot/v1","accounts":[]}`)) {
		t.Error("what holds subscriptions is told from what holds accounts")
	}
	read, err := subscription.Decode(first.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := subscription.Encode(&second, read); err != nil || first.String() != second.String() {
		t.Errorf("%v: not the same again:\n%s\n%s", err, first.String(), second.String())
	}
	good := first.String()
	for _, tt := range []struct{ old, new, want string }{
		{`"salt"`, `"future": 1, "salt"`, `unknown field "future"`},
		{own, "111122223333", "is not a GUID"},
		{`"state": "Enabled"`, `"state": ""`, "has no state"},
		{"snapshot/v1", "snapshot/v9", "its schema is"},
		{"2026-11-30", "0001-01-01", "no takenAt"},
	} {
		if _, err := subscription.Decode([]byte(strings.Replace(good, tt.old, tt.new, 1))); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.new, err, tt.want)
		}
	}
}
