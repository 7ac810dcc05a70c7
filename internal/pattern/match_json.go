package pattern

import (
	"encoding/json"

	"github.com/monitorctl/monitorctl/internal/record"
)

// holds reports whether the condition, whose selector has no wildcard, is true of
// the node that its selector finds. Only comparisons of text depend on the
// reading.
//
//	          =           !=                 < <= > >=  IS NULL  IS TRUE  IS FALSE  NOT EXISTS
//	missing   -           -                  -          -        -        -         true
//	null      -           -                  -          true     -        -         -
//	true      -           -                  -          -        true     -         -
//	false     -           -                  -          -        -        true      -
//	object    -           -                  -          -        -        -         -
//	array     -           -                  -          member   -        -         -
//	string    text rule   not text rule      -          -        -        -         -
//	number    number rule not number rule    by value   -        -        -         -
func (c *condition) holds(n record.Value, r reading) bool {
	switch c.op {
	case opEqual:
		return c.val.equals(n, r)
	case opNotEqual:
		return c.val.comparable(n) && !c.val.equals(n, r)
	case opIsNull:
		return n.Kind == record.Null || n.Kind == record.Array && n.NullMember
	case opIsTrue:
		return n.Kind == record.True
	case opIsFalse:
		return n.Kind == record.False
	case opNotExists:
		return n.Kind == record.Missing
	default:
		return c.ordered(n)
	}
}

// equals reports whether a node equals the value. Only strings and numbers do.
func (v value) equals(n record.Value, r reading) bool {
	switch {
	case n.Kind == record.String && v.kind == valueNumber:
		return n.Text == v.text // by spelling, never by value
	case n.Kind == record.String:
		return v.equalsText(n.Text, r)
	case n.Kind == record.Number && v.kind == valueNumber:
		return v.num.equalJSON(n)
	case n.Kind == record.Number:
		return v.equalsText(record.JavaText(n.Text), r)
	default:
		return false
	}
}

// comparable reports whether != is the opposite of = for a node: it is for strings
// and numbers, except that no number literal compares with a number beyond the
// range of doubles.
func (v value) comparable(n record.Value) bool {
	if n.Kind == record.Number && v.kind == valueNumber {
		_, finite := n.Decimal()
		return finite
	}
	return n.Kind == record.String || n.Kind == record.Number
}

// ordered decides <, <=, > and >=, which only numbers satisfy.
func (c *condition) ordered(n record.Value) bool {
	if n.Kind != record.Number {
		return false
	}
	cmp, ok := c.val.num.compareJSON(n)
	return ok && c.op.accepts(cmp)
}

// accepts reports whether an ordering operator is true of a left side that
// compares so (below, equal to or above zero) with the right side.
func (o operator) accepts(cmp int) bool {
	switch o {
	case opLess:
		return cmp < 0
	case opLessEqual:
		return cmp <= 0
	case opGreater:
		return cmp > 0
	default:
		return cmp >= 0
	}
}

// matches reports whether the condition is true of a decoded message.
func (c *condition) matches(root map[string]any, r reading) bool {
	for i, st := range c.sel {
		if st.Kind == record.Any {
			parent, found := resolve(root, c.sel[:i])
			return c.holdsForSome(parent, found, c.sel[i+1:], r)
		}
	}
	return c.holds(nodeOf(resolve(root, c.sel)), r)
}

// holdsForSome decides a condition whose selector has a wildcard behind parent;
// rest is what follows it. Its nodes are those that exist.
//
//	NOT EXISTS   there are no nodes
//	!=           the parent exists and no node equals the value
//	IS NULL      some node is null; members of arrays do not count here
//	all others   some node satisfies the condition
func (c *condition) holdsForSome(parent any, found bool, rest record.Path, r reading) bool {
	some := func(test func(record.Value) bool) bool {
		return anyMember(parent, func(member any) bool {
			v, ok := resolve(member, rest)
			return ok && test(nodeOf(v, ok))
		})
	}
	switch c.op {
	case opNotExists:
		return !some(func(record.Value) bool { return true })
	case opNotEqual:
		return found && !some(func(n record.Value) bool { return c.val.equals(n, r) })
	case opIsNull:
		return some(func(n record.Value) bool { return n.Kind == record.Null })
	default:
		return some(func(n record.Value) bool { return c.holds(n, r) })
	}
}

// anyMember reports whether test is true of a member of an array or object.
func anyMember(parent any, test func(any) bool) bool {
	switch p := parent.(type) {
	case []any:
		for _, member := range p {
			if test(member) {
				return true
			}
		}
	case map[string]any:
		for _, member := range p {
			if test(member) {
				return true
			}
		}
	}
	return false
}

// resolve follows steps without wildcards. Names lead on from objects only, and
// indexes from arrays.
func resolve(v any, steps record.Path) (any, bool) {
	for _, st := range steps {
		switch parent := v.(type) {
		case map[string]any:
			member, ok := parent[st.Name]
			if !ok || st.Kind != record.Name {
				return nil, false
			}
			v = member
		case []any:
			if st.Kind != record.Index || st.Index >= len(parent) {
				return nil, false
			}
			v = parent[st.Index]
		default:
			return nil, false
		}
	}
	return v, true
}

// nodeOf describes a decoded JSON value.
func nodeOf(v any, found bool) record.Value {
	if !found {
		return record.Value{Kind: record.Missing}
	}
	switch v := v.(type) {
	case bool:
		if v {
			return record.Value{Kind: record.True}
		}
		return record.Value{Kind: record.False}
	case string:
		return record.Value{Kind: record.String, Text: v}
	case json.Number:
		return record.Value{Kind: record.Number, Text: v.String()}
	case map[string]any:
		return record.Value{Kind: record.Object}
	case []any:
		isNull := func(member any) bool { return member == nil }
		return record.Value{Kind: record.Array, NullMember: anyMember(v, isNull)}
	default:
		return record.Value{Kind: record.Null}
	}
}
