package pattern

import (
	"errors"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/patterntest"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// The numbers of the conformance file, so that no vector is dropped silently.
const (
	vectorCount    = 2283
	uncertainCount = 4
)

func TestVectors(t *testing.T) {
	gating := 0
	vectors := patterntest.Vectors(t)
	for _, v := range vectors {
		if v.Confidence == "uncertain" {
			continue
		}
		gating++
		if v.Error {
			checkRefused(t, v)
		} else {
			checkMatch(t, v)
		}
	}
	if len(vectors) != vectorCount || gating != vectorCount-uncertainCount {
		t.Errorf("%d of %d vectors gate, want %d of %d", gating, len(vectors), vectorCount-uncertainCount, vectorCount)
	}
}

func checkMatch(t *testing.T, v patterntest.Vector) {
	t.Helper()
	p, err := Parse(v.Pattern)
	if err != nil {
		t.Errorf("%s: Parse(%q): %v", v.ID, v.Pattern, err)
		return
	}
	want := match.NoMatch
	if v.Match {
		want = match.Match
	}
	if got := p.Match([]byte(v.Event)); got != want {
		t.Errorf("%s: %s on %s: %v, want %v", v.ID, v.Pattern, v.Event, got, want)
	}
}

// checkRefused also compares the error with the one of AWS.
func checkRefused(t *testing.T, v patterntest.Vector) {
	t.Helper()
	_, err := Parse(v.Pattern)
	var bad *syntax.Error
	if !errors.As(err, &bad) {
		t.Errorf("%s: Parse(%q) = %v, want a syntax error", v.ID, v.Pattern, err)
		return
	}
	if !strings.HasPrefix(bad.Msg, v.AWSError) {
		t.Errorf("%s: Parse(%q): %s, want %s", v.ID, v.Pattern, bad.Msg, v.AWSError)
	}
	if bad.Offset < 0 || bad.Offset > len(v.Pattern) {
		t.Errorf("%s: Parse(%q): offset %d", v.ID, v.Pattern, bad.Offset)
	}
}

// TestUncertainVectors pins down what happens to the vectors that do not gate.
func TestUncertainVectors(t *testing.T) {
	n := 0
	for _, v := range patterntest.Vectors(t) {
		if v.Confidence != "uncertain" {
			continue
		}
		n++
		p, err := Parse(v.Pattern)
		if v.Error {
			if err == nil {
				t.Errorf("%s: Parse(%q) succeeded", v.ID, v.Pattern)
			}
			continue
		}
		want := match.Match
		if p.midAsterisk {
			want = match.Undetermined
		}
		if got := p.Match([]byte(v.Event)); got != want {
			t.Errorf("%s: %s on %s: %v, want %v", v.ID, v.Pattern, v.Event, got, want)
		}
	}
	if n != uncertainCount {
		t.Errorf("%d uncertain vectors, want %d", n, uncertainCount)
	}
}
