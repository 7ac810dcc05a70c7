package pattern

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A Breadth says what a union of filters matches beside a requirement.
type Breadth struct {
	// Everything says that the union matches every record of CloudTrail's
	// management events, so that an alarm on it says nothing.
	Everything bool

	// Beyond are records that some filter matches and that the requirement is
	// not about, as minimal cases in stable order: all records of a case are
	// such records. A failed call of a required event is not beyond it. Empty
	// when Everything is true.
	Beyond []Case

	// More says that there are others, or may be: then Rules says why that is
	// not known.
	More bool

	// Rules names what More rests on (the Rule constants).
	Rules []string
}

// Beyond says what the union of the filters matches beside the requirement. A
// nil filter stands for a pattern that was not understood. Regions make no
// difference: a required event is required everywhere. Like Cover it is exact
// but for the rules that it names, and bounded.
func Beyond(filters []*Pattern, want Requirement) Breadth {
	required := requiredPatterns(want)
	free := Probe{Account: accountOf(want), Failures: true}
	all := Cover(filters, Requirement{Probes: []Probe{free}}).Probes[0]
	if all.Verdict == Covered {
		return Breadth{Everything: true}
	}
	var o opinion
	for i, r := range jointReadings(slices.Concat(filters, required), nil) {
		next := beyond(filters, required, free, r)
		if i == 0 {
			o = next
			continue
		}
		o = agree(o, next, rulesOf(filters))
		o.MoreLost = o.MoreLost || o.Verdict == Unresolved
	}
	return Breadth{Beyond: casesOf(o.lost), More: o.MoreLost, Rules: distinct(o.Rules)}
}

// beyond is Beyond under one reading.
func beyond(filters, required []*Pattern, free Probe, r reading) opinion {
	p := newProblem(slices.Concat(filters, required), nil, r)
	union, asked := disjunction(p.filters[:len(filters)]...), disjunction(p.filters[len(filters):]...)
	j := p.newJudgement(filters, free)
	j.belongs = func(record []byte) bool {
		m := Decode(record)
		asks := func(q *Pattern) bool { return q.matchReading(m, r) }
		return j.confirms(record, true) && !slices.ContainsFunc(required, asks)
	}
	o := opinion{ProbeCoverage: ProbeCoverage{Probe: free}}
	o.lost, o.Rules, o.MoreLost = j.cases(region{
		goal:    conjunction(union, not(asked)),
		outside: disjunction(not(union), asked),
	})
	if len(o.lost) > 0 {
		o.Verdict = Conditional
	}
	return o
}

// requiredPatterns returns patterns that match the records of a requirement and
// those of failed calls, in every region.
func requiredPatterns(want Requirement) []*Pattern {
	var list []*Pattern
	seen := map[[2]string]bool{}
	for _, probe := range want.Probes {
		if c := probe.Condition; c != nil {
			list = append(list, c)
			continue
		}
		event := [2]string{probe.Source, probe.Event}
		if seen[event] {
			continue
		}
		seen[event] = true
		list = append(list, &Pattern{root: &jsonPattern{expr: &and{list: []expr{
			equals("eventSource", probe.Source),
			equals("eventName", probe.Event),
		}}}})
	}
	return list
}

// equals is the condition that a field of the record is a text; "" is any.
func equals(field, text string) *condition {
	if text == "" {
		text = "*"
	}
	return &condition{sel: record.Path{{Kind: record.Name, Name: field}}, op: opEqual, val: value{kind: valueText, text: text}}
}

// accountOf returns the account of the probes, "" when they have none or
// several.
func accountOf(want Requirement) string {
	account := ""
	for i, p := range want.Probes {
		if i > 0 && p.Account != account {
			return ""
		}
		account = p.Account
	}
	return account
}
