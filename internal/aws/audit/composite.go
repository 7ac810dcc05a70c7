package audit

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/alarm"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A composite is an alarm over the states of other alarms of its region.
type composite struct {
	alarm *account.CompositeAlarm
	site  *site
	rule  *alarm.Rule   // nil when it is not understood
	rest  chain.Verdict // what is wrong with it whatever the event: rule, suppressor

	notify *notifier
}

// compositesOf judges the composite alarms of a site, by name.
func (j *judge) compositesOf(s *site) []*composite {
	if have, ok := j.composites[s]; ok {
		return have
	}
	alarms, _ := s.read().Alarms.Got()
	var out []*composite
	for i := range alarms.Composite {
		out = append(out, newComposite(s, &alarms.Composite[i], alarms))
	}
	j.composites[s] = out
	return out
}

func newComposite(s *site, a *account.CompositeAlarm, all account.Alarms) *composite {
	c := &composite{alarm: a, site: s, rest: chain.Fine(),
		notify: &notifier{site: s, arn: a.ARN, name: a.Name, enabled: a.ActionsEnabled, actions: a.AlarmActions}}
	rule, err := alarm.ParseRule(a.Rule)
	if err != nil {
		c.rest = c.rest.With(c.reason(CodeAlarmKind, finding.Unknown, "its rule is not understood: %v", err))
	} else {
		c.rule = rule
	}
	if a.Suppressor != "" {
		c.rest = c.rest.And(c.suppressed(all))
	}
	return c
}

func (c *composite) reason(code finding.Code, s finding.Status, format string, args ...any) finding.Reason {
	return finding.Reason{Code: code, Status: s, Link: finding.LinkAlarm, Resource: c.alarm.ARN,
		Message: fmt.Sprintf("composite alarm %s: ", shown(c.alarm.Name)) + fmt.Sprintf(format, args...)}
}

// suppressed judges the suppressor by its state now: while it is in ALARM the
// actions do not run.
func (c *composite) suppressed(all account.Alarms) chain.Verdict {
	l := chain.Fine()
	name := alarmName(c.alarm.Suppressor)
	for _, a := range all.Metric {
		if a.Name == name && a.State == alarm.InAlarm {
			return l.With(c.reason(CodeAlarmSuppressed, finding.Fail, "its actions are suppressed by alarm %s, which is in ALARM", shown(name)))
		}
	}
	for _, a := range all.Composite {
		if a.Name == name && a.State == alarm.InAlarm {
			return l.With(c.reason(CodeAlarmSuppressed, finding.Fail, "its actions are suppressed by alarm %s, which is in ALARM", shown(name)))
		}
	}
	return l.With(c.reason(CodeAlarmSuppressed, finding.Warn, "alarm %s suppresses its actions whenever it is in ALARM", shown(name)))
}

// alarmName is the name of an alarm given by name or ARN.
func alarmName(nameOrARN string) string {
	arn, ok := account.ParseARN(nameOrARN)
	if ok && arn.Service == "cloudwatch" && len(arn.Resource) > len("alarm:") {
		return arn.Resource[len("alarm:"):]
	}
	return nameOrARN
}

// compositesOver returns the composite alarms over a metric alarm of a site,
// directly or through others, by name. One whose rule is not understood may be
// over any.
func (j *judge) compositesOver(s *site, name string) []*composite {
	ix := j.alarmsAt(s)
	if ix.above == nil {
		ix.above = map[string][]*composite{}
		for _, c := range j.compositesOf(s) {
			for leaf := range j.leaves(c) {
				ix.above[leaf] = append(ix.above[leaf], c)
			}
		}
	}
	return ix.above[name]
}

// compositesByName returns the composite alarms of a site.
func (j *judge) compositesByName(s *site) map[string]*composite {
	ix := j.alarmsAt(s)
	if ix.composites == nil {
		ix.composites = map[string]*composite{}
		for _, c := range j.compositesOf(s) {
			ix.composites[c.alarm.Name] = c
		}
	}
	return ix.composites
}

// leaves returns the names of the metric alarms that a composite alarm reads,
// itself or through others; of all when some rule among them is not understood.
func (j *judge) leaves(c *composite) map[string]bool {
	byName := j.compositesByName(c.site)
	leaves, seen := map[string]bool{}, map[*composite]bool{}
	for todo := []*composite{c}; len(todo) > 0; {
		o := todo[0]
		todo = todo[1:]
		if seen[o] {
			continue
		}
		seen[o] = true
		if o.rule == nil {
			for name := range j.alarmsAt(c.site).names {
				leaves[name] = true
			}
			continue
		}
		for _, n := range o.rule.Names() {
			if child := byName[n]; child != nil {
				todo = append(todo, child)
			} else {
				leaves[n] = true
			}
		}
	}
	return leaves
}

// States give each metric alarm of a site a state; false for one that is not there.
type states func(name string) (state string, ok bool)

// composed judges one composite alarm over an alarm that the probe takes to ALARM:
// its actions run when its own rule becomes true. Alarms that the probe does not
// trip keep the state that was read. What keeps the alarm below from firing is not
// this one's fault.
func (c *controlJudge) composed(parent *composite, below sensor, p chain.Probe) chain.Verdict {
	v := parent.rest
	if parent.rule == nil {
		return v
	}
	if c.turnsOn(parent, below.watch.alarm.Name) && unsettled(c.fires(below.watch, below.filter, p)).Truth == chain.Unread {
		return v.With(parent.reason(CodeCompositeNotTrue, finding.Unknown, "its rule becomes true when alarm %s leaves ALARM, which this version does not follow", shown(below.watch.alarm.Name)))
	}
	tripped := c.trippedWith(below, p)
	now := c.statesNow(parent.site)
	before := func(name string) (string, bool) {
		state, ok := now(name)
		if ok && tripped(name) && state == alarm.InAlarm {
			return alarm.OK, true // it returns to OK, or its own verdict says that it does not
		}
		return state, ok
	}
	after := func(name string) (string, bool) {
		state, ok := now(name)
		if ok && tripped(name) {
			return alarm.InAlarm, true
		}
		return state, ok
	}
	was, is := c.evaluate(parent, before), c.evaluate(parent, after)
	if name := alarmName(parent.alarm.Suppressor); name != "" && c.setOff(name, parent.site, tripped, after) {
		return v.With(parent.reason(CodeAlarmSuppressed, finding.Fail, "its actions are suppressed by alarm %s, which the same event takes to ALARM", shown(name)))
	}
	switch {
	case was == alarm.True && c.evaluate(parent, quiet(before)) != alarm.True && c.waitsForData(parent, tripped, now):
		v = v.With(parent.reason(CodeCompositeNotTrue, finding.Unknown, "whether its rule becomes true depends on alarms that have no data yet"))
	case was == alarm.True && c.evaluate(parent, quiet(before)) == alarm.True:
		v = v.With(parent.reason(CodeCompositeNotTrue, finding.Fail, "its rule is always true, so nothing sets it off"))
	case was == alarm.True:
		v = v.With(parent.reason(CodeAlarmStuck, finding.Fail, "its rule is true already%s, and its actions run only when it becomes true", c.because(parent, before, alarm.True)))
	case is == alarm.False:
		v = v.With(parent.reason(CodeCompositeNotTrue, finding.Fail, "its rule does not become true%s", c.because(parent, after, alarm.False)))
	case was == alarm.Undecided || is == alarm.Undecided:
		v = v.With(parent.reason(CodeCompositeNotTrue, finding.Unknown, "whether its rule becomes true depends on alarms that were not found"))
	case c.lingers(parent):
		v = v.With(parent.reason(CodeAlarmStuck, finding.Unknown, "it has been in ALARM since %s although its rule is false now, for an unknown reason", parent.alarm.TransitionAt.UTC().Format(time.RFC3339)))
	default:
		if name := c.blocker(parent, tripped, before, after); name != "" {
			v = v.With(parent.reason(CodeAlarmSuppressed, finding.Warn, "the state of alarm %s can keep it from notifying", shown(name)))
		}
		if c.shared(below.watch, below.filter) {
			v = v.And(c.busy(parent.notify, parent.alarm.State))
		}
	}
	return v
}

// setOff reports whether a probe takes an alarm to ALARM, a metric alarm or a
// composite one, given which metric alarms it trips and all states behind it.
func (c *controlJudge) setOff(name string, at *site, tripped func(string) bool, after states) bool {
	if supp := c.compositesByName(at)[name]; supp != nil {
		return c.evaluate(supp, after) == alarm.True
	}
	_, there := after(name)
	return there && tripped(name)
}

// turnsOn reports whether a composite alarm's rule becomes true when an alarm leaves
// ALARM, all others as they are.
func (c *controlJudge) turnsOn(parent *composite, name string) bool {
	now := c.statesNow(parent.site)
	return parent.rule != nil && c.evaluate(parent, with(now, name, alarm.InAlarm)) != alarm.True && c.evaluate(parent, with(now, name, alarm.OK)) != alarm.False
}

// waitsForOK returns a composite alarm that may notify when an alarm leaves ALARM; nil
// for none.
func (c *controlJudge) waitsForOK(w *watch) *composite {
	for _, parent := range c.compositesOver(w.site, w.alarm.Name) {
		if c.turnsOn(parent, w.alarm.Name) {
			return parent
		}
	}
	return nil
}

// unsettled returns the verdict on an alarm with what says that it stays in ALARM, or
// is on the wrong side of its threshold, as unknown: the event may take it out of
// ALARM.
func unsettled(v chain.Verdict) chain.Verdict {
	out := chain.Fine()
	out.Only = v.Only
	for _, r := range v.Reasons {
		if r.Status == finding.Fail && (r.Code == CodeAlarmStuck || r.Code == finding.Code(alarm.CodeThreshold)) {
			r.Status = finding.Unknown
		}
		out = out.With(r)
	}
	return out
}

// statesNow are the states that were read.
func (c *controlJudge) statesNow(s *site) states {
	ix := c.alarmsAt(s)
	return func(name string) (string, bool) {
		i, ok := ix.names[name]
		if !ok {
			return "", false
		}
		if state := ix.metric[i].State; state != "" {
			return state, true
		}
		return alarm.OK, true
	}
}

// quiet returns the states with every alarm in OK.
func quiet(s states) states {
	return func(name string) (string, bool) {
		_, ok := s(name)
		return alarm.OK, ok
	}
}

// trippedWith reports which metric alarms a probe takes to ALARM, given that the
// alarm below a composite one fires. Where records do not even get to its filter,
// the others are asked only what they match: the fault lies above.
func (c *controlJudge) trippedWith(below sensor, p chain.Probe) func(name string) bool {
	reached := c.reaches(below.filter, p)
	return func(name string) bool {
		return name == below.watch.alarm.Name || c.trips(name, below.watch.site, p) || !reached && c.wouldTrip(name, below.watch.site, p)
	}
}

// wouldTrip reports whether some filter of a metric alarm is about a probe.
func (c *controlJudge) wouldTrip(name string, at *site, p chain.Probe) bool {
	for _, w := range c.alarmsAt(at).watches[name] {
		for _, f := range w.metric.feeders {
			if c.nodes[f] != nil && c.aims(f.passage(), c.probe(p)) {
				return true
			}
		}
	}
	return false
}

// waitsForData reports whether some alarm that the probe trips has no data yet.
func (c *controlJudge) waitsForData(parent *composite, tripped func(string) bool, now states) bool {
	for leaf := range c.leaves(parent) {
		if state, ok := now(leaf); ok && tripped(leaf) && state == alarm.InsufficientData {
			return true
		}
	}
	return false
}

// lingering is how long a composite alarm may be in ALARM while its rule is false:
// it follows its children at once.
const lingering = time.Hour

// lingers reports whether a composite alarm is in ALARM for longer than its
// children explain.
func (c *controlJudge) lingers(parent *composite) bool {
	at := parent.alarm.TransitionAt
	return parent.alarm.State == alarm.InAlarm && at != nil && c.now.Sub(*at) > lingering
}

// because names the first alarm, by name, without whose state the rule would come
// to something else; "" when it is not one alarm alone.
func (c *controlJudge) because(parent *composite, s states, is alarm.Truth) string {
	for _, leaf := range slices.Sorted(maps.Keys(c.leaves(parent))) {
		state, ok := s(leaf)
		if !ok {
			continue
		}
		for _, other := range []string{alarm.OK, alarm.InAlarm} {
			if other != state && c.evaluate(parent, with(s, leaf, other)) != is {
				return " while alarm " + shown(leaf) + " is in " + state
			}
		}
	}
	return ""
}

// with returns the states with one of them replaced.
func with(s states, name, state string) states {
	return func(n string) (string, bool) {
		if have, ok := s(n); n != name || !ok {
			return have, ok
		}
		return state, true
	}
}

// blocker names the first alarm, by name, that the probe does not trip and whose
// state can keep the rule from becoming true; "" for none.
func (c *controlJudge) blocker(parent *composite, tripped func(string) bool, before, after states) string {
	for _, leaf := range slices.Sorted(maps.Keys(c.leaves(parent))) {
		if _, ok := before(leaf); !ok || tripped(leaf) {
			continue
		}
		for _, other := range []string{alarm.OK, alarm.InAlarm} {
			if c.evaluate(parent, with(before, leaf, other)) == alarm.True || c.evaluate(parent, with(after, leaf, other)) == alarm.False {
				return leaf
			}
		}
	}
	return ""
}

// evaluate evaluates a composite alarm in a state of the world.
func (c *controlJudge) evaluate(parent *composite, s states) alarm.Truth {
	return c.evaluateOnce(parent, s, map[string]alarm.Truth{})
}

// evaluateOnce evaluates each composite alarm once: known holds what they came to so
// far. One that depends on itself is undecided.
func (c *controlJudge) evaluateOnce(parent *composite, s states, known map[string]alarm.Truth) alarm.Truth {
	if t, ok := known[parent.alarm.Name]; ok {
		return t
	}
	known[parent.alarm.Name] = alarm.Undecided
	if parent.rule == nil {
		return alarm.Undecided
	}
	byName := c.compositesByName(parent.site)
	t := parent.rule.Eval(func(name string) (string, bool) {
		child := byName[name]
		if child == nil {
			return s(name)
		}
		switch c.evaluateOnce(child, s, known) {
		case alarm.True:
			return alarm.InAlarm, true
		case alarm.False:
			return alarm.OK, true
		default:
			return "", false
		}
	})
	known[parent.alarm.Name] = t
	return t
}

// trips reports whether a probe takes a metric alarm of a site to ALARM.
func (c *controlJudge) trips(name string, at *site, p chain.Probe) bool {
	key := trip{at, name, p}
	if t, ok := c.tripped[key]; ok {
		return t
	}
	t := false
	for _, w := range c.alarmsAt(at).watches[name] {
		for _, f := range w.metric.feeders {
			t = t || c.reaches(f, p) && c.fires(w, f, p).Truth == chain.Good
		}
	}
	c.tripped[key] = t
	return t
}

// A trip is a metric alarm that a probe may take to ALARM.
type trip struct {
	at    *site
	name  string
	probe chain.Probe
}

// reaches reports whether a filter writes its value for the probe's event, at least
// for some records.
func (c *controlJudge) reaches(f *filter, p chain.Probe) bool {
	n := c.nodes[f]
	return n != nil && c.graph.Reaches(n, p)
}
