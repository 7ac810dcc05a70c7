package cmd

import (
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/change"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

func TestVerdict(t *testing.T) {
	changes := []change.Action{action.Subscribe{}}
	for _, test := range []struct {
		name     string
		gate     gate
		statuses []finding.Status
		changes  []change.Action
		want     int
	}{
		{"nothing wrong", gate{}, []finding.Status{finding.Pass, finding.Warn}, nil, exitDone},
		{"a warning, strict", gate{strict: true}, []finding.Status{finding.Pass, finding.Warn}, nil, exitControlsFailed},
		{"all unknown", gate{}, []finding.Status{finding.Unknown, finding.Unknown}, nil, exitFailed},
		{"unknown beside pass", gate{}, []finding.Status{finding.Pass, finding.Unknown}, nil, exitFailed},
		{"fail beats unknown", gate{}, []finding.Status{finding.Unknown, finding.Fail}, nil, exitControlsFailed},
		{"changes to what passes", gate{}, []finding.Status{finding.Pass}, changes, exitControlsFailed},
		{"changes beat unknown", gate{}, []finding.Status{finding.Unknown}, changes, exitControlsFailed},
		{"below the threshold", gate{failOn: catalog.High}, []finding.Status{finding.Fail, finding.Unknown}, nil, exitDone},
		{"at the threshold", gate{failOn: catalog.Medium}, []finding.Status{finding.Fail}, nil, exitControlsFailed},
	} {
		t.Run(test.name, func(t *testing.T) {
			var r finding.Report
			for _, s := range test.statuses {
				r.Findings = append(r.Findings, finding.Finding{Status: s, Severity: catalog.Medium})
			}
			if got := exitCode(test.gate.verdict(r, test.changes)); got != test.want {
				t.Errorf("exit code %d, want %d", got, test.want)
			}
		})
	}
}

func TestPlanVerdict(t *testing.T) {
	unknown := change.Plan{Before: finding.Report{Findings: []finding.Finding{{Status: finding.Unknown}}}}
	if got := exitCode(planVerdict(unknown, true)); got != exitFailed {
		t.Errorf("unknown with --exit-code: %d, want %d", got, exitFailed)
	}
	if got := exitCode(planVerdict(unknown, false)); got != exitDone {
		t.Errorf("unknown without --exit-code: %d, want %d", got, exitDone)
	}
	unknown.Conflicts = []change.Conflict{{Resource: "metric filter X", Reason: "not ours"}}
	if err := planVerdict(unknown, true); exitCode(err) != exitFailed || !strings.Contains(err.Error(), "metric filter X") {
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
		if got := (gate{failOn: failOn}).idle(controls); got != want {
			t.Errorf("--fail-on %v: %q, want %q", failOn, got, want)
		}
	}
}
