package audit

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/pattern"
)

// An outcome is the judgement of one probe.
type outcome struct {
	probe    probe
	grade    grade
	reasons  []finding.Reason // good: what is odd about the paths used; else: what breaks the path closest to working
	gap      *gap             // the filter part of the reasons, worded once all events are known
	cost     int              // links that must be mended on the path closest to working
	used     []*filter
	lost     []pattern.Case // what the used filters exclude
	failures []pattern.Case // failed calls that they lose
}

// A gap is a probe that the filters of a log group do not, or not always,
// match.
type gap struct {
	code  finding.Code
	group *group
	trail *trail         // that loses the cases; nil when the filters do
	lost  []pattern.Case // narrowed: the cases
	rules []string       // not understood: the rules
}

// judgeProbe judges one probe over all paths.
func (c *controlJudge) judgeProbe(p probe) outcome {
	fine, maybe := c.paths(p)
	cov := c.cover(fine, p)
	if acceptable(cov, c.account.ID) {
		return c.goodOutcome(p, fine, cov)
	}
	if o, ok := c.unreadOutcome(p, fine, maybe, cov); ok {
		return o
	}
	return c.missedOutcome(p)
}

// paths returns the filters whose every other link is good, and those whose
// every link is at least unread.
func (c *controlJudge) paths(p probe) (fine, maybe []*filter) {
	for _, g := range c.groups {
		up, _ := c.up(g, p.event)
		if up.grade == bad {
			continue
		}
		for _, f := range g.filters {
			switch min(up.grade, f.reading.grade, c.down(f, p).link.grade) {
			case good:
				fine = append(fine, f)
				maybe = append(maybe, f)
			case unread:
				maybe = append(maybe, f)
			}
		}
	}
	return fine, maybe
}

// goodOutcome collects what is odd about the smallest clean set of filters that
// does the work.
func (c *controlJudge) goodOutcome(p probe, fine []*filter, cov pattern.ProbeCoverage) outcome {
	used := c.matching(fine, p)
	slices.SortStableFunc(used, func(a, b *filter) int { return c.oddities(b, p) - c.oddities(a, p) })
	for i := 0; i < len(used); { // leave out, the oddest first, what is not needed
		rest := slices.Delete(slices.Clone(used), i, i+1)
		if r := c.cover(rest, p); r.Verdict <= cov.Verdict && acceptable(r, c.account.ID) && len(r.Lost) <= len(cov.Lost) && c.oddities(used[i], p) > 0 {
			used, cov = rest, r
			continue
		}
		i++
	}
	o := outcome{probe: p, grade: good, used: used, lost: cov.Lost, failures: cov.LostFailures}
	for _, f := range used {
		o.reasons = append(o.reasons, c.notes(f, p)...)
	}
	return o
}

// notes returns what is odd about the path through a filter.
func (c *controlJudge) notes(f *filter, p probe) []finding.Reason {
	up, by := c.up(c.groupOfFilter(f), p.event)
	notes := append(slices.Clone(up.reasons), c.down(f, p).link.reasons...)
	if f.byText() {
		notes = append(notes, finding.Reason{Code: CodeFilterByText, Status: finding.Warn, Link: finding.LinkFilter, Resource: f.arn,
			Message: "filter " + f.Name + " searches the text of the record, not its fields"})
	}
	if others := duplicates(c.trails, by, p.event); len(others) > 0 {
		notes = append(notes, finding.Reason{Code: CodeDuplicateDelivery, Status: finding.Warn, Link: finding.LinkTrail, Resource: by.group.arn,
			Message: "log group " + by.group.name + " gets every event more than once: it is fed by " + by.Name + " and " + others[0]})
	}
	return notes
}

// oddities counts the warnings on the path through a filter.
func (c *controlJudge) oddities(f *filter, p probe) int {
	return warnings(link{reasons: c.notes(f, p)})
}

func (c *controlJudge) groupOfFilter(f *filter) *group {
	for _, g := range c.groups {
		if slices.ContainsFunc(g.filters, func(o *filter) bool { return o.key == f.key }) {
			return g
		}
	}
	return nil
}

// firstGroup returns the log group of the first filter that may match a probe,
// else of the first filter.
func (c *controlJudge) firstGroup(filters []*filter, p probe) *group {
	if m := c.matching(filters, p); len(m) > 0 {
		filters = m
	}
	return c.groupOfFilter(filters[0])
}

// unreadOutcome says whether something that could not be seen may carry the
// probe.
func (c *controlJudge) unreadOutcome(p probe, fine, maybe []*filter, cov pattern.ProbeCoverage) (outcome, bool) {
	o := outcome{probe: p, grade: unread}
	if cov.Verdict == pattern.Unresolved {
		o.gap = &gap{code: CodeFilterNotUnderstood, group: c.firstGroup(fine, p), rules: cov.Rules}
		o.used = c.matching(fine, p)
		return o, true
	}
	if reasons := c.blindPaths(p); len(reasons) > 0 {
		o.reasons = reasons
		return o, true
	}
	with := c.cover(maybe, p)
	for _, f := range maybe {
		matches := f.pattern == nil || c.cover([]*filter{f}, p).Verdict != pattern.Missed
		if !matches || slices.Contains(fine, f) {
			continue
		}
		if f.reading.grade != good || acceptable(with, c.account.ID) || with.Verdict == pattern.Unresolved {
			up, _ := c.up(c.groupOfFilter(f), p.event)
			o.reasons = append(o.reasons, up.and(f.reading).and(c.down(f, p).link).broken()...)
			o.used = append(o.used, f)
		}
	}
	if len(o.reasons) > 0 {
		return o, true
	}
	if with.Verdict == pattern.Unresolved {
		o.gap = &gap{code: CodeFilterNotUnderstood, group: c.firstGroup(maybe, p), rules: with.Rules}
		return o, true
	}
	if o.reasons = slices.Concat(c.logAlarms(p), c.centralized(p), c.telemetry(p)); len(o.reasons) > 0 {
		return o, true
	}
	if f := c.unreadRegion(p.Region); f != nil {
		o.reasons = []finding.Reason{unreadable(finding.LinkTrail, p.Region, f)}
		return o, true
	}
	return o, false
}

// blindPaths returns the reasons of log groups whose filters could not be seen
// and that may carry the probe.
func (c *controlJudge) blindPaths(p probe) []finding.Reason {
	var reasons []finding.Reason
	for _, g := range c.groups {
		if up, _ := c.up(g, p.event); g.blind && up.grade == unread {
			reasons = append(reasons, up.broken()...)
		}
	}
	return reasons
}

// missedOutcome names what breaks the path closest to working: the fewest
// broken links, then the one whose first broken link is furthest along.
func (c *controlJudge) missedOutcome(p probe) outcome {
	best := outcome{probe: p, grade: bad}
	if len(c.trails) == 0 {
		best.cost = len(linkOrder)
		best.reasons = []finding.Reason{{Code: CodeNoTrail, Status: finding.Fail, Link: finding.LinkTrail, Message: "no trail records " + p.Region}}
		return best
	}
	for i, t := range c.trails {
		if o := c.attempt(p, t); i == 0 || o.cost < best.cost {
			best = o
		}
	}
	return best
}

// attempt follows one trail as far as it goes.
func (c *controlJudge) attempt(p probe, t *trail) outcome {
	o := outcome{probe: p, grade: bad}
	up := t.carries(p.event)
	if t.group == nil {
		o.reasons = up.broken()
		o.cost = len(o.reasons) + 4 // filter, metric, alarm and notification are missing too
		return o
	}
	up = up.and(t.group.link)
	o.reasons = up.broken()
	candidates := c.attemptFilters(&o, t.group)
	var best downstream
	for i, f := range candidates {
		if d := c.down(f, p); i == 0 || closer(d.link, best.link) {
			best = d
		}
	}
	o.reasons = append(o.reasons, best.link.broken()...)
	o.used = candidates
	o.cost += len(o.reasons)
	return o
}

// narrower returns the trail whose conditions keep records from filters that
// would match them all; nil when it is the filters that narrow.
func (c *controlJudge) narrower(filters []*filter, p probe) *trail {
	if !c.narrowing || len(filters) == 0 || c.coverAll(filters, p).Verdict != pattern.Covered {
		return nil
	}
	_, by := c.up(c.groupOfFilter(filters[0]), p.event)
	return by
}

// attemptFilters judges the filters of one log group for the outcome's probe
// and returns those whose alarms are the nearest.
func (c *controlJudge) attemptFilters(o *outcome, g *group) []*filter {
	p := o.probe
	matching := c.matching(g.filters, p)
	cov := c.cover(matching, p)
	o.cost++
	switch {
	case g.blind:
		o.cost-- // what cannot be seen is no gap
	case acceptable(cov, c.account.ID):
		o.cost--
		o.lost = cov.Lost
		// What works already does not suffice, so the rest is what must be mended.
		matching = slices.DeleteFunc(matching, func(f *filter) bool { return c.down(f, p).link.grade == good })
	case cov.Verdict == pattern.Conditional:
		o.gap = &gap{code: CodeFilterNarrowed, group: g, lost: cov.Lost}
		if t := c.narrower(matching, p); t != nil {
			o.gap.code, o.gap.trail = CodeTrailExcludes, t
		}
		o.lost = cov.Lost
	case cov.Verdict == pattern.Unresolved:
		o.gap = &gap{code: CodeFilterNotUnderstood, group: g, rules: cov.Rules}
	default:
		for _, f := range g.filters {
			if f.pattern != nil && c.relevant(f) {
				matching = append(matching, f)
			}
		}
		o.gap = &gap{code: CodeFilterMissesEvent, group: g}
		if len(matching) == 0 {
			o.gap.code = CodeNoFilter
			o.cost += 3 // metric, alarm and notification are missing too
		}
	}
	return matching
}
