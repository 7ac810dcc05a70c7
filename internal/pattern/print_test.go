package pattern

import (
	"testing"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/pattern/patterntest"
)

// checkPrint checks that what a pattern prints as is stable, not longer, and
// the same tree.
func checkPrint(t *testing.T, p *Pattern) {
	t.Helper()
	text := p.String()
	again, err := Parse(text)
	if err != nil {
		t.Errorf("%q prints as %q: %v", p.Text(), text, err)
		return
	}
	if got, want := dump(again.root), dump(p.root); got != want {
		t.Errorf("%q prints as %q: tree %s, want %s", p.Text(), text, got, want)
	}
	if s := again.String(); s != text {
		t.Errorf("%q prints as %q, and that as %q", p.Text(), text, s)
	}
	if utf8.RuneCountInString(text) > utf8.RuneCountInString(p.Text()) {
		t.Errorf("%q prints as the longer %q", p.Text(), text)
	}
}

func TestPrintVectors(t *testing.T) {
	for _, v := range patterntest.Vectors(t) {
		if !v.Error {
			p, err := Parse(v.Pattern)
			if err != nil {
				t.Fatal(err)
			}
			checkPrint(t, p)
		}
	}
}

func TestPrint(t *testing.T) {
	for in, want := range map[string]string{
		"":     "",
		" \t ": "",
		`{ ($.a = "x") && (($.b = 1) || ($.c = "2")) }`:  `{$.a=x&&($.b=1||$.c="2")}`,
		`{ (($.a = x) && ($.b = y)) || $.c = z }`:        `{$.a=x&&$.b=y||$.c=z}`,
		`{ (($.a = x) || ($.b = y)) || $.c = z }`:        `{$.a=x||$.b=y||$.c=z}`,
		`{ $.a = "1" && $.b = 1.0 && $.c = +1 }`:         `{$.a="1"&&$.b=1.0&&$.c=+1}`,
		`{ $.a = "null" || $.a = "NULL" }`:               `{$.a="null"||$.a=NULL}`,
		`{ $.a = "" }`:                                   `{$.a=""}`,
		`{ $.a = "a b" }`:                                `{$.a="a b"}`,
		`{ $.a is null || $.b Not Exists }`:              `{$.a IS NULL||$.b NOT EXISTS}`,
		`{ $.a[*].b != %x y% }`:                          `{$.a.*.b!=%x y%}`,
		`{ $.['a'].['b.c'][007] >= 4e2 }`:                `{$.a['b.c'][7]>=4e2}`,
		`{ $.['a.b'] IS TRUE }`:                          `{$.['a.b'] IS TRUE}`,
		`{ $.a = "\"" || $.a = "a\\b" || $.a = "\\\\" }`: `{$.a="\""||$.a="a\b"||$.a="\\\\"}`,
		`"ERROR" -"two words" ?warn`:                     `ERROR-"two words"?warn`,
		`"ERROR" - "x"`:                                  `ERROR- x`,
		`a-b ?c`:                                         `a-b?c`,
		`%a b%`:                                          `%a b%`,
		`[ ]`:                                            `[]`,
		`[a, ,...,b]`:                                    `[a,,...,b]`,
		`[a = "x" || (a != 1 && a = 4*), b]`:             `[a=x||a!=1&&a=4*,b]`,
		`[a && a = x, (b || b = y)]`:                     `[a=x,b]`,
	} {
		p, err := Parse(in)
		if err != nil {
			if want != "" {
				t.Errorf("Parse(%q): %v", in, err)
			}
			continue
		}
		if got := p.String(); got != want {
			t.Errorf("Parse(%q).String() = %q, want %q", in, got, want)
		}
		checkPrint(t, p)
	}
}
