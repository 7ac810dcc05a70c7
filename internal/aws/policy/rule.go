package policy

import (
	"encoding/json"
	"fmt"
)

// EventBridge is the principal under which EventBridge calls the targets of rules.
const EventBridge = "events.amazonaws.com"

// sourceKeys say for whom a service calls.
var sourceKeys = []string{"aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"}

// TopicRuleRequest returns the call that EventBridge makes to publish to a topic for
// a rule. AWS says that conditions cannot be used in such a policy, and public
// modules use those on the rule's ARN and account all the same ("Using
// resource-based policies for Amazon EventBridge"): what the request carries of them
// is not known. AWS:SourceOwner, which the default policy of topics asks for, is not
// in it: that policy does not admit EventBridge.
func TopicRuleRequest(topic string) Request {
	req := ruleRequest("sns:Publish", topic)
	req.Absent = append(req.Absent, "aws:SourceOwner")
	return req
}

// KeyRuleRequest returns the call that EventBridge makes to use the key of a topic.
// Conditions on the source are not supported there and are never met (SNS developer
// guide, "Key management"). EvaluateAll fills in the actions.
func KeyRuleRequest(key string) Request {
	req := ruleRequest("", key)
	req.Absent = append(append(req.Absent, "aws:SourceOwner"), sourceKeys...)
	return req
}

func ruleRequest(action, resource string) Request {
	return Request{
		Service: EventBridge, Action: action, Resource: resource,
		Context: map[string][]string{
			"aws:SecureTransport": {"true"}, "aws:PrincipalIsAWSService": {"true"}, "aws:PrincipalServiceName": {EventBridge}, "aws:ViaAWSService": {"false"},
		},
		Absent: append([]string(nil), absentForServices...),
	}
}

// TrustsRules decides whether the trust policy of a role lets EventBridge assume it.
// The error says why the policy cannot be read.
func TrustsRules(trust string) (Decision, string, error) {
	doc, err := completed(trust, "Resource")
	if err != nil {
		return Unknown, "the trust policy cannot be read", err
	}
	return Evaluate(doc, ruleRequest("sts:AssumeRole", "*"))
}

// RoleAllows decides whether an identity policy allows an action on a resource. The
// error says why the policy cannot be read.
func RoleAllows(doc, action, resource string) (Decision, string, error) {
	doc, err := completed(doc, "Principal")
	if err != nil {
		return Unknown, "the policy cannot be read", err
	}
	return Evaluate(doc, Request{Service: EventBridge, Action: action, Resource: resource, Context: map[string][]string{"aws:SecureTransport": {"true"}}})
}

// Admits decides whether the policy of a bus lets another account put events. The
// error says why the policy cannot be read.
func Admits(doc, account, organization, partition, bus string) (Decision, string, error) {
	// The statement's principals are accounts, not services: what names the account
	// is written as what Evaluate looks for.
	doc, err := forAccount(doc, account, partition)
	if err != nil {
		return Unknown, "the policy cannot be read", err
	}
	req := Request{Service: EventBridge, Action: "events:PutEvents", Resource: bus, Context: map[string][]string{
		"aws:SecureTransport": {"true"}, "aws:PrincipalAccount": {account},
	}}
	if organization != "" {
		req.Context["aws:PrincipalOrgID"] = []string{organization}
	}
	return Evaluate(doc, req)
}

// completed gives every statement an element that policies of this kind do not have,
// for everything.
func completed(doc, element string) (string, error) {
	return eachStatement(doc, func(s map[string]json.RawMessage) { s[element] = json.RawMessage(`"*"`) })
}

// forAccount puts EventBridge in the place of the principals that stand for an
// account.
func forAccount(doc, account, partition string) (string, error) {
	return eachStatement(doc, func(s map[string]json.RawMessage) {
		var p struct{ AWS any }
		if json.Unmarshal(s["Principal"], &p) != nil {
			return
		}
		list, ok := p.AWS.([]any)
		if !ok {
			list = []any{p.AWS}
		}
		for _, one := range list {
			if one == account || one == fmt.Sprintf("arn:%s:iam::%s:root", partition, account) {
				s["Principal"] = json.RawMessage(`{"Service":"` + EventBridge + `"}`)
			}
		}
	})
}

// eachStatement changes the statements of a policy.
func eachStatement(doc string, change func(map[string]json.RawMessage)) (string, error) {
	if len(doc) > maxBytes {
		return "", fmt.Errorf("%d bytes are more than a policy can have", len(doc))
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal([]byte(doc), &top); err != nil {
		return "", fmt.Errorf("reading policy: %w", err)
	}
	var list []map[string]json.RawMessage
	if json.Unmarshal(top["Statement"], &list) != nil {
		var one map[string]json.RawMessage
		if err := json.Unmarshal(top["Statement"], &one); err != nil {
			return "", fmt.Errorf("reading policy: %w", err)
		}
		list = []map[string]json.RawMessage{one}
	}
	for _, s := range list {
		if s != nil {
			change(s)
		}
	}
	text, err := json.Marshal(list)
	if err != nil {
		return "", fmt.Errorf("writing policy: %w", err)
	}
	top["Statement"] = text
	out, err := json.Marshal(top)
	return string(out), err
}
