package report

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/change"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

func TestSanitize(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"empty", "", ""},
		{"plain", "arn:aws:sns:eu-central-1:111122223333:cis-alerts", "arn:aws:sns:eu-central-1:111122223333:cis-alerts"},
		{"scripts", "Grüße, 日本語, עברית", "Grüße, 日本語, עברית"},
		{"joined emoji", "👩\u200d💻 क\u200c", "👩\u200d💻 क\u200c"},
		{"backslash", `C:\x1b`, `C:\x1b`},
		{"color", "\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		{"window title", "\x1b]0;owned\x07", `\x1b]0;owned\x07`},
		{"line break", "a\nb\r\nc\td", `a\nb\r\nc\td`},
		{"NUL and backspace", "a\x00b\x08", `a\x00b\x08`},
		{"DEL", "a\x7f", `a\x7f`},
		{"C1", "\u009b31m \u0085", `\u009b31m \u0085`},
		{"bare C1 bytes", "\x9b31m", `\x9b31m`},
		{"not UTF-8", "a\xffb", `a\xffb`},
		{"a replacement character of its own", "a\ufffdb", "a\ufffdb"},
		{"overrides", "\u202a\u202b\u202c\u202d\u202e", `\u202a\u202b\u202c\u202d\u202e`},
		{"isolates", "\u2066\u2067\u2068\u2069", `\u2066\u2067\u2068\u2069`},
		{"marks", "\u200e\u200f\u061c", `\u200e\u200f\u061c`},
		{"separators", "\u2028\u2029", `\u2028\u2029`},
		{"invisible", "pay\u00ad\u200b\u2060\ufeffroll", `pay\u00ad\u200b\u2060\ufeffroll`},
		{"a runner's command", "a ##[error]b ####", `a #\x23[error]b #\x23#\x23`},
		{"a workflow command", "::error::b", `\x3a:error::b`},
		{"a workflow command behind blanks", "  ::error::b", `  \x3a:error::b`},
		{"colons", "a::b:", "a::b:"},
		{"one number sign", "#1 # #", "#1 # #"},
		{"noncharacters", "\ufffe\uffff\U0010ffff", `\ufffe\uffff\U0010ffff`},
		{"tag characters", "\U000e0041", `\U000e0041`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Sanitize(tt.in); got != tt.want {
				t.Errorf("Sanitize(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func FuzzSanitize(f *testing.F) {
	for _, seed := range []string{"", "name", "\x1b[2J", "\u202e", "\xff\xfe", "a\nb"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := Sanitize(in)
		if !utf8.ValidString(got) {
			t.Errorf("Sanitize(%q) = %q is not UTF-8", in, got)
		}
		for _, r := range got {
			if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
				t.Errorf("Sanitize(%q) = %q holds %U", in, got, r)
			}
		}
		if again := Sanitize(got); again != got {
			t.Errorf("Sanitize(%q) = %q, and of that %q", in, got, again)
		}
	})
}

func TestWrap(t *testing.T) {
	tests := []struct {
		name  string
		in    string
		width int
		want  string // lines joined with |
	}{
		{"unlimited", "a b c", 0, "a b c"},
		{"fits", "a b c", 5, "a b c"},
		{"breaks at blanks", "one two three four", 9, "one two|three|four"},
		{"empty", "", 5, ""},
		{"a long word, no punctuation", "abcdefghij", 4, "abcd|efgh|ij"},
		{"behind punctuation", "arn:aws:sns:eu-central-1", 14, "arn:aws:sns:|eu-central-1"},
		{"a name at its hyphens", "network-gateway-changes", 17, "network-gateway-|changes"},
		{"a pattern at its operators", "{($.a=b)||($.c=d)||($.e=f)}", 14, "{($.a=b)|||($.c=d)|||($.e=f)}"},
		{"a short word before a long one", "see arn:aws:sns", 10, "see|arn:aws:|sns"},
		{"several blanks stay", "a  b", 10, "a  b"},
		{"wide characters", "日本語の名前", 4, "日本|語の|名前"},
		{"narrower than a character", "日本", 1, "日|本"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(wrap(tt.in, tt.width), "|"); got != tt.want {
				t.Errorf("wrap(%q, %d) = %s, want %s", tt.in, tt.width, got, tt.want)
			}
		})
	}
}

// FuzzWrap looks for characters that wrapping loses.
func FuzzWrap(f *testing.F) {
	f.Add("topic cis-alerts: its only subscription is pending", 12)
	f.Add("arn:aws:sns:eu-central-1:111122223333:cis-alerts", 7)
	f.Add("日本語 の 名前", 3)
	f.Fuzz(func(t *testing.T, in string, width int) {
		in = Sanitize(in)
		got := strings.ReplaceAll(strings.Join(wrap(in, width%200), ""), " ", "")
		if want := strings.ReplaceAll(in, " ", ""); got != want {
			t.Errorf("wrap(%q, %d) keeps only %q", in, width, got)
		}
	})
}

// TestNothingUnsafe runs hostile names through every writer for people.
func TestNothingUnsafe(t *testing.T) {
	r := hostile()
	p := repair()
	p.Before, p.After = r, r
	evil := r.Accounts[0].Alias
	p.Chosen[0].TrailARN, p.Chosen[0].Region, p.Chosen[0].LogGroup, p.Chosen[0].Why = evil, evil, evil, evil
	p.Manual[0].Text, p.Manual[0].Control = evil, evil
	p.Conflicts = blocked().Conflicts
	p.Conflicts[0] = change.Conflict{Account: "111122223333", Region: evil, Resource: evil, Name: evil, Reason: evil, Have: evil, Want: evil}
	for i, a := range p.Actions {
		switch a := a.(type) {
		case action.PutFilter:
			a.Filter.Name, a.Filter.LogGroup, a.Filter.Pattern, a.Why = evil, evil, evil, evil
			p.Actions[i] = a
		case action.PutAlarm:
			a.Alarm.Name, a.Alarm.Description, a.Closes = evil, evil, []string{evil}
			p.Actions[i] = a
		}
	}
	for _, o := range []Options{{}, {Width: 60}, {Verbose: true}, {Quiet: true}, {ASCII: true, CanReplace: true}} {
		var table, tree, text, list strings.Builder
		errs := []error{
			Table(&table, r, o), Tree(&tree, r, r.Findings[1], o), PlanText(&text, p, o),
			Controls(&list, []catalog.Control{{ID: evil, Title: evil, Sets: []string{evil}}}, "cis-3.0.0", o),
		}
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		for name, out := range map[string]string{"table": table.String(), "tree": tree.String(), "plan": text.String(), "controls": list.String()} {
			for _, r := range out {
				if r != '\n' && !isSafeRune(r) || r == utf8.RuneError {
					t.Errorf("%s, %+v: %U stands in the output", name, o, r)
				}
			}
			if !strings.Contains(strings.ReplaceAll(out, "\n", ""), `\x1b`) {
				t.Errorf("%s, %+v: the escaped name is not shown", name, o)
			}
		}
	}
}
