package audit

import (
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// The number of links behind a node that has none: what a repair would have to
// add besides the next one.
const (
	behindTrail  = 4 // filter, metric, alarm and notification
	behindGroup  = 3 // metric, alarm and notification
	withoutTrail = 7 // everything behind a trail
)

// roots builds the graph of an account as a control sees it: trails, the log
// groups that they deliver to, their filters, and what hangs on those; and the
// trails once more, with the event buses, their rules and what hangs on those.
func (c *controlJudge) roots() []*chain.Node {
	c.ruleRoots = c.eventRoots()
	if c.o.Transport != RuleTransport || len(c.trails) == 0 {
		c.metricRoots = c.logRoots()
	}
	return slices.Concat(c.metricRoots, c.ruleRoots)
}

func (c *controlJudge) logRoots() []*chain.Node {
	if len(c.trails) == 0 {
		return []*chain.Node{{Kind: finding.LinkTrail, Thing: missing{}, Varies: true, Cost: withoutTrail, Judge: func(p chain.Probe) chain.Verdict {
			return chain.Fine().With(finding.Reason{Code: CodeNoTrail, Status: finding.Fail, Link: finding.LinkTrail, Message: "no trail records " + c.probe(p).Region,
				Conditions: []string{c.probe(p).Region}})
		}}}
	}
	groups := map[*group]*chain.Node{}
	for _, g := range c.groups {
		groups[g] = c.groupNode(g)
		c.forks = append(c.forks, groups[g])
	}
	var roots []*chain.Node
	for _, t := range c.trails {
		n := &chain.Node{Kind: finding.LinkTrail, Thing: t, Varies: true, Cost: behindTrail,
			Judge: func(p chain.Probe) chain.Verdict { return t.carries(c.probe(p).event) }}
		if t.group != nil {
			n.Next = []*chain.Node{groups[t.group]}
		}
		roots = append(roots, n)
	}
	return roots
}

// groupNode returns a log group. One whose filters could not be checked is where sight
// ends.
func (c *controlJudge) groupNode(g *group) *chain.Node {
	n := &chain.Node{Kind: finding.LinkLogGroup, Thing: g, Fork: !g.blind, End: g.blind, Cost: behindGroup, Varies: true,
		Judge: func(p chain.Probe) chain.Verdict { return g.link.And(c.copied(g, c.probe(p).event)) }}
	for _, f := range g.filters {
		n.Next = append(n.Next, c.filterNode(f))
	}
	return n
}

// copied notes that several trails record the same event into one log group.
func (c *controlJudge) copied(g *group, e event) chain.Verdict {
	var first *trail
	var best chain.Verdict
	for _, t := range c.trails {
		if t.group != g {
			continue
		}
		if l := t.carries(e); first == nil || l.Closer(best) {
			best, first = l, t
		}
	}
	v := chain.Fine()
	if others := duplicates(c.trails, first, e); len(others) > 0 && !g.blind {
		v = v.With(finding.Reason{Code: CodeDuplicateDelivery, Status: finding.Warn, Link: finding.LinkTrail, Resource: g.arn,
			Message: "log group " + g.name + " gets every event more than once: it is fed by " + first.Name + " and " + others[0]})
	}
	return v
}

func (c *controlJudge) filterNode(f *filter) *chain.Node {
	n := &chain.Node{Kind: finding.LinkFilter, Thing: f, Unsure: f.reading.Truth != chain.Good, Next: []*chain.Node{c.metricNode(f)}}
	if f.pattern != nil {
		n.Match = f
	}
	n.Judge = func(chain.Probe) chain.Verdict {
		if !f.byText() {
			return f.reading
		}
		return f.reading.With(finding.Reason{Code: CodeFilterByText, Status: finding.Warn, Link: finding.LinkFilter, Resource: f.arn,
			Message: "filter " + shown(f.Name) + " searches the text of the record, not its fields"})
	}
	c.nodes[f] = n
	return n
}

// metricNode returns the metric of a filter, as far as that filter feeds it, and
// the alarms on it.
func (c *controlJudge) metricNode(f *filter) *chain.Node {
	m := f.metric
	n := &chain.Node{Kind: finding.LinkMetric, Thing: f}
	var unit finding.Reason
	for _, w := range m.watches {
		if w.reads(f) {
			n.Next = append(n.Next, c.alarmNode(f, w))
			continue
		}
		unit = finding.Reason{Code: CodeAlarmUnit, Status: finding.Fail, Link: finding.LinkAlarm, Resource: w.alarm.ARN,
			Message: fmt.Sprintf("alarm %s reads only unit %s, but the filter writes %s", shown(w.alarm.Name), w.alarm.Unit, f.unit())}
	}
	alarms := m.site.read().Alarms
	switch {
	case alarms.Failed() != nil:
		n.Next = append(n.Next, placeholder(unreadable(finding.LinkAlarm, m.resource(), alarms.Failed())))
	case alarms == nil:
		n.Next = append(n.Next, placeholder(notRead(finding.LinkAlarm, m.resource(), "cloudwatch:DescribeAlarms")))
	case len(m.watches) == 0:
		n.Next = append(n.Next, placeholder(noAlarm(m)))
	case len(n.Next) == 0:
		n.Next = append(n.Next, placeholder(unit))
	}
	n.Next = append(n.Next, c.monitored(m)...)
	return n
}

// noAlarm is the reason when no alarm watches a metric; a near miss says more.
func noAlarm(m *metric) finding.Reason {
	if len(m.nearMisses) > 0 {
		return m.nearMisses[0]
	}
	r := finding.Reason{Code: CodeNoAlarm, Status: finding.Fail, Link: finding.LinkAlarm, Resource: m.resource(),
		Message: fmt.Sprintf("no alarm watches metric %q in namespace %q", m.name, m.namespace)}
	if a := m.nearest; a != nil {
		r.Message += fmt.Sprintf("; the nearest, alarm %s, watches %q in %q", shown(a.Name), a.Metric, a.Namespace)
	}
	return r
}

// A sensor is an alarm as the series of one filter reaches it.
type sensor struct {
	filter *filter
	watch  *watch
}

// alarmNode returns an alarm on the metric of a filter. Who is notified hangs on
// it and on the composite alarms over it: one without actions of its own under a
// composite alarm is no oversight.
func (c *controlJudge) alarmNode(f *filter, w *watch) *chain.Node {
	return &chain.Node{
		Kind: finding.LinkAlarm, Thing: sensor{f, w}, Varies: len(w.alarm.Queries) > 0 || len(f.metric.feeders) > 1,
		Judge: func(p chain.Probe) chain.Verdict { return c.sounds(w, f, p) },
		Open: func() []*chain.Node {
			over := c.compositesOver(w.site, w.alarm.Name)
			var next []*chain.Node
			if len(w.alarm.AlarmActions) > 0 || len(over) == 0 {
				next = slices.Clone(c.actionsOf(w.notify))
			} else {
				next = c.alarmRuleNodes(w.notify)
			}
			for _, parent := range over {
				next = append(next, c.compositeNode(parent, sensor{f, w}))
			}
			return next
		},
	}
}

// sounds judges an alarm alone. One that is in ALARM all the time may leave it for the
// event, and a composite alarm may wait for that, which is not followed.
func (c *controlJudge) sounds(w *watch, f *filter, p chain.Probe) chain.Verdict {
	v := c.fires(w, f, p).And(c.noise(f.metric, w))
	if v.Truth == chain.Bad && c.waitsForOK(w) != nil {
		return unsettled(v)
	}
	return v
}

// compositeNode returns a composite alarm as it is seen by an alarm below it.
func (c *controlJudge) compositeNode(parent *composite, below sensor) *chain.Node {
	return &chain.Node{
		Kind: finding.LinkAlarm, Thing: parent, Varies: true,
		Judge: func(p chain.Probe) chain.Verdict { return c.composed(parent, below, p) },
		Open:  func() []*chain.Node { return c.actionsOf(parent.notify) },
	}
}
