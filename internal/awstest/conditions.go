package awstest

import (
	"slices"
	"strings"
)

// conditionsHold evaluates the Condition block of a statement: every operator
// and key must hold, one of the values suffices. A negated operator wants none
// of the values. An operator that is not known never holds, which makes an Allow
// useless and a Deny harmless.
// Source: IAM user guide, "IAM JSON policy elements: Condition operators".
func conditionsHold(block map[string]map[string]oneOrMany[scalar], context map[string]string) bool {
	for operator, keys := range block {
		for name, values := range keys {
			if !conditionHolds(operator, values, context, strings.ToLower(name)) {
				return false
			}
		}
	}
	return true
}

func conditionHolds(operator string, values []scalar, context map[string]string, key string) bool {
	actual, present := context[key]
	if operator == "Null" {
		return slices.Contains(values, "true") && !present || slices.Contains(values, "false") && present
	}
	// The keys here have one value each, for which ForAnyValue and ForAllValues
	// differ only when the key is absent.
	if rest, ok := strings.CutPrefix(operator, "ForAllValues:"); ok {
		if !present {
			return true
		}
		operator = rest
	}
	operator = strings.TrimPrefix(operator, "ForAnyValue:")
	operator, ifExists := strings.CutSuffix(operator, "IfExists")
	test, negated := comparison(operator)
	switch {
	case test == nil:
		return false
	case !present:
		return ifExists || negated
	}
	return negated != slices.ContainsFunc(values, func(v scalar) bool { return test(string(v), actual) })
}

// comparison returns the test behind an operator, and whether the operator is
// its negation; nil for operators that are not known.
func comparison(operator string) (test func(value, actual string) bool, negated bool) {
	equal := func(value, actual string) bool { return value == actual }
	switch operator {
	case "StringEquals":
		return equal, false
	case "StringNotEquals":
		return equal, true
	case "StringEqualsIgnoreCase":
		return strings.EqualFold, false
	case "StringNotEqualsIgnoreCase":
		return strings.EqualFold, true
	case "StringLike", "ArnLike", "ArnEquals": // ArnEquals takes asterisks as ArnLike does
		return like, false
	case "StringNotLike", "ArnNotLike", "ArnNotEquals":
		return like, true
	case "Bool":
		return strings.EqualFold, false
	default:
		return nil, false
	}
}
