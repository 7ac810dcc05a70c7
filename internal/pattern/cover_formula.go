package pattern

// A formula is a boolean combination of literals. Formulas are immutable and
// share their parts.
type formula struct {
	op   formulaOp
	list []*formula // andOf, orOf: at least two; notOf: one
	lit  literal    // literalOf
	why  string     // unclear
}

type formulaOp byte

const (
	never   formulaOp = iota // false
	always                   // true
	unclear                  // not known, because of why
	literalOf
	notOf
	andOf
	orOf
)

var (
	falseFormula = &formula{op: never}
	trueFormula  = &formula{op: always}
)

// A literal says that the value of a variable is in one of some classes: those
// that pass a test or, where classes is not nil, just those.
type literal struct {
	variable int
	test     int
	classes  classSet
}

func literalFormula(l literal) *formula { return &formula{op: literalOf, lit: l} }

func unclearFormula(why string) *formula { return &formula{op: unclear, why: why} }

func constantFormula(b bool) *formula {
	if b {
		return trueFormula
	}
	return falseFormula
}

// not returns the opposite, with negations in front of literals only.
func not(f *formula) *formula {
	switch f.op {
	case never:
		return trueFormula
	case always:
		return falseFormula
	case unclear:
		return f
	case notOf:
		return f.list[0]
	case literalOf:
		return &formula{op: notOf, list: []*formula{f}}
	}
	opposites := make([]*formula, len(f.list))
	for i, operand := range f.list {
		opposites[i] = not(operand)
	}
	if f.op == andOf {
		return disjunction(opposites...)
	}
	return conjunction(opposites...)
}

func conjunction(list ...*formula) *formula { return join(andOf, always, never, list) }

func disjunction(list ...*formula) *formula { return join(orOf, never, always, list) }

// join builds a conjunction or disjunction: operands that are neutral vanish,
// one that decides stands for all.
func join(op, neutral, decides formulaOp, list []*formula) *formula {
	var kept []*formula
	for _, f := range list {
		switch f.op {
		case decides:
			return f
		case neutral:
		case op:
			kept = append(kept, f.list...)
		default:
			kept = append(kept, f)
		}
	}
	switch len(kept) {
	case 0:
		return constantFormula(neutral == always)
	case 1:
		return kept[0]
	}
	return &formula{op: op, list: kept}
}

// literals calls f for every literal, from left to right.
func (f *formula) literals(visit func(literal)) {
	if f.op == literalOf {
		visit(f.lit)
	}
	for _, operand := range f.list {
		operand.literals(visit)
	}
}

// doubts appends why parts of the formula are unclear.
func (f *formula) doubts(list []string) []string {
	if f.op == unclear {
		list = append(list, f.why)
	}
	for _, operand := range f.list {
		list = operand.doubts(list)
	}
	return list
}
