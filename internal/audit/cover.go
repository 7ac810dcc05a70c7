package audit

import (
	"cmp"
	"slices"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// A CoverAnswer says what a union of patterns does for a control, whatever the
// account and region.
type CoverAnswer struct {
	Control  string
	Verdict  pattern.CoverVerdict // the worst of its events
	Missed   []MissedEvent        // without regions
	Narrowed []Narrowing          // Filter is empty
	Rules    []string             // what an undetermined verdict rests on
	Noisy    bool                 // some of the everyday events match too
	Literal  bool                 // one of the patterns is the version's text
}

// Cover decides whether the union of patterns matches all that a control
// requires.
func Cover(patterns []*pattern.Pattern, c catalog.Control, b catalog.Benchmark) (CoverAnswer, error) {
	shapes, err := shapesOf(c, b)
	if err != nil {
		return CoverAnswer{}, err
	}
	cov := pattern.Cover(patterns, pattern.Requirement{Probes: shapes})
	a := CoverAnswer{Control: c.ID, Verdict: cov.Verdict()}
	for _, p := range cov.Probes {
		m := MissedEvent{Source: cmp.Or(p.Probe.Source, "*"), Event: cmp.Or(p.Probe.Event, "*")}
		if p.Verdict == pattern.Missed && !slices.ContainsFunc(a.Missed, func(have MissedEvent) bool { return have.Source == m.Source && have.Event == m.Event }) {
			a.Missed = append(a.Missed, m)
		}
		a.Rules = sorted(append(a.Rules, p.Rules...))
		for _, n := range append(narrowings(p.Lost, ""), narrowings(p.LostFailures, "")...) {
			if !slices.ContainsFunc(a.Narrowed, func(have Narrowing) bool { return have.Text == n.Text }) {
				a.Narrowed = append(a.Narrowed, n)
			}
		}
	}
	for _, e := range benignFor(c) {
		a.Noisy = a.Noisy || slices.ContainsFunc(patterns, func(p *pattern.Pattern) bool { return p.Match(e.record) == pattern.Match })
	}
	texts := literalTexts(c, b)
	a.Literal = slices.ContainsFunc(patterns, func(p *pattern.Pattern) bool { return texts[p.String()] })
	return a, nil
}

// literalTexts returns the version's texts in their shortest form: tree for
// tree, without regard to white space, value quotes and redundant parentheses.
func literalTexts(c catalog.Control, b catalog.Benchmark) map[string]bool {
	texts := map[string]bool{}
	for _, t := range c.Texts(b) {
		if p, err := pattern.Parse(t.Text); err == nil {
			texts[p.String()] = true
		}
	}
	return texts
}
