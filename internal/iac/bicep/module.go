package bicep

import (
	"strings"

	"github.com/monitorctl/monitorctl/internal/iac"
)

// An Open returns the file of a module: path is as the file from writes it, relative and
// with slashes. It returns nil for what is not read.
type Open func(from *iac.Source, path string) *iac.Source

// maxModules bounds how deep modules call each other.
const maxModules = 10

// module returns the resources of a module that is called with a body. One that does not
// make sense has none: its own file says so.
func (r *reader) module(d declared, body iac.Value, types []string, open Open, depth int) []iac.Resource {
	if open == nil || depth >= maxModules || strings.Contains(d.path, ":") { // br:, ts:
		return nil
	}
	src := open(r.src, d.path)
	if src == nil {
		return nil
	}
	inner := &reader{scanner: scanner{src: src, text: string(src.Data)}, named: map[string]string{}, given: map[string]iac.Value{}, steps: r.steps}
	for _, f := range body.Get("params").Fields {
		inner.given[f.Key] = f.Value
	}
	list, err := inner.resources(types, open, depth+1)
	r.steps = inner.steps
	if err != nil {
		return nil
	}
	return list
}
