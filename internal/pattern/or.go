package pattern

// Or returns the pattern that matches what one of the patterns matches. It may be
// longer than AWS allows. False unless both are JSON patterns.
func Or(p, q *Pattern) (*Pattern, bool) {
	a, ok := p.root.(*jsonPattern)
	b, ok2 := q.root.(*jsonPattern)
	if !ok || !ok2 {
		return nil, false
	}
	either := &Pattern{
		root:        &jsonPattern{expr: &or{list: append(disjuncts(a.expr), disjuncts(b.expr)...)}},
		midAsterisk: p.midAsterisk || q.midAsterisk,
	}
	either.text = either.String()
	return either, true
}

// disjuncts are the operands of a disjunction, in a list of their own; the
// expression itself when it is none.
func disjuncts(e expr) []expr {
	if o, ok := e.(*or); ok {
		return append([]expr(nil), o.list...)
	}
	return []expr{e}
}
