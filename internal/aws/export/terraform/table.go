package terraform

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/export"
)

// A table is a map of the code: an entry for each object, and in each the attributes
// that differ between objects.
type table struct {
	entries []entry
	always  []string // attributes that are in the entries even where all are the same
}

// An entry is one object.
type entry struct {
	key      string
	comments []string // lines without the sign of a comment
	values   map[string]string
}

// set adds an attribute to an entry, an expression; "" leaves it out.
func (e *entry) set(name, expression string) {
	if expression != "" {
		e.values[name] = expression
	}
}

// shared returns the expression that all objects have for an attribute, and whether they
// do; "" when none has it.
func (t table) shared(name string) (string, bool) {
	if slices.Contains(t.always, name) {
		return "", false
	}
	for _, e := range t.entries {
		if e.values[name] != t.entries[0].values[name] {
			return "", false
		}
	}
	return t.entries[0].values[name], true
}

// entries writes the map of a table.
func (w *writer) entries(name string, t table) {
	if len(t.entries) == 0 {
		return
	}
	w.line("\n%s = {", name)
	for _, e := range t.entries {
		for _, c := range e.comments {
			w.line("# %s", export.Comment(c))
		}
		w.line("%s = {", quote(e.key))
		for _, attribute := range t.varying() {
			value := e.values[attribute]
			if value == "" {
				value = "null"
			}
			w.line("%s = %s", attribute, value)
		}
		w.line("}")
	}
	w.line("}")
}

// varying lists the attributes of the entries: those that are there always, in their
// order, then those that differ.
func (t table) varying() []string {
	names := slices.Clone(t.always)
	for _, name := range attributes {
		if _, same := t.shared(name); !same && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// argument writes an argument of the resource of a table: what all objects have, or what
// the entry has.
func (w *writer) argument(t table, name, attribute string) {
	switch value, same := t.shared(attribute); {
	case !same:
		w.line("%s = each.value.%s", name, attribute)
	case value != "":
		w.line("%s = %s", name, value)
	}
}
