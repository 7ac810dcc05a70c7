package catalog_test

import (
	"encoding/json"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

// A matcher keeps the texts that it has parsed.
type matcher map[string]*pattern.Pattern

// matches tells whether a text matches a bare record of the event.
func (m matcher) matches(t *testing.T, text string, e catalog.Event) bool {
	t.Helper()
	p := m[text]
	if p == nil {
		var err error
		if p, err = pattern.Parse(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		m[text] = p
	}
	record, err := json.Marshal(map[string]string{"eventSource": e.Source, "eventName": e.Name})
	if err != nil {
		t.Fatal(err)
	}
	return p.Match(record) == match.Match
}

// eachEvent calls check for every control, benchmark and event of the control.
func eachEvent(t *testing.T, check func(c catalog.Control, b catalog.Benchmark, e catalog.Event, required bool)) {
	for _, c := range load(t).Controls {
		for _, b := range catalog.Benchmarks() {
			required := map[[2]string]bool{}
			for _, e := range c.Required(b) {
				required[[2]string{e.Source, e.Name}] = true
			}
			for _, e := range c.Events {
				check(c, b, e, required[[2]string{e.Source, e.Name}])
			}
		}
	}
}

// What apply writes and what the benchmark prints match what the version
// requires, and nothing else that the control knows.
func TestTextsMatchRequiredEvents(t *testing.T) {
	m := matcher{}
	eachEvent(t, func(c catalog.Control, b catalog.Benchmark, e catalog.Event, required bool) {
		for _, text := range append(c.Texts(b), c.Writes(b)) {
			if got := m.matches(t, text.Text, e); got != required {
				t.Errorf("%s in %s: %s matches %s of %s: %t, want %t", c.ID, b, text.ID, e.Name, e.Source, got, required)
			}
		}
	})
}

// Nothing that apply writes counts the everyday read.
func TestWrittenTextsLeaveReadsAlone(t *testing.T) {
	m := matcher{}
	for _, c := range load(t).Controls {
		if c.Type != catalog.Events {
			continue
		}
		for _, text := range c.Shipped() {
			if m.matches(t, text, catalog.Event{Source: c.Sources[0], Name: c.Read}) {
				t.Errorf("%s: %s matches %s", c.ID, text, c.Read)
			}
		}
	}
}

func TestSupplementsMatchBlindSpots(t *testing.T) {
	m := matcher{}
	eachEvent(t, func(c catalog.Control, b catalog.Benchmark, e catalog.Event, required bool) {
		matched := 0
		for _, text := range c.Supplements(b, catalog.PatternLimit) {
			if m.matches(t, text, e) {
				matched++
			}
		}
		want := 0
		if e.Core && !required {
			want = 1
		}
		if matched != want {
			t.Errorf("%s in %s: %d supplements match %s of %s, want %d", c.ID, b, matched, e.Name, e.Source, want)
		}
	})
}
