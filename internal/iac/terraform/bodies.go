package terraform

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/iac/tree"
)

// bodyTypes are the resources that are read as a whole: those of Azure's alerts.
var bodyTypes = []string{
	"azurerm_monitor_activity_log_alert", "azurerm_monitor_action_group", "azurerm_monitor_alert_processing_rule_action_group",
	"azurerm_monitor_alert_processing_rule_suppression", "azapi_resource",
}

// A body is a resource that is read as a whole.
type body struct {
	kind, name     string // "azurerm_monitor_action_group", "azurerm_monitor_action_group.ops"
	src            *iac.Source
	pos            int
	forEach, count *expr
	nested
}

// A nested is what stands between braces: arguments and blocks.
type nested struct {
	attributes map[string]expr
	order      []string // names of attributes, in the order of the file
	blocks     []innerBlock
}

// An innerBlock is a block in a body, perhaps a dynamic one.
type innerBlock struct {
	kind     string // "criteria"
	pos      int
	forEach  *expr // of a dynamic block
	iterator string
	nested
}

// body notes a resource that is read as a whole, whose attributes were adopted; false
// for any other.
func (a *adopter) body(b *hclsyntax.Block, attributes map[string]expr) bool {
	if !slices.Contains(bodyTypes, b.Labels[0]) {
		return false
	}
	out := &body{kind: b.Labels[0], name: b.Labels[0] + "." + b.Labels[1], src: a.src, pos: a.at(b.TypeRange)}
	out.attributes, out.order, out.blocks = attributes, inOrder(b.Body.Attributes), a.innerBlocks(b.Body)
	out.forEach, out.count = optional(attributes, "for_each"), optional(attributes, "count")
	a.bodies = append(a.bodies, out)
	return true
}

func (a *adopter) at(r hcl.Range) int {
	_, pos := a.raw.At(min(r.Start.Byte, len(a.raw.Value)))
	return pos
}

func (a *adopter) nested(b *hclsyntax.Body) nested {
	out := nested{attributes: map[string]expr{}, order: inOrder(b.Attributes)}
	for _, name := range out.order {
		out.attributes[name] = a.attribute(b, name)
	}
	out.blocks = a.innerBlocks(b)
	return out
}

// innerBlocks adopts the blocks of a body.
func (a *adopter) innerBlocks(b *hclsyntax.Body) []innerBlock {
	var out []innerBlock
	for _, inner := range b.Blocks {
		if inner.Type != "dynamic" {
			out = append(out, innerBlock{kind: inner.Type, pos: a.at(inner.TypeRange), nested: a.nested(inner.Body)})
			continue
		}
		i := slices.IndexFunc(inner.Body.Blocks, func(b *hclsyntax.Block) bool { return b.Type == "content" })
		if len(inner.Labels) != 1 || i < 0 || inner.Body.Attributes["for_each"] == nil {
			continue
		}
		forEach := a.attribute(inner.Body, "for_each")
		d := innerBlock{kind: inner.Labels[0], pos: a.at(inner.TypeRange), forEach: &forEach, iterator: inner.Labels[0], nested: a.nested(inner.Body.Blocks[i].Body)}
		if it := inner.Body.Attributes["iterator"]; it != nil {
			d.iterator = hcl.ExprAsKeyword(it.Expr)
		}
		out = append(out, d)
	}
	return out
}

// Bodies returns the resources of files of modules that are read as a whole, by root
// module: each member of for_each and count, and those of the modules that it calls. What
// the files do not say is unknown.
func (p *Project) Bodies(paths []string) [][]iac.Resource {
	var out [][]iac.Resource
	for _, in := range p.roots(paths) {
		var list []iac.Resource
		seen := map[string]bool{}
		var visit func(*instance)
		visit = func(in *instance) {
			for _, b := range in.bodies {
				for _, r := range p.body(in, b) {
					if key := in.key + r.Name; !seen[key] {
						seen[key] = true
						list = append(list, r)
					}
				}
			}
			for _, c := range in.calls {
				for _, child := range in.childrenOf(p.base, c) {
					visit(child)
				}
			}
		}
		visit(in)
		if len(list) > 0 {
			out = append(out, list)
		}
	}
	return out
}

// body evaluates a resource: once for each member.
func (p *Project) body(in *instance, b *body) []iac.Resource {
	var out []iac.Resource
	for _, m := range in.members(p.base, b.forEach, b.count, true, true) {
		r := iac.Resource{Type: b.kind, Name: b.name + m.suffix, Source: b.src, Pos: b.pos}
		if !p.bounded(func() { r.Body = p.evaluateNested(in, b.nested, m.names, b.src, b.pos) }) {
			r.Body = iac.Value{Kind: iac.ObjectValue, Source: b.src, Pos: b.pos, Fields: []iac.ValueField{{Key: "name", Value: iac.Unknown(tooMuch, b.src, b.pos)}}}
		}
		out = append(out, r)
	}
	return out
}

// metaArguments are the arguments that Terraform itself reads.
var metaArguments = []string{"for_each", "count", "depends_on", "provider", "lifecycle"}

// evaluateNested returns arguments and blocks as an object: blocks of one kind are a list.
func (p *Project) evaluateNested(in *instance, n nested, names map[string]cty.Value, src *iac.Source, pos int) iac.Value {
	out := iac.Value{Kind: iac.ObjectValue, Source: src, Pos: pos}
	for _, name := range n.order {
		if !slices.Contains(metaArguments, name) {
			out.Fields = append(out.Fields, iac.ValueField{Key: name, Value: p.argument(in, n.attributes[name], names)})
		}
	}
	lists := map[string]*iac.Value{}
	var kinds []string
	for _, b := range n.blocks {
		if lists[b.kind] == nil {
			lists[b.kind] = &iac.Value{Kind: iac.ListValue, Source: src, Pos: b.pos}
			kinds = append(kinds, b.kind)
		}
		lists[b.kind].Items = append(lists[b.kind].Items, p.inner(in, b, names, src)...)
	}
	for _, kind := range kinds {
		out.Fields = append(out.Fields, iac.ValueField{Key: kind, Value: *lists[kind]})
	}
	return out
}

// inner evaluates a block; a dynamic one once for each member. One whose members are not
// known is one unknown value.
func (p *Project) inner(in *instance, b innerBlock, names map[string]cty.Value, src *iac.Source) []iac.Value {
	if b.forEach == nil {
		return []iac.Value{p.evaluateNested(in, b.nested, names, src, b.pos)}
	}
	v, diags := b.forEach.Value(in.context(p.base, names))
	bare, _ := v.Unmark()
	if diags.HasErrors() || isUnknown(v) || !bare.IsNull() && !bare.CanIterateElements() {
		return []iac.Value{iac.Unknown(b.forEach.spelling, src, b.pos)}
	}
	var out []iac.Value
	if bare.IsNull() {
		return nil
	}
	for it := bare.ElementIterator(); it.Next() && len(out) < maxMembers; {
		key, value := it.Element()
		own := maps.Clone(names)
		if own == nil {
			own = map[string]cty.Value{}
		}
		own[b.iterator] = cty.ObjectVal(map[string]cty.Value{"key": key, "value": value})
		out = append(out, p.evaluateNested(in, b.nested, own, src, b.pos))
	}
	return out
}

// argument evaluates an argument.
func (p *Project) argument(in *instance, e expr, names map[string]cty.Value) iac.Value {
	v, diags := e.Value(in.context(p.base, names))
	if diags.HasErrors() || weight(v, maxWeight) > maxWeight {
		return iac.Unknown(e.spelling, e.src, e.pos)
	}
	return p.value(v, e)
}

// value returns what the library evaluated in plain words. A text that is JSON stays a
// text, with what is not known in it.
func (p *Project) value(v cty.Value, e expr) iac.Value {
	out := iac.Value{Source: e.src, Pos: e.pos}
	v, marks := v.Unmark()
	if v.IsKnown() && v.IsNull() {
		return out
	}
	_, unknown := marks[unknownMark{}]
	switch t := v.Type(); {
	case !v.IsKnown():
		return iac.Unknown(e.spelling, e.src, e.pos)
	case t == cty.String && strings.HasPrefix(v.AsString(), "{") && json.Valid([]byte(v.AsString())):
		return p.fromJSON(v.AsString(), e)
	case t == cty.String:
		return p.holes.Texts(v.AsString(), e.src, e.pos)
	case t == cty.Bool:
		out.Kind, out.Flag = iac.FlagValue, v.True()
	case t == cty.Number:
		out.Kind, out.Text = iac.NumberValue, v.AsBigFloat().Text('f', -1)
	case unknown && v.CanIterateElements(): // one member stands for any number
		return iac.Unknown(e.spelling, e.src, e.pos)
	case t.IsObjectType() || t.IsMapType():
		out.Kind = iac.ObjectValue
		for it := v.ElementIterator(); it.Next(); {
			key, member := it.Element()
			key, _ = key.Unmark()
			out.Fields = append(out.Fields, iac.ValueField{Key: key.AsString(), Value: p.value(member, e)})
		}
	case v.CanIterateElements():
		out.Kind = iac.ListValue
		for it := v.ElementIterator(); it.Next(); {
			_, member := it.Element()
			out.Items = append(out.Items, p.value(member, e))
		}
	default:
		return iac.Unknown(e.spelling, e.src, e.pos)
	}
	return out
}

// fromJSON reads a text in JSON that holds something unknown.
func (p *Project) fromJSON(text string, e expr) iac.Value {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return iac.Unknown(e.spelling, e.src, e.pos)
	}
	return p.plain(v, e)
}

func (p *Project) plain(v any, e expr) iac.Value {
	out := iac.Value{Source: e.src, Pos: e.pos}
	switch v := v.(type) {
	case string:
		return p.holes.Texts(v, e.src, e.pos)
	case bool:
		out.Kind, out.Flag = iac.FlagValue, v
	case float64:
		out.Kind = iac.NumberValue
	case []any:
		out.Kind = iac.ListValue
		for _, m := range v {
			out.Items = append(out.Items, p.plain(m, e))
		}
	case map[string]any:
		out.Kind = iac.ObjectValue
		for _, key := range slices.Sorted(maps.Keys(v)) {
			out.Fields = append(out.Fields, iac.ValueField{Key: key, Value: p.plain(v[key], e)})
		}
	}
	return out
}

// ShownBodies returns the resources of a plan or a state that are read as a whole. What is
// known only after apply is absent there.
func ShownBodies(src *iac.Source, doc *tree.Node) []iac.Resource {
	var out []iac.Resource
	add := func(kind, name, values *tree.Node) {
		if kind.IsScalar() && slices.Contains(bodyTypes, kind.Value) && values.IsMapping() {
			r := iac.Resource{Type: kind.Value, Source: src, Pos: values.Pos, Body: nodeValue(src, values, 0)}
			if name.IsScalar() {
				r.Name = name.Value
			}
			out = append(out, r)
		}
	}
	var module func(m *tree.Node, depth int)
	module = func(m *tree.Node, depth int) {
		if m == nil || depth > maxDepth {
			return
		}
		if list := m.Get("resources"); list != nil {
			for _, res := range list.Items {
				add(res.Get("type"), res.Get("address"), res.Get("values"))
			}
		}
		if list := m.Get("child_modules"); list != nil {
			for _, child := range list.Items {
				module(child, depth+1)
			}
		}
	}
	for _, key := range []string{"planned_values", "values"} {
		module(doc.Get(key).Get("root_module"), 0)
	}
	if list := doc.Get("resources"); list != nil && doc.Get("lineage") != nil {
		for _, res := range list.Items {
			if instances := res.Get("instances"); instances != nil {
				for _, in := range instances.Items {
					add(res.Get("type"), res.Get("name"), in.Get("attributes"))
				}
			}
		}
	}
	return out
}

// nodeValue returns a node of a document in plain words.
func nodeValue(src *iac.Source, n *tree.Node, depth int) iac.Value {
	out := iac.Value{Source: src, Pos: n.Pos}
	if depth > iac.MaxNesting {
		return iac.Unknown(tooMuch, src, n.Pos)
	}
	switch n.Kind {
	case tree.Mapping:
		out.Kind = iac.ObjectValue
		for _, f := range n.Fields {
			out.Fields = append(out.Fields, iac.ValueField{Key: f.Key, Value: nodeValue(src, f.Value, depth+1)})
		}
	case tree.Sequence:
		out.Kind = iac.ListValue
		for _, item := range n.Items {
			out.Items = append(out.Items, nodeValue(src, item, depth+1))
		}
	case tree.Scalar:
		switch {
		case n.Quoted:
			out.Kind, out.Text = iac.TextValue, n.Value
		case n.Value == "true" || n.Value == "false":
			out.Kind, out.Flag = iac.FlagValue, n.Value == "true"
		default:
			out.Kind, out.Text = iac.NumberValue, n.Value
		}
	}
	return out
}
