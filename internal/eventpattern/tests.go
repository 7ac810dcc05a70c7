package eventpattern

import "slices"

// A leafKind is the type of a leaf.
type leafKind byte

const (
	leafString leafKind = iota
	leafNumber
	leafConstant // true, false, null
)

// A leaf is a string, number, true, false or null of an event.
type leaf struct {
	kind   leafKind
	text   string // a string's content, else the spelling
	number number // of a leafNumber
	digits string // of an address literal

	members []membership // outermost first
}

func (t *Text) holds(l *leaf) bool {
	if t.span != nil && l.addressIn(*t.span) {
		return true
	}
	return l.kind == leafString && t.StringTest.holds(l.text)
}

// addressIn reports whether l lies in s. The engine looks at the spelling of
// what is no string, too: a number can lie in a range by its digits.
func (l *leaf) addressIn(s span) bool {
	switch {
	case l.kind == leafString && l.digits == "":
		return false
	case l.kind == leafString:
		return s.has(l.digits)
	default:
		return s.has(l.text)
	}
}

func (t *Number) holds(l *leaf) bool { return l.kind == leafNumber && t.equal(l.number) }

func (t *Constant) holds(l *leaf) bool { return l.kind == leafConstant && l.text == t.Word }

func (t *Numeric) holds(l *leaf) bool {
	if l.kind != leafNumber || !l.number.exact {
		return false
	}
	v := l.number.value
	if t.Low != nil && (v < t.Low.value || v == t.Low.value && !t.Low.Inclusive) {
		return false
	}
	return t.High == nil || v < t.High.value || v == t.High.value && t.High.Inclusive
}

func (t *CIDR) holds(l *leaf) bool { return l.addressIn(t.span) }

// holds is about a leaf that is there; absence has none.
func (t *Exists) holds(*leaf) bool { return t.Present }

func (t *AnythingBut) holds(l *leaf) bool {
	switch l.kind {
	case leafString:
		return !slices.ContainsFunc(t.Texts, func(s StringTest) bool { return s.holds(l.text) })
	case leafNumber:
		return !slices.ContainsFunc(t.Numbers, func(n Number) bool { return n.equal(l.number) })
	default:
		return true
	}
}
