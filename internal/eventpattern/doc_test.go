package eventpattern

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestExamplesOfTheDocument runs the table of docs/event-patterns.md, and looks
// for the vectors that the document names.
func TestExamplesOfTheDocument(t *testing.T) {
	text, err := os.ReadFile("../../docs/event-patterns.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| ([0-9.]+) \\| `(.*)` \\| `(.*)` \\| (.*) \\|$").FindAllStringSubmatch(string(text), -1)
	if len(rows) < 20 {
		t.Errorf("%d examples", len(rows))
	}
	for _, row := range rows {
		got := "error"
		if p, err := Parse(row[2]); err == nil {
			got = p.Match([]byte(row[3])).String()
		}
		if got != row[4] {
			t.Errorf("rule %s: %s on %s: got %s, want %s", row[1], row[2], row[3], got, row[4])
		}
		if !strings.Contains(string(text), "**"+row[1]+"**") {
			t.Errorf("there is no rule %s", row[1])
		}
	}
	known := map[string]bool{}
	for _, v := range readVectors(t) {
		known[v.ID] = true
	}
	for _, id := range regexp.MustCompile("`((?:invalid|struct-[a-z]+)-[0-9]+)`").FindAllStringSubmatch(string(text), -1) {
		if !known[id[1]] {
			t.Errorf("there is no vector %s", id[1])
		}
	}
}
