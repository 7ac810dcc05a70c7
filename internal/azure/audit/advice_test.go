package audit_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/azure/audit"
	"github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// TestPrintedCommandPlansSomething runs what the finding of each judged situation prints
// on that situation: the command plans a change after which the control is no worse, and
// where there is none no wish that a finding could print plans one, and the finding says
// so.
func TestPrintedCommandPlansSomething(t *testing.T) {
	cat := loadCatalog(t)
	commands, without := 0, 0
	flags := map[string]int{}
	for _, file := range situationFiles(t) {
		name := filepath.Base(file)
		s := readSituation(t, file)
		b, err := catalog.ParseBenchmark(s.Benchmark)
		if err != nil {
			t.Fatal(err)
		}
		control, err := cat.Find(s.Control, b)
		if err != nil {
			t.Fatal(err)
		}
		o := plan.Options{Audit: audit.Options{Benchmark: b, Now: judgedAt, Strict: s.Strict}}
		r, err := plan.Audit(context.Background(), s.snapshot(t), []catalog.Control{control}, o)
		if err != nil {
			t.Fatal(err)
		}
		f := r.Findings[0]
		if f.Status != finding.Fail && f.Status != finding.Warn {
			if f.Command != "" {
				t.Errorf("%s is %s, and %q is printed", name, f.Status, f.Command)
			}
			continue
		}
		if f.Command == "" {
			without++
			for _, wish := range []string{"", " --subscribe email:" + plan.AddressPlaceholder} {
				command := "monitorctl plan " + control.ID + " --subscription " + ownID + " --resource-group monitoring" + wish
				if p := planOf(t, &s, control, o, command); f.Status == finding.Fail && len(p.Actions) > 0 && len(p.Conflicts) == 0 {
					t.Errorf("%s: no command is printed, and %q plans %v", name, command, p.Actions)
				}
			}
			if f.Status == finding.Fail && !strings.Contains(f.Remediation, "apply cannot") && !strings.Contains(f.Remediation, "blocks the repair") {
				t.Errorf("%s: it is not said why nothing helps: %s", name, f.Remediation)
			}
			continue
		}
		commands++
		for _, word := range strings.Fields(f.Command) {
			if strings.HasPrefix(word, "--") {
				flags[word]++
			}
		}
		if !strings.Contains(f.Remediation, "'"+f.Command+"'") {
			t.Errorf("%s: the sentence %q does not name the command %q", name, f.Remediation, f.Command)
		}
		p := planOf(t, &s, control, o, f.Command)
		if len(p.Actions) == 0 || len(p.Conflicts) > 0 {
			t.Errorf("%s: '%s' plans nothing; manual %v, conflicts %v", name, f.Command, p.Manual, p.Conflicts)
			continue
		}
		after := p.After.Findings[0]
		if p.Confirmed != nil {
			after = p.Confirmed.Findings[0]
		}
		if after.Status == finding.Fail && len(after.Missed) >= len(f.Missed) {
			t.Errorf("%s: '%s' does not help: %s", name, f.Command, after.Why())
		}
	}
	t.Logf("%d commands, %v; %d without", commands, flags, without)
	if commands < 40 || without < 5 || flags["--subscribe"] < 10 || flags["--action-group"] < 20 {
		t.Errorf("%d commands (%v), %d without: the test shows little", commands, flags, without)
	}
}

// planOf makes the plan of a printed command.
func planOf(t *testing.T, s *situation, control catalog.Control, o plan.Options, command string) change.Plan {
	t.Helper()
	words := strings.Fields(strings.ReplaceAll(command, plan.AddressPlaceholder, "someone@example.com"))
	if len(words) < 5 || strings.Join(words[:5], " ") != "monitorctl plan "+control.ID+" --subscription "+ownID {
		t.Fatalf("%q is not a plan of %s", command, control.ID)
	}
	for words = words[5:]; len(words) > 0; words = words[2:] {
		switch words[0] {
		case "--resource-group":
			o.ResourceGroup = words[1]
		case "--action-group":
			o.ActionGroup = words[1]
		case "--subscribe":
			r, err := plan.ParseReceiver(words[1])
			if err != nil {
				t.Fatal(err)
			}
			o.Receivers = append(o.Receivers, r)
		default:
			t.Fatalf("%q has an unknown flag %s", command, words[0])
		}
	}
	if err := plan.Check(o); err != nil {
		t.Fatalf("%q: %v", command, err)
	}
	p, err := plan.For(context.Background(), s.snapshot(t), []catalog.Control{control}, o)
	if err != nil {
		t.Fatalf("%q: %v", command, err)
	}
	return p
}
