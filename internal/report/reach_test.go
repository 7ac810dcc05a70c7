package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// chained is a finding of one reason whose chain is whole as far as the columns
// tell.
func chained(code finding.Code, s finding.Status) finding.Finding {
	f := finding.Finding{
		ID: "ab12", Control: "nacl-changes", Title: "Network ACL changes", Number: "4.11", Account: "111122223333", Status: s,
		Stages: stages(finding.StateOK, finding.StateOK, finding.StateOK, finding.StateOK),
	}
	if code != "" {
		f.Reasons = []finding.Reason{{Code: code, Status: s, Message: "something about the chain"}}
	}
	return f
}

// TestReachInEveryFormat renders every reason code as a warning and as a failure: no
// format says that someone would be alerted unless the code allows it, and the page's
// last node and sentence say what the code says.
func TestReachInEveryFormat(t *testing.T) {
	type words struct{ node, sentence string }
	want := map[finding.Reach]words{
		finding.ReachPerson:  {"alerted", "Someone would be alerted of every event that the check requires, but not everything"},
		finding.ReachSome:    {"not always alerted", "someone would be alerted, but not of every event"},
		finding.ReachMachine: {"only a machine gets it", "only a machine (a queue, a function, a stream) is known to get the message"},
		finding.ReachUnknown: {"unknown", "it is not certain that someone would be alerted"},
		finding.ReachNobody:  {"not alerted", "nobody would be alerted"},
	}
	seen := map[finding.Reach]bool{}
	for _, info := range finding.Codes() {
		for _, s := range []finding.Status{finding.Warn, finding.Fail, finding.Unknown} {
			f := chained(info.Code, s)
			reach := f.Reached()
			seen[reach] = true
			r := fourControls()
			r.Findings = []finding.Finding{f}
			for _, format := range formats {
				name := format.Name
				var b bytes.Buffer
				if err := format.Write(&b, r, Options{Strict: true, Verbose: true, ShowWaived: true}); err != nil {
					t.Fatal(err)
				}
				if claims(b.String()) && (s != finding.Warn || reach != finding.ReachPerson) {
					t.Errorf("%s as %s: %s says that someone would be alerted, and it is %d", info.Code, s, name, reach)
				}
			}
			sentence := want[reach].sentence
			switch {
			case s == finding.Fail && reach == finding.ReachSome:
				sentence = "some events could happen, and nobody would be alerted"
			case s == finding.Fail && reach == finding.ReachNobody:
				sentence = "something could happen, and nobody would be alerted"
			case s == finding.Unknown:
				sentence = "could not be checked"
			}
			if got := htmlVerdict(r); !strings.Contains(got, sentence) {
				t.Errorf("%s as %s: the page says %q, want %q in it", info.Code, s, got, sentence)
			}
			if _, _, node := htmlReached(reach); node != want[reach].node {
				t.Errorf("%s as %s: the last node says %q, want %q", info.Code, s, node, want[reach].node)
			}
		}
	}
	if len(seen) != len(want) {
		t.Errorf("only %d of %d reaches occur", len(seen), len(want))
	}
}

// claims reports whether a text says that someone would be alerted of everything.
func claims(text string) bool {
	return strings.Contains(text, "omeone would be alerted of every event") || strings.Contains(text, "<b>A person</b> <span>alerted</span>")
}

// TestReachWorstCounts has several warnings: the worst decides.
func TestReachWorstCounts(t *testing.T) {
	f := chained("filter-noisy", finding.Warn)
	f.Reasons = append(f.Reasons, finding.Reason{Code: "subscriber-machine", Status: finding.Warn}, finding.Reason{Code: "no-filter", Status: finding.Pass})
	if got := f.Reached(); got != finding.ReachMachine {
		t.Errorf("reach %d, want that of the machine", got)
	}
	f = chained("", finding.Pass)
	r := fourControls()
	r.Findings = []finding.Finding{f}
	var b bytes.Buffer
	if err := HTML(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	if !claims(b.String()) {
		t.Error("the page of a pass does not say that someone would be alerted")
	}
}

// TestCheckedInEveryFormat demands of each format that it says how much was checked.
func TestCheckedInEveryFormat(t *testing.T) {
	for _, format := range formats {
		name := format.Name
		var b bytes.Buffer
		if err := format.Write(&b, everyStatus(), Options{}); err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer("`", "", "\\", "", "&#45;", "-").Replace(b.String())
		if !strings.Contains(text, "core: 3 of the 15 metric-filter controls of CIS AWS Foundations 3.0.0, and guardduty-changes; --set cis checks the rest (in 4 regions)") {
			t.Errorf("%s does not say how much was checked:\n%.2000s", name, text)
		}
	}
}
