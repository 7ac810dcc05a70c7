package audit

import (
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/alarm"
)

// maxNesting bounds composite alarms over composite alarms; AWS allows cycles.
const maxNesting = 20

// A composite is an alarm over the states of other alarms of its region.
type composite struct {
	alarm  *account.CompositeAlarm
	site   *site
	rule   *alarm.Rule // nil when it is not understood
	rest   link        // what is wrong with it whatever the event: rule, suppressor
	notify link
	routes []*route
}

// compositesOf judges the composite alarms of a site, by name.
func (j *judge) compositesOf(s *site) []*composite {
	if have, ok := j.composites[s]; ok {
		return have
	}
	alarms, _ := s.read().Alarms.Got()
	var out []*composite
	for i := range alarms.Composite {
		out = append(out, j.newComposite(s, &alarms.Composite[i], alarms))
	}
	j.composites[s] = out
	return out
}

func (j *judge) newComposite(s *site, a *account.CompositeAlarm, all account.Alarms) *composite {
	c := &composite{alarm: a, site: s, rest: link{grade: good}}
	rule, err := alarm.ParseRule(a.Rule)
	if err != nil {
		c.rest = c.rest.add(c.reason(CodeAlarmKind, finding.Unknown, "its rule is not understood: %v", err))
	} else {
		c.rule = rule
	}
	if a.Suppressor != "" {
		c.rest = c.rest.and(c.suppressed(all))
	}
	c.routes, c.notify = j.notification(s, a.ARN, a.Name, a.ActionsEnabled, a.AlarmActions)
	return c
}

func (c *composite) reason(code finding.Code, s finding.Status, format string, args ...any) finding.Reason {
	return finding.Reason{Code: code, Status: s, Link: finding.LinkAlarm, Resource: c.alarm.ARN,
		Message: fmt.Sprintf("composite alarm %s: ", c.alarm.Name) + fmt.Sprintf(format, args...)}
}

// suppressed judges the suppressor by its state now: while it is in ALARM the
// actions do not run.
func (c *composite) suppressed(all account.Alarms) link {
	l := link{grade: good}
	name := alarmName(c.alarm.Suppressor)
	for _, a := range all.Metric {
		if a.Name == name && a.State == alarm.InAlarm {
			return l.add(c.reason(CodeAlarmSuppressed, finding.Fail, "its actions are suppressed by alarm %s, which is in ALARM", name))
		}
	}
	for _, a := range all.Composite {
		if a.Name == name && a.State == alarm.InAlarm {
			return l.add(c.reason(CodeAlarmSuppressed, finding.Fail, "its actions are suppressed by alarm %s, which is in ALARM", name))
		}
	}
	return l.add(c.reason(CodeAlarmSuppressed, finding.Warn, "alarm %s suppresses its actions whenever it is in ALARM", name))
}

// alarmName is the name of an alarm given by name or ARN.
func alarmName(nameOrARN string) string {
	arn, ok := account.ParseARN(nameOrARN)
	if ok && arn.Service == "cloudwatch" && len(arn.Resource) > len("alarm:") {
		return arn.Resource[len("alarm:"):]
	}
	return nameOrARN
}

// throughComposites returns the composite alarms over an alarm.
func (c *controlJudge) throughComposites(w *watch) []*composite {
	var out []*composite
	for _, parent := range c.compositesOf(w.site) {
		if c.dependsOn(parent, w.alarm.Name, maxNesting) {
			out = append(out, parent)
		}
	}
	return out
}

// composed judges one composite alarm above an alarm that fires: its rule must
// be false before and true once every alarm that the probe trips is in ALARM
// and the others are OK.
func (c *controlJudge) composed(parent *composite, p probe) link {
	l := parent.rest.and(parent.notify)
	if parent.rule == nil {
		return l
	}
	quiet := func(string) bool { return false }
	before := c.evaluate(parent, quiet, maxNesting)
	after := c.evaluate(parent, func(name string) bool { return c.trips(name, parent.site, p) }, maxNesting)
	switch {
	case before == alarm.True:
		l = l.add(parent.reason(CodeCompositeNotTrue, finding.Fail, "its rule is true all the time, so nothing sets it off"))
	case after == alarm.False:
		l = l.add(parent.reason(CodeCompositeNotTrue, finding.Fail, "its rule does not become true"))
	case before == alarm.Undecided || after == alarm.Undecided:
		l = l.add(parent.reason(CodeCompositeNotTrue, finding.Unknown, "whether its rule becomes true depends on alarms that were not found"))
	}
	return l
}

// evaluate evaluates a rule with the metric alarms for which inAlarm is true in
// ALARM and all others OK.
func (c *controlJudge) evaluate(parent *composite, inAlarm func(string) bool, depth int) alarm.Truth {
	if parent.rule == nil || depth == 0 {
		return alarm.Undecided
	}
	alarms, _ := parent.site.read().Alarms.Got()
	return parent.rule.Eval(func(name string) (string, bool) {
		for _, child := range c.compositesOf(parent.site) {
			if child.alarm.Name != name {
				continue
			}
			switch c.evaluate(child, inAlarm, depth-1) {
			case alarm.True:
				return alarm.InAlarm, true
			case alarm.False:
				return alarm.OK, true
			default:
				return "", false
			}
		}
		if !slices.ContainsFunc(alarms.Metric, func(a account.MetricAlarm) bool { return a.Name == name }) {
			return "", false
		}
		if inAlarm(name) {
			return alarm.InAlarm, true
		}
		return alarm.OK, true
	})
}

// dependsOn says whether a composite alarm reads an alarm, itself or through
// other composite alarms.
func (c *controlJudge) dependsOn(parent *composite, name string, depth int) bool {
	if parent.rule == nil {
		return true // it may
	}
	if depth == 0 {
		return false
	}
	for _, n := range parent.rule.Names() {
		if n == name {
			return true
		}
		for _, child := range c.compositesOf(parent.site) {
			if child.alarm.Name == n && c.dependsOn(child, name, depth-1) {
				return true
			}
		}
	}
	return false
}

// trips says whether a probe takes a metric alarm of a site to ALARM.
func (c *controlJudge) trips(name string, at *site, p probe) bool {
	for _, m := range c.metrics {
		for _, w := range m.watches {
			if w.site != at || w.alarm.Name != name {
				continue
			}
			for _, f := range m.feeders {
				if c.feeds(f, p) && c.fires(w, f, p).grade == good {
					return true
				}
			}
		}
	}
	return false
}

// feeds says whether a filter writes its value for the probe's event, at least
// for some records.
func (c *controlJudge) feeds(f *filter, p probe) bool {
	g := c.groupOfFilter(f)
	if g == nil {
		return false
	}
	up, _ := c.up(g, p.event)
	return up.grade == good && len(c.matching([]*filter{f}, p)) > 0
}
