package cover

// A Formula is a boolean combination of literals. Formulas are immutable and
// share their parts.
type Formula struct {
	op   formulaOp
	list []*Formula // andOf, orOf: at least two; notOf: one
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

// The constant formulas.
var (
	False = &Formula{op: never}
	True  = &Formula{op: always}
)

// A literal means that the value of a variable is in one of some classes: those
// that pass a test or, where classes is not nil, just those.
type literal struct {
	variable int
	test     int
	classes  classSet
}

func literalFormula(l literal) *Formula { return &Formula{op: literalOf, lit: l} }

// Unclear is a formula whose truth is not known, because of why, one of the Rule
// constants.
func Unclear(why string) *Formula { return &Formula{op: unclear, why: why} }

func constantFormula(b bool) *Formula {
	if b {
		return True
	}
	return False
}

// Not returns the opposite, with negations in front of literals only.
func Not(f *Formula) *Formula {
	switch f.op {
	case never:
		return True
	case always:
		return False
	case unclear:
		return f
	case notOf:
		return f.list[0]
	case literalOf:
		return &Formula{op: notOf, list: []*Formula{f}}
	}
	opposites := make([]*Formula, len(f.list))
	for i, operand := range f.list {
		opposites[i] = Not(operand)
	}
	if f.op == andOf {
		return Or(opposites...)
	}
	return And(opposites...)
}

// And is true where all operands are.
func And(list ...*Formula) *Formula { return join(andOf, always, never, list) }

// Or is true where some operand is.
func Or(list ...*Formula) *Formula { return join(orOf, never, always, list) }

// join builds a conjunction or disjunction: operands that are neutral vanish,
// one that decides stands for all.
func join(op, neutral, decides formulaOp, list []*Formula) *Formula {
	var kept []*Formula
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
	return &Formula{op: op, list: kept}
}

// literals calls f for every literal, from left to right.
func (f *Formula) literals(visit func(literal)) {
	if f.op == literalOf {
		visit(f.lit)
	}
	for _, operand := range f.list {
		operand.literals(visit)
	}
}

// doubts appends why parts of the formula are unclear.
func (f *Formula) doubts(list []string) []string {
	if f.op == unclear {
		list = append(list, f.why)
	}
	for _, operand := range f.list {
		list = operand.doubts(list)
	}
	return list
}
