// Package diff compares two audit reports: what fails now and did not, what was
// fixed, and what else changed. It is a function from values to values.
package diff

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// A Kind says how a finding differs.
type Kind string

// Kinds of changes. A finding has one of them at most: the first that fits.
const (
	NewFailure Kind = "new-failure" // fails now, and did not, or was not checked
	Fixed      Kind = "fixed"       // failed, and now passes, warns or does not apply
	Status     Kind = "status"      // another status, all else
	Reasons    Kind = "reasons"     // the same status for other reasons
	Added      Kind = "added"       // judged now only, and does not fail
	Gone       Kind = "gone"        // judged then only
)

// Kinds lists the kinds, the ones that matter most first.
func Kinds() []Kind { return []Kind{NewFailure, Fixed, Status, Reasons, Added, Gone} }

// A Change is the difference between two findings of one control in one
// account.
type Change struct {
	Kind Kind

	// Worse says that the verdict got worse: a new failure, a failure with a cause
	// that it did not have, a pass that only warns or cannot be seen any more.
	Worse bool

	Old, New *finding.Finding // nil where the finding does not exist; never both

	// Came and Went are the reasons with a cause that only the new and only the old
	// finding has, in their order there.
	Came, Went []finding.Reason
}

// Finding returns the new finding or, where there is none, the old one.
func (c Change) Finding() finding.Finding {
	if c.New != nil {
		return *c.New
	}
	return *c.Old
}

// A Difference is what two reports differ in.
type Difference struct {
	Changes   []Change // in the order of the new report, then what is gone in the order of the old one
	Unchanged int      // findings that both have and that say the same
}

// Worse reports whether any change is.
func (d Difference) Worse() bool {
	for _, c := range d.Changes {
		if c.Worse {
			return true
		}
	}
	return false
}

// Count returns the number of changes of a kind.
func (d Difference) Count(k Kind) int {
	n := 0
	for _, c := range d.Changes {
		if c.Kind == k {
			n++
		}
	}
	return n
}

// key is what makes two findings the same one.
type key struct{ account, control string }

func keyOf(f *finding.Finding) key { return key{f.Account, f.Control} }

func index(r *finding.Report) map[key]*finding.Finding {
	byKey := make(map[key]*finding.Finding, len(r.Findings))
	for i := range r.Findings {
		byKey[keyOf(&r.Findings[i])] = &r.Findings[i]
	}
	return byKey
}

// Compare returns what now differs from old in.
func Compare(old, now finding.Report) Difference {
	var d Difference
	before, after := index(&old), index(&now)
	for i := range now.Findings {
		f := &now.Findings[i]
		if c := compare(before[keyOf(f)], f); c.Kind != "" {
			d.Changes = append(d.Changes, c)
		} else {
			d.Unchanged++
		}
	}
	for i := range old.Findings {
		if f := &old.Findings[i]; after[keyOf(f)] == nil {
			d.Changes = append(d.Changes, Change{Kind: Gone, Old: f})
		}
	}
	return d
}

// compare returns the change from old, which may be nil, to now; its Kind is ""
// when there is none.
func compare(old, now *finding.Finding) Change {
	c := Change{Old: old, New: now, Came: now.NewReasons(old)}
	if old != nil {
		c.Went = old.NewReasons(now)
	}
	switch {
	case now.Status == finding.Fail && (old == nil || old.Status != finding.Fail):
		c.Kind, c.Worse = NewFailure, true
	case old == nil:
		c.Kind, c.Worse = Added, rank(now.Status) > rank(finding.Pass)
	case old.Status == finding.Fail && settled(now.Status):
		c.Kind = Fixed
	case old.Status != now.Status:
		c.Kind, c.Worse = Status, rank(now.Status) > rank(old.Status)
	case len(c.Came)+len(c.Went) > 0:
		c.Kind, c.Worse = Reasons, now.Status == finding.Fail && slices.ContainsFunc(c.Came, failing)
	}
	return c
}

// failing reports whether a reason by itself makes a finding fail.
func failing(r finding.Reason) bool { return r.Status == finding.Fail && r.Accepted == nil }

// settled reports whether a status means that someone is told, or that nobody
// has to be.
func settled(s finding.Status) bool {
	return s == finding.Pass || s == finding.Warn || s == finding.NotApplicable
}

// rank orders statuses from good to bad. What is waived was set aside on
// purpose: it becomes worse when the waiver ends.
func rank(s finding.Status) int {
	switch s {
	case finding.Pass, finding.NotApplicable, finding.Waived:
		return 0
	case finding.Warn:
		return 1
	case finding.Unknown:
		return 2
	default:
		return 3
	}
}
