package awstest

import (
	"fmt"
	"maps"
	"strings"
)

// defaultPolicy is the policy that AWS gives a new topic: everything for
// requests on behalf of its owner. Its form is AWS's.
func (t *topic) defaultPolicy() string {
	return fmt.Sprintf(`{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"%s","Condition":{"StringEquals":{"AWS:SourceOwner":"%s"}}}]}`,
		t.arn, t.owner)
}

type setTopicAttributesInput struct {
	TopicARN       string `json:"TopicArn" required:""`
	AttributeName  string `json:"AttributeName" required:""`
	AttributeValue string `json:"AttributeValue"`
}

// SetTopicAttribute sets one attribute of a topic, for example Policy or
// KmsMasterKeyId.
func (r *Region) SetTopicAttribute(arn, name, value string) error {
	return seedOnly[none](r, snsService, "SetTopicAttributes", &setTopicAttributesInput{arn, name, value})
}

func setTopicAttributes(c *call, in *setTopicAttributesInput) (*none, error) {
	old, home, err := c.findTopic(in.TopicARN, "SetTopicAttributes")
	if err != nil {
		return nil, err
	}
	if in.AttributeName == "FifoTopic" {
		return nil, errSNS("AttributeName")
	}
	t := *old
	t.attributes = maps.Clone(old.attributes)
	if err := t.set(in.AttributeName, in.AttributeValue); err != nil {
		return nil, err
	}
	home.topics[t.name] = &t
	return &none{}, nil
}

// set changes one attribute. Keys are not looked at before something is
// published.
func (t *topic) set(name, value string) error {
	switch name {
	case "Policy":
		if err := t.checkPolicy(value); err != nil {
			return err
		}
	case "DisplayName":
		if len(value) > 100 {
			return errSNS("DisplayName")
		}
	case "KmsMasterKeyId", "FifoTopic", "ContentBasedDeduplication", "FifoThroughputScope", "DeliveryPolicy", "SignatureVersion", "TracingConfig":
	default:
		return errSNS("AttributeName")
	}
	t.attributes[name] = value
	return nil
}

// Limits of topic policies. Source: SNS API reference and quotas.
const (
	maxPolicyBytes      = 30 * 1024
	maxPolicyStatements = 100
)

func (t *topic) checkPolicy(text string) error {
	if text == "" {
		return nil // back to the default
	}
	wrong := func(reason string) error { return errSNS("Policy Error: " + reason) }
	p, err := parsePolicy(text)
	switch {
	case len(text) > maxPolicyBytes:
		return wrong("the policy is too long")
	case err != nil:
		return wrong(err.Error())
	case len(p.Statement) == 0:
		return wrong("the policy has no statement")
	case len(p.Statement) > maxPolicyStatements:
		return wrong("the policy has too many statements")
	}
	for _, s := range p.Statement {
		if err := t.checkStatement(s); err != "" {
			return wrong(err)
		}
	}
	return nil
}

func (t *topic) checkStatement(s statement) string {
	if s.Effect != "Allow" && s.Effect != "Deny" {
		return "Effect must be Allow or Deny"
	}
	if s.Principal == nil && s.NotPrincipal == nil {
		return "a statement has no Principal"
	}
	if len(s.Action)+len(s.NotAction) == 0 {
		return "a statement has no Action"
	}
	for _, action := range append(append([]string{}, s.Action...), s.NotAction...) {
		if action != "*" && !strings.HasPrefix(strings.ToLower(action), "sns:") {
			return "Policy statement action out of service scope!"
		}
	}
	for _, resource := range s.Resource {
		if !like(resource, t.arn) {
			return "Policy statement resource does not name this topic"
		}
	}
	return ""
}
