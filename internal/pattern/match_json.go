package pattern

import "encoding/json"

// A nodeValue is what a selector finds in a message, or that it finds nothing.
type nodeValue struct {
	kind nodeKind
	text string // nodeString: the text; nodeNumber: the spelling in the message

	// nullMember says that a direct member of a nodeArray is null.
	nullMember bool
}

type nodeKind byte

const (
	nodeMissing nodeKind = iota
	nodeNull
	nodeTrue
	nodeFalse
	nodeObject
	nodeArray
	nodeString
	nodeNumber
)

// holds says whether the condition, whose selector has no wildcard, is true of
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
func (c *condition) holds(n nodeValue, r reading) bool {
	switch c.op {
	case opEqual:
		return c.val.equals(n, r)
	case opNotEqual:
		return c.val.comparable(n) && !c.val.equals(n, r)
	case opIsNull:
		return n.kind == nodeNull || n.kind == nodeArray && n.nullMember
	case opIsTrue:
		return n.kind == nodeTrue
	case opIsFalse:
		return n.kind == nodeFalse
	case opNotExists:
		return n.kind == nodeMissing
	default:
		return c.ordered(n)
	}
}

// equals says whether a node equals the value. Only strings and numbers do.
func (v value) equals(n nodeValue, r reading) bool {
	switch {
	case n.kind == nodeString && v.kind == valueNumber:
		return n.text == v.text // by spelling, never by value
	case n.kind == nodeString:
		return v.equalsText(n.text, r)
	case n.kind == nodeNumber && v.kind == valueNumber:
		return v.num.equalJSON(n.text)
	case n.kind == nodeNumber:
		return v.equalsText(javaRender(n.text), r)
	default:
		return false
	}
}

// comparable says whether != is the opposite of = for a node: it is for strings
// and numbers, except that no number literal compares with a number beyond the
// range of doubles.
func (v value) comparable(n nodeValue) bool {
	if n.kind == nodeNumber && v.kind == valueNumber {
		_, finite := valueOf(n.text)
		return finite
	}
	return n.kind == nodeString || n.kind == nodeNumber
}

// ordered decides <, <=, > and >=, which only numbers satisfy.
func (c *condition) ordered(n nodeValue) bool {
	if n.kind != nodeNumber {
		return false
	}
	cmp, ok := c.val.num.compareJSON(n.text)
	return ok && c.op.accepts(cmp)
}

// accepts says whether an ordering operator is true of a left side that
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

// matches says whether the condition is true of a decoded message.
func (c *condition) matches(root map[string]any, r reading) bool {
	for i, st := range c.sel {
		if st.kind == stepAny {
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
func (c *condition) holdsForSome(parent any, found bool, rest selector, r reading) bool {
	some := func(test func(nodeValue) bool) bool {
		return anyMember(parent, func(member any) bool {
			v, ok := resolve(member, rest)
			return ok && test(nodeOf(v, ok))
		})
	}
	switch c.op {
	case opNotExists:
		return !some(func(nodeValue) bool { return true })
	case opNotEqual:
		return found && !some(func(n nodeValue) bool { return c.val.equals(n, r) })
	case opIsNull:
		return some(func(n nodeValue) bool { return n.kind == nodeNull })
	default:
		return some(func(n nodeValue) bool { return c.holds(n, r) })
	}
}

// anyMember says whether test is true of a member of an array or object.
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
func resolve(v any, steps selector) (any, bool) {
	for _, st := range steps {
		switch parent := v.(type) {
		case map[string]any:
			member, ok := parent[st.name]
			if !ok || st.kind != stepName {
				return nil, false
			}
			v = member
		case []any:
			if st.kind != stepIndex || st.index >= len(parent) {
				return nil, false
			}
			v = parent[st.index]
		default:
			return nil, false
		}
	}
	return v, true
}

// nodeOf describes a decoded JSON value.
func nodeOf(v any, found bool) nodeValue {
	if !found {
		return nodeValue{kind: nodeMissing}
	}
	switch v := v.(type) {
	case bool:
		if v {
			return nodeValue{kind: nodeTrue}
		}
		return nodeValue{kind: nodeFalse}
	case string:
		return nodeValue{kind: nodeString, text: v}
	case json.Number:
		return nodeValue{kind: nodeNumber, text: v.String()}
	case map[string]any:
		return nodeValue{kind: nodeObject}
	case []any:
		isNull := func(member any) bool { return member == nil }
		return nodeValue{kind: nodeArray, nullMember: anyMember(v, isNull)}
	default:
		return nodeValue{kind: nodeNull}
	}
}
