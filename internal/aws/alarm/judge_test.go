package alarm

import (
	"math"
	"strings"
	"testing"
)

// usual is the alarm that monitorctl makes, with changes.
func usual(change func(*Settings)) Settings {
	one := 1.0
	s := Settings{
		Statistic: "Sum", Comparison: "GreaterThanOrEqualToThreshold", Threshold: &one,
		Period: 300, EvaluationPeriods: 1, MissingData: NotBreaching,
	}
	if change != nil {
		change(&s)
	}
	return s
}

// at sets statistic, comparison and threshold: "Average > 0".
func at(condition string) func(*Settings) {
	return func(s *Settings) {
		f := strings.Fields(condition)
		s.Statistic, s.Extended = split(f[0])
		for name, symbol := range symbols {
			if symbol == f[1] {
				s.Comparison = name
			}
		}
		v := parseNumber(f[2])
		s.Threshold = &v
	}
}

func parseNumber(text string) float64 {
	b, err := parseBounds("", text)
	if err != nil {
		return math.NaN()
	}
	return b.high
}

// of sets period, M, N and the treatment of missing data.
func of(period, m, n int32, missing string) func(*Settings) {
	return func(s *Settings) {
		s.Period, s.DatapointsToAlarm, s.EvaluationPeriods, s.MissingData = period, m, n, missing
	}
}

func with(changes ...func(*Settings)) Settings {
	return usual(func(s *Settings) {
		for _, change := range changes {
			change(s)
		}
	})
}

func sparse(value float64) Series        { return Series{Value: value} }
func busy(value, other float64) Series   { return Series{Value: value, Default: &other} }
func summary(problems []Problem) string  { return strings.Join(words(problems), ", ") }
func brief(s Settings, in Series) string { return summary(Judge(s, in)) }

// words writes problems as "bad alarm-stuck".
func words(problems []Problem) []string {
	out := []string{}
	for _, p := range problems {
		out = append(out, p.Grade.String()+" "+p.Code)
	}
	return out
}

const (
	stuckBad  = "bad alarm-stuck"
	diluted   = "bad alarm-diluted"
	threshold = "bad alarm-threshold"
	needsMore = "bad alarm-needs-more-datapoints"
	byChance  = "warn alarm-by-accident"
	slowReset = "warn alarm-slow-reset"
	notKnown  = "unknown alarm-kind"
)

func TestJudgeStatistic(t *testing.T) {
	tests := []struct {
		condition string
		in        Series
		want      string
	}{
		// Sum and Maximum are computed.
		{"Sum >= 1", sparse(1), ""},
		{"Sum >= 1", busy(1, 0), ""},
		{"Sum > 0", busy(1, 0), ""},
		{"Sum > 1", sparse(1), threshold},
		{"Sum > 1", sparse(2), ""},
		{"Sum >= 5", sparse(1), threshold},
		{"Sum >= 5", busy(1, 0), threshold},
		{"Sum >= 1", sparse(0.5), "bad metric-value"},
		{"Sum >= 1", sparse(0), "bad metric-value"},
		{"Sum >= 1", busy(0, 0), "bad metric-value"},
		{"Sum >= 1", sparse(-1), "bad metric-value"},
		{"Sum >= 0.5", sparse(0.5), ""},
		{"Maximum >= 1", busy(1, 0), ""},
		{"Maximum >= 2", busy(1, 0), threshold},

		// A default value that passes alone, or adds up to it.
		{"Sum >= 1", busy(1, 1), stuckBad},
		{"Sum >= 1", busy(1, 0.001), stuckBad},
		{"Sum >= 1", busy(1, -0.001), diluted},
		{"Sum >= 5", busy(1, 1), stuckBad},
		{"Maximum >= 1", busy(1, 0.5), ""},
		{"Maximum >= 1", busy(1, 1), stuckBad},
		{"Maximum >= 0", busy(1, 0), stuckBad},
		{"Minimum >= 0", busy(1, 0), stuckBad},
		{"Average >= 0", busy(1, 0), stuckBad},

		// An inverted operator.
		{"Sum < 1", sparse(1), threshold},
		{"Sum <= 0", sparse(1), threshold},
		{"Sum < 1", busy(1, 0), stuckBad},
		{"Sum <= 1", sparse(1), "warn alarm-threshold"},
		{"Sum < 2", sparse(1), "warn alarm-threshold"},
		{"Maximum <= 1", sparse(1), ""},

		// Average, Minimum and percentiles: fine without default, else diluted.
		{"Average >= 1", sparse(1), ""},
		{"Average >= 1", busy(1, 0), diluted},
		{"Average >= 0.5", busy(1, 0), diluted},
		{"Average >= 0.001", busy(1, 0), diluted},
		{"Average > 0", busy(1, 0), ""},
		{"Minimum >= 1", sparse(1), ""},
		{"Minimum >= 1", busy(1, 0), diluted},
		{"Minimum > 0", busy(1, 0), diluted},
		{"p90 >= 1", sparse(1), ""},
		{"p90 >= 1", busy(1, 0), diluted},
		{"p99.99 > 0", busy(1, 0), diluted},
		{"p100 >= 1", busy(1, 0), ""},
		{"p0 >= 1", sparse(1), ""},
		{"p0 >= 1", busy(1, 0), diluted},
		{"tm90 >= 1", sparse(1), ""},
		{"tm90 > 0", busy(1, 0), diluted},
		{"TM(10%:) > 0", busy(1, 0), ""},
		{"TM(0:1) >= 1", busy(1, 0), ""},
		{"TM(1:2) >= 1", sparse(1), threshold},
		{"wm98 >= 1", sparse(1), ""},
		{"wm98 > 0", busy(1, 0), diluted},
		{"IQM >= 1", sparse(1), ""},
		{"IQM > 0", busy(1, 0), diluted},
		{"TC(0:1) >= 1", busy(1, 0), ""},
		{"TC(:1) >= 1", busy(1, 0), stuckBad},
		{"TS(0:1) >= 1", busy(1, 0), ""},
		{"PR(0:) >= 100", sparse(1), ""},
		{"PR(0:) >= 50", busy(1, 0), diluted},
		{"PR(0:) > 0", busy(1, 0), ""},
		{"tc90 >= 1", sparse(1), notKnown},
		{"TS(10%:90%) >= 1", sparse(1), notKnown},
		{"Median >= 1", sparse(1), notKnown},
		{"p90 >= -2", sparse(-1), "bad metric-value"},

		// SampleCount counts everything.
		{"SampleCount >= 1", sparse(1), ""},
		{"SampleCount >= 1", sparse(0), ""},
		{"SampleCount >= 2", sparse(1), threshold},
		{"SampleCount >= 1", busy(1, 0), stuckBad},
		{"SampleCount >= 100", busy(1, 0), stuckBad},
		{"SampleCount <= 1", sparse(1), "warn alarm-threshold"},
	}
	for _, tt := range tests {
		if got := brief(with(at(tt.condition)), tt.in); got != tt.want {
			t.Errorf("%s on %s: got %q, want %q", tt.condition, tt.in.describe(), got, tt.want)
		}
	}
}

func (in Series) describe() string {
	if in.Default == nil {
		return number(in.Value)
	}
	return number(in.Value) + " with default " + number(*in.Default)
}

func TestJudgeTime(t *testing.T) {
	const (
		minute = 60
		hour   = 3600
	)
	late := "warn alarm-late, " + slowReset
	tests := []struct {
		name          string
		settings      func(*Settings)
		sparse, dense string // without default value, and with 0 in a busy group
	}{
		{"the usual alarm", of(300, 1, 1, NotBreaching), "", ""},
		{"M omitted", of(300, 0, 1, NotBreaching), "", ""},
		{"missing data missing", of(300, 1, 1, Missing), "", ""},
		{"missing data not given", of(300, 1, 1, ""), "", ""},
		{"missing data breaching", of(300, 1, 1, Breaching), stuckBad, ""},
		{"missing data ignored", of(300, 1, 1, Ignore), "warn alarm-stuck", ""},
		{"one of two", of(300, 1, 2, NotBreaching), "", ""},

		{"two of two", of(300, 2, 2, NotBreaching), needsMore, needsMore},
		{"two of two, M omitted", of(300, 0, 2, NotBreaching), needsMore, needsMore},
		{"two of two, missing", of(300, 2, 2, Missing), byChance, needsMore},
		{"two of three, missing", of(300, 2, 3, Missing), byChance, needsMore},
		{"three of three, missing", of(300, 3, 3, Missing), byChance, needsMore},
		{"two of two, ignored", of(300, 2, 2, Ignore), needsMore, needsMore},
		{"two of two, breaching", of(300, 2, 2, Breaching), stuckBad, needsMore},

		// Without default value the datapoint counts for two periods longer.
		{"30 minutes, sparse", of(600, 1, 1, NotBreaching), "", ""},
		{"45 minutes, sparse", of(900, 1, 1, NotBreaching), slowReset, ""},
		{"30 minutes, busy", of(300, 1, 6, NotBreaching), slowReset, ""},
		{"35 minutes, busy", of(300, 1, 7, NotBreaching), slowReset, slowReset},
		{"a period of 30 minutes", of(1800, 1, 1, NotBreaching), slowReset, ""},
		{"a period of one hour", of(hour, 1, 1, NotBreaching), slowReset, slowReset},
		{"a period of more than one hour", of(hour+minute, 1, 1, NotBreaching), late, late},
		{"a day", of(24*hour, 1, 1, NotBreaching), late, late},
		{"by accident, an hour later", of(hour, 2, 2, Missing), byChance + ", " + slowReset, needsMore},
		{"by accident, two hours later", of(hour, 3, 3, Missing), byChance + ", " + late, needsMore},
		{"minutes", of(minute, 1, 1, NotBreaching), "", ""},
		{"minutes of a day", of(minute, 1, 1440, NotBreaching), slowReset, slowReset},

		{"sub-minute period", of(10, 1, 1, NotBreaching), notKnown, notKnown},
		{"no period", of(0, 1, 1, NotBreaching), notKnown, notKnown},
		{"odd period", of(90, 1, 1, NotBreaching), notKnown, notKnown},
		{"no evaluation periods", of(300, 1, 0, NotBreaching), notKnown, notKnown},
		{"negative M", of(300, -1, 1, NotBreaching), notKnown, notKnown},
		{"M over N", of(300, 2, 1, NotBreaching), notKnown, notKnown},
		{"seven days", of(24*hour, 1, 7, NotBreaching), late, late},
		{"eight days", of(24*hour, 1, 8, NotBreaching), notKnown, notKnown},
		{"huge", of(math.MaxInt32/60*60, 1, math.MaxInt32, NotBreaching), notKnown, notKnown},
		{"missing data as something new", of(300, 1, 1, "interpolate"), notKnown, notKnown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := brief(usual(tt.settings), sparse(1)); got != tt.sparse {
				t.Errorf("sparse: got %q, want %q", got, tt.sparse)
			}
			if got := brief(usual(tt.settings), busy(1, 0)); got != tt.dense {
				t.Errorf("busy: got %q, want %q", got, tt.dense)
			}
		})
	}
}

func TestJudgeSettings(t *testing.T) {
	nan := math.NaN()
	low := func(v string) func(*Settings) { return func(s *Settings) { s.LowSample = v } }
	tests := []struct {
		name     string
		settings Settings
		want     string
	}{
		{"anomaly band", usual(func(s *Settings) { s.Threshold = nil }), notKnown},
		{"anomaly comparison", usual(func(s *Settings) { s.Comparison = "GreaterThanUpperThreshold" }), notKnown},
		{"no comparison", usual(func(s *Settings) { s.Comparison = "" }), notKnown},
		{"threshold not a number", usual(func(s *Settings) { s.Threshold = &nan }), notKnown},
		{"no statistic", usual(func(s *Settings) { s.Statistic = "" }), notKnown},
		{"percentile, low samples ignored", with(at("p90 >= 1"), low("ignore")), needsMore},
		{"percentile, low samples evaluated", with(at("p90 >= 1"), low("evaluate")), ""},
		{"no percentile, low samples ignored", with(at("Sum >= 1"), low("ignore")), ""},
		{"low samples as something new", with(at("p90 >= 1"), low("guess")), notKnown},
	}
	for _, tt := range tests {
		if got := brief(tt.settings, sparse(1)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := brief(usual(nil), sparse(nan)); got != "bad metric-value" {
		t.Errorf("a value that is not a number: got %q", got)
	}
}

func TestJudgeMessages(t *testing.T) {
	tests := []struct {
		settings Settings
		in       Series
		want     string
	}{
		{with(at("Sum >= 5")), sparse(1), "one event makes Sum 1, the alarm needs >= 5"},
		{with(at("Average >= 1")), busy(1, 0), "the default value dilutes Average: one event makes it 1, and 0.5 among other records; the alarm needs >= 1"},
		{with(at("Sum >= 1")), busy(1, 1), "other records alone make Sum 1, which is >= 1: the alarm does not leave ALARM"},
		{with(of(300, 2, 3, NotBreaching)), sparse(1), "one event breaches one datapoint, the alarm needs 2 of 3"},
		{with(of(300, 2, 2, Missing)), sparse(1), "the alarm needs 2 of 2 datapoints; one event reaches ALARM only because the others are missing, after 5m"},
		{with(of(900, 1, 1, NotBreaching)), sparse(1), "after one event the alarm stays in ALARM for 45m: further events alert nobody"},
		{with(of(5400, 1, 1, Missing)), busy(1, 0), "the alarm may come 1h30m after the event"},
	}
	for _, tt := range tests {
		got := Judge(tt.settings, tt.in)
		if len(got) == 0 || got[0].Message != tt.want {
			t.Errorf("got %v\nwant %q", got, tt.want)
		}
	}
}

// judged is every combination of a few values of each setting.
func judged(yield func(Settings, Series) bool) {
	zero, one, five := 0.0, 1.0, 5.0
	for _, condition := range []string{"Sum >= 1", "Sum > 0", "Average >= 1", "Maximum >= 2", "SampleCount >= 1", "Minimum < 3", "p90 > 0"} {
		for _, missing := range []string{Missing, Ignore, Breaching, NotBreaching} {
			for n := int32(1); n <= 3; n++ {
				for m := int32(1); m <= n; m++ {
					for _, def := range []*float64{nil, &zero, &one, &five} {
						if !yield(with(at(condition), of(120, m, n, missing)), Series{Value: 1, Default: def}) {
							return
						}
					}
				}
			}
		}
	}
}

// The grade is compared with minutes of life: an event comes, nothing or other
// records come before and after it, and a second event comes much later. A good
// alarm goes to ALARM twice; a bad one misses the first or the second.
func TestJudgeAgainstMinutes(t *testing.T) {
	judged(func(s Settings, in Series) bool {
		got := Judge(s, in)
		if Worst(got) == Unknown {
			t.Errorf("%+v: unexpected %v", s, got)
		}
		worst := 2
		for _, others := range traffic(in) {
			worst = min(worst, live(t, s, in, others))
		}
		want := worst == 2
		if told := Worst(got) != Bad && !sticks(got); told != want {
			t.Errorf("%s, %s, %d of %d, missing %s: told %d times, judged %v",
				s.Statistic+s.Extended+" "+s.condition(), in.describe(), s.DatapointsToAlarm, s.EvaluationPeriods, s.MissingData, worst, got)
		}
		return true
	})
}

// sticks reports whether problems warn that only the first event is told.
func sticks(problems []Problem) bool {
	for _, p := range problems {
		if p.Code == CodeStuck {
			return true
		}
	}
	return false
}

// traffic is how many other records come in a minute.
func traffic(in Series) []int {
	if in.Default == nil {
		return []int{0}
	}
	return []int{1, 100}
}

// live steps through two hours by minutes, evaluates as the alarm does, and
// counts the events that were followed by a transition to ALARM. An alarm that
// is in ALARM before the first event tells of nothing.
func live(t *testing.T, s Settings, in Series, others int) int {
	t.Helper()
	const first, second, end = 41, 83, 120
	st, err := parseStatistic(s.Statistic, s.Extended)
	if err != nil {
		t.Fatal(err)
	}
	written := make([][]sample, end)
	for minute := range written {
		if in.Default != nil {
			written[minute] = append(written[minute], sample{*in.Default, float64(others)})
		}
		if minute == first || minute == second {
			written[minute] = append(written[minute], sample{in.Value, 1})
		}
	}
	var told [2]int
	state, width := InsufficientData, int(s.Period/60)
	n, _ := s.window()
	for now := Range(n) * width; now < end; now++ {
		points := make([]Point, Range(n))
		for i := range points {
			var in []sample
			last := now - (len(points)-1-i)*width
			for _, m := range written[last-width+1 : last+1] {
				in = append(in, m...)
			}
			points[i] = s.point(st.apply(in))
		}
		next := Evaluate(points, s, state)
		switch {
		case next == InAlarm && now < first:
			return 0
		case next == InAlarm && state != InAlarm && now < second:
			told[0] = 1
		case next == InAlarm && state != InAlarm:
			told[1] = 1
		}
		state = next
	}
	return told[0] + told[1]
}

func TestGradeString(t *testing.T) {
	for g, want := range map[Grade]string{Good: "good", Warn: "warn", Unknown: "unknown", Bad: "bad", 9: "bad", -1: "good"} {
		if got := g.String(); got != want {
			t.Errorf("Grade(%d) = %q, want %q", g, got, want)
		}
	}
}
