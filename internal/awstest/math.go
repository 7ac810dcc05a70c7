package awstest

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// A vector is a metric or the result of an expression over the periods of the
// evaluation range, newest first. A scalar has no periods.
type vector struct {
	scalar bool
	number float64
	points []point
	member bool // stands in a list: [m1], METRICS()
}

// mathPoints evaluates a metric math alarm over n periods, newest first.
func (r *Region) mathPoints(in *PutMetricAlarmInput, n int) ([]point, error) {
	e := &mathEnv{region: r, in: in, n: n, period: in.period(), busy: map[string]bool{}, done: map[string]vector{}}
	for _, q := range in.Metrics {
		if q.ReturnData == nil || *q.ReturnData {
			v, err := e.query(q)
			if err != nil {
				return nil, err
			}
			if v.scalar {
				return nil, fmt.Errorf("the expression of %s yields no time series", q.ID)
			}
			return v.points, nil
		}
	}
	return nil, fmt.Errorf("awstest does not evaluate anomaly bands")
}

// A mathEnv resolves the ids of an alarm's queries.
type mathEnv struct {
	region *Region
	in     *PutMetricAlarmInput
	n      int
	period time.Duration
	busy   map[string]bool   // ids under evaluation, against circles
	done   map[string]vector // results, so that nothing is computed twice
}

func (e *mathEnv) query(q MetricDataQuery) (vector, error) {
	if v, ok := e.done[q.ID]; ok {
		return v, nil
	}
	if e.busy[q.ID] {
		return vector{}, fmt.Errorf("the expression of %s refers to itself", q.ID)
	}
	e.busy[q.ID] = true
	defer delete(e.busy, q.ID)
	v, err := e.compute(q)
	if err == nil {
		e.done[q.ID] = v
	}
	return v, err
}

// compute evaluates the query's expression or reads its metric, which may be
// another account's.
func (e *mathEnv) compute(q MetricDataQuery) (vector, error) {
	if q.MetricStat == nil {
		return e.evaluate(q.Expression)
	}
	region := e.region
	if q.AccountID != "" && q.AccountID != region.account.id {
		other := region.cloud.accounts[q.AccountID]
		if other == nil || other.regions[region.name] == nil {
			return vector{}, fmt.Errorf("no account %s", q.AccountID)
		}
		region = other.regions[region.name]
	}
	m := q.MetricStat
	points, err := region.statPoints(metricKey(m.Metric.Namespace, m.Metric.MetricName, m.Metric.Dimensions), m.Stat, m.Unit, e.period, e.n)
	return vector{points: points}, err
}

func (e *mathEnv) id(name string) (vector, error) {
	for _, q := range e.in.Metrics {
		if q.ID == name {
			return e.query(q)
		}
	}
	return vector{}, fmt.Errorf("unknown id %s", name)
}

// metrics returns the alarm's metrics, those whose id contains part.
func (e *mathEnv) metrics(part string) ([]vector, error) {
	var list []vector
	for _, q := range e.in.Metrics {
		if q.MetricStat != nil && strings.Contains(q.ID, part) {
			v, err := e.query(q)
			if err != nil {
				return nil, err
			}
			v.member = true
			list = append(list, v)
		}
	}
	return list, nil
}

// evaluate evaluates an expression: numbers, ids, + - * / ^, comparisons, AND,
// OR, lists, and the functions ABS, AVG, CEIL, FILL, FLOOR, IF, MAX, METRICS,
// MIN, SUM. Anything else is an error.
// Source: CloudWatch user guide, "Using math expressions with CloudWatch metrics".
func (e *mathEnv) evaluate(text string) (vector, error) {
	tokens, err := mathTokens(text)
	if err != nil {
		return vector{}, err
	}
	p := &mathParser{env: e, tokens: tokens}
	list, err := p.binary(0)
	if err == nil && p.next() != "" {
		err = fmt.Errorf("unexpected %q in %q", p.next(), text)
	}
	if err != nil {
		return vector{}, err
	}
	return single(list)
}

func single(list []vector) (vector, error) {
	if len(list) != 1 {
		return vector{}, fmt.Errorf("a list of %d time series where one is needed", len(list))
	}
	return list[0], nil
}

// combine applies an operator to two series, or to a list and one series.
func combine(left, right []vector, operator string) ([]vector, error) {
	r, err := single(right)
	if err != nil {
		return nil, err
	}
	var out []vector
	for _, l := range left {
		out = append(out, zip(l, r, func(a, b float64) (float64, bool) { return arithmetic(operator, a, b) }))
	}
	return out, nil
}

func arithmetic(operator string, a, b float64) (float64, bool) {
	truth := func(t bool) (float64, bool) {
		if t {
			return 1, true
		}
		return 0, true
	}
	switch operator {
	case "+":
		return a + b, true
	case "-":
		return a - b, true
	case "*":
		return a * b, true
	case "/":
		return a / b, b != 0 // no datapoint where the divisor is zero
	case "^":
		return math.Pow(a, b), true
	case "<":
		return truth(a < b)
	case "<=":
		return truth(a <= b)
	case ">":
		return truth(a > b)
	case ">=":
		return truth(a >= b)
	case "==":
		return truth(a == b)
	case "!=":
		return truth(a != b)
	case "AND", "&&":
		return truth(a != 0 && b != 0)
	default:
		return truth(a != 0 || b != 0)
	}
}

// zip applies an operation period by period. Where one of two series has no
// datapoint it counts as 0; where neither has one, or a number meets a series
// without, the result has none. Source: CloudWatch user guide, "Using math
// expressions with CloudWatch metrics".
func zip(a, b vector, operation func(x, y float64) (float64, bool)) vector {
	if a.scalar && b.scalar {
		v, _ := operation(a.number, b.number)
		return vector{scalar: true, number: v}
	}
	out := vector{points: make([]point, max(len(a.points), len(b.points)))}
	for i := range out.points {
		x, y := a.point(i), b.point(i)
		out.points[i].start = laterOf(x.start, y.start)
		if alone := a.scalar || b.scalar; x.present && y.present || !alone && (x.present || y.present) {
			out.points[i].value, out.points[i].present = operation(x.value, y.value)
		}
	}
	return out
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (v vector) point(i int) point {
	if v.scalar {
		return point{present: true, value: v.number}
	}
	return v.points[i]
}

func combineEach(list []vector, apply func(float64) float64) []vector {
	var out []vector
	for _, v := range list {
		out = append(out, zip(v, vector{scalar: true}, func(x, _ float64) (float64, bool) { return apply(x), true }))
	}
	return out
}

// aggregate joins series period by period, leaving out missing datapoints; for
// an average they count as 0. Of a single series it makes one number, over all its
// datapoints. Source: as of zip.
func aggregate(name string, list []vector) []vector {
	statistic := map[string]string{"SUM": "Sum", "MAX": "Maximum", "MIN": "Minimum", "AVG": "Average"}[name]
	if len(list) == 1 && !list[0].scalar && !list[0].member {
		v := vector{scalar: true}
		if values := present(list[0].points); len(values) > 0 {
			v.number, _ = compute(statistic, values)
		}
		return []vector{v}
	}
	n := 0
	for _, v := range list {
		n = max(n, len(v.points))
	}
	out := vector{points: make([]point, n)}
	for i := range out.points {
		var here []point
		for _, v := range list {
			here = append(here, v.point(i))
			out.points[i].start = laterOf(out.points[i].start, v.point(i).start)
		}
		if values := present(here); len(values) > 0 {
			if name == "AVG" {
				values = append(values, make([]float64, len(list)-len(values))...)
			}
			out.points[i].value, out.points[i].present = compute(statistic, values)
		}
	}
	return []vector{out}
}

func present(points []point) []float64 {
	var values []float64
	for _, p := range points {
		if p.present {
			values = append(values, p.value)
		}
	}
	return values
}
