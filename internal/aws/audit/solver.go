package audit

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
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
		if f := c.join(p, all); f != nil {
			filters = append(filters, f)
		}
	}
	cov := c.cover(filters, c.probe(p))
	var lost []string
	for _, l := range cov.Lost {
		lost = append(lost, textOf(l))
	}
	out := chain.Coverage{Fit: c.fit(cov), Lost: len(cov.Lost), Key: strings.Join(lost, "\x00"), Detail: cov}
	if c.doubtful(p, union, out) {
		cov.Rules = append(slices.Clone(cov.Rules), RuleLooseField)
		out.Fit, out.Detail = chain.Unresolved, cov
	}
	return out
}

// fit grades a coverage.
func (c *controlJudge) fit(cov cloudtrail.ProbeCoverage) chain.Fit {
	switch {
	case cov.Verdict == cover.Covered:
		return chain.Covered
	case acceptable(cov, c.account.ID):
		return chain.Tolerated
	case cov.Verdict == cover.Conditional:
		return chain.Partly
	case cov.Verdict == cover.Missed:
		return chain.Nothing
	default:
		return chain.Unresolved
	}
}

// Touches implements chain.Solver.
func (c *controlJudge) Touches(p chain.Probe, all []chain.Matcher) bool {
	f := c.join(p, all)
	return f == nil || f.pattern == nil || c.touches(f, c.probe(p))
}

// touches reports whether a filter matches some records of a probe.
func (c *controlJudge) touches(f *filter, p probe) bool {
	if f.pattern == nil || f.deselected {
		return c.cover([]*filter{f}, p).Verdict != cover.Missed
	}
	known, key := c.touched[f.key], c.keyOf(p)
	if have, ok := known[key]; ok {
		return have
	}
	if known == nil {
		known = map[string]bool{}
		c.touched[f.key] = known
	}
	shapes := c.together(p.Probe)
	may := make([]bool, len(shapes))
	if slices.ContainsFunc(shapes, func(p cloudtrail.Probe) bool { return mayMatch(f, p) }) {
		c.decided++
		may = c.touchAll(f.pattern, f.text(), shapes)
	}
	for i, shape := range shapes {
		known[c.shapeKey(shape)] = may[i]
	}
	return known[key]
}

// Incidental implements chain.Solver: for a condition, a filter about something
// else; for a named event, a filter that matches some records of every event, such
// as those of the root user.
func (c *controlJudge) Incidental(p chain.Probe, all []chain.Matcher) bool {
	f := c.join(p, all)
	return f != nil && c.incidental(f, c.probe(p))
}

func (c *controlJudge) incidental(f *filter, p probe) bool {
	other := p
	other.Source, other.Event, other.key = "example.amazonaws.com", "SomeOtherEvent", ""
	switch {
	case p.Condition != nil:
		return !acceptable(c.cover([]*filter{f}, p), c.account.ID) && !c.isAbout(f, p, other)
	case !acceptable(c.cover([]*filter{f}, p), c.account.ID):
		return c.touches(f, other)
	}
	return false
}

// isAbout reports whether a filter is about a condition: written for it, or, where
// no filter is, about the same fields and not about named events.
func (c *controlJudge) isAbout(f *filter, p, other probe) bool {
	switch c.about(f) {
	case writtenOf:
		return true
	case looksAt:
		return !c.hasWritten() && (p.Source != "" || c.touches(f, other))
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
	if t, isRule := m.(*taken); isRule {
		f, ok = t.filter, true
	}
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
func (c *controlJudge) join(p chain.Probe, all []chain.Matcher) *filter {
	var f *filter
	var only []string
	for _, m := range all {
		switch m := m.(type) {
		case *filter:
			f = m
		case *taken:
			f = c.joined(f, m, c.probe(p).Region)
		case condition:
			only = append(only, m.text)
		}
	}
	if f == nil || f.pattern == nil || f.deselected || len(only) == 0 {
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
func (c *controlJudge) cover(filters []*filter, p probe) cloudtrail.ProbeCoverage {
	u, key := c.union(filters), c.keyOf(p)
	if have, ok := u.answers[key]; ok {
		return have
	}
	shapes := c.together(p.Probe)
	c.decided++
	for i, got := range c.coverAll(u.patterns, u.texts, shapes) {
		u.answers[c.shapeKey(shapes[i])] = withDoubts(got)
	}
	return u.answers[key]
}

// A union is a set of filters with what was decided of it.
type union struct {
	patterns []cover.Matcher // in the order of their texts, so that names make no difference to words
	texts    []string
	answers  map[string]cloudtrail.ProbeCoverage // by the shape of a probe
}

// union returns the union of filters, the same one for the same filters in any order.
func (c *controlJudge) union(filters []*filter) *union {
	c.scratch = c.scratch[:0]
	for _, f := range filters {
		n, ok := c.serials[f]
		if !ok {
			n = len(c.serials)
			c.serials[f] = n
		}
		c.scratch = binary.AppendUvarint(c.scratch, uint64(n))
	}
	if have := c.listed[string(c.scratch)]; have != nil {
		return have
	}
	listed := string(c.scratch)
	filters = slices.DeleteFunc(slices.Clone(filters), func(f *filter) bool { return f.pattern == nil || f.deselected })
	slices.SortStableFunc(filters, func(a, b *filter) int { return strings.Compare(a.text(), b.text()) })
	var key strings.Builder
	for _, f := range filters {
		key.WriteString(f.key)
		key.WriteByte(0)
	}
	u := c.unions[key.String()]
	if u == nil {
		u = &union{answers: map[string]cloudtrail.ProbeCoverage{}}
		for _, f := range filters {
			u.patterns, u.texts = append(u.patterns, f.pattern), append(u.texts, f.text())
		}
		c.unions[key.String()] = u
	}
	c.listed[listed] = u
	return u
}

// withDoubts turns full coverage that leans on soft axioms into one that leaves out
// what breaks them.
func withDoubts(cov cloudtrail.ProbeCoverage) cloudtrail.ProbeCoverage {
	if cov.Verdict == cover.Covered && len(cov.Doubtful) > 0 {
		cov.Verdict, cov.Lost = cover.Conditional, cov.Doubtful
	}
	return cov
}

// text returns the pattern of a filter, "" for one that was not understood.
func (f *filter) text() string {
	if f.pattern == nil {
		return ""
	}
	return f.pattern.Text()
}

// mayMatch is false when a filter asks for other events than the probe's, which
// needs no decision.
func mayMatch(f *filter, p cloudtrail.Probe) bool {
	return asks(f.pattern, "eventName", p.Event) && asks(f.pattern, "eventSource", p.Source)
}

// asks is false when a pattern asks a field for other texts than this one. ""
// stands for any text.
func asks(p *pattern.Pattern, field, text string) bool {
	texts, only := p.Texts(field)
	return text == "" || !only || slices.Contains(texts, text)
}

// shapeKey tells probes apart as far as filters can.
func (c *controlJudge) shapeKey(p cloudtrail.Probe) string {
	key := p.Source + "\x00" + p.Event + "\x00" + p.ReadOnly
	if c.regional {
		key += "\x00" + p.Region
	}
	return key
}

// keyOf is shapeKey for a probe that may have been asked for before.
func (c *controlJudge) keyOf(p probe) string {
	if p.key != "" {
		return p.key
	}
	return c.shapeKey(p.Probe)
}

// together returns the probes to decide with one, itself included: what is known
// of the filters serves them all, and whoever asks about one of the control's
// probes asks about the others.
func (c *controlJudge) together(p cloudtrail.Probe) []cloudtrail.Probe {
	for _, family := range [][]probe{c.probes, c.beyond} {
		var shapes []cloudtrail.Probe
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
	return []cloudtrail.Probe{p}
}
