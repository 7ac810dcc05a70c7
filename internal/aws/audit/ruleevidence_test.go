package audit_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/patterns"
)

// TestRuleEvidence holds what is said of each rule against the verdict of every judged
// situation: where a control passes by rules, some rule alerts someone; where the links
// behind a rule are why it does not, no rule does, and each tells why.
func TestRuleEvidence(t *testing.T) {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(judgingDir + "/rule-*.yaml")
	if err != nil || len(files) < 50 {
		t.Fatal(len(files), err)
	}
	behind := []finding.LinkKind{finding.LinkTarget, finding.LinkTopic, finding.LinkSubscription, finding.LinkForwarder}
	passed, ended := 0, 0
	for _, file := range files {
		c := readCase(t, file)
		snap, _ := c.accounts(t)
		control, err := cat.Find(c.Control, catalog.Benchmark(c.Benchmark))
		if err != nil {
			t.Fatal(err)
		}
		o := audit.Options{Benchmark: catalog.Benchmark(c.Benchmark), Now: snap.TakenAt, Transport: audit.RuleTransport}
		w := audit.NewWorld(snap.Accounts, nil)
		result, err := w.Judge(t.Context(), &snap.Accounts[0], []catalog.Control{control}, o)
		if err != nil {
			t.Fatal(err)
		}
		f, rules := result.Findings[0], result.Evidence[0].Rules
		alerts := slices.ContainsFunc(rules, func(e audit.RuleEvidence) bool { return len(e.Alerts) > 0 })
		for _, e := range rules {
			if len(e.Alerts)+len(e.Unknown) == 0 && e.Broken == "" || len(e.Alerts) > 0 && e.Broken != "" || e.Region == "" || len(e.Rules) == 0 || len(e.Rules) > 2 {
				t.Errorf("%s: %+v", file, e)
			}
		}
		switch {
		case f.Status == finding.Pass:
			passed++
			if !alerts {
				t.Errorf("%s: it passes, and no rule alerts anybody: %+v", file, rules)
			}
		case f.Status == finding.Fail && len(f.Reasons) > 0 && slices.Contains(behind, f.Reasons[0].Link):
			ended++
			says := slices.ContainsFunc(rules, func(e audit.RuleEvidence) bool { return e.Broken == f.Reasons[0].Message })
			// Behind a forwarder a rule alerts of its own region's events all the same.
			if !says || alerts && !strings.Contains(file, "forward") {
				t.Errorf("%s: it fails (%s): %+v", file, f.Why(), rules)
			}
		}
	}
	if passed < 10 || ended < 10 {
		t.Errorf("%d situations pass, %d end behind a rule: the test compares too little", passed, ended)
	}
}
