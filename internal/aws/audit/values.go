package audit

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/alarm"
	"github.com/monitorctl/monitorctl/internal/chain"
)

// values are the numbers that one event of the probe writes to the series that an
// alarm reads of a metric: those of the filters that certainly match (sure is one of them
// wherever it writes), and of those that match some records of the probe only.
func (c *controlJudge) values(w *watch, m *metric, sure *filter, p chain.Probe) (certain, doubtful []float64) {
	for _, f := range m.feeders {
		n := c.nodes[f]
		switch {
		case f == sure:
			certain = append(certain, f.number)
		case n == nil || !w.reads(f) || f.value.Truth != chain.Good || !c.graph.Touches(n, p):
		case c.graph.Alone(n, p).Fit == chain.Covered && f.reading.Truth == chain.Good:
			certain = append(certain, f.number)
		default:
			doubtful = append(doubtful, f.number)
		}
	}
	return certain, doubtful
}

// written is what one event of the probe, which f matches, writes to the series that
// an alarm reads: as much and as little as can be, and with and without what comes to
// log groups that no trail feeds. Empty where the statistic of several values is not
// followed.
func (c *controlJudge) written(w *watch, f *filter, p chain.Probe) []alarm.Series {
	statistic := w.alarm.Statistic
	certain, doubtful := c.values(w, f.metric, f, p)
	low, high, ok := between(statistic, certain, doubtful)
	if !ok {
		return nil
	}
	var out []alarm.Series
	for _, counts := range []func(*filter) bool{c.fed, always} {
		d := f.metric.defaultOf(w, statistic, counts)
		out = append(out, alarm.Series{Value: low, Default: d})
		if high != low {
			out = append(out, alarm.Series{Value: high, Default: d})
		}
	}
	return out
}

// between returns the least and the greatest that a statistic can make of the values of
// one minute. The doubtful ones may be missing; false where it is not
// followed: SampleCount and percentiles of several values.
func between(statistic string, certain, doubtful []float64) (low, high float64, ok bool) {
	low, ok = statisticOf(statistic, certain)
	high = low
	sorted := slices.Sorted(slices.Values(doubtful))
	// An average is least with the few least of the doubtful values, and greatest with
	// the few greatest; the other statistics have their extremes among these, too.
	for i := range sorted {
		least, ok1 := statisticOf(statistic, slices.Concat(certain, sorted[:i+1]))
		greatest, ok2 := statisticOf(statistic, slices.Concat(certain, sorted[i:]))
		low, high = min(low, least, greatest), max(high, least, greatest)
		ok = ok && ok1 && ok2
	}
	return low, high, ok
}

// statisticOf returns what a statistic makes of the values of one minute; false where
// that is not followed. No values have the value 0.
func statisticOf(statistic string, list []float64) (float64, bool) {
	if len(list) == 0 {
		return 0, true
	}
	sum := 0.0
	for _, v := range list {
		sum += v
	}
	switch statistic {
	case "Sum":
		return sum, true
	case "Maximum":
		return slices.Max(list), true
	case "Minimum":
		return slices.Min(list), true
	case "Average":
		return sum / float64(len(list)), true
	}
	return list[0], len(list) == 1
}

// A variant is one way in which what is not known of the feeders of metrics may be.
type variant struct {
	doubtful bool // filters that match some records of the probe match this one
	busy     bool // records come to log groups that no trail feeds
}

var variants = []variant{{false, false}, {false, true}, {true, false}, {true, true}}

// math puts a metric math alarm into the terms of package alarm: for each metric,
// what one event of the probe, which f matches, writes to it. A metric that no filter
// on a trail's log group feeds, or whose statistic is not followed, is unknown.
func (c *controlJudge) math(w *watch, f *filter, p chain.Probe, v variant) ([]alarm.Query, map[string]alarm.Series) {
	var queries []alarm.Query
	in := map[string]alarm.Series{}
	for _, q := range w.alarm.Queries {
		queries = append(queries, alarm.Query{ID: q.ID, Expression: q.Expression, Statistic: q.Statistic, Period: q.Period, ReturnData: q.ReturnData})
		if q.Expression != "" {
			continue
		}
		for _, m := range c.metrics {
			if !reads(q, w.site, m) {
				continue
			}
			if s, ok := c.series(w, m, q.Statistic, f, p, v); ok {
				in[q.ID] = s
			}
		}
	}
	return queries, in
}

// series is what one event of the probe, which sure matches, writes to a metric; false
// where the statistic is not followed.
func (c *controlJudge) series(w *watch, m *metric, statistic string, sure *filter, p chain.Probe, v variant) (alarm.Series, bool) {
	counts := c.fed
	if v.busy {
		counts = always
	}
	list, doubtful := c.values(w, m, sure, p)
	if v.doubtful {
		list = append(list, doubtful...)
	}
	value, ok := statisticOf(statistic, list)
	return alarm.Series{Quiet: len(list) == 0, Value: value, Default: m.defaultOf(w, statistic, counts)}, ok
}
