package condition

import (
	"slices"
	"strings"
)

// A Value is what a condition does with the records of an event that have a given
// status and level. The order is that of AND (the least) and OR (the greatest).
type Value int8

// Values.
const (
	No    Value = iota // it matches none
	Some               // it matches some of them at most: the others have another caller, another group, ...
	Maybe              // nobody documents whether it matches
	Yes                // it matches all
)

// Of returns what the condition does with the records of an event that have the
// status and level; both are "" for Service Health.
func (c Condition) Of(e Event, status, level string) Value {
	v := Yes
	for _, cl := range c.Clauses {
		v = min(v, cl.of(e, status, level))
	}
	return v
}

func (c Clause) of(e Event, status, level string) Value {
	v := No
	for _, l := range c.Leaves {
		v = max(v, l.of(e, status, level))
	}
	if c.Unclear != "" {
		return Maybe
	}
	return v
}

func (l Leaf) of(e Event, status, level string) Value {
	if l.Unclear != "" {
		return Maybe
	}
	value, known := e.known[l.field]
	switch {
	case known:
	case e.calls && l.field == "status":
		value = folded[status]
	case e.calls && l.field == "level":
		value = folded[level]
	default:
		return l.free(e)
	}
	v := l.compare(value)
	if slices.Contains(e.vague, l.field) && v == No {
		return Maybe
	}
	return v
}

// compare compares the one value of a field, which is in lower case.
func (l Leaf) compare(value string) Value {
	out := No
	for _, want := range l.values {
		switch {
		case want == value:
			return Yes
		case l.Any && strings.Contains(value, want):
			out = Maybe
		}
	}
	return out
}

// free is what a leaf does on a field that can have any value. Should a part of a value
// be enough for containsAny, then one that every resource id has would always match.
func (l Leaf) free(e Event) Value {
	if !l.Any {
		return Some
	}
	for _, want := range l.values {
		if want == "" || l.field == "resourceid" && slices.ContainsFunc(e.parts, func(part string) bool { return strings.Contains(part, want) }) {
			return Maybe
		}
	}
	return Some
}

// Names reports whether some leaf on the operation, its type or its provider, or of
// Service Health on the category, is about the event, whatever the others demand.
func (c Condition) Names(e Event) bool {
	about := []string{"operationname", "resourcetype", "resourceprovider"}
	if !e.calls {
		about = []string{"category"}
	}
	for _, cl := range c.Clauses {
		for _, l := range cl.Leaves {
			if l.Unclear == "" && slices.Contains(about, l.field) && l.of(e, Succeeded, Informational) >= Maybe {
				return true
			}
		}
	}
	return false
}

// Never reports whether no record at all can meet the condition: two leaves of allOf
// demand different values of one field.
func (c Condition) Never() bool {
	demanded := map[string][]string{}
	for _, cl := range c.Clauses {
		if cl.Any || cl.Unclear != "" || len(cl.Leaves) != 1 || cl.Leaves[0].Any || cl.Leaves[0].Unclear != "" {
			continue
		}
		l := cl.Leaves[0]
		if slices.ContainsFunc(demanded[l.field], func(v string) bool { return v != l.values[0] }) {
			return true
		}
		demanded[l.field] = append(demanded[l.field], l.values[0])
	}
	return false
}

// A Blame is a clause that keeps a condition from matching every call of an event.
type Blame struct {
	Clause Clause
	Field  string // as written, of its first leaf that does
	Value  Value  // what it does with the records that it serves best
}

// Blames returns the clauses that do not match every call of an event by themselves,
// in their order; of clauses on status and level those that leave out the records
// that matter.
func (c Condition) Blames(e Event) []Blame {
	var out []Blame
	for _, cl := range c.Clauses {
		alone := Condition{[]Clause{cl}}
		if Cover(e, []Condition{alone}).Fit == Whole {
			continue
		}
		b := Blame{Clause: cl, Value: alone.best(e)}
		if len(cl.Leaves) > 0 {
			b.Field = cl.Leaves[0].Field
		}
		out = append(out, b)
	}
	return out
}

// best returns what a condition does with the records of an event that it serves
// best.
func (c Condition) best(e Event) Value {
	if !e.calls {
		return c.Of(e, "", "")
	}
	v := No
	for _, s := range []string{Started, Accepted, Succeeded} {
		for _, l := range levels {
			v = max(v, c.Of(e, s, l))
		}
	}
	return v
}
