package audit_test

import (
	"context"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/patterns"
)

// TestPrintedCommandPlansSomething runs what the finding of each judged situation
// prints on that situation: the command plans a change, and where there is none no
// wish that a finding could print plans one, and the finding says so.
func TestPrintedCommandPlansSomething(t *testing.T) {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	commands, without := 0, 0
	flags := map[string]int{}
	for _, file := range caseFiles(t) {
		v := judgedFile(t, cat, file)
		if v.finding.Status != finding.Fail && v.finding.Status != finding.Warn || v.control.Type == catalog.State {
			continue
		}
		o := plan.Options{Audit: audit.Options{Benchmark: v.benchmark, Now: v.snap.TakenAt, Central: v.central, Strict: readCase(t, file).Strict}}
		controls := []catalog.Control{v.control}
		r, err := plan.Audit(context.Background(), v.snap, controls, o)
		if err != nil {
			t.Fatal(err)
		}
		f := r.Findings[0]
		if f.Remediation == "" {
			t.Errorf("%s: nothing is said about what to do", caseName(file))
		}
		if f.Command == "" {
			without++
			for _, wish := range []string{"", " --subscribe email:" + plan.Placeholder} {
				if p := planned(t, v, controls, o, "monitorctl plan "+v.control.ID+wish); f.Status == finding.Fail && len(p.Actions) > 0 && len(p.Conflicts) == 0 {
					t.Errorf("%s: no command is printed, and 'plan%s' plans %v", caseName(file), wish, p.Actions)
				}
			}
			if f.Status == finding.Fail && !strings.Contains(f.Remediation, "apply cannot") && !strings.Contains(f.Remediation, "blocks the repair") {
				t.Errorf("%s: it is not said why nothing helps: %s", caseName(file), f.Remediation)
			}
			continue
		}
		commands++
		for _, field := range strings.Fields(f.Command) {
			if strings.HasPrefix(field, "--") {
				flags[field]++
			}
		}
		if !strings.Contains(f.Remediation, "'"+f.Command+"'") {
			t.Errorf("%s: the sentence %q does not name the command %q", caseName(file), f.Remediation, f.Command)
		}
		if p := planned(t, v, controls, o, f.Command); len(p.Actions) == 0 || len(p.Conflicts) > 0 {
			t.Errorf("%s: '%s' plans nothing; manual %v, conflicts %v", caseName(file), f.Command, p.Manual, p.Conflicts)
		}
	}
	t.Logf("%d commands, %v; %d without", commands, flags, without)
	if commands < 50 || without < 20 || flags["--subscribe"] == 0 || flags["--topic-arn"] == 0 || flags["--extend-topic-policy"] == 0 {
		t.Errorf("%d commands (%v), %d without: the test shows little", commands, flags, without)
	}
}

// planned makes the plan of a printed command.
func planned(t *testing.T, v verdict, controls []catalog.Control, o plan.Options, command string) change.Plan {
	t.Helper()
	words := strings.Fields(strings.ReplaceAll(command, plan.Placeholder, "someone@example.com"))
	if len(words) < 3 || words[0] != "monitorctl" || words[1] != "plan" || words[2] != v.control.ID {
		t.Fatalf("%q is not a plan of %s", command, v.control.ID)
	}
	for words = words[3:]; len(words) > 0; words = words[1:] {
		switch words[0] {
		case "--extend-topic-policy":
			o.ExtendTopicPolicy = true
			continue
		case "--topic-arn":
			o.TopicARN = words[1]
		case "--subscribe":
			s, err := plan.ParseSubscriber(words[1])
			if err != nil {
				t.Fatal(err)
			}
			o.Subscribers = append(o.Subscribers, s)
		default:
			t.Fatalf("%q has a flag that this test does not know", command)
		}
		words = words[1:]
	}
	p, err := plan.For(context.Background(), v.snap, controls, o)
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	return p
}
