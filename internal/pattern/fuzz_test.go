package pattern

import (
	"errors"
	"testing"
)

// addVectors seeds a fuzz target with the patterns and events of the vectors.
func addVectors(f *testing.F, add func(vector)) {
	seen := map[string]bool{}
	for _, v := range readVectors(f) {
		if !seen[v.Pattern] {
			seen[v.Pattern] = true
			add(v)
		}
	}
}

// FuzzParse: no panic, an error lies inside the pattern, and what a pattern
// prints as is stable and means the same.
func FuzzParse(f *testing.F) {
	addVectors(f, func(v vector) { f.Add(v.Pattern) })
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if err != nil {
			var bad *SyntaxError
			if !errors.As(err, &bad) || bad.Offset < 0 || bad.Offset > len(text) || bad.Msg == "" {
				t.Fatalf("Parse(%q): %#v", text, err)
			}
			return
		}
		checkPrint(t, p)
		p.Rules()
	})
}

// FuzzMatch: no panic, and decoding, printing and quoting make no difference.
func FuzzMatch(f *testing.F) {
	addVectors(f, func(v vector) { f.Add(v.Pattern, []byte(v.Event)) })
	f.Fuzz(func(t *testing.T, text string, message []byte) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		got := p.Match(message)
		if decoded := p.MatchDecoded(Decode(message)); decoded != got {
			t.Errorf("%q on %q: %v, decoded %v", text, message, got, decoded)
		}
		if printed := mustParse(t, p.String()).Match(message); printed != got {
			t.Errorf("%q on %q: %v, printed as %q %v", text, message, got, p, printed)
		}
		if got == Undetermined && !p.midAsterisk && !p.detached {
			t.Errorf("%q on %q is undetermined", text, message)
		}
		if fields := p.Extract(message); (fields != nil) != (got == Match) {
			t.Errorf("%q on %q: %v, fields %v", text, message, got, fields)
		}
	})
}
