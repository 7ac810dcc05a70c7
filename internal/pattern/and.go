package pattern

import "slices"

// And returns the pattern that matches what both patterns match. It may be
// longer than AWS allows. False unless both are JSON patterns.
func And(p, q *Pattern) (*Pattern, bool) {
	a, ok := p.root.(*jsonPattern)
	b, ok2 := q.root.(*jsonPattern)
	if !ok || !ok2 {
		return nil, false
	}
	both := &Pattern{
		root:        &jsonPattern{expr: &and{list: slices.Concat(conjuncts(a.expr), conjuncts(b.expr))}},
		midAsterisk: p.midAsterisk || q.midAsterisk,
	}
	both.text = both.String()
	return both, true
}

// conjuncts are the operands of a conjunction; the expression itself when it is
// none.
func conjuncts(e expr) []expr {
	if a, ok := e.(*and); ok {
		return a.list
	}
	return []expr{e}
}
