package policy

import (
	"encoding/json"
	"fmt"
	"strings"
)

// condition evaluates the Condition element: all keys of all operators must
// hold.
func (s statement) condition(req Request) (truth, string) {
	text, ok := s.elements["Condition"]
	if !ok {
		return yes, ""
	}
	operators, ok := object(text)
	if !ok {
		return maybe, "the condition is not understood"
	}
	t, why := yes, ""
	for _, name := range sortedKeys(operators) {
		keys, ok := object(operators[name])
		if !ok {
			t, why = atMost(t, why, maybe, fmt.Sprintf("the condition %.60s is not understood", name))
			continue
		}
		for _, key := range sortedKeys(keys) {
			got, reason := test(req, name, key, keys[key])
			t, why = atMost(t, why, got, reason)
		}
	}
	return t, why
}

// atMost keeps the lesser of two truths, with its reason.
func atMost(t truth, why string, other truth, reason string) (truth, string) {
	if other < t {
		return other, reason
	}
	return t, why
}

// An operator is a condition operator taken apart.
type operator struct {
	base     string // lower case, such as "stringlike"
	negated  bool
	ifExists bool
	set      string // "", "forallvalues", "foranyvalue"
}

// parseOperator takes apart "ForAllValues:StringNotLikeIfExists"; the negated
// operators are named by their positive twin.
func parseOperator(name string) operator {
	var op operator
	op.base = strings.ToLower(name)
	if set, rest, ok := strings.Cut(op.base, ":"); ok {
		op.set, op.base = set, rest
	}
	op.base, op.ifExists = strings.CutSuffix(op.base, "ifexists")
	for _, family := range []string{"string", "arn", "numeric", "date", ""} {
		if rest, ok := strings.CutPrefix(op.base, family+"not"); ok {
			op.base, op.negated = family+rest, true
			break
		}
	}
	return op
}

// comparisons are the operators, by the name of the positive one. Of numbers,
// dates and addresses that a service sends nothing is known; such an operator
// is certain only when the key is absent.
var comparisons = map[string]func(pattern, value string) truth{
	"stringequals":           func(p, v string) truth { return is(p == v) },
	"stringequalsignorecase": func(p, v string) truth { return is(strings.EqualFold(p, v)) },
	"stringlike":             func(p, v string) truth { return is(wildcard(p, v)) },
	"arnequals":              matchARN, // AWS: behaves as ArnLike
	"arnlike":                matchARN,
	"bool":                   func(p, v string) truth { return is(strings.EqualFold(p, v)) },

	"numericequals":            uncertain,
	"numericlessthan":          uncertain,
	"numericlessthanequals":    uncertain,
	"numericgreaterthan":       uncertain,
	"numericgreaterthanequals": uncertain,
	"dateequals":               uncertain,
	"datelessthan":             uncertain,
	"datelessthanequals":       uncertain,
	"dategreaterthan":          uncertain,
	"dategreaterthanequals":    uncertain,
	"ipaddress":                uncertain,
	"binaryequals":             uncertain,
}

// beginning returns the comparison for an operator with a value if only the
// beginning is known.
func beginning(operator string) func(pattern, begin string) truth {
	return func(pattern, begin string) truth {
		literal := pattern
		if i := strings.IndexAny(pattern, "*?"); i >= 0 && operator == "stringlike" {
			literal = pattern[:i]
		}
		rest := strings.TrimPrefix(pattern, literal)
		switch {
		case operator != "stringlike" && operator != "stringequals":
			return maybe
		case strings.HasPrefix(begin, literal) && rest == "*":
			return yes
		case strings.HasPrefix(begin, literal) && rest != "", strings.HasPrefix(literal, begin):
			return maybe
		}
		return no
	}
}

func uncertain(_, _ string) truth { return maybe }

// matchARN compares the six parts of an ARN one by one.
func matchARN(pattern, value string) truth {
	p, v := strings.SplitN(pattern, ":", 6), strings.SplitN(value, ":", 6)
	if len(p) != 6 || len(v) != 6 {
		return maybe
	}
	for i := range p {
		if !wildcard(p[i], v[i]) {
			return no
		}
	}
	return yes
}

// test evaluates one key of one operator.
func test(req Request, name, key string, text json.RawMessage) (truth, string) {
	label := fmt.Sprintf("%.60s %.100s", name, key)
	patterns, ok := texts(text)
	if !ok {
		return maybe, "the values of the condition " + label + " are not understood"
	}
	values, present, known := req.lookup(key)
	begin, begun := req.begin(key)
	if begun {
		values, present, known = []string{begin}, true, true
	}
	if why := req.unread(key); !known && why != "" {
		return maybe, fmt.Sprintf("the condition %s depends on the organization of the alarm's account: %s", label, why)
	}
	if !known {
		return maybe, fmt.Sprintf("the condition %s depends on a key whose value in the request is not known", label)
	}
	unmet := fmt.Sprintf("the condition %s is not met", label)
	op := parseOperator(name)
	if op.base == "null" && op.set == "" && !op.ifExists {
		return testNull(patterns, present), unmet
	}
	compare, ok := comparisons[op.base]
	if !ok || op.set != "" && op.set != "forallvalues" && op.set != "foranyvalue" {
		return maybe, fmt.Sprintf("the operator %.60s is not understood", name)
	}
	if !present {
		return op.absent(), unmet
	}
	if begun {
		compare = beginning(op.base)
	}
	t := op.test(patterns, values, compare)
	if t == maybe && begun {
		return t, fmt.Sprintf("the condition %s depends on more of %s than its beginning %s, which no call of monitorctl tells", label, key, begin)
	}
	if t == maybe {
		return t, fmt.Sprintf("a value of the condition %s is not understood", label)
	}
	return t, unmet
}

// testNull evaluates the operator Null: "true" wants the key absent.
func testNull(patterns []string, present bool) truth {
	t := no
	for _, p := range patterns {
		switch strings.ToLower(p) {
		case "true":
			t = max(t, is(!present))
		case "false":
			t = max(t, is(present))
		default:
			t = max(t, maybe)
		}
	}
	return t
}

// absent is what the operator gives for a key that the request does not carry.
func (op operator) absent() truth {
	switch {
	case op.ifExists || op.set == "forallvalues":
		return yes
	case op.set == "foranyvalue" && op.negated:
		return maybe // the two rules contradict each other
	case op.set == "foranyvalue":
		return no
	default:
		return is(op.negated)
	}
}

// test compares the values that the request carries. Without a set operator
// one value has to match one pattern, and none may for a negated operator.
func (op operator) test(patterns, values []string, compare func(p, v string) truth) truth {
	all, some := yes, no
	for _, v := range values {
		t := no
		for _, p := range patterns {
			if hasVariable(p) {
				t = max(t, maybe)
			} else {
				t = max(t, compare(p, v))
			}
		}
		if op.negated {
			t = t.not()
		}
		all, some = min(all, t), max(some, t)
	}
	switch {
	case op.set == "forallvalues", op.set == "" && op.negated:
		return all
	default:
		return some
	}
}
