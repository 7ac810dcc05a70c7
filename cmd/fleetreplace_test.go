package cmd

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestFleetReplace overwrites what is named in the owner of the log group, and nowhere else:
// not the object of the same name in another account.
func TestFleetReplace(t *testing.T) {
	l := newWriteLab(t, 2)
	clean := l.planned(exit.Done, fleetWishes...)
	i := slices.IndexFunc(clean.Owners[0].Actions, func(a struct{ Kind, Account, Name string }) bool { return a.Kind == "put-metric-alarm" })
	if i < 0 {
		t.Fatalf("no alarm is planned: %+v", clean.Owners)
	}
	name, member := clean.Owners[0].Actions[i].Name, l.members[1]
	one := 1.0
	for _, r := range []*awstest.Region{l.region, member.Region(demoRegion)} {
		l.must(r.PutMetricAlarm(awstest.PutMetricAlarmInput{
			AlarmName: name, MetricName: "other", Namespace: "Other", Statistic: "Sum",
			Period: 60, EvaluationPeriods: 1, Threshold: &one, ComparisonOperator: "GreaterThanOrEqualToThreshold",
		}))
	}
	if p := l.planned(exit.Failed, fleetWishes...); len(p.Owners[0].Conflicts) != 1 {
		t.Errorf("without --replace: %+v", p.Owners)
	}
	if text := l.fleet(exit.Failed, "plan", fleetWishes...).out; strings.Count(text, "--replace") != 1 || !strings.Contains(text, "--replace "+name) {
		t.Errorf("--replace is to be offered for the owner alone:\n%s", text)
	}
	wishes := slices.Concat(fleetWishes, []string{"--replace", name})
	p := l.planned(exit.Failed, wishes...)
	if len(p.Owners[0].Conflicts) > 0 || len(p.Owners[0].Actions) == 0 || p.FixedByOwners != clean.FixedByOwners {
		t.Errorf("owner with --replace: %+v", p.Owners)
	}
	blocked := 0
	for _, m := range p.Members {
		if len(m.Conflicts) > 0 {
			blocked++
			if len(m.Accounts) != 1 || m.Accounts[0].ID != member.ID() {
				t.Errorf("blocked: %+v", m)
			}
		}
	}
	if blocked != 1 {
		t.Errorf("%d plans of others with a conflict, want 1: %+v", blocked, p.Members)
	}

	before := l.state()
	dir := filepath.Join(t.TempDir(), "plans")
	l.planned(exit.Failed, slices.Concat(wishes, []string{"--save", dir, "--quiet"})...)
	l.cloud.ResetCalls()
	l.applied(exit.ControlsFailed, dir, "--write-accounts", "all", "--expect-accounts", "2")
	if w := l.writesBy(); len(w) != 2 || w[fleetLog] == 0 || w[member.ID()] > 0 {
		t.Errorf("writes: %v", w)
	}
	if r := readFleet(t, l.audit(exit.ControlsFailed, "vpc-changes", "-o", "json")); r.by()[fleetLog] != "pass" || r.by()[member.ID()] != "fail" {
		t.Errorf("afterwards: %v", r.by())
	}
	l.want(exit.Done, "undo", "--journal-dir", dir, "--account-role", "audit", "--yes", "--expect-accounts", "2")
	if diff := cmp.Diff(before, l.state()); diff != "" {
		t.Errorf("taken back: %s", diff)
	}
}

// TestFleetStackSetReplaces refuses what no stack set can do, before the first call.
func TestFleetStackSetReplaces(t *testing.T) {
	l := newFleetLab(t, 1)
	l.cloud.ResetCalls()
	r := l.want(exit.WrongUsage, "export", "cloudformation", "nacl-changes", "--stackset", "--org", "--account-role", "audit", "--dir", t.TempDir(), "--subscribe", "sms:+4915112345678", "--replace", "x")
	if n := len(l.cloud.Calls()); n > 0 || !strings.Contains(r.err, "--replace overwrites nothing by a stack set") {
		t.Errorf("%d calls: %s", n, r.err)
	}
}
