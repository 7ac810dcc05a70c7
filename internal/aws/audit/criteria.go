package audit

import (
	"fmt"
	"slices"
	"strings"
)

// maxCriteria bounds the nesting of field selection criteria; AWS bounds the
// text to 2,000 characters.
const maxCriteria = 100

// selected reports whether a metric filter with these field selection criteria
// looks at the events of a log group of that account and region: their system
// fields are those of the group that they were written to. Source:
// PutMetricFilter, fieldSelectionCriteria. That a log group without
// centralization has the fields too is not documented; the error says what of
// the text is not understood.
func selected(text string, fields map[string]string) (bool, error) {
	p := criteriaParser{rest: text, fields: fields}
	ok, err := p.or(0)
	if err == nil && strings.TrimSpace(p.rest) != "" {
		err = p.unexpected()
	}
	return ok, err
}

// systemFields are the system fields of the events of a site's log groups.
func systemFields(at *site) map[string]string {
	return map[string]string{"@aws.account": at.account.ID, "@aws.region": at.name}
}

// A criteriaParser evaluates while it reads.
type criteriaParser struct {
	rest   string
	fields map[string]string
}

func (p *criteriaParser) unexpected() error {
	return fmt.Errorf("field selection criteria are not understood at %q", strings.TrimSpace(p.rest))
}

// word consumes a keyword or sign, whatever its case.
func (p *criteriaParser) word(text string) bool {
	rest := strings.TrimLeft(p.rest, " \t\r\n")
	if len(rest) < len(text) || !strings.EqualFold(rest[:len(text)], text) {
		return false
	}
	if letters := text[len(text)-1] >= 'A'; letters && len(rest) > len(text) && isWordByte(rest[len(text)]) {
		return false
	}
	p.rest = rest[len(text):]
	return true
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

func (p *criteriaParser) or(depth int) (bool, error) {
	ok, err := p.and(depth)
	for err == nil && p.word("OR") {
		var next bool
		next, err = p.and(depth)
		ok = ok || next
	}
	return ok, err
}

func (p *criteriaParser) and(depth int) (bool, error) {
	ok, err := p.term(depth)
	for err == nil && p.word("AND") {
		var next bool
		next, err = p.term(depth)
		ok = ok && next
	}
	return ok, err
}

// term reads a comparison or an expression in parentheses.
func (p *criteriaParser) term(depth int) (bool, error) {
	if depth > maxCriteria {
		return false, p.unexpected()
	}
	if p.word("(") {
		ok, err := p.or(depth + 1)
		if err == nil && !p.word(")") {
			err = p.unexpected()
		}
		return ok, err
	}
	for _, name := range []string{"@aws.account", "@aws.region"} {
		if p.word(name) {
			return p.comparison(p.fields[name])
		}
	}
	return false, p.unexpected()
}

func (p *criteriaParser) comparison(value string) (bool, error) {
	switch {
	case p.word("!="):
		v, ok := p.quoted()
		return v != value, p.unless(ok)
	case p.word("="):
		v, ok := p.quoted()
		return v == value, p.unless(ok)
	}
	not := p.word("NOT")
	if !p.word("IN") {
		return false, p.unexpected()
	}
	list, ok := p.list()
	return slices.Contains(list, value) != not, p.unless(ok)
}

func (p *criteriaParser) unless(ok bool) error {
	if ok {
		return nil
	}
	return p.unexpected()
}

// list reads ["a", "b"] or ("a", "b"): AWS takes both.
func (p *criteriaParser) list() ([]string, bool) {
	end := "]"
	switch {
	case p.word("["):
	case p.word("("):
		end = ")"
	default:
		return nil, false
	}
	var values []string
	for {
		v, ok := p.quoted()
		if !ok {
			return nil, false
		}
		values = append(values, v)
		switch {
		case p.word(end):
			return values, true
		case !p.word(","):
			return nil, false
		}
	}
}

// quoted reads a value in double quotes. Account ids and regions hold nothing
// that would need an escape.
func (p *criteriaParser) quoted() (string, bool) {
	body, ok := strings.CutPrefix(strings.TrimLeft(p.rest, " \t\r\n"), `"`)
	value, rest, closed := strings.Cut(body, `"`)
	if !ok || !closed || strings.Contains(value, `\`) {
		return "", false
	}
	p.rest = rest
	return value, true
}
