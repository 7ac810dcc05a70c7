package cover

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/record"
)

// MaxCases bounds the cases that are listed for one set.
const MaxCases = 50

// A region is a part of a set of records given by two formulas: goal is true
// in it, and outside is true in the other records of the set.
type region struct{ goal, outside *Formula }

// A lostCase is a Case in the making.
type lostCase struct {
	Case
	part      []choice
	uncertain bool // its words mean something else under another reading
}

// narrow lists what is lost.
func (j *judgement) narrow(o *opinion, within, union *Formula) {
	lost := region{And(within, Not(union)), And(within, union)}
	cases, doubts, more := j.cases(lost)
	o.lost = cases
	o.MoreLost = o.MoreLost || more
	o.Rules = append(o.Rules, doubts...)
}

// lostFailures lists the failed calls that are lost although the same calls
// would not be if they succeeded.
func (p *problem) lostFailures(f Failures) []lostCase {
	if !slices.ContainsFunc(f.Success, func(s record.Step) bool { return p.root.find(s) != nil }) {
		return nil
	}
	j := p.newJudgement(f.Records())
	var success []choice
	for _, step := range f.Success {
		if v := p.root.find(step); v != nil {
			success = append(success, choice{v.id, j.tables[v.id].missing})
		}
	}
	x, ok := j.newSearch(&j.budget, success)
	if !ok {
		return nil
	}
	within, union := j.within(), Or(p.union...)
	matched := x.simplify(union)
	lost := region{And(within, Not(union), matched), And(within, Or(union, Not(matched)))}
	cases, _, _ := j.cases(lost)
	return cases
}

// cases describes a region by minimal cases. If they may not be all, more is
// true, and doubts says why that is not known.
func (j *judgement) cases(r region) (cases []lostCase, doubts []string, more bool) {
	l := caseList{judgement: j, region: r}
	rest := r.goal
	for len(l.cases) <= MaxCases {
		path, found := j.findPart(rest)
		l.doubts = append(l.doubts, found.doubts...)
		if found.record == nil {
			break
		}
		part := j.widen(path, r.outside)
		rest = And(rest, Not(partFormula(part)))
		l.describe(part)
	}
	more = len(l.cases) > MaxCases
	if more {
		l.cases = l.cases[:MaxCases]
	}
	slices.SortStableFunc(l.cases, func(a, b lostCase) int {
		return slices.CompareFunc(a.part, b.part, func(a, b choice) int { return a.variable - b.variable })
	})
	return l.cases, l.doubts, more || len(l.doubts) > 0
}

// findPart looks for a leaf of the formula; the finding reports whether there is
// one.
func (j *judgement) findPart(goal *Formula) (path []choice, f finding) {
	x, ok := j.newSearch(&j.budget, nil)
	if !ok {
		return nil, f
	}
	x.run(goal, func(l leaf) bool {
		var doubts []string
		f.record, doubts = x.exampleOf(l, j.belongs)
		f.doubts = append(f.doubts, doubts...)
		path = l.path
		return f.record == nil
	})
	if !x.inBudget {
		f.doubts = append(f.doubts, RuleTooManyCases)
	}
	return path, f
}

// partFormula means that a record is in a part.
func partFormula(part []choice) *Formula {
	list := make([]*Formula, len(part))
	for i, c := range part {
		list[i] = literalFormula(literal{variable: c.variable, classes: c.set})
	}
	return And(list...)
}

// widen drops from a part what is not needed to stay clear of the records
// outside, and lets the other variables have as many classes as possible.
func (j *judgement) widen(part []choice, outside *Formula) []choice {
	part = slices.Clone(part)
	for i := len(part) - 1; i >= 0; i-- {
		c := part[i]
		others := slices.Delete(slices.Clone(part), i, i+1)
		reached, ok := j.reached(c.variable, outside, others)
		if !ok {
			continue
		}
		if !j.possible(c.variable).meets(reached) {
			part = others
			continue
		}
		part[i].set = j.tables[c.variable].all.minus(reached).or(c.set)
	}
	return part
}

// reached returns the classes of a variable that leave the formula true, or
// maybe true, somewhere in the part; ok is false when that was too much work.
func (j *judgement) reached(v int, f *Formula, part []choice) (set classSet, ok bool) {
	set = newClassSet(len(j.tables[v].classes))
	x, consistent := j.newSearch(&j.budget, part)
	if !consistent {
		return set, true
	}
	x.run(f, func(leaf) bool {
		*x.budget -= len(set)
		set = set.or(x.allowed[v])
		return true
	})
	return set, x.inBudget
}

// possible returns the classes that a variable can have in some record.
func (j *judgement) possible(v int) classSet {
	if j.start == nil {
		return j.tables[v].all
	}
	return j.start[v]
}

// A caseList collects the cases of a region.
type caseList struct {
	*judgement
	region
	cases  []lostCase
	doubts []string // why there may be more
}

// describe appends the cases of a part: one for each way to choose a statement
// for each of its variables.
func (l *caseList) describe(part []choice) {
	slices.SortFunc(part, func(a, b choice) int { return a.variable - b.variable })
	alternatives := make([][]statement, len(part))
	for i, c := range part {
		list, limit := l.statements(c, l.care(part, i))
		if limit != "" {
			l.doubts = append(l.doubts, limit)
		}
		alternatives[i] = list
	}
	l.choose(alternatives, nil)
}

// care returns the classes that variable i of a part can have in records of the
// set that are in the part otherwise.
func (l *caseList) care(part []choice, i int) classSet {
	v := part[i].variable
	if l.within() != True {
		if reached, ok := l.reached(v, l.within(), slices.Delete(slices.Clone(part), i, i+1)); ok {
			return reached
		}
	}
	return l.possible(v)
}

func (l *caseList) choose(alternatives [][]statement, chosen []statement) {
	switch {
	case len(l.cases) > MaxCases:
	case l.budget < 0:
		l.doubts = append(l.doubts, RuleTooManyCases)
	case len(alternatives) == 0:
		l.add(chosen)
	default:
		for _, s := range alternatives[0] {
			l.choose(alternatives[1:], append(slices.Clip(chosen), s))
		}
	}
}

// add makes a case of one statement for each variable, unless no record is like
// that, or another case says as much.
func (l *caseList) add(chosen []statement) {
	chosen = l.needed(chosen)
	var c lostCase
	for _, s := range chosen {
		c.Facts = append(c.Facts, s.facts...)
		c.part = append(c.part, s.choice)
		c.uncertain = c.uncertain || s.uncertain
	}
	if slices.ContainsFunc(l.cases, func(d lostCase) bool { return d.contains(c) }) {
		return
	}
	found := l.find(l.goal, l.belongs, c.part, &l.budget)
	l.doubts = append(l.doubts, found.doubts...)
	c.Example = found.record
	if found.record != nil {
		l.cases = append(l.cases, c)
	}
}

// needed drops the statements that follow from the others as far as records
// outside of the region are concerned.
func (l *caseList) needed(chosen []statement) []statement {
	for i := len(chosen) - 1; i >= 0 && len(chosen) > 1; i-- {
		others := slices.Delete(slices.Clone(chosen), i, i+1)
		var part []choice
		for _, s := range others {
			part = append(part, s.choice)
		}
		x, consistent := l.newSearch(&l.budget, part)
		if consistent && x.run(l.outside, func(leaf) bool { return false }) {
			chosen = others
		}
	}
	return chosen
}

// contains reports whether all records of d are records of c.
func (c lostCase) contains(d lostCase) bool {
	return !slices.ContainsFunc(c.Facts, func(f Fact) bool { return !slices.Contains(d.Facts, f) })
}
