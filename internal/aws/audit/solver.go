package audit

import (
	"strings"

	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// A condition is what a trail demands of a record, as a filter pattern.
type condition struct{ text string }

// Key implements chain.Matcher.
func (c condition) Key() string { return c.text }

// Cover implements chain.Solver.
func (c *controlJudge) Cover(p chain.Probe, union [][]chain.Matcher) chain.Coverage {
	var filters []*filter
	for _, all := range union {
		if f := c.join(all); f != nil {
			filters = append(filters, f)
		}
	}
	cov := c.cover(filters, c.probe(p))
	var lost []string
	for _, l := range cov.Lost {
		lost = append(lost, textOf(l))
	}
	return chain.Coverage{Fit: c.fit(cov), Lost: len(cov.Lost), Key: strings.Join(lost, "\x00"), Detail: cov}
}

// fit grades a coverage.
func (c *controlJudge) fit(cov pattern.ProbeCoverage) chain.Fit {
	switch {
	case cov.Verdict == pattern.Covered:
		return chain.Covered
	case acceptable(cov, c.account.ID):
		return chain.Tolerated
	case cov.Verdict == pattern.Conditional:
		return chain.Partly
	case cov.Verdict == pattern.Missed:
		return chain.Nothing
	default:
		return chain.Unresolved
	}
}

// Touches implements chain.Solver.
func (c *controlJudge) Touches(p chain.Probe, all []chain.Matcher) bool {
	f := c.join(all)
	return f == nil || f.pattern == nil || c.touches(f, c.probe(p))
}

// touches reports whether a filter matches some records of a probe.
func (c *controlJudge) touches(f *filter, p probe) bool {
	return c.cover([]*filter{f}, p).Verdict != pattern.Missed
}

// Incidental implements chain.Solver: for a condition, a filter about something
// else; for a named event, a filter that matches some records of every event, such
// as those of the root user.
func (c *controlJudge) Incidental(p chain.Probe, all []chain.Matcher) bool {
	f := c.join(all)
	return f != nil && c.incidental(f, c.probe(p))
}

func (c *controlJudge) incidental(f *filter, p probe) bool {
	other := p
	other.Source, other.Event = "example.amazonaws.com", "SomeOtherEvent"
	switch {
	case p.Condition != nil:
		return !acceptable(c.cover([]*filter{f}, p), c.account.ID) && !c.concerns(f, p, other)
	case !acceptable(c.cover([]*filter{f}, p), c.account.ID):
		return c.cover([]*filter{f}, other).Verdict != pattern.Missed
	}
	return false
}

// concerns reports whether a filter is about a condition: written for it, or, where
// no filter is, about the same fields and not about named events.
func (c *controlJudge) concerns(f *filter, p, other probe) bool {
	switch c.about(f) {
	case writtenOf:
		return true
	case looksAt:
		return !c.hasWritten() && (p.Source != "" || c.cover([]*filter{f}, other).Verdict != pattern.Missed)
	}
	return false
}

// aims reports whether a filter is about a probe.
func (c *controlJudge) aims(f *filter, p probe) bool {
	return f.pattern != nil && !f.deselected && c.touches(f, p) && !c.incidental(f, p)
}

// Relevant implements chain.Solver. A filter whose field selection leaves out
// everything is relevant if it would be without.
func (c *controlJudge) Relevant(m chain.Matcher) bool {
	f, ok := m.(*filter)
	if !ok {
		return false
	}
	have, ok := c.relevant[f]
	if ok {
		return have
	}
	all := *f
	all.deselected = false
	if f.deselected {
		all.key += "\x00deselected"
	}
	for _, p := range c.probes {
		have = have || c.aims(&all, p)
	}
	c.relevant[f] = have
	return have
}

// join returns the filter that passes what all of the matchers pass; nil for
// none.
func (c *controlJudge) join(all []chain.Matcher) *filter {
	var f *filter
	var only []string
	for _, m := range all {
		switch m := m.(type) {
		case *filter:
			f = m
		case condition:
			only = append(only, m.text)
		}
	}
	if f == nil || f.pattern == nil || len(only) == 0 {
		return f
	}
	return c.restricted(f, "("+strings.Join(only, ") && (")+")")
}

// restricted is a filter that sees only some records; one that nothing is known of
// when they cannot be told.
func (c *controlJudge) restricted(f *filter, only string) *filter {
	key := f.key + "\x00" + only
	if have := c.narrow[key]; have != nil {
		return have
	}
	out := *f
	out.key, out.pattern = key, nil
	if p, err := pattern.Parse("{ " + only + " }"); err == nil {
		out.pattern, _ = pattern.And(f.pattern, p)
	}
	c.narrow[key] = &out
	return &out
}

// cover decides one probe over a set of filters. The answer, its examples
// included, is the same in every region unless some filter asks for the region.
func (c *controlJudge) cover(filters []*filter, p probe) pattern.ProbeCoverage {
	var key strings.Builder
	var patterns []*pattern.Pattern
	for _, f := range filters {
		if f.pattern == nil || f.deselected {
			continue
		}
		patterns = append(patterns, f.pattern)
		key.WriteString(f.key)
		key.WriteByte(0)
	}
	if have, ok := c.covers[key.String()+c.shapeKey(p.Probe)]; ok {
		return have
	}
	c.decided++
	shapes := c.together(p.Probe)
	for i, got := range pattern.Cover(patterns, pattern.Requirement{Probes: shapes}).Probes {
		c.covers[key.String()+c.shapeKey(shapes[i])] = got
	}
	return c.covers[key.String()+c.shapeKey(p.Probe)]
}

// shapeKey tells probes apart as far as filters can.
func (c *controlJudge) shapeKey(p pattern.Probe) string {
	key := p.Source + "\x00" + p.Event + "\x00" + p.ReadOnly
	if c.regional {
		key += "\x00" + p.Region
	}
	return key
}

// together returns the probes to decide with one, itself included: what is known
// of the filters serves them all, and whoever asks about one of the control's
// probes asks about the others.
func (c *controlJudge) together(p pattern.Probe) []pattern.Probe {
	for _, family := range [][]probe{c.probes, c.beyond} {
		var shapes []pattern.Probe
		seen := map[string]bool{}
		for _, own := range family {
			if key := c.shapeKey(own.Probe); !seen[key] {
				seen[key] = true
				shapes = append(shapes, own.Probe)
			}
		}
		if seen[c.shapeKey(p)] {
			return shapes
		}
	}
	return []pattern.Probe{p}
}
