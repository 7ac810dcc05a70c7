package audit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/alarm"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A watch is an alarm on a metric.
type watch struct {
	alarm  *account.MetricAlarm
	site   *site // where it stands: not always where the metric is
	metric *metric
	kind   chain.Verdict // an alarm that this version can judge
	notify *notifier
}

// An alarmIndex finds the alarms of a site.
type alarmIndex struct {
	metric     []account.MetricAlarm
	byMetric   map[string][]int        // those that watch one metric, by its name
	other      []int                   // those that may be on any metric: by a query, or by settings that were not kept
	watches    map[string][]*watch     // by the alarm's name; filled as metrics are looked at
	names      map[string]int          // the metric alarms
	composites map[string]*composite   // by name; nil until asked for
	above      map[string][]*composite // the composite alarms over a metric alarm, by its name; nil until asked for
}

// alarmsAt returns the index of a site's alarms.
func (j *judge) alarmsAt(s *site) *alarmIndex {
	if ix := j.alarms[s]; ix != nil {
		return ix
	}
	alarms, _ := s.read().Alarms.Got()
	ix := &alarmIndex{metric: alarms.Metric, byMetric: map[string][]int{}, watches: map[string][]*watch{}, names: map[string]int{}}
	for i := range alarms.Metric {
		a := &alarms.Metric[i]
		ix.names[a.Name] = i
		if len(a.Queries) == 0 {
			ix.byMetric[a.Metric] = append(ix.byMetric[a.Metric], i)
		}
		if len(a.Queries) > 0 || a.PromQL != "" || len(a.Unknown) > 0 {
			ix.other = append(ix.other, i)
		}
	}
	j.alarms[s] = ix
	return ix
}

// watchesOf finds the alarms on a metric, and those that miss it narrowly.
func (j *judge) watchesOf(m *metric) ([]*watch, []finding.Reason) {
	var watches []*watch
	var near []finding.Reason
	ix := j.alarmsAt(m.site)
	for _, i := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(ix.byMetric[m.name], ix.other)))) {
		a := &ix.metric[i]
		switch w, miss := watchedBy(a, m.site, m); {
		case w:
			watches = append(watches, newWatch(m, m.site, a))
		case miss != nil:
			near = append(near, *miss)
		}
	}
	return append(watches, j.monitors(m)...), append(near, j.alarmsElsewhere(m)...)
}

// monitors finds the alarms of other accounts on a metric: metric math alarms of
// monitoring accounts that name the metric's account.
func (j *judge) monitors(m *metric) []*watch {
	var watches []*watch
	for _, c := range j.world.alarmsOn(m.site.account.ID, m.site.name) {
		if at := j.at(c.account, c.region); queries(c.alarm, at, m) {
			watches = append(watches, newWatch(m, at, c.alarm))
		}
	}
	return watches
}

// queries reports whether a metric math alarm of a site reads a metric.
func queries(a *account.MetricAlarm, at *site, m *metric) bool {
	return slices.ContainsFunc(a.Queries, func(q account.MetricQuery) bool { return reads(q, at, m) })
}

// reads reports whether a query of an alarm of a site is about a metric. It names
// the account whose metric it reads; its own when it names none.
func reads(q account.MetricQuery, at *site, m *metric) bool {
	return names(q, at, m.namespace, m.name, m.site) && maps.Equal(q.Dimensions, m.dims)
}

// names reports whether a query of an alarm of a site names a metric of another,
// whatever its dimensions.
func names(q account.MetricQuery, at *site, namespace, metric string, of *site) bool {
	return q.Metric == metric && q.Namespace == namespace && at.name == of.name && cmp.Or(q.AccountID, at.account.ID) == of.account.ID
}

// watchedBy reports whether an alarm of the metric's site is on the metric, or why
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
	units := m.units()
	switch {
	case a.Namespace != m.namespace:
		return miss(CodeAlarmOtherNamespace, "alarm %s watches %q in namespace %q, but the filter writes to %q", shown(a.Name), m.name, a.Namespace, m.namespace)
	case !maps.Equal(a.Dimensions, m.dims):
		return miss(CodeAlarmDimensions, "alarm %s watches %q with dimensions %s, but the filter writes %s", shown(a.Name), m.name, dimensions(a.Dimensions), dimensions(m.dims))
	case a.Unit != "" && !slices.Contains(units, a.Unit):
		return miss(CodeAlarmUnit, "alarm %s reads only unit %s, but the filter writes %s", shown(a.Name), a.Unit, strings.Join(units, " and "))
	}
	return true, nil
}

// units are the units in which filters write to the metric, sorted.
func (m *metric) units() []string {
	var units []string
	for _, f := range m.feeders {
		units = append(units, f.unit())
	}
	return sorted(units)
}

// unit is the unit of what the filter writes; an omitted unit is None.
func (f *filter) unit() string { return cmp.Or(f.Unit, "None") }

// reads reports whether an alarm reads what a filter writes to its metric: a unit
// is part of a series, as dimensions are.
func (w *watch) reads(f *filter) bool {
	return w.alarm.Unit == "" || len(w.alarm.Queries) > 0 || w.alarm.Unit == f.unit()
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
func (j *judge) alarmsElsewhere(m *metric) []finding.Reason {
	var near []finding.Reason
	for i := range m.site.account.Regions {
		r := &m.site.account.Regions[i]
		if r.Name == m.site.name {
			continue
		}
		ix := j.alarmsAt(j.at(m.site.account, r.Name))
		for _, i := range ix.byMetric[m.name] {
			if a := &ix.metric[i]; a.Namespace == m.namespace {
				near = append(near, finding.Reason{Code: CodeAlarmOtherRegion, Status: finding.Fail, Link: finding.LinkAlarm, Resource: a.ARN,
					Message: fmt.Sprintf("alarm %s is in %s, but the metric is in %s", shown(a.Name), r.Name, m.site.name)})
			}
		}
	}
	return near
}

// newWatch judges what does not depend on the series: the kind of alarm.
func newWatch(m *metric, at *site, a *account.MetricAlarm) *watch {
	w := &watch{alarm: a, site: at, metric: m, kind: chain.Fine(),
		notify: &notifier{site: at, arn: a.ARN, name: a.Name, enabled: a.ActionsEnabled, actions: a.AlarmActions}}
	unknown := func(c finding.Code, format string, args ...any) {
		w.kind = w.kind.With(finding.Reason{Code: c, Status: finding.Unknown, Link: finding.LinkAlarm, Resource: a.ARN, Message: fmt.Sprintf(format, args...)})
	}
	switch {
	case a.PromQL != "":
		unknown(CodeAlarmKind, "alarm %s evaluates PromQL, which this version does not evaluate", shown(a.Name))
	case a.ThresholdMetricID != "" || a.Threshold == nil:
		unknown(CodeAlarmKind, "alarm %s has no fixed threshold, which this version does not evaluate", shown(a.Name))
	case len(a.Unknown) > 0:
		unknown(CodeAlarmKind, "alarm %s has settings that this version does not know: %s", shown(a.Name), strings.Join(a.Unknown, ", "))
	}
	return w
}

// fires judges whether one matching event, written by f, takes the alarm to
// ALARM, and whether it can do so again.
func (c *controlJudge) fires(w *watch, f *filter, p chain.Probe) chain.Verdict {
	l := w.kind.And(f.value)
	if l.Truth != chain.Good {
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
		for i, v := range variants {
			queries, in := c.math(w, f, p, v)
			if found := append(alarm.JudgeMath(s, queries, in), alarm.JudgeMathState(s, queries, in, state)...); i == 0 || alarm.Worst(found) > alarm.Worst(problems) {
				problems = found
			}
		}
	} else {
		if units := f.metric.units(); a.Unit == "" && len(units) > 1 {
			return l.With(finding.Reason{Code: CodeAlarmUnit, Status: finding.Unknown, Link: finding.LinkAlarm, Resource: a.ARN,
				Message: fmt.Sprintf("alarm %s has no unit, but its metric gets several: %s", shown(a.Name), strings.Join(units, " and "))})
		}
		written := c.written(w, f, p)
		if len(written) == 0 {
			return l.With(finding.Reason{Code: CodeAlarmKind, Status: finding.Unknown, Link: finding.LinkAlarm, Resource: a.ARN,
				Message: fmt.Sprintf("alarm %s watches %s of what several filters write for one event, which this version does not evaluate", shown(a.Name), statistic(a))})
		}
		for i, in := range written {
			if found := append(alarm.Judge(s, in), alarm.JudgeState(s, in, state)...); i == 0 || alarm.Worst(found) > alarm.Worst(problems) {
				problems = found
			}
		}
	}
	for _, p := range problems {
		l = l.With(finding.Reason{Code: finding.Code(p.Code), Status: statusOf(p.Grade), Link: finding.LinkAlarm, Resource: a.ARN,
			Message: fmt.Sprintf("alarm %s: %s", shown(a.Name), p.Message)})
	}
	return l.And(c.silent(w, f)).And(c.busyMetric(w, f))
}

// silentFor is how long an alarm may be without data though a filter writes to its
// metric for every record.
const silentFor = 14 * 24 * time.Hour

// silent warns of an alarm that has had no data for weeks although records arrive and
// its filter writes a default for every one: its state and its filter contradict each other.
func (c *controlJudge) silent(w *watch, f *filter) chain.Verdict {
	a, v := w.alarm, chain.Fine()
	if a.State != alarm.InsufficientData || a.TransitionAt == nil || c.now.Sub(*a.TransitionAt) < silentFor || f.metric.defaultOf(w, a.Statistic, c.fed) == nil || !c.delivered(f) {
		return v
	}
	return v.With(finding.Reason{Code: CodeAlarmNoData, Status: finding.Warn, Link: finding.LinkAlarm, Resource: a.ARN,
		Message: fmt.Sprintf("alarm %s has had no data since %s, although its filter writes %g for every record", shown(a.Name), a.TransitionAt.UTC().Format(time.DateOnly), *f.metric.defaultOf(w, a.Statistic, c.fed))})
}

// delivered reports whether records are known to have come to a filter's log group
// within the last day.
func (c *controlJudge) delivered(f *filter) bool {
	return slices.ContainsFunc(c.trails, func(t *trail) bool {
		s, _ := t.Status.Got()
		return t.group != nil && t.group.site == f.site && t.group.name == f.LogGroup &&
			s.LatestLogsDeliveryTime != nil && c.now.Sub(*s.LatestLogsDeliveryTime) < staleAfter
	})
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

// sameMetric reports whether two filters write to one series.
func sameMetric(a, b *filter) bool {
	return a.site == b.site && a.Namespace == b.Namespace && a.Metric == b.Metric && maps.Equal(a.dims, b.dims)
}
