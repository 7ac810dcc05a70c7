package pattern

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// A Clause is one operand of the conjunction that a JSON pattern is.
type Clause struct {
	Pattern *Pattern // the operand alone
	Offsets []int    // of its conditions: bytes from the start of the whole pattern's text, 0-based
}

// String returns the operand as Pattern.String does, without braces.
func (c Clause) String() string {
	return syntax.PrintExpr(c.Pattern.root.(*syntax.JSON).Expr, "")
}

// Clauses returns the operands of a JSON pattern's outermost &&, in their order;
// one where there is no &&, none for patterns of other kinds.
func (p *Pattern) Clauses() []Clause {
	n, ok := p.root.(*syntax.JSON)
	if !ok {
		return nil
	}
	var list []Clause
	for _, e := range conjuncts(n.Expr) {
		c := Clause{Pattern: Of(e)}
		for _, leaf := range syntax.ConditionsOf(e, nil) {
			c.Offsets = append(c.Offsets, leaf.Pos)
			if leaf.Op <= syntax.OpGreaterEqual {
				c.Offsets = append(c.Offsets, leaf.Val.Pos)
			}
		}
		list = append(list, c)
	}
	return list
}

// A Mention is a text that a pattern tests for, by = or != of a field or as a term.
type Mention struct {
	Path   string // of the field, as for Equalities; "" for the text of the message, or a field without a name
	Equal  bool   // = or a term; false: != or a term with a minus sign
	Value  string // as in Literal; for a regular expression its source
	Offset int    // as in Literal
}

// Mentions returns the texts that a pattern tests for, by offset.
func (p *Pattern) Mentions() []Mention {
	var list []Mention
	switch n := p.root.(type) {
	case *syntax.Terms:
		for _, t := range n.List {
			list = append(list, Mention{Equal: t.Sign != '-', Value: t.Text, Offset: t.Pos})
		}
	case *syntax.FullRegex:
		list = append(list, Mention{Equal: true, Value: n.Regex.Text})
	}
	for _, c := range syntax.Conditions(p.root) {
		if c.Op > syntax.OpNotEqual || c.Val.Kind == syntax.ValueNumber {
			continue
		}
		text := c.Val.Text
		if c.Val.Kind == syntax.ValueRegex {
			text = c.Val.Regex.Text
		}
		path := ""
		if len(c.Sel) > 0 {
			path = c.Sel.Field()
		}
		list = append(list, Mention{Path: path, Equal: c.Op == syntax.OpEqual, Value: text, Offset: c.Val.Pos})
	}
	return slices.Clip(list)
}
