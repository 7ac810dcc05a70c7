package pattern

import (
	"slices"
	"strings"
)

// A Literal is a text that a pattern compares a field with.
type Literal struct {
	Value  string // unescaped; asterisks have their meaning
	Offset int    // of the value: bytes from the start of the pattern's text, 0-based

	// Beside are the texts one of which another field must be equal to for this
	// comparison to count, nil when that field can be anything.
	Beside []string
}

// Equalities returns the texts that a JSON pattern compares with the field at
// path with =, by offset; numbers and regular expressions are left out. The
// path is written without its leading "$.": "eventName". What Literal.Beside
// says is about the field at the path beside.
func (p *Pattern) Equalities(path, beside string) []Literal {
	n, ok := p.root.(*jsonPattern)
	if !ok {
		return nil
	}
	return equalities(n.expr, path, beside, nil, nil)
}

// equalities appends to list what Equalities returns; given is what is known of
// the field beside where e is looked at.
func equalities(e expr, path, beside string, given []string, list []Literal) []Literal {
	switch e := e.(type) {
	case *and:
		for i, operand := range e.list {
			list = equalities(operand, path, beside, siblings(e.list, i, beside, given), list)
		}
	case *or:
		for _, operand := range e.list {
			list = equalities(operand, path, beside, given, list)
		}
	case *condition:
		if e.sel.Field() == path && e.op == opEqual && e.val.kind == valueText {
			list = append(list, Literal{e.val.text, e.val.pos, given})
		}
	}
	return list
}

// siblings returns what the operands of a conjunction beside operand i say of
// the field at a path, or what was given before.
func siblings(list []expr, i int, path string, given []string) []string {
	for j, operand := range list {
		if j == i {
			continue
		}
		if texts, only := textsOf(operand, path); only {
			return texts
		}
	}
	return given
}

// Texts returns the texts one of which the field at path is in every record
// that the pattern matches, sorted. When only is false it can be anything.
// The path is written as for Equalities.
func (p *Pattern) Texts(path string) (texts []string, only bool) {
	n, ok := p.root.(*jsonPattern)
	if !ok {
		return nil, false
	}
	texts, only = textsOf(n.expr, path)
	return distinct(slices.Clone(texts)), only
}

func textsOf(e expr, path string) (texts []string, only bool) {
	switch e := e.(type) {
	case *and:
		for _, operand := range e.list {
			if have, ok := textsOf(operand, path); ok && (!only || len(have) < len(texts)) {
				texts, only = have, true
			}
		}
		return texts, only
	case *or:
		for _, operand := range e.list {
			have, ok := textsOf(operand, path)
			if !ok {
				return nil, false
			}
			texts = append(texts, have...)
		}
		return texts, true
	case *condition:
		if e.sel.Field() == path && e.op == opEqual && e.val.kind == valueText && !strings.Contains(e.val.text, "*") {
			return []string{e.val.text}, true
		}
	}
	return nil, false
}

// Paths returns the paths of a JSON pattern's selectors, written as for
// Equalities, each once and sorted.
func (p *Pattern) Paths() []string {
	if p.Kind() != KindJSON {
		return nil
	}
	var paths []string
	for _, c := range p.conditions() {
		paths = append(paths, c.sel.Field())
	}
	return distinct(paths)
}

// distinct sorts a list and drops what is repeated.
func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
