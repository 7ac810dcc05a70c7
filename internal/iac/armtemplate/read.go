package armtemplate

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/iac/tree"
)

// A reader walks one document.
type reader struct {
	src   *iac.Source
	types []string
	seen  map[*tree.Node]bool
	found []iac.Resource
}

// A template is what expressions of a template refer to; nil where there is none.
type template struct {
	parameters, variables *tree.Node
	policy                bool // it stands in a policy
}

// Read returns the resources of these types in a document, in its order. The types are
// compared without case, and a version behind @ is left out.
func Read(src *iac.Source, doc *tree.Node, types []string) []iac.Resource {
	r := &reader{src: src, types: types, seen: map[*tree.Node]bool{}}
	r.walk(doc, &template{}, 0)
	return r.found
}

// maxNodes and maxDepth bound the work on one document.
const (
	maxNodes = 200_000
	maxDepth = 200
)

// walk looks for resources below a node, which stands in a template.
func (r *reader) walk(n *tree.Node, t *template, depth int) {
	if n == nil || r.seen[n] || len(r.seen) > maxNodes || depth > maxDepth {
		return
	}
	r.seen[n] = true
	if n.Get("policyRule") != nil {
		t = &template{policy: true}
	}
	if n.IsMapping() && n.Get("resources") != nil && (n.Get("parameters") != nil || n.Get("variables") != nil || n.Get("$schema") != nil || n.Get("contentVersion") != nil) {
		t = &template{parameters: n.Get("parameters"), variables: n.Get("variables"), policy: t.policy}
	}
	if kind := n.Get("type"); kind.IsScalar() && n.Get("properties").IsMapping() {
		name, _, _ := strings.Cut(kind.Value, "@")
		if i := slices.IndexFunc(r.types, func(known string) bool { return strings.EqualFold(known, name) }); i >= 0 {
			e := &evaluator{src: r.src, template: t, steps: maxSteps}
			body := e.node(n, 0)
			r.found = append(r.found, iac.Resource{Type: r.types[i], Name: nameOf(body), Source: r.src, Pos: n.Pos, Body: body})
		}
	}
	for _, f := range n.Fields {
		r.walk(f.Value, t, depth+1)
	}
	for _, item := range n.Items {
		r.walk(item, t, depth+1)
	}
}

func nameOf(body iac.Value) string {
	if name := body.Get("name"); name.Kind == iac.TextValue {
		return name.Text
	}
	return ""
}

// node evaluates a node of a resource.
func (e *evaluator) node(n *tree.Node, depth int) iac.Value {
	out := iac.Value{Source: e.src, Pos: n.Pos}
	if e.steps--; e.steps < 0 || depth > maxDepth {
		return iac.Unknown("too much to evaluate", e.src, n.Pos)
	}
	switch n.Kind {
	case tree.Mapping:
		out.Kind = iac.ObjectValue
		for _, f := range n.Fields {
			out.Fields = append(out.Fields, iac.ValueField{Key: f.Key, Value: e.node(f.Value, depth+1)})
		}
	case tree.Sequence:
		out.Kind = iac.ListValue
		for _, item := range n.Items {
			out.Items = append(out.Items, e.node(item, depth+1))
		}
	case tree.Scalar:
		return e.scalar(n)
	case tree.Null:
	default:
		return iac.Unknown("what is not followed", e.src, n.Pos)
	}
	return out
}

// scalar evaluates a scalar: a text in brackets is an expression.
func (e *evaluator) scalar(n *tree.Node) iac.Value {
	text := n.Value
	switch {
	case !n.Quoted && (text == "true" || text == "false"):
		return iac.Value{Kind: iac.FlagValue, Flag: text == "true", Source: e.src, Pos: n.Pos}
	case !n.Quoted:
		return iac.Value{Kind: iac.NumberValue, Text: text, Source: e.src, Pos: n.Pos}
	case strings.HasPrefix(text, "[[") && !e.template.policy:
		return iac.Value{Kind: iac.TextValue, Text: text[1:], Source: e.src, Pos: n.Pos}
	case !strings.HasPrefix(text, "[") || !strings.HasSuffix(text, "]"):
		return iac.Value{Kind: iac.TextValue, Text: text, Source: e.src, Pos: n.Pos}
	}
	text = strings.TrimPrefix(text, "[[")
	text = strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	v := e.expression(text, n.Pos)
	v.Source, v.Pos = e.src, n.Pos
	return v
}
