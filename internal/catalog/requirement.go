package catalog

import (
	"regexp"
	"slices"

	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/yamlfile"
)

// requirement reads the events of an event control or the condition of a
// condition control.
func (r reader) requirement(m mapping, c *Control) {
	if c.Type == Condition {
		r.condition(m, c)
		return
	}
	for _, key := range []string{"condition", "eventPattern"} {
		if m.Has(key) {
			r.Fail(m.PlaceOfKey(key), "", "a control of type events has no %s", key)
		}
	}
	r.events(m, "events", c)
	r.events(m, "adjacent", c)
	r.ownRead(m, c)
	if !r.OK() {
		return
	}
	for _, b := range c.versions() {
		if len(c.Required(b)) > 0 {
			continue
		}
		if b == "" {
			r.Fail(m.PlaceOfKey("events"), "add \"required: always\"", "no event is required")
		}
		r.Fail(m.PlaceOfKey("events"), "", "no event is required in benchmark %s", b.Version())
	}
}

// state reads a control that asks for a state of the account.
func (r reader) state(m mapping, e *entry) {
	for _, key := range []string{"sources", "readOnly", "eventTypes", "failures", "reads", "read", "names", "patterns", "condition", "eventPattern", "events", "adjacent"} {
		if m.Has(key) {
			r.Fail(m.PlaceOfKey(key), "", "a control of type state has no %s", key)
		}
	}
	e.State = m.Word("state", SecurityHub, TrailDelivery)
	r.numbers(m, e)
	e.Mappings = r.mappings(m)
}

// condition reads the id of the pattern that states the condition.
func (r reader) condition(m mapping, c *Control) {
	for _, key := range []string{"events", "adjacent", "read"} {
		if m.Has(key) {
			r.Fail(m.PlaceOfKey(key), "", "a control of type condition has no %s", key)
		}
	}
	ids := make([]string, len(c.Patterns))
	for i, t := range c.Patterns {
		ids[i] = t.ID
	}
	id := m.Word("condition", ids...)
	i := slices.Index(ids, id)
	if i < 0 {
		return
	}
	c.Condition = c.Patterns[i].Text
	if parsed, err := pattern.Parse(c.Condition); err == nil && len(parsed.Rules()) > 0 {
		r.Fail(m.PlaceOfKey("condition"), "", "the condition leans on an uncertain rule of the language: %s", parsed.Rules()[0])
	}
	c.EventPattern = m.Optional("eventPattern")
	if c.EventPattern == "" {
		return
	}
	if _, err := eventpattern.Parse(c.EventPattern); err != nil {
		r.Fail(m.PlaceOfKey("eventPattern"), "", "the event pattern: %v", err)
	}
}

var (
	sourceForm = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com$`)
	eventForm  = regexp.MustCompile(`^[A-Za-z0-9_]{1,128}$`)
)

// events reads the list of core events ("events") or of the others ("adjacent").
func (r reader) events(m mapping, key string, c *Control) {
	allowed := []string{"name", "source", "kind", "risk", "why"}
	core := key == "events"
	if core {
		allowed = append(allowed, "required")
	}
	for _, n := range m.List(key) {
		if e := r.event(r.mapping(n, "an event", allowed...), c); r.OK() {
			e.Core = core
			c.Events = append(c.Events, e)
		}
	}
}

func (r reader) event(m mapping, c *Control) Event {
	e := Event{
		Name: m.Text("name"),
		Kind: m.Word("kind", "create", "modify", "delete", "attach", "detach"),
		Risk: m.Word("risk", "low", "medium", "high"),
		Why:  m.Optional("why"),
	}
	e.Source = m.source(c)
	e.Versions, e.Always = m.versions("required")
	m.within(c, "required", e.Versions)
	switch {
	case !r.OK():
	case !eventForm.MatchString(e.Name):
		r.Fail(m.PlaceOfKey("name"), "", "%q is not the name of an event", e.Name)
	case slices.ContainsFunc(c.Events, func(other Event) bool { return other.Source == e.Source && other.Name == e.Name }):
		r.Fail(m.PlaceOfKey("name"), "", "event %s of %s is given twice", e.Name, e.Source)
	}
	return e
}

// ownRead reads the name of the operation that only reads what the control is
// about. One that the control watches for would be no everyday event.
func (r reader) ownRead(m mapping, c *Control) {
	c.Read = m.Optional("read")
	switch {
	case !r.OK() || c.Read == "":
	case !eventForm.MatchString(c.Read):
		r.Fail(m.PlaceOfKey("read"), "", "%q is not the name of an event", c.Read)
	case slices.ContainsFunc(c.Events, func(e Event) bool { return e.Source == c.Sources[0] && e.Name == c.Read }):
		r.Fail(m.PlaceOfKey("read"), "", "%s is one of the events of the control", c.Read)
	}
}

// source returns the event source of an event: the control's first unless the
// event names another one.
func (m mapping) source(c *Control) string {
	if m.Has("source") {
		return m.OneOf(m.Values["source"], "source", c.Sources)
	}
	if len(c.Sources) == 0 {
		m.Fail(m.At, "name the event source under \"sources\"", "the event has no source")
		return ""
	}
	return c.Sources[0]
}

// sources reads the event sources of a control.
func (r reader) sources(m mapping) []string {
	sources := m.words("sources", nil)
	for i, n := range m.List("sources") {
		if r.OK() && !sourceForm.MatchString(sources[i]) {
			r.Fail(yamlfile.PlaceOf(n), "", "%q is not an event source such as ec2.amazonaws.com", sources[i])
		}
	}
	return sources
}
