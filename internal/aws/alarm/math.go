package alarm

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A Query is one entry of a metric math alarm: a metric, or an expression over
// other entries.
type Query struct {
	ID         string
	Expression string // "" for a metric
	Statistic  string // of a metric, simple or extended
	Period     int32  // seconds; 0 when an expression has none of its own
	ReturnData bool   // the alarm watches this entry
}

// A MathError says why an expression is not computed here. It may be right all
// the same.
type MathError struct {
	Code string // CodeMath, or CodeKind for what is no metric math
	ID   string // of the query; "" when it concerns all of them
	Msg  string // lower case, no full stop
}

// Error returns the message with the id of the query.
func (e *MathError) Error() string {
	if e.ID == "" {
		return e.Msg
	}
	return fmt.Sprintf("expression %s: %s", e.ID, e.Msg)
}

// Math returns what the watched query of a metric math alarm shows in a period,
// nil when it has no datapoint. The values are the datapoints of the metrics by
// id, nil where a metric has none; a metric that is not among them is an error
// when the watched query reads it. Errors are of type *MathError.
//
// Understood are ids, numbers, + and -, scaling by numbers, comparisons,
// FILL with a number, IF over one series, METRICS, and SUM and MAX over several. AWS computes
// series against series as if a missing side were 0; where both are missing, and
// where a missing one meets a number, there is no datapoint ("Using metric
// math").
func Math(queries []Query, values map[string]*float64) (*float64, error) {
	in := make(map[string]datum, len(values))
	for id, v := range values {
		if v != nil {
			in[id] = datum{*v, true}
		} else {
			in[id] = datum{}
		}
	}
	m, err := compile(queries)
	if err != nil {
		return nil, err
	}
	d, err := m.compute(in)
	if err != nil || !d.ok {
		return nil, err
	}
	return &d.value, nil
}

// program is a set of queries with their expressions parsed.
type program struct {
	queries []Query
	parsed  map[string]expr // of expressions, by id
	watched string
}

func compile(queries []Query) (*program, error) {
	m := &program{queries: queries, parsed: map[string]expr{}}
	for _, q := range queries {
		if q.Expression == "" {
			continue
		}
		if word := run(strings.TrimSpace(q.Expression), isWord); strings.EqualFold(word, "SELECT") {
			return nil, &MathError{CodeKind, q.ID, "a Metrics Insights query is not computed"}
		}
		x, err := parseMath(q.Expression)
		if err != nil {
			return nil, &MathError{CodeMath, q.ID, err.Error()}
		}
		m.parsed[q.ID] = x
	}
	return m, m.watch()
}

// watch finds the query that the alarm watches.
func (m *program) watch() error {
	var watched []string
	for _, q := range m.queries {
		if q.ReturnData || len(m.queries) == 1 {
			watched = append(watched, q.ID)
		}
	}
	if len(watched) != 1 {
		return &MathError{CodeMath, "", fmt.Sprintf("%d queries return data", len(watched))}
	}
	m.watched = watched[0]
	return nil
}

// metrics returns the queries that name a metric and that the watched one
// reads, in their order. It fails on cycles and unknown ids.
func (m *program) metrics() ([]Query, error) {
	used := map[string]bool{}
	if err := m.reach(m.watched, used, 0); err != nil {
		return nil, err
	}
	var out []Query
	for _, q := range m.queries {
		if q.Expression == "" && used[q.ID] {
			out = append(out, q)
		}
	}
	return out, nil
}

// reach collects the ids that a query depends on.
func (m *program) reach(id string, used map[string]bool, depth int) error {
	if used[id] {
		return nil
	}
	if depth > maxNesting || !slices.ContainsFunc(m.queries, func(q Query) bool { return q.ID == id }) {
		return &MathError{CodeMath, id, "that query does not exist"}
	}
	used[id] = true
	var err error
	visit(m.parsed[id], func(x expr) {
		switch x := x.(type) {
		case ref:
			if e := m.reach(string(x), used, depth+1); err == nil {
				err = e
			}
		case call:
			if x.name == "METRICS" {
				for _, q := range m.queries {
					used[q.ID] = used[q.ID] || q.Expression == ""
				}
			}
		}
	})
	return err
}

// visit calls f on a node and all below it; nil has none.
func visit(x expr, f func(expr)) {
	if x == nil {
		return
	}
	f(x)
	switch x := x.(type) {
	case call:
		for _, a := range x.args {
			visit(a, f)
		}
	case list:
		for _, a := range x {
			visit(a, f)
		}
	case negation:
		visit(x.of, f)
	case binary:
		visit(x.left, f)
		visit(x.right, f)
	}
}

// compute evaluates the watched query for one period.
func (m *program) compute(in map[string]datum) (datum, error) {
	c := &computation{program: m, in: in, done: map[string]operand{}}
	v, err := c.query(m.watched, 0)
	if err != nil {
		return datum{}, &MathError{CodeMath, m.watched, err.Error()}
	}
	switch {
	case v.kind == aSeries:
		return v.series[0], nil
	case v.kind == aList && len(v.series) == 1:
		return v.series[0], nil
	default:
		return datum{}, &MathError{CodeMath, m.watched, "it does not give one series"}
	}
}

// An operand is a value within an expression: a number, the datapoint of a
// series, or those of several series.
type operand struct {
	kind   operandKind
	number float64
	series []datum
}

type operandKind int8

const (
	aNumber operandKind = iota
	aSeries
	aList
)

func series(d datum) operand { return operand{kind: aSeries, series: []datum{d}} }

// combine applies a binary operation to two datapoints.
func combine(op string, a, b datum) datum {
	if !a.ok && !b.ok {
		return datum{}
	}
	v, ok := arithmetic(op, a.value, b.value) // a missing side has the value 0
	return datum{v, ok}
}

// arithmetic is false where AWS drops the datapoint: division by zero, and
// results that are no numbers.
func arithmetic(op string, a, b float64) (float64, bool) {
	var v float64
	switch op {
	case "+":
		v = a + b
	case "-":
		v = a - b
	case "*":
		v = a * b
	case "/":
		v = a / b
	default:
		v = map[bool]float64{true: 1}[compare(op, a, b)]
	}
	return v, !math.IsNaN(v) && !math.IsInf(v, 0)
}

func compare(op string, a, b float64) bool {
	switch op {
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	case "==":
		return a == b
	default:
		return a != b
	}
}
