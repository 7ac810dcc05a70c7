package pattern

import "slices"

// maxCases bounds the cases that are listed for one probe.
const maxCases = 50

// A region is a part of a probe's records given by two formulas: goal is true
// in it, and outside is true in the other records of the probe.
type region struct{ goal, outside *formula }

// narrow lists what is lost.
func (j *judgement) narrow(c *ProbeCoverage, within, union *formula) {
	lost := region{conjunction(within, not(union)), conjunction(within, union)}
	cases, doubts, more := j.cases(lost)
	c.Lost = cases
	c.MoreLost = c.MoreLost || more
	c.Rules = append(c.Rules, doubts...)
}

// lostFailures lists the failed calls that are lost although the same calls
// would not be if they succeeded.
func (p *problem) lostFailures(filters []*Pattern, probe Probe) []Case {
	probe.Failures = true
	j := &judgement{space: p.space(view{probe: probe}), filters: filters, probe: probe, budget: maxSearchWork}
	var success []choice
	for _, name := range []string{"errorCode", "errorMessage"} {
		if v := p.root.find(step{kind: stepName, name: name}); v != nil {
			success = append(success, choice{v.id, j.tables[v.id].missing})
		}
	}
	if success == nil {
		return nil
	}
	x, ok := j.newSearch(&j.budget, success)
	if !ok {
		return nil
	}
	within, union := j.within(), disjunction(p.filters...)
	matched := x.simplify(union)
	lost := region{conjunction(within, not(union), matched), conjunction(within, disjunction(union, not(matched)))}
	cases, _, _ := j.cases(lost)
	return cases
}

// cases describes a region by minimal cases. If they may not be all, more is
// true, and doubts says why that is not known.
func (j *judgement) cases(r region) (cases []Case, doubts []string, more bool) {
	rest := r.goal
	for len(cases) < maxCases {
		path, found := j.findPart(rest)
		if found.record == nil {
			doubts = append(doubts, found.doubts...)
			return cases, doubts, len(doubts) > 0
		}
		part := j.widen(path, r.outside)
		rest = conjunction(rest, not(partFormula(part)))
		d := caseList{judgement: j, goal: r.goal, cases: cases}
		d.describe(part)
		cases = d.cases
		doubts = append(doubts, d.doubts...)
	}
	if len(cases) > maxCases {
		return cases[:maxCases], doubts, true
	}
	left := j.findRecord(rest, false)
	return cases, append(doubts, left.doubts...), len(doubts) > 0 || !left.none()
}

// findPart looks for a leaf of the formula; the finding says whether there is
// one.
func (j *judgement) findPart(goal *formula) (path []choice, f finding) {
	x, ok := j.newSearch(&j.budget, nil)
	if !ok {
		return nil, f
	}
	x.run(goal, func(l leaf) bool {
		var doubts []string
		f.record, doubts = x.example(l, func(record []byte) bool { return j.confirms(record, false) })
		f.doubts = append(f.doubts, doubts...)
		path = l.path
		return f.record == nil
	})
	if !x.inBudget {
		f.doubts = append(f.doubts, RuleTooManyCases)
	}
	return path, f
}

// partFormula says that a record is in a part.
func partFormula(part []choice) *formula {
	list := make([]*formula, len(part))
	for i, c := range part {
		list[i] = literalFormula(literal{variable: c.variable, classes: c.set})
	}
	return conjunction(list...)
}

// widen drops from a part what is not needed to stay clear of the records
// outside, and lets the other variables have as many classes as possible.
func (j *judgement) widen(part []choice, outside *formula) []choice {
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

// reached returns the classes of a variable with which the formula is or may be
// true somewhere in the part; ok is false when that was too much work.
func (j *judgement) reached(v int, f *formula, part []choice) (set classSet, ok bool) {
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
	x, ok := j.newSearch(&j.budget, nil)
	if !ok {
		return newClassSet(len(j.tables[v].classes))
	}
	return x.allowed[v]
}

// A caseList collects the cases of a region.
type caseList struct {
	*judgement
	goal   *formula
	cases  []Case
	doubts []string // why there may be more
}

// describe appends the cases of a part: one for each way to choose a statement
// for each of its variables.
func (l *caseList) describe(part []choice) {
	slices.SortFunc(part, func(a, b choice) int { return a.variable - b.variable })
	alternatives := make([][]statement, len(part))
	for i, c := range part {
		alternatives[i] = l.statements(c, l.care(part, i))
	}
	l.choose(alternatives, nil)
}

// care returns the classes that variable i of a part can have in records of the
// probe that are in the part otherwise.
func (l *caseList) care(part []choice, i int) classSet {
	v := part[i].variable
	if l.probe.Condition != nil {
		if reached, ok := l.reached(v, l.within(), slices.Delete(slices.Clone(part), i, i+1)); ok {
			return reached
		}
	}
	return l.possible(v)
}

func (l *caseList) choose(alternatives [][]statement, chosen []statement) {
	switch {
	case len(l.cases) > maxCases:
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
	var c Case
	var part []choice
	for _, s := range chosen {
		c.Facts = append(c.Facts, s.facts...)
		part = append(part, s.choice)
	}
	found := l.find(l.goal, func(record []byte) bool { return l.confirms(record, false) }, part, &l.budget)
	l.doubts = append(l.doubts, found.doubts...)
	c.Example = found.record
	if found.record != nil && !implied(c, l.cases) {
		l.cases = append(l.cases, c)
	}
}

// implied says whether a case is part of one that is listed.
func implied(c Case, cases []Case) bool {
	return slices.ContainsFunc(cases, func(d Case) bool {
		return !slices.ContainsFunc(d.Facts, func(f Fact) bool { return !slices.Contains(c.Facts, f) })
	})
}
