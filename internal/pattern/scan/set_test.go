package scan

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/patterntest"
)

// checkSet compares a set with the reference matcher.
func checkSet(t *testing.T, s *Set, patterns []*pattern.Pattern, message []byte) {
	t.Helper()
	decoded := match.Decode(message)
	for i, got := range s.Match(message, nil) {
		if want := patterns[i].MatchDecoded(decoded); got != want {
			t.Errorf("pattern %d of %d, %s on %.400q: %v, want %v", i, len(patterns), patterns[i].Text(), message, got, want)
		}
	}
}

func parseAll(tb testing.TB, texts ...string) []*pattern.Pattern {
	tb.Helper()
	var patterns []*pattern.Pattern
	for _, text := range texts {
		patterns = append(patterns, mustParse(tb, text))
	}
	return patterns
}

// TestSetVectors matches all patterns of the vectors, as one set, with all of
// their events, and each vector on its own.
func TestSetVectors(t *testing.T) {
	var patterns []*pattern.Pattern
	events, seen := map[string]bool{}, map[string]bool{}
	for _, v := range patterntest.Vectors(t) {
		p, err := pattern.Parse(v.Pattern)
		if err != nil {
			continue
		}
		checkSet(t, Compile([]*pattern.Pattern{p}), []*pattern.Pattern{p}, []byte(v.Event))
		events[v.Event] = true
		if !seen[v.Pattern] {
			seen[v.Pattern] = true
			patterns = append(patterns, p)
		}
	}
	s := Compile(patterns)
	for event := range events {
		checkSet(t, s, patterns, []byte(event))
	}
	if len(patterns) < 100 || len(events) < 100 {
		t.Errorf("%d patterns and %d events", len(patterns), len(events))
	}
}

func TestSetMatch(t *testing.T) {
	s := Compile(parseAll(t, `{$.a=1}`, `x`, `{$.a=P*y}`, `[a, b]`, `{$.a NOT EXISTS}`, `%b$%`, ``, `b - x`))
	for _, c := range []struct {
		message string
		want    []match.Verdict
	}{
		{`{"a":1}`, []match.Verdict{match.Match, match.NoMatch, match.NoMatch, match.NoMatch, match.NoMatch, match.NoMatch, match.Match, match.NoMatch}},
		{`{"a":"Pxy"}`, []match.Verdict{match.NoMatch, match.Match, match.Undetermined, match.NoMatch, match.NoMatch, match.NoMatch, match.Match, match.NoMatch}},
		{`{"b":1,`, []match.Verdict{match.NoMatch, match.NoMatch, match.NoMatch, match.NoMatch, match.NoMatch, match.NoMatch, match.Match, match.Undetermined}},
		{`x b`, []match.Verdict{match.NoMatch, match.Match, match.NoMatch, match.Match, match.NoMatch, match.Match, match.Match, match.Undetermined}},
		{`{"b":{"a":1}}`, []match.Verdict{match.NoMatch, match.NoMatch, match.NoMatch, match.NoMatch, match.Match, match.NoMatch, match.Match, match.Undetermined}},
	} {
		got := s.Match([]byte(c.message), []match.Verdict{match.Undetermined})
		if want := append([]match.Verdict{match.Undetermined}, c.want...); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", c.message, got, want)
		}
	}
}

func TestSetWithoutPatterns(t *testing.T) {
	if got := Compile(nil).Match([]byte(`{}`), nil); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

// TestSetDuplicates: of several properties with one name the last one counts,
// with everything below it, wherever selectors meet.
func TestSetDuplicates(t *testing.T) {
	patterns := parseAll(t, `{$.a=1}`, `{$.a!=1}`, `{$.a.b=1}`, `{$.a.b NOT EXISTS}`, `{$.a IS NULL}`, `{$.a[0]=1}`, `{$.a[*]=1}`,
		`{$.a[*]!=1}`, `{$.a.* NOT EXISTS}`, `{$.*.b=1}`, `{$.*.b NOT EXISTS}`, `{$.a.*.c=1}`, `{$.* IS TRUE}`, `{$.a[1].*=1}`)
	s := Compile(patterns)
	for _, message := range []string{
		`{"a":1,"a":2}`, `{"a":2,"a":1}`, `{"a":1,"\u0061":2}`, `{"\u0061":2,"a":1}`,
		`{"a":{"b":1},"a":{}}`, `{"a":{},"a":{"b":1}}`, `{"a":{"b":1},"a":1}`, `{"a":[null],"a":[]}`, `{"a":[1],"a":{"b":2}}`,
		`{"a":{"b":1,"b":2}}`, `{"a":{"x":1,"x":2}}`, `{"a":{"x":1,"y":1,"x":2,"y":2}}`, `{"a":{"x":{"c":1},"x":{"c":2}}}`,
		`{"a":{"x":{"c":1,"c":2}}}`, `{"a":{"x":{"c":2,"c":1}}}`, `{"x":true,"x":false}`, `{"x":false,"x":true}`,
		`{"x":{"b":1},"x":{"b":2}}`, `{"x":{"b":2},"x":{"b":1}}`, `{"x":{"b":1},"x":null}`, `{"a":[0,{"x":1,"x":2}]}`,
		`{"a":{"x":1},"a":{"y":2}}`, `{"a":{"x":1},"a":[2]}`, "{\"\xff\":true,\"\ufffd\":false}", `{"\ud800":true,"\udfff":false}`,
	} {
		checkSet(t, s, patterns, []byte(message))
	}
}

// TestSetNotJSON cuts a message off at every byte and changes every byte: the
// set accepts as JSON what the reference does.
func TestSetNotJSON(t *testing.T) {
	const message = ` { "a" : [ -1.5e+3 , "x\u00e9\"" , {} , [ ] , true ] , "b":{"c":null,"é":0,"":[[1],false]} } `
	patterns := parseAll(t, `{$.x NOT EXISTS}`, `{$.a[0]=-1500}`, `{$.b.c IS NULL}`, `{$.b.*[0][0]=1}`)
	s := Compile(patterns)
	for i := range len(message) {
		checkSet(t, s, patterns, []byte(message[:i]))
		checkSet(t, s, patterns, []byte(message[i:]))
		for c := range 256 {
			changed := []byte(message)
			changed[i] = byte(c)
			checkSet(t, s, patterns, changed)
		}
	}
}

// TestSetDepth: the reference stops at 10,000 levels, wherever they begin.
func TestSetDepth(t *testing.T) {
	patterns := parseAll(t, `{$.a.a.a[0] NOT EXISTS}`, `{$.b.* NOT EXISTS}`)
	s := Compile(patterns)
	for _, deep := range []int{1, 63, 64, 65, 66, 128, 129, 9_998, 9_999, 10_000, 10_001, 100_000} {
		for _, c := range []struct{ open, end string }{{`{"a":`, `}`}, {`[`, `]`}, {`{"b":`, `}`}, {`{"x":[`, `]}`}} {
			inner := strings.Repeat(c.open, deep) + "1" + strings.Repeat(c.end, deep)
			checkSet(t, s, patterns, []byte(inner))
			checkSet(t, s, patterns, []byte(`{"a":{"b":`+inner+`}}`))
			checkSet(t, s, patterns, []byte(strings.Repeat(c.open, deep)))
		}
	}
}

// TestSetLarge: messages of a megabyte take time and memory in proportion.
func TestSetLarge(t *testing.T) {
	const size = 1 << 20
	patterns := parseAll(t, `{$.a>1e-2147483647||$.a="*a*b*c*d*"||$.a=1e309||$.a[*]=1||$.*=x}`, `{$.a.*.b=1||$.a.a.*.b=1}`, `"a b" -c`)
	s := Compile(patterns)
	var names strings.Builder
	for i := range size / 12 {
		fmt.Fprintf(&names, `"%d":0,`, i)
	}
	for _, message := range []string{
		`{"a":` + strings.Repeat("9", size) + `}`,
		`{"a":0.` + strings.Repeat("9", size) + `}`,
		`{"a":1e` + strings.Repeat("9", size) + `}`,
		`{"a":"` + strings.Repeat("a", size) + `"}`,
		`{"a":"` + strings.Repeat(`\\`, size/2) + `"}`,
		`{"a":[` + strings.Repeat("0,", size/2) + `0]}`,
		`{"a":0` + strings.Repeat(`,"a":0`, size/6) + `}`,
		`{"a":{` + names.String() + `"a":{` + names.String() + `"a":0}}}`,
		`{"a":` + strings.Repeat(" ", size) + `0}`,
	} {
		checkSet(t, s, patterns, []byte(message))
	}
}

// TestSetConcurrent: goroutines that share a set do not disturb each other.
func TestSetConcurrent(t *testing.T) {
	patterns := parseAll(t, `{$.n=7||$.*.n=7}`, `{$.s="\"\u0041"}`, `{$.n!=7}`)
	s := Compile(patterns)
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			message := fmt.Appendf(nil, `{"n":%d,"s":"\"%c","o":{"n":%d}}`, g, 'A'+g, g+1)
			decoded := match.Decode(message)
			var verdicts []match.Verdict
			for range 200 {
				verdicts = s.Match(message, verdicts[:0])
				for i, p := range patterns {
					if want := p.MatchDecoded(decoded); verdicts[i] != want {
						t.Errorf("%s on %s: %v, want %v", p, message, verdicts[i], want)
					}
				}
			}
		})
	}
	group.Wait()
}

// TestSetRandom compares sets of random patterns with the reference on random
// messages, which are made to meet: few names, few values, many duplicates.
func TestSetRandom(t *testing.T) {
	counts := map[match.Verdict]int{}
	for seed := range uint64(6000) {
		r := rand.New(rand.NewPCG(seed, 1))
		patterns := randomPatterns(r)
		s := Compile(patterns)
		for range 8 {
			message := randomMessage(r)
			checkSet(t, s, patterns, message)
			if json.Valid(message) {
				for _, v := range s.Match(message, nil) {
					counts[v]++
				}
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	for _, v := range []match.Verdict{match.NoMatch, match.Match, match.Undetermined} {
		if counts[v] < 100 {
			t.Errorf("%d times %v: the patterns and messages miss each other", counts[v], v)
		}
	}
}

// randomPatterns returns one to six JSON patterns.
func randomPatterns(r *rand.Rand) []*pattern.Pattern {
	var patterns []*pattern.Pattern
	for n := 1 + r.IntN(6); len(patterns) < n; {
		text := "{" + randomCondition(r)
		for range r.IntN(3) {
			text += pick(r, " || ", " && ") + pick(r, randomCondition(r), "("+randomCondition(r)+" || "+randomCondition(r)+")",
				"("+randomCondition(r)+" && "+randomCondition(r)+")")
		}
		// Too many wildcards or regular expressions: another one.
		if p, err := pattern.Parse(text + "}"); err == nil {
			patterns = append(patterns, p)
		}
	}
	return patterns
}

func randomCondition(r *rand.Rand) string {
	selector := "$." + pick(r, "a", "b", "*", "['x y']", "['']", "a")
	for range r.IntN(3) * r.IntN(2) {
		selector += pick(r, ".a", ".b", ".*", "[*]", "[0]", "[1]", ".é")
	}
	switch r.IntN(5) {
	case 0:
		return selector + " " + pick(r, "IS NULL", "IS TRUE", "IS FALSE", "NOT EXISTS")
	case 1:
		return selector + pick(r, "<", "<=", ">", ">=") + pick(r, "0", "1", "-1", "1.5", "1e3", "12345678901234567890", "1e309")
	default:
		return selector + pick(r, "=", "!=") + pick(r, "1", "0", "-0", "1.0", "1e3", "1000", "1.5", `"1"`, `"1.0"`, `"0"`, `"0.0"`,
			"x", `""`, "*", "x*", "*x", "*x*", "x*z", "x*z", "x*z", "*y*z*", "*y*z*", `"é"`, `"😀"`, `"\""`, "%1%", "%^x%", "1e309", "Infinity", "true", `"�"`,
			"12345678901234567890", "a_text_of_more_than_16_bytes", "a_text_of_MORE_than_16_bytes")
	}
}

// randomMessage returns an object, at times not quite.
func randomMessage(r *rand.Rand) []byte {
	m := randomObject(r, nil, 3)
	if r.IntN(20) == 0 {
		i := r.IntN(len(m))
		switch r.IntN(3) {
		case 0:
			m = slices.Delete(m, i, i+1)
		case 1:
			m = slices.Insert(m, i, pick(r, `"`, `\`, ",", "}", "]", "0", "\n", "\x00")[0])
		default:
			m[i] = byte(r.IntN(256))
		}
	}
	return m
}

func randomObject(r *rand.Rand, m []byte, depth int) []byte {
	m = append(m, '{')
	for i := range r.IntN(5) {
		if i > 0 {
			m = append(m, ',')
		}
		m = randomString(r, randomBlank(r, m), pick(r, "a", "b", "a", "x y", "", "é", "eventName", "userIdentity", "\xff"))
		m = append(randomBlank(r, m), ':')
		m = randomBlank(r, randomValue(r, randomBlank(r, m), depth-1))
	}
	return append(m, '}')
}

func randomValue(r *rand.Rand, m []byte, depth int) []byte {
	switch n := r.IntN(8); {
	case n < 2 && depth > 0:
		return randomObject(r, m, depth)
	case n < 4 && depth > 0:
		m = append(m, '[')
		for i := range r.IntN(4) {
			if i > 0 {
				m = append(m, ',')
			}
			m = randomValue(r, randomBlank(r, m), depth-1)
		}
		return append(m, ']')
	case n < 5:
		return append(m, pick(r, "null", "true", "false")...)
	case n < 6:
		return append(m, pick(r, "1", "1.0", "0", "-0", "1e3", "1E+3", "1000", "1.5", "-1", "1e309", "-1e309", "1e-400",
			"12345678901234567890", "12345678901234567891", "0.0", "-0.0", "01", "1.", "1e", "-")...)
	default:
		return randomString(r, m, pick(r, "x", "xz", "xyz", "xyz", "x*z", "", "1", "1.0", "01", "é", "😀", `"`, "\\", "\n", "\xff", "true", "*",
			"12345678901234567890", "a_text_of_more_than_16_bytes", "a_text_of_less_than_16_bytes", "\xed\xa0\x80"))
	}
}

// randomString writes some characters as escapes, and half pairs at times.
func randomString(r *rand.Rand, m []byte, text string) []byte {
	m = append(m, '"')
	for i, c := range text {
		switch {
		case c == '"' || c == '\\':
			m = append(m, '\\', byte(c))
		case c == '\n':
			m = append(m, pick(r, `\n`, `\u000a`, `\u000A`)...)
		case c > 0xffff:
			m = append(m, pick(r, string(c), `\ud83d\ude00`, `\uD83D\uDE00`, `\ud83d`, `\ude00\ud83d`, `\ud83d\u0041`)...)
		case c == '\ufffd':
			m = append(m, text[i])
		case r.IntN(6) == 0:
			m = fmt.Appendf(m, pick(r, `\u%04x`, `\u%04X`), c)
		default:
			m = append(m, string(c)...)
		}
	}
	return append(m, '"')
}

func randomBlank(r *rand.Rand, m []byte) []byte {
	if r.IntN(6) == 0 {
		return append(m, pick(r, " ", "\n", "\t", "\r", "  ")...)
	}
	return m
}

// FuzzSet compares a set of the pattern and of its lines with the reference.
func FuzzSet(f *testing.F) {
	for _, v := range patterntest.Vectors(f) {
		f.Add(v.Pattern, []byte(v.Event))
	}
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 2))
		var lines []string
		for _, p := range randomPatterns(r) {
			lines = append(lines, p.Text())
		}
		f.Add(strings.Join(lines, "\n"), randomMessage(r))
	}
	f.Fuzz(func(t *testing.T, text string, message []byte) {
		var patterns []*pattern.Pattern
		for _, line := range append(strings.Split(text, "\n"), text) {
			if p, err := pattern.Parse(line); err == nil {
				patterns = append(patterns, p)
			}
		}
		checkSet(t, Compile(patterns), patterns, message)
	})
}

func mustParse(tb testing.TB, text string) *pattern.Pattern {
	tb.Helper()
	p, err := pattern.Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func pick(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }
