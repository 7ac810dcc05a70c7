package diff

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// A Standing is how a run compares with an earlier report, its baseline.
type Standing struct {
	// Known are the ids of findings that fail now, failed then, and have no cause
	// that they did not have then.
	Known map[string]bool

	// Fresh are the reasons that findings have now and did not have then, by the id
	// of the finding, of those that failed then and are not known for that reason.
	Fresh map[string][]finding.Reason

	// Fixed are the baseline's findings that failed then and are settled now, in the
	// order of the baseline; what is unknown or waived now, or was not checked, is not
	// fixed.
	Fixed []finding.Finding
}

// Against holds a run against an earlier report. With strict, warnings count as
// failures in both.
func Against(baseline, now finding.Report, strict bool) Standing {
	before, after := index(&baseline), index(&now)
	out := Standing{Known: map[string]bool{}, Fresh: map[string][]finding.Reason{}}
	for _, f := range now.Findings {
		then := before[keyOf(&f)]
		if then == nil || !fails(*then, strict) || !fails(f, strict) {
			continue
		}
		fresh := slices.DeleteFunc(f.NewReasons(then), func(r finding.Reason) bool { return !counts(r, strict) })
		if len(fresh) == 0 {
			out.Known[f.ID] = true
			continue
		}
		out.Fresh[f.ID] = fresh
	}
	for _, then := range baseline.Findings {
		f := after[keyOf(&then)]
		if f != nil && fails(then, strict) && !fails(*f, strict) && settled(f.Status) {
			out.Fixed = append(out.Fixed, then)
		}
	}
	return out
}

// fails reports whether a finding counts as a failure.
func fails(f finding.Finding, strict bool) bool {
	return f.Status == finding.Fail || strict && f.Status == finding.Warn
}

// counts reports whether a reason makes a finding a failure.
func counts(r finding.Reason, strict bool) bool {
	return failing(r) || strict && r.Status == finding.Warn && r.Accepted == nil
}
