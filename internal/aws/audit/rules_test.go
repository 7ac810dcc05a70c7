package audit_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/patterns"
)

// TestTransports judges situations by each transport.
func TestTransports(t *testing.T) {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		file, transport string
		want            finding.Status
		by              finding.Transport
	}{
		{"rule-good", audit.AnyTransport, finding.Pass, finding.EventBridge},
		{"rule-good", audit.RuleTransport, finding.Pass, finding.EventBridge},
		{"rule-good", audit.MetricTransport, finding.Fail, ""},
		{"rule-beside-metric", audit.AnyTransport, finding.Pass, finding.Both},
		{"rule-beside-metric", audit.MetricTransport, finding.Pass, finding.Metric},
		{"rule-beside-metric", audit.RuleTransport, finding.Pass, finding.EventBridge},
		{"rule-unites", audit.AnyTransport, finding.Pass, finding.Both},
		{"rule-unites", audit.MetricTransport, finding.Fail, ""},
		{"rule-unites", audit.RuleTransport, finding.Fail, ""},
		{"baseline-security-group", audit.AnyTransport, finding.Pass, finding.Metric},
		{"baseline-security-group", audit.RuleTransport, finding.Fail, ""},
		{"alarm-rule", audit.AnyTransport, finding.Pass, finding.Metric},
		{"alarm-rule", audit.MetricTransport, finding.Fail, ""},
		{"rules-denied", audit.MetricTransport, finding.Fail, ""},
		{"rules-denied", audit.RuleTransport, finding.Unknown, ""},
	}
	for _, tt := range tests {
		c := readCase(t, judgingDir+"/"+tt.file+".yaml")
		snap, _ := c.accounts(t)
		control, err := cat.Find(c.Control, catalog.DefaultBenchmark)
		if err != nil {
			t.Fatal(err)
		}
		r, err := audit.Run(context.Background(), snap, []catalog.Control{control}, audit.Options{Benchmark: catalog.DefaultBenchmark, Now: snap.TakenAt, Transport: tt.transport})
		if err != nil {
			t.Fatal(err)
		}
		if f := r.Findings[0]; f.Status != tt.want || f.Transport != tt.by || f.Literal && tt.by == finding.EventBridge {
			t.Errorf("%s by %q: %s, %q, literal %t; want %s, %q: %s", tt.file, tt.transport, f.Status, f.Transport, f.Literal, tt.want, tt.by, f.Why())
		}
	}
}

// TestManyRules judges an account with as many rules as its buses take; few
// are about the controls.
func TestManyRules(t *testing.T) {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	controls, err := cat.Select(nil, "cis", catalog.DefaultBenchmark)
	if err != nil {
		t.Fatal(err)
	}
	c := readCase(t, judgingDir+"/rule-good.yaml")
	snap, _ := c.accounts(t)
	for i := range snap.Accounts[0].Regions {
		r := &snap.Accounts[0].Regions[i]
		list, _ := r.Rules.Got()
		for k := range 299 {
			name := fmt.Sprintf("x-%03d", k)
			list = append(list, account.Rule{Name: name, ARN: "arn:aws:events:" + r.Name + ":111122223333:rule/" + name, State: account.RuleEnabled, Pattern: fmt.Sprintf(`{"source":["aws.s3"],"detail":{"eventName":["PutObject%d"]}}`, k)})
		}
		r.Rules = &account.Read[[]account.Rule]{Value: list}
	}
	start := time.Now()
	if _, err := audit.Run(context.Background(), snap, controls, audit.Options{Benchmark: catalog.DefaultBenchmark, Now: snap.TakenAt}); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(start); d > 30*time.Second {
		t.Errorf("judging %d controls with 600 rules took %s", len(controls), d)
	} else {
		t.Logf("%d controls with 600 rules: %s", len(controls), d)
	}
}
