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
	Unit    string // instead of an account: an organizational unit, by id or path of names, with all below it
	Tag     string // instead of an account: KEY or KEY=VALUE of Organizations
	Reason  string
	Owner   string    // who answers for it; may be ""
	Expires time.Time // the last day on which it holds, at 00:00 UTC

	// Depth is how deep Unit stands below the root, from 1, and for Tag 1; 0 where nobody
	// knows whether the account is there: then the waiver fits nothing. A run over many
	// accounts sets it, for each of them.
	Depth int

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
	return fmt.Sprintf("%s until %s%s%s%s: %s", verb, w.Expires.Format(time.DateOnly), owner, w.Where(), scope, w.Reason)
}

// Where returns where a waiver by unit or tag holds: " in ou-ab12-sandbox", " for accounts
// tagged team=a"; "" for others.
func (w *Waiver) Where() string { return where(w.Unit, w.Tag) }

func where(unit, tag string) string {
	switch {
	case unit != "":
		return " in " + unit
	case tag != "":
		return " for accounts tagged " + tag
	}
	return ""
}

// Fits reports whether w is about the finding.
func (w *Waiver) Fits(f *Finding) bool {
	placed := w.Unit == "" && w.Tag == "" || w.Depth > 0
	return w.Control == f.Control && placed && (w.Account == "" || strings.EqualFold(w.Account, f.Account))
}

// narrower reports whether w is about fewer accounts than o: one account before a unit, the
// deeper unit before the other, units before tags, and these before all accounts.
func (w *Waiver) narrower(o *Waiver) bool { return w.rank() > o.rank() }

func (w *Waiver) rank() int { return rank(w.Account, w.Unit, w.Tag, w.Depth) }

// rank is the higher, the fewer accounts an entry is about.
func rank(account, unit, tag string, depth int) int {
	const units, alone = 2, 1 << 20
	switch {
	case account != "":
		return alone
	case unit != "":
		return units + depth
	case tag != "":
		return 1
	}
	return 0
}

// Same reports whether both are the same entry of the configuration.
func (w *Waiver) Same(o *Waiver) bool {
	return w.Control == o.Control && w.Account == o.Account && w.Unit == o.Unit && w.Tag == o.Tag && w.Reason == o.Reason && w.Owner == o.Owner && w.Expires.Equal(o.Expires)
}

// Expired reports whether the last day of w is over.
func (w *Waiver) Expired(now time.Time) bool {
	return !now.Before(w.Expires.AddDate(0, 0, 1))
}
