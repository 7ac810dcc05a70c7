package alarm

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// states reads "a=ALARM b=OK"; alarms that are not in it are not known.
func states(text string) func(string) (string, bool) {
	m := map[string]string{}
	for _, f := range strings.Fields(text) {
		name, state, _ := strings.Cut(f, "=")
		m[name] = state
	}
	return func(name string) (string, bool) {
		s, ok := m[name]
		return s, ok
	}
}

func TestRuleEval(t *testing.T) {
	const arn = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:"
	tests := []struct {
		rule, states string
		want         Truth
	}{
		{"ALARM(a)", "a=ALARM", True},
		{"ALARM(a)", "a=OK", False},
		{"ALARM(a)", "", Undecided},
		{`ALARM("a")`, "a=ALARM", True},
		{` ALARM ( "a" ) `, "a=ALARM", True},
		{"ALARM(" + arn + "a)", "a=ALARM", True},
		{`ALARM("` + arn + `a:b")`, "a:b=ALARM", True},
		{"OK(a)", "a=OK", True},
		{"OK(a)", "a=INSUFFICIENT_DATA", False},
		{"INSUFFICIENT_DATA(a)", "a=INSUFFICIENT_DATA", True},
		{"TRUE", "", True},
		{"FALSE", "", False},
		{"False", "", False},
		{"NOT TRUE", "", False},
		{"NOT ALARM(a)", "a=OK", True},
		{"NOT ALARM(a)", "", Undecided},
		{"NOT NOT (TRUE)", "", True},
		{"ALARM(a) AND ALARM(b)", "a=ALARM b=ALARM", True},
		{"ALARM(a) AND ALARM(b)", "a=ALARM b=OK", False},
		{"ALARM(a) AND ALARM(b)", "a=ALARM", Undecided},
		{"ALARM(a) AND ALARM(b)", "a=OK", False},
		{"ALARM(a) OR ALARM(b)", "a=ALARM", True},
		{"ALARM(a) OR ALARM(b)", "a=OK b=OK", False},
		{"ALARM(a) OR ALARM(b)", "a=OK", Undecided},
		{"ALARM(a) or ALARM(b)", "a=ALARM", True},
		{"alarm(a)", "a=ALARM", True},
		{"(ALARM(a) OR ALARM(b)) AND OK(c)", "a=ALARM b=OK c=OK", True},
		{"(ALARM(a) OR ALARM(b)) AND OK(c)", "a=ALARM b=OK c=ALARM", False},
		{"ALARM(a) AND NOT ALARM(b)", "a=ALARM b=OK", True},
		{"ALARM(a) AND NOT ALARM(b)", "a=ALARM b=ALARM", False},

		// AND before OR, or from left to right: only where both agree.
		{"ALARM(a) OR ALARM(b) AND ALARM(c)", "a=ALARM b=OK c=OK", Undecided},
		{"ALARM(a) OR ALARM(b) AND ALARM(c)", "a=ALARM b=ALARM c=ALARM", True},
		{"ALARM(a) OR ALARM(b) AND ALARM(c)", "a=OK b=ALARM c=OK", False},
		{"ALARM(a) OR (ALARM(b) AND ALARM(c))", "a=ALARM b=OK c=OK", True},
		{"ALARM(a) AND ALARM(b) OR ALARM(c)", "a=OK b=ALARM c=ALARM", True},

		{"AT_LEAST(2, ALARM, (a, b, c, d))", "a=ALARM b=OK c=ALARM d=OK", True},
		{"AT_LEAST(2, ALARM, (a, b, c, d))", "a=ALARM b=OK c=OK d=OK", False},
		{"AT_LEAST(2, ALARM, (a, b, c, d))", "a=ALARM b=OK c=OK", Undecided},
		{"AT_LEAST(2, ALARM, (a, b, c, d))", "a=OK b=OK c=OK", False},
		{"AT_LEAST(2, ALARM, (a, b, c, d))", "a=ALARM b=ALARM", True},
		{"AT_LEAST(50%, OK, (a, b, c, d))", "a=OK b=OK c=ALARM d=ALARM", True},
		{"AT_LEAST(51%, OK, (a, b, c, d))", "a=OK b=OK c=ALARM d=ALARM", False},
		{`AT_LEAST("50%", OK, ("a", "b"))`, "a=OK b=ALARM", True},
		{"AT_LEAST(1, NOT OK, (a, b))", "a=OK b=INSUFFICIENT_DATA", True},
		{"AT_LEAST(1, NOT OK, (a, b))", "a=OK b=OK", False},
		{"AT_LEAST(1, INSUFFICIENT_DATA, (" + arn + "a))", "a=INSUFFICIENT_DATA", True},
		{"AT_LEAST(1,ALARM,(a))AND NOT ALARM(m)", "a=ALARM m=OK", True},
		{"at_least(1, not alarm, (a))", "a=OK", True},
	}
	for _, tt := range tests {
		r, err := ParseRule(tt.rule)
		if err != nil {
			t.Errorf("%s: %v", tt.rule, err)
			continue
		}
		if got := r.Eval(states(tt.states)); got != tt.want {
			t.Errorf("%s with %q: got %v, want %v", tt.rule, tt.states, got, tt.want)
		}
	}
}

func TestRuleNames(t *testing.T) {
	tests := []struct {
		rule string
		want []string
	}{
		{"ALARM(b) AND NOT (OK(a) OR ALARM(b))", []string{"b", "a"}},
		{`ALARM("with space, (and) \"quotes\"")`, []string{`with space, (and) "quotes"`}},
		{`OK(C:\)`, []string{`C:\`}},
		{`ALARM("C:\dir")`, []string{`C:\dir`}},
		{"AT_LEAST(1, ALARM, (x, y)) OR OK(arn:aws-cn:cloudwatch:cn-north-1:111122223333:alarm:z)", []string{"x", "y", "z"}},
		{"OK(arn:aws:sns:eu-west-1:111122223333:alarm:z)", []string{"arn:aws:sns:eu-west-1:111122223333:alarm:z"}},
		{"OK(AND)", []string{"AND"}},
		{"TRUE", nil},
	}
	for _, tt := range tests {
		r, err := ParseRule(tt.rule)
		if err != nil {
			t.Errorf("%s: %v", tt.rule, err)
			continue
		}
		if got := r.Names(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.rule, got, tt.want)
		}
	}
}

func TestParseRuleErrors(t *testing.T) {
	tests := []struct{ rule, want string }{
		{"", "offset 0: expected a condition"},
		{"  ", "offset 2: expected a condition"},
		{"ALARM", "offset 5: expected '('"},
		{"ALARM()", "offset 6: expected the name of an alarm"},
		{`ALARM("")`, "offset 8: expected the name of an alarm"},
		{"ALARM(a", "offset 7: expected ')'"},
		{"ALARM(a b)", "offset 8: expected ')'"},
		{`ALARM("a)`, "offset 9: expected a closing quote"},
		{"ALARM(a) ALARM(b)", "offset 9: expected AND, OR or the end"},
		{"ALARM(a) AND", "offset 12: expected a condition"},
		{"AND ALARM(a)", `offset 0: expected a condition, not "AND"`},
		{"(ALARM(a)", "offset 9: expected ')'"},
		{"ALARM(a))", "offset 8: expected AND, OR or the end"},
		{"a", `offset 0: expected a condition, not "a"`},
		{"TRUE AND MOST(a)", `offset 9: function "MOST" is not understood`},
		{"AT_LEAST(x, ALARM, (a))", `offset 9: expected a number or percentage, not "x"`},
		{"AT_LEAST(101%, ALARM, (a))", `offset 9: expected a number or percentage, not "101%"`},
		{"AT_LEAST(-1, ALARM, (a))", `offset 9: expected a number or percentage, not "-1"`},
		{"AT_LEAST(1, LOUD, (a))", `offset 12: expected a state, not "LOUD"`},
		{"AT_LEAST(1, ALARM, a)", "offset 19: expected '('"},
		{"AT_LEAST(1, ALARM, ())", "offset 20: expected the name of an alarm"},
		{"AT_LEAST(1, ALARM, (a,))", "offset 22: expected the name of an alarm"},
		{strings.Repeat("(", 600) + "TRUE", "offset 501: nested too deeply"},
		{strings.Repeat("NOT ", 600) + "TRUE", "offset 2003: nested too deeply"},
		{strings.Repeat(" ", maxRule) + "TRUE", "offset 10240: a rule of 10244 bytes is longer than 10240"},
	}
	for _, tt := range tests {
		r, err := ParseRule(tt.rule)
		if err == nil {
			t.Errorf("%.40q: parsed as %s", tt.rule, r)
			continue
		}
		if err.Error() != tt.want {
			t.Errorf("%.40q: got %q, want %q", tt.rule, err, tt.want)
		}
	}
	_, err := ParseRule("MOST(a)")
	var unknown *UnknownFunctionError
	if !errors.As(err, &unknown) || unknown.Name != "MOST" {
		t.Errorf("an unknown function gives %T", err)
	}
}

func TestTruthString(t *testing.T) {
	for v, want := range map[Truth]string{False: "false", Undecided: "undecided", True: "true", 7: "true", -1: "false"} {
		if got := v.String(); got != want {
			t.Errorf("Truth(%d) = %q, want %q", v, got, want)
		}
	}
}

func FuzzParseRule(f *testing.F) {
	for _, rule := range []string{
		"ALARM(a) AND NOT (OK(b) OR INSUFFICIENT_DATA(\"c d\"))", "AT_LEAST(50%, NOT OK, (a, \"b\", c))", "TRUE", `ALARM("\"")`,
		"NOT NOT FALSE OR TRUE AND FALSE", "ALARM(arn:aws:cloudwatch:eu-west-1:1:alarm:x)", "MOST(a)", "((((",
	} {
		f.Add(rule)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRule(text)
		if err != nil {
			checkOffset(t, text, err)
			return
		}
		printed := r.String()
		if len(printed) > maxRule {
			return
		}
		again, err := ParseRule(printed)
		if err != nil {
			t.Fatalf("%q is printed as %q: %v", text, printed, err)
		}
		if again.String() != printed {
			t.Fatalf("%q, then %q", printed, again)
		}
		// What is decided with no alarm known stays so whatever their states.
		blind := r.Eval(func(string) (string, bool) { return "", false })
		for _, s := range []string{OK, InAlarm, InsufficientData} {
			got := r.Eval(func(string) (string, bool) { return s, true })
			if blind != Undecided && got != blind && got != Undecided {
				t.Fatalf("%s: %v without states, %v in %s", printed, blind, got, s)
			}
			if other := again.Eval(func(string) (string, bool) { return s, true }); other != got {
				t.Fatalf("%q is %v, printed as %q it is %v", text, got, printed, other)
			}
		}
	})
}

// checkOffset demands that an error lies inside the text.
func checkOffset(t *testing.T, text string, err error) {
	t.Helper()
	var syntax *SyntaxError
	var unknown *UnknownFunctionError
	offset := -1
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &unknown):
		offset = unknown.Offset
	}
	if offset < 0 || offset > len(text) {
		t.Fatalf("%q: %v lies outside", text, err)
	}
}
