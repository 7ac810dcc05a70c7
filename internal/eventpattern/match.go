package eventpattern

import (
	"fmt"
	"slices"
)

// Match reports whether AWS's engine lets the pattern match an event, as JSON.
// What is no JSON object, and so never on a bus, does not match.
func (p *Pattern) Match(event []byte) Verdict {
	e, err := Decode(event)
	if err != nil {
		return NoMatch
	}
	return p.MatchDecoded(e)
}

// MatchDecoded is Match for an event that several patterns look at. The verdict
// is Undetermined only when hostile input makes the search too long, or when it
// rests on RuleNumberAsAddress.
func (p *Pattern) MatchDecoded(e *Event) Verdict {
	m := &matcher{event: e, steps: maxSteps, mixed: p.mixed}
	for _, b := range p.branches {
		m.failed = nil
		if m.branch(b, nil) {
			return Match
		}
		if m.steps <= 0 {
			return Undetermined
		}
	}
	if m.doubt {
		return Undetermined
	}
	return NoMatch
}

// A matcher looks for leaves that satisfy the fields of a branch together.
type matcher struct {
	event  *Event
	steps  int
	failed map[string]bool // fields left and members chosen that lead nowhere
	mixed  map[string]bool // Pattern.mixed
	doubt  bool            // a number was not looked at as at an address
}

// branch reports whether the fields have leaves that are consistent with the
// members chosen for the fields before.
func (m *matcher) branch(fields Branch, chosen []membership) bool {
	if len(fields) == 0 {
		return true
	}
	key := ""
	if len(chosen) > 0 {
		key = fmt.Sprint(len(fields), chosen)
		if m.failed[key] {
			return false
		}
	}
	if m.field(fields, chosen) {
		return true
	}
	if key != "" {
		if m.failed == nil {
			m.failed = map[string]bool{}
		}
		m.failed[key] = true
	}
	return false
}

// field tries the first of the fields, and the others behind it.
func (m *matcher) field(fields Branch, chosen []membership) bool {
	f := &fields[0]
	absent := true
	for i := range m.event.leaves[f.Path] {
		l := &m.event.leaves[f.Path][i]
		if m.steps--; m.steps <= 0 {
			return false
		}
		together, ok := join(chosen, l.members)
		if !ok {
			continue
		}
		absent = false
		if m.accepts(f, l) && m.branch(fields[1:], together) {
			return true
		}
	}
	return absent && f.acceptsAbsence() && m.branch(fields[1:], chosen)
}

// accepts reports whether some test holds of l, and notes where that rests on
// RuleNumberAsAddress.
func (m *matcher) accepts(f *Field, l *leaf) bool {
	if !m.mixed[f.Path] || l.kind != leafNumber || !l.number.exact {
		return f.accepts(l)
	}
	other := slices.ContainsFunc(f.Tests, func(t Test) bool { return !isAddress(t) && t.holds(l) })
	if !other && f.accepts(l) {
		m.doubt = true
	}
	return other
}

// mixedPaths returns the paths on which one branch compares numbers by value and
// another asks for addresses.
func mixedPaths(branches []Branch) map[string]bool {
	mixed := map[string]bool{}
	if len(branches) < 2 {
		return mixed
	}
	values, addresses := map[string]bool{}, map[string]bool{}
	for _, b := range branches {
		for _, f := range b {
			values[f.Path] = values[f.Path] || slices.ContainsFunc(f.Tests, byValue)
			addresses[f.Path] = addresses[f.Path] || slices.ContainsFunc(f.Tests, isAddress)
		}
	}
	for path := range values {
		if values[path] && addresses[path] {
			mixed[path] = true
		}
	}
	return mixed
}

// accepts reports whether some test holds of l. Where numbers are compared by
// value, the engine no longer looks at a number's digits as at an address.
func (f *Field) accepts(l *leaf) bool {
	digits := l.kind != leafNumber || !l.number.exact || !slices.ContainsFunc(f.Tests, byValue)
	return slices.ContainsFunc(f.Tests, func(t Test) bool {
		return (digits || !isAddress(t)) && t.holds(l)
	})
}

// byValue reports whether t compares numbers by value.
func byValue(t Test) bool {
	switch t := t.(type) {
	case *Number:
		return t.exact
	case *Numeric:
		return true
	case *AnythingBut:
		return len(t.Numbers) > 0
	default:
		return false
	}
}

// isAddress reports whether t is about IP addresses.
func isAddress(t Test) bool {
	switch t := t.(type) {
	case *CIDR:
		return true
	case *Text:
		return t.span != nil
	default:
		return false
	}
}

func (f *Field) acceptsAbsence() bool {
	return slices.ContainsFunc(f.Tests, func(t Test) bool {
		e, ok := t.(*Exists)
		return ok && !e.Present
	})
}

// join returns the members of both lists, ascending by array. It reports false
// when they are different members of one array.
func join(a, b []membership) ([]membership, bool) {
	if len(b) == 0 {
		return a, true
	}
	joined := make([]membership, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] == b[0]:
			joined, a, b = append(joined, a[0]), a[1:], b[1:]
		case a[0].array == b[0].array:
			return nil, false
		case a[0].array < b[0].array:
			joined, a = append(joined, a[0]), a[1:]
		default:
			joined, b = append(joined, b[0]), b[1:]
		}
	}
	return append(append(joined, a...), b...), true
}
