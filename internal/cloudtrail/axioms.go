package cloudtrail

import "github.com/monitorctl/monitorctl/internal/cover"

// What follows from the event of a record, as limits on single fields. What ties
// two fields to each other is in laws.go, and every axiom with its source in
// table.go.
const (
	axiomSignInResult  = "responseElements.ConsoleLogin of a ConsoleLogin record is Success or Failure"
	axiomSignInSuccess = "responseElements.ConsoleLogin of a successful ConsoleLogin is Success"
	axiomSignInFailure = "responseElements.ConsoleLogin of a failed ConsoleLogin is Failure"
)

// has reports whether every record of the probe has the text at path, because
// its condition asks for it. The path is written as for Equalities.
func (p Probe) has(path, text string) bool {
	if p.Condition == nil {
		return false
	}
	texts, only := p.Condition.Texts(path)
	return only && len(texts) == 1 && texts[0] == text
}

func (p Probe) isSignIn() bool {
	return p.Event == "ConsoleLogin" || p.has("eventName", "ConsoleLogin")
}

// settleResponse knows that sign-ins have a result.
func settleResponse(d *cover.Domain, p Probe) {
	if p.isSignIn() {
		d.Kinds, d.Axiom = cover.Object, axiomSignInResult
	}
}

func settleSignIn(d *cover.Domain, p Probe) {
	switch {
	case !p.isSignIn():
	case p.fails():
		d.Be(axiomSignInFailure, "Failure")
	case !p.Failures:
		d.Be(axiomSignInSuccess, "Success")
	default:
		d.Be(axiomSignInResult, "Success", "Failure")
	}
}

// fails reports whether the condition asks for an error message, which only
// failed sign-ins have.
func (p Probe) fails() bool {
	if p.Condition == nil || !p.Failures {
		return false
	}
	_, only := p.Condition.Texts("errorMessage")
	return only
}
