package alarm

import (
	"errors"
	"fmt"
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
	t := newTimeline(s, st, track)
	n, _ := s.window()
	step := int64(1)
	if int64(n)*int64(s.Period) > 24*3600 {
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
			points[len(points)-1-i] = t.point(m - int64(i)*t.period)
		}
		next := Evaluate(points, s, state)
		if next != state {
			changes = append(changes, Change{m, state, next})
			state = next
		} else if t.empty(m-s.Reach(), m) {
			// Nothing can change before something is written again.
			if m = t.nextWritten(m) - 1; m < 0 {
				break
			}
		}
	}
	return changes, nil
}

// A timeline has the datapoints of a track.
type timeline struct {
	s      Settings
	st     statistic
	track  Track
	period int64     // minutes
	sums   [][]int64 // of Counts before each minute, by value
	total  []int64   // of all values
	points []Point   // of the periods that end with each minute, where known
	known  []bool
}

func newTimeline(s Settings, st statistic, track Track) *timeline {
	t := &timeline{s: s, st: st, track: track, period: int64(s.Period) / 60}
	minutes := 0
	if len(track.Counts) > 0 {
		minutes = len(track.Counts[0])
	}
	t.total = make([]int64, minutes+1)
	for _, counts := range track.Counts {
		sums := make([]int64, minutes+1)
		for i, c := range counts {
			sums[i+1] = sums[i] + c
			t.total[i+1] += sums[i+1]
		}
		t.sums = append(t.sums, sums)
	}
	// A period that ends up to its length behind the last minute still sees it.
	t.points = make([]Point, minutes+int(t.period))
	t.known = make([]bool, len(t.points))
	return t
}

// at is the place of a minute in sums.
func (t *timeline) at(minute int64) int {
	return int(min(max(minute-t.track.First, 0), int64(len(t.total)-1)))
}

// empty reports whether nothing was written in the minutes after one, up to another.
func (t *timeline) empty(after, last int64) bool {
	return t.total[t.at(after+1)] == t.total[t.at(last+1)]
}

// nextWritten returns the next minute behind one in which something was written, -1
// if there is none.
func (t *timeline) nextWritten(m int64) int64 {
	for i := t.at(m + 1); i < len(t.total)-1; i++ {
		if t.total[i+1] > t.total[i] {
			return t.track.First + int64(i)
		}
	}
	return -1
}

// point returns the datapoint of the period that ends with a minute.
func (t *timeline) point(minute int64) Point {
	i := minute - t.track.First
	if i < 0 || i >= int64(len(t.points)) {
		return Gap
	}
	if !t.known[i] {
		from, to := t.at(minute-t.period+1), t.at(minute+1)
		samples := make([]sample, 0, len(t.sums))
		for k, sums := range t.sums {
			samples = append(samples, sample{t.track.Values[k], float64(sums[to] - sums[from])})
		}
		t.points[i], t.known[i] = t.s.point(t.st.apply(samples)), true
	}
	return t.points[i]
}
