// Package events says what is odd about the event names in a pattern: names that no
// service records, and names of another service than the one that is asked for.
// The names are those of package eventnames.
package events

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/cloudtrail/eventnames"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/pattern/suspicion"
)

// The sorts of suspicion that need the names of events.
const (
	SuspectUnknown suspicion.Code = "unknown-event" // no event has this name
	SuspectCase    suspicion.Code = "event-case"    // upper and lower case are mixed up
	SuspectSource  suspicion.Code = "event-source"  // the event is one of another source
)

// All returns what is suspicious about a pattern, the names of events included,
// by offset.
func All(p *pattern.Pattern) []suspicion.Suspicion {
	list := append(suspicion.Of(p), ofNames(p)...)
	slices.SortStableFunc(list, func(a, b suspicion.Suspicion) int { return cmp.Compare(a.Offset, b.Offset) })
	return list
}

// ofNames returns what is suspicious about the event names that a pattern
// asks for with =, by offset. It is silent about event sources that are not
// listed, and where no source is asked for about all but near misses.
func ofNames(p *pattern.Pattern) []suspicion.Suspicion {
	var list []suspicion.Suspicion
	for _, l := range p.Equalities("eventName", "eventSource") {
		if strings.Contains(l.Value, "*") {
			continue
		}
		if code, text := judge(l.Value, l.Beside); text != "" {
			list = append(list, suspicion.Suspicion{Code: code, Offset: l.Offset, Text: text, OfRecords: true})
		}
	}
	return list
}

// judge says what is suspicious about one name of an event of one of the
// sources, nil for any source; "" when nothing is.
func judge(name string, sources []string) (suspicion.Code, string) {
	if len(sources) == 0 {
		return judgeAnywhere(name)
	}
	var names []string
	for _, s := range sources {
		if !eventnames.Listed(s) || eventnames.Known(s, name) {
			return "", ""
		}
		names = append(names, eventnames.Of(s)...)
	}
	if i := slices.IndexFunc(names, func(have string) bool { return strings.EqualFold(have, name) }); i >= 0 {
		return SuspectCase, caseText(name, names[i])
	}
	near, found := eventnames.NearestOf(name, names)
	if slices.ContainsFunc(sources, eventnames.Open) && (!found || eventnames.Known("", name)) {
		return "", ""
	}
	where := strings.Join(sources, " or ")
	if owners := eventnames.Owners(name); len(owners) > 0 {
		return SuspectSource, fmt.Sprintf("%s is not an event of %s but of %s", name, where, strings.Join(owners, " and "))
	}
	text := fmt.Sprintf("%s has no event %s", where, name)
	if found {
		text += "; the nearest is " + near
	}
	return SuspectUnknown, text
}

// judgeAnywhere is judge for events of any source.
func judgeAnywhere(name string) (suspicion.Code, string) {
	if eventnames.Known("", name) {
		return "", ""
	}
	if cased, ok := eventnames.Cased(name); ok {
		return SuspectCase, caseText(name, cased)
	}
	if near, ok := eventnames.Nearest(name); ok {
		return SuspectUnknown, fmt.Sprintf("no event %s is known; the nearest is %s", name, near)
	}
	return "", ""
}

func caseText(name, want string) string {
	return fmt.Sprintf("%s never occurs: case counts, the event is %s", name, want)
}
