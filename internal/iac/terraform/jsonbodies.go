package terraform

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/iac/tree"
)

// mapArguments are arguments of the resources that are read as a whole whose value is a
// map: every other object of theirs is a block.
var mapArguments = []string{"tags", "webhook_properties", "properties", "for_each"}

// jsonBody notes a resource in JSON that is read as a whole; none of any other type.
func (a *adopter) jsonBody(kind, name string, b *tree.Node) {
	if !slices.Contains(bodyTypes, kind) {
		return
	}
	out := &body{kind: kind, name: kind + "." + name, src: a.src, pos: b.Pos, nested: a.jsonNested(b, kind != "azapi_resource")}
	out.forEach, out.count = optional(out.attributes, "for_each"), optional(out.attributes, "count")
	a.bodies = append(a.bodies, out)
}

// jsonNested adopts an object that stands for a body. With blocks, an object in it, or a
// list of objects, is a block or several.
func (a *adopter) jsonNested(b *tree.Node, blocks bool) nested {
	out := nested{attributes: map[string]expr{}}
	for _, f := range b.Fields {
		switch {
		case blocks && f.Key == "dynamic":
			eachLabel(f.Value, func(kind string, d *tree.Node) { out.blocks = a.jsonDynamic(out.blocks, kind, d) })
		case blocks && !slices.Contains(mapArguments, f.Key) && isBlock(f.Value):
			eachBlock(f.Value, func(inner *tree.Node) {
				out.blocks = append(out.blocks, innerBlock{kind: f.Key, pos: inner.Pos, nested: a.jsonNested(inner, true)})
			})
		case f.Value.Kind != tree.Null:
			out.attributes[f.Key] = a.node(f.Value, context{key: f.Key})
			out.order = append(out.order, f.Key)
		}
	}
	return out
}

// jsonDynamic adopts a dynamic block.
func (a *adopter) jsonDynamic(list []innerBlock, kind string, d *tree.Node) []innerBlock {
	over := d.Get("for_each")
	if over == nil {
		return list
	}
	forEach := a.node(over, context{})
	eachBlock(d.Get("content"), func(content *tree.Node) {
		block := innerBlock{kind: kind, pos: d.Pos, forEach: &forEach, iterator: kind, nested: a.jsonNested(content, true)}
		if it := d.Get("iterator"); it.IsScalar() {
			block.iterator = it.Value
		}
		list = append(list, block)
	})
	return list
}

// isBlock reports whether a value is an object, or a list of nothing but objects.
func isBlock(n *tree.Node) bool {
	other := func(n *tree.Node) bool { return !n.IsMapping() }
	return n.IsMapping() || n.Kind == tree.Sequence && len(n.Items) > 0 && !slices.ContainsFunc(n.Items, other)
}
