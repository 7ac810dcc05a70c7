package pattern

import (
	"testing"

	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

func TestAnd(t *testing.T) {
	tests := []struct{ p, q, want string }{
		{`{ $.a = 1 }`, `{ $.b = "x" }`, `{$.a=1 && $.b=x}`},
		{`{ $.a = 1 && $.c = 2 }`, `{ $.b = 3 }`, `{$.a=1 && $.c=2 && $.b=3}`},
		{`{ $.a = 1 || $.c = 2 }`, `{ $.b NOT EXISTS || $.b = 3 }`, `{($.a=1 || $.c=2) && ($.b NOT EXISTS || $.b=3)}`},
	}
	messages := []string{`{"a":1}`, `{"a":1,"b":"x"}`, `{"a":1,"b":3,"c":2}`, `{"b":3}`, `{"c":2,"b":3}`, `no JSON`}
	for _, tt := range tests {
		p, q, want := mustParse(t, tt.p), mustParse(t, tt.q), mustParse(t, tt.want)
		got, ok := And(p, q)
		if !ok || got.String() != want.String() {
			t.Errorf("%s and %s: got %v, want %s", tt.p, tt.q, got, want)
		}
		for _, m := range messages {
			both := p.Match([]byte(m)) == match.Match && q.Match([]byte(m)) == match.Match
			if (got.Match([]byte(m)) == match.Match) != both {
				t.Errorf("%s and %s on %s: got %v, want %v", tt.p, tt.q, m, got.Match([]byte(m)), both)
			}
		}
	}
	for _, other := range []string{"", "word", "[a, b]", "%re%"} {
		if got, ok := And(mustParse(t, `{ $.a = 1 }`), mustParse(t, other)); ok {
			t.Errorf("with %q: got %s", other, got)
		}
	}
}

func TestOr(t *testing.T) {
	tests := []struct{ p, q, want string }{
		{`{ $.a = 1 }`, `{ $.b = "x" }`, `{$.a=1 || $.b=x}`},
		{`{ $.a = 1 || $.c = 2 }`, `{ $.b = 3 }`, `{$.a=1 || $.c=2 || $.b=3}`},
		{`{ $.a = 1 && $.c = 2 }`, `{ $.b = 3 }`, `{($.a=1 && $.c=2) || $.b=3}`},
	}
	messages := []string{`{"a":1}`, `{"a":1,"b":"x"}`, `{"a":1,"b":3,"c":2}`, `{"b":3}`, `{"c":2}`, `no JSON`}
	for _, tt := range tests {
		p, q, want := mustParse(t, tt.p), mustParse(t, tt.q), mustParse(t, tt.want)
		got, ok := Or(p, q)
		if !ok || got.String() != want.String() {
			t.Errorf("%s or %s: got %v, want %s", tt.p, tt.q, got, want)
		}
		for _, m := range messages {
			either := p.Match([]byte(m)) == match.Match || q.Match([]byte(m)) == match.Match
			if (got.Match([]byte(m)) == match.Match) != either {
				t.Errorf("%s or %s on %s: got %v, want %v", tt.p, tt.q, m, got.Match([]byte(m)), either)
			}
		}
		if p.String() != mustParse(t, tt.p).String() {
			t.Errorf("%s has changed to %s", tt.p, p)
		}
	}
	if got, ok := Or(mustParse(t, `{ $.a = 1 }`), mustParse(t, "word")); ok {
		t.Errorf("with a word: got %s", got)
	}
}
