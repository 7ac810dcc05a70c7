package cloudtrail

import "github.com/monitorctl/monitorctl/internal/cover"

// What follows from the type of the identity and from the event. All of these
// axioms are firm: AWS documents them, and no record contradicts them.
// Sources: CloudTrail's userIdentity element, and "AWS Management Console
// sign-in events" in the CloudTrail user guide.
const (
	axiomRootARN       = "the root user's ARN is that of the account's root"
	axiomRootID        = "the root user's principalId and accountId are the account"
	axiomSignInResult  = "responseElements.ConsoleLogin of a ConsoleLogin record is Success or Failure"
	axiomSignInSuccess = "responseElements.ConsoleLogin of a successful ConsoleLogin is Success"
	axiomSignInFailure = "responseElements.ConsoleLogin of a failed ConsoleLogin is Failure"
	axiomUserNoSAML    = "additionalEventData.SamlProviderArn is absent when an IAM user signs in"
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

func (p Probe) isRoot() bool { return p.Account != "" && p.has("userIdentity.type", "Root") }

func (p Probe) isSignIn() bool {
	return p.Event == "ConsoleLogin" || p.has("eventName", "ConsoleLogin")
}

// settleRootARN needs the region: the partition of an ARN depends on it.
func settleRootARN(d *cover.Domain, p Probe) {
	if p.isRoot() && p.Region != "" {
		d.Be(axiomRootARN, p.localize("arn:aws:iam::"+sampleAccount+":root"))
	}
}

func settleRootID(d *cover.Domain, p Probe) {
	if p.isRoot() {
		d.Be(axiomRootID, p.Account)
	}
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

func settleSaml(d *cover.Domain, p Probe) {
	if p.isSignIn() && p.has("userIdentity.type", "IAMUser") {
		d.Kinds, d.Axiom = cover.Missing, axiomUserNoSAML
	}
}
