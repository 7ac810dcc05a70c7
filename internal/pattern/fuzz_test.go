package pattern

import (
	"errors"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/patterntest"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// addVectors seeds a fuzz target with the patterns and events of the vectors.
func addVectors(f *testing.F, add func(patterntest.Vector)) {
	seen := map[string]bool{}
	for _, v := range patterntest.Vectors(f) {
		if !seen[v.Pattern] {
			seen[v.Pattern] = true
			add(v)
		}
	}
}

// badInput is what a pattern should not be but may be.
var badInput = []string{
	strings.Repeat("a", syntax.MaxLength+1), "{" + strings.Repeat("(", 500), strings.Repeat("(", 500) + strings.Repeat(")", 500),
	"{$.a=%a%||$.a=%b%||$.a=%c%}", "%(a+)+$%", "%a{1000}{1000}%", "%[a-%", "%\\%", "\xff\xfe", "{$.a=\"\x00\"}", "{$.a=“x”}", "{\r\n$.a=1\r\n}",
	"{$.a>1e2147483647&&$.a<-1e-2147483648}", "{$.['", "{$.a[99999999999]=1}", "[a-b,...,c=x*y]", "- -a",
}

// FuzzParse: no panic, an error lies inside the pattern, and what a pattern prints
// as is stable and means the same.
func FuzzParse(f *testing.F) {
	addVectors(f, func(v patterntest.Vector) { f.Add(v.Pattern) })
	for _, text := range badInput {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if err != nil {
			var bad *syntax.Error
			if !errors.As(err, &bad) || bad.Offset < 0 || bad.Offset > len(text) || bad.Msg == "" {
				t.Fatalf("Parse(%q): %#v", text, err)
			}
			return
		}
		checkPrint(t, p)
	})
}

// FuzzMatch: no panic, and decoding, printing and quoting make no difference.
func FuzzMatch(f *testing.F) {
	addVectors(f, func(v patterntest.Vector) { f.Add(v.Pattern, []byte(v.Event)) })
	f.Fuzz(func(t *testing.T, text string, message []byte) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		got := p.Match(message)
		if decoded := p.MatchDecoded(match.Decode(message)); decoded != got {
			t.Errorf("%q on %q: %v, decoded %v", text, message, got, decoded)
		}
		if printed := mustParse(t, p.String()).Match(message); printed != got {
			t.Errorf("%q on %q: %v, printed as %q %v", text, message, got, p, printed)
		}
		if got == match.Undetermined && !p.midAsterisk && !p.detached {
			t.Errorf("%q on %q is undetermined", text, message)
		}
		if fields := p.Extract(message); (fields != nil) != (got == match.Match) {
			t.Errorf("%q on %q: %v, fields %v", text, message, got, fields)
		}
	})
}
