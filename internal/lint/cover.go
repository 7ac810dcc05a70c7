package lint

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
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
	about           []string // the fields of its condition beside event and source

	// events are the names of its events; nil when a probe is about any event.
	events map[string]bool
}

// A probe is one event that a control requires, with samples of its records.
type probe struct {
	cloudtrail.Probe

	given   map[string]string // the texts that every record of it has
	samples []*match.Message
}

func newDemand(c catalog.Control, b catalog.Benchmark) (demand, error) {
	probes, err := audit.Probes(c, b)
	if err != nil {
		return demand{}, fmt.Errorf("reading the condition of control %s: %w", c.ID, err)
	}
	number, _ := c.Number(b)
	d := demand{control: c.ID, number: number}
	if !slices.ContainsFunc(probes, func(p cloudtrail.Probe) bool { return p.Event == "" }) {
		d.events = map[string]bool{}
	}
	for _, p := range probes {
		if d.events != nil {
			d.events[p.Event] = true
		}
		own := probe{Probe: p, given: map[string]string{}, samples: samplesOf(p)}
		for path, text := range map[string]string{"eventSource": p.Source, "eventName": p.Event} {
			if text != "" {
				own.given[path] = text
			}
		}
		d.probes = append(d.probes, own)
		if condition, ok := p.Condition.(*pattern.Pattern); ok {
			d.about = slices.DeleteFunc(condition.Paths(), func(path string) bool { return path == "eventName" || path == "eventSource" })
		}
	}
	return d, nil
}

// A partial says what a pattern does for a control that it covers, nearly covers
// or half covers.
type partial struct {
	Coverage

	open    []cloudtrail.Probe // what is missed, or lost beyond named exceptions
	matched []Event            // what is matched, at least in part
	tooHard bool               // the decision hit a limit, as it would for other controls
	half    bool               // it matches at least half, and too little to nearly cover
	printed bool               // the catalog prints the text
}

func (part partial) complete() bool { return len(part.open) == 0 && !part.half }

// judge returns what a pattern does for the control; ok is false when that is
// too little to speak of.
func (d demand) judge(p *pattern.Pattern, names asked, memo *memo) (part partial, ok bool) {
	if d.events != nil && names.onlyNames && !slices.ContainsFunc(names.names, func(n string) bool { return d.events[n] }) {
		return part, false // so it is with most
	}
	possible := 0
	for i := range d.probes {
		if names.canMatch(&d.probes[i].Probe) {
			possible++
		}
	}
	if possible == 0 || 2*(len(d.probes)-possible) > len(d.probes) {
		return part, false
	}
	part.Coverage = Coverage{Control: d.control, Number: d.number, Events: len(d.probes)}
	open, likely := d.sort(p, names, &part)
	if len(part.matched)+likely == 0 || 2*(len(d.probes)-len(part.matched)-likely) > len(d.probes) {
		return part, false
	}
	for _, o := range open {
		if !part.decide(o.probe.Probe, memo.cover(o)) {
			return part, false
		}
	}
	// What is missed is told in the order of the control.
	if most := min(maxMissed, (len(d.probes)-1)/2); len(part.Missed) > most {
		part.half = 2*len(part.matched) >= len(d.probes) && len(part.Lost) == 0
		return part, part.half
	}
	if !part.complete() && !d.concerns(p) {
		return part, false
	}
	return part, len(part.Lost) <= maxLost
}

// sort decides the probes for which the names of event and source are enough,
// and returns the others. How many of them are likely to be matched a quick look
// at samples tells: a pattern that leaves out all samples is narrower on the
// whole. The decision on coverage is exact, but it can take a second for a
// pattern made to last.
func (d demand) sort(p *pattern.Pattern, names asked, part *partial) (list []open, likely int) {
	for _, probe := range d.probes {
		if !names.canMatch(&probe.Probe) {
			part.miss(probe.Probe)
			continue
		}
		rest, value, decided := p.Given(probe.given)
		switch {
		case decided && value:
			part.matched = append(part.matched, Event{probe.Source, probe.Event})
		case decided:
			part.miss(probe.Probe)
		default:
			list = append(list, open{probe, rest})
			if probe.likely(rest) {
				likely++
			}
		}
	}
	return list, likely
}

// An open is a probe that the names of event and source do not decide, with what
// is left of the pattern for it.
type open struct {
	probe probe
	rest  *pattern.Pattern
}

// A memo keeps decisions on coverage. It is safe for use by several goroutines.
type memo struct{ known sync.Map }

// A memoKey is what a decision depends on.
type memoKey struct {
	rest, source, event  string
	readOnly, eventTypes string
	failures             bool
	condition            cloudtrail.Condition
}

// cover decides one probe, or returns what was decided before.
func (m *memo) cover(o open) cloudtrail.ProbeCoverage {
	p := o.probe.Probe
	key := memoKey{
		rest: o.rest.Text(), source: p.Source, event: p.Event, readOnly: p.ReadOnly, eventTypes: strings.Join(p.EventTypes, " "), failures: p.Failures,
		condition: p.Condition,
	}
	if p.Condition == nil && p.Source != "signin.amazonaws.com" && ofAnyEvent(o.rest) {
		key.source, key.event = "", ""
	}
	if have, ok := m.known.Load(key); ok {
		return have.(cloudtrail.ProbeCoverage)
	}
	cov := cloudtrail.Cover(context.Background(), []cover.Matcher{o.rest}, cloudtrail.Requirement{Probes: []cloudtrail.Probe{p}}).Probes[0]
	m.known.Store(key, cov)
	return cov
}

// anyEvent are fields that tell no more about one event than about another,
// sign-ins aside.
var anyEvent = []string{"userIdentity", "sourceIPAddress", "userAgent", "requestID", "eventID", "awsRegion", "recipientAccountId", "vpcEndpointId"}

// ofAnyEvent reports whether a pattern asks for such fields only.
func ofAnyEvent(p *pattern.Pattern) bool {
	paths := p.Paths()
	return len(paths) > 0 && !slices.ContainsFunc(paths, func(path string) bool {
		first, _, _ := strings.Cut(path, ".")
		return !slices.Contains(anyEvent, first)
	})
}

func (p probe) likely(by *pattern.Pattern) bool {
	return p.samples == nil || slices.ContainsFunc(p.samples, func(m *match.Message) bool { return by.MatchDecoded(m) != match.NoMatch })
}

// concerns reports whether a pattern is about the condition of a control: it
// asks for one of its fields, or for nothing but events.
func (d demand) concerns(p *pattern.Pattern) bool {
	if len(d.about) == 0 {
		return true
	}
	paths := p.Paths()
	if !aboutRecords(p) {
		all := append([]string{"eventName", "eventSource"}, d.about...)
		return !slices.ContainsFunc(paths, func(path string) bool { return !slices.Contains(all, path) })
	}
	others := slices.DeleteFunc(paths, func(path string) bool { return path == "eventName" || path == "eventSource" })
	return len(others) == 0 || slices.ContainsFunc(others, func(path string) bool { return slices.Contains(d.about, path) })
}

// miss notes an event that is not matched.
func (part *partial) miss(probe cloudtrail.Probe) {
	part.Missed = append(part.Missed, Event{probe.Source, probe.Event})
	part.open = append(part.open, probe)
}

// decide takes the decision on one probe; false means that the pattern is not
// about the control.
func (part *partial) decide(probe cloudtrail.Probe, cov cloudtrail.ProbeCoverage) bool {
	switch cov.Verdict {
	case cover.Covered:
		part.matched = append(part.matched, Event{probe.Source, probe.Event})
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
	return true
}

// lose notes the conditions under which an event is not matched. A pattern that
// is narrower on the whole ("only of this user") is about something else; what
// is told of are exceptions: a field that is missing, or one value of it. A value
// that the condition of the control asks for is no exception, nor is a class of
// identities.
func (part *partial) lose(probe cloudtrail.Probe, lost []cover.Case) bool {
	open := false
	for _, c := range lost {
		told := slices.DeleteFunc(slices.Clone(c.Facts), func(f cover.Fact) bool { return f.Kind == cover.FactOther })
		if len(told) == 0 {
			return false
		}
		open = open || slices.ContainsFunc(told, func(f cover.Fact) bool { return f.Kind == cover.FactMissing || wanted(probe, f) || ofMany(f) })
		for _, f := range c.Facts {
			same := func(have cover.Fact) bool { return have.Path == f.Path }
			if f.Kind == cover.FactOther && !slices.ContainsFunc(told, same) {
				told = append(told, f)
			}
		}
		words := make([]string, len(told))
		for i, f := range told {
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

// ofMany reports whether a fact is about a class of identities, not one of them.
func ofMany(f cover.Fact) bool {
	return f.Kind == cover.FactLike && strings.HasPrefix(f.Path, "userIdentity.")
}

// wanted reports whether the condition of a probe asks for what a fact says.
func wanted(probe cloudtrail.Probe, f cover.Fact) bool {
	condition, ok := probe.Condition.(*pattern.Pattern)
	return ok && slices.ContainsFunc(condition.Equalities(f.Path, ""), func(l pattern.Literal) bool { return l.Value == f.Value })
}

// within reports whether all that is matched of the control is matched of another
// one, too, and the pattern does more of that: then it is about the other one.
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

// half says how much of a control is matched, and what is missed.
func (c Coverage) half() string {
	whole := c
	whole.Missed = nil
	names := make([]string, len(c.Missed))
	for i, e := range c.Missed {
		names[i] = e.Name
	}
	return fmt.Sprintf("matches %d of the %d events of %s and misses %s", c.Events-len(c.Missed), c.Events, whole, strings.Join(names, ", "))
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

// canMatch reports whether the pattern may match records of a probe. One about
// named events meets a condition on all events only by the way.
func (a asked) canMatch(probe *cloudtrail.Probe) bool {
	if probe.Condition != nil && probe.Event == "" && a.onlyNames {
		named, only := probe.Condition.Texts("eventName")
		return only && slices.ContainsFunc(named, func(n string) bool { return slices.Contains(a.names, n) })
	}
	return (!a.onlyNames || probe.Event == "" || slices.Contains(a.names, probe.Event)) &&
		(!a.onlySource || probe.Source == "" || slices.Contains(a.sources, probe.Source))
}
