package catalog

import (
	"slices"
	"strings"
	"unicode"
)

// Supplements returns the filter patterns that match the blind spots of b and
// nothing else: sources and names sorted, one source in each pattern, and as
// many names as limit characters hold. A name that alone is longer than limit
// still gets its pattern.
func (c Control) Supplements(b Benchmark, limit int) []string {
	var patterns []string
	for _, g := range c.blindGroups(b, limit) {
		patterns = append(patterns, supplement(g.source, g.names))
	}
	return patterns
}

// Complements returns what apply writes for the blind spots of b beside the
// version's own text: the Supplements, each with the names that b requires of its
// source in front, in the order of that text, where limit characters hold them all. Such
// a filter has every name, which auditors want that read one filter at a time.
func (c Control) Complements(b Benchmark, limit int) []string {
	required := map[string][]string{}
	events, text := c.Required(b), c.Writes(b).Text
	slices.SortStableFunc(events, func(x, y Event) int { return placeOf(x.Name, text) - placeOf(y.Name, text) })
	for _, e := range events {
		required[e.Source] = append(required[e.Source], e.Name)
	}
	var patterns []string
	for _, g := range c.blindGroups(b, limit) {
		text := supplement(g.source, slices.Concat(required[g.source], g.names))
		if len(text) > limit {
			text = supplement(g.source, g.names)
		}
		patterns = append(patterns, text)
	}
	return patterns
}

// placeOf is where a text has a name as a whole word; the length of the text when it
// lacks it.
func placeOf(name, text string) int {
	letter := func(i int) bool {
		return i >= 0 && i < len(text) && (unicode.IsLetter(rune(text[i])) || unicode.IsDigit(rune(text[i])))
	}
	for at := 0; ; {
		i := strings.Index(text[at:], name)
		if i < 0 {
			return len(text)
		}
		if i += at; !letter(i-1) && !letter(i+len(name)) {
			return i
		}
		at = i + 1
	}
}

// A blindGroup is what one pattern matches of the blind spots.
type blindGroup struct {
	source string
	names  []string // sorted
}

// blindGroups sorts the blind spots of b into groups. A pattern of limit characters
// can name each group.
func (c Control) blindGroups(b Benchmark, limit int) []blindGroup {
	names := map[string][]string{}
	var sources []string
	for _, e := range c.BlindSpots(b) {
		if names[e.Source] == nil {
			sources = append(sources, e.Source)
		}
		names[e.Source] = append(names[e.Source], e.Name)
	}
	slices.Sort(sources)
	var groups []blindGroup
	for _, source := range sources {
		slices.Sort(names[source])
		groups = append(groups, split(source, names[source], limit)...)
	}
	return groups
}

// split fills one group after the other. Names and sources are ASCII, so that
// bytes are characters.
func split(source string, names []string, limit int) []blindGroup {
	var groups []blindGroup
	for len(names) > 0 {
		n := 1
		for n < len(names) && len(supplement(source, names[:n+1])) <= limit {
			n++
		}
		groups = append(groups, blindGroup{source, names[:n]})
		names = names[n:]
	}
	return groups
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
