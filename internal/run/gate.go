package run

import (
	"errors"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A Gate decides which findings make a run fail.
type Gate struct {
	Strict bool             // warnings do, too
	FailOn catalog.Severity // 0: every severity
	known  map[string]bool  // ids of failures that the baseline has, too

	// changes says that only changes fail, as for a plan: what none of them repairs
	// is the audit's affair.
	changes bool
}

// fails reports whether a finding is a failure, whatever its severity.
func (g Gate) fails(f finding.Finding) bool {
	return f.Status == finding.Fail || g.Strict && f.Status == finding.Warn
}

// Verdict is the one way from findings, and from the changes that are still to
// be made (nil where they do not count), to an exit code: the error that means
// "controls failed" or "could not be checked", nil when neither is so. The report
// has said which.
func (g Gate) Verdict(r finding.Report, changes []change.Action) error {
	failed := len(changes) > 0
	var unknown *finding.Finding
	for i := range r.Findings {
		f := r.Findings[i]
		if f.Severity < g.FailOn {
			continue
		}
		failed = failed || !g.changes && g.fails(f) && !g.known[f.ID]
		if unknown == nil && f.Status == finding.Unknown {
			unknown = &r.Findings[i]
		}
	}
	switch {
	case failed:
		return &exit.Error{Code: exit.ControlsFailed}
	case unknown != nil:
		return &exit.Error{Code: exit.Failed, Err: errors.New("nothing failed, but something could not be checked"), Hint: unknown.Remediation}
	}
	return nil
}

// Idle describes a threshold above the severity of every control: with it no
// finding can make the run fail; "" when one can.
func (g Gate) Idle(controls []catalog.Control) string {
	highest := catalog.Severity(0)
	for _, c := range controls {
		highest = max(highest, c.Severity)
	}
	if g.FailOn <= highest {
		return ""
	}
	return fmt.Sprintf("--fail-on %s can never fail: no selected control is above %s", g.FailOn, highest)
}
