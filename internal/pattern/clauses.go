package pattern

import "slices"

// A Clause is one operand of the conjunction that a JSON pattern is.
type Clause struct {
	Pattern *Pattern // the operand alone
	Offsets []int    // of its conditions: bytes from the start of the whole pattern's text, 0-based
}

// String returns the operand as Pattern.String does, without braces.
func (c Clause) String() string {
	s := suspector{}
	return s.print(c.Pattern.root.(*jsonPattern).expr)
}

// Clauses returns the operands of a JSON pattern's outermost &&, in their order;
// one where there is no &&, none for patterns of other kinds.
func (p *Pattern) Clauses() []Clause {
	n, ok := p.root.(*jsonPattern)
	if !ok {
		return nil
	}
	var list []Clause
	for _, e := range conjuncts(n.expr) {
		c := Clause{Pattern: &Pattern{root: &jsonPattern{expr: e}, midAsterisk: p.midAsterisk}}
		c.Pattern.text = c.Pattern.String()
		for _, leaf := range conditionsOf(e, nil) {
			c.Offsets = append(c.Offsets, leaf.pos)
			if leaf.op <= opGreaterEqual {
				c.Offsets = append(c.Offsets, leaf.val.pos)
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
	case *terms:
		for _, t := range n.list {
			list = append(list, Mention{Equal: t.sign != '-', Value: t.text, Offset: t.pos})
		}
	case *fullRegex:
		list = append(list, Mention{Equal: true, Value: n.re.text})
	}
	for _, c := range p.conditions() {
		if c.op > opNotEqual || c.val.kind == valueNumber {
			continue
		}
		text := c.val.text
		if c.val.kind == valueRegex {
			text = c.val.re.text
		}
		path := ""
		if len(c.sel) > 0 {
			path = c.sel.Field()
		}
		list = append(list, Mention{Path: path, Equal: c.op == opEqual, Value: text, Offset: c.val.pos})
	}
	return slices.Clip(list)
}
