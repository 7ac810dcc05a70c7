package eventpattern

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// BenchmarkMatch20 takes one event apart and matches 20 patterns of deployed rules with it,
// and matches them with an event that was taken apart before.
func BenchmarkMatch20(b *testing.B) {
	patterns, event := deployed(b)
	b.Run("decoded", func(b *testing.B) {
		e, err := Decode([]byte(event))
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			for _, p := range patterns {
				p.MatchDecoded(e)
			}
		}
	})
	b.Run("text", func(b *testing.B) {
		b.SetBytes(int64(len(event)))
		for b.Loop() {
			e, err := Decode([]byte(event))
			if err != nil {
				b.Fatal(err)
			}
			for _, p := range patterns {
				p.MatchDecoded(e)
			}
		}
	})
}

// deployed returns 20 patterns of deployed rules, and the longest sample of an event.
func deployed(b *testing.B) ([]*Pattern, string) {
	b.Helper()
	var patterns []*Pattern
	var event string
	for _, v := range readVectors(b) {
		if strings.HasPrefix(v.ID, "real-") && v.Error == "" && len(patterns) < 20 &&
			(len(patterns) == 0 || patterns[len(patterns)-1].Text() != v.Pattern) {
			patterns = append(patterns, mustParse(b, v.Pattern))
		}
		if strings.HasPrefix(v.ID, "ct-sample") && len(v.Event) > len(event) {
			event = v.Event
		}
	}
	if len(patterns) < 20 || event == "" {
		b.Fatal("the vectors lack patterns or events")
	}
	return patterns, event
}

// TestHostile is about time: names that come again and again make the search
// long, and it must end.
func TestHostile(t *testing.T) {
	var pattern, event []string
	for i := range 100 {
		pattern = append(pattern, fmt.Sprintf(`"f%02d":["x"]`, i))
		event = append(event, fmt.Sprintf(`"a":[{"f%02d":"x"},{"f%02d":"x"}]`, i, i))
	}
	p := mustParse(t, `{"a":{`+strings.Join(pattern, ",")+`,"g":["x"]}}`)
	start := time.Now()
	got := p.Match([]byte(`{` + strings.Join(event, ",") + `,"a":[{"g":"y"}]}`))
	if got == Match || time.Since(start) > 30*time.Second {
		t.Errorf("%s after %s", got, time.Since(start))
	}
	if _, err := Decode([]byte(strings.Repeat(`{"a":`, MaxDepth+1))); err == nil || !strings.Contains(err.Error(), "deeper") {
		t.Errorf("a deep event: %v", err)
	}
}
