package match

import (
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
	"github.com/monitorctl/monitorctl/internal/record"
)

// matchDelimited splits the text into fields and tests each.
func matchDelimited(n *syntax.Delimited, text string, r Reading) bool {
	bound, ok := bind(n, text)
	if !ok {
		return false
	}
	for i, f := range n.Fields {
		holds := func(c *syntax.Condition) bool { return HoldsField(c, bound[i].text, r) }
		if f.Cond != nil && !evaluate(f.Cond, holds) {
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
func bind(n *syntax.Delimited, text string) (bound []boundField, ok bool) {
	if len(n.Fields) == 0 {
		return nil, true
	}
	for i, f := range n.Fields {
		if f.Ellipsis {
			return bindEllipsis(n, splitFields(text), i)
		}
	}
	s := newSplitter(text)
	for i := range n.Fields {
		field, ok := s.next()
		if !ok {
			return nil, false
		}
		if i == len(n.Fields)-1 {
			field = s.extended(field)
		}
		bound = append(bound, boundField{field, i + 1})
	}
	return bound, true
}

// bindEllipsis binds the fields before "...", which is field number dots, from
// the left, and those behind it from the right.
func bindEllipsis(n *syntax.Delimited, parts []string, dots int) ([]boundField, bool) {
	skipped := len(parts) - (len(n.Fields) - 1)
	if skipped < 0 {
		return nil, false
	}
	bound := make([]boundField, len(n.Fields))
	for i := range n.Fields {
		switch {
		case i < dots:
			bound[i] = boundField{parts[i], i + 1}
		case i > dots:
			bound[i] = boundField{parts[i+skipped-1], i + skipped}
		}
	}
	return bound, true
}

// HoldsField reports whether the condition is true of a field's text. Unlike
// strings in JSON, a field that is shaped like a number has its value.
func HoldsField(c *syntax.Condition, text string, r Reading) bool {
	switch c.Op {
	case syntax.OpEqual:
		return equalsField(c.Val, text, r)
	case syntax.OpNotEqual:
		return !equalsField(c.Val, text, r)
	default:
		cmp, ok := compareField(c.Val, text)
		return ok && c.Op.Accepts(cmp)
	}
}

func equalsField(v syntax.Value, text string, r Reading) bool {
	if v.Kind != syntax.ValueNumber {
		return EqualsText(v, text, r)
	}
	cmp, ok := compareField(v, text)
	return ok && cmp == 0 && !v.Num.Overflow
}

// compareField compares a field with a number literal; ok is false when the
// field is not shaped like a number.
func compareField(v syntax.Value, text string) (cmp int, ok bool) {
	if _, ok := record.ParseDecimal(text); !ok {
		return 0, false
	}
	return v.Num.CompareJSON(record.Value{Kind: record.Number, Text: text})
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
	for s.pos < len(s.text) && !syntax.IsBlank(s.text[s.pos]) {
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
	for i < len(s.text) && syntax.IsBlank(s.text[i]) {
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

// Extract returns the fields of a text that the pattern matches: "$name" for named
// fields, and "$1", "$2", ... by position for the others, those that "..." skips
// included.
func Extract(n *syntax.Delimited, text string) map[string]string {
	values := map[string]string{}
	bound, _ := bind(n, text)
	if n.SkipsFields() {
		for i, part := range splitFields(text) {
			values["$"+strconv.Itoa(i+1)] = part
		}
	}
	for i, f := range n.Fields {
		position := "$" + strconv.Itoa(bound[i].position)
		switch {
		case f.Ellipsis:
		case f.Name == "":
			values[position] = bound[i].text
		default:
			delete(values, position)
			values["$"+f.Name] = bound[i].text
		}
	}
	return values
}
