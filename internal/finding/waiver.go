package finding

import (
	"fmt"
	"strings"
	"time"
)

// A Waiver sets one control aside, with a reason and an end (docs/judging.md,
// section 7).
type Waiver struct {
	Control string
	Account string // 12 digits, or the GUID of a subscription; "" waives it in every account
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

// Fits reports whether w is about the finding.
func (w *Waiver) Fits(f *Finding) bool {
	return w.Control == f.Control && (w.Account == "" || strings.EqualFold(w.Account, f.Account))
}

// Expired reports whether the last day of w is over.
func (w *Waiver) Expired(now time.Time) bool {
	return !now.Before(w.Expires.AddDate(0, 0, 1))
}

// CodeWaiverExpired is the code of a finding whose only waivers are over.
const CodeWaiverExpired Code = "waiver-expired"

// Waive sets f aside when one of the waivers holds for it at a time, the first one
// that fits. A finding that passes or does not apply needs none; one whose only waivers
// are over says so.
func Waive(f Finding, waivers []Waiver, now time.Time) Finding {
	var over *Waiver
	for i := range waivers {
		w := waivers[i]
		switch {
		case !w.Fits(&f):
		case w.Expired(now):
			over = &waivers[i]
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
