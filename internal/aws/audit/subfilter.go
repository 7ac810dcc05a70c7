package audit

import (
	"encoding/json"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/chain"
)

// unsaid stands for a value of an alarm's message that cannot be known
// beforehand.
type unsaid struct{}

// alarmMessage is the body of the message that CloudWatch sends to a topic when
// an alarm goes to ALARM, as far as it is known. It has no attributes. Source:
// CloudWatch user guide, "Notify users on alarm changes"; the fields as they
// stand in a delivered message.
func alarmMessage(watch account.ARN) map[string]any {
	return map[string]any{
		"AlarmName": alarmName(watch.String()), "AlarmArn": watch.String(), "AWSAccountId": watch.Account, "NewStateValue": "ALARM",
		"AlarmDescription": unsaid{}, "AlarmConfigurationUpdatedTimestamp": unsaid{}, "NewStateReason": unsaid{}, "StateChangeTime": unsaid{},
		"Region": unsaid{}, "OldStateValue": unsaid{}, "OKActions": unsaid{}, "AlarmActions": unsaid{}, "InsufficientDataActions": unsaid{}, "Trigger": unsaid{},
	}
}

// admits reports whether a subscription's filter policy lets an alarm's message
// through (Amazon SNS, "Subscription filter policies"). What is not understood
// is unread.
func admits(d account.SubscriptionDetails, watch account.ARN) chain.Truth {
	text := strings.TrimSpace(d.FilterPolicy)
	if text == "" {
		return chain.Good
	}
	var policy map[string]any
	dec := json.NewDecoder(strings.NewReader(text))
	if err := dec.Decode(&policy); err != nil {
		return chain.Unread
	}
	if d.FilterPolicyScope == "MessageBody" {
		return admitsAll(policy, alarmMessage(watch), 0)
	}
	return admitsAll(policy, nil, 0) // an alarm's message has no attributes
}

// maxPolicyDepth bounds nested keys; SNS allows five conditions in all.
const maxPolicyDepth = 10

// admitsAll demands every key of a policy.
func admitsAll(policy, message map[string]any, depth int) chain.Truth {
	if depth > maxPolicyDepth {
		return chain.Unread
	}
	g := chain.Good
	for key, want := range policy {
		g = min(g, admitsKey(key, want, message, depth))
	}
	return g
}

func admitsKey(key string, want any, message map[string]any, depth int) chain.Truth {
	if key == "$or" {
		return admitsSome(want, message, depth)
	}
	value, present := message[key]
	switch want := want.(type) {
	case map[string]any: // nested keys
		inner, ok := value.(map[string]any)
		switch {
		case ok:
			return admitsAll(want, inner, depth+1)
		case present && value == unsaid{}:
			return chain.Unread
		default:
			return admitsAll(want, nil, depth+1)
		}
	case []any:
		g := chain.Bad
		for _, one := range want {
			g = max(g, admitsValue(one, value, present))
		}
		return g
	}
	return chain.Unread
}

// admitsSome demands one of several policies.
func admitsSome(want any, message map[string]any, depth int) chain.Truth {
	list, ok := want.([]any)
	if !ok {
		return chain.Unread
	}
	g := chain.Bad
	for _, one := range list {
		inner, ok := one.(map[string]any)
		if !ok {
			return chain.Unread
		}
		g = max(g, admitsAll(inner, message, depth+1))
	}
	return g
}

// admitsValue evaluates one condition on one value.
func admitsValue(want, value any, present bool) chain.Truth {
	operators, ok := want.(map[string]any)
	if !ok {
		return isTrue(present && want == value, value)
	}
	g := chain.Good
	for op, arg := range operators {
		g = min(g, admitsOperator(op, arg, value, present))
	}
	return g
}

func admitsOperator(op string, arg, value any, present bool) chain.Truth {
	text, isText := value.(string)
	want, _ := arg.(string)
	switch op {
	case "exists":
		return isTrue(arg == present, nil)
	case "prefix":
		return isTrue(isText && strings.HasPrefix(text, want), value)
	case "suffix":
		return isTrue(isText && strings.HasSuffix(text, want), value)
	case "equals-ignore-case":
		return isTrue(isText && strings.EqualFold(text, want), value)
	case "anything-but":
		return anythingBut(arg, value, present)
	}
	if !present {
		return chain.Bad // every other operator looks at a value
	}
	return chain.Unread
}

// anythingBut demands a value that is none of the given ones.
func anythingBut(arg, value any, present bool) chain.Truth {
	if !present {
		return chain.Bad
	}
	list, ok := arg.([]any)
	if !ok {
		list = []any{arg}
	}
	g := chain.Good
	for _, one := range list {
		switch admitsValue(one, value, true) {
		case chain.Good:
			return chain.Bad
		case chain.Unread:
			g = chain.Unread
		}
	}
	return g
}

// isTrue grades a comparison; one with an unknown value is unread.
func isTrue(holds bool, value any) chain.Truth {
	switch {
	case value == unsaid{}:
		return chain.Unread
	case holds:
		return chain.Good
	}
	return chain.Bad
}
