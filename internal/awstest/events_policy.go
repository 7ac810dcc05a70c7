package awstest

import (
	"encoding/json"
	"regexp"
)

// PutPermissionInput is the input of events:PutPermission: a whole policy, or one
// statement.
type PutPermissionInput struct {
	EventBusName string         `json:"EventBusName,omitempty" length:"1-256"`
	Policy       string         `json:"Policy,omitempty" length:"0-10240"`
	Action       string         `json:"Action,omitempty" length:"1-64"`
	Principal    string         `json:"Principal,omitempty" length:"1-12"`
	StatementID  string         `json:"StatementId,omitempty" length:"1-64"`
	Condition    *BusPermission `json:"Condition,omitempty"`
}

// A BusPermission is the condition of a statement.
type BusPermission struct {
	Type  string `json:"Type"`
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

// busPolicySize is the largest policy of a bus. Source: "Amazon EventBridge quotas".
const busPolicySize = 10240

var statementIDs = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// PutPermission sets the policy of a bus, or a statement of it.
func (r *Region) PutPermission(in PutPermissionInput) error {
	return seedOnly[none](r, eventsService, "PutPermission", &in)
}

func putPermission(c *call, in *PutPermissionInput) (*none, error) {
	old, err := c.findBus(in.EventBusName)
	if err != nil {
		return nil, err
	}
	text := in.Policy
	if text == "" {
		if text, err = c.withPermission(old, in); err != nil {
			return nil, err
		}
	}
	if _, err := parsePolicy(text); err != nil {
		return nil, apiError("ValidationException", "Policy is not valid: %v", err)
	}
	if len(text) > busPolicySize {
		return nil, apiError("PolicyLengthExceededException", "Policy length exceeded.")
	}
	b := *old
	b.policy = text
	c.region.buses[b.name] = &b
	return &none{}, nil
}

// withPermission returns the policy of a bus with a statement in place of the one that has
// its id.
func (c *call) withPermission(b *bus, in *PutPermissionInput) (string, error) {
	switch {
	case in.Action != "events:PutEvents":
		return "", apiError("ValidationException", "Provided value in parameter 'action' is not supported.")
	case !statementIDs.MatchString(in.StatementID):
		return "", apiError("ValidationException", "Value at 'statementId' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9-_]+")
	case in.Principal != "*" && len(in.Principal) != len("111122223333"):
		return "", apiError("ValidationException", "Parameter principal is not valid.")
	}
	s := map[string]any{"Sid": in.StatementID, "Effect": "Allow", "Principal": any("*"), "Action": "events:PutEvents", "Resource": c.region.busARN(b.name)}
	if in.Principal != "*" {
		s["Principal"] = map[string]string{"AWS": "arn:" + c.account.partition + ":iam::" + in.Principal + ":root"}
	}
	if x := in.Condition; x != nil {
		if x.Type != "StringEquals" || x.Key != "aws:PrincipalOrgID" {
			return "", apiError("ValidationException", "Condition is not supported.")
		}
		s["Condition"] = map[string]map[string]string{x.Type: {x.Key: x.Value}}
	}
	others, _ := statementsWithout(b.policy, in.StatementID)
	return policyText(append(others, s)), nil
}

// statementsWithout returns the statements of a policy but the one of an id, and whether
// there was one.
func statementsWithout(doc, id string) (others []any, there bool) {
	var p struct{ Statement oneOrMany[map[string]any] }
	_ = json.Unmarshal([]byte(doc), &p) // "" has none; others were checked when they were put
	for _, s := range p.Statement {
		if s["Sid"] == id {
			there = true
			continue
		}
		others = append(others, s)
	}
	return others, there
}

func policyText(statements []any) string {
	text, _ := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements}) // texts and maps only: it cannot fail
	return string(text)
}

type removePermissionInput struct {
	EventBusName string `json:"EventBusName,omitempty" length:"1-256"`
	StatementID  string `json:"StatementId,omitempty" length:"1-64"`
}

func removePermission(c *call, in *removePermissionInput) (*none, error) {
	old, err := c.findBus(in.EventBusName)
	if err != nil {
		return nil, err
	}
	others, there := statementsWithout(old.policy, in.StatementID)
	if !there {
		return nil, apiError("ResourceNotFoundException", "Statement with the provided id does not exist.")
	}
	b := *old
	if b.policy = ""; len(others) > 0 {
		b.policy = policyText(others)
	}
	c.region.buses[b.name] = &b
	return &none{}, nil
}
