package cover

import (
	"context"
	"slices"

	"github.com/monitorctl/monitorctl/internal/record"
)

// Decide answers for each set of the question, in order, whether the union of
// the matchers matches every record of the set. The answer is exact but for the
// rules that it names. Work is bounded by steps, the same for every set, and
// memory with it; when ctx ends, what is left is Unresolved because of
// RuleInterrupted.
func Decide(ctx context.Context, q Question) []Coverage {
	var readings []*problem
	for _, r := range q.readings() {
		readings = append(readings, newProblem(ctx, q, r))
	}
	doubts := doubtsOf(q.Matchers)
	var list []Coverage
	for _, set := range q.Sets {
		o := readings[0].judge(set)
		for _, p := range readings[1:] {
			o = agree(o, p.judge(set), doubts)
		}
		o.Lost, o.LostFailures, o.Doubtful = casesOf(o.lost), casesOf(o.failures), casesOf(o.doubtful)
		list = append(list, o.Coverage)
	}
	return list
}

// Touches reports for each set of the question, in order, whether the union of
// the matchers may match some record of it: whether the verdict of Decide would
// be another one than Missed. It looks for no more than that.
func Touches(ctx context.Context, q Question) []bool {
	list := make([]bool, len(q.Sets))
	for _, r := range q.readings() {
		p := newProblem(ctx, q, r)
		for i, set := range q.Sets {
			list[i] = list[i] || p.touches(set)
		}
	}
	return list
}

func (p *problem) touches(set Records) bool {
	j := p.newJudgement(set)
	within, union := j.within(), Or(p.union...)
	if !j.findRecord(And(within, union), true).none() {
		return true
	}
	return set.Condition != nil && j.findRecord(And(within, Not(union)), false).record == nil
}

// Example returns a record of the set as compact JSON, nil when none was found.
func Example(ctx context.Context, base *Schema, set Records) []byte {
	if set.Condition == nil {
		return set.Example(func(record.Path) string { return "" }, false).AppendTo(nil)
	}
	j := newProblem(ctx, Question{Base: base, Sets: []Records{set}}, nil).newJudgement(set)
	return j.findRecord(j.within(), false).record
}

// An opinion is a Coverage in the making, under one reading or several.
type opinion struct {
	Coverage
	lost, failures, doubtful []lostCase
}

func casesOf(list []lostCase) []Case {
	var cases []Case
	for _, c := range list {
		cases = append(cases, c.Case)
	}
	return cases
}

// readings returns all readings that may make a difference, the literal one
// first.
func (q Question) readings() []Reading {
	all := slices.Clone(q.Matchers)
	for _, set := range q.Sets {
		all = append(all, set.Condition)
	}
	list := []Reading{nil}
	for _, rule := range doubtsOf(all) {
		for _, r := range slices.Clone(list) {
			list = append(list, append(slices.Clip(r), rule))
		}
	}
	return list
}

// doubtsOf names the uncertain rules on which verdicts on matchers may depend,
// sorted.
func doubtsOf(matchers []Matcher) []string {
	var rules []string
	for _, m := range matchers {
		if m != nil {
			rules = append(rules, m.Doubts()...)
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
	both.doubtful = slices.Concat(a.doubtful, b.doubtful)
	both.MoreLost = a.MoreLost || b.MoreLost
	sameLost := len(both.lost) == len(a.lost) && len(both.lost) == len(b.lost)
	switch {
	case a.Verdict == b.Verdict && sameLost:
		return both
	case a.Verdict == b.Verdict && len(both.lost) > 0:
		both.MoreLost = true
	default:
		both.Verdict, both.lost, both.doubtful, both.MoreLost = Unresolved, nil, nil, false
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

// A judgement is the work on one set.
type judgement struct {
	*space
	set    Records
	budget int

	// belongs reports whether a record is one of those that cases describes.
	belongs func([]byte) bool
}

// newJudgement prepares the work on a set, on what is lost of it.
func (p *problem) newJudgement(set Records) *judgement {
	return p.newJudgementIn(set, view{schema: set.Schema})
}

func (p *problem) newJudgementIn(set Records, v view) *judgement {
	j := &judgement{space: p.space(v), set: set, budget: p.share}
	j.example = set.Example
	j.belongs = func(text []byte) bool { return j.confirms(text, false) }
	return j
}

// judge decides one set under one reading.
func (p *problem) judge(set Records) opinion {
	j := p.newJudgement(set)
	within, union := j.within(), Or(p.union...)
	lost := j.findRecord(And(within, Not(union)), false)
	matched := finding{}
	if !lost.none() || set.Condition != nil {
		matched = j.findRecord(And(within, union), true)
	}
	o := opinion{}
	o.Verdict, o.Rules = verdictOf(lost, matched, set.Condition == nil)
	if o.Verdict == Conditional {
		o.MoreLost = len(o.Rules) > 0
		j.narrow(&o, within, union)
		if len(o.lost) == 0 {
			o.Verdict, o.MoreLost = Unresolved, false // some records are lost, but nothing can be said of them
		}
	}
	if o.Verdict == Covered {
		o.doubtful = p.doubtful(set)
	}
	if set.Failures != nil && o.Verdict <= Conditional {
		o.failures = p.lostFailures(*set.Failures)
	}
	if p.ctx.Err() != nil {
		o = opinion{Coverage: Coverage{Verdict: Unresolved, Rules: []string{RuleInterrupted}}}
	}
	o.Rules = distinct(o.Rules)
	return o
}

// within returns the formula of the records that belong to the set.
func (j *judgement) within() *Formula {
	lawful := j.lawful(j.view)
	if c := j.set.Condition; c != nil {
		return And(j.conditions[c], lawful)
	}
	return lawful
}

// verdictOf combines what was found of lost and of matched records; exist means
// that there are records at all.
func verdictOf(lost, matched finding, exist bool) (Verdict, []string) {
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

// none reports whether there is certainly no such record.
func (f finding) none() bool { return f.record == nil && len(f.doubts) == 0 }

// findRecord looks for a record in which the goal is true, and which some
// matcher matches or not.
func (j *judgement) findRecord(goal *Formula, matched bool) finding {
	return j.find(goal, func(text []byte) bool { return j.confirms(text, matched) }, nil, &j.budget)
}

// confirms runs the matchers: it reports whether the record belongs to the set,
// and some matcher matches it or none does.
func (j *judgement) confirms(text []byte, matched bool) bool {
	r := &Record{JSON: text}
	if c := j.set.Condition; c != nil && !c.Matches(r, j.reading) {
		return false
	}
	return j.someMatches(r) == matched
}

func (p *problem) someMatches(r *Record) bool {
	return slices.ContainsFunc(p.matchers, func(m Matcher) bool { return m != nil && m.Matches(r, p.reading) })
}

// find looks in a part of the records for one in which the goal is true, and
// that the matchers confirm.
func (s *space) find(goal *Formula, confirms func([]byte) bool, part []choice, budget *int) finding {
	var f finding
	x, ok := s.newSearch(budget, part)
	if !ok {
		return f
	}
	x.run(goal, func(l leaf) bool {
		text, doubts := x.exampleOf(l, confirms)
		f.doubts = append(f.doubts, doubts...)
		f.record = text
		return text == nil
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

// exampleOf returns a record of a leaf, or why there is none.
func (s *search) exampleOf(l leaf, confirms func([]byte) bool) (text []byte, doubts []string) {
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
				text = r
				return false
			}
			built = built || ok
		}
		return tries > 0
	})
	switch {
	case text != nil:
		return text, nil
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
