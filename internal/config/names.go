package config

import (
	"cmp"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/yamlfile"
)

// trailNamed asks for a trail with a name, to have it checked.
func trailNamed(t desired.Trail) plan.Options {
	return plan.Options{Bootstrap: &plan.Bootstrap{Trail: t}}
}

// names reads the names of what apply creates.
func (r reader) names(n ast.Node, f *File) {
	m := r.Mapping(n, "names", "namespace", "prefix", "topic", "trail", "bucket", "log-group", "role", "controls")
	f.Names = Names{Namespace: r.name(m, "namespace"), Prefix: m.Optional("prefix"), Topic: m.Optional("topic"),
		Trail: m.Optional("trail"), Bucket: m.Optional("bucket"), LogGroup: m.Optional("log-group"), Role: m.Optional("role")}
	for key, o := range map[string]plan.Options{"prefix": {NamePrefix: f.Names.Prefix}, "topic": {TopicName: f.Names.Topic},
		"trail": trailNamed(desired.Trail{Name: f.Names.Trail}), "bucket": trailNamed(desired.Trail{Bucket: f.Names.Bucket}),
		"log-group": trailNamed(desired.Trail{LogGroup: f.Names.LogGroup}), "role": trailNamed(desired.Trail{Role: f.Names.Role})} {
		if err := plan.CheckNames(o); err != nil && r.OK() {
			r.Fail(m.PlaceOfKey(key), "", "%v", err)
		}
	}
	if !m.Has("controls") {
		return
	}
	f.Names.Controls = map[string]catalog.Names{}
	for _, entry := range r.Entries(m.Values["controls"], "controls") {
		id := entry.Key.GetToken().Value
		i := slices.IndexFunc(r.cat.Controls, func(c catalog.Control) bool { return c.ID == id })
		if i < 0 {
			r.unknown(entry.Key, "control", id, r.ids())
			return
		}
		if _, twice := f.Names.Controls[id]; twice {
			r.Fail(yamlfile.PlaceOf(entry.Key), "", "control %s is given twice", id)
		}
		f.Names.Controls[id] = r.namesOf(entry.Value, r.cat.Controls[i].Names)
		r.collision(entry, f.Names.Controls)
	}
}

// namesOf reads the names of one control; the others stay as they are in the
// catalog.
func (r reader) namesOf(n ast.Node, have catalog.Names) catalog.Names {
	m := r.Mapping(n, "the names of a control", "filter", "metric", "alarm", "description")
	return catalog.Names{
		Filter:      cmp.Or(r.name(m, "filter"), have.Filter),
		Metric:      cmp.Or(r.name(m, "metric"), have.Metric),
		Alarm:       cmp.Or(r.name(m, "alarm"), have.Alarm),
		Description: cmp.Or(r.name(m, "description"), have.Description),
	}
}

// name reads a name under the rules of CloudWatch for its kind.
func (r reader) name(m yamlfile.Mapping, key string) string {
	text := m.Optional(key)
	if fault := catalog.NameFault(key, text); r.OK() && fault != "" {
		r.Fail(m.PlaceOfKey(key), "", "%s", fault)
	}
	return text
}

// collision fails where a control would have a name of another one: two
// controls on one metric or alarm would be one.
func (r reader) collision(entry *ast.MappingValueNode, renamed map[string]catalog.Names) {
	id := entry.Key.GetToken().Value
	mine := renamed[id]
	for _, c := range r.cat.Controls {
		names, ok := renamed[c.ID]
		if !ok {
			names = c.Names
		}
		if c.ID != id && (names.Filter == mine.Filter || names.Metric == mine.Metric || names.Alarm == mine.Alarm) {
			r.Fail(yamlfile.PlaceOf(entry.Key), "", "%s would have a name of %s", id, c.ID)
		}
	}
}
