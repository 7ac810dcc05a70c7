package audit

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

// A CoverAnswer says what a union of patterns does for a control, whatever the
// account and region.
type CoverAnswer struct {
	Control  string
	Verdict  cover.Verdict         // the worst of its events
	Missed   []finding.MissedEvent // without regions
	Narrowed []finding.Narrowing   // Filter is empty
	Rules    []string              // what an undetermined verdict rests on
	Axioms   []string              // facts about CloudTrail's records that the verdict leans on
	Doubtful []finding.Narrowing   // lost if soft facts about records do not hold; Filter is empty
	Noisy    bool                  // some of the everyday events match too
	Literal  bool                  // one of the patterns is the version's text

	// Tolerated says that nothing is lost but what may be left out on purpose
	// (docs/judging.md, section 3), which a finding warns of.
	Tolerated bool

	// Everything says that the union matches every management event. Beyond are
	// the records that it matches and that the control does not ask for, in
	// words; MoreBeyond says that there are others, or may be. Events that only
	// have the name of a required event, of another service, are counted by
	// OtherServices instead.
	Everything, OtherServices bool
	Beyond                    []BeyondCase
	MoreBeyond                bool
}

// A BeyondCase describes records that are matched though the control does not
// ask for them.
type BeyondCase struct {
	Text    string // the condition in words
	Example string // one such record, compact JSON
}

// Cover decides whether the union of patterns matches all that a control
// requires.
func Cover(ctx context.Context, patterns []*pattern.Pattern, c catalog.Control, b catalog.Benchmark) (CoverAnswer, error) {
	return CoverUnion(ctx, pattern.Matchers(patterns), c, b)
}

// CoverUnion is Cover for patterns of any language. Of a rule it knows the pattern
// alone, and not whether its state lets read events through.
func CoverUnion(ctx context.Context, matchers []cover.Matcher, c catalog.Control, b catalog.Benchmark) (CoverAnswer, error) {
	if c.Type == catalog.State {
		return CoverAnswer{}, fmt.Errorf("control %s asks for a state of the account, which no pattern can cover", c.ID)
	}
	shapes, err := shapesOf(c, b)
	if err != nil {
		return CoverAnswer{}, err
	}
	want := cloudtrail.Requirement{Probes: shapes}
	cov := cloudtrail.Cover(ctx, matchers, want)
	a := CoverAnswer{Control: c.ID, Verdict: cov.Verdict(), Tolerated: true}
	for _, p := range cov.Probes {
		a.Tolerated = a.Tolerated && acceptable(p, "")
		m := finding.MissedEvent{Source: cmp.Or(p.Probe.Source, "*"), Event: cmp.Or(p.Probe.Event, "*")}
		if p.Verdict == cover.Missed && !slices.ContainsFunc(a.Missed, func(have finding.MissedEvent) bool { return have.Source == m.Source && have.Event == m.Event }) {
			a.Missed = append(a.Missed, m)
		}
		a.Rules = sorted(append(a.Rules, p.Rules...))
		a.Axioms = sorted(append(a.Axioms, cloudtrail.Axioms(ctx, matchers, p)...))
		for _, n := range narrowings(p.Doubtful, "") {
			if !slices.ContainsFunc(a.Doubtful, func(have finding.Narrowing) bool { return have.Text == n.Text }) {
				a.Doubtful = append(a.Doubtful, n)
			}
		}
		for _, n := range append(narrowings(p.Lost, ""), narrowings(p.LostFailures, "")...) {
			if !slices.ContainsFunc(a.Narrowed, func(have finding.Narrowing) bool { return have.Text == n.Text }) {
				a.Narrowed = append(a.Narrowed, n)
			}
		}
	}
	for _, e := range benignFor(c) {
		a.Noisy = a.Noisy || slices.ContainsFunc(matchers, func(m cover.Matcher) bool { return certainlyMatches(m, e.record) })
	}
	a.beyond(cloudtrail.Beyond(ctx, matchers, want), shapes)
	texts := literalTexts(c, b)
	a.Literal = slices.ContainsFunc(matchers, func(m cover.Matcher) bool {
		p, ok := m.(*pattern.Pattern)
		return ok && texts[p.String()]
	})
	return a, nil
}

// certainlyMatches reports whether a record matches whatever AWS leaves open.
func certainlyMatches(m cover.Matcher, record []byte) bool {
	if p, ok := m.(*pattern.Pattern); ok {
		return p.Match(record) == match.Match
	}
	return m.Matches(&cover.Record{JSON: record}, nil)
}

// Within reports whether a pattern matches nothing but what a control is about: its
// required events, its core operations, and events of their names of other services.
// What AWS leaves open counts as matched.
func Within(ctx context.Context, p *pattern.Pattern, c catalog.Control, b catalog.Benchmark) bool {
	shapes, err := shapesOf(c, b)
	if err != nil {
		return false
	}
	for _, e := range c.BlindSpots(b) {
		shapes = append(shapes, cloudtrail.Probe{Source: e.Source, Event: e.Name, ReadOnly: c.ReadOnly, EventTypes: c.EventTypes, Failures: c.Failures})
	}
	breadth := cloudtrail.Beyond(ctx, []cover.Matcher{p}, cloudtrail.Requirement{Probes: shapes})
	var a CoverAnswer
	a.beyond(breadth, shapes)
	return !a.Everything && !a.MoreBeyond && len(a.Beyond) == 0
}

// beyond fills in what the patterns match beside the requirement.
func (a *CoverAnswer) beyond(b cover.Breadth, shapes []cloudtrail.Probe) {
	a.Everything, a.MoreBeyond = b.Everything, b.More
	for _, c := range b.Beyond {
		if sameNameElsewhere(c, shapes) {
			a.OtherServices = true
			continue
		}
		a.Beyond = append(a.Beyond, BeyondCase{Text: textOf(c), Example: string(c.Example)})
	}
}

// sameNameElsewhere reports whether a case is about the name of a required event
// and otherwise only about the source.
func sameNameElsewhere(c cover.Case, shapes []cloudtrail.Probe) bool {
	named := false
	for _, f := range c.Facts {
		switch {
		case f.Path == "eventSource":
		case f.Path == "eventName" && f.Kind == cover.FactEquals && slices.ContainsFunc(shapes, func(p cloudtrail.Probe) bool { return p.Event == f.Value }):
			named = true
		default:
			return false
		}
	}
	return named
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
