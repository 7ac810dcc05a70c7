package audit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/apply"
	"github.com/monitorctl/monitorctl/internal/azure/arm"
	"github.com/monitorctl/monitorctl/internal/azure/audit"
	"github.com/monitorctl/monitorctl/internal/azure/collect"
	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/azuretest"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A repair is a subscription before a plan for all controls was applied to its like, and
// after.
type repair struct {
	name          string
	before, after captured
	red           []string // operations that Prowler fails afterwards, as it is known to
}

// repaired applies plans to subscriptions of the cloud, through the real pipeline. Each is
// there twice: as it was stays the one with the even number.
func repaired(t *testing.T, cat *catalog.Catalog, cloud *azuretest.Cloud, server *httptest.Server) []repair {
	t.Helper()
	noGroup := ruleText{Name: "mute", AllOf: defaultRule.AllOf, Groups: &[]string{}}
	elsewhere := ruleText{Name: "elsewhere", AllOf: []any{"category = Administrative", "operationName = @write"}, Scopes: &[]string{"@sub/resourceGroups/prod"}}
	cases := []struct {
		name  string
		rules []ruleText
		o     plan.Options
	}{
		{"nothing is there", nil, plan.Options{}},
		{"rules that alert nobody", []ruleText{noGroup, elsewhere}, plan.Options{}},
		{"one message for each change", nil, plan.Options{Once: true}},
		{"one rule for each control", nil, plan.Options{OneRule: true}},
	}
	client := connect(t, server)
	var out []repair
	for i, tt := range cases {
		r := repair{name: tt.name}
		raw := []json.RawMessage{}
		for _, rule := range tt.rules {
			raw = append(raw, rule.raw(t))
		}
		sub := subscription.Subscription{ID: ownID, AlertRules: &subscription.Read[[]json.RawMessage]{Value: raw}}
		for k, c := range []*captured{&r.before, &r.after} {
			*c = moveTo(t, tt.name+[]string{", before", ", after"}[k], sub, 900+2*i+k)
			if err := c.put(cloud); err != nil {
				t.Fatal(err)
			}
		}
		if tt.o.OneRule {
			r.red = severalOperations(cat)
		}
		r.apply(t, cat, client, tt.o)
		r.before.sub = read(t, client, r.before.sub.ID).Subscriptions[0]
		out = append(out, r)
	}
	return out
}

// severalOperations are the operations of controls that require more than one: one rule
// for all of them is what Prowler does not understand.
func severalOperations(cat *catalog.Catalog) []string {
	var out []string
	for _, c := range cat.Controls {
		if list := c.RequiredOperations(); len(list) > 1 {
			for _, o := range list {
				out = append(out, o.Name)
			}
		}
	}
	return out
}

// connect returns a client of the real pipeline and credential.
func connect(t *testing.T, server *httptest.Server) *arm.Client {
	t.Helper()
	for name, value := range map[string]string{
		"AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential", "AZURE_AUTHORITY_HOST": server.URL, "AZURE_TENANT_ID": otherID,
		"AZURE_CLIENT_ID": "11111111-0000-0000-0000-000000000000", "AZURE_CLIENT_SECRET": "secret",
	} {
		t.Setenv(name, value)
	}
	client, err := arm.Connect(arm.Config{Endpoint: server.URL, Transport: server.Client().Transport, RetryDelay: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func read(t *testing.T, client *arm.Client, id string) subscription.Snapshot {
	t.Helper()
	snap, err := collect.Run(context.Background(), client, collect.Options{
		Subscriptions: []string{id}, Salt: "00ff", Now: func() time.Time { return judgedAt }, Plan: true, ResourceGroups: []string{"monitoring"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// apply plans and applies all controls, and keeps what is there afterwards.
func (r *repair) apply(t *testing.T, cat *catalog.Catalog, client *arm.Client, o plan.Options) {
	t.Helper()
	id := r.after.sub.ID
	o.Audit = audit.Options{Benchmark: catalog.DefaultAzureBenchmark, Now: judgedAt}
	o.ResourceGroup = "monitoring"
	o.Receivers = []desired.Receiver{{Kind: subscription.SMS, Country: "49", Address: "15112345678"}}
	p, err := plan.For(context.Background(), read(t, client, id), cat.Controls, o)
	if err != nil || len(p.Conflicts) > 0 || len(p.Actions) == 0 {
		t.Fatalf("%s: %v, conflicts %v, actions %v", r.name, err, p.Conflicts, p.Actions)
	}
	if err := apply.Run(context.Background(), client, p, apply.Options{}); err != nil {
		t.Fatal(err)
	}
	snap := read(t, client, id)
	r.after.sub = snap.Subscriptions[0]
	again, err := audit.Run(context.Background(), snap, cat.Controls, o.Audit)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range again.Findings {
		if f.Status != finding.Pass {
			t.Errorf("%s: after apply %s is %s: %s", r.name, f.Control, f.Status, f.Why())
		}
	}
}

// check demands that every check of Prowler passes after the repair but for those that are
// known to fail, and that some failed before where nothing was there.
func (r *repair) check(t *testing.T, verdicts map[string]map[string]string) {
	t.Helper()
	failed := 0
	for operation, check := range prowlerChecks {
		if verdicts[r.before.sub.ID][check] == "FAIL" {
			failed++
		}
		want := "PASS"
		if slices.Contains(r.red, operation) {
			want = "FAIL"
		}
		if got := verdicts[r.after.sub.ID][check]; got != want {
			t.Errorf("%s, after apply: %s says %q of %s, want %s", r.name, check, got, operation, want)
		}
	}
	if failed < len(prowlerChecks)-2 {
		t.Errorf("%s: before apply only %s fail", r.name, fmt.Sprint(failed))
	}
}
