package audit

import (
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// A chainWriter collects the links of the tree that explain draws.
type chainWriter struct{ links []finding.Link }

func (w *chainWriter) add(k finding.LinkKind, depth int, resource string, s finding.LinkState, detail string) {
	w.links = append(w.links, finding.Link{Kind: k, Depth: depth, Resource: resource, State: s, Detail: detail})
}

// chain writes the evidence of a control: every trail, its log group, the
// filters that concern the control and everything behind them.
func (c *controlJudge) chain(outcomes []outcome) []finding.Link {
	var w chainWriter
	if len(c.trails) == 0 {
		w.add(finding.LinkTrail, 0, "", c.noTrailState(), "no trail was found")
	}
	var drawn []*group
	for _, t := range c.trails {
		state, detail := c.trailState(t)
		w.add(finding.LinkTrail, 0, t.ARN, state, detail)
		if t.group == nil {
			w.add(finding.LinkLogGroup, 1, "", finding.StateNone, "the trail delivers to no log group")
			continue
		}
		again := slices.Contains(drawn, t.group)
		drawn = append(drawn, t.group)
		c.drawGroup(&w, t.group, outcomes, again)
	}
	return w.links
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

// trailState sums up what a trail carries of the control.
func (c *controlJudge) trailState(t *trail) (finding.LinkState, string) {
	counts := map[grade]int{}
	var first *finding.Reason
	for _, p := range c.probes {
		l := t.carries(p.event)
		l.reasons = slices.DeleteFunc(slices.Clone(l.reasons), func(r finding.Reason) bool { return r.Code == CodeTrailNoLogGroup })
		g := good
		for _, r := range l.broken() {
			if first == nil {
				first = &r
			}
			g = min(g, map[finding.Status]grade{finding.Fail: bad, finding.Unknown: unread}[r.Status])
		}
		counts[g]++
	}
	detail := t.describe()
	if first != nil {
		detail += ": " + first.Message
	}
	switch n := len(c.probes); {
	case counts[good] == n:
		return finding.StateOK, detail
	case counts[good] > 0:
		return finding.StateGap, detail
	case counts[unread] > 0:
		return finding.StateUnknown, detail
	}
	return finding.StateNone, detail
}

// drawGroup writes a log group and what hangs on it. A group that several
// trails feed is drawn in full once.
func (c *controlJudge) drawGroup(w *chainWriter, g *group, outcomes []outcome, again bool) {
	detail := "log group " + g.name
	if !g.blind && g.site.account != c.account {
		detail += " of account " + g.site.account.ID
	}
	if b := g.link.broken(); len(b) > 0 {
		detail = b[0].Message
	}
	if again {
		w.add(finding.LinkLogGroup, 1, g.arn, g.link.state(), detail+" (see above)")
		return
	}
	w.add(finding.LinkLogGroup, 1, g.arn, g.link.state(), detail)
	if g.blind {
		return
	}
	drawn := 0
	for _, f := range g.filters {
		if f.pattern == nil || c.relevant(f) {
			c.drawFilter(w, f, outcomes)
			drawn++
		}
	}
	if drawn == 0 {
		w.add(finding.LinkFilter, 2, "", finding.StateNone, fmt.Sprintf("no metric filter matches %s (%d filters on the log group)", c.whatever(), len(g.filters)))
	}
}

// drawFilter writes a filter, its metric and its alarms.
func (c *controlJudge) drawFilter(w *chainWriter, f *filter, outcomes []outcome) {
	state, detail := c.filterState(f, outcomes)
	w.add(finding.LinkFilter, 2, f.arn, state, detail)
	value := "each match writes " + f.Value
	if b := f.value.broken(); len(b) > 0 {
		value = b[0].Message
	}
	w.add(finding.LinkMetric, 3, f.metric.resource(), f.value.state(), value)
	if len(f.metric.watches) == 0 {
		d := c.down(f, c.sample(f))
		w.add(finding.LinkAlarm, 4, "", d.link.state(), d.link.reasons[0].Message)
		return
	}
	for _, watch := range f.metric.watches {
		c.drawWatch(w, f, watch)
	}
}

// filterState says how much of the control a filter matches. A filter that
// matches a part is a gap only where the others do not make up for it.
func (c *controlJudge) filterState(f *filter, outcomes []outcome) (finding.LinkState, string) {
	if b := f.reading.broken(); len(b) > 0 {
		return finding.StateUnknown, b[0].Message
	}
	whole, part := 0, 0
	made := true // the union makes up for what this filter lacks
	for _, o := range outcomes {
		cov := c.cover([]*filter{f}, o.probe)
		switch {
		case acceptable(cov, c.account.ID):
			whole++
		case cov.Verdict == pattern.Missed:
		default:
			part++
		}
		made = made && acceptable(c.cover(c.groupOfFilter(f).filters, o.probe), c.account.ID)
	}
	detail := fmt.Sprintf("matches %d of %d events", whole, len(outcomes))
	if n := len(c.regions()); n > 1 && len(outcomes)%n == 0 && whole%n == 0 {
		detail = fmt.Sprintf("matches %d of %d events in %d regions", whole/n, len(outcomes)/n, n)
	}
	if part > 0 {
		detail += fmt.Sprintf(", %d only in part", part)
	}
	if c.namesakes(f, outcomes) {
		detail += ", and events of these names of other services"
	}
	if whole == len(outcomes) || made {
		return finding.StateOK, detail
	}
	return finding.StateGap, detail
}

// namesakes says whether a filter that matches a required event also matches one
// of the same name of another service: an alarm that tells more than it should,
// which is worth a word and no more.
func (c *controlJudge) namesakes(f *filter, outcomes []outcome) bool {
	i := slices.IndexFunc(outcomes, func(o outcome) bool {
		return o.probe.Source != "" && o.probe.Event != "" && len(c.matching([]*filter{f}, o.probe)) > 0
	})
	if i < 0 {
		return false
	}
	other := outcomes[i].probe
	other.Source = "example.amazonaws.com"
	return c.cover([]*filter{f}, other).Verdict != pattern.Missed
}

func (c *controlJudge) regions() []string {
	var names []string
	for _, p := range c.probes {
		names = append(names, p.Region)
	}
	return sorted(names)
}

// drawWatch writes an alarm and its actions.
func (c *controlJudge) drawWatch(w *chainWriter, f *filter, watch *watch) {
	a, p := watch.alarm, c.sample(f)
	l := c.fires(watch, f, p).and(c.noise(f.metric, watch))
	detail := fmt.Sprintf("alarm %s: %s %s %s, %d of %d periods of %d s; state %s", a.Name, statistic(a), symbol(a.Comparison), threshold(a),
		max(a.DatapointsToAlarm, 1), a.EvaluationPeriods, a.Period, a.State)
	if len(l.reasons) > 0 {
		detail = l.reasons[0].Message
	}
	w.add(finding.LinkAlarm, 4, a.ARN, l.state(), detail)
	parents := c.throughComposites(watch)
	if len(watch.routes) == 0 && len(parents) == 0 {
		w.add(finding.LinkAction, 5, "", finding.StateNone, watch.notify.reasons[0].Message)
	}
	for _, r := range watch.routes {
		drawRoute(w, r, 5)
	}
	for _, parent := range parents {
		c.drawComposite(w, parent, p)
	}
}

// drawComposite writes a composite alarm over an alarm, and its actions.
func (c *controlJudge) drawComposite(w *chainWriter, parent *composite, p probe) {
	l := c.composed(parent, p)
	detail := fmt.Sprintf("composite alarm %s: %s; state %s", parent.alarm.Name, parent.alarm.Rule, parent.alarm.State)
	state := finding.StateOK
	if b := l.broken(); len(b) > 0 {
		detail, state = b[0].Message, stateAt(l, b[0].Link, finding.LinkAlarm)
	}
	w.add(finding.LinkAlarm, 5, parent.alarm.ARN, state, detail)
	if len(parent.routes) == 0 {
		w.add(finding.LinkAction, 6, "", finding.StateNone, parent.notify.reasons[0].Message)
	}
	for _, r := range parent.routes {
		drawRoute(w, r, 6)
	}
}

// sample is a probe that a filter matches, else the first one.
func (c *controlJudge) sample(f *filter) probe {
	for _, p := range c.probes {
		if len(c.matching([]*filter{f}, p)) > 0 {
			return p
		}
	}
	return c.probes[0]
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

func symbol(comparison string) string {
	switch comparison {
	case "GreaterThanOrEqualToThreshold":
		return ">="
	case "GreaterThanThreshold":
		return ">"
	case "LessThanThreshold":
		return "<"
	case "LessThanOrEqualToThreshold":
		return "<="
	}
	return comparison
}

// drawRoute writes an action, its topic and its subscribers.
func drawRoute(w *chainWriter, r *route, depth int) {
	if b := r.link.broken(); len(b) > 0 {
		w.add(actionKind(r), depth, r.action, stateAt(r.link, b[0].Link, finding.LinkTopic), b[0].Message)
	} else {
		w.add(actionKind(r), depth, r.action, finding.StateOK, describeRoute(r))
	}
	if r.topic == nil {
		return
	}
	subs, ok := r.topic.Subscriptions.Got()
	if !ok {
		return
	}
	for _, s := range subs {
		resource, state := s.ARN, finding.StateOK
		if s.State != account.Confirmed {
			resource, state = r.topic.ARN+":"+s.Endpoint, finding.StateNone
		}
		w.add(finding.LinkSubscription, depth+1, resource, state, fmt.Sprintf("%s %s: %s", s.Protocol, s.Endpoint, s.State))
	}
	if len(subs) == 0 {
		w.add(finding.LinkSubscription, depth+1, "", finding.StateNone, "no subscriber")
	}
}

func actionKind(r *route) finding.LinkKind {
	if arn, ok := account.ParseARN(r.action); ok && arn.Service == "sns" {
		return finding.LinkTopic
	}
	return finding.LinkAction
}

// stateAt is the state of one link of a route that breaks at some stage: a
// topic without subscribers is itself in order.
func stateAt(l link, stage, kind finding.LinkKind) finding.LinkState {
	if rank(stage) > rank(kind) {
		return finding.StateOK
	}
	return l.state()
}

func describeRoute(r *route) string {
	arn, _ := account.ParseARN(r.action)
	if len(r.link.reasons) > 0 {
		return r.link.reasons[0].Message
	}
	return arn.Service + " " + arn.Resource
}
