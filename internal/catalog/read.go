package catalog

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// An entry is a control with the places of what must be unique in a catalog.
type entry struct {
	Control
	file   string
	places map[string]place // by the texts that claims returns
}

// read reads one file, which holds one control.
func read(fsys fs.FS, file string) (entry, error) {
	r := &reader{file: file}
	e := entry{file: file, places: map[string]place{}}
	root := r.parse(fsys)
	if r.err == nil {
		r.control(root, &e)
	}
	if r.err != nil {
		return entry{}, r.err
	}
	return e, nil
}

// idForm is the form of a control's id.
var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// knownSets are the sets that a control can be listed in; all is the set of
// every control.
var knownSets = []string{"core", "cis", "network"}

func (r *reader) control(n ast.Node, e *entry) {
	m := r.mapping(n, "the control", "id", "title", "why", "severity", "sets", "type", "scope", "sources",
		"readOnly", "eventTypes", "failures", "reads", "read", "names", "benchmarks", "patterns", "condition", "events", "adjacent")
	c := &e.Control
	c.ID = m.text("id")
	if r.err == nil && (!idForm.MatchString(c.ID) || len(c.ID) > 64) {
		r.fail(m.placeOfKey("id"), "", "id %q is not lower-case words joined by hyphens", c.ID)
	}
	e.places[idClaim(c.ID)] = m.placeOfKey("id")
	c.Title = m.text("title")
	c.Why = m.text("why")
	c.Severity = Severity(1 + slices.Index(severities[Low:], m.word("severity", severities[Low:]...)))
	c.Sets = m.words("sets", knownSets)
	c.Type = Type(m.word("type", string(Events), string(Condition)))
	c.Scope = Scope(m.word("scope", string(Regional), string(Global), string(SignIn)))
	c.Sources = r.sources(m)
	c.ReadOnly = m.flag("readOnly")
	c.EventTypes = m.words("eventTypes", nil)
	c.Failures = m.flag("failures") == "true"
	c.Reads = m.flag("reads") == "true"
	r.names(m, e)
	r.numbers(m, e)
	c.Patterns = r.texts(m, c)
	r.requirement(m, c)
}

// words returns the different texts of a list, each one of those allowed, if
// there are any.
func (m mapping) words(key string, allowed []string) []string {
	var words []string
	for _, n := range m.list(key) {
		word := m.line(n, key)
		if allowed != nil {
			word = m.oneOf(n, key, allowed)
		}
		if slices.Contains(words, word) {
			m.fail(placeOfNode(n), "", "%s lists %q twice", key, word)
		}
		words = append(words, word)
	}
	return words
}

// The rules for names are CloudWatch's: PutMetricFilter, PutMetricAlarm.
func (r *reader) names(m mapping, e *entry) {
	n := r.mapping(m.node("names"), "names", "filter", "metric", "alarm", "description")
	if r.err != nil {
		return
	}
	e.Names.Filter = n.name("filter", 512, ":*")
	e.Names.Metric = n.name("metric", 255, ":*$")
	e.Names.Alarm = e.Names.Filter + "Alarm"
	alarm := "filter"
	if n.has("alarm") {
		e.Names.Alarm, alarm = n.name("alarm", 255, ""), "alarm"
	}
	if utf8.RuneCountInString(e.Names.Alarm) > 255 {
		r.fail(n.placeOfKey("filter"), "", "the name of the alarm, %sAlarm, has more than 255 characters", e.Names.Filter)
	}
	e.Names.Description = n.name("description", 1024, "")
	e.places[filterClaim(e.Names.Filter)] = n.placeOfKey("filter")
	e.places[metricClaim(e.Names.Metric)] = n.placeOfKey("metric")
	e.places[alarmClaim(e.Names.Alarm)] = n.placeOfKey(alarm)
}

func (m mapping) name(key string, limit int, forbidden string) string {
	name := m.text(key)
	switch {
	case m.err != nil:
	case utf8.RuneCountInString(name) > limit:
		m.fail(m.placeOfKey(key), "", "%s has more than %d characters", key, limit)
	case strings.ContainsAny(name, forbidden):
		m.fail(m.placeOfKey(key), "", "%s %q contains one of %s", key, name, strings.Join(strings.Split(forbidden, ""), " "))
	}
	return name
}

var numberForm = regexp.MustCompile(`^[1-9][0-9]*\.[1-9][0-9]*$`)

// numbers reads the control's place in the benchmark versions.
func (r *reader) numbers(m mapping, e *entry) {
	if !m.has("benchmarks") {
		return
	}
	e.Numbers = map[Benchmark]Number{}
	for _, item := range r.entries(m.values["benchmarks"], "benchmarks") {
		versions := r.span(item.Key, item.Key.GetToken().Value)
		v := r.mapping(item.Value, "a benchmark", "number", "level", "title")
		if r.err != nil {
			return
		}
		n := Number{Number: v.text("number"), Title: v.text("title"), Level: v.level()}
		if r.err == nil && !numberForm.MatchString(n.Number) {
			r.fail(v.placeOfKey("number"), "", "number %q is not of the form 4.10", n.Number)
		}
		for _, b := range versions {
			if _, ok := e.Numbers[b]; ok {
				r.fail(placeOfNode(item.Key), "", "benchmark %s is given twice", b.Version())
			}
			e.Numbers[b] = n
			e.places[numberClaim(b, n.Number)] = v.placeOfKey("number")
		}
	}
}

func (m mapping) level() int {
	n, ok := m.node("level").(*ast.IntegerNode)
	if ok {
		switch n.GetToken().Value {
		case "1":
			return 1
		case "2":
			return 2
		}
	}
	m.fail(m.placeOfKey("level"), "", "level must be 1 or 2")
	return 0
}
