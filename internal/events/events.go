// Package events knows the names of CloudTrail events: those of the services
// that the catalog of controls speaks of.
//
// The names are those of the services' operations (names.txt, from
// testdata/operations) and of events that are no operation (services.txt).
// Neither list can be complete: AWS adds operations, and some services record
// names that their documentation does not mention. What the package says about
// a pattern therefore errs on the side of silence.
package events

import (
	_ "embed" // the lists
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:embed names.txt
var namesText string

//go:embed services.txt
var servicesText string

//go:embed others.txt
var othersText string

// A table is what the lists say.
type table struct {
	sources map[string][]string // names of each event source, sorted
	names   []string            // of all sources, sorted, each once
	near    []candidate         // the same
	folded  map[string][]string // names by their lower-case form

	// others are names of sources that are not listed.
	others map[string]bool
}

// known is the one table, read when it is first needed.
var known = sync.OnceValue(func() *table {
	t := &table{sources: map[string][]string{}, folded: map[string][]string{}, others: map[string]bool{}}
	all := map[string]bool{}
	for _, line := range slices.Concat(lines(namesText), lines(servicesText)) {
		fields := strings.Fields(line)
		t.sources[fields[0]] = append(t.sources[fields[0]], fields[1])
		all[fields[1]] = true
	}
	for _, names := range t.sources {
		slices.Sort(names)
	}
	t.names = slices.Sorted(maps.Keys(all))
	t.near = candidates(t.names)
	for _, name := range t.names {
		folded := strings.ToLower(name)
		t.folded[folded] = append(t.folded[folded], name)
	}
	for _, line := range lines(othersText) {
		t.others[line] = true
	}
	return t
})

// lines returns the lines that are neither blank nor comments.
func lines(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool {
		return strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#")
	})
}

// openSources are listed event sources that record names beyond the list: S3
// has names of its own for many operations (sample records have
// GetBucketObjectLockConfiguration), and signing in is no API.
var openSources = []string{"s3.amazonaws.com", "s3express.amazonaws.com", "signin.amazonaws.com"}

// Sources returns the event sources that are listed, sorted.
func Sources() []string { return slices.Sorted(maps.Keys(known().sources)) }

// Known reports whether the event source records events of this name. An empty
// source stands for any: then also a name counts that only an unlisted service
// has, as far as it looks like a listed one.
func Known(source, name string) bool {
	t := known()
	if source == "" {
		return t.has(t.names, name) || t.others[name]
	}
	return t.has(t.sources[source], name)
}

func (t *table) has(sorted []string, name string) bool {
	_, found := slices.BinarySearch(sorted, name)
	return found
}

// Nearest returns the listed name of any source that a name was probably meant
// to be, and false when none is close. A name that is listed is its own.
func Nearest(name string) (string, bool) {
	t := known()
	if t.has(t.names, name) {
		return name, true
	}
	return nearest(name, t.near)
}

// Cased returns the listed name that differs from a name in upper and lower
// case only, and false when there is none or the name itself is listed.
func Cased(name string) (string, bool) {
	t := known()
	if t.has(t.names, name) {
		return "", false
	}
	if list := t.folded[strings.ToLower(name)]; len(list) > 0 {
		return list[0], true
	}
	return "", false
}

// of returns the names of several event sources.
func (t *table) of(sources []string) []string {
	var names []string
	for _, s := range sources {
		names = append(names, t.sources[s]...)
	}
	return names
}
