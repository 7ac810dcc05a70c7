package audit

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
)

// Cover implements chain.Solver.
func (c *controlJudge) Cover(p chain.Probe, union [][]chain.Matcher) chain.Coverage {
	var list []*passage
	for _, all := range union {
		if x := c.join(p, all); x != nil {
			list = append(list, x)
		}
	}
	cov := c.cover(list, c.probe(p))
	var lost []string
	for _, l := range cov.Lost {
		lost = append(lost, textOf(l))
	}
	return chain.Coverage{Fit: c.fit(cov), Lost: len(cov.Lost), Key: strings.Join(lost, "\x00"), Detail: cov}
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
	x := c.join(p, all)
	return x == nil || c.touches(x, c.probe(p))
}

// touches reports whether some records of a probe pass.
func (c *controlJudge) touches(x *passage, p probe) bool {
	if len(x.parts) == 0 {
		return c.cover([]*passage{x}, p).Verdict != cover.Missed
	}
	known, key := c.touched[x.key], c.keyOf(p)
	if have, ok := known[key]; ok {
		return have
	}
	if known == nil {
		known = map[string]bool{}
		c.touched[x.key] = known
	}
	shapes := c.together(p.Probe)
	may := make([]bool, len(shapes))
	if slices.ContainsFunc(shapes, x.mayPass) {
		c.decided++
		may = c.touchAll(x, shapes)
	}
	for i, shape := range shapes {
		known[c.shapeKey(shape)] = may[i]
	}
	return known[key]
}

// Incidental implements chain.Solver: for a condition, a filter or rule about something
// else; for a named event, one that matches some records of every event, such as those
// of the root user.
func (c *controlJudge) Incidental(p chain.Probe, all []chain.Matcher) bool {
	x := c.join(p, all)
	return x != nil && c.incidental(x, c.probe(p))
}

func (c *controlJudge) incidental(x *passage, p probe) bool {
	other := p
	other.Source, other.Event, other.key = "example.amazonaws.com", "SomeOtherEvent", ""
	switch {
	case p.Condition != nil:
		return !acceptable(c.cover([]*passage{x}, p), c.account.ID) && !c.isAbout(x, p, other)
	case !acceptable(c.cover([]*passage{x}, p), c.account.ID):
		return c.touches(x, other)
	}
	return false
}

// isAbout reports whether a filter or rule is about a condition: written for it, or,
// where no filter is, about the same fields and not about named events.
func (c *controlJudge) isAbout(x *passage, p, other probe) bool {
	switch c.about(x) {
	case writtenOf:
		return true
	case looksAt:
		return !c.hasWritten() && (p.Source != "" || c.touches(x, other))
	}
	return false
}

// aims reports whether a filter or rule is about a probe.
func (c *controlJudge) aims(x *passage, p probe) bool {
	return len(x.parts) > 0 && c.touches(x, p) && !c.incidental(x, p)
}

// Relevant implements chain.Solver. A filter whose field selection leaves out
// everything is relevant if it would be without.
func (c *controlJudge) Relevant(m chain.Matcher) bool {
	var x *passage
	switch m := m.(type) {
	case *filter:
		x = m.passage()
		if m.deselected && m.pattern != nil {
			x = &passage{m.key + "\x00deselected", []cover.Matcher{m.pattern}}
		}
	case *taken:
		x = m.passage()
	default:
		return false
	}
	have, ok := c.relevant[x.key]
	if ok {
		return have
	}
	for _, p := range c.probes {
		have = have || c.aims(x, p)
	}
	c.relevant[x.key] = have
	return have
}

// cover decides one probe over a union. The answer, its examples included, is the same
// in every region unless something asks for the region.
func (c *controlJudge) cover(list []*passage, p probe) cloudtrail.ProbeCoverage {
	u, key := c.union(list), c.keyOf(p)
	if have, ok := u.answers[key]; ok {
		return have
	}
	shapes := c.together(p.Probe)
	c.decided++
	for i, got := range c.coverAll(u.passages, shapes) {
		u.answers[c.shapeKey(shapes[i])] = withDoubts(got)
	}
	return u.answers[key]
}

// A union is a set of passages with what was decided of it.
type union struct {
	passages []*passage                          // in the order of their texts, so that names make no difference to words
	answers  map[string]cloudtrail.ProbeCoverage // by the shape of a probe
}

// union returns the union of passages, the same one for the same passages in any order.
func (c *controlJudge) union(list []*passage) *union {
	listed := keysOf(list)
	if have := c.listed[listed]; have != nil {
		return have
	}
	list = slices.DeleteFunc(slices.Clone(list), func(x *passage) bool { return len(x.parts) == 0 })
	slices.SortStableFunc(list, func(a, b *passage) int { return strings.Compare(a.text(), b.text()) })
	key := keysOf(list)
	if c.unions[key] == nil {
		c.unions[key] = &union{list, map[string]cloudtrail.ProbeCoverage{}}
	}
	c.listed[listed] = c.unions[key]
	return c.unions[key]
}

// keysOf are the keys of passages in their order.
func keysOf(list []*passage) string {
	var key strings.Builder
	for _, x := range list {
		key.WriteString(x.key)
		key.WriteByte(0)
	}
	return key.String()
}

// withDoubts turns full coverage that leans on soft axioms into one that leaves out
// what breaks them.
func withDoubts(cov cloudtrail.ProbeCoverage) cloudtrail.ProbeCoverage {
	if cov.Verdict == cover.Covered && len(cov.Doubtful) > 0 {
		cov.Verdict, cov.Lost = cover.Conditional, cov.Doubtful
	}
	return cov
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
