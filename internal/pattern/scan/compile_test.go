package scan

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// TestLookup finds every text of a set and nothing else, whatever its length.
func TestLookup(t *testing.T) {
	var texts []string
	for n := range 80 {
		texts = append(texts, strings.Repeat("a", n), strings.Repeat("b", n)+"c")
		if n > 17 {
			// Alike in length and at both ends.
			texts = append(texts, strings.Repeat("a", 8)+strings.Repeat("x", n-16)+strings.Repeat("a", 8))
		}
	}
	l := newLookup(texts)
	for i, text := range texts {
		if got := l.find([]byte(text)); got != i {
			t.Errorf("find(%q) = %d, want %d", text, got, i)
		}
		if got := l.find([]byte(text + "!")); got != -1 {
			t.Errorf("find(%q!) = %d", text, got)
		}
		if text != "" {
			other := []byte(text)
			other[len(other)/2]++
			if got := l.find(other); got != -1 && string(other) != texts[got] {
				t.Errorf("find(%q) = %d, which is %q", other, got, texts[got])
			}
		}
	}
	empty := newLookup(nil)
	if got := empty.find(nil); got != -1 {
		t.Errorf("found %d in an empty lookup", got)
	}
}

// TestGather: plain texts of one selector share a slot, where the operator and
// the connective allow it.
func TestGather(t *testing.T) {
	for _, c := range []struct {
		pattern string
		slots   int
	}{
		{`{$.a=x}`, 1},
		{`{$.a=x || $.a=y || $.a=z}`, 1},
		{`{$.a=x || $.b=y || $.a=z}`, 2},
		{`{$.a!=x && $.a!=y}`, 1},
		{`{$.a!=x || $.a!=y}`, 2},
		{`{$.a=x && $.a=y}`, 2},
		{`{$.a=x || $.a=1}`, 2},
		{`{$.a=x || $.a=x*}`, 2},
		{`{$.a=x || $.a=%x%}`, 2},
		{`{$.a=x || ($.a=y && $.b=1)}`, 3},
		{`{$.a[*]=x || $.a[*]=y}`, 2},   // one for a member, one for all
		{`{$.a=x*y || $.a=x*z}`, 1 + 2}, // plain in one of two readings
	} {
		if got := Compile(parseAll(t, c.pattern)).root.end; got != c.slots {
			t.Errorf("%s: %d slots, want %d", c.pattern, got, c.slots)
		}
	}
}

func TestSmallInteger(t *testing.T) {
	for _, c := range []struct {
		text  string
		value int64
		ok    bool
	}{
		{"0", 0, true}, {"-0", 0, true}, {"0.0", 0, true}, {"0e99", 0, true}, {"1", 1, true}, {"+1", 1, true}, {"-12", -12, true},
		{"1.0", 1, true}, {"1e3", 1000, true}, {"0.5e1", 5, true}, {"120", 120, true}, {"999999999999999999", 999999999999999999, true},
		{"-999999999999999999", -999999999999999999, true}, {"1000000000000000000", 0, false}, {"1.5", 0, false}, {"0.1", 0, false},
		{"1e18", 0, false}, {"1e-1", 0, false}, {"1e2147483647", 0, false}, {"1e-2147483648", 0, false},
	} {
		n, ok := syntax.ParseNumber(c.text)
		if !ok {
			t.Fatal(c.text)
		}
		if value, ok := n.Dec.SmallInteger(); ok != c.ok || ok && value != c.value {
			t.Errorf("decimal %s: %d, %v", c.text, value, ok)
		}
		if !json.Valid([]byte(c.text)) || strings.ContainsAny(c.text, ".e") {
			continue
		}
		if value, ok := smallInteger([]byte(c.text)); ok != c.ok || ok && value != c.value {
			t.Errorf("spelling %s: %d, %v", c.text, value, ok)
		}
	}
}

// TestStops puts each byte at each place, next to bytes that could carry over.
func TestStops(t *testing.T) {
	for _, fill := range []byte{' ', '!', '#', '$', '[', ']', 'a', 0x7f, 0x80, 0xff} {
		for at := range 8 {
			for c := range 256 {
				data := []byte(strings.Repeat(string([]byte{fill}), 8))
				data[at] = byte(c)
				want := c < ' ' || c == '"' || c == '\\'
				s := stops(load8(data, 0))
				if s != 0 != want || want && s&-s != 0x80<<(8*at) {
					t.Fatalf("%q: %x", data, s)
				}
				if load8(data, 0) != binary.LittleEndian.Uint64(data) {
					t.Fatalf("%q: loaded %x", data, load8(data, 0))
				}
			}
		}
	}
}

// TestSkip: what skip reads is JSON, as encoding/json has it, and all of it.
func TestSkip(t *testing.T) {
	words := []string{
		`0`, `-0`, `10`, `01`, `-`, `-a`, `1.`, `1.5`, `.5`, `1e`, `1e5`, `1E+5`, `1e-`, `1e-05`, `+1`, `0x1`, `1 2`, `Infinity`,
		`true`, `tru`, `trues`, `false`, `null`, `nul`, `NaN`, `True`,
		`""`, `"`, `"a`, `"a"b`, `"\""`, `"\"`, `"\\"`, `"\/\b\f\n\r\t"`, `"\a"`, `"\'"`, `"\u00e9"`, `"\u00g9"`, `"\u00"`, `"\u`, `"\ud800"`,
		"\"\n\"", "\"\x1f\"", "\"\x7f\"", "\"\xff\"", `"1234567"`, `"12345678"`, `"1234567\"`, `"12345678\u0041"`,
		`[]`, `[ ]`, `[1]`, `[1,]`, `[,1]`, `[1 2]`, `[[]]`, `[[],[[],{}]]`, `[`, `]`, `[}`, `[1}`, `[]]`,
		`{}`, `{ }`, `{"a":1}`, `{"a" : 1 , "b":[ ] }`, `{"a":1,}`, `{,}`, `{"a"}`, `{"a":}`, `{"a",1}`, `{1:1}`, `{a:1}`, `{"a":1]`, `{"a":1 "b":2}`,
		`{"a":{"b":{}}}`, `{"a":{"b":{]}}`, `{{}}`, `{"a":1}}`, "{\"a\"\u00a0:1}", "{\"a\":\v1}", ``, ` `,
	}
	for _, word := range words {
		for _, format := range []string{"%s", "[%s]", `{"x":%s}`, "[[1,%s]]", `{"x":[{"y":%s}],"z":0}`, "[" + strings.Repeat("[", 70) + "%s" + strings.Repeat("]", 70) + "]"} {
			text := fmt.Sprintf(format, word)
			// Blanks at the ends are not part of a value.
			want := json.Valid([]byte(text)) && strings.TrimSpace(text) == text
			if got := skip([]byte(text), 0, 0) == len(text); got != want {
				t.Errorf("skip(%.100q): %v, want %v", text, got, want)
			}
		}
	}
}

// TestUnquote compares texts of strings with those of encoding/json.
func TestUnquote(t *testing.T) {
	raws := []string{
		``, `a`, `\"\\\/\b\f\n\r\t`, `\u0041\u00e9\u20AC`, `\ud83d\ude00`, `\uD83D\uDE00`, `\ud83d`, `\ude00`, `\ud83dx`, `\ud83d\u0041`,
		`\ud83d\ud83d\ude00`, `\ude00\ud83d`, `\ud83d\n`, `\ud83d\\ude00`, `\uFFFD`, `\u0000`, "é€😀", "\xff", "\xc3", "\xc3\xa9\xc3", "\xed\xa0\x80",
		"\xf0\x9f\x98", "\xc0\x80", "a\xffb\xfec",
	}
	for c := range 256 {
		if c >= ' ' && c != '"' && c != '\\' {
			raws = append(raws, string([]byte{byte(c)}), string([]byte{'a', byte(c), 0xa9}))
		}
	}
	for _, raw := range raws {
		var want string
		if err := json.Unmarshal([]byte(`"`+raw+`"`), &want); err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		if got := string(appendUnquoted(nil, []byte(raw))); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
		text := []byte(`"` + raw + `"12345678`)
		behind, plain := skipString(text, 1)
		if behind != len(raw)+2 || plain && want != raw {
			t.Errorf("%q: the string ends at %d, plain %v", raw, behind, plain)
		}
	}
}

// wordsOver returns the words over an alphabet up to a length, the empty one first.
func wordsOver(letters string, length int) []string {
	words := []string{""}
	for from := 0; length > 0; length-- {
		to := len(words)
		for _, w := range words[from:to] {
			for _, c := range letters {
				words = append(words, w+string(c))
			}
		}
		from = to
	}
	return words
}

// TestGlob compares a value's parts with what the reference does with its text.
func TestGlob(t *testing.T) {
	for _, want := range wordsOver("ab*", 4) {
		for _, text := range wordsOver("ab*", 3) {
			for _, r := range []match.Reading{{}, {MidAsterisk: true}} {
				got := newGlob(want, r).matches([]byte(text))
				if got != match.EqualsText(syntax.Value{Text: want}, text, r) {
					t.Errorf("%q on %q, %+v: %v", want, text, r, got)
				}
			}
		}
	}
}

// TestExpectedNames: what CloudTrail usually writes, and in which order, makes
// no difference to verdicts.
func TestExpectedNames(t *testing.T) {
	patterns := parseAll(t, `{$.eventName=x}`, `{$.eventName NOT EXISTS}`, `{$.userIdentity.type=x && $.userIdentity.invokedBy NOT EXISTS}`,
		`{$.eventNames=x}`, `{$.errorCode=x || $.readOnly IS TRUE}`)
	s := Compile(patterns)
	for _, message := range []string{
		`{"eventVersion":"1","userIdentity":{"type":"x","arn":"y"},"eventTime":"","eventName":"x"}`,
		`{"eventName":"x","eventVersion":"1"}`, `{"eventName":"x","eventName":"y"}`, `{"eventName":"y","eventName":"x"}`,
		`{"eventName" :"x"}`, `{"eventName": "x"}`, `{"eventName":` + "\n" + `"x"}`, `{"eventNam\u0065":"x"}`, `{"eventNames":"x"}`, `{"eventName"}`,
		`{"eventName":}`, `{"eventName":`, `{"eventName`, `{"eventName"`, `{"readOnly":true}`, `{"errorCode":"x"}`, `{"tlsDetails":{},"errorCode":"x"}`,
		`{"userIdentity":{"invokedBy":1,"type":"x"}}`, `{"userIdentity":{"type":"x","type":"x"}}`, `{"userIdentity":{"type":1},"userIdentity":{"type":"x"}}`,
		`{"userIdentity":{"arn":"","accountId":"","type":"x"}}`, `{"eventVersion":"1","eventVersion":"2","eventName":"x"}`,
	} {
		checkSet(t, s, patterns, []byte(message))
	}
	names := recordNames[""]
	for i := range names {
		var b strings.Builder
		for j, name := range names {
			if j != i {
				b.WriteString(strconv.Quote(name) + `:"x",`)
			}
		}
		checkSet(t, s, patterns, []byte("{"+b.String()+strconv.Quote(names[i])+`:"y"}`))
	}
}
