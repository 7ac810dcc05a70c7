package pattern

import (
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// Or returns the pattern that matches what one of the patterns matches. It may be
// longer than AWS allows. False unless both are JSON patterns.
func Or(p, q *Pattern) (*Pattern, bool) {
	a, ok := p.root.(*syntax.JSON)
	b, ok2 := q.root.(*syntax.JSON)
	if !ok || !ok2 {
		return nil, false
	}
	return Of(&syntax.Or{List: append(disjuncts(a.Expr), disjuncts(b.Expr)...)}), true
}

// disjuncts are the operands of a disjunction, in a list of their own; the
// expression itself when it is none.
func disjuncts(e syntax.Expr) []syntax.Expr {
	if o, ok := e.(*syntax.Or); ok {
		return append([]syntax.Expr(nil), o.List...)
	}
	return []syntax.Expr{e}
}
