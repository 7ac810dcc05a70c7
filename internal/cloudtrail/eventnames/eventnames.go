// Package eventnames knows the names of CloudTrail events: those of the services
// that the catalog of controls speaks of.
//
// The names are those of the services' operations (names.txt, from
// testdata/operations) and of events that are no operation (services.txt).
// others.txt and shared.txt know of the operations of all other services.
// No list can be complete: AWS adds operations, and some services record
// names that their documentation does not mention. What the package says about
// a pattern therefore errs on the side of silence.
package eventnames

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

//go:embed shared.txt
var sharedText string

// A table is what the lists say.
type table struct {
	sources map[string][]string // names of each event source, sorted
	names   []string            // of all sources, sorted, each once
	near    []candidate         // the same
	folded  map[string][]string // names by their lower-case form

	// others are names of sources that are not listed; shared those of listed ones
	// that other services have, too.
	others, shared map[string]bool
}

// known is the one table, read when it is first needed.
var known = sync.OnceValue(func() *table {
	t := &table{sources: map[string][]string{}, folded: map[string][]string{}, others: map[string]bool{}, shared: map[string]bool{}}
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
	for _, line := range lines(sharedText) {
		t.shared[line] = true
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

// Listed reports whether the names of an event source are listed.
func Listed(source string) bool { return known().sources[source] != nil }

// Open reports whether a listed event source records names beyond the list.
func Open(source string) bool { return slices.Contains(openSources, source) }

// Of returns the listed names of an event source, sorted. The caller does not
// change them.
func Of(source string) []string { return known().sources[source] }

// Owners returns the listed sources that have an event, sorted.
func Owners(name string) []string {
	t := known()
	return slices.DeleteFunc(Sources(), func(s string) bool { return !t.has(t.sources[s], name) })
}

// Owner returns the one event source that records events of this name, as far as
// the lists say: a listed source has it, and no other service has an operation of
// that name. It returns false for names that several have or that are not listed.
func Owner(name string) (source string, ok bool) {
	owners := Owners(name)
	if len(owners) != 1 || known().shared[name] {
		return "", false
	}
	return owners[0], true
}
