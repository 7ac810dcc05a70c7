package audit

import (
	"github.com/monitorctl/monitorctl/internal/aws/alarm"
	"github.com/monitorctl/monitorctl/internal/chain"
)

// written is what one event of the probe, which f matches, writes to the series
// that an alarm reads: values and defaults of all filters on it add up. A filter
// that matches a part of the probe only may write or not, so there may be two
// answers: as much and as little as can be.
func (c *controlJudge) written(w *watch, f *filter, p chain.Probe) []alarm.Series {
	high, low := f.number, f.number
	for _, o := range f.metric.feeders {
		n := c.nodes[o]
		if o == f || n == nil || !w.reads(o) || o.value.Truth != chain.Good || !c.graph.Touches(n, p) {
			continue
		}
		if c.graph.Alone(n, p).Fit == chain.Covered && o.reading.Truth == chain.Good {
			high, low = combine(w.alarm.Statistic, high, o.number), combine(w.alarm.Statistic, low, o.number)
			continue
		}
		with, without := combine(w.alarm.Statistic, high, o.number), combine(w.alarm.Statistic, low, o.number)
		high, low = max(high, with), min(low, without)
	}
	var out []alarm.Series
	for _, counts := range []func(*filter) bool{c.fed, always} {
		d := f.metric.defaultOf(w, w.alarm.Statistic, counts)
		out = append(out, alarm.Series{Value: low, Default: d})
		if high != low {
			out = append(out, alarm.Series{Value: high, Default: d})
		}
	}
	return out
}

// A variant is one way in which what is not known of the feeders of metrics may be.
type variant struct {
	doubtful bool // filters that match some records of the probe match this one
	busy     bool // records come to log groups that no trail feeds
}

var variants = []variant{{false, false}, {false, true}, {true, false}, {true, true}}

// combine is what a statistic makes of two values of one minute. Averages and
// percentiles of several values are not followed.
func combine(statistic string, x, y float64) float64 {
	switch statistic {
	case "Sum":
		return x + y
	case "Maximum":
		return max(x, y)
	case "Minimum":
		return min(x, y)
	}
	return x
}

// math puts a metric math alarm into the terms of package alarm: for each metric,
// what one event of the probe, which f matches, writes to it. A metric that no filter
// on a trail's log group feeds is unknown.
func (c *controlJudge) math(w *watch, f *filter, p chain.Probe, v variant) ([]alarm.Query, map[string]alarm.Series) {
	var queries []alarm.Query
	in := map[string]alarm.Series{}
	for _, q := range w.alarm.Queries {
		queries = append(queries, alarm.Query{ID: q.ID, Expression: q.Expression, Statistic: q.Statistic, Period: q.Period, ReturnData: q.ReturnData})
		if q.Expression != "" {
			continue
		}
		for _, m := range c.metrics {
			if reads(q, w.site, m) {
				in[q.ID] = c.series(w, m, q.Statistic, f, p, v)
			}
		}
	}
	return queries, in
}

// series is what one event of the probe, which sure matches, writes to a metric.
func (c *controlJudge) series(w *watch, m *metric, statistic string, sure *filter, p chain.Probe, v variant) alarm.Series {
	counts := c.fed
	if v.busy {
		counts = always
	}
	s := alarm.Series{Quiet: true, Default: m.defaultOf(w, statistic, counts)}
	for _, f := range m.feeders {
		n := c.nodes[f]
		if n == nil || f.value.Truth != chain.Good || !c.graph.Touches(n, p) {
			continue
		}
		certain := f == sure || c.graph.Alone(n, p).Fit == chain.Covered && f.reading.Truth == chain.Good
		switch {
		case !certain && !v.doubtful:
		case s.Quiet:
			s.Quiet, s.Value = false, f.number
		default:
			s.Value = combine(statistic, s.Value, f.number)
		}
	}
	return s
}
