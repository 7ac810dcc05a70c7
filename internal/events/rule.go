package events

import (
	"cmp"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/cloudtrail/eventnames"
	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/pattern/suspicion"
)

// InRule returns what is suspicious about the event names that an event pattern asks
// for, by offset, each once. A source stands for the event sources of its service.
func InRule(p *eventpattern.Pattern) []suspicion.Suspicion {
	var list []suspicion.Suspicion
	known := map[int]bool{} // by offset: fine in some alternative of $or
	for _, b := range p.Branches() {
		sources := sourcesOf(b)
		for _, t := range plain(b, "detail.eventName") {
			if strings.ContainsAny(t.Text, "*:") {
				continue // another suspicion
			}
			code, text := judge(t.Text, sources)
			known[t.At()] = known[t.At()] || text == ""
			if s := (suspicion.Suspicion{Code: code, Offset: t.At(), Text: text, OfRecords: true}); !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	list = slices.DeleteFunc(list, func(s suspicion.Suspicion) bool { return known[s.Offset] })
	slices.SortStableFunc(list, func(a, b suspicion.Suspicion) int { return cmp.Compare(a.Offset, b.Offset) })
	return list
}

// sourcesOf returns the event sources that a branch asks for; nil for any.
func sourcesOf(b eventpattern.Branch) []string {
	var sources []string
	for _, t := range plain(b, "detail.eventSource") {
		sources = append(sources, t.Text)
	}
	if len(sources) > 0 {
		return sources
	}
	for _, t := range plain(b, "source") {
		service, _ := strings.CutPrefix(t.Text, "aws.")
		for _, source := range eventnames.Sources() {
			if strings.HasPrefix(source, service+".") {
				sources = append(sources, source)
			}
		}
	}
	return sources
}

// plain returns the texts that a field accepts, nil when it accepts anything else.
func plain(b eventpattern.Branch, path string) []*eventpattern.Text {
	f := b.Field(path)
	if f == nil {
		return nil
	}
	var list []*eventpattern.Text
	for _, t := range f.Tests {
		text, ok := t.(*eventpattern.Text)
		if !ok || text.Op != eventpattern.Equals {
			return nil
		}
		list = append(list, text)
	}
	return list
}
