package alarm

import (
	"fmt"
	"strings"
)

// maxSeries bounds the series in a list: expressions can double it again and
// again.
const maxSeries = 500

// computation evaluates expressions for one period, each query once.
type computation struct {
	*program
	in   map[string]datum
	done map[string]operand
}

func (c *computation) query(id string, depth int) (operand, error) {
	if v, ok := c.done[id]; ok {
		return v, nil
	}
	v, err := c.fresh(id, depth)
	if err == nil {
		c.done[id] = v
	}
	return v, err
}

func (c *computation) fresh(id string, depth int) (operand, error) {
	if depth > maxNesting {
		return operand{}, fmt.Errorf("expressions refer to each other without end")
	}
	if x, ok := c.parsed[id]; ok {
		return c.eval(x, depth+1)
	}
	d, ok := c.in[id]
	if !ok {
		return operand{}, fmt.Errorf("metric %s does not come from a filter that is checked", id)
	}
	return series(d), nil
}

func (c *computation) eval(x expr, depth int) (operand, error) {
	switch x := x.(type) {
	case literal:
		return operand{number: float64(x)}, nil
	case ref:
		return c.query(string(x), depth)
	case list:
		return c.list(x, depth)
	case negation:
		return c.binary(binary{"*", literal(-1), x.of}, depth)
	case binary:
		return c.binary(x, depth)
	case call:
		return c.call(x, depth)
	default:
		return operand{}, fmt.Errorf("a text is not a value")
	}
}

// list gathers series; lists in it are taken apart.
func (c *computation) list(x list, depth int) (operand, error) {
	out := operand{kind: aList}
	for _, item := range x {
		v, err := c.eval(item, depth)
		if err != nil {
			return out, err
		}
		if v.kind == aNumber {
			return out, fmt.Errorf("a number is not a series")
		}
		out.series = append(out.series, v.series...)
		if len(out.series) > maxSeries {
			return out, fmt.Errorf("more than %d series", maxSeries)
		}
	}
	return out, nil
}

func (c *computation) binary(x binary, depth int) (operand, error) {
	left, err := c.eval(x.left, depth)
	if err != nil {
		return left, err
	}
	right, err := c.eval(x.right, depth)
	switch {
	case err != nil:
		return right, err
	case left.kind == aNumber && right.kind == aNumber:
		v, ok := arithmetic(x.op, left.number, right.number)
		if !ok {
			return left, fmt.Errorf("a number divided by zero")
		}
		return operand{number: v}, nil
	case x.op == "*" && left.kind != aNumber && right.kind != aNumber, x.op == "/" && right.kind != aNumber:
		return left, fmt.Errorf("series %s series is not understood", x.op)
	case left.kind == aList && right.kind == aList:
		return left, fmt.Errorf("lists %s lists are not understood", x.op)
	}
	return pairwise(x.op, left, right), nil
}

// pairwise combines operands: at least one is no number, and at most one
// a list.
func pairwise(op string, left, right operand) operand {
	out := operand{kind: max(left.kind, right.kind)}
	for i := range max(len(left.series), len(right.series)) {
		a, b := left.at(i), right.at(i)
		if left.kind == aNumber {
			a.ok = b.ok // a number gives no datapoint where the series has none
		}
		if right.kind == aNumber {
			b.ok = a.ok
		}
		out.series = append(out.series, combine(op, a, b))
	}
	return out
}

// at returns the datapoint that stands against the i-th of a list.
func (v operand) at(i int) datum {
	switch v.kind {
	case aNumber:
		return datum{v.number, true}
	case aSeries:
		return v.series[0]
	default:
		return v.series[i]
	}
}

func (c *computation) call(x call, depth int) (operand, error) {
	switch x.name {
	case "METRICS":
		return c.metricsCall(x.args)
	case "FILL":
		return c.fill(x.args, depth)
	case "IF":
		return c.choose(x.args, depth)
	case "SUM", "MAX":
		return c.reduce(x, depth)
	default:
		return operand{}, fmt.Errorf("function %.40s is not understood", x.name)
	}
}

// metricsCall is METRICS(), or METRICS("part of the id").
func (c *computation) metricsCall(args []expr) (operand, error) {
	part := text("")
	if len(args) > 0 {
		var ok bool
		if part, ok = args[0].(text); !ok || len(args) > 1 {
			return operand{}, fmt.Errorf("the arguments of METRICS are not understood")
		}
	}
	var ids list
	for _, q := range c.queries {
		if q.Expression == "" && strings.Contains(q.ID, string(part)) {
			ids = append(ids, ref(q.ID))
		}
	}
	return c.list(ids, 0)
}

// fill is FILL(series, number).
func (c *computation) fill(args []expr, depth int) (operand, error) {
	if len(args) != 2 {
		return operand{}, fmt.Errorf("FILL takes two arguments")
	}
	v, err := c.eval(args[0], depth)
	if err != nil {
		return v, err
	}
	by, err := c.eval(args[1], depth)
	if err != nil {
		return by, err
	}
	if v.kind == aNumber || by.kind != aNumber {
		return v, fmt.Errorf("only FILL of series with a number is understood")
	}
	out := operand{kind: v.kind}
	for _, d := range v.series {
		if !d.ok {
			d = datum{by.number, true}
		}
		out.series = append(out.series, d)
	}
	return out, nil
}

// choose is IF(series, value, value): the first value where the series is not 0. A
// series that has no datapoint chooses none.
func (c *computation) choose(args []expr, depth int) (operand, error) {
	if len(args) != 3 {
		return operand{}, fmt.Errorf("only IF with three arguments is understood")
	}
	var values [3]operand
	for i, x := range args {
		v, err := c.eval(x, depth)
		if err != nil {
			return v, err
		}
		values[i] = v
		if v.kind == aList || i == 0 && v.kind == aNumber {
			return v, fmt.Errorf("only IF over one series is understood")
		}
	}
	condition, chosen := values[0].at(0), values[1]
	if !condition.ok {
		return series(datum{}), nil
	}
	if condition.value == 0 {
		chosen = values[2]
	}
	return series(chosen.at(0)), nil
}

// reduce is SUM or MAX over several series. Over a single one they are numbers
// that depend on how far CloudWatch looks back.
func (c *computation) reduce(x call, depth int) (operand, error) {
	if len(x.args) != 1 {
		return operand{}, fmt.Errorf("%s takes one argument", x.name)
	}
	v, err := c.eval(x.args[0], depth)
	if err != nil {
		return v, err
	}
	if v.kind != aList {
		return v, fmt.Errorf("%s over the time of one series is not understood", x.name)
	}
	out := datum{}
	for _, d := range v.series {
		switch {
		case !d.ok:
		case !out.ok:
			out = d
		case x.name == "SUM":
			out.value += d.value
		default:
			out.value = max(out.value, d.value)
		}
	}
	return series(out), nil
}
