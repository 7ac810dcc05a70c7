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
	if len(a.Missed) == 0 && len(a.Lost) == 0 {
		return name + " is not covered: no pattern matches its events"
	}
	return name + " is not covered" + strings.TrimPrefix(Coverage{Control: a.Control, Number: a.Number, Missed: a.Missed, Lost: a.Lost}.String(), name)
}

// asked judges the patterns of all files together. Patterns count that are known
// as a whole, that a metric filter or a rule may have, and that are deployed whatever
// a condition says.
func (j *judge) asked(ctx context.Context, all []*reading, o Options) ([]Asked, error) {
	var union []*answer
	taken := map[*answer]bool{}
	for _, r := range all {
		for _, f := range r.found {
			a := j.answers[questionOf(f)]
			if a == nil || a.matcher() == nil || taken[a] || f.Perhaps || f.Kind == iac.SubscriptionFilter {
				continue
			}
			taken[a] = true
			union = append(union, a)
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
			return err
		})
	}
	return out, g.Wait()
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
