package lint

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// maxMissed is how many of a control's events a pattern may miss and still
// nearly cover it; it must match more than it misses.
const maxMissed = 3

// maxLost bounds the conditions that are told of one near miss.
const maxLost = 5

// A demand is what one control asks of a pattern.
type demand struct {
	control, number string
	probes          []probe
}

// A probe is one event that a control requires, with samples of its records.
type probe struct {
	cloudtrail.Probe
	samples [][]byte
}

func newDemand(c catalog.Control, b catalog.Benchmark) (demand, error) {
	probes, err := audit.Probes(c, b)
	if err != nil {
		return demand{}, fmt.Errorf("reading the condition of control %s: %w", c.ID, err)
	}
	number, _ := c.Number(b)
	d := demand{control: c.ID, number: number}
	for _, p := range probes {
		d.probes = append(d.probes, probe{p, samplesOf(p)})
	}
	return d, nil
}

// A partial says what a pattern does for a control that it covers or nearly
// covers.
type partial struct {
	Coverage
	open    []cloudtrail.Probe // what is missed, or lost beyond named exceptions
	matched []Event            // what is matched, at least in part
	tooHard bool               // the decision hit a limit, as it would for other controls
}

func (part partial) complete() bool { return len(part.open) == 0 }

// judge returns what a pattern does for the control; ok is false when that is
// too little to speak of.
func (d demand) judge(p *pattern.Pattern) (part partial, ok bool) {
	part.Coverage = Coverage{Control: d.control, Number: d.number}
	most := min(maxMissed, (len(d.probes)-1)/2)
	names := newAsked(p)
	for _, probe := range d.probes {
		if !probe.likely(p, names) {
			part.miss(probe.Probe)
		}
	}
	if len(part.Missed) > most {
		return part, false
	}
	part.Missed, part.open = nil, nil
	for _, probe := range d.probes {
		if !part.add(p, probe.Probe, names) || len(part.Missed) > most {
			return part, false
		}
	}
	return part, len(part.Lost) <= maxLost
}

// likely says whether a pattern matches an event as far as a quick look tells:
// one that leaves out all samples is narrower on the whole. The decision on
// coverage is exact, but it can take a second for a pattern made to last.
func (p probe) likely(by *pattern.Pattern, names asked) bool {
	if !names.canMatch(p.Probe) {
		return false
	}
	return p.samples == nil || slices.ContainsFunc(p.samples, func(record []byte) bool { return by.Match(record) != pattern.NoMatch })
}

// miss notes an event that is not matched.
func (part *partial) miss(probe cloudtrail.Probe) {
	part.Missed = append(part.Missed, Event{probe.Source, probe.Event})
	part.open = append(part.open, probe)
}

// add judges one probe; false means that the pattern is not about the control.
func (part *partial) add(p *pattern.Pattern, probe cloudtrail.Probe, names asked) bool {
	if !names.canMatch(probe) {
		part.miss(probe)
		return true
	}
	cov := cloudtrail.Cover(context.Background(), []cover.Matcher{p}, cloudtrail.Requirement{Probes: []cloudtrail.Probe{probe}}).Probes[0]
	switch cov.Verdict {
	case cover.Covered:
		part.matched = append(part.matched, Event{probe.Source, probe.Event})
		return true
	case cover.Missed:
		part.miss(probe)
		return probe.Condition == nil
	case cover.Conditional:
		part.matched = append(part.matched, Event{probe.Source, probe.Event})
		return !cov.MoreLost && part.lose(probe, cov.Lost)
	default: // where AWS leaves the meaning open, that is a suspicion of its own
		part.tooHard = slices.Contains(cov.Rules, cover.RuleTooManyCases) || slices.Contains(cov.Rules, cover.RuleStringClasses)
		return false
	}
}

// lose notes the conditions under which an event is not matched. A pattern that
// is narrower on the whole ("only of this user") is about something else; what
// is told of are exceptions: a field that is missing, or one value of it.
func (part *partial) lose(probe cloudtrail.Probe, lost []cover.Case) bool {
	open := false
	for _, c := range lost {
		if !slices.ContainsFunc(c.Facts, func(f cover.Fact) bool { return f.Kind != cover.FactOther }) {
			return false
		}
		open = open || slices.ContainsFunc(c.Facts, func(f cover.Fact) bool { return f.Kind == cover.FactMissing })
		words := make([]string, len(c.Facts))
		for i, f := range c.Facts {
			words[i] = f.Text
		}
		if text := strings.Join(words, " and "); !slices.Contains(part.Lost, text) {
			part.Lost = append(part.Lost, text)
		}
	}
	if open {
		part.open = append(part.open, probe)
	}
	return true
}

// within says whether all that is matched of the control is matched of another
// one, too, of which the pattern does more: then it is about the other one.
func (part partial) within(other partial) bool {
	for _, e := range part.matched {
		if !slices.Contains(other.matched, e) {
			return false
		}
	}
	return len(other.matched) > len(part.matched) || other.complete() && !part.complete()
}

// withoutAsides drops near misses of controls that a pattern meets by the way.
func withoutAsides(parts []partial) []partial {
	return slices.DeleteFunc(slices.Clone(parts), func(p partial) bool {
		return !p.complete() && slices.ContainsFunc(parts, p.within)
	})
}

// String names the control and what is missed or lost of it.
func (c Coverage) String() string {
	text := c.Control
	if c.Number != "" {
		text += " (" + c.Number + ")"
	}
	if len(c.Missed) > 0 {
		names := make([]string, len(c.Missed))
		for i, e := range c.Missed {
			names[i] = e.Name
		}
		text += " but for " + strings.Join(names, ", ")
	}
	if len(c.Lost) > 0 {
		but := " but for"
		if len(c.Missed) > 0 {
			but = ", and for"
		}
		text += but + " records in which " + strings.Join(c.Lost, ", or in which ")
	}
	return text
}

// An asked is what a pattern asks of the names of events and sources; it rules
// out most controls without a closer look.
type asked struct {
	names, sources        []string
	onlyNames, onlySource bool
}

func newAsked(p *pattern.Pattern) asked {
	var a asked
	a.names, a.onlyNames = p.Texts("eventName")
	a.sources, a.onlySource = p.Texts("eventSource")
	return a
}

// canMatch says whether the pattern may match records of a probe. One about
// named events meets a condition on all events only by the way.
func (a asked) canMatch(probe cloudtrail.Probe) bool {
	if probe.Condition != nil && probe.Event == "" && a.onlyNames {
		named, only := probe.Condition.Texts("eventName")
		return only && slices.ContainsFunc(named, func(n string) bool { return slices.Contains(a.names, n) })
	}
	return (!a.onlyNames || probe.Event == "" || slices.Contains(a.names, probe.Event)) &&
		(!a.onlySource || probe.Source == "" || slices.Contains(a.sources, probe.Source))
}
