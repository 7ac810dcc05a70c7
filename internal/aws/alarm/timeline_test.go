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

// TestMathTimelineRandom evaluates every minute by itself: an expression over two metrics.
func TestMathTimelineRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	transitions := 0
	for range 300 {
		n := int32(1 + random.IntN(3))
		s := settings(0, n, int32(1+random.IntN(int(n))), []string{"", Missing, Ignore, Breaching, NotBreaching}[random.IntN(5)])
		s.Statistic = ""
		period := []int32{60, 300}[random.IntN(2)]
		expression := []string{"m1 + m2", "FILL(m1, 0) * 2", "MAX([m1, m2])", "FILL(m2, 1) - m1", "m1"}[random.IntN(5)]
		queries := []Query{{ID: "m1", Statistic: "Sum", Period: period}, {ID: "m2", Statistic: "Maximum", Period: period}, {ID: "e", Expression: expression, ReturnData: true}}
		tracks := map[string]Track{}
		for _, id := range []string{"m1", "m2"} {
			events := map[int]int64{}
			for range random.IntN(8) {
				events[random.IntN(400)] = int64(1 + random.IntN(3))
			}
			share := random.IntN(3)
			track := day(events, func(int) bool { return random.IntN(2) < share })
			track.First = 1000 + int64(random.IntN(3))
			tracks[id] = track
		}
		first, last := int64(990), int64(1000+700)
		got, err := MathTimeline(s, queries, tracks, first, last)
		if err != nil {
			t.Fatal(err)
		}
		s.Period = period
		want := naiveMath(t, s, queries, tracks, first, last)
		if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("%s, %+v: %s, want %s", expression, s, spell(got), spell(want))
		}
		transitions += len(want)
	}
	if transitions < 300 {
		t.Errorf("only %d transitions: the test says little", transitions)
	}
}

func naiveMath(t *testing.T, s Settings, queries []Query, tracks map[string]Track, first, last int64) []Change {
	t.Helper()
	var changes []Change
	state, period := OK, int64(s.Period)/60
	for m := first; m <= last; m++ {
		var points []Point
		for back := int64(Range(int(s.EvaluationPeriods))) - 1; back >= 0; back-- {
			values := map[string]*float64{}
			for _, q := range queries[:2] {
				var in []sample
				track := tracks[q.ID]
				for minute := m - (back+1)*period + 1; minute <= m-back*period; minute++ {
					for k, counts := range track.Counts {
						if i := minute - track.First; i >= 0 && i < int64(len(counts)) {
							in = append(in, sample{track.Values[k], float64(counts[i])})
						}
					}
				}
				st, err := parseStatistic(q.Statistic, "")
				if err != nil {
					t.Fatal(err)
				}
				values[q.ID] = nil
				if d := st.apply(in); d.ok {
					values[q.ID] = &d.value
				}
			}
			v, err := Math(queries, values)
			if err != nil {
				t.Fatal(err)
			}
			d := datum{}
			if v != nil {
				d = datum{*v, true}
			}
			points = append(points, s.point(d))
		}
		if next := Evaluate(points, s, state); next != state {
			changes = append(changes, Change{m, state, next})
			state = next
		}
	}
	return changes
}

func TestMathTimelineRefuses(t *testing.T) {
	metric := func(id, statistic string, period int32) Query {
		return Query{ID: id, Statistic: statistic, Period: period}
	}
	sum := Query{ID: "e", Expression: "m1 + m2", ReturnData: true}
	for want, queries := range map[string][]Query{
		"different periods":          {metric("m1", "Sum", 60), metric("m2", "Sum", 300), sum},
		"is not fed by filters":      {metric("m1", "Sum", 60), metric("m3", "Sum", 60), {ID: "e", Expression: "m1 + m3", ReturnData: true}},
		"not understood":             {metric("m1", "Sum", 60), {ID: "e", Expression: "RATE(m1)", ReturnData: true}},
		"a period of 10 seconds":     {metric("m1", "Sum", 10), {ID: "e", Expression: "m1 * 2", ReturnData: true}},
		"low sample counts ignored":  {metric("m1", "p99", 60), {ID: "e", Expression: "m1 * 2", ReturnData: true}},
		"Metrics Insights":           {{ID: "q", Expression: "SELECT SUM(a) FROM b", ReturnData: true}},
		"2 queries return data":      {{ID: "m1", Statistic: "Sum", Period: 60, ReturnData: true}, sum},
		"series / series is not und": {metric("m1", "Sum", 60), metric("m2", "Sum", 60), {ID: "e", Expression: "m1 / m2", ReturnData: true}},
	} {
		s := settings(0, 1, 1, Missing)
		s.LowSample = "ignore"
		_, err := MathTimeline(s, queries, map[string]Track{"m1": day(nil, never), "m2": day(nil, never)}, 0, 100)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %s", queries, err, want)
		}
	}
}

func TestRuleTimeline(t *testing.T) {
	changes := func(text string) []Change {
		var list []Change
		from := OK
		for _, one := range strings.Fields(text) {
			minute, to, _ := strings.Cut(one, "=")
			to = map[string]string{"A": InAlarm, "O": OK, "I": InsufficientData}[to]
			var m int64
			if _, err := fmt.Sscan(minute, &m); err != nil {
				t.Fatal(err)
			}
			list = append(list, Change{m, from, to})
			from = to
		}
		return list
	}
	below := map[string][]Change{"a": changes("10=A 20=O 30=A 60=O"), "b": changes("15=A 20=O 30=A"), "c": changes("5=I 40=O")}
	for _, tt := range []struct{ rule, want string }{
		{"ALARM(a)", "10 ALARM, 20 OK, 30 ALARM, 60 OK"},
		{"ALARM(a) AND ALARM(b)", "15 ALARM, 20 OK, 30 ALARM, 60 OK"},
		{"ALARM(a) AND NOT ALARM(b)", "10 ALARM, 15 OK"}, // both at 30: seen at once
		{"ALARM(a) OR ALARM(b)", "10 ALARM, 20 OK, 30 ALARM"},
		{"OK(a)", "0 ALARM, 10 OK, 20 ALARM, 30 OK, 60 ALARM"},
		{"INSUFFICIENT_DATA(c)", "5 ALARM, 40 OK"},
		{"AT_LEAST(2, ALARM, (a, b))", "15 ALARM, 20 OK, 30 ALARM, 60 OK"},
		{"FALSE", ""},
		{"ALARM(a) AND (ALARM(nobody) AND FALSE)", ""}, // does not depend on it
		{"ALARM(a) AND ALARM(nobody)", "depends on an alarm that is not followed"},
	} {
		r, err := ParseRule(tt.rule)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Timeline(below, 0, 100)
		var list []string
		for _, c := range got {
			list = append(list, fmt.Sprintf("%d %s", c.Minute, c.To))
		}
		if err != nil {
			list = []string{err.Error()}
		}
		if text := strings.Join(list, ", "); text != tt.want && (err == nil || !strings.Contains(text, tt.want)) {
			t.Errorf("%s: %s, want %s", tt.rule, text, tt.want)
		}
	}
}
