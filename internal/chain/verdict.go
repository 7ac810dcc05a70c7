package chain

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// Truth is the three-valued truth of "this carries the records".
type Truth int8

// Truths, so that AND is min and OR is max.
const (
	Bad    Truth = iota // it does not
	Unread              // it could not be checked
	Good                // it does
)

// A Verdict is what one object does with a probe.
type Verdict struct {
	Truth Truth

	// Reasons say why Truth is not better (their status is Fail or Unknown), and
	// what is odd all the same (Warn, and Pass for a note).
	Reasons []finding.Reason

	// Only are alternatives: records that one of them matches pass, no others. Nil
	// passes every record.
	Only []Matcher
}

// Fine is the verdict on an object that carries every record.
func Fine() Verdict { return Verdict{Truth: Good} }

// With returns v with one more reason, whose status lowers the truth.
func (v Verdict) With(r finding.Reason) Verdict {
	switch r.Status {
	case finding.Fail:
		v.Truth = Bad
	case finding.Unknown:
		v.Truth = min(v.Truth, Unread)
	}
	v.Reasons = append(slices.Clip(v.Reasons), r)
	return v
}

// And returns the conjunction of two verdicts. At most one of them passes some
// records only.
func (v Verdict) And(w Verdict) Verdict {
	only := v.Only
	if only == nil {
		only = w.Only
	}
	return Verdict{Truth: min(v.Truth, w.Truth), Reasons: slices.Concat(v.Reasons, w.Reasons), Only: only}
}

// Broken returns the reasons that keep v from being good.
func (v Verdict) Broken() []finding.Reason {
	var out []finding.Reason
	for _, r := range v.Reasons {
		if r.Status == finding.Fail || r.Status == finding.Unknown {
			out = append(out, r)
		}
	}
	return out
}

// State returns how the object is shown in a tree.
func (v Verdict) State() finding.LinkState {
	switch v.Truth {
	case Good:
		return finding.StateOK
	case Unread:
		return finding.StateUnknown
	default:
		return finding.StateNone
	}
}

// Warnings counts what is odd.
func (v Verdict) Warnings() int {
	n := 0
	for _, r := range v.Reasons {
		if r.Status == finding.Warn {
			n++
		}
	}
	return n
}

// Closer reports whether v is closer to working than w: a better truth, then
// fewer warnings, then a break further along the chain.
func (v Verdict) Closer(w Verdict) bool {
	if v.Truth != w.Truth {
		return v.Truth > w.Truth
	}
	if a, b := v.Warnings(), w.Warnings(); a != b {
		return a < b
	}
	return v.breaksAt() > w.breaksAt()
}

// breaksAt is how far along the chain the first broken link lies.
func (v Verdict) breaksAt() int {
	for _, r := range v.Reasons {
		if r.Status == finding.Fail || r.Status == finding.Unknown {
			return finding.Rank(r.Link)
		}
	}
	return finding.Links
}
