package catalog

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"

	"github.com/monitorctl/monitorctl/internal/yamlfile"
)

// An entry is a control with the places of what must be unique in a catalog.
type entry struct {
	Control
	file   string
	places map[string]yamlfile.Place // by the texts that claims returns
}

// A reader reads controls.
type reader struct{ *yamlfile.Reader }

// A mapping is a part of the file of a control.
type mapping struct {
	reader
	yamlfile.Mapping
}

func (r reader) mapping(n ast.Node, name string, allowed ...string) mapping {
	return mapping{r, r.Mapping(n, name, allowed...)}
}

// read reads one file, which holds one control.
func read(fsys fs.FS, file string) (entry, error) {
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		return entry{}, &yamlfile.Error{File: file, Msg: err.Error()}
	}
	r := reader{yamlfile.NewReader(file)}
	e := entry{file: file, places: map[string]yamlfile.Place{}}
	if root := r.Parse(data); r.OK() {
		r.control(root, &e)
	}
	if !r.OK() {
		return entry{}, r.Err()
	}
	return e, nil
}

// idForm is the form of a control's id.
var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// knownSets are the sets that a control can be listed in; all is the set of
// every control.
var knownSets = []string{"core", "cis", "network"}

func (r reader) control(n ast.Node, e *entry) {
	if isAzure(n) {
		r.azure(n, e)
		return
	}
	m := r.mapping(n, "the control", "id", "title", "why", "severity", "severityReason", "sets", "type", "scope", "sources",
		"readOnly", "eventTypes", "failures", "reads", "read", "names", "benchmarks", "mappings", "patterns", "condition", "eventPattern", "events", "adjacent", "state")
	c := &e.Control
	r.head(m, e)
	c.Type = Type(m.Word("type", string(Events), string(Condition), string(State)))
	c.Sets = m.words("sets", knownSets)
	c.Scope = Scope(m.Word("scope", string(Regional), string(Global), string(SignIn)))
	if c.Type == State {
		r.state(m, e)
		return
	}
	if m.Has("state") {
		r.Fail(m.PlaceOfKey("state"), "", "a control of type %s has no state", c.Type)
	}
	c.Sources = r.sources(m)
	c.ReadOnly = m.Flag("readOnly")
	c.EventTypes = m.words("eventTypes", nil)
	c.Failures = m.Flag("failures") == "true"
	c.Reads = m.Flag("reads") == "true"
	r.names(m, e)
	r.numbers(m, e)
	c.Mappings = r.mappings(m)
	c.Patterns = r.texts(m, c)
	r.requirement(m, c)
}

// head reads what the controls of every cloud begin with.
func (r reader) head(m mapping, e *entry) {
	c := &e.Control
	c.ID = m.Text("id")
	if r.OK() && (!idForm.MatchString(c.ID) || len(c.ID) > 64) {
		r.Fail(m.PlaceOfKey("id"), "", "id %q is not lower-case words joined by hyphens", c.ID)
	}
	e.places[idClaim(c.ID)] = m.PlaceOfKey("id")
	c.Title = m.Text("title")
	c.Why = m.Text("why")
	c.Severity = Severity(1 + slices.Index(severities[Low:], m.Word("severity", severities[Low:]...)))
	c.SeverityReason = m.Optional("severityReason")
}

// words returns the different texts of a list, each one of those allowed, if
// there are any.
func (m mapping) words(key string, allowed []string) []string {
	var words []string
	for _, n := range m.List(key) {
		word := m.Line(n, key)
		if allowed != nil {
			word = m.OneOf(n, key, allowed)
		}
		if slices.Contains(words, word) {
			m.Fail(yamlfile.PlaceOf(n), "", "%s lists %q twice", key, word)
		}
		words = append(words, word)
	}
	return words
}

// names reads the names of what apply creates.
func (r reader) names(m mapping, e *entry) {
	n := r.mapping(m.Node("names"), "names", "filter", "metric", "alarm", "description")
	if !r.OK() {
		return
	}
	e.Names.Filter = n.name("filter")
	e.Names.Metric = n.name("metric")
	e.Names.Alarm = e.Names.Filter + "Alarm"
	alarm := "filter"
	if n.Has("alarm") {
		e.Names.Alarm, alarm = n.name("alarm"), "alarm"
	}
	if NameFault("alarm", e.Names.Alarm) != "" {
		r.Fail(n.PlaceOfKey("filter"), "", "the name of the alarm, %sAlarm, has more than 255 characters", e.Names.Filter)
	}
	e.Names.Description = n.name("description")
	e.places[filterClaim(e.Names.Filter)] = n.PlaceOfKey("filter")
	e.places[metricClaim(e.Names.Metric)] = n.PlaceOfKey("metric")
	e.places[alarmClaim(e.Names.Alarm)] = n.PlaceOfKey(alarm)
}

func (m mapping) name(key string) string {
	name := m.Text(key)
	if fault := NameFault(key, name); m.OK() && fault != "" {
		m.Fail(m.PlaceOfKey(key), "", "%s", fault)
	}
	return name
}

// nameRules are CloudWatch's (PutMetricFilter, PutMetricAlarm): the greatest
// length in characters, and what must not stand in the name.
var nameRules = map[string]struct {
	limit     int
	forbidden string
}{
	"filter":      {512, ":*"},
	"metric":      {255, ":*$"},
	"namespace":   {255, ":*$"},
	"alarm":       {255, ""},
	"description": {1024, ""},
}

// NameFault says what CloudWatch would not accept about a name; "" when it
// would. The kind is filter, metric, namespace, alarm or description.
func NameFault(kind, name string) string {
	rule := nameRules[kind]
	switch {
	case utf8.RuneCountInString(name) > rule.limit:
		return fmt.Sprintf("%s has more than %d characters", kind, rule.limit)
	case strings.ContainsAny(name, rule.forbidden):
		return fmt.Sprintf("%s %q contains one of %s", kind, name, strings.Join(strings.Split(rule.forbidden, ""), " "))
	}
	return ""
}

var numberForm = regexp.MustCompile(`^[1-9][0-9]*\.[1-9][0-9]*$`)

// numbers reads the control's place in the benchmark versions.
func (r reader) numbers(m mapping, e *entry) {
	if !m.Has("benchmarks") {
		return
	}
	e.Numbers = map[Benchmark]Number{}
	for _, item := range r.Entries(m.Values["benchmarks"], "benchmarks") {
		versions := r.span(item.Key, item.Key.GetToken().Value)
		v := r.mapping(item.Value, "a benchmark", "number", "level", "title")
		if !r.OK() {
			return
		}
		n := Number{Number: v.Text("number"), Title: v.Text("title"), Level: v.level()}
		if r.OK() && !numberForm.MatchString(n.Number) {
			r.Fail(v.PlaceOfKey("number"), "", "number %q is not of the form 4.10", n.Number)
		}
		for _, b := range versions {
			if _, ok := e.Numbers[b]; ok {
				r.Fail(yamlfile.PlaceOf(item.Key), "", "benchmark %s is given twice", b.Version())
			}
			e.Numbers[b] = n
			e.places[numberClaim(b, n.Number)] = v.PlaceOfKey("number")
		}
	}
}

func (m mapping) level() int {
	n, ok := m.Node("level").(*ast.IntegerNode)
	if ok {
		switch n.GetToken().Value {
		case "1":
			return 1
		case "2":
			return 2
		}
	}
	m.Fail(m.PlaceOfKey("level"), "", "level must be 1 or 2")
	return 0
}
