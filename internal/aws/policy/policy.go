// Package policy evaluates resource policies (SNS topics, KMS keys) for calls
// that an AWS service makes under its own name, such as CloudWatch publishing
// the message of an alarm. It imports the standard library only.
//
// The rules are those of "Policy evaluation logic" and of the pages on policy
// elements and condition operators in the IAM user guide, as far as they
// concern a service principal:
//
//   - A matching Deny wins. Without a matching Allow the answer is no. Policies
//     of identities play no part: a service has none.
//   - The principals "*" and {"AWS": "*"} are everyone, services included.
//     Accounts, their root, users and roles are not: a statement for the
//     account's root does not cover services that act for the account.
//   - A condition on a key that the request does not carry is false, and true
//     for the negated operators and for those with IfExists.
//   - Actions are compared without regard to case, resources with; both may hold
//     the wildcards * and ?.
//
// What is not understood makes a statement uncertain, not false: an element or
// operator outside this package, a policy variable, a condition key whose value
// in the request is not known. The answer is [Unknown] only when such
// a statement decides.
package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// A Decision is what a policy makes of a request.
type Decision int8

// Decisions. The zero value is the safe one.
const (
	Denied       Decision = iota // no statement allows it
	ExplicitDeny                 // a statement denies it
	Unknown                      // it depends on something not understood or not known
	Allowed
)

// String returns "denied", "explicitly denied", "unknown" or "allowed".
func (d Decision) String() string {
	switch d {
	case ExplicitDeny:
		return "explicitly denied"
	case Unknown:
		return "unknown"
	case Allowed:
		return "allowed"
	default:
		return "denied"
	}
}

// maxBytes bounds the text of a policy. SNS allows 30 KB, KMS 32 KB.
const maxBytes = 64 << 10

// Evaluate decides a request by the policy with that JSON text. Why names what
// decided: the statement, the condition that is not met, or the key, operator
// or element that is not understood; lower case, no full stop. A text that is
// no policy gives Unknown and an error.
func Evaluate(doc string, req Request) (d Decision, why string, err error) {
	statements, err := parse(doc)
	if err != nil {
		return Unknown, "the policy cannot be read", fmt.Errorf("reading policy: %w", err)
	}
	deny, allow := answer{truth: no}, answer{truth: no}
	for _, s := range statements {
		a := s.matches(req)
		if s.effect != "Allow" {
			deny = either(deny, a)
		}
		if s.effect != "Deny" {
			allow = either(allow, a)
		}
	}
	d, why = decide(req, deny, allow)
	return d, why, nil
}

func decide(req Request, deny, allow answer) (Decision, string) {
	switch {
	case deny.truth == yes:
		return ExplicitDeny, fmt.Sprintf("%s denies %s", deny.why, req.Action)
	case allow.truth == no && allow.why == "":
		return Denied, fmt.Sprintf("no statement lets %s use %s", req.Service, req.Action)
	case allow.truth == no:
		return Denied, allow.why
	case deny.truth == maybe:
		return Unknown, deny.why
	case allow.truth == maybe:
		return Unknown, allow.why
	default:
		return Allowed, fmt.Sprintf("%s allows %s", allow.why, req.Action)
	}
}

// EvaluateAll decides several actions that are all needed, and returns the first
// of the worst decisions: explicitly denied, denied, unknown, allowed.
// The action of req is not looked at.
func EvaluateAll(doc string, req Request, actions ...string) (d Decision, why string, err error) {
	d = Allowed
	for _, action := range actions {
		req.Action = action
		got, reason, err := Evaluate(doc, req)
		if err != nil {
			return got, reason, err
		}
		if why == "" || severity(got) > severity(d) {
			d, why = got, reason
		}
	}
	return d, why, nil
}

func severity(d Decision) int {
	return map[Decision]int{Allowed: 0, Unknown: 1, Denied: 2, ExplicitDeny: 3}[d]
}

// parse takes a policy apart into its statements.
func parse(doc string) ([]statement, error) {
	if len(doc) > maxBytes {
		return nil, fmt.Errorf("%d bytes are more than a policy can have", len(doc))
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal([]byte(doc), &top); err != nil {
		return nil, err
	}
	for name, text := range top {
		switch name {
		case "Id", "Statement":
		case "Version":
			if v := string(text); v != `"2012-10-17"` && v != `"2008-10-17"` {
				return nil, fmt.Errorf("version %.40s is not known", v)
			}
		default:
			return nil, fmt.Errorf("element %.40q is not known", name)
		}
	}
	return parseStatements(top["Statement"])
}

// parseStatements reads a list of statements, or a single one.
func parseStatements(text json.RawMessage) ([]statement, error) {
	text = bytes.TrimSpace(text)
	var list []map[string]json.RawMessage
	switch {
	case len(text) == 0 || string(text) == "null":
		return nil, fmt.Errorf("no statements")
	case text[0] == '{':
		list = make([]map[string]json.RawMessage, 1)
		if err := json.Unmarshal(text, &list[0]); err != nil {
			return nil, err
		}
	default:
		if err := json.Unmarshal(text, &list); err != nil {
			return nil, err
		}
	}
	out := make([]statement, len(list))
	for i, elements := range list {
		out[i] = newStatement(i, elements)
	}
	return out, nil
}
