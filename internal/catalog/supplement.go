package catalog

import (
	"slices"
	"strings"
)

// Supplements returns the filter patterns that match the blind spots of b and
// nothing else: sources and names sorted, one source in each pattern, and as
// many names as limit characters hold. A name that alone is longer than limit
// still gets its pattern.
func (c Control) Supplements(b Benchmark, limit int) []string {
	names := map[string][]string{}
	var sources []string
	for _, e := range c.BlindSpots(b) {
		if names[e.Source] == nil {
			sources = append(sources, e.Source)
		}
		names[e.Source] = append(names[e.Source], e.Name)
	}
	slices.Sort(sources)
	var patterns []string
	for _, source := range sources {
		slices.Sort(names[source])
		patterns = append(patterns, split(source, names[source], limit)...)
	}
	return patterns
}

// split fills one pattern after the other. Names and sources are ASCII, so that
// bytes are characters.
func split(source string, names []string, limit int) []string {
	var patterns []string
	for len(names) > 0 {
		n := 1
		for n < len(names) && len(supplement(source, names[:n+1])) <= limit {
			n++
		}
		patterns = append(patterns, supplement(source, names[:n]))
		names = names[n:]
	}
	return patterns
}

// supplement returns the shortest spelling of a pattern for some events of one
// source.
func supplement(source string, names []string) string {
	tests := make([]string, len(names))
	for i, name := range names {
		tests[i] = "($.eventName=" + name + ")"
	}
	events := strings.Join(tests, "||")
	if len(tests) > 1 {
		events = "(" + events + ")"
	}
	return "{($.eventSource=" + source + ")&&" + events + "}"
}
