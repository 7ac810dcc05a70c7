package audit

import (
	"fmt"

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
		Message: fmt.Sprintf("composite alarm %s: ", c.alarm.Name) + fmt.Sprintf(format, args...)}
}

// suppressed judges the suppressor by its state now: while it is in ALARM the
// actions do not run.
func (c *composite) suppressed(all account.Alarms) chain.Verdict {
	l := chain.Fine()
	name := alarmName(c.alarm.Suppressor)
	for _, a := range all.Metric {
		if a.Name == name && a.State == alarm.InAlarm {
			return l.With(c.reason(CodeAlarmSuppressed, finding.Fail, "its actions are suppressed by alarm %s, which is in ALARM", name))
		}
	}
	for _, a := range all.Composite {
		if a.Name == name && a.State == alarm.InAlarm {
			return l.With(c.reason(CodeAlarmSuppressed, finding.Fail, "its actions are suppressed by alarm %s, which is in ALARM", name))
		}
	}
	return l.With(c.reason(CodeAlarmSuppressed, finding.Warn, "alarm %s suppresses its actions whenever it is in ALARM", name))
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

// leaves returns the names of the metric alarms that a composite alarm reads,
// itself or through others; of all when some rule among them is not understood.
func (j *judge) leaves(c *composite) map[string]bool {
	byName := map[string]*composite{}
	for _, o := range j.compositesOf(c.site) {
		byName[o.alarm.Name] = o
	}
	leaves, seen := map[string]bool{}, map[*composite]bool{}
	for todo := []*composite{c}; len(todo) > 0; {
		o := todo[0]
		todo = todo[1:]
		if seen[o] {
			continue
		}
		seen[o] = true
		if o.rule == nil {
			return j.alarmsAt(c.site).names
		}
		for _, n := range o.rule.Names() {
			leaves[n] = true
			if child := byName[n]; child != nil {
				todo = append(todo, child)
			}
		}
	}
	return leaves
}

// composed judges one composite alarm above an alarm that fires: its rule must
// be false before and true once every alarm that the probe trips is in ALARM
// and the others are OK.
func (c *controlJudge) composed(parent *composite, p chain.Probe) chain.Verdict {
	l := parent.rest
	if parent.rule == nil {
		return l
	}
	before := c.evaluate(parent, func(string) bool { return false }, map[string]alarm.Truth{})
	after := c.evaluate(parent, func(name string) bool { return c.trips(name, parent.site, p) }, map[string]alarm.Truth{})
	switch {
	case before == alarm.True:
		l = l.With(parent.reason(CodeCompositeNotTrue, finding.Fail, "its rule is true all the time, so nothing sets it off"))
	case after == alarm.False:
		l = l.With(parent.reason(CodeCompositeNotTrue, finding.Fail, "its rule does not become true"))
	case before == alarm.Undecided || after == alarm.Undecided:
		l = l.With(parent.reason(CodeCompositeNotTrue, finding.Unknown, "whether its rule becomes true depends on alarms that were not found"))
	}
	return l
}

// evaluate evaluates a rule with the metric alarms for which inAlarm is true in
// ALARM and all others OK. Known holds what the composite alarms came to so far;
// one that depends on itself is undecided.
func (c *controlJudge) evaluate(parent *composite, inAlarm func(string) bool, known map[string]alarm.Truth) alarm.Truth {
	if t, ok := known[parent.alarm.Name]; ok {
		return t
	}
	known[parent.alarm.Name] = alarm.Undecided
	if parent.rule == nil {
		return alarm.Undecided
	}
	t := parent.rule.Eval(func(name string) (string, bool) {
		for _, child := range c.compositesOf(parent.site) {
			if child.alarm.Name != name {
				continue
			}
			switch c.evaluate(child, inAlarm, known) {
			case alarm.True:
				return alarm.InAlarm, true
			case alarm.False:
				return alarm.OK, true
			default:
				return "", false
			}
		}
		if !c.alarmsAt(parent.site).names[name] {
			return "", false
		}
		if inAlarm(name) {
			return alarm.InAlarm, true
		}
		return alarm.OK, true
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
