package pattern

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// And returns the pattern that matches what both patterns match. It may be
// longer than AWS allows. False unless both are JSON patterns.
func And(p, q *Pattern) (*Pattern, bool) {
	a, ok := p.root.(*syntax.JSON)
	b, ok2 := q.root.(*syntax.JSON)
	if !ok || !ok2 {
		return nil, false
	}
	return Of(&syntax.And{List: slices.Concat(conjuncts(a.Expr), conjuncts(b.Expr))}), true
}

// conjuncts are the operands of a conjunction; the expression itself when it is
// none.
func conjuncts(e syntax.Expr) []syntax.Expr {
	if a, ok := e.(*syntax.And); ok {
		return a.List
	}
	return []syntax.Expr{e}
}
