package report

import (
	"fmt"

	"github.com/monitorctl/monitorctl/internal/audit"
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
	Fixed []audit.Finding
}

// known says whether f is a failure that the baseline has, too.
func (o Options) known(f audit.Finding) bool {
	return o.Baseline != nil && o.Baseline.Known[f.ID]
}

// knownMark stands before what is said of a known failure; "" for any other
// finding.
func (o Options) knownMark(f audit.Finding) string {
	if o.known(f) {
		return "known: "
	}
	return ""
}

// fixedLines names what the baseline has as failing and what fails no more.
func (o Options) fixedLines() []string {
	if o.Baseline == nil {
		return nil
	}
	var lines []string
	for _, f := range o.Baseline.Fixed {
		lines = append(lines, fmt.Sprintf("fixed since the baseline: %s in account %s", Sanitize(f.Control), Sanitize(f.Account)))
	}
	return lines
}
