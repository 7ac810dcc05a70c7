package pattern

import "slices"

// Axioms names the facts about CloudTrail on which a verdict of Cover on these
// filters leans ("userIdentity is an object"), sorted. It costs about as much
// as Cover itself.
func Axioms(filters []*Pattern, c ProbeCoverage) []string {
	var list []string
	probes := []Probe{c.Probe}
	for _, r := range jointReadings(filters, probes) {
		p := newProblem(filters, probes, r)
		j := p.newJudgement(filters, c.Probe)
		list = append(list, j.axioms(c.Verdict, j.within(), disjunction(p.filters...))...)
	}
	return distinct(list)
}

// axioms returns what the verdict leans on, sorted. For a verdict on all
// records it is a smallest set: without any one of them records would come in
// that make it false. For the others it is what is known of the fields that the
// filters look at.
func (j *judgement) axioms(verdict CoverVerdict, within, union *formula) []string {
	candidates := j.candidates(within, union)
	if verdict != Covered && verdict != Missed {
		return candidates
	}
	exception := conjunction(within, union) // what no record may be
	if verdict == Covered {
		exception = conjunction(within, not(union))
	}
	var needed []string
	var relaxed []string
	for _, a := range candidates {
		v := view{probe: j.probe, relaxed: append(slices.Clone(relaxed), a)}
		if j.problem.space(v).excludes(exception) {
			relaxed = v.relaxed
		} else {
			needed = append(needed, a)
		}
	}
	if j.spelledOut && !slices.Contains(needed, axiomUnlisted) {
		needed = append(needed, axiomUnlisted)
	}
	slices.Sort(needed)
	return needed
}

// excludes says whether the formula is certainly true of no record.
func (s *space) excludes(f *formula) bool {
	budget := maxSearchWork / 64
	x, ok := s.newSearch(&budget, nil)
	if !ok {
		return true
	}
	none := true
	x.run(f, func(leaf) bool { none = false; return false })
	return none && x.inBudget
}

// candidates returns the axioms about what the formulas mention, sorted.
func (j *judgement) candidates(within, union *formula) []string {
	seen := make([]bool, len(j.vars))
	var list []string
	mention := func(l literal) {
		v := j.vars[l.variable]
		if v.text != nil {
			list = append(list, axiomText)
		}
		if v.group != nil {
			v = v.group.parent
		}
		for ; v != nil && !seen[v.id]; v = v.parent {
			seen[v.id] = true
			if t := j.tables[v.id]; t != nil && t.domain.axiom != "" {
				list = append(list, t.domain.axiom)
			}
		}
	}
	within.literals(mention)
	union.literals(mention)
	return distinct(list)
}
