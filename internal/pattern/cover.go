package pattern

import "slices"

// Cover decides, for each probe of a requirement, whether the union of the
// filters matches every record that the probe describes. A nil filter stands
// for a pattern that was not understood. The answer is exact but for the rules
// that it names; work and memory are bounded.
func Cover(filters []*Pattern, want Requirement) Coverage {
	var readings []*problem
	for _, r := range jointReadings(filters, want.Probes) {
		readings = append(readings, newProblem(filters, want.Probes, r))
	}
	var c Coverage
	for _, probe := range want.Probes {
		o := readings[0].judge(filters, probe)
		for _, p := range readings[1:] {
			o = agree(o, p.judge(filters, probe), rulesOf(filters))
		}
		o.Lost, o.LostFailures = casesOf(o.lost), casesOf(o.failures)
		c.Probes = append(c.Probes, o.ProbeCoverage)
	}
	return c
}

// An opinion is a ProbeCoverage in the making, under one reading or several.
type opinion struct {
	ProbeCoverage
	lost, failures []lostCase
}

func casesOf(list []lostCase) []Case {
	var cases []Case
	for _, c := range list {
		cases = append(cases, c.Case)
	}
	return cases
}

// jointReadings returns all readings that may make a difference, the literal
// one first.
func jointReadings(filters []*Pattern, probes []Probe) []reading {
	var mid, detached bool
	note := func(p *Pattern) {
		if p != nil {
			mid, detached = mid || p.midAsterisk, detached || p.detached
		}
	}
	for _, f := range filters {
		note(f)
	}
	for _, p := range probes {
		note(p.Condition)
	}
	list := []reading{{}}
	if mid {
		list = append(list, reading{midAsterisk: true})
	}
	if detached {
		for _, r := range slices.Clone(list) {
			r.detachedIgnore = true
			list = append(list, r)
		}
	}
	return list
}

// rulesOf names the uncertain rules on which verdicts on filters may depend.
func rulesOf(filters []*Pattern) []string {
	var rules []string
	for _, f := range filters {
		if f != nil && f.midAsterisk {
			rules = append(rules, RuleMidAsterisk)
		}
		if f != nil && f.detached {
			rules = append(rules, RuleDetachedMinus)
		}
	}
	return distinct(rules)
}

// agree returns what two readings agree on. Where they do not, the verdict
// rests on the rules.
func agree(a, b opinion, rules []string) opinion {
	both := a
	both.Rules = distinct(slices.Concat(a.Rules, b.Rules))
	both.failures = common(a.failures, b.failures)
	both.lost = common(a.lost, b.lost)
	both.MoreLost = a.MoreLost || b.MoreLost
	sameLost := len(both.lost) == len(a.lost) && len(both.lost) == len(b.lost)
	switch {
	case a.Verdict == b.Verdict && sameLost:
		return both
	case a.Verdict == b.Verdict && len(both.lost) > 0:
		both.MoreLost = true
	default:
		both.Verdict, both.lost, both.MoreLost = Unresolved, nil, false
	}
	both.Rules = distinct(append(both.Rules, rules...))
	return both
}

// common returns the cases of a that b has too, in the same sense.
func common(a, b []lostCase) []lostCase {
	return slices.DeleteFunc(slices.Clone(a), func(c lostCase) bool {
		return c.uncertain || !slices.ContainsFunc(b, func(d lostCase) bool { return slices.Equal(c.Facts, d.Facts) })
	})
}

func distinct(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// A judgement is the work on one probe.
type judgement struct {
	*space
	filters []*Pattern
	probe   Probe
	budget  int

	// belongs says whether a record is one of those that cases describes.
	belongs func(record []byte) bool
}

// newJudgement prepares the work on a probe, on what is lost of it.
func (p *problem) newJudgement(filters []*Pattern, probe Probe) *judgement {
	j := &judgement{space: p.space(view{probe: probe}), filters: filters, probe: probe, budget: maxSearchWork}
	j.belongs = func(record []byte) bool { return j.confirms(record, false) }
	return j
}

// judge decides one probe under one reading.
func (p *problem) judge(filters []*Pattern, probe Probe) opinion {
	j := p.newJudgement(filters, probe)
	within, union := j.within(), disjunction(p.filters...)
	lost := j.findRecord(conjunction(within, not(union)), false)
	matched := finding{}
	if !lost.none() || probe.Condition != nil {
		matched = j.findRecord(conjunction(within, union), true)
	}
	o := opinion{ProbeCoverage: ProbeCoverage{Probe: probe}}
	o.Verdict, o.Rules = verdictOf(lost, matched, probe.Condition == nil)
	if o.Verdict == Conditional {
		o.MoreLost = len(o.Rules) > 0
		j.narrow(&o, within, union)
		if len(o.lost) == 0 {
			o.Verdict, o.MoreLost = Unresolved, false // some records are lost, but nothing can be said of them
		}
	}
	if !probe.Failures && o.Verdict <= Conditional {
		o.failures = p.lostFailures(filters, probe)
	}
	o.Rules = distinct(o.Rules)
	return o
}

// within returns the formula of the records that the probe describes.
func (s *space) within() *formula {
	if c := s.view.probe.Condition; c != nil {
		return s.conditions[c]
	}
	return trueFormula
}

// verdictOf combines what was found of lost and of matched records; exist says
// that there are records at all.
func verdictOf(lost, matched finding, exist bool) (CoverVerdict, []string) {
	switch {
	case lost.none() && matched.none() && !exist:
		return Unresolved, []string{RuleNoRecord}
	case lost.none():
		return Covered, nil
	case matched.none() && (exist || lost.record != nil):
		return Missed, nil
	case lost.record == nil:
		return Unresolved, lost.doubts
	default:
		return Conditional, matched.doubts
	}
}

// A finding is what a search for a record came to.
type finding struct {
	record []byte   // nil if none was found
	doubts []string // why there may be one all the same, or others; filled when record is nil
}

// none says that there is certainly no such record.
func (f finding) none() bool { return f.record == nil && len(f.doubts) == 0 }

// findRecord looks for a record in which the goal is true, and which some
// filter matches or not.
func (j *judgement) findRecord(goal *formula, matched bool) finding {
	return j.find(goal, func(record []byte) bool { return j.confirms(record, matched) }, nil, &j.budget)
}

// confirms runs the matcher: whether some filter matches the record, and
// whether it is one that the probe describes.
func (j *judgement) confirms(record []byte, matched bool) bool {
	m := Decode(record)
	if c := j.probe.Condition; c != nil && !c.matchReading(m, j.reading) {
		return false
	}
	some := slices.ContainsFunc(j.filters, func(f *Pattern) bool { return f != nil && f.matchReading(m, j.reading) })
	return some == matched
}

// find looks in a part of the records for one in which the goal is true, and
// that the matcher confirms.
func (s *space) find(goal *formula, confirms func(record []byte) bool, part []choice, budget *int) finding {
	var f finding
	x, ok := s.newSearch(budget, part)
	if !ok {
		return f
	}
	x.run(goal, func(l leaf) bool {
		record, doubts := x.example(l, confirms)
		f.doubts = append(f.doubts, doubts...)
		f.record = record
		return record == nil
	})
	if !x.inBudget {
		f.doubts = append(f.doubts, RuleTooManyCases)
	}
	if f.record != nil {
		f.doubts = nil
	}
	f.doubts = distinct(f.doubts)
	return f
}

// maxTries bounds the ways to make a record of one leaf.
const maxTries = 32

// example returns a record of a leaf, or why there is none.
func (s *search) example(l leaf, confirms func(record []byte) bool) (record []byte, doubts []string) {
	if len(l.doubts) > 0 {
		return nil, l.doubts
	}
	built := false
	tries := maxTries
	s.eachCompletion(func() bool {
		tries--
		for _, lean := range []bool{false, true} {
			*s.budget -= exampleWork
			r, ok := s.record(lean)
			if ok && confirms(r) {
				record = r
				return false
			}
			built = built || ok
		}
		return tries > 0
	})
	switch {
	case record != nil:
		return record, nil
	case built && s.simple(l.path):
		return nil, []string{RuleInternal}
	}
	return nil, []string{s.limitOf(l.path)}
}

// limitOf says why no record of a leaf was found.
func (s *search) limitOf(path []choice) string {
	for _, c := range path {
		if limit := s.tables[c.variable].limit; limit != "" {
			return limit
		}
	}
	return RuleNoExample
}
