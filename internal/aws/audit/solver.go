package audit

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
)

// Cover implements chain.Solver.
func (c *controlJudge) Cover(p chain.Probe, union [][]chain.Matcher) chain.Coverage {
	list := make([]*passage, 0, len(union))
	for _, all := range union {
		if x := c.join(p, all); x != nil {
			list = append(list, x)
		}
	}
	have := c.decide(list, c.probe(p))
	if have.graded == nil {
		var lost []string
		for _, l := range have.cov.Lost {
			lost = append(lost, textOf(l))
		}
		have.graded = &chain.Coverage{Fit: c.fit(have.cov), Lost: len(have.cov.Lost), Key: strings.Join(lost, "\x00"), Detail: have.cov}
	}
	return *have.graded
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
	s, shape := c.solvedOf(x), c.shapes.of(p)
	if may, known := s.touched.at(shape); known {
		return may
	}
	f := c.shapes.together(p.Probe, shape)
	may := make([]bool, len(f.probes))
	if slices.ContainsFunc(f.probes, x.mayPass) {
		c.decided++
		may = c.touchAll(x, f)
	}
	for i, n := range f.numbers {
		s.touched.set(n, may[i])
	}
	yes, _ := s.touched.at(shape)
	return yes
}

// A solved is what was decided of a passage by itself, by the number of a shape.
type solved struct {
	number     uint32 // of the passage, in the order in which they were asked about
	touched    answers
	incidental [2]answers // of probes of named events, and of conditions
	relevant   answers    // the one to whether it is about any probe
}

// solvedOf returns what was decided of a passage: passages of one key are the same.
func (c *controlJudge) solvedOf(x *passage) *solved {
	if x.judge == c {
		return x.solved
	}
	key := x.key
	if len(x.parts) == 0 {
		key += "\x00nothing"
	}
	have := c.solved[key]
	if have == nil {
		have = &solved{number: uint32(len(c.solved))}
		c.solved[key] = have
	}
	x.judge, x.solved = c, have
	return have
}

// Incidental implements chain.Solver: for a condition, a filter or rule about something
// else; for a named event, one that matches some records of every event, such as those
// of the root user.
func (c *controlJudge) Incidental(p chain.Probe, all []chain.Matcher) bool {
	x := c.join(p, all)
	return x != nil && c.incidental(x, c.probe(p))
}

func (c *controlJudge) incidental(x *passage, p probe) bool {
	kept := &c.solvedOf(x).incidental[0]
	if p.Condition != nil {
		kept = &c.solvedOf(x).incidental[1]
	}
	shape := c.shapes.of(p)
	have, known := kept.at(shape)
	if !known {
		have = c.byTheWay(x, p)
		kept.set(shape, have)
	}
	return have
}

func (c *controlJudge) byTheWay(x *passage, p probe) bool {
	other := p
	other.Source, other.Event, other.shape = "example.amazonaws.com", "SomeOtherEvent", 0
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
			x = &passage{key: m.key + "\x00deselected", parts: []cover.Matcher{m.pattern}}
		}
	case *taken:
		x = m.passage()
	default:
		return false
	}
	s := c.solvedOf(x)
	have, known := s.relevant.at(0)
	if !known {
		have = slices.ContainsFunc(c.probes, func(p probe) bool { return c.aims(x, p) })
		s.relevant.set(0, have)
	}
	return have
}

// cover decides one probe over a union. The answer, its examples included, is the same
// in every region unless something asks for the region.
func (c *controlJudge) cover(list []*passage, p probe) cloudtrail.ProbeCoverage {
	return c.decide(list, p).cov
}

// decide returns what is decided of one probe over a union.
func (c *controlJudge) decide(list []*passage, p probe) *decided {
	u, shape := c.union(list), c.shapes.of(p)
	if have := u.answers[shape]; have != nil {
		return have
	}
	f := c.shapes.together(p.Probe, shape)
	c.decided++
	for i, got := range c.coverAll(u.passages, f) {
		u.answers[f.numbers[i]] = &decided{cov: withDoubts(got)}
	}
	return u.answers[shape]
}

// A union is a set of passages with what was decided of it.
type union struct {
	passages []*passage       // in the order of their texts, so that names make no difference to words
	answers  map[int]*decided // by the number of a shape
}

// A decided is the answer to one probe, and what the graph is told of it once it asks.
type decided struct {
	cov    cloudtrail.ProbeCoverage
	graded *chain.Coverage
}

// union returns the union of passages, the same one for the same passages in any order.
func (c *controlJudge) union(list []*passage) *union {
	var room [64]byte
	listed := c.numbersOf(room[:0], list)
	if have := c.listed[string(listed)]; have != nil {
		return have
	}
	list = slices.DeleteFunc(slices.Clone(list), func(x *passage) bool { return len(x.parts) == 0 })
	slices.SortStableFunc(list, func(a, b *passage) int { return strings.Compare(a.text(), b.text()) })
	key := string(c.numbersOf(nil, list))
	if c.unions[key] == nil {
		c.unions[key] = &union{list, map[int]*decided{}}
	}
	c.listed[string(listed)] = c.unions[key]
	return c.unions[key]
}

// numbersOf appends the numbers of passages in their order.
func (c *controlJudge) numbersOf(to []byte, list []*passage) []byte {
	for _, x := range list {
		to = binary.LittleEndian.AppendUint32(to, c.solvedOf(x).number)
	}
	return to
}

// withDoubts turns full coverage that leans on soft axioms into one that leaves out
// what breaks them.
func withDoubts(cov cloudtrail.ProbeCoverage) cloudtrail.ProbeCoverage {
	if cov.Verdict == cover.Covered && len(cov.Doubtful) > 0 {
		cov.Verdict, cov.Lost = cover.Conditional, cov.Doubtful
	}
	return cov
}
