package catalog_test

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/template"
	"unicode/utf8"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

var update = flag.Bool("update", false, "write docs/controls.md")

const docsFile = "../../docs/controls.md"

// docs/controls.md is the catalog for readers; it must not lag behind.
func TestDocs(t *testing.T) {
	got := renderDocs(t)
	if *update {
		if err := os.WriteFile(docsFile, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("docs/controls.md is out of date, 'go test ./internal/catalog -update' writes it (-file +catalog):\n%s", diff)
	}
}

// A column of the overview stands for neighbouring versions with the same
// numbers.
type column struct {
	Name  string
	First catalog.Benchmark
}

func renderDocs(t *testing.T) []byte {
	t.Helper()
	c := load(t)
	tmpl, err := template.New("controls.md.tmpl").Funcs(docsFuncs).ParseFiles("testdata/controls.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	azure, versions := azureCatalog(t).Controls, catalog.BenchmarksOf(catalog.Azure)
	data := struct {
		Controls              []catalog.Control
		Columns               []column
		Default, DefaultAzure catalog.Benchmark
		Azure                 []catalog.Control
		AzureColumns          []column
		AzureVersions         string
	}{c.Controls, columns(c.Controls, catalog.Benchmarks()), catalog.DefaultBenchmark, catalog.DefaultAzureBenchmark, azure, columns(azure, versions), span(versions)}
	if err := tmpl.Execute(&out, data); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

var docsFuncs = template.FuncMap{
	"join":      func(words []string) string { return strings.Join(words, ", ") },
	"cell":      func(text string) string { return strings.ReplaceAll(text, "|", `\|`) },
	"length":    utf8.RuneCountInString,
	"version":   catalog.Benchmark.Version,
	"number":    number,
	"numbersOf": numbersOf,
	"scope":     scope,
	"event":     event,
	"required":  func(c catalog.Control) []catalog.Event { return pick(c, requiredSomewhere) },
	"blind": func(c catalog.Control) []catalog.Event {
		return pick(c, func(e catalog.Event) bool { return e.Core && !requiredSomewhere(e) })
	},
	"elsewhere":   func(c catalog.Control) []catalog.Event { return pick(c, func(e catalog.Event) bool { return !e.Core }) },
	"asked":       asked,
	"supplements": supplements,
	"printed":     printed,
	"written":     written,
	"titles":      titles,
}

func number(c catalog.Control, b catalog.Benchmark) string {
	if n, ok := c.Number(b); ok {
		return n
	}
	return "-"
}

// numbersOf lists the places of an operation of Azure: "5.2.3 (1.3.0 to 2.1.0)".
func numbersOf(o catalog.Operation) string {
	var list []string
	for _, g := range group(catalog.BenchmarksOf(catalog.Azure), func(b catalog.Benchmark) string { return o.Numbers[b].Number }) {
		if n := o.Numbers[g[0]].Number; n != "" {
			list = append(list, fmt.Sprintf("%s (%s)", n, span(g)))
		}
	}
	return cmp.Or(strings.Join(list, ", "), "none")
}

func columns(controls []catalog.Control, versions []catalog.Benchmark) []column {
	numbers := func(b catalog.Benchmark) string {
		var all []string
		for _, c := range controls {
			all = append(all, number(c, b))
		}
		return strings.Join(all, " ")
	}
	var list []column
	for _, group := range group(versions, numbers) {
		list = append(list, column{"CIS " + span(group), group[0]})
	}
	return list
}

// group splits versions into runs of neighbours with the same key.
func group(versions []catalog.Benchmark, key func(catalog.Benchmark) string) [][]catalog.Benchmark {
	var groups [][]catalog.Benchmark
	for i, b := range versions {
		if i > 0 && key(b) == key(versions[i-1]) {
			groups[len(groups)-1] = append(groups[len(groups)-1], b)
			continue
		}
		groups = append(groups, []catalog.Benchmark{b})
	}
	return groups
}

// span names neighbouring versions: "3.0.0", "1.2.0 to 4.0.1".
func span(versions []catalog.Benchmark) string {
	first, last := versions[0].Version(), versions[len(versions)-1].Version()
	if first == last {
		return first
	}
	return first + " to " + last
}

var scopes = map[catalog.Scope]string{
	catalog.Regional: "Recorded in the region of the call",
	catalog.Global:   "Recorded in the partition's global region only",
	catalog.SignIn:   "Recorded in any region that offers sign-in",
}

func scope(c catalog.Control) string {
	text := scopes[c.Scope] + ", by any event source."
	if len(c.Sources) > 0 {
		text = scopes[c.Scope] + ", by `" + strings.Join(c.Sources, "` and `") + "`."
	}
	if c.Reads {
		text += " Calls that only read are needed too."
	}
	if c.Failures {
		text += " It is about failed calls."
	}
	return text
}

// event names an event, with its source where it is not the control's first.
func event(c catalog.Control, e catalog.Event) string {
	if e.Source == c.Sources[0] {
		return e.Name
	}
	return e.Name + " (" + e.Source + ")"
}

func requiredSomewhere(e catalog.Event) bool { return e.Always || len(e.Versions) > 0 }

// pick returns the events to keep, those of the highest risk first.
func pick(c catalog.Control, keep func(catalog.Event) bool) []catalog.Event {
	var events []catalog.Event
	for _, e := range c.Events {
		if keep(e) {
			events = append(events, e)
		}
	}
	risks := []string{"high", "medium", "low"}
	slices.SortStableFunc(events, func(a, b catalog.Event) int {
		return cmp.Compare(slices.Index(risks, a.Risk), slices.Index(risks, b.Risk))
	})
	return events
}

func asked(e catalog.Event) string {
	if e.Always {
		return "always"
	}
	return span(e.Versions)
}

func supplements(c catalog.Control) string {
	var lengths []string
	for _, text := range c.Complements(catalog.DefaultBenchmark, catalog.PatternLimit) {
		lengths = append(lengths, fmt.Sprint(len(text)))
	}
	noun := "filter"
	if len(lengths) > 1 {
		noun = "filters"
	}
	return fmt.Sprintf("`apply --complete` adds %d %s on the same metric (%s characters).", len(lengths), noun, strings.Join(lengths, " and "))
}

func printed(c catalog.Control, t catalog.Text) string {
	switch {
	case len(t.Versions) > 0:
		return "printed in " + span(t.Versions)
	case len(c.Numbers) > 0:
		return "printed in no version"
	default:
		return "bound to no version"
	}
}

func written(t catalog.Text) string {
	switch {
	case len(t.Writes) == 0 && len(t.Peers) > 0 && t.Never == "":
		return "written for other auditors ([peers](peers.md)) only"
	case len(t.Writes) == 0:
		return "never written"
	case t.Writes[0] == "":
		return "written for every version"
	default:
		return "written for " + span(t.Writes)
	}
}

// A title is what neighbouring versions say of a control.
type title struct {
	Versions string
	Number   catalog.Number
}

func titles(c catalog.Control) []title {
	var versions []catalog.Benchmark
	for _, b := range catalog.Benchmarks() {
		if _, ok := c.Numbers[b]; ok {
			versions = append(versions, b)
		}
	}
	var list []title
	for _, g := range group(versions, func(b catalog.Benchmark) string { return fmt.Sprint(c.Numbers[b]) }) {
		list = append(list, title{span(g), c.Numbers[g[0]]})
	}
	return list
}
