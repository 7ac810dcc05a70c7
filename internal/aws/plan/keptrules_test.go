package plan_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
)

// keptRules is an account whose rules, role and API destination Terraform keeps.
func keptRules(t *testing.T, o plan.Options) account.Snapshot {
	t.Helper()
	snap := callable(t)
	p := planFor(t, snap, catalogOf(t, "nacl-changes"), o)
	after, err := plan.Simulate(snap, p.Actions, true)
	if err != nil {
		t.Fatal(err)
	}
	a := &after.Accounts[0]
	kept := map[string]string{desired.ManagedTag: string(desired.Terraform)}
	for _, r := range a.Roles {
		r.Tags = &account.Read[map[string]string]{Value: kept}
	}
	for i := range a.Regions {
		r := &a.Regions[i]
		for name := range r.RuleTags {
			r.RuleTags[name] = &account.Read[map[string]string]{Value: kept}
		}
		for _, topic := range r.Topics {
			if topic.ARN == ourTopic {
				topic.Tags = &account.Read[map[string]string]{Value: kept}
			}
		}
		for _, d := range r.APIDestinations {
			d.Value.Description = desired.Terraform.Description()
		}
		for _, c := range r.Connections {
			c.Value.Description = desired.Terraform.Description()
		}
	}
	return after
}

// Rules that code keeps are judged as ever, and no conflict; where a rule or a target needs
// a change, that is said, and nothing is planned for the control.
func TestKeptRules(t *testing.T) {
	o := plan.Options{Transport: audit.RuleTransport, Subscribers: []plan.Subscriber{person, hook}}
	for name, tt := range map[string]struct {
		change func(*account.Snapshot)
		want   string // in a note; "" for nothing to do
	}{
		"as written": {func(*account.Snapshot) {}, ""},
		"a rule of other events": {func(s *account.Snapshot) {
			ruleIn(s, testRegion, ourRule).Pattern = `{"source":["aws.ec2"],"detail":{"eventName":["X"]}}`
		}, "rule " + ourRule + " is kept by terraform"},
		"a target gone": {func(s *account.Snapshot) {
			ruleIn(s, testRegion, ourRule).Targets.Value = nil
		}, "target topic of rule " + ourRule + " is kept by terraform"},
		"a role that may nothing": {func(s *account.Snapshot) {
			role := s.Accounts[0].Roles[ourRole]
			role.Inline["monitorctl-events-forwarder"] = &account.Read[string]{Value: `{"Version":"2012-10-17","Statement":[]}`}
		}, "role monitorctl-events-forwarder is kept by terraform"},
	} {
		t.Run(name, func(t *testing.T) {
			snap := keptRules(t, o)
			tt.change(&snap)
			p := planFor(t, snap, catalogOf(t, "nacl-changes"), o)
			if len(p.Actions)+len(p.Conflicts)+len(p.Drifts) > 0 {
				t.Errorf("%v, conflicts %+v, drifts %+v", summaries(p), p.Conflicts, p.Drifts)
			}
			said := slices.ContainsFunc(p.Manual, func(m change.Manual) bool {
				return m.Code == change.CodeKept && m.Keeper == "terraform" && strings.Contains(m.Text, tt.want)
			})
			if said != (tt.want != "") {
				t.Errorf("notes %+v, want %q", p.Manual, tt.want)
			}
		})
	}
}

// What code keeps of rules is listed as it should be and not to be imported; what
// monitorctl keeps is to be imported; a trail and a chat are refused with the way.
func TestWholeOfRules(t *testing.T) {
	o := plan.Options{Transport: audit.RuleTransport, Subscribers: []plan.Subscriber{person, hook}}
	o.Audit.Benchmark = catalog.DefaultBenchmark
	for keeper, want := range map[desired.Keeper]desired.State{desired.Terraform: desired.Kept, desired.Monitorctl: desired.Ours} {
		snap := keptRules(t, o)
		if keeper == desired.Monitorctl {
			first := callable(t)
			p := planFor(t, first, catalogOf(t, "nacl-changes"), o)
			var err error
			if snap, err = plan.Simulate(first, p.Actions, true); err != nil {
				t.Fatal(err)
			}
		}
		o.Audit.Now = snap.TakenAt
		w, err := plan.WholeOf(context.Background(), snap, catalogOf(t, "nacl-changes"), o)
		if err != nil || len(w.Plan.Conflicts)+len(w.Plan.Actions) > 0 {
			t.Fatalf("%v, %+v, %v", err, w.Plan.Conflicts, summaries(w.Plan))
		}
		l := w.List
		if len(l.Rules) != 1 || len(l.Rules[0].Targets) != 2 || len(l.Roles) != 2 || len(l.Endpoints) != 1 || len(l.Topics) != 1 || len(l.Elsewhere) != 1 {
			t.Fatalf("%s: list %+v", keeper, l)
		}
		states := []desired.State{l.Rules[0].State, l.Rules[0].Targets[0].State, l.Rules[0].Targets[1].State, l.Roles[0].State, l.Roles[1].State, l.Endpoints[0].State, l.Endpoints[0].Connection, l.Elsewhere[0].Rules[0].State}
		if slices.ContainsFunc(states, func(s desired.State) bool { return s != want }) || l.Lacks() {
			t.Errorf("%s: states %v, want %s", keeper, states, want)
		}
		if target := l.Rules[0].Targets[0].Target; target.Transformer == nil || target.Transformer.Template == "" {
			t.Errorf("%s: a target without its text: %+v", keeper, target)
		}
	}
}
