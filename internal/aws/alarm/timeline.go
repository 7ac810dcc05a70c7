package alarm

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// A Track is what was written to one metric, minute by minute.
type Track struct {
	First int64 // the first minute that anything is known of, counted from 1970

	// Values are the values that were written, Counts how often each was, in each
	// minute from First on: one list for each value, all equally long.
	Values []float64
	Counts [][]int64
}

// A Change is an alarm's going from one state to another.
type Change struct {
	Minute int64 // at whose end the alarm was evaluated
	From   string
	To     string
}

// Reach returns how many minutes an alarm looks back: the evaluation range.
func (s Settings) Reach() int64 {
	n, _ := s.window()
	return int64(Range(n)) * int64(s.Period) / 60
}

// Timeline follows an alarm through the minutes from the first to the last, both
// evaluated, and returns its changes of state. It begins in OK. An error says what of
// the settings is not understood.
//
// Windows slide: each evaluation sees periods that end with its minute. An alarm
// whose period times evaluation periods exceed a day is evaluated at the end of each
// hour only.
func Timeline(s Settings, track Track, first, last int64) ([]Change, error) {
	if p := s.check(); p != nil {
		return nil, errors.New(p.Message)
	}
	st, err := parseStatistic(s.Statistic, s.Extended)
	if err != nil {
		return nil, err
	}
	if st.percentile && s.LowSample == "ignore" {
		return nil, fmt.Errorf("%s with low sample counts ignored", st.name)
	}
	one := newMetric(st, track)
	t := newTimeline(s, []*metric{one}, func(from, to int64) (datum, error) { return one.datum(from, to), nil })
	return t.follow(first, last)
}

// MathTimeline follows a metric math alarm as Timeline does a plain one. The tracks are
// those of the metrics, by query id. Of the settings, statistic and period are not read:
// the queries have them.
func MathTimeline(s Settings, queries []Query, tracks map[string]Track, first, last int64) ([]Change, error) {
	m, statistics, err := prepare(queries)
	if err != nil {
		return nil, err
	}
	s.Period = m.period
	if p := s.check(); p != nil {
		return nil, errors.New(p.Message)
	}
	metrics, all := map[string]*metric{}, []*metric(nil)
	for _, id := range slices.Sorted(maps.Keys(statistics)) {
		track, ok := tracks[id]
		switch {
		case !ok:
			return nil, fmt.Errorf("metric %s is not fed by filters alone", id)
		case statistics[id].percentile && s.LowSample == "ignore":
			return nil, fmt.Errorf("%s with low sample counts ignored", statistics[id].name)
		}
		metrics[id] = newMetric(statistics[id], track)
		all = append(all, metrics[id])
	}
	t := newTimeline(s, all, func(from, to int64) (datum, error) {
		in := make(map[string]datum, len(metrics))
		for id, x := range metrics {
			in[id] = x.datum(from, to)
		}
		return m.compute(in)
	})
	return t.follow(first, last)
}

// PeriodOf returns the period in seconds that the metrics of a metric math alarm have. An
// error says why the expression is not understood.
func PeriodOf(queries []Query) (int32, error) {
	m, _, err := prepare(queries)
	return m.period, err
}

var errUndecided = errors.New("its rule depends on an alarm that is not followed, or on the order of AND and OR")

// Timeline follows a composite alarm, given the changes of the alarms that its rule
// names. All begin in OK before the first minute. An alarm that is not among
// them is an error, unless the rule does not depend on it. A change of several alarms in
// one minute is seen at once (assumed).
func (r *Rule) Timeline(below map[string][]Change, first, last int64) ([]Change, error) {
	at := map[int64]bool{first: true}
	for _, changes := range below {
		for _, c := range changes {
			if first <= c.Minute && c.Minute <= last {
				at[c.Minute] = true
			}
		}
	}
	var out []Change
	state, next := OK, map[string]int{}
	for _, minute := range slices.Sorted(maps.Keys(at)) {
		for name, changes := range below {
			for next[name] < len(changes) && changes[next[name]].Minute <= minute {
				next[name]++
			}
		}
		is := r.Eval(func(name string) (string, bool) {
			changes, ok := below[name]
			if i := next[name]; i > 0 {
				return changes[i-1].To, ok
			}
			return OK, ok
		})
		if is == Undecided {
			return nil, errUndecided
		}
		if now := stateOf(is == True); now != state {
			out = append(out, Change{minute, state, now})
			state = now
		}
	}
	return out, nil
}

// A metric has the datapoints of a track.
type metric struct {
	st    statistic
	track Track
	sums  [][]int64 // of Counts before each minute, by value
	total []int64   // of all values
}

func newMetric(st statistic, track Track) *metric {
	x := &metric{st: st, track: track}
	minutes := 0
	if len(track.Counts) > 0 {
		minutes = len(track.Counts[0])
	}
	x.total = make([]int64, minutes+1)
	for _, counts := range track.Counts {
		sums := make([]int64, minutes+1)
		for i, c := range counts {
			sums[i+1] = sums[i] + c
			x.total[i+1] += sums[i+1]
		}
		x.sums = append(x.sums, sums)
	}
	return x
}

// at is the place of a minute in sums.
func (x *metric) at(minute int64) int {
	return int(min(max(minute-x.track.First, 0), int64(len(x.total)-1)))
}

// datum returns the datapoint of the period from a minute to before another.
func (x *metric) datum(from, to int64) datum {
	i, k := x.at(from), x.at(to)
	samples := make([]sample, 0, len(x.sums))
	for v, sums := range x.sums {
		samples = append(samples, sample{x.track.Values[v], float64(sums[k] - sums[i])})
	}
	return x.st.apply(samples)
}

// A timeline has the datapoints that an alarm sees.
type timeline struct {
	s       Settings
	period  int64 // minutes
	metrics []*metric
	datum   func(from, to int64) (datum, error) // of the period from a minute to before another

	first  int64   // the minute of the first of points
	points []Point // of the periods that end with each minute, where known
	known  []bool
	beyond Point // of periods in which nothing was written
}

func newTimeline(s Settings, metrics []*metric, datum func(from, to int64) (datum, error)) *timeline {
	t := &timeline{s: s, period: int64(s.Period) / 60, metrics: metrics, datum: datum}
	if len(metrics) == 0 {
		return t
	}
	t.first = metrics[0].track.First
	last := t.first
	for _, x := range metrics {
		t.first, last = min(t.first, x.track.First), max(last, x.track.First+int64(len(x.total)-1))
	}
	// A period that ends up to its length behind the last minute still sees it.
	t.points = make([]Point, last-t.first+t.period)
	t.known = make([]bool, len(t.points))
	return t
}

// follow evaluates the alarm minute by minute.
func (t *timeline) follow(first, last int64) ([]Change, error) {
	nothing, err := t.datum(t.first-t.period, t.first)
	if err != nil {
		return nil, err
	}
	t.beyond = t.s.point(nothing)
	n, _ := t.s.window()
	step := int64(1)
	if int64(n)*int64(t.s.Period) > 24*3600 {
		step = 60
	}
	var changes []Change
	state := OK
	points := make([]Point, Range(n))
	for m := first; m <= last; m++ {
		if (m+1)%step != 0 {
			continue
		}
		for i := range points {
			if points[len(points)-1-i], err = t.point(m - int64(i)*t.period); err != nil {
				return nil, err
			}
		}
		next := Evaluate(points, t.s, state)
		if next != state {
			changes = append(changes, Change{m, state, next})
			state = next
		} else if t.empty(m-t.s.Reach(), m) {
			// Nothing can change before something is written again.
			if m = t.nextWritten(m) - 1; m < 0 {
				break
			}
		}
	}
	return changes, nil
}

// empty reports whether nothing was written in the minutes after one, up to another.
func (t *timeline) empty(after, last int64) bool {
	return !slices.ContainsFunc(t.metrics, func(x *metric) bool { return x.total[x.at(after+1)] != x.total[x.at(last+1)] })
}

// nextWritten returns the next minute behind one in which something was written, -1
// if there is none.
func (t *timeline) nextWritten(m int64) int64 {
	first := int64(-1)
	for _, x := range t.metrics {
		for i := x.at(m + 1); i < len(x.total)-1; i++ {
			if x.total[i+1] > x.total[i] {
				if minute := x.track.First + int64(i); first < 0 || minute < first {
					first = minute
				}
				break
			}
		}
	}
	return first
}

// point returns the datapoint of the period that ends with a minute.
func (t *timeline) point(minute int64) (Point, error) {
	i := minute - t.first
	if i < 0 || i >= int64(len(t.points)) {
		return t.beyond, nil
	}
	if !t.known[i] {
		d, err := t.datum(minute-t.period+1, minute+1)
		if err != nil {
			return Gap, err
		}
		t.points[i], t.known[i] = t.s.point(d), true
	}
	return t.points[i], nil
}
