package lint

import (
	"context"
	"fmt"
	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/iac"
)

// An Asked reports whether all patterns together cover a control that was asked
// for.
type Asked struct {
	Control, Number string
	Verdict         cover.Verdict
	Missed          []Event  // events that no pattern matches
	Lost            []string // conditions under which a required event is not matched, in words
	Rules           []string // what AWS leaves open, or a limit, on which the verdict rests

	// Unlike says that no pattern is about the control: what of it is matched is
	// matched by the way.
	Unlike bool

	// Hints name patterns that do not count and would or could cover it, each with
	// its place and why it does not count.
	Hints []string
}

// String says how the control stands.
func (a Asked) String() string {
	name := Coverage{Control: a.Control, Number: a.Number}.String()
	switch a.Verdict {
	case cover.Covered:
		return name + " is covered"
	case cover.Unresolved:
		return name + " could not be decided: " + strings.Join(a.Rules, ", ")
	}
	text := name + " is not covered: " + a.why()
	for _, hint := range a.Hints {
		text += "; " + hint
	}
	return text
}

// why says what is not matched.
func (a Asked) why() string {
	names := make([]string, len(a.Missed))
	for i, e := range a.Missed {
		names[i] = e.Name
	}
	switch {
	case a.Unlike, slices.Contains(names, "*"), len(names)+len(a.Lost) == 0:
		return "no pattern is about it"
	case len(a.Lost) == 0:
		return "no pattern matches " + orList(names)
	case len(names) == 0:
		return "no pattern matches records in which " + strings.Join(a.Lost, ", or in which ")
	}
	return "no pattern matches " + orList(names) + ", nor records in which " + strings.Join(a.Lost, ", or in which ")
}

// asked judges the patterns of all files together. Patterns count that are known
// as a whole, that a metric filter or a rule may have, and that are deployed whatever
// a condition says.
func (j *judge) asked(ctx context.Context, all []*reading, o Options) ([]Asked, error) {
	var union []*answer
	var others []other
	about := map[string]bool{}
	taken := map[*answer]bool{}
	for _, r := range all {
		for _, f := range r.found {
			a := j.answers[questionOf(f)]
			counts := f.Kind == iac.MetricFilter || f.Kind == iac.Other || f.Kind == iac.EventRule
			switch {
			case a == nil || !counts:
			case a.matcher() == nil || f.Perhaps:
				others = append(others, other{f, a})
			case !taken[a]:
				taken[a] = true
				union = append(union, a)
				j.about(a, about)
			}
		}
	}
	controls := catalog.Repairable(o.Asked)
	out := make([]Asked, len(controls))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, c := range controls {
		g.Go(func() error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			var err error
			out[i], err = ask(ctx, union, c, o.Benchmark)
			if out[i].Verdict != cover.Covered {
				out[i].Unlike = !about[c.ID] && out[i].Verdict != cover.Unresolved
				out[i].Hints = hints(others, c.ID)
			}
			return err
		})
	}
	return out, g.Wait()
}

// about notes the controls that a pattern is about: it names one of their events,
// or does enough for them to be told.
func (j *judge) about(a *answer, controls map[string]bool) {
	for _, part := range a.cover {
		controls[part.Control] = true
	}
	if a.parsed == nil {
		return
	}
	names := newAsked(a.parsed)
	for _, d := range j.demands {
		if names.onlyNames && slices.ContainsFunc(names.names, func(n string) bool { return d.events[n] }) {
			controls[d.control] = true
		}
	}
}

// An other is a pattern that does not count.
type other struct {
	iac.Found

	answer *answer
}

// hints names the patterns that do not count and would or could cover a control,
// each once.
func hints(others []other, control string) []string {
	var list []string
	for _, o := range others {
		same := func(part partial) bool { return part.Control == control && part.complete() }
		src, pos := o.Where(0)
		at := src.Place(pos)
		text := fmt.Sprintf("the one at %s:%d:%d ", shown(src.Path), at.Line, at.Column)
		switch {
		case slices.ContainsFunc(o.answer.cover, same):
			text += "would, but is deployed only under a condition"
		case slices.ContainsFunc(o.answer.could, same):
			text += "could, but " + andList(o.Unknown()) + " is not known"
		default:
			continue
		}
		if !slices.Contains(list, text) {
			list = append(list, text)
		}
	}
	return list
}

// withoutMet drops what single patterns miss of controls that all of them
// together cover.
func (r *Report) withoutMet() {
	met := func(f Finding) bool {
		return f.Nearly != nil && slices.ContainsFunc(r.Asked, func(a Asked) bool { return a.Control == f.Nearly.Control && a.Verdict == cover.Covered })
	}
	for i := range r.Files {
		for k := range r.Files[i].Patterns {
			p := &r.Files[i].Patterns[k]
			p.Findings = slices.DeleteFunc(p.Findings, met)
		}
	}
}

// matcher returns what an answer is about for the exact decision, nil for none.
func (a *answer) matcher() cover.Matcher {
	switch {
	case a.rule != nil:
		return a.rule
	case a.parsed != nil:
		return a.parsed
	}
	return nil
}

// mayMatch reports whether a pattern may match records of some probe.
func (a *answer) mayMatch(probes []cloudtrail.Probe) bool {
	if a.parsed == nil {
		return true
	}
	names := newAsked(a.parsed)
	return slices.ContainsFunc(probes, func(p cloudtrail.Probe) bool { return names.canMatch(&p) })
}

// ask judges the patterns that may match events of a control.
func ask(ctx context.Context, union []*answer, c catalog.Control, b catalog.Benchmark) (Asked, error) {
	number, _ := c.Number(b)
	out := Asked{Control: c.ID, Number: number}
	probes, err := audit.Probes(c, b)
	if err != nil {
		return out, fmt.Errorf("reading the condition of control %s: %w", c.ID, err)
	}
	var relevant []cover.Matcher
	for _, a := range union {
		if a.mayMatch(probes) {
			relevant = append(relevant, a.matcher())
		}
	}
	answer, err := audit.CoverUnion(ctx, relevant, c, b)
	if err != nil {
		return out, err
	}
	out.Verdict, out.Rules = answer.Verdict, answer.Rules
	for _, m := range answer.Missed {
		out.Missed = append(out.Missed, Event{m.Source, m.Event})
	}
	for _, n := range answer.Narrowed {
		out.Lost = append(out.Lost, n.Text)
	}
	return out, nil
}
