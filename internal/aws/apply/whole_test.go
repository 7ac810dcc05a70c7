package apply

import (
	"context"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/desired"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
)

// TestPlanComesTrue repairs an empty account for the core controls: what plan
// predicts comes true, a second plan is empty, and AWS took every pattern.
func TestPlanComesTrue(t *testing.T) {
	l := newLab(t)
	cat, err := catalog.Load(patterns.FS)
	l.must(err)
	controls, err := cat.Select(nil, "core", catalog.DefaultBenchmark)
	l.must(err)
	own := &collect.Own{Topics: []string{desired.DefaultTopicName}}
	for _, c := range controls {
		own.Alarms = append(own.Alarms, c.Names.Alarm)
	}
	read := func() account.Snapshot {
		snap, err := collect.Run(context.Background(), l.session(), collect.Options{Controls: controls, Own: own, Salt: "5a17", Now: noon})
		l.must(err)
		return snap
	}
	o := plan.Options{
		Audit:       audit.Options{Benchmark: catalog.DefaultBenchmark, Now: noon()},
		Subscribers: []plan.Subscriber{{Protocol: "sms", Endpoint: "+491701234567"}},
	}
	p, err := plan.For(context.Background(), read(), controls, o)
	l.must(err)
	if len(p.Actions) < 2*len(controls) || len(p.Conflicts) != 0 {
		t.Fatalf("plan for %d controls: %d actions, conflicts %v; verdicts before %v", len(controls), len(p.Actions), p.Conflicts, verdicts(p.Before))
	}
	result, err := l.run(p, Options{})
	l.must(err)
	if len(result.Skipped) != 0 {
		t.Errorf("checks left out: %v", result.Skipped)
	}
	for _, f := range read().Accounts[0].Region(region).MetricFilters.Value {
		if f.Unit != "None" { // otherwise Terraform would change it at import
			t.Errorf("filter %s has unit %q, want None", f.Name, f.Unit)
		}
	}
	again, err := plan.For(context.Background(), read(), controls, o)
	l.must(err)
	if len(again.Actions)+len(again.Conflicts) != 0 {
		t.Errorf("second plan: %v, conflicts %v", again.Actions, again.Conflicts)
	}
	diff(t, "verdicts", verdicts(again.Before), verdicts(p.After))
	for control, status := range verdicts(again.Before) {
		if status != string(finding.Pass) {
			t.Errorf("%s: %s", control, status)
		}
	}
}

func verdicts(r finding.Report) map[string]string {
	m := map[string]string{}
	for _, f := range r.Findings {
		m[f.Control] = string(f.Status)
	}
	return m
}
