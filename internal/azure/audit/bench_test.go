package audit_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/monitorctl/monitorctl/internal/azure/audit"
	"github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/patterns/azure"
)

// BenchmarkRun judges all controls in a subscription with a thousand alert rules, of
// which none but the last is good, and fifty processing rules.
func BenchmarkRun(b *testing.B) {
	benchmark(b, audit.Run)
}

// BenchmarkAudit does so with the next step of each finding.
func BenchmarkAudit(b *testing.B) {
	benchmark(b, func(ctx context.Context, snap subscription.Snapshot, controls []catalog.Control, o audit.Options) (finding.Report, error) {
		return plan.Audit(ctx, snap, controls, plan.Options{Audit: o})
	})
}

func benchmark(b *testing.B, judge func(context.Context, subscription.Snapshot, []catalog.Control, audit.Options) (finding.Report, error)) {
	b.Helper()
	cat, err := catalog.Load(azure.FS)
	if err != nil {
		b.Fatal(err)
	}
	t := &testing.T{}
	s := situation{State: "Enabled"}
	for i := range 999 {
		s.Rules = append(s.Rules, ruleText{Name: fmt.Sprintf("r%d", i), AllOf: []any{"category = Administrative", "operationName = " + operations[operationNames[i%4]], fmt.Sprintf("caller = user%d@example.com", i)}})
	}
	s.Rules = append(s.Rules, defaultRule)
	for i := range 50 {
		s.Processing = append(s.Processing, map[string]any{"name": fmt.Sprintf("p%d", i), "scopes": []string{"@sub"}, "actions": []any{map[string]any{"actionType": "RemoveAllActionGroups"}},
			"conditions": []any{map[string]any{"field": "AlertRuleName", "operator": "Equals", "values": []string{fmt.Sprintf("r%d", i)}}}})
	}
	snap := s.snapshot(t)
	for b.Loop() {
		r, err := judge(context.Background(), snap, cat.Controls, audit.Options{Benchmark: catalog.DefaultAzureBenchmark, Now: judgedAt})
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range r.Findings {
			if f.Control == "nsg-changes" && f.Status != finding.Pass {
				b.Fatalf("%s: %v", f.Status, f.Reasons)
			}
		}
	}
}
