package audit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/alarm"
)

// A watch is an alarm on a metric.
type watch struct {
	alarm  *account.MetricAlarm
	site   *site    // where it stands: not always where the metric is
	kind   link     // an alarm that this build can judge
	notify link     // its actions reach a person
	routes []*route // its actions, one by one
}

// watchesOf finds the alarms on a metric, and those that miss it narrowly.
func (j *judge) watchesOf(m *metric) ([]*watch, []finding.Reason) {
	var watches []*watch
	var near []finding.Reason
	alarms, _ := m.site.read().Alarms.Got()
	for i := range alarms.Metric {
		a := &alarms.Metric[i]
		switch w, miss := watchedBy(a, m.site, m); {
		case w:
			watches = append(watches, j.newWatch(m.site, a))
		case miss != nil:
			near = append(near, *miss)
		}
	}
	return append(watches, j.monitors(m)...), append(near, alarmsElsewhere(m)...)
}

// monitors finds the alarms of other accounts on a metric: metric math alarms of
// monitoring accounts that name the metric's account.
func (j *judge) monitors(m *metric) []*watch {
	var watches []*watch
	for _, c := range j.world.alarmsOn(m.site.account.ID, m.site.name) {
		if at := j.at(c.account, c.region); queries(c.alarm, at, m) {
			watches = append(watches, j.newWatch(at, c.alarm))
		}
	}
	return watches
}

// queries says whether a metric math alarm of a site reads a metric.
func queries(a *account.MetricAlarm, at *site, m *metric) bool {
	return slices.ContainsFunc(a.Queries, func(q account.MetricQuery) bool { return reads(q, at, m) })
}

// reads says whether a query of an alarm of a site is about a metric. It names
// the account whose metric it reads; its own when it names none.
func reads(q account.MetricQuery, at *site, m *metric) bool {
	return names(q, at, m.namespace, m.name, m.site) && maps.Equal(q.Dimensions, m.dims)
}

// names says whether a query of an alarm of a site names a metric of another,
// whatever its dimensions.
func names(q account.MetricQuery, at *site, namespace, metric string, of *site) bool {
	return q.Metric == metric && q.Namespace == namespace && at.name == of.name && cmp.Or(q.AccountID, at.account.ID) == of.account.ID
}

// watchedBy says whether an alarm of the metric's site is on the metric, or why
// it narrowly is not.
func watchedBy(a *account.MetricAlarm, at *site, m *metric) (bool, *finding.Reason) {
	if queries(a, at, m) || a.Mentions(m.name) {
		return true, nil
	}
	if a.Metric != m.name || len(a.Queries) > 0 {
		return false, nil
	}
	miss := func(c finding.Code, format string, args ...any) (bool, *finding.Reason) {
		return false, &finding.Reason{Code: c, Status: finding.Fail, Link: finding.LinkAlarm, Resource: a.ARN, Message: fmt.Sprintf(format, args...)}
	}
	switch unit := m.unit(); {
	case a.Namespace != m.namespace:
		return miss(CodeAlarmOtherNamespace, "alarm %s watches %s in namespace %s, the filter writes to %s", a.Name, m.name, a.Namespace, m.namespace)
	case !maps.Equal(a.Dimensions, m.dims):
		return miss(CodeAlarmDimensions, "alarm %s watches %s with dimensions %s, the filter writes %s", a.Name, m.name, dimensions(a.Dimensions), dimensions(m.dims))
	case a.Unit != "" && a.Unit != unit:
		return miss(CodeAlarmUnit, "alarm %s reads unit %s only, the filter writes %s", a.Name, a.Unit, unit)
	}
	return true, nil
}

// unit is the unit of the metric's data; an omitted unit is None.
func (m *metric) unit() string {
	if u := m.feeders[0].Unit; u != "" {
		return u
	}
	return "None"
}

// dimensions writes dimensions for messages.
func dimensions(d map[string]string) string {
	if len(d) == 0 {
		return "none"
	}
	return values(d)
}

// alarmsElsewhere finds alarms of the metric's namespace and name in other
// regions that were read anyway.
func alarmsElsewhere(m *metric) []finding.Reason {
	var near []finding.Reason
	for i := range m.site.account.Regions {
		r := &m.site.account.Regions[i]
		alarms, ok := r.Alarms.Got()
		if !ok || r.Name == m.site.name {
			continue
		}
		for k := range alarms.Metric {
			if a := &alarms.Metric[k]; a.Namespace == m.namespace && a.Metric == m.name {
				near = append(near, finding.Reason{Code: CodeAlarmOtherRegion, Status: finding.Fail, Link: finding.LinkAlarm, Resource: a.ARN,
					Message: fmt.Sprintf("alarm %s is in %s, the metric is in %s", a.Name, r.Name, m.site.name)})
			}
		}
	}
	return near
}

// newWatch judges what does not depend on the series: the kind of alarm and
// its actions.
func (j *judge) newWatch(at *site, a *account.MetricAlarm) *watch {
	w := &watch{alarm: a, site: at, kind: link{grade: good}}
	unknown := func(c finding.Code, format string, args ...any) {
		w.kind = w.kind.add(finding.Reason{Code: c, Status: finding.Unknown, Link: finding.LinkAlarm, Resource: a.ARN, Message: fmt.Sprintf(format, args...)})
	}
	switch {
	case a.PromQL != "":
		unknown(CodeAlarmKind, "alarm %s evaluates PromQL, which this build does not judge", a.Name)
	case a.ThresholdMetricID != "" || a.Threshold == nil:
		unknown(CodeAlarmKind, "alarm %s has no fixed threshold, which this build does not judge", a.Name)
	case len(a.Unknown) > 0:
		unknown(CodeAlarmKind, "alarm %s has settings that this build does not know: %s", a.Name, strings.Join(a.Unknown, ", "))
	}
	w.routes, w.notify = j.notification(at, a.ARN, a.Name, a.ActionsEnabled, a.AlarmActions)
	return w
}

// fires judges whether one matching event, written by f, takes the alarm to
// ALARM, and whether it can do so again.
func (c *controlJudge) fires(w *watch, f *filter, p probe) link {
	l := w.kind.and(f.value)
	if l.grade != good {
		return l
	}
	a := w.alarm
	s := alarm.Settings{
		Statistic: a.Statistic, Extended: a.ExtendedStatistic, Comparison: a.Comparison, Threshold: a.Threshold,
		Period: a.Period, EvaluationPeriods: a.EvaluationPeriods, DatapointsToAlarm: a.DatapointsToAlarm,
		MissingData: a.MissingData, LowSample: a.LowSample,
	}
	state := alarm.State{Name: a.State, Evaluation: a.Evaluation, Since: a.TransitionAt, Now: c.now}
	var problems []alarm.Problem
	if len(a.Queries) > 0 {
		queries, in := c.math(w, p)
		problems = append(alarm.JudgeMath(s, queries, in), alarm.JudgeMathState(s, queries, in, state)...)
	} else {
		in := alarm.Series{Value: f.number, Default: f.metric.defaultValue()}
		problems = append(alarm.Judge(s, in), alarm.JudgeState(s, in, state)...)
	}
	for _, p := range problems {
		l = l.add(finding.Reason{Code: finding.Code(p.Code), Status: statusOf(p.Grade), Link: finding.LinkAlarm, Resource: a.ARN,
			Message: fmt.Sprintf("alarm %s: %s", a.Name, p.Message)})
	}
	return l
}

// math puts a metric math alarm into the terms of package alarm: for each
// metric, what one event of the probe writes to it. A metric that no filter on a
// trail's log group feeds is unknown.
func (c *controlJudge) math(w *watch, p probe) ([]alarm.Query, map[string]alarm.Series) {
	var queries []alarm.Query
	in := map[string]alarm.Series{}
	for _, q := range w.alarm.Queries {
		queries = append(queries, alarm.Query{ID: q.ID, Expression: q.Expression, Statistic: q.Statistic, Period: q.Period, ReturnData: q.ReturnData})
		if q.Expression != "" {
			continue
		}
		for _, m := range c.metrics {
			if reads(q, w.site, m) {
				in[q.ID] = c.series(m, p)
			}
		}
	}
	return queries, in
}

// series is what one event of the probe writes to a metric.
func (c *controlJudge) series(m *metric, p probe) alarm.Series {
	s := alarm.Series{Quiet: true, Default: m.defaultValue()}
	for _, f := range m.feeders {
		if c.feeds(f, p) && f.value.grade == good {
			s.Quiet, s.Value = false, s.Value+f.number
		}
	}
	return s
}

func statusOf(g alarm.Grade) finding.Status {
	switch g {
	case alarm.Bad:
		return finding.Fail
	case alarm.Unknown:
		return finding.Unknown
	case alarm.Warn:
		return finding.Warn
	default:
		return finding.Pass
	}
}

// sameMetric says whether two filters write to one series.
func sameMetric(a, b *filter) bool {
	return a.site == b.site && a.Namespace == b.Namespace && a.Metric == b.Metric && maps.Equal(a.dims, b.dims)
}
