package audit_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/audit"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// TestWorld judges a rule whose action group is in another subscription of the run.
func TestWorld(t *testing.T) {
	cat := loadCatalog(t)
	control, err := cat.Find("nsg-changes", catalog.DefaultAzureBenchmark)
	if err != nil {
		t.Fatal(err)
	}
	const central = "/subscriptions/" + otherID + "/resourceGroups/x/providers/Microsoft.Insights/actionGroups/central"
	remote := map[string]any{}
	for k, v := range defaultGroup {
		remote[k] = v
	}
	remote["name"] = central
	tests := []struct {
		name   string
		state  string
		groups *subscription.Read[[]json.RawMessage]
		want   finding.Status
		code   finding.Code
	}{
		{"there", "Enabled", &subscription.Read[[]json.RawMessage]{Value: objects(t, groupKind, []map[string]any{remote})}, finding.Pass, ""},
		{"gone", "Enabled", &subscription.Read[[]json.RawMessage]{Value: []json.RawMessage{}}, finding.Fail, audit.CodeGroupMissing},
		{"not read", "Enabled", &subscription.Read[[]json.RawMessage]{Failure: &subscription.Failure{Operation: "Microsoft.Insights/actionGroups/read", Code: "AuthorizationFailed"}}, finding.Unknown, audit.CodeGroupUnreadable},
		{"in a disabled subscription", "Disabled", &subscription.Read[[]json.RawMessage]{Value: objects(t, groupKind, []map[string]any{remote})}, finding.Unknown, audit.CodeGroupUnreadable},
	}
	for _, tt := range tests {
		rule := defaultRule
		rule.Groups = &[]string{strings.ToUpper(central)}
		snap := (&situation{State: "Enabled", Rules: []ruleText{rule}}).snapshot(t)
		snap.Subscriptions = append(snap.Subscriptions, subscription.Subscription{ID: otherID, State: tt.state, ActionGroups: tt.groups})
		r, err := audit.Run(context.Background(), snap, []catalog.Control{control}, audit.Options{Benchmark: catalog.DefaultAzureBenchmark, Now: judgedAt})
		if err != nil {
			t.Fatal(err)
		}
		f := r.Findings[0]
		if f.Status != tt.want || tt.code != "" && f.Reasons[0].Code != tt.code {
			t.Errorf("%s: %s %v, want %s %s", tt.name, f.Status, f.Reasons, tt.want, tt.code)
		}
		if len(r.Accounts) != 2 || r.Accounts[0].Alias != "acme-prod" || r.Accounts[0].Cloud != catalog.Azure {
			t.Errorf("%s: accounts %+v", tt.name, r.Accounts)
		}
	}
}

// TestRun holds what a run adds to the findings: waivers, notes of the header, and an end
// when ctx ends.
func TestRun(t *testing.T) {
	cat := loadCatalog(t)
	snap := (&situation{State: "PastDue", Rules: []ruleText{}}).snapshot(t)
	w := finding.Waiver{Control: "nsg-changes", Account: strings.ToUpper(ownID), Reason: "r", Expires: judgedAt.Add(24 * time.Hour)}
	r, err := audit.Run(context.Background(), snap, cat.Controls, audit.Options{Benchmark: catalog.DefaultAzureBenchmark, Now: judgedAt, Waivers: []finding.Waiver{w}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		want := finding.Fail
		if f.Control == "nsg-changes" {
			want = finding.Waived
		}
		if f.Status != want || f.Cloud != catalog.Azure || f.ID == "" {
			t.Errorf("%s: %s, want %s", f.Control, f.Status, want)
		}
	}
	if header := strings.Join(r.Accounts[0].Header, ", "); header != "tenant "+otherID+", state PastDue" {
		t.Errorf("header: %s", header)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := audit.Run(ctx, snap, cat.Controls, audit.Options{}); err == nil {
		t.Error("a run went on after its context ended")
	}
}
