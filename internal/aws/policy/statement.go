package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// A statement is one statement of a policy, its elements still as text: what
// cannot be read is uncertain only where it is looked at.
type statement struct {
	name     string // for reasons: `statement "x"` or "statement 2"
	effect   string // Allow, Deny; anything else may be either
	elements map[string]json.RawMessage
}

func newStatement(index int, elements map[string]json.RawMessage) statement {
	s := statement{name: fmt.Sprintf("statement %d", index+1), elements: elements}
	var sid, effect string
	if json.Unmarshal(elements["Sid"], &sid) == nil && sid != "" {
		s.name = fmt.Sprintf("statement %.100q", sid)
	}
	if json.Unmarshal(elements["Effect"], &effect) == nil {
		s.effect = effect
	}
	return s
}

var knownElements = []string{
	"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}

// matches reports whether the statement concerns the request.
func (s statement) matches(req Request) answer {
	parts := []func(Request) (truth, string){s.principal, s.action, s.resource, s.condition, s.rest}
	out := answer{truth: yes, why: s.name}
	for met, part := range parts {
		t, why := part(req)
		switch {
		case t == no && met < len(parts)-2:
			// Statements about others are not worth naming.
			return answer{truth: no, met: met}
		case t == no:
			return answer{no, s.name + ": " + why, met}
		case t == maybe && out.truth == yes:
			out = answer{maybe, s.name + ": " + why, met}
		}
	}
	return out
}

// rest finds elements and effects that are not understood.
func (s statement) rest(Request) (truth, string) {
	if s.effect != "Allow" && s.effect != "Deny" {
		return maybe, fmt.Sprintf("effect %.40q is not understood", s.effect)
	}
	var unknown []string
	for name := range s.elements {
		if !slices.Contains(knownElements, name) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		return maybe, fmt.Sprintf("element %.40q is not understood", slices.Min(unknown))
	}
	return yes, ""
}

// oneOf evaluates an element that has a negated twin, such as Action and
// NotAction. A statement has exactly one of the two.
func (s statement) oneOf(name string, match func(json.RawMessage) (truth, string)) (truth, string) {
	plain, ok := s.elements[name]
	negated, notOK := s.elements["Not"+name]
	switch {
	case ok == notOK:
		return maybe, fmt.Sprintf("it does not have exactly one of the elements %s and Not%s", name, name)
	case ok:
		return match(plain)
	default:
		t, why := match(negated)
		return t.not(), why
	}
}

func (s statement) principal(req Request) (truth, string) {
	return s.oneOf("Principal", func(text json.RawMessage) (truth, string) { return matchPrincipal(text, req.Service) })
}

func (s statement) action(req Request) (truth, string) {
	return s.oneOf("Action", func(text json.RawMessage) (truth, string) {
		return matchSome(text, "an action", func(p string) truth {
			return is(wildcard(strings.ToLower(p), strings.ToLower(req.Action)))
		})
	})
}

func (s statement) resource(req Request) (truth, string) {
	return s.oneOf("Resource", func(text json.RawMessage) (truth, string) {
		return matchSome(text, "a resource", func(p string) truth {
			if hasVariable(p) {
				return maybe
			}
			return is(wildcard(p, req.Resource))
		})
	})
}

// matchPrincipal reports whether a service is among the principals.
func matchPrincipal(text json.RawMessage, service string) (truth, string) {
	var all string
	if json.Unmarshal(text, &all) == nil {
		if all == "*" {
			return yes, ""
		}
		return maybe, fmt.Sprintf("principal %.100q is not understood", all)
	}
	kinds, ok := object(text)
	if !ok || len(kinds) == 0 {
		return maybe, "the principal is not understood"
	}
	t, why := no, ""
	for _, kind := range sortedKeys(kinds) {
		got, reason := matchPrincipals(kind, kinds[kind], service)
		if got > t {
			t, why = got, reason
		}
	}
	return t, why
}

func matchPrincipals(kind string, text json.RawMessage, service string) (truth, string) {
	switch kind {
	case "AWS":
		return matchSome(text, "a principal", func(p string) truth { return is(p == "*") })
	case "Service":
		return matchSome(text, "a service", func(p string) truth {
			// Some services have another name in China; whether CloudWatch goes by
			// it is not known.
			if p == "*" || p == service+".cn" {
				return maybe
			}
			return is(p == service)
		})
	case "Federated", "CanonicalUser":
		return no, ""
	default:
		return maybe, fmt.Sprintf("principals of the kind %.40q are not understood", kind)
	}
}

// matchSome reads one text or a list of texts and reports whether one matches.
func matchSome(text json.RawMessage, what string, match func(string) truth) (truth, string) {
	list, ok := texts(text)
	if !ok {
		return maybe, what + " is not understood"
	}
	t, why := no, ""
	for _, p := range list {
		if got := match(p); got > t {
			t, why = got, fmt.Sprintf("%s is not understood: %.100q", what, p)
		}
	}
	return t, why
}

// object reads a JSON object.
func object(text json.RawMessage) (map[string]json.RawMessage, bool) {
	var m map[string]json.RawMessage
	err := json.Unmarshal(text, &m)
	return m, err == nil && m != nil
}

// texts reads a text, number or truth value, or a list of such.
func texts(text json.RawMessage) ([]string, bool) {
	var list []json.RawMessage
	if json.Unmarshal(text, &list) != nil || list == nil {
		list = []json.RawMessage{text}
	}
	out := make([]string, len(list))
	for i, item := range list {
		var v any
		if json.Unmarshal(item, &v) != nil {
			return nil, false
		}
		switch v := v.(type) {
		case string:
			out[i] = v
		case bool, float64:
			out[i] = strings.TrimSpace(string(item))
		default:
			return nil, false
		}
	}
	return out, true
}

func sortedKeys(m map[string]json.RawMessage) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// hasVariable reports whether a text holds a policy variable.
func hasVariable(p string) bool { return strings.Contains(p, "${") }

// wildcard matches text against a pattern in which * is any run of characters
// and ? is one.
func wildcard(pattern, text string) bool {
	star, mark, p, t := -1, 0, 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
