package awstest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// passesFilter reports whether a message passes the filter policy of a
// subscription, which looks at the message's attributes or, with the scope
// MessageBody, at the members of its JSON body.
// Source: SNS developer guide, "Message filtering".
func passesFilter(attributes map[string]string, m message) bool {
	if attributes["FilterPolicy"] == "" {
		return true
	}
	var policy map[string]any
	if json.Unmarshal([]byte(attributes["FilterPolicy"]), &policy) != nil {
		return false
	}
	content := map[string]any{}
	if attributes["FilterPolicyScope"] == "MessageBody" {
		if json.Unmarshal([]byte(m.body), &content) != nil {
			return false
		}
	} else {
		for name, value := range m.attributes {
			content[name] = value
		}
	}
	return policyPasses(policy, content)
}

// policyPasses wants every key of the policy satisfied; "$or" wants one of its
// alternatives satisfied.
func policyPasses(policy, content map[string]any) bool {
	for name, rules := range policy {
		if name == "$or" {
			if !anyAlternative(rules, content) {
				return false
			}
			continue
		}
		value, present := content[name]
		if nested, ok := rules.(map[string]any); ok {
			inner, _ := value.(map[string]any)
			if !policyPasses(nested, inner) {
				return false
			}
			continue
		}
		if list, ok := rules.([]any); !ok || !anyRule(list, value, present) {
			return false
		}
	}
	return true
}

func anyAlternative(alternatives any, content map[string]any) bool {
	list, _ := alternatives.([]any)
	for _, a := range list {
		if policy, ok := a.(map[string]any); ok && policyPasses(policy, content) {
			return true
		}
	}
	return false
}

// anyRule reports whether one of the rules of a key accepts its value; of a list
// value one member suffices.
func anyRule(rules []any, value any, present bool) bool {
	values := []any{value}
	if list, ok := value.([]any); ok {
		values = list
	}
	for _, rule := range rules {
		if operator, ok := rule.(map[string]any); ok {
			if want, ok := operator["exists"]; ok {
				if want == present {
					return true
				}
				continue
			}
		}
		for _, v := range values {
			if present && ruleAccepts(rule, v) {
				return true
			}
		}
	}
	return false
}

// ruleAccepts evaluates one rule; a rule that is not known accepts nothing.
func ruleAccepts(rule, value any) bool {
	operator, ok := rule.(map[string]any)
	if !ok {
		return rule == value
	}
	text, isText := value.(string)
	for name, operand := range operator {
		word, _ := operand.(string)
		switch name {
		case "prefix":
			return isText && strings.HasPrefix(text, word)
		case "suffix":
			return isText && strings.HasSuffix(text, word)
		case "wildcard":
			return isText && like(word, text)
		case "equals-ignore-case":
			return isText && strings.EqualFold(text, word)
		case "anything-but":
			return !acceptsAnyOf(operand, value)
		case "numeric":
			return numericAccepts(operand, value)
		}
	}
	return false
}

// acceptsAnyOf reads the operand of anything-but: a value, a list or an
// operator.
func acceptsAnyOf(operand, value any) bool {
	list, ok := operand.([]any)
	if !ok {
		list = []any{operand}
	}
	for _, rule := range list {
		if ruleAccepts(rule, value) {
			return true
		}
	}
	return false
}

// numericAccepts evaluates ["=", 1] or [">=", 0, "<", 10].
func numericAccepts(operand, value any) bool {
	list, _ := operand.([]any)
	n, ok := value.(float64)
	if !ok || len(list) == 0 || len(list)%2 != 0 {
		return false
	}
	for i := 0; i < len(list); i += 2 {
		limit, ok := list[i+1].(float64)
		if !ok {
			return false
		}
		holds := map[string]bool{"=": n == limit, "<": n < limit, "<=": n <= limit, ">": n > limit, ">=": n >= limit}
		if !holds[fmt.Sprint(list[i])] {
			return false
		}
	}
	return true
}
