package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/trinosql"
)

// sqlVectors are patterns with the events that they select on Trino.
type sqlVectors struct {
	Events  []string
	Vectors []struct {
		ID, Pattern         string
		Match, Undetermined []int
		Exact               bool
	}
	Refused    []struct{ Pattern string }
	Everything []string
}

func readSQLVectors(t *testing.T) sqlVectors {
	t.Helper()
	data, err := os.ReadFile("../../testdata/sql-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v sqlVectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Events) < 70 || len(v.Vectors) < 185 {
		t.Fatalf("%d events, %d vectors", len(v.Events), len(v.Vectors))
	}
	return v
}

// An answer is what the engine says of a pattern and an event.
type engineAnswer struct{ may, must, doubt bool }

// askTrino translates patterns and asks the engine about each of the events: by
// pattern and event. What is no JSON object is not asked about.
func askTrino(t *testing.T, c *trinoCluster, patterns []*pattern.Pattern, events []string) [][]engineAnswer {
	t.Helper()
	out := make([][]engineAnswer, len(patterns))
	const batch = 40
	for from := 0; from < len(patterns); from += batch {
		part := patterns[from:min(from+batch, len(patterns))]
		var columns trinosql.Columns
		var flags []string
		for i, p := range part {
			out[from+i] = make([]engineAnswer, len(events))
			sql, err := trinosql.Translate(p, &columns)
			if err != nil {
				t.Fatalf("%s: %v", p.Text(), err)
			}
			doubt := sql.Doubt()
			if doubt == "" {
				doubt = "false"
			}
			for _, condition := range []string{sql.May(), sql.Must(), doubt} {
				flags = append(flags, "CASE WHEN "+condition+" THEN '1' ELSE '0' END")
			}
		}
		for _, row := range c.rows(t, statementOf(events, &columns, flags)) {
			var e int
			if _, err := fmt.Sscan(row[0], &e); err != nil {
				t.Fatal(err)
			}
			for i := range part {
				flags := row[1+3*i:]
				out[from+i][e] = engineAnswer{flags[0] == "1", flags[1] == "1", flags[2] == "1"}
			}
		}
	}
	return out
}

func statementOf(events []string, columns *trinosql.Columns, flags []string) string {
	var values []string
	for i, e := range events {
		values = append(values, fmt.Sprintf("(%d, %s)", i, trinosql.Literal(e)))
	}
	with := func(list []string) string { return strings.Join(append([]string{"*"}, list...), ", ") }
	return fmt.Sprintf(`WITH t(i, raw) AS (VALUES %s), e AS (SELECT i, try(json_parse(raw)) AS d FROM t), o AS (SELECT i, d FROM e WHERE substr(json_format(d), 1, 1) = '{'),
x AS (SELECT %s FROM o), f AS (SELECT %s FROM x), r AS (SELECT %s FROM f) SELECT CAST(i AS varchar), %s FROM r`,
		strings.Join(values, ", "), with(columns.Values()), with(columns.Texts()), with(columns.Comparables()), strings.Join(flags, ", "))
}

func parseAll(t *testing.T, texts []string) []*pattern.Pattern {
	t.Helper()
	var list []*pattern.Pattern
	for _, text := range texts {
		p, err := pattern.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		list = append(list, p)
	}
	return list
}

// testSQLVectors: every pattern selects the events that it must, and the others are
// refused.
func testSQLVectors(t *testing.T, c *trinoCluster) {
	v := readSQLVectors(t)
	var texts []string
	for _, x := range v.Vectors {
		texts = append(texts, x.Pattern)
	}
	patterns := parseAll(t, texts)
	answers := askTrino(t, c, patterns, v.Events)
	inexact := 0
	for i, x := range v.Vectors {
		predicate, err := trinosql.Translate(patterns[i], &trinosql.Columns{})
		if err != nil {
			t.Fatal(err)
		}
		exact := predicate.May() == predicate.Must()
		if !exact {
			inexact++
		}
		if x.Exact && !exact {
			t.Errorf("%s %s: is not exact", x.ID, x.Pattern)
		}
		for e, a := range answers[i] {
			match, undetermined := slices.Contains(x.Match, e), slices.Contains(x.Undetermined, e)
			switch {
			case a.must && !match, (match || undetermined) && !a.may, exact && a.may != match:
				t.Errorf("%s %s on %s: must %t, may %t; it matches: %t, undetermined: %t", x.ID, x.Pattern, v.Events[e], a.must, a.may, match, undetermined)
			}
		}
	}
	if inexact > 20 {
		t.Errorf("%d patterns are not exact", inexact)
	}
	for _, x := range v.Refused {
		if _, err := trinosql.Translate(parseAll(t, []string{x.Pattern})[0], &trinosql.Columns{}); !errors.Is(err, trinosql.ErrText) {
			t.Errorf("%s is not refused: %v", x.Pattern, err)
		}
	}
	for _, text := range v.Everything {
		if p, err := trinosql.Translate(parseAll(t, []string{text})[0], &trinosql.Columns{}); err != nil || p.Must() != "(true)" {
			t.Errorf("%q: %v, %v", text, p, err)
		}
	}
}

// The parts of random patterns: what engines are likely to read differently.
var (
	sqlPaths   = []string{"$.a", "$.a", "$.a", "$.b", "$.a[0]", "$.a.b", "$.['0']", "$.a.['0']", "$.a[*]", "$.a.*", "$.*", "$.a[*].b", "$.a[0].b", `$.['q"x']`, `$.['a\b']`, "$.a[1][0]", "$.['-1']"}
	sqlTexts   = []string{`"x"`, `""`, `"*"`, `"x*"`, `"*x"`, `"*x*"`, `"é*"`, `"*é"`, `"it's"`, `"a_b"`, `"a%b"`, `"a\\b"`, `"x'; DROP TABLE t; --"`, `"1"`, `"1.0"`, `"1.0E10"`, `"Infinity"`, `"true"`, `"null"`, `"[1]"`, `"a*b"`, `"*a*b*"`, `"a%*_"`, `"**"`, `"😀"`, `"*😀"`}
	sqlNumbers = []string{"0", "-0", "1", "1.0", "1e0", "+1", "-1", "1e1", "10", "0.1", "1e-7", "1e10", "10000000000", "9007199254740992", "9007199254740993", "9007199254740991.5", "1e309", "-1e309", "1e-400", "4.9e-324", "1.7976931348623157e308", "123456789012345678901234567890", "2.50", "1e23"}
	sqlRegexes = []string{`%x%`, `%^x$%`, `%\d%`, `%^\w+$%`, `%\s%`, `%[^\d]%`, `%[\D]%`, `%[\W_]%`, `%.%`, `%^.$%`, `%x{2}%`, `%x{,1}y%`, `%[]x]%`, `%[a-c-]%`, `%\xe9%`, `%\x28%`, `%a+?b%`, `%[^x]%`, `%[\s\S]%`, `%$%`, `%x|y%`, `%|x%`}
	sqlValues  = []string{`"x"`, `""`, `"xx"`, `"xy"`, `"yx"`, `"é"`, `"xé"`, `"ée"`, `"it's"`, `"a_b"`, `"a%b"`, `"a\\b"`, `"ab"`, `"a*b"`, `"aXb"`, `"x'; DROP TABLE t; --"`, `"1"`, `"1.0"`, `"+1"`, `"Infinity"`, `"-Infinity"`, `"x\n"`, `"\n"`, `"a\nb"`, `"😀"`, `"x😀"`, `"٣"`, `"\u2028"`, `"("`, `"]"`, `"-"`,
		"0", "-0", "0.0", "-0.0", "1", "1.0", "1e0", "-1", "10", "1e1", "0.1", "1e-7", "1e10", "10000000000", "9007199254740992", "9007199254740993", "9007199254740993.0", "1e309", "-1e309", "1e-400", "4.9e-324", "5e-324", "1.7976931348623157e308", "123456789012345678901234567890", "2.5", "1e23", "100000000000000000000000",
		"true", "false", "null", "[]", "{}", "[null]", `["x"]`, `[["x"]]`, `[1,null]`, `{"b":"x"}`, `{"b":1}`, `{"0":"x"}`, `{"0":null}`, `[{"b":"x"}]`, `[{"b":null},{"b":"y"}]`, `{"-1":"x"}`, `[[1],["x",[2]]]`}
	sqlKeys = []string{"a", "a", "a", "b", "0", `q"x`, `a\b`, "-1"}
)

func randomSQLPattern(r *rand.Rand) string {
	n := 1 + r.IntN(3)
	var list []string
	for range n {
		path := pick(r, sqlPaths)
		switch r.IntN(10) {
		case 0, 1, 2:
			list = append(list, path+" = "+pick(r, sqlTexts))
		case 3, 4:
			list = append(list, path+" != "+pick(r, sqlTexts))
		case 5:
			list = append(list, path+" = "+pick(r, sqlNumbers))
		case 6:
			list = append(list, path+" != "+pick(r, sqlNumbers))
		case 7:
			list = append(list, path+" "+pick(r, []string{"<", "<=", ">", ">="})+" "+pick(r, sqlNumbers))
		case 8:
			list = append(list, path+" "+pick(r, []string{"=", "!="})+" "+pick(r, sqlRegexes))
		default:
			list = append(list, path+" "+pick(r, []string{"IS NULL", "IS TRUE", "IS FALSE", "NOT EXISTS"}))
		}
	}
	if n == 3 {
		return "{ (" + list[0] + pick(r, []string{" && ", " || "}) + list[1] + ")" + pick(r, []string{" && ", " || "}) + list[2] + " }"
	}
	return "{ " + strings.Join(list, pick(r, []string{" && ", " || "})) + " }"
}

func randomSQLEvent(r *rand.Rand) string {
	var members []string
	for range r.IntN(4) {
		members = append(members, quoted(pick(r, sqlKeys))+":"+pick(r, sqlValues))
	}
	return "{" + strings.Join(members, ",") + "}"
}

// testBounds: must => matches => may, on random patterns and events, and outside of
// doubt the engine's answer is the matcher's.
func testBounds(t *testing.T, c *trinoCluster) {
	r := rand.New(rand.NewPCG(17, 25))
	var texts []string
	for len(texts) < 240 {
		text := randomSQLPattern(r)
		if _, err := pattern.Parse(text); err == nil {
			texts = append(texts, text)
		}
	}
	var events []string
	for _, v := range sqlValues {
		events = append(events, `{"a":`+v+`}`)
	}
	for range 60 {
		events = append(events, randomSQLEvent(r))
	}
	patterns := parseAll(t, texts)
	counts := map[match.Verdict]int{}
	doubts := 0
	for i, answers := range askTrino(t, c, patterns, events) {
		for e, a := range answers {
			v := patterns[i].Match([]byte(events[e]))
			counts[v]++
			if a.doubt {
				doubts++
			}
			wrong := a.must && v != match.Match || v != match.NoMatch && !a.may
			if !a.doubt {
				wrong = wrong || a.may != (v != match.NoMatch) || a.must != (v == match.Match)
			}
			if wrong {
				t.Errorf("%s on %s: must %t, may %t, doubt %t; the matcher says %s", texts[i], events[e], a.must, a.may, a.doubt, v)
			}
		}
	}
	pairs := len(texts) * len(events)
	if counts[match.Match] < pairs/20 || counts[match.Undetermined] == 0 || doubts == 0 || doubts > pairs/20 {
		t.Errorf("the generator asks too little: %v, %d in doubt, of %d", counts, doubts, pairs)
	}
	t.Logf("%d pairs: %v, %d in doubt", pairs, counts, doubts)
}
