package awstest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A series holds the datapoints of one metric, by the minute (Unix time) in
// which they fall.
type series struct{ minutes map[int64][]sample }

// A sample is one value of a metric.
type sample struct {
	value float64
	unit  string // None when the publisher gave none
}

// metricKey identifies a metric: namespace, name and all dimensions.
func metricKey(namespace, name string, dimensions []Dimension) string {
	pairs := make([]string, 0, len(dimensions))
	for _, d := range dimensions {
		pairs = append(pairs, d.Name+"="+d.Value)
	}
	slices.Sort(pairs)
	return strings.Join(append([]string{namespace, name}, pairs...), "\x00")
}

// add adds a value in the minute of t.
func (r *Region) add(key string, t time.Time, s sample) {
	m := r.metrics[key]
	if m == nil {
		m = &series{minutes: map[int64][]sample{}}
		r.metrics[key] = m
	}
	minute := t.Truncate(time.Minute).Unix()
	m.minutes[minute] = append(m.minutes[minute], s)
}

// between returns the values in [from, to), all units when unit is "".
func (r *Region) between(key string, from, to time.Time, unit string) []float64 {
	m := r.metrics[key]
	if m == nil {
		return nil
	}
	var values []float64
	first := from.Truncate(time.Minute)
	if first.Before(from) {
		first = first.Add(time.Minute)
	}
	for t := first; t.Before(to); t = t.Add(time.Minute) {
		for _, s := range m.minutes[t.Unix()] {
			if unit == "" || unit == s.unit {
				values = append(values, s.value)
			}
		}
	}
	return values
}

// ingest runs a log event through the metric filters of its group. The event's
// timestamp is taken to be the time of its arrival, which is undocumented.
func (r *Region) ingest(group *logGroup, rec *record) {
	r.countIncoming(group, len(rec.raw))
	matched := false
	for _, name := range slices.Sorted(maps.Keys(group.filters)) {
		f := group.filters[name]
		if f.ApplyOnTransformedLogs && !group.transformer.IsZero() {
			r.tell(rec.number, LinkFilter, name, false, "filter %s sees transformed logs, which awstest does not simulate", name)
			continue
		}
		if !f.criteria.selects(r) {
			continue
		}
		matches, uncertain := f.pattern.matches(rec.raw)
		if uncertain {
			r.tell(rec.number, LinkFilter, name, false, "whether filter %s matches %s hangs on an undocumented rule of the pattern language", name, rec.text("eventName"))
		}
		if matches {
			matched = true
			r.tell(rec.number, LinkFilter, name, true, "filter %s matches %s", name, rec.text("eventName"))
			r.publishMatch(f, rec)
		} else if d := f.MetricTransformations[0].DefaultValue; d != nil {
			r.publishDefault(f, *d)
		}
	}
	if !matched {
		r.tell(rec.number, LinkFilter, "", false, "none of the %d metric filters of log group %s matches %s", len(group.filters), group.name, rec.text("eventName"))
	}
}

// publishMatch publishes the value of a match; if the value refers to a field
// that is no number, the default value or nothing.
func (r *Region) publishMatch(f *metricFilter, rec *record) {
	t := f.MetricTransformations[0]
	value, ok := metricValue(t.MetricValue, rec)
	if !ok {
		r.tell(rec.number, LinkMetric, t.MetricName, false, "%s has no number at %s, so filter %s publishes nothing for it", rec.text("eventName"), t.MetricValue, f.FilterName)
		if t.DefaultValue != nil {
			r.publishDefault(f, *t.DefaultValue)
		}
		return
	}
	dimensions := r.dimensionsOf(f, rec)
	key := metricKey(t.MetricNamespace, t.MetricName, dimensions)
	r.add(key, r.cloud.now, sample{value, unitOrNone(t.Unit)})
	where := ""
	for _, d := range dimensions {
		where += fmt.Sprintf(" {%s=%s}", d.Name, d.Value)
	}
	r.tell(rec.number, LinkMetric, t.MetricName, true, "metric %s/%s%s gets %v", t.MetricNamespace, t.MetricName, where, value)
	r.tellWatchers(key, rec.number)
}

// tellWatchers tells when nothing can come of a datapoint: no alarm watches the
// metric, or one does that already is in ALARM.
func (r *Region) tellWatchers(key string, number int) {
	watched := false
	r.cloud.eachRegion(func(other *Region) {
		for _, name := range slices.Sorted(maps.Keys(other.alarms)) {
			a := other.alarms[name]
			if !other.watchesMetric(a, r, key) {
				continue
			}
			watched = true
			if a.state == StateAlarm {
				other.tell(number, LinkAlarm, a.arn, false, "alarm %s already is in ALARM, so this changes nothing", name)
			}
		}
	})
	if !watched {
		r.tell(number, LinkAlarm, "", false, "no alarm watches this metric")
	}
}

// watchesMetric reports whether an alarm of the region reads a metric of region
// at. Only metric math looks into other accounts.
func (r *Region) watchesMetric(a *alarm, at *Region, key string) bool {
	if a.metric == nil || r.name != at.name {
		return false
	}
	m := a.metric
	if len(m.Metrics) == 0 {
		return r == at && metricKey(m.Namespace, m.MetricName, m.Dimensions) == key
	}
	return slices.ContainsFunc(m.Metrics, func(q MetricDataQuery) bool {
		return q.MetricStat != nil && cmp.Or(q.AccountID, r.account.id) == at.account.id &&
			metricKey(q.MetricStat.Metric.Namespace, q.MetricStat.Metric.MetricName, q.MetricStat.Metric.Dimensions) == key
	})
}

// publishDefault publishes the default value for an event that does not match.
// It cannot have dimensions.
func (r *Region) publishDefault(f *metricFilter, value float64) {
	t := f.MetricTransformations[0]
	r.add(metricKey(t.MetricNamespace, t.MetricName, nil), r.cloud.now, sample{value, unitOrNone(t.Unit)})
}

func unitOrNone(unit string) string {
	if unit == "" {
		return "None"
	}
	return unit
}

// metricValue returns a constant, or the number that a reference leads to.
func metricValue(text string, rec *record) (float64, bool) {
	if !strings.HasPrefix(text, "$") {
		n, err := strconv.ParseFloat(text, 64)
		return n, err == nil
	}
	v, ok := rec.at(strings.TrimPrefix(text, "$."))
	if !ok {
		return 0, false
	}
	number, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	n, err := number.Float64()
	return n, err == nil
}

// dimensionsOf returns the dimensions of a match: all of them or, if the event
// lacks one, none. System fields are added to either.
func (r *Region) dimensionsOf(f *metricFilter, rec *record) []Dimension {
	var list []Dimension
	references := f.MetricTransformations[0].Dimensions
	for _, name := range slices.Sorted(maps.Keys(references)) {
		v, ok := rec.at(strings.TrimPrefix(references[name], "$."))
		if !ok || v == nil {
			list = nil
			break
		}
		list = append(list, Dimension{name, fmt.Sprint(v)})
	}
	for _, field := range f.EmitSystemFieldDimensions {
		list = append(list, Dimension{field, r.systemField(field)})
	}
	return list
}
