package pattern

import (
	"fmt"
	"strings"
	"testing"
)

func TestClauses(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"one", `{ $.a = b }`, `$.a=b @2,8`},
		{"and", `{ $.a = b && ($.c != d || $.e IS NULL) }`, `$.a=b @2,8; $.c!=d||$.e IS NULL @14,21,26`},
		{"or", `{ $.a = b || $.c = d }`, `$.a=b||$.c=d @2,8,13,19`},
		{"terms", `a b`, ``},
		{"everything", ``, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Parse(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range p.Clauses() {
				offsets := strings.ReplaceAll(strings.Trim(fmt.Sprint(c.Offsets), "[]"), " ", ",")
				got = append(got, c.String()+" @"+offsets)
			}
			if g := strings.Join(got, "; "); g != tt.want {
				t.Errorf("Clauses of %s\ngot  %s\nwant %s", tt.text, g, tt.want)
			}
		})
	}
}

func TestMentions(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"fields", `{ $.a = "b*" && $.c.d != e && $.n = 5 && $.x NOT EXISTS }`, `a=b*@8 c.d!=e@25`},
		{"regular expression", `{ $.a = %^Root$% }`, `a=^Root$@8`},
		{"terms", `Create -Delete`, `=Create@0 !=Delete@7`},
		{"a regular expression alone", `%Create%`, `=Create@0`},
		{"fields by position", `[a, b = Create]`, `=Create@8`},
		{"everything", ``, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := Parse(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range p.Mentions() {
				sign := "!="
				if c.Equal {
					sign = "="
				}
				got = append(got, fmt.Sprintf("%s%s%s@%d", c.Path, sign, c.Value, c.Offset))
			}
			if g := strings.Join(got, " "); g != tt.want {
				t.Errorf("Mentions of %s\ngot  %s\nwant %s", tt.text, g, tt.want)
			}
		})
	}
}
