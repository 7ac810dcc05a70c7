package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// A controlJudge judges one control in one account.
type controlJudge struct {
	*judge
	control   catalog.Control
	benchmark catalog.Benchmark
	probes    []probe
	beyond    []probe // of core operations that the version does not require
	downs     map[downKey]downstream
	covers    map[string]pattern.ProbeCoverage
	benign    []benign
	noises    map[*metric][]string // the everyday events that metrics count
	regional  bool                 // some filter of the account may look at the region
	narrowing bool                 // some trail records by conditions on the record
}

// A downstream is what follows a filter: the alarm closest to working and
// whether it reaches a person.
type downstream struct {
	link  link
	watch *watch // nil when no alarm is on the metric
}

func newControlJudge(j *judge, c catalog.Control, b catalog.Benchmark) (*controlJudge, error) {
	probes, err := probesOf(j.account, c, b)
	if err != nil {
		return nil, fmt.Errorf("reading the condition of control %s: %w", c.ID, err)
	}
	regional := slices.ContainsFunc(j.groups, func(g *group) bool {
		return slices.ContainsFunc(g.filters, func(f *filter) bool {
			return f.byText() || f.pattern != nil && strings.Contains(f.pattern.String(), "awsRegion")
		})
	})
	narrowing := slices.ContainsFunc(j.trails, func(t *trail) bool {
		s, _ := t.Selectors.Got()
		return len(s.Advanced) > 0
	})
	return &controlJudge{
		narrowing: narrowing, regional: regional || narrowing, judge: j, control: c, benchmark: b, probes: probes,
		downs: map[downKey]downstream{}, covers: map[string]pattern.ProbeCoverage{},
		beyond: beyondOf(j.account, c, b), benign: benignFor(c), noises: map[*metric][]string{},
	}, nil
}

// down judges everything behind a filter for a probe; several alarms are
// alternatives. Only composite and metric math alarms make the probe matter.
func (c *controlJudge) down(f *filter, p probe) downstream {
	key := downKey{filter: f}
	if c.joined(f) {
		key.probe = p.Source + "\x00" + p.Event + "\x00" + p.Region
	}
	if d, ok := c.downs[key]; ok {
		return d
	}
	d := c.judgeDown(f, p)
	c.downs[key] = d
	return d
}

type downKey struct {
	filter *filter
	probe  string
}

// joined says whether what follows a filter depends on other metrics or alarms.
func (c *controlJudge) joined(f *filter) bool {
	return slices.ContainsFunc(f.metric.watches, func(w *watch) bool {
		return len(w.alarm.Queries) > 0 || len(c.compositesOf(w.site)) > 0
	})
}

func (c *controlJudge) judgeDown(f *filter, p probe) downstream {
	best := downstream{link: unwatched(f.metric)}
	for i, w := range f.metric.watches {
		l := c.fires(w, f, p).and(c.noise(f.metric, w)).and(c.tells(w, p))
		if i == 0 && best.link.grade == bad || closer(l, best.link) {
			best = downstream{l, w}
		}
	}
	return best
}

// unwatched is what follows a metric as far as no alarm is on it: nothing, or
// what could not be seen.
func unwatched(m *metric) link {
	alarms, l := m.site.read().Alarms, link{grade: good}
	switch {
	case alarms.Failed() != nil:
		return l.add(unreadable(finding.LinkAlarm, m.resource(), alarms.Failed()))
	case alarms == nil:
		return l.add(notRead(finding.LinkAlarm, m.resource(), "cloudwatch:DescribeAlarms"))
	default:
		return l.add(noAlarm(m))
	}
}

// tells judges whether an alarm that fires reaches a person: by its own actions
// or through a composite alarm over it.
func (c *controlJudge) tells(w *watch, p probe) link {
	best, child := w.notify, len(w.alarm.AlarmActions) == 0
	for i, parent := range c.throughComposites(w) {
		// An alarm without actions under a composite one is no oversight: what
		// is wrong is then wrong with the composite alarm.
		if l := c.composed(parent, p); i == 0 && child || closer(l, best) {
			best = l
		}
	}
	return best
}

// noAlarm is the reason when nothing watches a metric; a near miss says more.
func noAlarm(m *metric) finding.Reason {
	if len(m.nearMisses) > 0 {
		return m.nearMisses[0]
	}
	return finding.Reason{Code: CodeNoAlarm, Status: finding.Fail, Link: finding.LinkAlarm, Resource: m.resource(),
		Message: fmt.Sprintf("no alarm watches metric %s in namespace %s", m.name, m.namespace)}
}

// up judges the way of an event to a log group; several trails are
// alternatives.
func (c *controlJudge) up(g *group, e event) (link, *trail) {
	best, by := link{grade: bad}, (*trail)(nil)
	for _, t := range c.trails {
		if t.group != g {
			continue
		}
		l := t.carries(e).and(g.link)
		if by == nil || closer(l, best) {
			best, by = l, t
		}
	}
	return best, by
}

// matching returns the filters that match at least some records of the probe.
func (c *controlJudge) matching(filters []*filter, p probe) []*filter {
	return slices.DeleteFunc(slices.Clone(filters), func(f *filter) bool {
		return f.pattern == nil || f.deselected || c.cover([]*filter{f}, p).Verdict == pattern.Missed || c.besides(f, p)
	})
}

// relevant says whether a filter matches anything that the control requires.
func (c *controlJudge) relevant(f *filter) bool {
	if f.deselected { // what it would match if it looked
		all := *f
		all.key, all.deselected = f.key+"\x00deselected", false
		f = &all
	}
	return slices.ContainsFunc(c.probes, func(p probe) bool {
		return len(c.matching([]*filter{f}, p)) > 0
	})
}

// besides says whether a filter matches what a probe asks for only by the way:
// for a condition on any event, a filter about named events; for a named event,
// a filter that matches some records of every event, such as those of the root
// user.
func (c *controlJudge) besides(f *filter, p probe) bool {
	other := p
	other.Source, other.Event = "example.amazonaws.com", "SomeOtherEvent"
	switch {
	case p.Condition != nil && p.Source == "":
		return c.cover([]*filter{f}, other).Verdict == pattern.Missed
	case p.Condition == nil && !acceptable(c.cover([]*filter{f}, p), c.account.ID):
		return c.cover([]*filter{f}, other).Verdict != pattern.Missed
	}
	return false
}
