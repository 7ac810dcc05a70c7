package syntax

import (
	"github.com/monitorctl/monitorctl/internal/record"
)

// A fieldParser reads the fields of a space-delimited pattern.
type fieldParser struct {
	parser
	name  string // of the field being read; "" before its first condition
	pos   int    // where that name stands
	taken map[string]bool
}

// parseDelimited reads [ ... ].
func parseDelimited(l *lexer) (Node, error) {
	if l.end-l.pos < 2 || l.src[l.end-1] != ']' {
		return nil, l.src.mustEnd(l.end, "[", "]")
	}
	l.punct = "[](),"
	p := &fieldParser{parser: parser{lexer: l}, taken: map[string]bool{}}
	p.leaf = p.condition
	if err := p.start(); err != nil {
		return nil, err
	}
	fields, err := p.fields()
	if err != nil {
		return nil, err
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind != tokEnd {
		return nil, p.expected("the end behind ]")
	}
	return &Delimited{fields}, nil
}

// fields reads everything up to the closing bracket. [] has no fields.
func (p *fieldParser) fields() ([]Field, error) {
	if p.tok.is("]") {
		return nil, nil
	}
	var list []Field
	for {
		f, err := p.field()
		if err != nil {
			return nil, err
		}
		list = append(list, f)
		switch {
		case p.tok.is("]"):
			return list, nil
		case !p.tok.is(","):
			return nil, p.expected("&&, ||, a comma or ]")
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
}

// field reads one field: nothing, "...", or a name with its conditions.
func (p *fieldParser) field() (Field, error) {
	f := Field{Pos: p.tok.pos}
	if p.tok.is(",") || p.tok.is("]") {
		return f, nil
	}
	if p.tok.kind == tokWord && p.tok.text == "..." {
		f.Ellipsis = true
		if err := p.declare("...", f.Pos); err != nil {
			return f, err
		}
		return f, p.advance()
	}
	p.name = ""
	cond, err := p.or()
	if err != nil {
		return f, err
	}
	f.Name, f.Cond = p.name, cond
	return f, p.declare(p.name, p.pos)
}

// declare notes that a field has this name; no other may have it.
func (p *fieldParser) declare(name string, pos int) error {
	if p.taken[name] {
		return p.src.duplicate(pos, name)
	}
	p.taken[name] = true
	return nil
}

// condition reads a field's name and what is said of it; nil if nothing is.
func (p *fieldParser) condition() (Expr, error) {
	c := &Condition{Pos: p.tok.pos}
	if err := p.fieldName(); err != nil {
		return nil, err
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	compared, err := p.comparison(c, p.notANumber)
	if err != nil {
		return nil, err
	}
	if !compared {
		return nil, nil
	}
	return c, nil
}

// fieldName checks the name that is the next token.
func (p *fieldParser) fieldName() error {
	t := p.tok
	switch {
	case t.kind != tokWord && t.kind != tokNumber:
		return p.expected("the name of a field")
	case !isFieldName(t.text):
		return p.src.badTerm(t.pos, t.end, "expected a name of letters, digits and _ that does not begin with a digit")
	case p.name == "":
		p.name, p.pos = t.text, t.pos
	case p.name != t.text:
		return p.src.otherField(t.pos, p.name, t.text)
	}
	return nil
}

// notANumber refuses a value behind an ordering operator.
func (p *fieldParser) notANumber(t token) error {
	return p.src.invalid(t.pos, "expected a number without quotes")
}

// isFieldName reports whether text is a letter or _, and then letters, digits, _
// or -. The hyphen is what generators emit; whether AWS takes it is not known.
func isFieldName(text string) bool {
	for i, c := range text {
		digitOrHyphen := '0' <= c && c <= '9' || c == '-'
		if digitOrHyphen && i == 0 || !digitOrHyphen && c != '_' && !record.IsLetterOrDigit(c) {
			return false
		}
	}
	return text != ""
}
