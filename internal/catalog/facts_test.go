package catalog_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// The facts are written down a second time in testdata/facts.json, apart from
// the catalog, so that a slip in a YAML file does not go unseen.
type (
	facts struct {
		About    string
		Controls []factControl
	}
	factControl struct {
		ID, Title, Type          string
		Sources                  []string
		Numbers                  map[string]catalog.Number
		Mappings                 map[string][]string // as their sources spell them
		Patterns                 []factPattern
		Events, AdjacentHighRisk []factEvent
		Supplements              []factText
	}
	factPattern struct {
		ID, Text, SHA256 string
		Length           int
		Versions         []string
	}
	factEvent struct {
		Source, Name, Kind, Risk string
		Required                 []string
	}
	factText struct {
		Text   string
		Length int
	}
)

func readFacts(t *testing.T) []factControl {
	t.Helper()
	data, err := os.ReadFile("testdata/facts.json")
	if err != nil {
		t.Fatal(err)
	}
	var f facts
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	return f.Controls
}

// eachFact calls check with every control of the facts and of the catalog.
func eachFact(t *testing.T, check func(t *testing.T, want factControl, got catalog.Control)) {
	c := load(t)
	want := readFacts(t)
	for _, control := range c.Controls {
		known := slices.ContainsFunc(want, func(f factControl) bool { return f.ID == control.ID })
		if len(control.Numbers) > 0 && !known {
			t.Errorf("%s is in a benchmark, and there are no facts about it", control.ID)
		}
	}
	for _, f := range want {
		t.Run(f.ID, func(t *testing.T) {
			got, err := c.Find(f.ID, catalog.DefaultBenchmark)
			if err != nil {
				t.Fatal(err)
			}
			check(t, f, got)
		})
	}
}

func TestFacts(t *testing.T) {
	eachFact(t, func(t *testing.T, want factControl, got catalog.Control) {
		if got.Title != want.Title || string(got.Type) != want.Type || !slices.Equal(got.Sources, want.Sources) {
			t.Errorf("got %q, %s, %q; want %q, %s, %q", got.Title, got.Type, got.Sources, want.Title, want.Type, want.Sources)
		}
		numbers := map[string]catalog.Number{}
		for b, n := range got.Numbers {
			numbers[b.Version()] = n
		}
		if diff := cmp.Diff(want.Numbers, numbers); diff != "" {
			t.Errorf("benchmarks (-want +got):\n%s", diff)
		}
	})
}

// The only texts beyond the facts are those that no version prints: of 4.13 Security
// Hub's, of 4.15 Prowler's (TestPeerTexts has its names).
func TestPatternsCharacterForCharacter(t *testing.T) {
	eachFact(t, func(t *testing.T, want factControl, got catalog.Control) {
		var patterns []factPattern
		for _, p := range got.Patterns {
			if want.ID == "route-table-changes" && p.ID == "security-hub" || want.ID == "organizations-changes" && p.ID == "prowler" {
				continue
			}
			versions := []string{}
			for _, b := range p.Versions {
				versions = append(versions, b.Version())
			}
			sum := fmt.Sprintf("%x", sha256.Sum256([]byte(p.Text)))
			patterns = append(patterns, factPattern{p.ID, p.Text, sum, utf8.RuneCountInString(p.Text), versions})
		}
		if diff := cmp.Diff(want.Patterns, patterns); diff != "" {
			t.Errorf("patterns (-want +got):\n%s", diff)
		}
	})
}

func TestEvents(t *testing.T) {
	eachFact(t, func(t *testing.T, want factControl, got catalog.Control) {
		var core, adjacent []factEvent
		for _, e := range got.Events {
			f := factEvent{Source: e.Source, Name: e.Name, Kind: e.Kind, Risk: e.Risk}
			if !e.Core {
				adjacent = append(adjacent, f)
				continue
			}
			f.Required = []string{}
			for _, b := range e.Versions {
				f.Required = append(f.Required, b.Version())
			}
			if e.Always {
				f.Required = []string{"always"}
			}
			core = append(core, f)
		}
		for _, list := range [][2][]factEvent{{want.Events, core}, {want.AdjacentHighRisk, adjacent}} {
			if diff := cmp.Diff(sorted(list[0]), sorted(list[1])); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		}
	})
}

func sorted(events []factEvent) []factEvent {
	events = append([]factEvent{}, events...)
	slices.SortFunc(events, func(a, b factEvent) int {
		return slices.Compare([]string{a.Source, a.Name}, []string{b.Source, b.Name})
	})
	return events
}

func TestSupplementsOfNewestVersion(t *testing.T) {
	eachFact(t, func(t *testing.T, want factControl, got catalog.Control) {
		var supplements []factText
		for _, text := range got.Supplements("cis-7.0.0", catalog.PatternLimit) {
			supplements = append(supplements, factText{text, len(text)})
		}
		if diff := cmp.Diff(append([]factText{}, want.Supplements...), append([]factText{}, supplements...)); diff != "" {
			t.Errorf("supplements (-want +got):\n%s", diff)
		}
	})
}

// The spelling of the sources differs ("au_6_1" for AU-6(1)); letters and
// numbers are the same.
func TestMappings(t *testing.T) {
	eachFact(t, func(t *testing.T, want factControl, got catalog.Control) {
		wanted, have := tokens(want.Mappings), tokens(got.Mappings)
		if diff := cmp.Diff(wanted, have); diff != "" {
			t.Errorf("mappings (-want +got):\n%s", diff)
		}
	})
}

var wordsAndNumbers = regexp.MustCompile(`[0-9]+|[A-Za-z]+`)

// tokens returns the letters and numbers of requirements, sorted and each once.
func tokens(mappings map[string][]string) map[string][]string {
	out := map[string][]string{}
	for framework, list := range mappings {
		for _, id := range list {
			out[framework] = append(out[framework], strings.ToLower(strings.Join(wordsAndNumbers.FindAllString(id, -1), " ")))
		}
		slices.Sort(out[framework])
		out[framework] = slices.Compact(out[framework])
	}
	return out
}
