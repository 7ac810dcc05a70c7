package scan

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// Compile prepares a set of patterns, which may be of any kind, for matching
// messages with all of them. Verdicts come in the order of the patterns.
func Compile(patterns []*pattern.Pattern) *Set { return CompileFields(patterns, nil) }

// CompileFields is Compile for a set that also finds the texts of fields in the
// messages that Next and Read are given.
func CompileFields(patterns []*pattern.Pattern, fields []Field) *Set {
	c := compiler{root: &trieNode{}}
	s := &Set{fields: len(fields)}
	for i, p := range patterns {
		m := c.member(i, p)
		if m.starts == nil {
			s.starts = append(s.starts, reject)
		} else {
			s.starts = append(s.starts, m.starts[0])
		}
		if len(m.starts) != 1 {
			s.others = append(s.others, m)
		}
	}
	for i, f := range fields {
		c.root.addField(f, i)
	}
	if len(c.jumps) == 0 && len(fields) == 0 {
		return s
	}
	c.root.layout(0)
	c.root.expectRecords()
	for i, check := range c.checks {
		c.jumps[i].slot = int32(check.slot)
	}
	s.root, s.jumps = c.root, c.jumps
	return s
}

// A compiler turns the expressions of JSON patterns into jumps, and their
// conditions into checks in a trie of all selectors.
type compiler struct {
	root   *trieNode
	jumps  []jump
	checks []*check // that of each jump
}

func (c *compiler) member(index int, p *pattern.Pattern) setMember {
	m := setMember{index: index, pattern: p, readings: p.Readings()}
	for _, r := range m.readings {
		switch n := p.Root().(type) {
		case *syntax.JSON:
			m.starts = append(m.starts, c.expression(n.Expr, r, accept, reject))
		case *syntax.Terms:
			m.terms = append(m.terms, newTermSet(n, r))
		}
	}
	return m
}

// expression compiles e and returns the jump that it begins with. It goes on at
// yes when e is true and at no when it is false.
func (c *compiler) expression(e syntax.Expr, r match.Reading, yes, no int32) int32 {
	switch e := e.(type) {
	case *syntax.Or:
		for _, o := range slices.Backward(gather(e.List, syntax.OpEqual, r)) {
			no = c.operand(o, r, yes, no)
		}
		return no
	case *syntax.And:
		for _, o := range slices.Backward(gather(e.List, syntax.OpNotEqual, r)) {
			yes = c.operand(o, r, yes, no)
		}
		return yes
	default:
		return c.operand(operand{expr: e}, r, yes, no)
	}
}

// operand compiles one operand of an expression, likewise.
func (c *compiler) operand(o operand, r match.Reading, yes, no int32) int32 {
	cond, ok := o.expr.(*syntax.Condition)
	if !ok {
		return c.expression(o.expr, r, yes, no)
	}
	c.jumps = append(c.jumps, jump{yes: yes, no: no})
	c.checks = append(c.checks, c.root.add(cond, append(o.more, cond.Val), r))
	return int32(len(c.jumps) - 1)
}

// An operand is a part of an expression. If it is a condition, the same is said
// about more values.
type operand struct {
	expr syntax.Expr
	more []syntax.Value
}

// gather joins the conditions of a list that compare one selector with plain
// texts: those with = where one has to hold, those with != where all have to.
// Together they take one look at a text and one slot.
func gather(list []syntax.Expr, op syntax.Operator, r match.Reading) []operand {
	var operands []operand
	for _, e := range list {
		cond, _ := e.(*syntax.Condition)
		same := -1
		if comparesPlain(cond, op, r) {
			same = slices.IndexFunc(operands, func(o operand) bool {
				first, _ := o.expr.(*syntax.Condition)
				return comparesPlain(first, op, r) && slices.Equal(first.Sel, cond.Sel)
			})
		}
		if same < 0 {
			operands = append(operands, operand{expr: e})
		} else {
			operands[same].more = append(operands[same].more, cond.Val)
		}
	}
	return operands
}

// comparesPlain reports whether the condition, which may be nil, compares with a
// plain text.
func comparesPlain(c *syntax.Condition, op syntax.Operator, r match.Reading) bool {
	return c != nil && c.Op == op && isPlain(c.Val, r)
}

// isPlain reports whether the value is a text that only the same text equals.
func isPlain(v syntax.Value, r match.Reading) bool {
	return v.Kind == syntax.ValueText && len(newGlob(v.Text, r)) == 1
}

// A jump is one step of a compiled expression: the truth of a slot decides where
// it goes on.
type jump struct {
	slot    int32
	yes, no int32 // a jump, or accept or reject
}

// The ends of an expression.
const (
	accept = -1
	reject = -2
)

// follow runs the expression that begins with a jump.
func follow(jumps []jump, to int32, truth []bool) match.Verdict {
	for to >= 0 {
		j := &jumps[to]
		to = j.no
		if truth[j.slot] {
			to = j.yes
		}
	}
	return match.Verdict(to - reject) // NoMatch or Match
}
