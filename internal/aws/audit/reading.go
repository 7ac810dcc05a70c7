package audit

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// unreadable is the reason for a call that has no answer.
func unreadable(kind finding.LinkKind, resource string, f *account.Failure) finding.Reason {
	r := finding.Reason{
		Code: CodeNotReadable, Status: finding.Unknown, Link: kind, Resource: resource,
		Message: f.Operation + " failed: " + f.Cause(), Call: callOf(f),
	}
	if r.Call.Denial() == finding.DenialSCP {
		r.Message += ", service control policy"
	}
	return r
}

// callOf names a call without answer.
func callOf(f *account.Failure) *finding.Call {
	return &finding.Call{Operation: f.Operation, Code: f.Code, Message: f.Message}
}

// evidenceMissing is the reason for a call without answer that could only have
// added to the verdict: a note, a warning with Options.Strict.
func (j *judge) evidenceMissing(kind finding.LinkKind, resource, what string, f *account.Failure) finding.Reason {
	r := j.missing(kind, resource, fmt.Sprintf("could not find out %s: %s failed: %s", what, f.Operation, f.Cause()))
	r.Call = callOf(f)
	return r
}

// missing is the reason for evidence that is not there.
func (j *judge) missing(kind finding.LinkKind, resource, message string) finding.Reason {
	r := finding.Reason{Code: CodeEvidence, Status: finding.Pass, Link: kind, Resource: resource, Message: message}
	if j.o.Strict {
		r.Status = finding.Warn
	}
	return r
}

// notAsked names a call, "OPERATION" or "OPERATION in REGION", that was not made.
func notAsked(operation string) *finding.Call {
	name, _, _ := strings.Cut(operation, " ")
	return &finding.Call{Operation: name, Code: finding.CallNotAsked}
}

// notRead is the reason for a call that the snapshot does not hold at all, as
// in a snapshot taken for fewer controls.
func notRead(kind finding.LinkKind, resource, operation string) finding.Reason {
	return finding.Reason{
		Code: CodeNotReadable, Status: finding.Unknown, Link: kind, Resource: resource,
		Message: operation + " is not in the snapshot", Call: notAsked(operation),
	}
}
