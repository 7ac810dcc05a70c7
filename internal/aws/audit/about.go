package audit

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/cloudtrail/eventnames"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// A subject is what the text of a filter mentions when someone wrote it for the
// control.
type subject struct {
	names    []string          // of events; for a condition those that it demands, if any
	sources  []string          // of those events; nil for a condition
	mentions []pattern.Mention // the texts that a condition tests for, but the names and sources of events
}

// subjectOf returns the subject of a control.
func subjectOf(c catalog.Control, b catalog.Benchmark, probes []probe) subject {
	var s subject
	switch {
	case c.Type != catalog.Condition:
		for _, e := range c.Required(b) {
			s.names, s.sources = append(s.names, e.Name), append(s.sources, e.Source)
		}
	case len(probes) > 0:
		condition := probes[0].Condition
		s.names, _ = condition.Texts("eventName")
		if written, ok := condition.(*pattern.Pattern); ok {
			s.mentions = slices.DeleteFunc(written.Mentions(), func(m pattern.Mention) bool {
				return ofAnyEvent(m.Path) || fieldClass(m.Path) == "address"
			})
		}
	}
	return s
}

// ofAnyEvent reports whether a field says which event a record is.
func ofAnyEvent(path string) bool {
	return path == "eventName" || path == "eventSource" || path == "eventType" || path == "eventCategory"
}

// The degrees to which a filter is about a condition.
const (
	notAbout  = iota
	looksAt   // it tests fields of the kind that the condition is about
	writtenOf // it tests for what the condition tests for
)

// about grades how far a filter or rule is about the control's condition.
func (c *controlJudge) about(x *passage) int {
	if have, known := c.abouts[x.key]; known {
		return have
	}
	grade := notAbout
	if mentions := x.mentions(); c.subject.hasName(mentions) {
		for _, m := range mentions {
			for _, want := range c.subject.mentions {
				grade = max(grade, aboutSame(m, want))
			}
		}
	}
	c.abouts[x.key] = grade
	return grade
}

// hasName reports whether a name that the condition demands is among the texts that a
// filter or rule tests for.
func (s *subject) hasName(tests []pattern.Mention) bool {
	return len(s.names) == 0 || slices.ContainsFunc(tests, func(m pattern.Mention) bool {
		return slices.ContainsFunc(s.names, func(name string) bool { return mentions(m, name) })
	})
}

// aboutSame grades whether a filter's test is about what a condition tests for.
func aboutSame(m, want pattern.Mention) int {
	have, wanted := strings.Trim(m.Value, "*^$"), strings.Trim(want.Value, "*")
	same := strings.EqualFold(m.Path, want.Path)
	related := strings.EqualFold(have, wanted) || same && (containsFold(have, wanted) || containsFold(wanted, have))
	switch {
	case want.Equal && m.Equal && related, !want.Equal && same:
		return writtenOf
	case same && m.Equal != related, ofAnyEvent(m.Path):
		return notAbout // it asks for something else
	case same, fieldClass(m.Path) == fieldClass(want.Path) && fieldClass(m.Path) != "other":
		return looksAt
	}
	return notAbout
}

func containsFold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// hasWritten reports whether some filter of a log group is written for the
// control's condition.
func (c *controlJudge) hasWritten() bool {
	return slices.ContainsFunc(c.groups, func(g *group) bool {
		return slices.ContainsFunc(g.filters, func(f *filter) bool { return c.about(f.passage()) == writtenOf })
	})
}

// mentions reports whether a test of a filter was meant for a name: upper and lower
// case aside, or misspelled.
func mentions(m pattern.Mention, name string) bool {
	if !m.Equal || m.Value == "" || m.Value == "*" {
		return false
	}
	if like(strings.ToLower(strings.Trim(m.Value, "^$")), strings.ToLower(name)) {
		return true
	}
	if eventnames.Known("", m.Value) {
		return false
	}
	near, ok := eventnames.NearestOf(m.Value, []string{name})
	return ok && near == name
}

// like reports whether a text is like a value with asterisks.
func like(value, text string) bool {
	parts := strings.Split(value, "*")
	if len(parts) == 1 {
		return value == text
	}
	first, last := parts[0], parts[len(parts)-1]
	if !strings.HasPrefix(text, first) || !strings.HasSuffix(text[len(first):], last) {
		return false
	}
	rest := text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(rest, part)
		if !found {
			return false
		}
		rest = after
	}
	return true
}

// mentioned counts the names that a filter was meant for. Names that a service has
// whose events it asks for are that service's.
func mentioned(f *filter, names, sources []string) int {
	if f.pattern == nil || f.deselected {
		return 0
	}
	asked, only := f.pattern.Texts("eventSource")
	tests := f.pattern.Mentions()
	count := 0
	for i, name := range names {
		others := only && i < len(sources) && !slices.Contains(asked, sources[i]) &&
			slices.ContainsFunc(asked, func(source string) bool { return eventnames.Known(source, name) })
		if !others && slices.ContainsFunc(tests, func(m pattern.Mention) bool { return mentions(m, name) }) {
			count++
		}
	}
	return count
}

// writtenFor returns the filter of a log group that was written for the control and
// matches none of it, of several the one that mentions most; nil for none.
func (c *controlJudge) writtenFor(g *group) *filter {
	if g == nil {
		return nil
	}
	var best *filter
	most := 0
	for _, f := range g.filters {
		n := 0
		switch {
		case f.pattern == nil || f.deselected || c.Relevant(f):
		case c.control.Type == catalog.Condition:
			n = c.about(f.passage()) / writtenOf
		default:
			n = mentioned(f, c.subject.names, c.subject.sources)
		}
		if n > most {
			best, most = f, n
		}
	}
	return best
}
