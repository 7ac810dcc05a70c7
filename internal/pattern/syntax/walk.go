package syntax

// Conditions returns the conditions of a JSON or space-delimited pattern, from
// left to right; none of other patterns.
func Conditions(n Node) []*Condition {
	switch n := n.(type) {
	case *JSON:
		return ConditionsOf(n.Expr, nil)
	case *Delimited:
		var list []*Condition
		for _, f := range n.Fields {
			list = ConditionsOf(f.Cond, list)
		}
		return list
	default:
		return nil
	}
}

// ConditionsOf appends the conditions of e, which may be nil, to list.
func ConditionsOf(e Expr, list []*Condition) []*Condition {
	switch e := e.(type) {
	case *And:
		for _, operand := range e.List {
			list = ConditionsOf(operand, list)
		}
	case *Or:
		for _, operand := range e.List {
			list = ConditionsOf(operand, list)
		}
	case *Condition:
		list = append(list, e)
	}
	return list
}
