package awstest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A policy is a resource policy: of a topic or of a key.
type policy struct {
	Version   string
	ID        string `json:"Id"`
	Statement oneOrMany[statement]
}

// A statement is one statement of a policy.
type statement struct {
	Sid          string
	Effect       string
	Principal    *principals
	NotPrincipal *principals
	Action       oneOrMany[string]
	NotAction    oneOrMany[string]
	Resource     oneOrMany[string]
	NotResource  oneOrMany[string]
	Condition    map[string]map[string]oneOrMany[scalar]
}

// principals are who a statement speaks of: "*" or, by kind, AWS accounts and
// services.
type principals struct {
	everyone bool
	byKind   map[string]oneOrMany[string]
}

// UnmarshalJSON reads "*" or an object.
func (p *principals) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		if text != "*" {
			return fmt.Errorf("principal %q", text)
		}
		p.everyone = true
		return nil
	}
	return json.Unmarshal(data, &p.byKind)
}

// oneOrMany is a list that may be written as its only entry.
type oneOrMany[T any] []T

// UnmarshalJSON reads a list or a single entry.
func (l *oneOrMany[T]) UnmarshalJSON(data []byte) error {
	if strings.HasPrefix(strings.TrimSpace(string(data)), "[") {
		return json.Unmarshal(data, (*[]T)(l))
	}
	var one T
	if err := json.Unmarshal(data, &one); err != nil {
		return err
	}
	*l = oneOrMany[T]{one}
	return nil
}

// A scalar is a condition value; numbers and booleans are kept as their text.
type scalar string

// UnmarshalJSON reads a string, number or boolean.
func (s *scalar) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*s = scalar(text)
		return nil
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	switch v.(type) {
	case bool, float64:
		*s = scalar(strings.TrimSpace(string(data)))
		return nil
	default:
		return fmt.Errorf("condition value %s", data)
	}
}

func parsePolicy(text string) (*policy, error) {
	var p policy
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return nil, fmt.Errorf("reading policy: %w", err)
	}
	return &p, nil
}

// An access is what someone wants to do.
type access struct {
	service  string            // service principal, "" for an account
	account  string            // account id of an account principal
	arn      string            // ARN of an account principal
	action   string            // "SNS:Publish"; case does not matter
	resource string            // ARN
	context  map[string]string // condition keys in lower case; absent keys are absent
}

// decide evaluates the policy: an explicit Deny wins, then an Allow; neither
// denies. why names the statement that decided.
func (p *policy) decide(a access) (allowed bool, why string) {
	for i, s := range p.Statement {
		if s.Effect == "Deny" && s.applies(a) {
			return false, fmt.Sprintf("statement %s denies %s", s.name(i), a.action)
		}
	}
	for i, s := range p.Statement {
		if s.Effect == "Allow" && s.applies(a) {
			return true, fmt.Sprintf("statement %s allows %s", s.name(i), a.action)
		}
	}
	return false, "no resource-based policy allows the " + a.action + " action"
}

func (s statement) name(index int) string {
	if s.Sid != "" {
		return s.Sid
	}
	return fmt.Sprint(index + 1)
}

func (s statement) applies(a access) bool {
	if s.Principal == nil && s.NotPrincipal == nil {
		return false
	}
	if s.Principal != nil && !s.Principal.include(a) || s.NotPrincipal != nil && s.NotPrincipal.include(a) {
		return false
	}
	if s.Action != nil && !matchesAny(s.Action, a.action) || s.NotAction != nil && matchesAny(s.NotAction, a.action) {
		return false
	}
	if s.Resource != nil && !likeAny(s.Resource, a.resource) || s.NotResource != nil && likeAny(s.NotResource, a.resource) {
		return false
	}
	return conditionsHold(s.Condition, a.context)
}

// include reports whether the access is by one of the principals. An account's
// root stands for the account's users, never for services.
func (p *principals) include(a access) bool {
	if p.everyone {
		return true
	}
	for _, id := range p.byKind["Service"] {
		if a.service != "" && like(id, a.service) {
			return true
		}
	}
	for _, id := range p.byKind["AWS"] {
		if id == "*" || (a.service == "" && (id == a.account || id == a.arn || strings.HasSuffix(id, "::"+a.account+":root"))) {
			return true
		}
	}
	return false
}

func likeAny(patterns []string, text string) bool {
	for _, p := range patterns {
		if like(p, text) {
			return true
		}
	}
	return false
}

// allowsAccount reports whether a resource policy lets another account do
// something.
func allowsAccount(policyText, account, action string) bool {
	p, err := parsePolicy(policyText)
	if err != nil {
		return false
	}
	allowed, _ := p.decide(access{account: account, action: action, resource: "*", context: map[string]string{
		"aws:principalaccount": account, "aws:securetransport": "true",
	}})
	return allowed
}
