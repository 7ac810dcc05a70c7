package audit

import "time"

// waive sets f aside when a waiver holds for it. A finding that passes or does
// not apply needs none; one whose only waivers are over says so.
func waive(f Finding, o Options) Finding {
	var over *Waiver
	for i := range o.Waivers {
		w := o.Waivers[i]
		switch {
		case !w.Fits(&f):
		case w.Expired(o.Now):
			over = &o.Waivers[i]
		case f.Status == Fail || f.Status == Warn || f.Status == Unknown:
			w.Was, f.Status = f.Status, Waived
			f.Waiver = &w
			return f
		default:
			return f
		}
	}
	if over != nil && f.Status != NotApplicable {
		f.Reasons = append(f.Reasons, Reason{
			Code: CodeWaiverExpired, Status: Warn,
			Message: "its waiver ended on " + over.Expires.Format(time.DateOnly),
		})
		if f.Status == Pass {
			f.Status = Warn
		}
	}
	return f
}
