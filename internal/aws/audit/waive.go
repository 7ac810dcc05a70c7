package audit

import (
	"fmt"
	"time"
)

// A Waiver sets one control aside, with a reason and an end (judging.md
// section 7).
type Waiver struct {
	Control string
	Account string // 12 digits; "" waives it in every account
	Reason  string
	Owner   string    // who answers for it; may be ""
	Expires time.Time // the last day on which it holds, at 00:00 UTC

	// Was is the status that the finding would have without the waiver; set in
	// findings only.
	Was Status
}

// String returns "waived until 2026-06-30 (owner): reason".
func (w *Waiver) String() string {
	owner := ""
	if w.Owner != "" {
		owner = " (" + w.Owner + ")"
	}
	return fmt.Sprintf("waived until %s%s: %s", w.Expires.Format(time.DateOnly), owner, w.Reason)
}

// fits says whether w is about the finding.
func (w *Waiver) fits(f *Finding) bool {
	return w.Control == f.Control && (w.Account == "" || w.Account == f.Account)
}

// expired says whether the last day of w is over.
func (w *Waiver) expired(now time.Time) bool {
	return !now.Before(w.Expires.AddDate(0, 0, 1))
}

// waive sets f aside when a waiver holds for it. A finding that passes or does
// not apply needs none; one whose only waivers are over says so.
func waive(f Finding, o Options) Finding {
	var over *Waiver
	for i := range o.Waivers {
		w := o.Waivers[i]
		switch {
		case !w.fits(&f):
		case w.expired(o.Now):
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
