package alarm

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

func settings(period, n, m int32, missing string) Settings {
	one := 1.0
	return Settings{Statistic: "Sum", Threshold: &one, Comparison: "GreaterThanOrEqualToThreshold", Period: period, EvaluationPeriods: n, DatapointsToAlarm: m, MissingData: missing}
}

// day returns a track of a day with so many events in some minutes, and with a default
// value written in every minute of busy.
func day(events map[int]int64, busy func(minute int) bool) Track {
	t := Track{Values: []float64{1, 0}, Counts: [][]int64{make([]int64, 1440), make([]int64, 1440)}}
	for m, n := range events {
		t.Counts[0][m] = n
	}
	for m := range 1440 {
		if busy(m) {
			t.Counts[1][m] = 1
		}
	}
	return t
}

func never(int) bool  { return false }
func always(int) bool { return true }

func spell(changes []Change) string {
	var list []string
	for _, c := range changes {
		list = append(list, fmt.Sprintf("%02d:%02d %s", c.Minute/60, c.Minute%60, c.To))
	}
	return strings.Join(list, ", ")
}

// TestTimeline follows hand-made days. With one datapoint of five minutes, the range is
// the last 15 minutes in three periods.
func TestTimeline(t *testing.T) {
	morning := map[int]int64{9 * 60: 1} // one event at 09:00
	pair := map[int]int64{9 * 60: 1, 9*60 + 7: 3}
	tests := []struct {
		name string
		s    Settings
		day  Track
		want string
	}{
		// The event stays in the range until 09:14, although the period is five minutes.
		{"no default, notBreaching", settings(300, 1, 1, NotBreaching), day(morning, never), "09:00 ALARM, 09:15 OK"},
		{"no default, missing", settings(300, 1, 1, Missing), day(morning, never), "00:00 INSUFFICIENT_DATA, 09:00 ALARM, 09:15 INSUFFICIENT_DATA"},
		{"no default, ignore", settings(300, 1, 1, Ignore), day(morning, never), "09:00 ALARM"},
		{"no default, breaching", settings(300, 1, 1, Breaching), day(morning, never), "00:00 ALARM"},
		{"a second event meanwhile", settings(300, 1, 1, NotBreaching), day(pair, never), "09:00 ALARM, 09:22 OK"},
		// With a datapoint in every period the newest one decides.
		{"default 0, busy", settings(300, 1, 1, NotBreaching), day(morning, always), "09:00 ALARM, 09:05 OK"},
		{"default 0, busy, missing", settings(300, 1, 1, Missing), day(morning, always), "09:00 ALARM, 09:05 OK"},
		{"default 0, busy, a second event behind", settings(300, 1, 1, NotBreaching), day(pair, always), "09:00 ALARM, 09:05 OK, 09:07 ALARM, 09:12 OK"},
		// 2 of 3: the range is five periods. Two events in two periods are needed.
		{"2 of 3, one event", settings(300, 3, 2, NotBreaching), day(morning, always), ""},
		{"2 of 3, two events", settings(300, 3, 2, NotBreaching), day(pair, always), "09:07 ALARM, 09:15 OK"},
		{"2 of 3, one event, nothing else, missing", settings(300, 3, 2, Missing), day(morning, never), "00:00 INSUFFICIENT_DATA, 09:05 ALARM, 09:25 INSUFFICIENT_DATA"},
		// Echoes. No record comes after 09:01, so that no default value is written. As the
		// windows slide, the newest period that holds anything is in turn one that ends
		// with the event's minute and the 0 behind it, and one with that 0 alone.
		{"an echo", settings(300, 1, 1, NotBreaching), day(map[int]int64{9 * 60: 1}, func(m int) bool { return m < 9*60+2 }), "09:00 ALARM, 09:05 OK, 09:06 ALARM, 09:10 OK, 09:11 ALARM, 09:15 OK"},
		// A day's window is evaluated by the hour: the event of 09:00 is seen at 09:59.
		{"by the hour", settings(86400, 2, 1, NotBreaching), day(morning, never), "09:59 ALARM"},
	}
	for _, tt := range tests {
		got, err := Timeline(tt.s, tt.day, 0, 1439)
		if err != nil || spell(got) != tt.want {
			t.Errorf("%s: %s, %v; want %s", tt.name, spell(got), err, tt.want)
		}
	}
}

func TestTimelineRefuses(t *testing.T) {
	for _, change := range []func(*Settings){
		func(s *Settings) { s.Threshold = nil },
		func(s *Settings) { s.Statistic = "Median" },
		func(s *Settings) { s.Period = 10 },
		func(s *Settings) { s.Statistic, s.Extended, s.LowSample = "", "p99", "ignore" },
	} {
		s := settings(300, 1, 1, Missing)
		change(&s)
		if _, err := Timeline(s, day(nil, never), 0, 1439); err == nil {
			t.Errorf("%+v was followed", s)
		}
	}
}

// TestTimelineRandom evaluates every minute by itself, from the samples of each period,
// without any of the short cuts.
func TestTimelineRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	transitions := 0
	for range 300 {
		n := int32(1 + random.IntN(4))
		s := settings([]int32{60, 120, 300, 600}[random.IntN(4)], n, int32(1+random.IntN(int(n))), []string{"", Missing, Ignore, Breaching, NotBreaching}[random.IntN(5)])
		s.Statistic = []string{"Sum", "Average", "Maximum", "SampleCount", "Minimum"}[random.IntN(5)]
		events := map[int]int64{}
		for range random.IntN(8) {
			events[random.IntN(400)] = int64(1 + random.IntN(3))
		}
		share := random.IntN(3)
		track := day(events, func(int) bool { return random.IntN(2) < share })
		track.First = 1000
		first, last := int64(990), int64(1000+700)
		got, err := Timeline(s, track, first, last)
		if err != nil {
			t.Fatal(err)
		}
		want := naive(t, s, track, first, last)
		if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v, %v: %s, want %s", s, events, spell(got), spell(want))
		}
		transitions += len(want)
	}
	if transitions < 300 {
		t.Errorf("only %d transitions: the test says little", transitions)
	}
}

func naive(t *testing.T, s Settings, track Track, first, last int64) []Change {
	t.Helper()
	st, err := parseStatistic(s.Statistic, s.Extended)
	if err != nil {
		t.Fatal(err)
	}
	var changes []Change
	state := OK
	for m := first; m <= last; m++ {
		var points []Point
		for back := int64(Range(int(s.EvaluationPeriods))) - 1; back >= 0; back-- {
			end := m - back*int64(s.Period)/60
			var in []sample
			for minute := end - int64(s.Period)/60 + 1; minute <= end; minute++ {
				for k, counts := range track.Counts {
					if i := minute - track.First; i >= 0 && i < int64(len(counts)) {
						in = append(in, sample{track.Values[k], float64(counts[i])})
					}
				}
			}
			points = append(points, s.point(st.apply(in)))
		}
		if next := Evaluate(points, s, state); next != state {
			changes = append(changes, Change{m, state, next})
			state = next
		}
	}
	return changes
}
