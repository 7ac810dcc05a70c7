package alarm

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
)

// queries reads "m1 m2:Average e1=m1+m2": metrics with their statistic, Sum
// when not given, and expressions without spaces, the last of all watched.
func queries(textual string) []Query {
	var out []Query
	for _, f := range strings.Fields(textual) {
		q := Query{Statistic: "Sum", Period: 300}
		var isExpression, named bool
		if q.ID, q.Expression, isExpression = strings.Cut(f, "="); isExpression {
			q.Statistic, q.Period = "", 0
		} else if q.ID, f, named = strings.Cut(q.ID, ":"); named {
			q.Statistic = f
		}
		out = append(out, q)
	}
	out[len(out)-1].ReturnData = true
	return out
}

// values reads "m1=1 m2=-": a dash is no datapoint.
func values(textual string) map[string]*float64 {
	out := map[string]*float64{}
	for _, f := range strings.Fields(textual) {
		id, number, _ := strings.Cut(f, "=")
		out[id] = nil
		if v, err := strconv.ParseFloat(number, 64); err == nil {
			out[id] = &v
		}
	}
	return out
}

func TestMath(t *testing.T) {
	tests := []struct {
		expression, values, want string
	}{
		{"m1", "m1=3 m2=-", "3"},
		{"m1", "m1=- m2=1", "-"},
		{"(m1)", "m1=3 m2=-", "3"},
		{"FILL(m1,0)", "m1=- m2=-", "0"},
		{"FILL(m1,0)", "m1=3 m2=-", "3"},
		{"FILL(m1,-1.5)", "m1=- m2=-", "-1.5"},
		{"m1+m2", "m1=1 m2=2", "3"},
		{"m1+m2", "m1=1 m2=-", "1"},
		{"m1+m2", "m1=- m2=-", "-"},
		{"m1-m2", "m1=- m2=2", "-2"},
		{"m1-m2-m1", "m1=1 m2=2", "-2"},
		{"m1*5", "m1=2 m2=-", "10"},
		{"5*m1", "m1=- m2=-", "-"},
		{"m1+1", "m1=- m2=-", "-"},
		{"1-m1", "m1=3 m2=-", "-2"},
		{"m1/4", "m1=2 m2=-", "0.5"},
		{"m1/0", "m1=2 m2=-", "-"},
		{"-m1", "m1=2 m2=-", "-2"},
		{"--m1", "m1=2 m2=-", "2"},
		{"m1+m2*2", "m1=1 m2=2", "5"},
		{"(m1+m2)*2", "m1=1 m2=2", "6"},
		{"m1*2/4", "m1=2 m2=-", "1"},
		{"m1*(6/3)", "m1=2 m2=-", "4"},
		{"m1>1", "m1=2 m2=-", "1"},
		{"m1>2", "m1=2 m2=-", "0"},
		{"m1>=2", "m1=2 m2=-", "1"},
		{"m1<2", "m1=2 m2=-", "0"},
		{"m1<=2", "m1=2 m2=-", "1"},
		{"m1==2", "m1=2 m2=-", "1"},
		{"m1!=2", "m1=2 m2=-", "0"},
		{"m1>0", "m1=- m2=-", "-"},
		{"m1+m2>2", "m1=1 m2=2", "1"},
		{"m1*(2>1)", "m1=3 m2=-", "3"},
		{"SUM(METRICS())", "m1=1 m2=2", "3"},
		{"SUM(METRICS())", "m1=1 m2=-", "1"},
		{"SUM(METRICS())", "m1=- m2=-", "-"},
		{"SUM(METRICS(\"2\"))", "m1=1 m2=2", "2"},
		{"SUM([m1,m2,m2])", "m1=1 m2=2", "5"},
		{"SUM([])", "m1=1 m2=2", "-"},
		{"SUM(METRICS()*2)", "m1=1 m2=2", "6"},
		{"SUM([m1,METRICS()])", "m1=1 m2=2", "4"},
		{"SUM(2-[m1,m2])", "m1=1 m2=5", "-2"},
		{"SUM(m1+[m1,m2])", "m1=1 m2=-", "3"},
		{"SUM(FILL(METRICS(),1))", "m1=- m2=-", "2"},
		{"MAX([m1,m2])", "m1=1 m2=2", "2"},
		{"MAX([m1,m2])", "m1=- m2=-2", "-2"},
		{"MAX([m1>0,m2>0])", "m1=0 m2=2", "1"},
		{"[m1]", "m1=4 m2=-", "4"},
		{"IF(m1>0,1,0)", "m1=2 m2=-", "1"},
		{"IF(m1>0,1,0)", "m1=0 m2=-", "0"},
		{"IF(m1>0,1,0)", "m1=- m2=-", "-"},
		{"IF(m1>0,m2,m1)", "m1=2 m2=5", "5"},
		{"IF(m1>0,m2,m1)", "m1=0 m2=5", "0"},
		{"IF(m1>0,m2,0)", "m1=2 m2=-", "-"},
		{"IF(FILL(m1,0)>=1,1,0)", "m1=- m2=-", "0"},
		{"IF(m1-m2,10,0)+1", "m1=2 m2=2", "1"},
	}
	for _, tt := range tests {
		got, err := Math(queries("m1 m2 e1="+tt.expression), values(tt.values))
		if err != nil {
			t.Errorf("%s: %v", tt.expression, err)
			continue
		}
		text := "-"
		if got != nil {
			text = number(*got)
		}
		if text != tt.want {
			t.Errorf("%s with %s: got %s, want %s", tt.expression, tt.values, text, tt.want)
		}
	}
}

// The table of "Using metric math" on comparisons; the row with AND is not
// understood.
func TestMathTable(t *testing.T) {
	for _, tt := range []struct {
		expression string
		want       [4]float64
	}{
		{"m1<m2", [4]float64{0, 0, 1, 0}},
		{"m1>=30", [4]float64{1, 0, 0, 0}},
	} {
		for i, in := range []string{"m1=30 m2=20", "m1=20 m2=-", "m1=0 m2=20", "m1=0 m2=-"} {
			got, err := Math(queries("m1 m2 e1="+tt.expression), values(in))
			if err != nil || got == nil || *got != tt.want[i] {
				t.Errorf("%s with %s: got %v, %v, want %v", tt.expression, in, got, err, tt.want[i])
			}
		}
	}
}

func TestMathQueries(t *testing.T) {
	chained := "m1 e1=m1*2 e2=e1+m1 e3=SUM([e1,e2])"
	if got, err := Math(queries(chained), values("m1=1")); err != nil || got == nil || *got != 5 {
		t.Errorf("%s: %v, %v", chained, got, err)
	}
	if got, err := Math([]Query{{ID: "m1", Statistic: "Sum"}}, values("m1=7")); err != nil || got == nil || *got != 7 {
		t.Errorf("a metric alone: %v, %v", got, err)
	}
	// SUM of the metrics leaves expressions out.
	if got, err := Math(queries("m1 e1=m1*2 e2=SUM(METRICS())"), values("m1=1")); err != nil || got == nil || *got != 1 {
		t.Errorf("METRICS: %v, %v", got, err)
	}
}

func TestMathErrors(t *testing.T) {
	double := "m1 e0=[m1,m1]"
	for i := range 20 {
		double += fmt.Sprintf(" e%d=[e%d,e%d]", i+1, i, i)
	}
	tests := []struct{ queries, want string }{
		{"m1 e1=m1*m1", "expression e1: series * series is not understood"},
		{"m1 e1=1/m1", "expression e1: series / series is not understood"},
		{"m1 e1=m1/(1/0)", "expression e1: a number divided by zero"},
		{"m1 e1=RATE(m1)", "expression e1: function RATE is not understood"},
		{"m1 e1=ANOMALY_DETECTION_BAND(m1,2)", "expression e1: function ANOMALY_DETECTION_BAND is not understood"},
		{"m1 e1=IF(m1>0,1)", "expression e1: only IF with three arguments is understood"},
		{"m1 e1=IF(1,m1,0)", "expression e1: only IF over one series is understood"},
		{"m1 m2 e1=IF(m1,[m1,m2],0)", "expression e1: only IF over one series is understood"},
		{"m1 m2 e1=IF(METRICS(),1,0)", "expression e1: only IF over one series is understood"},
		{"m1 e1=SUM(m1)", "expression e1: SUM over the time of one series is not understood"},
		{"m1 e1=m1+MAX(m1)", "expression e1: MAX over the time of one series is not understood"},
		{"m1 e1=FILL(m1,REPEAT)", `expression e1: "REPEAT" at offset 8 is not understood`},
		{"m1 e1=FILL(m1,m1)", "expression e1: only FILL of series with a number is understood"},
		{"m1 e1=FILL(1,1)", "expression e1: only FILL of series with a number is understood"},
		{"m1 e1=FILL(m1)", "expression e1: FILL takes two arguments"},
		{"m1 e1=SUM(m1,m1)", "expression e1: SUM takes one argument"},
		{"m1 e1=SUM([1])", "expression e1: a number is not a series"},
		{"m1 e1=[m1]+[m1]", "expression e1: lists + lists are not understood"},
		{"m1 e1=METRICS(m1)", "expression e1: the arguments of METRICS are not understood"},
		{"m1 e1=METRICS(\"a\",\"b\")", "expression e1: the arguments of METRICS are not understood"},
		{"m1 m2 e1=METRICS()", "expression e1: it does not give one series"},
		{"m1 e1=1+1", "expression e1: it does not give one series"},
		{"m1 e1=\"x\"", "expression e1: a text is not a value"},
		{"m1 e1=m2", "expression m2: that query does not exist"},
		{"m1 e1=e2 e2=e1", "expression e2: expressions refer to each other without end"},
		{"m1 e1=m1+", "expression e1: it ends too early"},
		{"m1 e1=(m1", "expression e1: it ends too early"},
		{"m1 e1=m1)", `expression e1: ")" at offset 2 is not understood`},
		{"m1 e1=m1^2", `expression e1: "^2" at offset 2 is not understood`},
		{"m1 e1=m1&&m1", `expression e1: "&&m1" at offset 2 is not understood`},
		{"m1 e1=M1", `expression e1: "M1" at offset 0 is not understood`},
		{"m1 e1=1.2.3", `expression e1: "1" at offset 0 is not understood`},
		{"m1 e1=[m1", "expression e1: it ends too early"},
		{"m1 e1=\"x", "expression e1: it ends too early"},
		{"e1=SELECT", "expression e1: a Metrics Insights query is not computed"},
		{"m1 e1=m9-m1", "expression m9: that query does not exist"},
		{"m1 m5 e1=m5", "expression e1: metric m5 does not come from a filter that is checked"},
		{"m1 e1=" + strings.Repeat("(", 200), "expression e1: it is nested too deeply"},
		{"m1 e1=" + strings.Repeat("-", 200) + "m1", "expression e1: it is nested too deeply"},
		{"m1 e1=" + strings.Repeat("-", 3000), "expression e1: it is longer than 2048 bytes"},
		{double, "expression e20: more than 500 series"},
	}
	for _, tt := range tests {
		q := queries(tt.queries)
		m, err := compile(q)
		if err == nil {
			_, err = m.metrics()
		}
		if err == nil {
			_, err = Math(q, values("m1=1 m2=1"))
		}
		if err == nil || err.Error() != tt.want {
			t.Errorf("%.60s: got %v, want %q", tt.queries, err, tt.want)
		}
		var e *MathError
		if !errors.As(err, &e) {
			t.Errorf("%.60s: the error is a %T", tt.queries, err)
		}
	}
	for name, q := range map[string][]Query{
		"0 queries return data": nil,
		"2 queries return data": {{ID: "m1", ReturnData: true}, {ID: "m2", ReturnData: true}},
	} {
		if _, err := Math(q, nil); err == nil || err.Error() != name {
			t.Errorf("got %v, want %s", err, name)
		}
	}
}

func TestJudgeMath(t *testing.T) {
	zero := 0.0
	fed, quiet, nothing := busy(1, 0), Series{Quiet: true, Default: &zero}, Series{Quiet: true}
	unknown := "unknown alarm-math"
	tests := []struct {
		name     string
		queries  string
		settings Settings
		in       map[string]Series
		want     string
	}{
		{"a bare id", "m1 e1=m1", usual(nil), map[string]Series{"m1": fed}, ""},
		{"a bare metric", "m1", usual(nil), map[string]Series{"m1": fed}, ""},
		{"a bare metric, sparse", "m1", usual(nil), map[string]Series{"m1": sparse(1)}, ""},
		{"a sum", "m1 m2 e1=m1+m2", usual(nil), map[string]Series{"m1": fed, "m2": quiet}, ""},
		{"a sum with a metric that nothing writes", "m1 m2 e1=m1+m2", usual(nil), map[string]Series{"m1": fed, "m2": nothing}, ""},
		{"SUM(METRICS())", "m1 m2 e1=SUM(METRICS())", usual(nil), map[string]Series{"m1": fed, "m2": quiet}, ""},
		{"MAX", "m1 m2 e1=MAX([m1,m2])", usual(nil), map[string]Series{"m1": fed, "m2": quiet}, ""},
		{"a comparison", "m1 e1=m1>0", usual(nil), map[string]Series{"m1": fed}, ""},
		{"scaled to less", "m1 e1=m1/2", usual(nil), map[string]Series{"m1": fed}, threshold},
		{"scaled to more", "m1 e1=m1*100", with(at("Sum >= 100")), map[string]Series{"m1": fed}, ""},
		{"the value is to blame", "m1 e1=m1", usual(nil), map[string]Series{"m1": busy(0.5, 0)}, "bad metric-value"},
		{"needs two", "m1 e1=m1", with(at("Sum >= 2")), map[string]Series{"m1": fed}, threshold},
		{"an average, diluted", "m1:Average e1=m1", usual(nil), map[string]Series{"m1": fed}, diluted},
		{"an average, any mixture", "m1:Average e1=m1>0", usual(nil), map[string]Series{"m1": fed}, ""},
		{"a percentile", "m1:p90 e1=m1", usual(nil), map[string]Series{"m1": sparse(1)}, ""},
		{"samples counted", "m1:SampleCount e1=m1", usual(nil), map[string]Series{"m1": fed}, stuckBad},
		{"another metric fires all the time", "m1 m2:SampleCount e1=m1+m2", usual(nil), map[string]Series{"m1": fed, "m2": quiet}, stuckBad},
		{"the difference of samples", "m1:SampleCount m2:SampleCount e1=m1-m2", usual(nil), map[string]Series{"m1": sparse(1), "m2": nothing}, ""},
		{"sparse, filled with zero", "m1 e1=FILL(m1,0)", usual(of(900, 1, 1, NotBreaching)), map[string]Series{"m1": sparse(1)}, ""},
		{"sparse, missing data breaching", "m1 e1=m1", usual(of(900, 1, 1, Breaching)), map[string]Series{"m1": sparse(1)}, stuckBad},
		{"filled with zero, missing data breaching", "m1 e1=FILL(m1,0)", usual(of(900, 1, 1, Breaching)), map[string]Series{"m1": sparse(1)}, ""},
		{"filled with a breach", "m1 e1=FILL(m1,1)", usual(nil), map[string]Series{"m1": sparse(1)}, stuckBad},
		{"inverted", "m1 e1=1-m1", with(at("Sum <= 0")), map[string]Series{"m1": fed}, ""},
		{"two of two", "m1 e1=m1", usual(of(300, 2, 2, Missing)), map[string]Series{"m1": sparse(1)}, byChance},
		{"two of two, filled", "m1 e1=FILL(m1,0)", usual(of(300, 2, 2, Missing)), map[string]Series{"m1": sparse(1)}, needsMore},
		{"a metric of someone else", "m1 m2 e1=m1+m2", usual(nil), map[string]Series{"m1": fed}, unknown},
		{"a metric of someone else, unused", "m1 m2 e1=m1", usual(nil), map[string]Series{"m1": fed}, ""},
		{"a function", "m1 e1=RATE(m1)", usual(nil), map[string]Series{"m1": fed}, unknown},
		{"no metric", "m1 e1=1", usual(nil), map[string]Series{"m1": fed}, unknown},
		{"a cycle", "m1 e1=e2 e2=e1+m1", usual(nil), map[string]Series{"m1": fed}, unknown},
		{"an unknown statistic", "m1:Median e1=m1", usual(nil), map[string]Series{"m1": fed}, notKnown},
		{"Metrics Insights", "e1=SELECT", usual(nil), nil, notKnown},
		{"an anomaly band", "m1 e1=ANOMALY_DETECTION_BAND(m1,2)", usual(func(s *Settings) { s.Threshold = nil }), map[string]Series{"m1": fed}, notKnown},
		{"comparison not understood", "m1 e1=m1", usual(func(s *Settings) { s.Comparison = "x" }), map[string]Series{"m1": fed}, notKnown},
		{"low samples", "m1:p90 e1=m1", usual(func(s *Settings) { s.LowSample = "ignore" }), map[string]Series{"m1": fed}, needsMore},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := queries(tt.queries)
			for i := range q {
				if q[i].Expression == "" {
					q[i].Period = tt.settings.Period
				}
			}
			tt.settings.Statistic, tt.settings.Period = "", 0
			got := JudgeMath(tt.settings, q, tt.in)
			if summary(got) != tt.want {
				t.Errorf("got %v, want %q", got, tt.want)
			}
		})
	}
	periods := queries("m1 m2 e1=m1+m2")
	periods[1].Period = 60
	if got := summary(JudgeMath(usual(nil), periods, map[string]Series{"m1": fed, "m2": fed})); got != unknown {
		t.Errorf("two periods: %q", got)
	}
}

func TestJudgeMathState(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	since := now.Add(-time.Hour)
	s := usual(func(s *Settings) { s.Period, s.Statistic = 0, "" })
	got := JudgeMathState(s, queries("m1 e1=m1"), map[string]Series{"m1": busy(1, 0)}, State{Name: InAlarm, Since: &since, Now: now})
	if summary(got) != stuckBad {
		t.Errorf("got %v", got)
	}
	since = now.Add(-20 * time.Minute)
	got = JudgeMathState(s, queries("m1 e1=m1"), map[string]Series{"m1": busy(1, 0)}, State{Name: InAlarm, Since: &since, Now: now})
	if len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func FuzzMath(f *testing.F) {
	for _, expression := range []string{
		"m1", "FILL(m1,0)+m2*-2", "SUM(METRICS(\"m\"))/3>=1", "MAX([m1,e2,m2>0])", "-(1.5-m1)", "e1", "[e2,e2]", "IF(m1,1)", "SELECT x",
	} {
		f.Add(expression, "m1+1", 1.0, true)
	}
	f.Fuzz(func(t *testing.T, first, second string, v float64, present bool) {
		q := []Query{
			{ID: "m1", Statistic: "Sum", Period: 300},
			{ID: "m2", Statistic: "p90", Period: 300},
			{ID: "e1", Expression: first, ReturnData: true},
			{ID: "e2", Expression: second},
		}
		in := map[string]*float64{"m1": &v, "m2": nil}
		if present {
			in["m2"] = &v
		}
		got, err := Math(q, in)
		if err != nil {
			if e := (*MathError)(nil); !errors.As(err, &e) || e.Msg == "" {
				t.Fatalf("error %v", err)
			}
			return
		}
		if got != nil && math.IsNaN(*got) && !math.IsNaN(v) && !math.IsInf(v, 0) {
			t.Fatalf("%q gives NaN", first)
		}
		// Parentheses and a redundant scale change nothing.
		q[2].Expression = "(" + first + ")*1"
		if len(q[2].Expression) > maxExpression || math.IsNaN(v) || math.IsInf(v, 0) {
			return
		}
		again, err := Math(q, in)
		if err != nil {
			return // one level deeper may be too deep
		}
		if (got == nil) != (again == nil) || got != nil && *got != *again {
			t.Fatalf("%q: %v, in parentheses %v", first, got, again)
		}
		JudgeMath(usual(nil), q, map[string]Series{"m1": {Value: v}, "m2": {Quiet: true}})
	})
}
