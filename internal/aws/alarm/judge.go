package alarm

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Settings are the settings of a metric alarm that decide its state. The zero
// values are those of the CloudWatch API for "not given".
type Settings struct {
	Statistic string   // Sum, SampleCount, Average, Minimum, Maximum; "" with Extended
	Extended  string   // p90, tm99, TC(:5), ...; "" with Statistic
	Threshold *float64 // nil with an anomaly band

	// Comparison is GreaterThanOrEqualToThreshold and its like, the datapoint
	// on the left.
	Comparison string

	Period            int32 // seconds
	EvaluationPeriods int32 // N
	DatapointsToAlarm int32 // M; 0: all N

	MissingData string // Missing (also ""), Ignore, Breaching, NotBreaching
	LowSample   string // evaluate (also ""), ignore; concerns percentiles only
}

// A Series is what the filters on a metric write to it.
type Series struct {
	// Value is what one matching event writes. Quiet says that the judged event
	// does not match here: it writes the default value like any other record.
	Value float64
	Quiet bool

	// Default is what every other record writes; nil when the filters have no
	// default value. With a default value the log group is taken to be busy:
	// other records arrive in every period, one or any number of them.
	Default *float64
}

// A Grade says what a problem makes of the alarm.
type Grade int8

// Grades, best first.
const (
	Good    Grade = iota
	Warn          // a person is told, but something is off
	Unknown       // cannot be computed from what is known
	Bad           // the event does not bring the alarm to ALARM, or only once
)

// String returns "good", "warn", "unknown" or "bad".
func (g Grade) String() string {
	return [...]string{"good", "warn", "unknown", "bad"}[min(max(g, Good), Bad)]
}

// The codes of problems.
const (
	CodeThreshold  = "alarm-threshold"
	CodeValue      = "metric-value"
	CodeDatapoints = "alarm-needs-more-datapoints"
	CodeAccident   = "alarm-by-accident"
	CodeStuck      = "alarm-stuck"
	CodeSlowReset  = "alarm-slow-reset"
	CodeLate       = "alarm-late"
	CodeDiluted    = "alarm-diluted"
	CodeKind       = "alarm-kind"
	CodeMath       = "alarm-math"
)

// A Problem is one thing that is wrong or odd about an alarm.
type Problem struct {
	Code    string
	Grade   Grade  // never Good
	Message string // lower case, no full stop
}

// Worst returns the worst grade among problems, Good when there are none.
func Worst(problems []Problem) Grade {
	g := Good
	for _, p := range problems {
		g = max(g, p.Grade)
	}
	return g
}

const (
	// slow and late are where an alarm that works becomes worth a warning.
	slow = 30 * time.Minute
	late = time.Hour

	// longest is AWS's limit on period times evaluation periods, in seconds.
	longest = 7 * 24 * 3600
)

// Judge says what the settings make of one event on a metric: nothing when the
// alarm goes to ALARM, in time, and returns by itself. Problems come worst
// first.
func Judge(s Settings, in Series) []Problem {
	return judgeSeries(s, in).problems
}

func judgeSeries(s Settings, in Series) outcome {
	if p := s.check(); p != nil {
		return settled(*p)
	}
	st, err := parseStatistic(s.Statistic, s.Extended)
	if err != nil {
		return settled(kind("%v", err))
	}
	if st.percentile && s.LowSample == "ignore" {
		return settled(lowSample(st))
	}
	name := cmp.Or(s.Statistic, s.Extended)
	return judge(s, name, in.shape(st), in.one().shape(st))
}

func lowSample(st statistic) Problem {
	return Problem{CodeDatapoints, Bad, fmt.Sprintf("%s with low sample counts ignored does not change state on a single event", st.name)}
}

// one is the series with the value that filters usually write.
func (in Series) one() Series {
	in.Value = 1
	return in
}

func kind(format string, args ...any) Problem {
	return Problem{CodeKind, Unknown, fmt.Sprintf(format, args...)}
}

// check returns what keeps the settings from being computed, nil when nothing
// does. It leaves the statistic out.
func (s Settings) check() *Problem {
	p := func(format string, args ...any) *Problem {
		problem := kind(format, args...)
		return &problem
	}
	n, m := s.window()
	window := int64(s.Period) * int64(n) // seconds; two int32 do not overflow
	switch {
	case s.Threshold == nil:
		return p("the alarm has no fixed threshold")
	case *s.Threshold != *s.Threshold:
		return p("the threshold is not a number")
	case symbols[s.Comparison] == "":
		return p("comparison %q is not understood", s.Comparison)
	case s.Period > 0 && s.Period < 60:
		// The datapoints of filters lie at whole minutes and arrive late: most
		// evaluations of such an alarm see none of them.
		return p("a period of %d seconds on a metric with one datapoint a minute", s.Period)
	case s.Period <= 0 || s.Period%60 != 0:
		return p("a period of %d seconds", s.Period)
	case n < 1 || m < 1 || m > n || window > longest:
		return p("%d of %d datapoints of %d seconds are outside CloudWatch's limits", m, n, s.Period)
	case !slices.Contains([]string{"", Missing, Ignore, Breaching, NotBreaching}, s.MissingData):
		return p("missing data treated as %q is not understood", s.MissingData)
	case !slices.Contains([]string{"", "evaluate", "ignore"}, s.LowSample):
		return p("low sample counts treated as %q are not understood", s.LowSample)
	}
	return nil
}

var symbols = map[string]string{
	"GreaterThanOrEqualToThreshold": ">=",
	"GreaterThanThreshold":          ">",
	"LessThanOrEqualToThreshold":    "<=",
	"LessThanThreshold":             "<",
}

// Symbol returns the sign of a comparison, such as ">=": of one that is not known, its
// name.
func Symbol(comparison string) string { return cmp.Or(symbols[comparison], comparison) }

// point returns what the threshold makes of a datapoint.
func (s Settings) point(d datum) Point {
	if !d.ok {
		return Gap
	}
	breach := false
	switch symbols[s.Comparison] {
	case ">=":
		breach = d.value >= *s.Threshold
	case ">":
		breach = d.value > *s.Threshold
	case "<=":
		breach = d.value <= *s.Threshold
	case "<":
		breach = d.value < *s.Threshold
	}
	if breach {
		return Breach
	}
	return Within
}

// condition is the comparison in short, such as ">= 1".
func (s Settings) condition() string {
	return symbols[s.Comparison] + " " + number(*s.Threshold)
}

func (s Settings) period() time.Duration { return time.Duration(s.Period) * time.Second }

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// worstFirst orders problems by grade and keeps the order otherwise.
func worstFirst(problems []Problem) []Problem {
	slices.SortStableFunc(problems, func(a, b Problem) int { return cmp.Compare(b.Grade, a.Grade) })
	return problems
}
