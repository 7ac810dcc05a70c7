package pattern

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestEqualities(t *testing.T) {
	for _, c := range []struct{ name, pattern, want string }{
		{"no JSON pattern", `eventName`, ``},
		{"delimited", `[eventName = A]`, ``},
		{"one", `{ $.eventName = A }`, `16 A *`},
		{"quoted and bracketed", `{ $.['eventName'] = "A" }`, `20 A *`},
		{"another field, operator or kind", `{ $.a.eventName = A || $.eventName != B || $.eventName = 1 || $.eventName = %C% }`, ``},
		{"wildcards stay", `{ $.eventName = "Put*" }`, `16 Put* *`},
		{"source in front", `{ $.eventSource = s && $.eventName = A }`, `37 A s`},
		{"source behind, alternatives", `{ ($.eventName = A || $.eventName = B) && $.eventSource = s }`, `17 A s; 36 B s`},
		{"two sources", `{ ($.eventSource = r || $.eventSource = s) && $.eventName = A }`, `60 A r s`},
		{"each its own", `{ ($.eventSource = r && $.eventName = A) || ($.eventSource = s && $.eventName = B) }`, `38 A r; 80 B s`},
		{"nearer source counts", `{ $.eventSource = r && ($.eventName = A || ($.eventSource = s && $.eventName = B)) }`, `38 A r; 79 B s`},
		{"a source of one alternative only", `{ ($.eventSource = r || $.x = 1) && $.eventName = A }`, `50 A *`},
		{"a pattern is no source", `{ $.eventSource = r* && $.eventName = A }`, `38 A *`},
		{"an exclusion is no source", `{ $.eventSource != r && $.eventName = A }`, `38 A *`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := mustParse(t, c.pattern)
			var got []string
			for _, l := range p.Equalities("eventName", "eventSource") {
				beside := "*"
				if l.Beside != nil {
					beside = strings.Join(l.Beside, " ")
				}
				got = append(got, fmt.Sprintf("%d %s %s", l.Offset, l.Value, beside))
			}
			if text := strings.Join(got, "; "); text != c.want {
				t.Errorf("%s: got %q, want %q", c.pattern, text, c.want)
			}
		})
	}
}

func TestTexts(t *testing.T) {
	for _, c := range []struct {
		pattern, want string
		only          bool
	}{
		{`{ $.a = x }`, "x", true},
		{`{ $.a = y || $.a = x || $.a = y }`, "x y", true},
		{`{ $.a = x || $.b = x }`, "", false},
		{`{ $.a = x* }`, "", false},
		{`{ $.a = 1 }`, "", false},
		{`{ $.a != x }`, "", false},
		{`{ ($.a = x || $.a = y) && $.a = x && $.b = 1 }`, "x", true},
		{`{ ($.a = x && $.b = 1) || ($.b = 2 && $.a = y) }`, "x y", true},
		{`x`, "", false},
		{``, "", false},
	} {
		texts, only := mustParse(t, c.pattern).Texts("a")
		if got := strings.Join(texts, " "); got != c.want || only != c.only {
			t.Errorf("%s: got %q, %t, want %q, %t", c.pattern, got, only, c.want, c.only)
		}
	}
}

func TestPathsOfSelectors(t *testing.T) {
	got := mustParse(t, `{ $.b.c = 1 && ($.a[*].d NOT EXISTS || $.b.c = 2) && $.['x y'] IS NULL }`).Paths()
	if want := []string{"['x y']", "a.*.d", "b.c"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, text := range []string{``, `a b`, `[a, b = 1]`, `%a%`} {
		if got := mustParse(t, text).Paths(); got != nil {
			t.Errorf("%s: got %q, want none", text, got)
		}
	}
}

// What leans on the fields of CloudTrail's records says so.
