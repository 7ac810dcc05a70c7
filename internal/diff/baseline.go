package diff

import (
	"github.com/monitorctl/monitorctl/internal/finding"
)

// Against holds a run against an earlier report, its baseline. fails says what
// counts as a failure in either.
//
// Known are the ids of findings that fail now and failed then. Fixed are the
// baseline's findings that failed then and are settled now; what is unknown or
// waived now, or was not judged, is not fixed.
func Against(baseline, now finding.Report, fails func(finding.Finding) bool) (known map[string]bool, fixed []finding.Finding) {
	before, after := index(&baseline), index(&now)
	known = map[string]bool{}
	for _, f := range now.Findings {
		if then := before[keyOf(&f)]; then != nil && fails(*then) && fails(f) {
			known[f.ID] = true
		}
	}
	for _, then := range baseline.Findings {
		f := after[keyOf(&then)]
		if f != nil && fails(then) && !fails(*f) && settled(f.Status) {
			fixed = append(fixed, then)
		}
	}
	return known, fixed
}
