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

	// Causes says that accept entries set every cause of the finding aside: another
	// one would count. Otherwise the waiver covers whatever is wrong. Set in findings
	// only.
	Causes bool
}

// String returns "waived until 2026-06-30 (owner), waives everything: reason", or
// "accepted until 2026-06-30 (owner): reason" where single causes are set aside.
func (w *Waiver) String() string {
	verb, scope := "waived", ", waives everything"
	if w.Causes {
		verb, scope = "accepted", ""
	}
	owner := ""
	if w.Owner != "" {
		owner = " (" + w.Owner + ")"
	}
	return fmt.Sprintf("%s until %s%s%s: %s", verb, w.Expires.Format(time.DateOnly), owner, scope, w.Reason)
}

// Fits reports whether w is about the finding.
func (w *Waiver) Fits(f *Finding) bool {
	return w.Control == f.Control && (w.Account == "" || strings.EqualFold(w.Account, f.Account))
}

// Expired reports whether the last day of w is over.
func (w *Waiver) Expired(now time.Time) bool {
	return !now.Before(w.Expires.AddDate(0, 0, 1))
}
