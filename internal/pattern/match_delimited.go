package pattern

import (
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/record"
)

// match splits the text into fields and tests each.
func (n *delimited) match(text string, r reading) bool {
	bound, ok := n.bind(text)
	if !ok {
		return false
	}
	for i, f := range n.fields {
		holds := func(c *condition) bool { return c.holdsField(bound[i].text, r) }
		if f.cond != nil && !evaluate(f.cond, holds) {
			return false
		}
	}
	return true
}

// A boundField is the part of a text that belongs to a field of a pattern.
type boundField struct {
	text     string
	position int // among the fields of the text, from 1; 0 for "..."
}

// bind finds the text of each field of the pattern; ok is false when there are
// too few. Without "..." the last field takes the rest of the text.
func (n *delimited) bind(text string) (bound []boundField, ok bool) {
	if len(n.fields) == 0 {
		return nil, true
	}
	for i, f := range n.fields {
		if f.ellipsis {
			return n.bindEllipsis(splitFields(text), i)
		}
	}
	s := newSplitter(text)
	for i := range n.fields {
		field, ok := s.next()
		if !ok {
			return nil, false
		}
		if i == len(n.fields)-1 {
			field = s.extended(field)
		}
		bound = append(bound, boundField{field, i + 1})
	}
	return bound, true
}

// bindEllipsis binds the fields before "...", which is field number dots, from
// the left, and those behind it from the right.
func (n *delimited) bindEllipsis(parts []string, dots int) ([]boundField, bool) {
	skipped := len(parts) - (len(n.fields) - 1)
	if skipped < 0 {
		return nil, false
	}
	bound := make([]boundField, len(n.fields))
	for i := range n.fields {
		switch {
		case i < dots:
			bound[i] = boundField{parts[i], i + 1}
		case i > dots:
			bound[i] = boundField{parts[i+skipped-1], i + skipped}
		}
	}
	return bound, true
}

// holdsField reports whether the condition is true of a field's text. Unlike
// strings in JSON, a field that is shaped like a number has its value.
func (c *condition) holdsField(text string, r reading) bool {
	switch c.op {
	case opEqual:
		return c.val.equalsField(text, r)
	case opNotEqual:
		return !c.val.equalsField(text, r)
	default:
		cmp, ok := c.val.compareField(text)
		return ok && c.op.accepts(cmp)
	}
}

func (v value) equalsField(text string, r reading) bool {
	if v.kind != valueNumber {
		return v.equalsText(text, r)
	}
	cmp, ok := v.compareField(text)
	return ok && cmp == 0 && !v.num.overflow
}

// compareField compares a field with a number literal; ok is false when the
// field is not shaped like a number.
func (v value) compareField(text string) (cmp int, ok bool) {
	if _, ok := record.ParseDecimal(text); !ok {
		return 0, false
	}
	return v.num.compareJSON(record.Value{Kind: record.Number, Text: text})
}

// splitFields returns all fields of a text.
func splitFields(text string) []string {
	s := newSplitter(text)
	var list []string
	for {
		field, ok := s.next()
		if !ok {
			return list
		}
		list = append(list, field)
	}
}

// A splitter takes fields off a text from left to right.
type splitter struct {
	text  string
	pos   int // behind the last field
	start int // where the last field began, with its quote or bracket

	// The last closing characters: looking for one where none can be would make
	// a text of opening brackets take quadratic time.
	lastQuote, lastBracket int
}

func newSplitter(text string) *splitter {
	return &splitter{
		text:        text,
		lastQuote:   strings.LastIndexByte(text, '"'),
		lastBracket: strings.LastIndexByte(text, ']'),
	}
}

// next returns the next field: what stands between two quotes, between two
// brackets, or else up to the next blank.
func (s *splitter) next() (string, bool) {
	s.pos = s.skipBlanks()
	s.start = s.pos
	if s.pos == len(s.text) {
		return "", false
	}
	switch c := s.text[s.pos]; {
	case c == '"' && s.pos < s.lastQuote:
		return s.enclosed('"'), true
	case c == '[' && s.pos < s.lastBracket:
		return s.enclosed(']'), true
	}
	for s.pos < len(s.text) && !isBlank(s.text[s.pos]) {
		s.pos++
	}
	return s.text[s.start:s.pos], true
}

// enclosed returns the text up to the closing character, which exists.
func (s *splitter) enclosed(closing byte) string {
	begin := s.pos + 1
	n := strings.IndexByte(s.text[begin:], closing)
	s.pos = begin + n + 1
	return s.text[begin : begin+n]
}

// skipBlanks returns the position of the next character that is no blank.
func (s *splitter) skipBlanks() int {
	i := s.pos
	for i < len(s.text) && isBlank(s.text[i]) {
		i++
	}
	return i
}

// extended returns the last field of a pattern: if more than blanks follow, it
// is all of the text that is left, with its quotes or brackets.
func (s *splitter) extended(field string) string {
	if s.skipBlanks() == len(s.text) {
		return field
	}
	return s.text[s.start:]
}

// Extract returns the fields of a message that a space-delimited pattern
// matches, as AWS does: "$name" for named fields, and "$1", "$2", ... by
// position for the others, those that "..." skips included. It is empty for
// other kinds of pattern, and nil when the message does not match for certain.
func (p *Pattern) Extract(message []byte) map[string]string {
	if p.Match(message) != Match {
		return nil
	}
	values := map[string]string{}
	n, ok := p.root.(*delimited)
	if !ok {
		return values
	}
	text := string(message)
	bound, _ := n.bind(text)
	if n.skipsFields() {
		for i, part := range splitFields(text) {
			values["$"+strconv.Itoa(i+1)] = part
		}
	}
	for i, f := range n.fields {
		position := "$" + strconv.Itoa(bound[i].position)
		switch {
		case f.ellipsis:
		case f.name == "":
			values[position] = bound[i].text
		default:
			delete(values, position)
			values["$"+f.name] = bound[i].text
		}
	}
	return values
}

// skipsFields reports whether a text may have more fields than the pattern names.
func (n *delimited) skipsFields() bool {
	for _, f := range n.fields {
		if f.ellipsis {
			return true
		}
	}
	return len(n.fields) == 0
}
