package cmd

import (
	"errors"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/azure/arm"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/spelling"
)

// Exit codes, the same for every output format.
const (
	exitDone           = 0   // controls in scope pass, warn, are waived or not applicable; apply and plan: done
	exitFailed         = 1   // could not finish, or nothing failed but something is unknown
	exitUsage          = 2   // wrong flag, argument, pattern or configuration; before the first call
	exitControlsFailed = 3   // at least one control fails
	exitInterrupted    = 130 // Ctrl-C
)

// A codeError is an error with its exit code.
type codeError struct {
	code int
	hint string
	then string // what to do after the hint; "" for nothing
	err  error  // nil prints nothing: the report said it all
}

func (e *codeError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

// Unwrap returns the cause.
func (e *codeError) Unwrap() error { return e.err }

// usage marks an error as wrong usage.
func usage(err error) error { return &codeError{code: exitUsage, err: err} }

// hinted adds what to do next.
func hinted(err error, hint string) error {
	return &codeError{code: exitCode(err), hint: hint, err: err}
}

// exitCode maps an error to the exit code.
func exitCode(err error) int {
	var code *codeError
	var unknown *spelling.UnknownError
	var config *collect.ConfigError
	var azure *arm.ConfigError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &code):
		return code.code
	case errors.As(err, &unknown), errors.As(err, &config), errors.As(err, &azure):
		return exitUsage
	default:
		return exitFailed
	}
}

// isPartial reports whether err tells how far an apply came: that is said even
// after Ctrl-C, with its own exit code.
func isPartial(err error) bool {
	var partial *change.StoppedError
	return errors.As(err, &partial)
}

// A gate decides which findings make a run fail.
type gate struct {
	strict bool
	failOn catalog.Severity // 0: every severity
	known  map[string]bool  // ids of failures that the baseline has, too

	// changes says that only changes fail, as for a plan: what none of them repairs
	// is the audit's affair.
	changes bool
}

// fails reports whether a finding is a failure, whatever its severity.
func (g gate) fails(f finding.Finding) bool {
	return f.Status == finding.Fail || g.strict && f.Status == finding.Warn
}

// verdict is the one way from findings, and from the changes that are still to
// be made (nil where they do not count), to an exit code: the error that means
// "controls failed" or "could not be seen", nil when neither is so. The report
// has said which.
func (g gate) verdict(r finding.Report, changes []change.Action) error {
	failed := len(changes) > 0
	var unknown *finding.Finding
	for i := range r.Findings {
		f := r.Findings[i]
		if f.Severity < g.failOn {
			continue
		}
		failed = failed || !g.changes && g.fails(f) && !g.known[f.ID]
		if unknown == nil && f.Status == finding.Unknown {
			unknown = &r.Findings[i]
		}
	}
	switch {
	case failed:
		return &codeError{code: exitControlsFailed}
	case unknown != nil:
		return &codeError{code: exitFailed, err: errors.New("nothing failed, but something could not be judged"), hint: unknown.Remediation}
	}
	return nil
}

// idle describes a threshold above the severity of every control, with which no
// finding can make the run fail; "" when one can.
func (g gate) idle(controls []catalog.Control) string {
	highest := catalog.Severity(0)
	for _, c := range controls {
		highest = max(highest, c.Severity)
	}
	if g.failOn <= highest {
		return ""
	}
	return fmt.Sprintf("--fail-on %s can never fail: no selected control is above %s", g.failOn, highest)
}
