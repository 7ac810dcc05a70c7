package pattern

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

func mustParse(tb testing.TB, text string) *Pattern {
	tb.Helper()
	p, err := Parse(text)
	if err != nil {
		tb.Fatalf("Parse(%q): %v", text, err)
	}
	return p
}

// equalsText reports whether a text equals a value with asterisks.
func equalsText(want, text string, r match.Reading) bool {
	return match.EqualsText(syntax.Value{Text: want}, text, r)
}

// checkVerdicts matches one pattern with several messages.
func checkVerdicts(t *testing.T, text string, want match.Verdict, messages ...string) {
	t.Helper()
	p := mustParse(t, text)
	for _, m := range messages {
		if got := p.Match([]byte(m)); got != want {
			t.Errorf("%s on %.100q: %v, want %v", text, m, got, want)
		}
		if got := p.MatchDecoded(match.Decode([]byte(m))); got != want {
			t.Errorf("%s on decoded %.100q: %v, want %v", text, m, got, want)
		}
	}
}

// TestNodeTable walks through the table of section 6 of the specification: one
// row for each sort of node, one column for each condition.
func TestNodeTable(t *testing.T) {
	conditions := []string{
		`= x`, `= *`, `!= x`, `= 1`, `!= 1`, `< 1`, `<= 1`, `> 1`, `>= 1`, `= %1%`, `!= %1%`,
		`IS NULL`, `IS TRUE`, `IS FALSE`, `NOT EXISTS`,
	}
	for _, c := range []struct{ event, want string }{
		{`{}`, `NOT EXISTS`},
		{`{"a":{}}`, `NOT EXISTS`},
		{`{"b":{"a":1}}`, ``},
		{`{"b":null}`, `IS NULL`},
		{`{"b":true}`, `IS TRUE`},
		{`{"b":false}`, `IS FALSE`},
		{`{"b":{"x":null}}`, ``},
		{`{"b":["x",1]}`, ``},
		{`{"b":["x",null]}`, `IS NULL`},
		{`{"b":[[null]]}`, ``},
		{`{"b":"x"}`, `= x, = *, != 1, != %1%`},
		{`{"b":"1"}`, `= *, != x, = 1, = %1%`},
		{`{"b":"01"}`, `= *, != x, != 1, = %1%`},
		{`{"b":""}`, `= *, != x, != 1, != %1%`},
		{`{"b":1}`, `= *, != x, = 1, <= 1, >= 1, = %1%`},
		{`{"b":1.00}`, `= *, != x, = 1, <= 1, >= 1, = %1%`},
		{`{"b":2}`, `= *, != x, != 1, > 1, >= 1, != %1%`},
		{`{"b":-3}`, `= *, != x, != 1, < 1, <= 1, != %1%`},
		{`{"b":1e309}`, `= *, != x, != %1%`},
	} {
		var holds []string
		for _, cond := range conditions {
			if mustParse(t, `{ $.b `+cond+` }`).Match([]byte(c.event)) == match.Match {
				holds = append(holds, cond)
			}
		}
		if got := strings.Join(holds, ", "); got != c.want {
			t.Errorf("%s satisfies %s, want %s", c.event, got, c.want)
		}
	}
}

// TestWildcardTable does the same for a selector with a wildcard.
func TestWildcardTable(t *testing.T) {
	conditions := []string{`= 2`, `!= 2`, `> 1`, `= %2%`, `IS NULL`, `IS TRUE`, `NOT EXISTS`}
	for _, c := range []struct{ parent, want string }{
		{``, `NOT EXISTS`},
		{`null`, `!= 2, NOT EXISTS`},
		{`2`, `!= 2, NOT EXISTS`},
		{`"2"`, `!= 2, NOT EXISTS`},
		{`[]`, `!= 2, NOT EXISTS`},
		{`{}`, `!= 2, NOT EXISTS`},
		{`[1]`, `!= 2`},
		{`[1,2]`, `= 2, > 1, = %2%`},
		{`{"x":2}`, `= 2, > 1, = %2%`},
		{`["2"]`, `= 2, = %2%`},
		{`[[1,2]]`, `!= 2`},
		{`[[null]]`, `!= 2`},
		{`[null,true]`, `!= 2, IS NULL, IS TRUE`},
		{`{"x":null}`, `!= 2, IS NULL`},
	} {
		event := `{"a":` + c.parent + `}`
		if c.parent == "" {
			event = `{}`
		}
		for _, step := range []string{`[*]`, `.*`} {
			var holds []string
			for _, cond := range conditions {
				if mustParse(t, `{ $.a`+step+` `+cond+` }`).Match([]byte(event)) == match.Match {
					holds = append(holds, cond)
				}
			}
			if got := strings.Join(holds, ", "); got != c.want {
				t.Errorf("%s of %s satisfies %s, want %s", step, event, got, c.want)
			}
		}
	}
}

func TestWildcardInTheMiddle(t *testing.T) {
	checkVerdicts(t, `{ $.a[*].b = 2 }`, match.Match, `{"a":[{"b":1},{"b":2}]}`, `{"a":{"x":{"b":2}}}`)
	checkVerdicts(t, `{ $.a[*].b = 2 }`, match.NoMatch, `{"a":{"b":2}}`, `{"a":[[{"b":2}]]}`, `{}`)
	checkVerdicts(t, `{ $.a[*].b NOT EXISTS }`, match.Match, `{}`, `{"a":[{"c":1},5]}`)
	checkVerdicts(t, `{ $.a[*].b NOT EXISTS }`, match.NoMatch, `{"a":[{"c":1},{"b":null}]}`)
	checkVerdicts(t, `{ $.a[*].b != 2 }`, match.Match, `{"a":[{"c":1}]}`, `{"a":[{"b":1}]}`, `{"a":7}`)
	checkVerdicts(t, `{ $.a[*].b != 2 }`, match.NoMatch, `{"a":[{"b":1},{"b":2}]}`, `{}`)
	checkVerdicts(t, `{ $.*.b[0] = 2 }`, match.Match, `{"x":{"b":[2]}}`)
	checkVerdicts(t, `{ $.* != 2 }`, match.Match, `{}`, `{"a":[2]}`)
	checkVerdicts(t, `{ $.* NOT EXISTS }`, match.Match, `{}`)
	checkVerdicts(t, `{ $.[0] NOT EXISTS }`, match.Match, `{"0":1}`)
}

func TestPaths(t *testing.T) {
	checkVerdicts(t, `{ $.a.b = 2 }`, match.Match, `{"a":{"b":2}}`, "\n {\"a\" : {\"b\":\n2}}\r\n", `{"a":1,"a":{"b":2}}`, `{"\u0061":{"b":2}}`)
	checkVerdicts(t, `{ $.a.b = 2 }`, match.NoMatch, `{"a.b":2}`, `{"a":[{"b":2}]}`, `{"A":{"b":2}}`, `{"a":{"b":2},"a":{}}`, `{"a":"{\"b\":2}"}`)
	checkVerdicts(t, `{ $.['a.b'] = 2 }`, match.Match, `{"a.b":2}`)
	checkVerdicts(t, `{ $.a[1][0] = 2 }`, match.Match, `{"a":[1,[2]]}`)
	checkVerdicts(t, `{ $.a[1] = 2 }`, match.NoMatch, `{"a":{"1":2}}`, `{"a":[2]}`, `{"a":"22"}`)
	checkVerdicts(t, `{ $.a[2147483647] NOT EXISTS }`, match.Match, `{"a":[1]}`)
	checkVerdicts(t, `{ $.a = "\"x\\" }`, match.Match, `{"a":"\"x\\"}`)
}

// TestNotJSON: whatever is not one JSON object matches no JSON pattern, not
// even one that wants nothing of it.
func TestNotJSON(t *testing.T) {
	deep := 100_000
	checkVerdicts(t, `{ $.x NOT EXISTS }`, match.NoMatch,
		"", " ", "x", "null", "1", `"{}"`, "[]", "[{}]", "{", "{}x", "x{}", "{}{}", `{"a":NaN}`, `{"a":1,}`, `{"a":01}`,
		`{'a':1}`, `{} // x`, "\ufeff{}", "{\"a\":\"\n\"}", `{"a":tru`, "\x00{}", "{}\x00", "\u00a0{}",
		strings.Repeat(`{"a":`, deep)+"1"+strings.Repeat("}", deep),
		strings.Repeat(`{"a":`, deep),
	)
	checkVerdicts(t, `{ $.x NOT EXISTS }`, match.Match, "{}", " {} ", "{\"a\":\"\xff\"}",
		strings.Repeat(`{"a":`, 9_000)+"1"+strings.Repeat("}", 9_000))
}

func TestMidAsterisk(t *testing.T) {
	checkVerdicts(t, `{ $.a = Put*Policy }`, match.Undetermined, `{"a":"PutRolePolicy"}`, `{"a":"PutPolicy"}`)
	checkVerdicts(t, `{ $.a != Put*Policy }`, match.Undetermined, `{"a":"PutRolePolicy"}`)
	checkVerdicts(t, `{ $.a = Put*Policy }`, match.Match, `{"a":"Put*Policy"}`)
	checkVerdicts(t, `{ $.a != Put*Policy }`, match.NoMatch, `{"a":"Put*Policy"}`)
	checkVerdicts(t, `{ $.a = Put*Policy }`, match.NoMatch, `{"a":"PutRole"}`, `{"a":true}`, `{}`)
	checkVerdicts(t, `{ $.a = Put*Policy || $.b = 1 }`, match.Match, `{"a":"PutRolePolicy","b":1}`)
	checkVerdicts(t, `{ $.a = Put*Policy && $.a != Put*Policy }`, match.NoMatch, `{"a":"PutRolePolicy"}`)
	checkVerdicts(t, `[a=P*y, b]`, match.Undetermined, `Policy x`)
	checkVerdicts(t, `[a=P*y, b]`, match.NoMatch, `Polic x`)
}

func TestMatchAsterisks(t *testing.T) {
	for _, c := range []struct{ want, text, readings string }{
		{"", "", "literal wildcard"},
		{"", "x", ""},
		{"*", "", "literal wildcard"},
		{"**", "anything", "literal wildcard"},
		{"***", "a*b", "literal wildcard"},
		{"***", "ab", "wildcard"},
		{"a*", "a", "literal wildcard"},
		{"a*", "ba", ""},
		{"*a", "ba", "literal wildcard"},
		{"*a*", "bab", "literal wildcard"},
		{"*a*", "b", ""},
		{"a*b", "a*b", "literal wildcard"},
		{"a*b", "axb", "wildcard"},
		{"a*a", "a", ""},
		{"ab*ba", "aba", ""},
		{"*a*b*", "xaxbx", "wildcard"},
		{"*a*b*", "xa*bx", "literal wildcard"},
		{"a*b*c", "abbc", "wildcard"},
		{"a*bc*c", "abbc", ""},
		{"a?c", "abc", ""},
		{"A*", "ab", ""},
	} {
		var got []string
		if equalsText(c.want, c.text, match.Reading{}) {
			got = append(got, "literal")
		}
		if equalsText(c.want, c.text, match.Reading{MidAsterisk: true}) {
			got = append(got, "wildcard")
		}
		if s := strings.Join(got, " "); s != c.readings {
			t.Errorf("%q on %q: %q, want %q", c.want, c.text, s, c.readings)
		}
	}
}

func TestTerms(t *testing.T) {
	checkVerdicts(t, ``, match.Match, "", "x", "{}")
	checkVerdicts(t, `" "`, match.Match, "a b")
	checkVerdicts(t, `" "`, match.NoMatch, "x", "a\tb")
	checkVerdicts(t, `a-b`, match.Match, "a")
	checkVerdicts(t, `a-b`, match.NoMatch, "a-b", "")
	checkVerdicts(t, `?a ?b`, match.Match, "a", "b")
	checkVerdicts(t, `?a ?b`, match.NoMatch, "c")
	checkVerdicts(t, `?a c`, match.Match, "c")
	checkVerdicts(t, `?a -c`, match.NoMatch, "ac")
	checkVerdicts(t, `"\"a\":"`, match.Match, `{"a":1}`)
	checkVerdicts(t, `"a" - "b"`, match.Undetermined, "ab", "a")
	checkVerdicts(t, `"a" - "b"`, match.NoMatch, "b", "c")
	checkVerdicts(t, `%^a.c$%`, match.Match, "abc", "abc\n")
	checkVerdicts(t, `%^a.c$%`, match.NoMatch, "abcd", "a\nc")
	checkVerdicts(t, `%a*a*a*a*b%`, match.NoMatch, strings.Repeat("a", 1<<16))
}

func TestDelimited(t *testing.T) {
	checkVerdicts(t, `[]`, match.Match, "", "x", "a b")
	checkVerdicts(t, `[...]`, match.Match, "", "x", "a b")
	checkVerdicts(t, `[a]`, match.Match, "x", "a b")
	checkVerdicts(t, `[a]`, match.NoMatch, "", " \r\n")
	checkVerdicts(t, `[a=1]`, match.Match, "1", "1.0", "+1", " 1 ", `"1"`, "[1]", "1e0")
	checkVerdicts(t, `[a=1]`, match.NoMatch, "1 2", "01x", "1e", "one")
	checkVerdicts(t, `[a="1"]`, match.Match, "1")
	checkVerdicts(t, `[a="1"]`, match.NoMatch, "1.0")
	checkVerdicts(t, `[a!=1]`, match.Match, "2", "x", "1e309")
	checkVerdicts(t, `[a!=1]`, match.NoMatch, "1.0")
	checkVerdicts(t, `[a>1, b]`, match.Match, "2 x", "1.5 x")
	checkVerdicts(t, `[a>1, b]`, match.NoMatch, "1 x", "x x", "1e309 x", "2")
	checkVerdicts(t, `[a=1e309]`, match.NoMatch, "1e309")
	checkVerdicts(t, `[a=%^b$%]`, match.Match, "b")
	checkVerdicts(t, `[a="x y", b="\"c\" d"]`, match.Match, `"x y" "c" d`)
	checkVerdicts(t, `[a="", b]`, match.Match, `"" x`, `[] x`)
	checkVerdicts(t, `[..., a=x]`, match.Match, "x", "b x", "b [x]")
	checkVerdicts(t, `[..., a=x]`, match.NoMatch, "", "x b")
	checkVerdicts(t, `[a=x, ..., b=y]`, match.Match, "x y", "x z z y")
	checkVerdicts(t, `[a=x, ..., b=y]`, match.NoMatch, "x", "xy")
	checkVerdicts(t, `[..., a=x, b]`, match.Match, `"x"y`, `z [x][y]`)
}

func TestExtract(t *testing.T) {
	for _, c := range []struct{ pattern, message, want string }{
		{`x`, `x`, `map[]`},
		{`[a, , c]`, `1 "2 3" 4 5`, `map[$2:2 3 $a:1 $c:4 5]`},
		{`[a, ..., z]`, `1 2 3 4`, `map[$2:2 $3:3 $a:1 $z:4]`},
		{`[..., , z]`, `1 2 3`, `map[$1:1 $2:2 $z:3]`},
		{`[]`, `1 2`, `map[$1:1 $2:2]`},
		{`[a=2]`, `1`, `map[]`},
	} {
		got := mustParse(t, c.pattern).Extract([]byte(c.message))
		if s := fmt.Sprint(got); s != c.want {
			t.Errorf("%s on %s: %s, want %s", c.pattern, c.message, s, c.want)
		}
	}
	if mustParse(t, `[a=2]`).Extract([]byte("1")) != nil {
		t.Error("fields of a message that does not match")
	}
}

func TestVerdictString(t *testing.T) {
	for v, want := range map[match.Verdict]string{match.NoMatch: "no match", match.Match: "match", match.Undetermined: "undetermined"} {
		if got := v.String(); got != want {
			t.Errorf("verdict %d is %q, want %q", int8(v), got, want)
		}
	}
}

func TestKind(t *testing.T) {
	for text, want := range map[string]string{
		" ": "all", "x": "terms", "-x": "terms", "%x%": "regex", "{$.a=1}": "json", "[a]": "delimited",
	} {
		if got := mustParse(t, text).Kind().String(); got != want {
			t.Errorf("kind of %q: %s, want %s", text, got, want)
		}
	}
}

// TestLargeMessages: matching takes memory proportional to the message, and
// time that is not noticed.
func TestLargeMessages(t *testing.T) {
	const size = 1 << 20
	for _, message := range []string{
		strings.Repeat("[ ", size/2),
		strings.Repeat(`" `, size/2),
		strings.Repeat("a", size),
		strings.Repeat("\n", size),
		`{"a":` + strings.Repeat("9", size) + `}`,
		`{"a":0.` + strings.Repeat("9", size) + `}`,
		`{"a":1e` + strings.Repeat("9", size) + `}`,
		`{"a":"` + strings.Repeat("a", size) + `"}`,
		`{"a":[` + strings.Repeat("0,", size/2) + `0]}`,
		`{"a":0` + strings.Repeat(`,"a":0`, size/6) + `}`,
	} {
		for _, text := range []string{
			`[..., a>1, b="*b*c*d", c]`,
			`{$.a>1e-2147483647||$.a="*a*b*c*d*"||$.a=1e309||$.a[*]=1||$.*=x}`,
		} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			mustParse(t, text).Match([]byte(message))
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 128*size {
				t.Errorf("%s on %.10s...: %d MB", text, message, used/size)
			}
		}
	}
}
