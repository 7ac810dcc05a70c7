package match

import (
	"encoding/json"

	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
	"github.com/monitorctl/monitorctl/internal/record"
)

// Holds reports whether the condition, whose selector has no wildcard, is true of
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
func Holds(c *syntax.Condition, n record.Value, r Reading) bool {
	switch c.Op {
	case syntax.OpEqual:
		return equals(c.Val, n, r)
	case syntax.OpNotEqual:
		return comparableWith(c.Val, n) && !equals(c.Val, n, r)
	case syntax.OpIsNull:
		return n.Kind == record.Null || n.Kind == record.Array && n.NullMember
	case syntax.OpIsTrue:
		return n.Kind == record.True
	case syntax.OpIsFalse:
		return n.Kind == record.False
	case syntax.OpNotExists:
		return n.Kind == record.Missing
	default:
		return ordered(c, n)
	}
}

// equals reports whether a node equals the value. Only strings and numbers do.
func equals(v syntax.Value, n record.Value, r Reading) bool {
	switch {
	case n.Kind == record.String && v.Kind == syntax.ValueNumber:
		return n.Text == v.Text // by spelling, never by value
	case n.Kind == record.String:
		return EqualsText(v, n.Text, r)
	case n.Kind == record.Number && v.Kind == syntax.ValueNumber:
		return v.Num.EqualJSON(n)
	case n.Kind == record.Number:
		return EqualsText(v, record.JavaText(n.Text), r)
	default:
		return false
	}
}

// comparableWith reports whether != is the opposite of = for a node: it is for strings
// and numbers, except that no number literal compares with a number beyond the
// range of doubles.
func comparableWith(v syntax.Value, n record.Value) bool {
	if n.Kind == record.Number && v.Kind == syntax.ValueNumber {
		_, finite := n.Decimal()
		return finite
	}
	return n.Kind == record.String || n.Kind == record.Number
}

// ordered decides <, <=, > and >=, which only numbers satisfy.
func ordered(c *syntax.Condition, n record.Value) bool {
	if n.Kind != record.Number {
		return false
	}
	cmp, ok := c.Val.Num.CompareJSON(n)
	return ok && c.Op.Accepts(cmp)
}

// matches reports whether the condition is true of a decoded message.
func matches(c *syntax.Condition, root map[string]any, r Reading) bool {
	for i, st := range c.Sel {
		if st.Kind == record.Any {
			parent, found := resolve(root, c.Sel[:i])
			return holdsForSome(c, parent, found, c.Sel[i+1:], r)
		}
	}
	return Holds(c, At(root, c.Sel), r)
}

// holdsForSome decides a condition whose selector has a wildcard behind parent;
// rest is what follows it. Its nodes are those that exist.
//
//	NOT EXISTS   there are no nodes
//	!=           the parent exists and no node equals the value
//	IS NULL      some node is null; members of arrays do not count here
//	all others   some node satisfies the condition
func holdsForSome(c *syntax.Condition, parent any, found bool, rest record.Path, r Reading) bool {
	some := func(test func(record.Value) bool) bool {
		return anyMember(parent, func(member any) bool {
			v, ok := resolve(member, rest)
			return ok && test(nodeOf(v, ok))
		})
	}
	switch c.Op {
	case syntax.OpNotExists:
		return !some(func(record.Value) bool { return true })
	case syntax.OpNotEqual:
		return found && !some(func(n record.Value) bool { return equals(c.Val, n, r) })
	case syntax.OpIsNull:
		return some(func(n record.Value) bool { return n.Kind == record.Null })
	default:
		return some(func(n record.Value) bool { return Holds(c, n, r) })
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

// At returns what is at a path without wildcards below a value as encoding/json
// decodes it, numbers as json.Number.
func At(root any, path record.Path) record.Value { return nodeOf(resolve(root, path)) }

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
