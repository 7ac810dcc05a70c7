package audit

import (
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/alarm"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// tree draws the graph as evidence: every trail, its log group, the filters that
// concern the control and everything behind them. A log group that several trails
// feed is drawn in full once.
func (c *controlJudge) tree(outcomes []outcome) []finding.Link {
	d := drawer{controlJudge: c, outcomes: outcomes}
	for _, n := range c.graph.Roots() {
		d.draw(n, 0, 0)
	}
	return d.links
}

// A drawer writes the links of a tree.
type drawer struct {
	*controlJudge
	outcomes []outcome
	links    []finding.Link
	drawn    []*group
	buses    map[*entry]bool
}

// add writes one link.
func (d *drawer) add(k finding.LinkKind, depth int, resource string, s finding.LinkState, detail string) {
	d.links = append(d.links, finding.Link{Kind: k, Depth: depth, Resource: resource, State: s, Detail: detail})
}

// draw writes a node and what hangs on it, as it is for a probe.
func (d *drawer) draw(n *chain.Node, depth int, p chain.Probe) {
	switch thing := n.Thing.(type) {
	case *trail:
		d.trail(thing, n, depth)
	case *group:
		if d.group(thing, n, depth) {
			return
		}
	case *filter:
		if thing.pattern != nil && !d.Relevant(thing) {
			return
		}
		p = d.sample(thing)
		state, detail := d.filterState(thing, n)
		d.add(n.Kind, depth, thing.arn, state, detail)
		depth++
		d.metric(thing, depth)
		n = n.Next[0]
	case recorder:
		d.recorder(thing, n, depth)
	case *entry:
		if d.entry(thing, n, depth, p) {
			return
		}
	case *rule:
		p = d.rule(thing, n, depth)
	case alarmRule:
		d.alarmRule(thing, n, depth, p)
	case *receiver:
		d.receiver(thing, n, depth, p)
	case *ruleTarget:
		d.ruleTarget(thing, n, depth, p)
		return
	case sensor:
		d.alarm(thing, n, depth, p)
	case *composite:
		d.composite(thing, n, depth, p)
	case deliverer: // shows in no tree
		depth--
	case *action:
		d.action(thing, n, depth, p)
		return
	case missing:
		d.missing(n, depth, p)
	}
	for _, m := range n.Behind() {
		d.draw(m, depth+1, p)
	}
}

// missing draws a link that does not exist.
func (d *drawer) missing(n *chain.Node, depth int, p chain.Probe) {
	v := d.graph.Tail(n, p)
	if len(v.Reasons) == 0 {
		return // what stands before says it
	}
	if n.Kind == finding.LinkTrail {
		d.add(n.Kind, depth, "", d.noTrailState(), "no trail was found")
		return
	}
	d.add(n.Kind, depth, "", v.State(), v.Reasons[0].Message)
}

// noTrailState is unknown when some region could not be read.
func (c *controlJudge) noTrailState() finding.LinkState {
	for _, p := range c.probes {
		if c.unreadRegion(p.Region) != nil {
			return finding.StateUnknown
		}
	}
	return finding.StateNone
}

// trail sums up what a trail carries of the control.
func (d *drawer) trail(t *trail, n *chain.Node, depth int) {
	counts := map[chain.Truth]int{}
	var first *finding.Reason
	for i := range d.probes {
		truth := chain.Good
		for _, r := range d.graph.Verdict(n, chain.Probe(i)).Broken() {
			if r.Code == CodeTrailNoLogGroup {
				continue
			}
			if first == nil {
				first = &r
			}
			truth = min(truth, chain.Fine().With(r).Truth)
		}
		counts[truth]++
	}
	detail, state := t.describe(), finding.StateNone
	if first != nil {
		detail += ": " + first.Message
	}
	switch {
	case counts[chain.Good] == len(d.probes):
		state = finding.StateOK
	case counts[chain.Good] > 0:
		state = finding.StateGap
	case counts[chain.Unread] > 0:
		state = finding.StateUnknown
	}
	d.add(n.Kind, depth, t.ARN, state, detail)
	if t.group == nil {
		d.add(finding.LinkLogGroup, depth+1, "", finding.StateNone, "the trail delivers to no log group")
	}
}

// group writes a log group, and reports whether that is all: it was drawn before,
// or nobody could look into it.
func (d *drawer) group(g *group, n *chain.Node, depth int) bool {
	detail := "log group " + g.name
	if !g.blind && g.site.account != d.account {
		detail += " of account " + g.site.account.ID
	}
	if b := g.link.Broken(); len(b) > 0 {
		detail = b[0].Message
	}
	if slices.Contains(d.drawn, g) {
		d.add(n.Kind, depth, g.arn, g.link.State(), detail+" (see above)")
		return true
	}
	d.drawn = append(d.drawn, g)
	d.add(n.Kind, depth, g.arn, g.link.State(), detail)
	if !g.blind && !slices.ContainsFunc(g.filters, func(f *filter) bool { return f.pattern == nil || d.Relevant(f) }) {
		if f := d.writtenFor(g); f != nil {
			d.add(finding.LinkFilter, depth+1, f.arn, finding.StateNone, d.neverMatches(f))
			return false
		}
		d.add(finding.LinkFilter, depth+1, "", finding.StateNone, fmt.Sprintf("no metric filter matches %s (filters on the log group: %d)", d.whatever(), len(g.filters)))
	}
	return g.blind
}

// filterState says how much of the control a filter matches. A filter that
// matches a part is a gap only where the others do not make up for it.
func (d *drawer) filterState(f *filter, n *chain.Node) (finding.LinkState, string) {
	if b := f.reading.Broken(); len(b) > 0 {
		return finding.StateUnknown, b[0].Message
	}
	whole, part := 0, 0
	for i := range d.outcomes {
		p := chain.Probe(i)
		switch cov := d.graph.Alone(n, p); {
		case cov.Suffices():
			whole++
		case cov.Fit == chain.Nothing:
		default:
			part++
		}
	}
	events := len(d.outcomes)
	detail := fmt.Sprintf("matches %d of %d events", whole, events)
	if n := len(d.regions()); n > 1 && events%n == 0 && whole%n == 0 {
		detail = fmt.Sprintf("matches %d of %d events in %d regions", whole/n, events/n, n)
	}
	if part > 0 {
		detail += fmt.Sprintf(", %d only in part", part)
	}
	if d.namesakes(f) {
		detail += ", and events of these names of other services"
	}
	for i := range d.outcomes {
		if whole < events && !d.graph.Together(n, chain.Probe(i)).Suffices() {
			return finding.StateGap, detail
		}
	}
	return finding.StateOK, detail // the union makes up for what this filter lacks
}

// namesakes reports whether a filter that matches a required event also matches one
// of the same name of another service: an alarm that tells more than it should,
// which is worth a word and no more.
func (c *controlJudge) namesakes(f *filter) bool {
	i := slices.IndexFunc(c.probes, func(p probe) bool { return p.Source != "" && p.Event != "" && c.aims(f.passage(), p) })
	if i < 0 {
		return false
	}
	other := c.probes[i]
	other.Source, other.shape = "example.amazonaws.com", 0
	return c.touches(f.passage(), other)
}

func (c *controlJudge) regions() []string {
	var names []string
	for _, p := range c.probes {
		names = append(names, p.Region)
	}
	return sorted(names)
}

// sample is a probe that a filter matches, else the first one.
func (c *controlJudge) sample(f *filter) chain.Probe {
	for i, p := range c.probes {
		if c.aims(f.passage(), p) {
			return chain.Probe(i)
		}
	}
	return 0
}

func (d *drawer) metric(f *filter, depth int) {
	value := "each match writes " + f.Value
	if b := f.value.Broken(); len(b) > 0 {
		value = b[0].Message
	}
	d.add(finding.LinkMetric, depth, f.metric.resource(), f.value.State(), value)
}

func (d *drawer) alarm(s sensor, n *chain.Node, depth int, p chain.Probe) {
	a, v := s.watch.alarm, d.graph.Verdict(n, p)
	detail := fmt.Sprintf("alarm %s: %s %s %s, %d of %d periods of %d s; state %s", shown(a.Name), statistic(a), alarm.Symbol(a.Comparison), threshold(a),
		max(a.DatapointsToAlarm, 1), a.EvaluationPeriods, a.Period, a.State)
	if len(v.Reasons) > 0 {
		detail = v.Reasons[0].Message
	}
	d.add(n.Kind, depth, a.ARN, v.State(), detail)
}

func (d *drawer) composite(c *composite, n *chain.Node, depth int, p chain.Probe) {
	v := d.graph.Verdict(n, p)
	detail := fmt.Sprintf("composite alarm %s: %s; state %s", shown(c.alarm.Name), c.alarm.Rule, c.alarm.State)
	if b := v.Broken(); len(b) > 0 {
		detail = b[0].Message
	}
	d.add(n.Kind, depth, c.alarm.ARN, v.State(), detail)
}

func statistic(a *account.MetricAlarm) string {
	if a.ExtendedStatistic != "" {
		return a.ExtendedStatistic
	}
	return a.Statistic
}

func threshold(a *account.MetricAlarm) string {
	if a.Threshold == nil {
		return "a band"
	}
	return fmt.Sprintf("%g", *a.Threshold)
}

// action writes an action and, for a topic, all of its subscribers. A topic
// without subscribers is itself in order.
func (d *drawer) action(a *action, n *chain.Node, depth int, p chain.Probe) {
	v := d.graph.Tail(n, p)
	arn, _ := account.ParseARN(a.arn)
	state, detail := finding.StateOK, arn.Service+" "+arn.Resource
	if len(v.Reasons) > 0 {
		detail = v.Reasons[0].Message
	}
	if b := v.Broken(); len(b) > 0 {
		detail = b[0].Message
		if finding.Rank(b[0].Link) <= finding.Rank(finding.LinkTopic) {
			state = v.State()
		}
	}
	d.add(n.Kind, depth, a.arn, state, detail)
	if a.topic == nil {
		return
	}
	subs, ok := a.topic.Subscriptions.Got()
	if !ok {
		return
	}
	verdicts := map[string]chain.Verdict{} // of confirmed subscribers, by ARN
	for _, m := range n.Behind() {
		if s, ok := m.Thing.(*account.Subscription); ok {
			verdicts[s.ARN] = d.graph.Verdict(m, p)
		}
	}
	for _, s := range subs {
		resource, state, detail := s.ARN, finding.StateOK, fmt.Sprintf("%s %s: %s", s.Protocol, s.Endpoint, s.State)
		if s.State != account.Confirmed {
			resource, state = a.topic.ARN+":"+s.Endpoint, finding.StateNone
		}
		if v := verdicts[s.ARN]; len(v.Broken()) > 0 {
			state, detail = v.State(), detail+", "+v.Broken()[0].Message
		}
		d.add(finding.LinkSubscription, depth+1, resource, state, detail)
	}
	if len(subs) == 0 {
		d.add(finding.LinkSubscription, depth+1, "", finding.StateNone, "no subscriber")
	}
}
