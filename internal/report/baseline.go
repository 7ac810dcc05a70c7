package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/diff"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A Baseline is an earlier report that a run is held against: what failed then
// is known and does not count again.
type Baseline struct {
	Path string // of the earlier report
	diff.Standing
}

// fails reports whether f counts as a failure.
func (o Options) fails(f finding.Finding) bool {
	return f.Status == finding.Fail || o.Strict && f.Status == finding.Warn
}

// known reports whether f is a failure that the baseline has, too.
func (o Options) known(f finding.Finding) bool {
	return o.Baseline != nil && o.Baseline.Known[f.ID]
}

// marked says of a known failure that it is one, in the first of the lines that
// say why it fails, and names the first cause of one that failed for others.
func (o Options) marked(f finding.Finding, lines []string) []string {
	if len(lines) == 0 {
		return lines
	}
	if o.known(f) {
		lines[0] = "known: " + lines[0]
	}
	switch fresh := o.fresh(f); {
	case fresh == "":
	case strings.Contains(lines[0], fresh):
		lines[0] = freshMark + lines[0]
	default:
		lines = append([]string{freshMark + fresh}, lines...)
	}
	return lines
}

// freshMark goes before a cause that the baseline does not have.
const freshMark = "new since the baseline: "

// fresh is the first thing that is wrong now and was not in the baseline; "" when the finding is
// known, or did not fail there.
func (o Options) fresh(f finding.Finding) string {
	if o.Baseline == nil || len(o.Baseline.Fresh[f.ID]) == 0 {
		return ""
	}
	return Sanitize(o.Baseline.Fresh[f.ID][0].Message)
}

// baselineLines says what the baseline changes, and what was fixed since; none
// without a baseline.
func (o Options) baselineLines() []string {
	if o.Baseline == nil {
		return nil
	}
	lines := []string{o.knownLine()}
	for _, f := range o.Baseline.Fixed {
		lines = append(lines, fmt.Sprintf("Fixed since the baseline: %s in %s %s.", Sanitize(f.Control), accountWord(f.Cloud), Sanitize(f.Account)))
	}
	return lines
}

// knownLine says how many failures are known.
func (o Options) knownLine() string {
	known := fmt.Sprintf("%s failures are known", Thousands(len(o.Baseline.Known)))
	switch len(o.Baseline.Known) {
	case 0:
		known = "No failure is known"
	case 1:
		known = "1 failure is known"
	}
	return fmt.Sprintf("%s from the baseline %s; only new ones count.", known, Sanitize(o.Baseline.Path))
}

// fleetBaselineLines are baselineLines for many accounts: what was fixed is counted by
// control.
func (o Options) fleetBaselineLines() []string {
	if o.Baseline == nil {
		return nil
	}
	lines := []string{o.knownLine()}
	fixed := map[string]int{}
	for _, f := range o.Baseline.Fixed {
		fixed[f.Control]++
	}
	for _, control := range slices.Sorted(maps.Keys(fixed)) {
		lines = append(lines, fmt.Sprintf("Fixed since the baseline: %s in %s.", Sanitize(control), accountsText(fixed[control])))
	}
	return lines
}
