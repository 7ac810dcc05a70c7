package awstest

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestMath evaluates expressions over m1 = 1, none, 3 and m2 = none, none, 10
// (oldest first).
func TestMath(t *testing.T) {
	c := New(Options{Start: time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)})
	r := c.Account("111122223333", AccountOptions{}).Region("eu-central-1")
	for _, s := range []struct {
		metric string
		minute int
		value  float64
	}{{"m1", -3, 1}, {"m1", -1, 3}, {"m2", -1, 10}} {
		r.add(metricKey("N", s.metric, nil), c.now.Add(time.Duration(s.minute)*time.Minute), sample{s.value, "None"})
	}
	tests := []struct{ expression, want string }{
		{"m1", "1 - 3"},
		{"m1 + 1", "2 - 4"},
		{"2*m1-1", "1 - 5"},
		{"-m1", "-1 - -3"},
		{"m1^2", "1 - 9"},
		{"m1 + m2", "1 - 13"},
		{"m2 / m1", "0 - 3.3333333333333335"},
		{"m1 / m2", "- - 0.3"}, // by the 0 that a missing divisor counts as
		{"m1 > m2", "1 - 0"},
		{"m1 / 0", "- - -"},
		{"m1 > 1", "0 - 1"},
		{"m1 >= 1 AND m1 < 3", "1 - 0"},
		{"m1 == 3 || m1 == 1", "1 - 1"},
		{"m1 != 3", "1 - 0"},
		{"(m1 + 1) * 2", "4 - 8"},
		{"FILL(m1, 0)", "1 0 3"},
		{"FILL(m2, 0) + FILL(m1, 0)", "1 0 13"},
		{"FILL(m1, REPEAT)", "1 1 3"},
		{"SUM([m1, m2])", "1 - 13"},
		{"SUM(METRICS())", "1 - 13"},
		{"MAX([m1, m2])", "1 - 10"},
		{"MIN([FILL(m1, 0), FILL(m2, 5)])", "1 0 3"},
		{"AVG(METRICS())", "0.5 - 6.5"},
		{"SUM(METRICS('m1'))", "1 - 3"},
		{"m1 - m1 + SUM(m1)", "4 - 4"}, // of one series: one number
		{"IF(m1 > 2, m1, 0)", "0 - 3"},
		{"ABS(0 - m1)", "1 - 3"},
		{"CEIL(m1 / 2)", "1 - 2"},
		{"FLOOR(m1 / 2)", "0 - 1"},
		{"e2 + 1", "3 - 5"}, // e2 is m1 + 1
	}
	in := &PutMetricAlarmInput{EvaluationPeriods: 1, Threshold: new(1.0), Metrics: []MetricDataQuery{
		{ID: "e1"},
		{ID: "e2", Expression: "m1 + 1", ReturnData: new(false)},
		{ID: "m1", MetricStat: &MetricStat{Metric: Metric{Namespace: "N", MetricName: "m1"}, Period: 60, Stat: "Sum"}, ReturnData: new(false)},
		{ID: "m2", MetricStat: &MetricStat{Metric: Metric{Namespace: "N", MetricName: "m2"}, Period: 60, Stat: "Sum"}, ReturnData: new(false)},
	}}
	for _, tt := range tests {
		in.Metrics[0].Expression = tt.expression
		points, err := r.mathPoints(in, 3)
		if err != nil {
			t.Errorf("%s: %v", tt.expression, err)
			continue
		}
		if got := show(points); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.expression, got, tt.want)
		}
	}
	for _, bad := range []string{
		"", "m1 +", "(m1", "m9", "m1 m2", "FILL(m1)", "IF(m1, 1)", "IF(1, m1, m2)", "SEARCH('x', 'Sum', 300)", "ANOMALY_DETECTION_BAND(m1)", "m1 ? 2", "'x", "1 + 1",
		"e1", "[m1, m2]", "METRICS()", strings.Repeat("(", 1000), "SELECT SUM(x) FROM y",
	} {
		in.Metrics[0].Expression = bad
		if points, err := r.mathPoints(in, 3); err == nil {
			t.Errorf("%q: got %s, want an error", bad, show(points))
		}
	}
}

// show writes datapoints with the newest on the right.
func show(points []point) string {
	var fields []string
	for _, p := range points {
		field := "-"
		if p.present {
			field = fmt.Sprint(p.value)
		}
		fields = append([]string{field}, fields...)
	}
	return strings.Join(fields, " ")
}

func TestRules(t *testing.T) {
	states := map[string]string{"a": StateAlarm, "b": StateOK, "c": StateInsufficientData, "the (d), \"x\"": StateAlarm}
	state := func(name string) string { return states[name] }
	tests := []struct {
		rule string
		want bool
	}{
		{"ALARM(a)", true},
		{`ALARM("a")`, true},
		{`alarm ( "b" )`, false},
		{"OK(b)", true},
		{"INSUFFICIENT_DATA(c)", true},
		{"TRUE", true},
		{"FALSE", false},
		{"NOT ALARM(b)", true},
		{"ALARM(a) AND ALARM(b)", false},
		{"ALARM(a) OR ALARM(b)", true},
		{"ALARM(b) AND ALARM(b) OR ALARM(a)", true},
		{"ALARM(b) AND (ALARM(b) OR ALARM(a))", false},
		{"NOT (ALARM(b) OR OK(a))", true},
		{`ALARM("the (d), \"x\"")`, true},
		{"AT_LEAST(1, ALARM, (a, b, c))", true},
		{"AT_LEAST(2, ALARM, (a, b, c))", false},
		{"AT_LEAST(2, NOT OK, (a, b, c))", true},
		{"AT_LEAST(50%, ALARM, (a, b))", true},
		{"AT_LEAST(51%, ALARM, (a, b))", false},
		{"ALARM(nosuch)", false},
	}
	for _, tt := range tests {
		r, err := parseRule(tt.rule)
		if err != nil {
			t.Errorf("%s: %v", tt.rule, err)
			continue
		}
		if got := r.holds(state); got != tt.want {
			t.Errorf("%s: %v", tt.rule, got)
		}
	}
	for _, bad := range []string{
		"", "ALARM", "ALARM()", "ALARM(a", "ALARM(a) ALARM(b)", "a", "ALARM(a) AND", "NOT", "(TRUE", "TRUE)", "ALARM(a, b)", `ALARM("a)`, "AT_LEAST(ALARM, (a))",
		"AT_LEAST(1, SICK, (a))", "AT_LEAST(1, ALARM, a)", strings.Repeat("(", 1000), strings.Repeat("NOT ", 1000) + "TRUE", "TRUEISH",
	} {
		if _, err := parseRule(bad); err == nil {
			t.Errorf("%.40q was parsed", bad)
		}
	}
	r, err := parseRule("ALARM(a) AND NOT (OK(b) OR AT_LEAST(1, OK, (c)))")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(r.names()); got != "map[a:true b:true c:true]" {
		t.Errorf("the rule names %s", got)
	}
}
