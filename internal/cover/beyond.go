package cover

import (
	"context"
	"slices"
)

// A Breadth says what a union of matchers matches beside what is required.
type Breadth struct {
	// Everything means that the union matches every record, so that an alarm on
	// it says nothing.
	Everything bool

	// Beyond are records that some matcher matches and that are not required, as
	// minimal cases in stable order: all records of a case are such records.
	// Empty when Everything is true.
	Beyond []Case

	// More means that there are others, or may be: then Rules says why that is
	// not known.
	More bool

	// Rules names what More rests on (the Rule constants).
	Rules []string
}

// Beyond says what the union of the matchers of the question matches beside
// what the required matchers match, in the one set of the question, which has
// no condition. Like Decide it is exact but for the rules that it names, and
// bounded.
func Beyond(ctx context.Context, q Question, required []Matcher) Breadth {
	if Decide(ctx, q)[0].Verdict == Covered {
		return Breadth{Everything: true}
	}
	doubts := doubtsOf(q.Matchers)
	all := q
	all.Matchers = slices.Concat(q.Matchers, required)
	var o opinion
	for i, r := range all.readings() {
		next := beyond(ctx, q, required, r)
		if i == 0 {
			o = next
			continue
		}
		o = agree(o, next, doubts)
		o.MoreLost = o.MoreLost || o.Verdict == Unresolved
	}
	return Breadth{Beyond: casesOf(o.lost), More: o.MoreLost, Rules: distinct(o.Rules)}
}

// beyond is Beyond under one reading.
func beyond(ctx context.Context, q Question, required []Matcher, r Reading) opinion {
	n := len(q.Matchers)
	all := q
	all.Matchers = slices.Concat(q.Matchers, required)
	p := newProblem(ctx, all, r)
	union, asked := Or(p.union[:n]...), Or(p.union[n:]...)
	p.matchers = q.Matchers
	j := p.newJudgement(q.Sets[0])
	j.belongs = func(text []byte) bool {
		r := &Record{JSON: text}
		return j.someMatches(r) && !slices.ContainsFunc(required, func(m Matcher) bool { return m.Matches(r, j.reading) })
	}
	var o opinion
	o.lost, o.Rules, o.MoreLost = j.cases(region{
		goal:    And(union, Not(asked)),
		outside: Or(Not(union), asked),
	})
	if len(o.lost) > 0 {
		o.Verdict = Conditional
	}
	return o
}
