package audit

import (
	"cmp"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// A grade is the three-valued truth of "this link carries the event".
type grade int8

// Grades, so that AND is min and OR is max (judging rule 8).
const (
	bad    grade = iota // it does not
	unread              // it could not be seen
	good                // it does
)

// A link is the judgement of one link: its grade, why it is not better, and
// what is odd about it all the same.
type link struct {
	grade   grade
	reasons []finding.Reason // Fail or Unknown: why grade is below good; Warn and Pass: notes

	// only is the condition on a record, as a JSON filter pattern without braces,
	// under which the link carries it; "" for every record.
	only string
}

// and returns the conjunction of two links.
func (l link) and(m link) link {
	only := cmp.Or(l.only, m.only)
	if l.only != "" && m.only != "" {
		only = "(" + l.only + ") && (" + m.only + ")"
	}
	return link{min(l.grade, m.grade), append(l.reasons[:len(l.reasons):len(l.reasons)], m.reasons...), only}
}

// add returns l with one more reason, whose status lowers the grade.
func (l link) add(r finding.Reason) link {
	switch r.Status {
	case finding.Fail:
		l.grade = bad
	case finding.Unknown:
		l.grade = min(l.grade, unread)
	}
	l.reasons = append(l.reasons[:len(l.reasons):len(l.reasons)], r)
	return l
}

// broken returns the reasons that keep the link from being good.
func (l link) broken() []finding.Reason {
	var out []finding.Reason
	for _, r := range l.reasons {
		if r.Status == finding.Fail || r.Status == finding.Unknown {
			out = append(out, r)
		}
	}
	return out
}

// state returns how the link is shown in a chain.
func (l link) state() finding.LinkState {
	switch l.grade {
	case good:
		return finding.StateOK
	case unread:
		return finding.StateUnknown
	default:
		return finding.StateNone
	}
}

// unreadable is the reason for a call that has no answer.
func unreadable(kind finding.LinkKind, resource string, f *account.Failure) finding.Reason {
	return finding.Reason{
		Code: CodeNotReadable, Status: finding.Unknown, Link: kind, Resource: resource,
		Message: f.Operation + " failed: " + f.Cause(),
	}
}

// evidenceMissing is the reason for a call without answer that could only have
// added to the verdict: a note, a warning with Options.Strict.
func (j *judge) evidenceMissing(kind finding.LinkKind, resource, what string, f *account.Failure) finding.Reason {
	return j.missing(kind, resource, fmt.Sprintf("%s could not be read: %s failed: %s", what, f.Operation, f.Cause()))
}

// missing is the reason for evidence that is not there.
func (j *judge) missing(kind finding.LinkKind, resource, message string) finding.Reason {
	r := finding.Reason{Code: CodeEvidence, Status: finding.Pass, Link: kind, Resource: resource, Message: message}
	if j.o.Strict {
		r.Status = finding.Warn
	}
	return r
}

// notRead is the reason for a call that the snapshot does not hold at all, as
// in a snapshot taken for fewer controls.
func notRead(kind finding.LinkKind, resource, operation string) finding.Reason {
	return finding.Reason{
		Code: CodeNotReadable, Status: finding.Unknown, Link: kind, Resource: resource,
		Message: operation + " was not asked when the snapshot was taken",
	}
}
