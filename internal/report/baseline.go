package report

import (
	"fmt"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// A Baseline is an earlier report that a run is held against: what failed then
// is known and does not count again.
type Baseline struct {
	Path string // of the earlier report

	// Known holds the ids of the findings that count as failures now and did
	// so then.
	Known map[string]bool

	// Fixed are the findings that failed then and fail no more, in the order of
	// the earlier report; only their ID, Account and Control are set.
	Fixed []finding.Finding
}

// fails says whether f counts as a failure.
func (o Options) fails(f finding.Finding) bool {
	return f.Status == finding.Fail || o.Strict && f.Status == finding.Warn
}

// known says whether f is a failure that the baseline has, too.
func (o Options) known(f finding.Finding) bool {
	return o.Baseline != nil && o.Baseline.Known[f.ID]
}

// marked says of a known failure that it is one, in the first of the lines that
// say why it fails.
func (o Options) marked(f finding.Finding, lines []string) []string {
	if o.known(f) && len(lines) > 0 {
		lines[0] = "known: " + lines[0]
	}
	return lines
}

// baselineLines says what the baseline changes, and what was fixed since; none
// without a baseline.
func (o Options) baselineLines() []string {
	if o.Baseline == nil {
		return nil
	}
	known := fmt.Sprintf("%d failures are known", len(o.Baseline.Known))
	switch len(o.Baseline.Known) {
	case 0:
		known = "No failure is known"
	case 1:
		known = "1 failure is known"
	}
	lines := []string{fmt.Sprintf("%s from the baseline %s; only new ones count.", known, Sanitize(o.Baseline.Path))}
	for _, f := range o.Baseline.Fixed {
		lines = append(lines, fmt.Sprintf("Fixed since the baseline: %s in %s %s.", Sanitize(f.Control), accountWord(f.Cloud), Sanitize(f.Account)))
	}
	return lines
}
