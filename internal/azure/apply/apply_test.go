package apply_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/azure/apply"
	"github.com/monitorctl/monitorctl/internal/azure/arm"
	"github.com/monitorctl/monitorctl/internal/azure/audit"
	"github.com/monitorctl/monitorctl/internal/azure/collect"
	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/azuretest"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/patterns/azure"
)

const (
	sub    = "11111111-2222-3333-4444-555555555555"
	tenant = "99999999-8888-7777-6666-555555555555"
	home   = "/subscriptions/" + sub + "/resourceGroups/monitoring/providers/"
	own    = home + azuretest.ActionGroups + "/monitorctl-alerts"
)

var now = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

// A lab is an Azure with a client of the real pipeline.
type lab struct {
	*testing.T
	cloud    *azuretest.Cloud
	client   *arm.Client
	controls []catalog.Control
}

func newLab(t *testing.T, objects ...string) *lab {
	t.Helper()
	l := &lab{T: t, cloud: azuretest.New(now)}
	l.cloud.AddSubscription(sub, "acme", tenant, "Enabled")
	for _, o := range objects {
		if err := l.cloud.Put(json.RawMessage(o)); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewTLSServer(l.cloud)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential", "AZURE_AUTHORITY_HOST": server.URL, "AZURE_TENANT_ID": tenant,
		"AZURE_CLIENT_ID": "11111111-0000-0000-0000-000000000000", "AZURE_CLIENT_SECRET": "secret",
	} {
		t.Setenv(name, value)
	}
	var err error
	if l.client, err = arm.Connect(arm.Config{Endpoint: server.URL, Transport: server.Client().Transport, RetryDelay: time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	cat, err := catalog.Load(azure.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cat.Controls {
		if c.ID == "nsg-changes" {
			l.controls = append(l.controls, c)
		}
	}
	return l
}

func (l *lab) options() plan.Options {
	return plan.Options{
		Audit: audit.Options{Benchmark: catalog.DefaultAzureBenchmark, Now: now}, ResourceGroup: "monitoring",
		Receivers: []desired.Receiver{{Kind: subscription.Email, Address: "security@example.com"}},
	}
}

func (l *lab) read() subscription.Snapshot {
	l.Helper()
	snap, err := collect.Run(context.Background(), l.client, collect.Options{
		Subscriptions: []string{"all"}, Salt: "00ff", Now: func() time.Time { return now }, Plan: true, ResourceGroups: []string{"monitoring"},
	})
	if err != nil {
		l.Fatal(err)
	}
	return snap
}

func (l *lab) plan(o plan.Options) change.Plan {
	l.Helper()
	p, err := plan.For(context.Background(), l.read(), l.controls, o)
	if err != nil {
		l.Fatal(err)
	}
	return p
}

func (l *lab) audit() finding.Finding {
	l.Helper()
	r, err := audit.Run(context.Background(), l.read(), l.controls, l.options().Audit)
	if err != nil {
		l.Fatal(err)
	}
	return r.Findings[0]
}

func (l *lab) apply(p change.Plan) error {
	return apply.Run(context.Background(), l.client, p, apply.Options{})
}

func (l *lab) objects() map[string]json.RawMessage {
	l.Helper()
	var out map[string]json.RawMessage
	if err := json.Unmarshal(l.cloud.Objects(sub), &out); err != nil {
		l.Fatal(err)
	}
	return out
}

// told reports whether someone is alerted of every operation of the control.
func (l *lab) told() bool {
	for _, o := range l.controls[0].RequiredOperations() {
		l.cloud.Advance(6 * time.Minute)
		if len(l.cloud.Do(sub, azuretest.Call{Operation: o.Name, Caller: "alice@example.com", ResourceGroup: "created-tomorrow", Name: "web"})) == 0 {
			return false
		}
	}
	return true
}

const operations = `{"field":"operationName","containsAny":["Microsoft.Network/networkSecurityGroups/write","Microsoft.Network/networkSecurityGroups/delete","Microsoft.Network/networkSecurityGroups/securityRules/write","Microsoft.Network/networkSecurityGroups/securityRules/delete"]}`

func rule(name, condition, scope, groups, more string) string {
	return fmt.Sprintf(`{"id":"%s%s/%s","location":"Global","properties":{%s"scopes":[%q],"condition":{"allOf":[{"field":"category","equals":"Administrative"},%s]},"actions":{"actionGroups":[%s]}}}`,
		home, azuretest.AlertRules, name, more, "/subscriptions/"+sub+scope, condition, groups)
}

// group is the action group ops of someone else.
func group(properties string) string {
	return fmt.Sprintf(`{"id":"%s%s/ops","location":"Global","properties":{"groupShortName":"g",%s}}`, home, azuretest.ActionGroups, properties)
}

// ops names it in a rule.
const ops = `{"actionGroupId":"` + home + azuretest.ActionGroups + `/ops"}`

const phone = `"smsReceivers":[{"name":"p","countryCode":"49","phoneNumber":"170123456"}]`

// TestRoundTrip repairs subscriptions in which the chain is broken in many ways: what the
// plan predicts is what the audit then says and what happens, nothing foreign changes, a
// further plan is empty, and destroy brings back what was.
func TestRoundTrip(t *testing.T) {
	there := group(phone)
	tests := []struct {
		name    string
		objects []string
		actions int // 0: nothing can be done
	}{
		{"nothing is there", nil, 5},
		{"one operation is missed", []string{there, rule("r", strings.Replace(operations, `,"Microsoft.Network/networkSecurityGroups/securityRules/delete"`, "", 1), "", ops, "")}, 2},
		{"no action group", []string{rule("r", operations, "", "", "")}, 5},
		{"disabled", []string{there, rule("r", operations, "", ops, `"enabled":false,`)}, 5},
		{"one resource group", []string{there, rule("r", operations, "/resourceGroups/prod", ops, "")}, 5},
		{"one caller", []string{there, rule("r", operations+`,{"field":"caller","equals":"alice@example.com"}`, "", ops, "")}, 5},
		{"level verbose", []string{there, rule("r", operations+`,{"field":"level","equals":"Verbose"}`, "", ops, "")}, 5},
		{"level informational", []string{there, rule("r", operations+`,{"field":"level","equals":"Informational"}`, "", ops, "")}, 5},
		{"a disabled group", []string{group(`"enabled":false,` + phone), rule("r", operations, "", ops, "")}, 5},
		{"a group without receivers", []string{group(`"emailReceivers":[]`), rule("r", operations, "", ops, "")}, 5},
		{"a chat", []string{group(`"webhookReceivers":[{"name":"c","serviceUri":"https://hooks.slack.com/SECRET"}]`), rule("r", operations, "", ops, "")}, 5},
		{"a processing rule adds the group", []string{there, rule("r", operations, "", "", ""), fmt.Sprintf(
			`{"id":"%s%s/add","location":"Global","properties":{"scopes":["/subscriptions/%s"],"actions":[{"actionType":"AddActionGroups","actionGroupIds":["%s%s/ops"]}]}}`,
			home, azuretest.ProcessingRules, sub, home, azuretest.ActionGroups)}, 0},
		{"a processing rule removes all groups", []string{there, fmt.Sprintf(
			`{"id":"%s%s/quiet","location":"Global","properties":{"scopes":["/subscriptions/%s"],"actions":[{"actionType":"RemoveAllActionGroups"}]}}`, home, azuretest.ProcessingRules, sub)}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, tt.objects...)
			before := l.objects()
			p := l.plan(l.options())
			if len(p.Actions) != tt.actions || len(p.Conflicts) != 0 {
				t.Fatalf("actions %v, conflicts %v, want %d actions", p.Actions, p.Conflicts, tt.actions)
			}
			if err := l.apply(p); err != nil {
				t.Fatal(err)
			}
			after := l.objects()
			for id, object := range before {
				if d := cmp.Diff(string(object), string(after[id])); d != "" {
					t.Errorf("%s changed:\n%s", id, d)
				}
			}
			if got, want := l.audit().Status, p.After.Findings[0].Status; got != want {
				t.Errorf("the audit then says %s, predicted was %s", got, want)
			}
			want := p.After.Findings[0].Status
			if tt.actions > 0 {
				if err := l.cloud.SetStatus(own, "security@example.com", "Enabled"); err != nil {
					t.Fatal(err)
				}
				if p.Confirmed == nil {
					t.Fatal("the plan does not say what comes of it once the address is verified")
				}
				want = p.Confirmed.Findings[0].Status
			}
			f := l.audit()
			if f.Status != want {
				t.Errorf("once the address is verified the audit says %s, predicted was %s", f.Status, want)
			}
			if told := l.told(); told != (f.Status == finding.Pass || f.Status == finding.Warn) {
				t.Errorf("status %s, but someone is alerted: %v", f.Status, told)
			}
			if again := l.plan(l.options()); len(again.Actions) > 0 {
				t.Errorf("a second plan: %v", again.Actions)
			}
			snap := l.read()
			gone := plan.Destroy(&snap, &snap.Subscriptions[0], l.controls, l.options())
			if err := l.apply(change.Plan{Actions: gone.Actions}); err != nil || len(gone.Left) > 0 {
				t.Errorf("destroy: %v, left %v", err, gone.Left)
			}
			if d := cmp.Diff(before, l.objects()); d != "" {
				t.Errorf("objects (-before +destroyed):\n%s", d)
			}
		})
	}
}

// TestChangedSince stops where someone was faster than the plan, before the first write
// and at each.
func TestChangedSince(t *testing.T) {
	target := home + azuretest.AlertRules + "/NetworkSecurityGroupDelete"
	foreign := json.RawMessage(strings.Replace(rule("NetworkSecurityGroupDelete", operations, "", "", ""), "Global", "westeurope", 1))
	put := func(l *lab) {
		if err := l.cloud.Put(foreign); err != nil {
			l.Error(err)
		}
	}
	for _, during := range []bool{false, true} {
		l := newLab(t)
		p := l.plan(l.options())
		if during {
			// The first write, of the action group, fails once with a fault that Azure's
			// pipeline repeats: time enough for someone else.
			l.cloud.Fail(azuretest.Fault{Writes: true, Times: 1, Answer: azuretest.Error{Status: 503, Code: "ServiceUnavailable"}, Do: func() { go put(l) }})
		} else {
			put(l)
		}
		err := l.apply(p)
		var stopped *change.StoppedError
		var changed *action.ChangedError
		if !errors.As(err, &stopped) || !errors.As(err, &changed) || !strings.Contains(err.Error(), `alert rule "NetworkSecurityGroupDelete" appeared since the plan was made`) {
			t.Fatalf("during %v: %v", during, err)
		}
		if during != (len(stopped.Done) > 0) {
			t.Errorf("during %v: %d actions were done", during, len(stopped.Done))
		}
		if have := l.objects()[strings.ToLower(target)]; !strings.Contains(string(have), "westeurope") {
			t.Errorf("the rule of someone else was overwritten: %s", have)
		}
	}
}

// TestGroupKeepsWhatItHas adds a receiver to our own group, in which someone has set
// what this version does not know and what snapshots do not hold.
func TestGroupKeepsWhatItHas(t *testing.T) {
	l := newLab(t)
	if err := l.apply(l.plan(l.options())); err != nil {
		t.Fatal(err)
	}
	var group map[string]any
	if err := json.Unmarshal(l.objects()[strings.ToLower(own)], &group); err != nil {
		t.Fatal(err)
	}
	properties := group["properties"].(map[string]any)
	properties["webhookReceivers"] = []any{map[string]any{"name": "w", "serviceUri": "https://alerts.example.com/SECRET"}}
	properties["teamsReceivers"] = []any{map[string]any{"name": "future", "channel": "x"}}
	group["identity"] = map[string]any{"type": "SystemAssigned"}
	raw, err := json.Marshal(group)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.cloud.Put(raw); err != nil {
		t.Fatal(err)
	}
	o := l.options()
	o.Receivers = append(o.Receivers, desired.Receiver{Kind: subscription.SMS, Country: "49", Address: "15112345678"})
	p := l.plan(o)
	if len(p.Actions) != 1 {
		t.Fatalf("actions %v", p.Actions)
	}
	if err := l.apply(p); err != nil {
		t.Fatal(err)
	}
	text := string(l.objects()[strings.ToLower(own)])
	for _, want := range []string{"https://alerts.example.com/SECRET", `"teamsReceivers"`, `"channel": "x"`, `"SystemAssigned"`, `"15112345678"`, `"security@example.com"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the group lacks %s: %s", want, text)
		}
	}
	// Meanwhile someone takes a receiver away: what was planned is not what is there.
	o.Receivers = append(o.Receivers, desired.Receiver{Kind: subscription.Email, Address: "more@example.com"})
	p = l.plan(o)
	delete(properties, "webhookReceivers")
	raw, err = json.Marshal(group)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.cloud.Put(raw); err != nil {
		t.Fatal(err)
	}
	var changed *action.ChangedError
	if err := l.apply(p); !errors.As(err, &changed) {
		t.Errorf("applied to a group that changed: %v", err)
	}
}

// TestLogicApp asks for the URL of a logic app, which only Azure knows, at the write; one
// without a trigger stops the run.
func TestLogicApp(t *testing.T) {
	l := newLab(t)
	id := "/subscriptions/" + sub + "/resourceGroups/monitoring/providers/Microsoft.Logic/workflows/chat"
	o := l.options()
	o.Receivers = []desired.Receiver{{Kind: subscription.LogicApp, Address: id}}
	p := l.plan(o)
	if p.After.Findings[0].Status != finding.Warn {
		t.Errorf("predicted %s: whom a logic app notifies is not read", p.After.Findings[0].Status)
	}
	if err := l.apply(p); err == nil || !strings.Contains(err.Error(), `asking logic app chat for the URL of its trigger "manual"`) {
		t.Errorf("without a logic app: %v", err)
	}
	l.cloud.AddLogicApp(id, "https://callback.example.com/SECRET")
	if err := l.apply(p); err != nil {
		t.Fatal(err)
	}
	if text := string(l.objects()[strings.ToLower(own)]); !strings.Contains(text, "https://callback.example.com/SECRET") {
		t.Errorf("the group lacks the URL: %s", text)
	}
	if again := l.plan(o); len(again.Actions) > 0 {
		t.Errorf("a second plan: %v", again.Actions)
	}
}

// TestUncertain says that a write without answer may have taken effect.
func TestUncertain(t *testing.T) {
	l := newLab(t)
	p := l.plan(l.options())
	l.cloud.Fail(azuretest.Fault{Writes: true, Answer: azuretest.Error{Status: 500, Code: "InternalServerError", Message: "oops"}})
	if err := l.apply(p); err == nil || !strings.Contains(err.Error(), "whether it took effect is not known") {
		t.Errorf("a fault of the server: %v", err)
	}
	l.cloud.ClearFaults()
	l.cloud.Fail(azuretest.Fault{Writes: true, Answer: azuretest.Error{Status: 403, Code: "AuthorizationFailed", Message: "no"}})
	if err := l.apply(p); err == nil || strings.Contains(err.Error(), "is not known") || !strings.Contains(err.Error(), "Microsoft.Insights/actionGroups/write failed: AuthorizationFailed") {
		t.Errorf("a refusal: %v", err)
	}
}
