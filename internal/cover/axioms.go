package cover

import (
	"context"
	"slices"
)

// Axioms names the axioms of the schema on which a verdict of Decide on the one
// set of the question leans, sorted. For a verdict on all records of the set
// they are a smallest set: without any one of them records would come in that
// make it false. For the others they are what is known of the fields that the
// matchers look at. It costs about as much as Decide.
func Axioms(ctx context.Context, q Question, verdict Verdict) []string {
	var list []string
	for _, r := range q.readings() {
		p := newProblem(ctx, q, r)
		j := p.newJudgement(q.Sets[0])
		list = append(list, j.axioms(verdict, j.within(), Or(p.union...))...)
	}
	return distinct(list)
}

// axioms is Axioms under one reading.
func (j *judgement) axioms(verdict Verdict, within, union *Formula) []string {
	candidates := j.candidates(within, union)
	if verdict != Covered && verdict != Missed {
		return candidates
	}
	exceptionIn := func(j *judgement) *Formula { // what no record may be
		if verdict == Covered {
			return And(j.within(), Not(union))
		}
		return And(j.within(), union)
	}
	var needed []string
	var relaxed []string
	for _, a := range candidates {
		v := view{schema: j.set.Schema, relaxed: append(slices.Clone(relaxed), a)}
		if less := j.newJudgementIn(j.set, v); less.excludes(exceptionIn(less)) {
			relaxed = v.relaxed
		} else {
			needed = append(needed, a)
		}
	}
	if unlisted := j.set.Schema.Unlisted; j.spelledOut && !slices.Contains(needed, unlisted) {
		needed = append(needed, unlisted)
	}
	slices.Sort(needed)
	return needed
}

// excludes reports whether the formula is certainly true of no record.
func (s *space) excludes(f *Formula) bool {
	budget := s.share / 64
	x, ok := s.newSearch(&budget, nil)
	if !ok {
		return true
	}
	none := true
	x.run(f, func(leaf) bool { none = false; return false })
	return none && x.inBudget
}

// candidates returns the axioms about what the formulas mention, sorted.
func (j *judgement) candidates(within, union *Formula) []string {
	seen := make([]bool, len(j.vars))
	var list []string
	mention := func(l literal) {
		v := j.vars[l.variable]
		if v.text != nil {
			list = append(list, j.set.Schema.Text)
		}
		if v.group != nil {
			v = v.group.parent
		}
		for ; v != nil && !seen[v.id]; v = v.parent {
			seen[v.id] = true
			if t := j.tables[v.id]; t != nil && t.domain.Axiom != "" {
				list = append(list, t.domain.Axiom)
			}
		}
	}
	for _, l := range j.lawsOf(j.set.Schema) {
		if j.laws[l.key] != nil {
			list = append(list, l.axiom)
		}
	}
	within.literals(mention)
	union.literals(mention)
	return distinct(list)
}
