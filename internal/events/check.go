package events

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/pattern"
)

// The sorts of suspicion that need the names of events.
const (
	SuspectUnknown pattern.SuspicionCode = "unknown-event" // no event has this name
	SuspectCase    pattern.SuspicionCode = "event-case"    // upper and lower case are mixed up
	SuspectSource  pattern.SuspicionCode = "event-source"  // the event is one of another source
)

// Explain explains a pattern as its own method does, and adds what is suspicious
// about the names of events.
func Explain(p *pattern.Pattern) pattern.Explanation {
	x := p.Explain()
	x.Suspicions = All(p)
	return x
}

// All returns what is suspicious about a pattern, the names of events included,
// by offset.
func All(p *pattern.Pattern) []pattern.Suspicion {
	list := append(p.Suspicions(), Suspicions(p)...)
	slices.SortStableFunc(list, func(a, b pattern.Suspicion) int { return cmp.Compare(a.Offset, b.Offset) })
	return list
}

// Suspicions returns what is suspicious about the event names that a pattern
// asks for with =, by offset. It is silent about event sources that are not
// listed, and where no source is asked for about all but near misses.
func Suspicions(p *pattern.Pattern) []pattern.Suspicion {
	var list []pattern.Suspicion
	for _, l := range p.Equalities("eventName", "eventSource") {
		if strings.Contains(l.Value, "*") {
			continue
		}
		if code, text := judge(l.Value, l.Beside); text != "" {
			list = append(list, pattern.Suspicion{Code: code, Offset: l.Offset, Text: text, OfRecords: true})
		}
	}
	return list
}

// judge says what is suspicious about one name of an event of one of the
// sources, nil for any source; "" when nothing is.
func judge(name string, sources []string) (pattern.SuspicionCode, string) {
	if len(sources) == 0 {
		return judgeAnywhere(name)
	}
	t := known()
	for _, s := range sources {
		if names, listed := t.sources[s]; !listed || t.has(names, name) {
			return "", ""
		}
	}
	names := t.of(sources)
	if i := slices.IndexFunc(names, func(have string) bool { return strings.EqualFold(have, name) }); i >= 0 {
		return SuspectCase, caseText(name, names[i])
	}
	near, found := nearest(name, candidates(names))
	open := slices.ContainsFunc(sources, func(s string) bool { return slices.Contains(openSources, s) })
	if open && (!found || Known("", name)) {
		return "", ""
	}
	where := strings.Join(sources, " or ")
	if owners := t.owners(name); len(owners) > 0 {
		return SuspectSource, fmt.Sprintf("%s is no event of %s, but of %s", name, where, strings.Join(owners, " and "))
	}
	text := fmt.Sprintf("%s has no event %s", where, name)
	if found {
		text += "; the nearest is " + near
	}
	return SuspectUnknown, text
}

// judgeAnywhere is judge for events of any source.
func judgeAnywhere(name string) (pattern.SuspicionCode, string) {
	if Known("", name) {
		return "", ""
	}
	if cased, ok := Cased(name); ok {
		return SuspectCase, caseText(name, cased)
	}
	if near, ok := Nearest(name); ok {
		return SuspectUnknown, fmt.Sprintf("no event %s is known; the nearest is %s", name, near)
	}
	return "", ""
}

func caseText(name, want string) string {
	return fmt.Sprintf("%s never occurs: case counts, the event is %s", name, want)
}

// owners returns the listed sources that have an event, sorted.
func (t *table) owners(name string) []string {
	return slices.DeleteFunc(Sources(), func(s string) bool { return !t.has(t.sources[s], name) })
}
