package audit

import (
	"time"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// waive sets f aside when a waiver holds for it. A finding that passes or does
// not apply needs none; one whose only waivers are over says so.
func waive(f finding.Finding, o Options) finding.Finding {
	var over *finding.Waiver
	for i := range o.Waivers {
		w := o.Waivers[i]
		switch {
		case !w.Fits(&f):
		case w.Expired(o.Now):
			over = &o.Waivers[i]
		case f.Status == finding.Fail || f.Status == finding.Warn || f.Status == finding.Unknown:
			w.Was, f.Status = f.Status, finding.Waived
			f.Waiver = &w
			return f
		default:
			return f
		}
	}
	if over != nil && f.Status != finding.NotApplicable {
		f.Reasons = append(f.Reasons, finding.Reason{
			Code: CodeWaiverExpired, Status: finding.Warn,
			Message: "its waiver ended on " + over.Expires.Format(time.DateOnly),
		})
		if f.Status == finding.Pass {
			f.Status = finding.Warn
		}
	}
	return f
}
