package eventpattern

import (
	"errors"
	"regexp"
	"testing"
)

func FuzzParse(f *testing.F) {
	for i, v := range readVectors(f) {
		if i%40 == 0 || v.Error != "" {
			f.Add(v.Pattern)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(text) || syntax.Msg == "" {
				t.Fatalf("Parse(%q): %v", text, err)
			}
			return
		}
		printed := p.String()
		again, err := Parse(printed)
		if err != nil || again.String() != printed {
			t.Fatalf("%q prints as %q, and that as %v: %v", text, printed, again, err)
		}
		for _, s := range p.Suspicions() {
			if s.Offset < 0 || s.Offset >= len(text) {
				t.Fatalf("%q: %+v", text, s)
			}
		}
		if p.Explain().String() == "" {
			t.Fatalf("%q: no explanation", text)
		}
	})
}

// beyondNaive finds what the second reading leaves out: cidr, addresses with
// zeros in front, numbers beyond doubles, half surrogates and letters outside
// of ASCII, for which it knows no folding.
var beyondNaive = regexp.MustCompile(`cidr|\\u|[^\x00-\x7f]|[0-9]{12}|[eE][-+]?[0-9]{2}|[0-9:.]{7}|::`)

func FuzzMatch(f *testing.F) {
	for i, v := range readVectors(f) {
		if i%20 == 0 && v.Error == "" && !v.EventError {
			f.Add(v.Pattern, v.Event)
		}
	}
	f.Fuzz(func(t *testing.T, text, event string) {
		p, err := Parse(text)
		if err != nil || len(p.branches) > 50 || len(event) > 5000 {
			return
		}
		got := p.Match([]byte(event))
		if again, err := Parse(p.String()); err != nil || again.Match([]byte(event)) != got {
			t.Fatalf("%q and %q differ on %q: %v", text, p, event, err)
		}
		if _, err := Decode([]byte(event)); err != nil || beyondNaive.MatchString(text+" "+event) || got == Undetermined {
			return
		}
		if want := naiveMatch(text, event); (got == Match) != want {
			t.Fatalf("pattern %s\nevent %s\ngot %s, the second reading says %t", text, event, got, want)
		}
	})
}

// TestNaive holds the second reading to the engine's answers, too.
func TestNaive(t *testing.T) {
	compared := 0
	for _, v := range readVectors(t) {
		if v.Error != "" || v.EventError || beyondNaive.MatchString(v.Pattern) || beyondNaive.MatchString(v.Event) {
			continue
		}
		compared++
		if got := naiveMatch(v.Pattern, v.Event); got != v.Match {
			t.Errorf("%s: pattern %s\nevent %s\nthe second reading says %t", v.ID, v.Pattern, v.Event, got)
		}
	}
	if compared < 1000 {
		t.Errorf("only %d vectors compared", compared)
	}
}
