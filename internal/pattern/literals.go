package pattern

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// A Literal is a text that a pattern compares a field with.
type Literal struct {
	Value  string // unescaped; asterisks have their meaning
	Offset int    // of the value: bytes from the start of the pattern's text, 0-based

	// Beside are the texts that another field may have for this comparison to count;
	// nil when that field can be anything.
	Beside []string
}

// Equalities returns the texts that a JSON pattern compares with the field at
// path with =, by offset; numbers and regular expressions are left out. The
// path is written without its leading "$.": "eventName". What Literal.Beside
// says is about the field at the path beside.
func (p *Pattern) Equalities(path, beside string) []Literal {
	n, ok := p.root.(*syntax.JSON)
	if !ok {
		return nil
	}
	return equalities(n.Expr, path, beside, nil, nil)
}

// equalities appends to list what Equalities returns; given is what is known of
// the field beside where e is looked at.
func equalities(e syntax.Expr, path, beside string, given []string, list []Literal) []Literal {
	switch e := e.(type) {
	case *syntax.And:
		for i, operand := range e.List {
			list = equalities(operand, path, beside, siblings(e.List, i, beside, given), list)
		}
	case *syntax.Or:
		for _, operand := range e.List {
			list = equalities(operand, path, beside, given, list)
		}
	case *syntax.Condition:
		if e.Sel.Field() == path && e.Op == syntax.OpEqual && e.Val.Kind == syntax.ValueText {
			list = append(list, Literal{e.Val.Text, e.Val.Pos, given})
		}
	}
	return list
}

// siblings returns what the operands of a conjunction beside operand i say of
// the field at a path, or what was given before.
func siblings(list []syntax.Expr, i int, path string, given []string) []string {
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

// Texts returns the possible texts of the field at path in the records that the
// pattern matches, sorted. When only is false it can be anything.
// The path is written as for Equalities.
func (p *Pattern) Texts(path string) (texts []string, only bool) {
	n, ok := p.root.(*syntax.JSON)
	if !ok {
		return nil, false
	}
	texts, only = textsOf(n.Expr, path)
	return distinct(slices.Clone(texts)), only
}

func textsOf(e syntax.Expr, path string) (texts []string, only bool) {
	switch e := e.(type) {
	case *syntax.And:
		for _, operand := range e.List {
			if have, ok := textsOf(operand, path); ok && (!only || len(have) < len(texts)) {
				texts, only = have, true
			}
		}
		return texts, only
	case *syntax.Or:
		for _, operand := range e.List {
			have, ok := textsOf(operand, path)
			if !ok {
				return nil, false
			}
			texts = append(texts, have...)
		}
		return texts, true
	case *syntax.Condition:
		if e.Sel.Field() == path && e.Op == syntax.OpEqual && e.Val.Kind == syntax.ValueText && !strings.Contains(e.Val.Text, "*") {
			return []string{e.Val.Text}, true
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
	for _, c := range syntax.Conditions(p.root) {
		paths = append(paths, c.Sel.Field())
	}
	return distinct(paths)
}

// distinct sorts a list and drops what is repeated.
func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
