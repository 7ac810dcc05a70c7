package alarm

// The states of an alarm.
const (
	OK               = "OK"
	InAlarm          = "ALARM"
	InsufficientData = "INSUFFICIENT_DATA"
)

// The ways to treat missing data; an empty setting means Missing.
const (
	Missing      = "missing"
	Ignore       = "ignore"
	Breaching    = "breaching"
	NotBreaching = "notBreaching"
)

// A Point is one datapoint of the evaluation range, as the threshold sees it.
type Point int8

// The kinds of points. The zero value is a period without datapoint.
const (
	Gap    Point = iota // no datapoint
	Within              // a datapoint that does not breach
	Breach              // a datapoint that breaches
)

// extraPeriods is how many periods beyond its evaluation periods an alarm looks
// back. Assumed: AWS says only that the number depends on the period and the
// resolution; in its two examples (period of 5 minutes) it is 2.
const extraPeriods = 2

// Range returns the number of datapoints that CloudWatch retrieves for an alarm
// with n evaluation periods.
func Range(n int) int { return n + extraPeriods }

// Evaluate returns the state that one evaluation gives an alarm whose present
// state is current. The points are the evaluation range, oldest first. Of the
// settings it reads EvaluationPeriods, DatapointsToAlarm and MissingData.
func Evaluate(points []Point, s Settings, current string) string {
	n, m := s.window()
	present := present(points)
	if len(present) >= n {
		return stateOf(breaches(present[len(present)-n:]) >= m)
	}
	breaching, fill := breaches(present), n-len(present)
	switch s.MissingData {
	case Breaching:
		return stateOf(breaching+fill >= m)
	case NotBreaching:
		return stateOf(breaching >= m)
	}
	switch {
	case breaching >= m:
		return InAlarm
	case breaching < len(present): // one good datapoint is enough
		return OK
	case s.MissingData == Ignore:
		return current
	case breaching > 0 && oldest(points) >= m:
		return InAlarm // the premature alarm state
	default:
		return InsufficientData
	}
}

// window returns the number of evaluated datapoints and how many of them must
// breach.
func (s Settings) window() (n, m int) {
	n, m = int(s.EvaluationPeriods), int(s.DatapointsToAlarm)
	if m == 0 {
		m = n
	}
	return n, m
}

func stateOf(alarm bool) string {
	if alarm {
		return InAlarm
	}
	return OK
}

func present(points []Point) []Point {
	var out []Point
	for _, p := range points {
		if p != Gap {
			out = append(out, p)
		}
	}
	return out
}

func breaches(points []Point) int {
	n := 0
	for _, p := range points {
		if p == Breach {
			n++
		}
	}
	return n
}

// oldest returns the age of the oldest datapoint in periods, 1 for the newest
// period, 0 when there is none.
func oldest(points []Point) int {
	for i, p := range points {
		if p != Gap {
			return len(points) - i
		}
	}
	return 0
}
