package catalog

import (
	"regexp"
	"slices"
	"unicode/utf8"
)

// PatternLimit is the greatest length of a filter pattern in characters
// (PutMetricFilter of CloudWatch Logs).
const PatternLimit = 1024

// texts reads the filter patterns of a control.
func (r *reader) texts(m mapping, c *Control) []Text {
	var texts []Text
	for _, n := range m.list("patterns") {
		p := r.mapping(n, "a pattern", "id", "versions", "writes", "note", "text")
		t := Text{ID: p.text("id"), Text: p.text("text"), Note: p.optional("note")}
		if slices.ContainsFunc(texts, func(other Text) bool { return other.ID == t.ID }) {
			r.fail(p.placeOfKey("id"), "", "pattern %q is given twice", t.ID)
		}
		if utf8.RuneCountInString(t.Text) > PatternLimit {
			r.fail(p.placeOfKey("text"), "", "the pattern has more than %d characters", PatternLimit)
		}
		var every bool
		if t.Versions, every = p.versions("versions"); every {
			r.fail(p.placeOfKey("versions"), "leave the key out for a text that no version prints", "versions cannot be %q", always)
		}
		p.within(c, "versions", t.Versions)
		if t.Writes, every = p.versions("writes"); every {
			t.Writes = []Benchmark{""}
		}
		for _, b := range t.Writes {
			if other := writer(texts, b); other != nil {
				r.fail(p.placeOfKey("writes"), "", "pattern %q is written for %s already", other.ID, versionName(b))
			}
		}
		texts = append(texts, t)
	}
	if len(texts) == 0 {
		r.fail(m.at, "", "the control lacks \"patterns\"")
	}
	for _, b := range benchmarks {
		if writer(texts, b) == nil && writer(texts, "") == nil {
			r.fail(m.placeOfKey("patterns"), "add \"writes: always\" to one of them", "no pattern is written for benchmark %s", b.Version())
		}
	}
	return texts
}

// within fails where a version is none that has the control.
func (m mapping) within(c *Control, key string, versions []Benchmark) {
	for _, b := range versions {
		if _, ok := c.Numbers[b]; !ok {
			m.fail(m.placeOfKey(key), "", "%s names %s, and the control has no number in that benchmark", key, b.Version())
		}
	}
}

// writer returns the text that names b among the versions it is written for.
func writer(texts []Text, b Benchmark) *Text {
	for i := range texts {
		if slices.Contains(texts[i].Writes, b) {
			return &texts[i]
		}
	}
	return nil
}

func versionName(b Benchmark) string {
	if b == "" {
		return "every version"
	}
	return b.Version()
}

// requirement reads the events of an event control or the condition of a
// condition control.
func (r *reader) requirement(m mapping, c *Control) {
	if c.Type == Condition {
		r.condition(m, c)
		return
	}
	if m.has("condition") {
		r.fail(m.placeOfKey("condition"), "", "a control of type events has no condition")
	}
	r.events(m, "events", c)
	r.events(m, "adjacent", c)
	if r.err != nil {
		return
	}
	for _, b := range c.versions() {
		if len(c.Required(b)) == 0 {
			r.fail(m.placeOfKey("events"), "", "no event is required in %s", versionName(b))
		}
	}
}

// condition reads the id of the pattern that states the condition.
func (r *reader) condition(m mapping, c *Control) {
	for _, key := range []string{"events", "adjacent"} {
		if m.has(key) {
			r.fail(m.placeOfKey(key), "", "a control of type condition has no %s", key)
		}
	}
	ids := make([]string, len(c.Patterns))
	for i, t := range c.Patterns {
		ids[i] = t.ID
	}
	id := m.word("condition", ids...)
	if i := slices.Index(ids, id); i >= 0 {
		c.Condition = c.Patterns[i].Text
	}
}

var (
	sourceForm = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com$`)
	eventForm  = regexp.MustCompile(`^[A-Za-z0-9_]{1,128}$`)
)

// events reads the list of core events ("events") or of the others ("adjacent").
func (r *reader) events(m mapping, key string, c *Control) {
	allowed := []string{"name", "source", "kind", "risk", "why"}
	core := key == "events"
	if core {
		allowed = append(allowed, "required")
	}
	for _, n := range m.list(key) {
		if e := r.event(r.mapping(n, "an event", allowed...), c); r.err == nil {
			e.Core = core
			c.Events = append(c.Events, e)
		}
	}
}

func (r *reader) event(m mapping, c *Control) Event {
	e := Event{
		Name: m.text("name"),
		Kind: m.word("kind", "create", "modify", "delete", "attach", "detach"),
		Risk: m.word("risk", "low", "medium", "high"),
		Why:  m.optional("why"),
	}
	e.Source = m.source(c)
	e.Versions, e.Always = m.versions("required")
	m.within(c, "required", e.Versions)
	switch {
	case r.err != nil:
	case !eventForm.MatchString(e.Name):
		r.fail(m.placeOfKey("name"), "", "%q is no name of an event", e.Name)
	case slices.ContainsFunc(c.Events, func(other Event) bool { return other.Source == e.Source && other.Name == e.Name }):
		r.fail(m.placeOfKey("name"), "", "event %s of %s is given twice", e.Name, e.Source)
	}
	return e
}

// source returns the event source of an event: the control's first unless the
// event names another one.
func (m mapping) source(c *Control) string {
	if m.has("source") {
		return m.oneOf(m.values["source"], "source", c.Sources)
	}
	if len(c.Sources) == 0 {
		m.fail(m.at, "name the event source under \"sources\"", "the event has no source")
		return ""
	}
	return c.Sources[0]
}

// sources reads the event sources of a control.
func (r *reader) sources(m mapping) []string {
	sources := m.words("sources", nil)
	for i, n := range m.list("sources") {
		if r.err == nil && !sourceForm.MatchString(sources[i]) {
			r.fail(placeOfNode(n), "", "%q is no event source such as ec2.amazonaws.com", sources[i])
		}
	}
	return sources
}
