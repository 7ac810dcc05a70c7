package awstest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// extraPeriods is how many periods further back than its evaluation periods an
// alarm looks for data. AWS documents that it does and shows 5 periods for an
// alarm over 3; that the difference is always 2 is undocumented.
const extraPeriods = 2

// A point is the datapoint of one period; a missing one is not present.
type point struct {
	present bool
	value   float64
	start   time.Time
	few     bool // too few samples for the percentile asked for
}

// evaluateAlarms evaluates the alarms that are due at the current tick: metric
// alarms first, then composite ones until none changes any more.
func (c *Cloud) evaluateAlarms() {
	c.eachRegion(func(r *Region) {
		for _, name := range slices.Sorted(maps.Keys(r.alarms)) {
			if a := r.alarms[name]; a.metric != nil && a.metric.due(c.now) {
				r.evaluateMetric(a)
				r.releaseWithheld(r.alarms[name])
			}
		}
		if c.now.Second() == 0 {
			r.evaluateComposites()
		}
	})
}

// due reports whether the alarm is evaluated at t: every 10 seconds with a period
// below a minute, every minute otherwise, once an hour if it looks back over
// more than a day. Source: CloudWatch user guide, "Alarm evaluation".
func (in *PutMetricAlarmInput) due(t time.Time) bool {
	switch p := in.period(); {
	case p < time.Minute:
		return true
	case p*time.Duration(in.EvaluationPeriods) > 24*time.Hour:
		return t.Minute() == 0 && t.Second() == 0
	default:
		return t.Second() == 0
	}
}

// period returns the longest period that the alarm uses.
func (in *PutMetricAlarmInput) period() time.Duration {
	if len(in.periods()) == 0 {
		return time.Minute
	}
	return time.Duration(slices.Max(in.periods())) * time.Second
}

// evaluateMetric evaluates one metric alarm.
func (r *Region) evaluateMetric(a *alarm) {
	points, err := r.points(a.metric)
	if err != nil {
		// The alarm keeps its state; the story tells once.
		reason := "not evaluated: " + err.Error()
		if a.reason != reason {
			r.tell(0, LinkAlarm, a.name, false, "alarm %s is %s", a.name, reason)
			r.change(a.name, func(a *alarm) { a.reason = reason })
		}
		return
	}
	if a.metric.LowSamplePercentile == "ignore" && slices.ContainsFunc(points, func(p point) bool { return p.few }) {
		return
	}
	if state := decideState(points, a.metric, a.state); state != a.state {
		r.transition(a.name, state, explainState(points, a.metric, state), "")
	}
}

// points returns the datapoints in the evaluation range, newest first. The
// windows slide with the clock: the newest one ends now. Source: CloudWatch user
// guide, "Alarm evaluation window".
func (r *Region) points(in *PutMetricAlarmInput) ([]point, error) {
	n := int(in.EvaluationPeriods) + extraPeriods
	if len(in.Metrics) > 0 {
		return r.mathPoints(in, n)
	}
	stat := in.Statistic + in.ExtendedStatistic // one of them is empty
	return r.statPoints(metricKey(in.Namespace, in.MetricName, in.Dimensions), stat, in.Unit, in.period(), n)
}

// statPoints computes a statistic over n periods, newest first.
func (r *Region) statPoints(key, stat, unit string, period time.Duration, n int) ([]point, error) {
	points := make([]point, n)
	end := r.cloud.now
	for i := range points {
		start := end.Add(-period)
		if values := r.between(key, start, end, unit); len(values) > 0 {
			v, ok := compute(stat, values)
			if !ok {
				return nil, fmt.Errorf("awstest does not compute the statistic %s", stat)
			}
			points[i] = point{present: true, value: v, few: fewSamples(stat, len(values))}
		}
		points[i].start = start
		end = start
	}
	return points, nil
}

// decideState returns the state that datapoints (newest first, the whole
// evaluation range) put an alarm into. Source: CloudWatch user guide,
// "Configuring how CloudWatch alarms treat missing data", whose two tables are
// test cases.
func decideState(points []point, in *PutMetricAlarmInput, current string) string {
	need, enough := in.datapointsToAlarm(), int(in.EvaluationPeriods)
	known := presentOnly(points)
	if len(known) >= enough {
		return stateIf(countBreaching(known[:enough], in) >= need)
	}
	breaching := countBreaching(known, in)
	switch in.missingData() {
	case "breaching":
		return stateIf(breaching+enough-len(known) >= need)
	case "notBreaching":
		return stateIf(breaching >= need)
	}
	switch {
	case breaching >= need:
		return StateAlarm
	case len(known) == 0 && in.missingData() == "missing":
		return StateInsufficientData
	case len(known) == 0:
		return current
	case breaching < len(known):
		return StateOK
	// Only breaching datapoints, fewer than needed. When the oldest is old
	// enough, missing data makes up for the rest.
	case in.missingData() == "missing" && oldest(points) >= need:
		return StateAlarm
	case in.missingData() == "missing":
		return StateOK
	default:
		return current
	}
}

func stateIf(alarm bool) string {
	if alarm {
		return StateAlarm
	}
	return StateOK
}

// datapointsToAlarm is the M of M out of N.
func (in *PutMetricAlarmInput) datapointsToAlarm() int {
	if in.DatapointsToAlarm != 0 {
		return int(in.DatapointsToAlarm)
	}
	return int(in.EvaluationPeriods)
}

func (in *PutMetricAlarmInput) missingData() string {
	switch {
	case in.TreatMissingData != "":
		return in.TreatMissingData
	case in.Namespace == "AWS/DynamoDB":
		return "ignore"
	default:
		return "missing"
	}
}

func presentOnly(points []point) []point {
	return slices.DeleteFunc(slices.Clone(points), func(p point) bool { return !p.present })
}

// oldest returns the age of the oldest datapoint, 1 for the newest period.
func oldest(points []point) int {
	age := 0
	for i, p := range points {
		if p.present {
			age = i + 1
		}
	}
	return age
}

func countBreaching(points []point, in *PutMetricAlarmInput) int {
	n := 0
	for _, p := range points {
		if in.breaches(p.value) {
			n++
		}
	}
	return n
}

func (in *PutMetricAlarmInput) breaches(value float64) bool {
	if in.Threshold == nil { // an anomaly band
		return false
	}
	switch in.ComparisonOperator {
	case "GreaterThanOrEqualToThreshold":
		return value >= *in.Threshold
	case "GreaterThanThreshold":
		return value > *in.Threshold
	case "LessThanThreshold":
		return value < *in.Threshold
	case "LessThanOrEqualToThreshold":
		return value <= *in.Threshold
	default:
		return false
	}
}

var comparisonWords = map[string]string{
	"GreaterThanOrEqualToThreshold": "greater than or equal to",
	"GreaterThanThreshold":          "greater than",
	"LessThanThreshold":             "less than",
	"LessThanOrEqualToThreshold":    "less than or equal to",
}

// explainState returns the reason of a state, in the manner of CloudWatch.
func explainState(points []point, in *PutMetricAlarmInput, state string) string {
	known := presentOnly(points)
	known = known[:min(len(known), int(in.EvaluationPeriods))]
	if len(known) == 0 {
		if state == StateInsufficientData {
			return fmt.Sprintf("Insufficient Data: %d datapoint(s) unknown.", in.EvaluationPeriods)
		}
		return fmt.Sprintf("Threshold Crossed: no datapoints were received for %d period(s) and missing data was treated as %s.", in.EvaluationPeriods, in.missingData())
	}
	values := make([]string, len(known))
	for i, p := range known {
		values[i] = fmt.Sprintf("%s (%s)", decimal(p.value), p.start.Format("02/01/06 15:04:05"))
	}
	not := ""
	if state != StateAlarm {
		not = "not "
	}
	return fmt.Sprintf("Threshold Crossed: %d out of the last %d datapoints [%s] was %s%s the threshold (%s) (minimum %d for a transition to ALARM).",
		countBreaching(known, in), in.EvaluationPeriods, strings.Join(values, ", "), not, comparisonWords[in.ComparisonOperator],
		decimal(*in.Threshold), in.datapointsToAlarm())
}

// decimal writes a number with at least one decimal, as CloudWatch does.
func decimal(v float64) string {
	text := fmt.Sprint(v)
	if !strings.ContainsAny(text, ".eN") {
		text += ".0"
	}
	return text
}
