package eventpattern

import (
	"slices"
	"unicode/utf8"
)

// orName is the name whose array is an OR of objects.
const orName = "$or"

// reserved are the names that AWS's engine refuses anywhere inside of $or.
var reserved = []string{"exactly", "prefix", "suffix", "equals-ignore-case", "wildcard", "anything-but",
	"numeric", "cidr", "exists", "=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case",
	"date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range", "ip-address-in-range", "ip-address-not-in-range"}

// Parse reads an event pattern. The error is a *SyntaxError.
func Parse(text string) (*Pattern, error) { return parse(text, false) }

// ParseLegacy reads a pattern that was deployed before $or existed, when that
// was a name like others. Only the text of a rule that EventBridge returned and
// that Parse refuses should be read so. The error is a *SyntaxError.
func ParseLegacy(text string) (*Pattern, error) { return parse(text, true) }

func parse(text string, legacy bool) (*Pattern, error) {
	p := &parser{reader: reader{text: text}, legacy: legacy}
	if n := utf8.RuneCountInString(text); n > MaxLength {
		return nil, p.fail(0, "the pattern has %d characters, and EventBridge takes at most %d", n, MaxLength)
	}
	for i, char := range text {
		if char == utf8.RuneError && !utf8.FullRuneInString(text[i:]) || char == utf8.RuneError && text[i] != "\uFFFD"[0] {
			return nil, p.fail(i, "the text is not valid UTF-8")
		}
	}
	root, err := p.object(false)
	if err != nil {
		return nil, err
	}
	pattern := &Pattern{text: text, root: root}
	if end := p.pos; p.next() != 0 || p.pos < len(text) {
		pattern.trailing = end
	}
	e := expander{reader: &p.reader}
	pattern.branches, err = e.branches(root)
	if err != nil {
		return nil, err
	}
	pattern.mixed = mixedPaths(pattern.branches)
	return pattern, nil
}

type parser struct {
	reader
	depth  int
	legacy bool // $or is a name
}

// object takes { ... }; inOr says that it stands somewhere inside of $or.
func (p *parser) object(inOr bool) (*object, error) {
	start := p.pos
	if err := p.expect('{', "an object"); err != nil {
		return nil, err
	}
	if p.depth++; p.depth > MaxDepth {
		return nil, p.fail(start, "objects nest deeper than %d", MaxDepth)
	}
	defer func() { p.depth-- }()
	o := &object{}
	for first := true; ; first = false {
		more, err := p.more('}', first)
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		m, err := p.member(inOr)
		if err != nil {
			return nil, err
		}
		o.members = append(o.members, m)
	}
	if len(o.members) == 0 {
		return nil, p.fail(start, "an object must have a member")
	}
	return o, nil
}

// member takes a name and what it holds.
func (p *parser) member(inOr bool) (m member, err error) {
	p.next()
	m.offset = p.pos
	if m.name, err = p.name(); err != nil {
		return m, err
	}
	if inOr && slices.Contains(reserved, m.name) {
		return m, p.fail(m.offset, "%s is an operator, and cannot be a name inside of $or", quote(m.name))
	}
	switch c := p.next(); {
	case m.name == orName && !p.legacy:
		m.or, err = p.or()
	case c == '{':
		m.object, err = p.object(inOr)
	case c == '[':
		m.tests, err = p.tests()
	default:
		err = p.fail(p.pos, "%s must have an array or an object: write the value in brackets", quote(m.name))
	}
	return m, err
}

// or takes the array of $or.
func (p *parser) or() ([]*object, error) {
	start := p.pos
	if err := p.expect('[', "an array of objects behind $or"); err != nil {
		return nil, err
	}
	var list []*object
	for {
		more, err := p.more(']', len(list) == 0)
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		o, err := p.object(true)
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	if len(list) < 2 {
		return nil, p.fail(start, "$or must have at least two objects")
	}
	return list, nil
}

// tests takes an array of values.
func (p *parser) tests() ([]Test, error) {
	start := p.pos
	p.pos++
	var list []Test
	for {
		more, err := p.more(']', len(list) == 0)
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		t, err := p.test()
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	if len(list) == 0 {
		return nil, p.fail(start, "an array must have a value")
	}
	return list, nil
}

// test takes one value.
func (p *parser) test() (Test, error) {
	c := p.next()
	at := Offset(p.pos)
	switch c {
	case '"':
		text, err := p.str()
		return &Text{at, newStringTest(Equals, text)}, err
	case '{':
		return p.operator()
	case '[':
		return nil, p.fail(p.pos, "a value is a string, a number, true, false, null or an operator, not an array")
	}
	word, err := p.scalar()
	switch word {
	case "true", "false", "null":
		return &Constant{at, word}, err
	}
	return &Number{at, newNumber(word)}, err
}
