package eventpattern

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
)

// A vector is one answer of AWS's own engine.
type vector struct {
	ID, Pattern, Event string
	Match, EventError  bool
	Error              string
	LegacyMatch        *bool
}

// readVectors returns the file's vectors with its texts put in.
func readVectors(tb testing.TB) []vector {
	tb.Helper()
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		tb.Fatal(err)
	}
	var file struct {
		Texts   []string
		Vectors []vector
	}
	if err := json.Unmarshal(data, &file); err != nil {
		tb.Fatal(err)
	}
	full := func(text string) string {
		if n, ok := strings.CutPrefix(text, "@"); ok {
			i, err := strconv.Atoi(n)
			if err != nil {
				tb.Fatal(err)
			}
			return file.Texts[i]
		}
		return text
	}
	for i := range file.Vectors {
		v := &file.Vectors[i]
		v.Pattern, v.Event = full(v.Pattern), full(v.Event)
	}
	return file.Vectors
}

func TestVectors(t *testing.T) {
	vectors := readVectors(t)
	if len(vectors) < 6900 {
		t.Fatalf("%d vectors", len(vectors))
	}
	for _, v := range vectors {
		checkVector(t, v)
	}
}

func checkVector(t *testing.T, v vector) {
	t.Helper()
	p, err := Parse(v.Pattern)
	if (err != nil) != (v.Error != "") {
		t.Errorf("%s: Parse(%s): %v; the engine says %q", v.ID, v.Pattern, err, v.Error)
		return
	}
	if v.LegacyMatch != nil {
		if p, err = ParseLegacy(v.Pattern); err != nil {
			t.Errorf("%s: ParseLegacy(%s): %v", v.ID, v.Pattern, err)
			return
		}
		v.Match = *v.LegacyMatch
	}
	if err != nil {
		return
	}
	if _, err := Decode([]byte(v.Event)); (err != nil) != v.EventError {
		t.Errorf("%s: Decode(%s): %v, want an error: %t", v.ID, v.Event, err, v.EventError)
	}
	want := NoMatch
	if v.Match {
		want = Match
	}
	if got := p.Match([]byte(v.Event)); got != want {
		t.Errorf("%s: pattern %s\nevent %s\ngot %s, want %s", v.ID, v.Pattern, v.Event, got, want)
	}
	again, err := Parse(p.String())
	switch {
	case v.LegacyMatch != nil:
	case err != nil:
		t.Errorf("%s: %s prints as %s: %v", v.ID, v.Pattern, p, err)
	case again.String() != p.String() || again.Match([]byte(v.Event)) != want || len(p.String()) > len(v.Pattern):
		t.Errorf("%s: %s prints as %s, and that as %s", v.ID, v.Pattern, p, again)
	}
}
