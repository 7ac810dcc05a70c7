package terraform

import (
	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/iac/tree"
)

// IsShown reports whether a document is what "terraform show -json" writes of a
// plan or a state, or a state as Terraform keeps it.
func IsShown(doc *tree.Node) bool {
	switch {
	case doc.Get("format_version").IsScalar():
		return doc.Get("planned_values").IsMapping() || doc.Get("values").IsMapping() || doc.Get("resource_changes") != nil
	case doc.Get("terraform_version").IsScalar():
		return doc.Get("resources") != nil && doc.Get("lineage") != nil
	}
	return false
}

// ReadShown returns the patterns of a plan or state. This is the exact way:
// Terraform itself has evaluated everything. What is known only after apply has a
// gap; what a state holds AWS has accepted.
func ReadShown(src *iac.Source, doc *tree.Node) []iac.Found {
	r := &shown{src: src}
	switch {
	case doc.Get("lineage") != nil:
		r.state(doc)
	case doc.Get("planned_values").IsMapping():
		r.module(doc.Get("planned_values").Get("root_module"), 0)
		r.changes(doc.Get("resource_changes"), true)
	case doc.Get("values").IsMapping():
		r.deployed = true
		r.module(doc.Get("values").Get("root_module"), 0)
	default:
		r.changes(doc.Get("resource_changes"), false)
	}
	return r.found
}

type shown struct {
	src      *iac.Source
	deployed bool
	found    []iac.Found
}

// module reads the resources of a module and of those below it.
func (r *shown) module(m *tree.Node, depth int) {
	if m == nil || depth > maxDepth {
		return
	}
	if list := m.Get("resources"); list != nil {
		for _, res := range list.Items {
			r.resource(res.Get("type"), res.Get("address"), res.Get("values"), nil)
		}
	}
	if list := m.Get("child_modules"); list != nil {
		for _, child := range list.Items {
			r.module(child, depth+1)
		}
	}
}

// changes reads what a plan does: all of it, or what is known only after apply.
func (r *shown) changes(list *tree.Node, onlyUnknown bool) {
	if list == nil {
		return
	}
	for _, res := range list.Items {
		change := res.Get("change")
		if onlyUnknown {
			r.resource(res.Get("type"), res.Get("address"), nil, change.Get("after_unknown"))
			continue
		}
		r.resource(res.Get("type"), res.Get("address"), change.Get("after"), change.Get("after_unknown"))
	}
}

// state reads the resources of a state.
func (r *shown) state(doc *tree.Node) {
	r.deployed = true
	for _, res := range doc.Get("resources").Items {
		kind, name := res.Get("type"), res.Get("name")
		instances := res.Get("instances")
		if instances == nil {
			continue
		}
		for _, in := range instances.Items {
			r.resource(kind, name, in.Get("attributes"), nil)
		}
	}
}

// resource notes the pattern of one resource.
func (r *shown) resource(kind, name, values, unknown *tree.Node) {
	if !kind.IsScalar() {
		return
	}
	of, ok := patternOf[kind.Value]
	if !ok {
		return
	}
	f := iac.Found{Kind: of.kind, Source: r.src, Deployed: r.deployed}
	if name.IsScalar() {
		f.Name = name.Value
	}
	if p := values.Get(of.attribute); p.IsScalar() {
		f.Pos, f.Text = p.Pos, p.Text()
		r.found = append(r.found, f.Settle())
		return
	}
	if u := unknown.Get(of.attribute); u.Is("true") {
		f.Pos, f.Gap = u.Pos, of.attribute+" is known only after apply"
		r.found = append(r.found, f)
	}
}
