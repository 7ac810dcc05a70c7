package match

import (
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// Root reports whether the message matches a pattern under one reading of the
// uncertain rules.
func Root(n syntax.Node, m *Message, r Reading) bool {
	switch n := n.(type) {
	case *syntax.Terms:
		return matchTerms(n, m.Text, r)
	case *syntax.FullRegex:
		return n.Regex.MatchBytes(m.Text)
	case *syntax.JSON:
		return m.Object != nil && evaluate(n.Expr, func(c *syntax.Condition) bool { return matches(c, m.Object, r) })
	case *syntax.Delimited:
		return matchDelimited(n, string(m.Text), r)
	default:
		return true // all
	}
}

// evaluate computes an expression from its conditions; no expression is true.
func evaluate(e syntax.Expr, holds func(*syntax.Condition) bool) bool {
	switch e := e.(type) {
	case *syntax.Or:
		for _, operand := range e.List {
			if evaluate(operand, holds) {
				return true
			}
		}
		return false
	case *syntax.And:
		for _, operand := range e.List {
			if !evaluate(operand, holds) {
				return false
			}
		}
		return true
	case *syntax.Condition:
		return holds(e)
	default:
		return true
	}
}
