package run

import (
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/exit"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

func TestVerdict(t *testing.T) {
	changes := []change.Action{action.Subscribe{}}
	for _, test := range []struct {
		name     string
		gate     Gate
		statuses []finding.Status
		changes  []change.Action
		want     int
	}{
		{"nothing wrong", Gate{}, []finding.Status{finding.Pass, finding.Warn}, nil, exit.Done},
		{"a warning, strict", Gate{Strict: true}, []finding.Status{finding.Pass, finding.Warn}, nil, exit.ControlsFailed},
		{"all unknown", Gate{}, []finding.Status{finding.Unknown, finding.Unknown}, nil, exit.Failed},
		{"unknown beside pass", Gate{}, []finding.Status{finding.Pass, finding.Unknown}, nil, exit.Failed},
		{"fail beats unknown", Gate{}, []finding.Status{finding.Unknown, finding.Fail}, nil, exit.ControlsFailed},
		{"changes to what passes", Gate{}, []finding.Status{finding.Pass}, changes, exit.ControlsFailed},
		{"changes beat unknown", Gate{}, []finding.Status{finding.Unknown}, changes, exit.ControlsFailed},
		{"below the threshold", Gate{FailOn: catalog.High}, []finding.Status{finding.Fail, finding.Unknown}, nil, exit.Done},
		{"at the threshold", Gate{FailOn: catalog.Medium}, []finding.Status{finding.Fail}, nil, exit.ControlsFailed},
	} {
		t.Run(test.name, func(t *testing.T) {
			var r finding.Report
			for _, s := range test.statuses {
				r.Findings = append(r.Findings, finding.Finding{Status: s, Severity: catalog.Medium})
			}
			if got := exit.Code(test.gate.Verdict(r, test.changes)); got != test.want {
				t.Errorf("exit code %d, want %d", got, test.want)
			}
		})
	}
}

func TestPlanVerdict(t *testing.T) {
	unknown := change.Plan{Before: finding.Report{Findings: []finding.Finding{{Status: finding.Unknown}}}}
	if got := exit.Code(PlanVerdict(unknown, true)); got != exit.Failed {
		t.Errorf("unknown with --exit-code: %d, want %d", got, exit.Failed)
	}
	if got := exit.Code(PlanVerdict(unknown, false)); got != exit.Done {
		t.Errorf("unknown without --exit-code: %d, want %d", got, exit.Done)
	}
	unknown.Conflicts = []change.Conflict{{Resource: "metric filter X", Reason: "not ours"}}
	if err := PlanVerdict(unknown, true); exit.Code(err) != exit.Failed || !strings.Contains(err.Error(), "metric filter X") {
		t.Errorf("a conflict gives %v", err)
	}
}

func TestIdle(t *testing.T) {
	controls := []catalog.Control{{Severity: catalog.Low}, {Severity: catalog.High}}
	for failOn, want := range map[catalog.Severity]string{
		0:                "",
		catalog.Low:      "",
		catalog.High:     "",
		catalog.Critical: "--fail-on critical can never fail: no selected control is above high",
	} {
		if got := (Gate{FailOn: failOn}).Idle(controls); got != want {
			t.Errorf("--fail-on %v: %q, want %q", failOn, got, want)
		}
	}
}
