package terraform

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/iac/tree"
)

// readJSON reads a file in Terraform's JSON syntax, or a values file in JSON. Its
// texts are templates.
func (p *Project) readJSON(f *file) error {
	root, err := tree.ReadJSON(iac.Plain(f.src, string(f.src.Data), 0))
	if err != nil {
		return err
	}
	f.locals, f.variables, f.outputs, f.values = map[string]expr{}, map[string]*variable{}, map[string]expr{}, map[string]expr{}
	a := &adopter{holes: p.holes, src: f.src, decls: &f.decls}
	if isValuesFile(f.path) {
		for _, field := range root.Fields {
			f.values[field.Key] = a.node(field.Value, context{key: field.Key})
		}
		return nil
	}
	eachBlock(root.Get("locals"), func(b *tree.Node) {
		for _, field := range b.Fields {
			a.locals[field.Key] = a.node(field.Value, context{key: field.Key})
		}
	})
	eachLabel(root.Get("variable"), func(name string, b *tree.Node) {
		v := &variable{typ: cty.DynamicPseudoType}
		if t := b.Get("type"); t.IsScalar() {
			if e, diags := hclsyntax.ParseExpression([]byte(t.Value), "", hcl.InitialPos); !diags.HasErrors() {
				v.typ, v.defaults = typeOf(e)
			}
		}
		if def := b.Get("default"); def != nil {
			e := a.node(def, context{key: name})
			v.def = &e
		}
		a.variables[name] = v
	})
	eachLabel(root.Get("output"), func(name string, b *tree.Node) {
		if v := b.Get("value"); v != nil {
			a.outputs[name] = a.node(v, context{})
		}
	})
	eachLabel(root.Get("module"), func(name string, b *tree.Node) { a.call(name, a.attributes(b)) })
	eachLabel(root.Get("resource"), func(kind string, names *tree.Node) {
		eachLabel(names, func(name string, b *tree.Node) {
			a.used = patternOf[kind].attribute != ""
			attributes := a.attributes(b)
			a.used = false
			a.resource(kind, name, attributes)
			a.jsonBody(kind, name, b)
		})
	})
	return nil
}

func (a *adopter) attributes(b *tree.Node) map[string]expr {
	logs := slices.ContainsFunc(b.Fields, func(f tree.Field) bool { return iac.AboutLogs(f.Key) })
	out := map[string]expr{}
	for _, f := range b.Fields {
		if f.Value.Kind != tree.Null {
			out[f.Key] = a.node(f.Value, context{f.Key, logs})
		}
	}
	return out
}

// eachBlock visits the objects of a value that is one object or a list of them.
func eachBlock(n *tree.Node, visit func(*tree.Node)) {
	switch {
	case n.IsMapping():
		visit(n)
	case n != nil && n.Kind == tree.Sequence:
		for _, item := range n.Items {
			if item.IsMapping() {
				visit(item)
			}
		}
	}
}

// eachLabel visits the blocks below each label: objects, or lists of them.
func eachLabel(n *tree.Node, visit func(label string, block *tree.Node)) {
	eachBlock(n, func(labels *tree.Node) {
		for _, f := range labels.Fields {
			eachBlock(f.Value, func(b *tree.Node) { visit(f.Key, b) })
		}
	})
}

// node makes an expression of a value.
func (a *adopter) node(n *tree.Node, c context) expr {
	out := expr{src: a.src, pos: n.Pos, spelling: "a value that is not text"}
	uses := func(e hclsyntax.Expression) {
		for _, t := range e.Variables() {
			out.each = out.each || t.RootName() == "each"
			out.count = out.count || t.RootName() == "count"
		}
	}
	out.Expression = a.jsonValue(n, c, uses)
	if n.IsScalar() {
		out.spelling = strings.TrimSuffix(strings.TrimPrefix(n.Value, "${"), "}")
	}
	return out
}

// jsonValue makes an expression of a value; uses is told of each template before
// it is adopted.
func (a *adopter) jsonValue(n *tree.Node, c context, uses func(hclsyntax.Expression)) hclsyntax.Expression {
	literal := func(v cty.Value) hclsyntax.Expression { return &hclsyntax.LiteralValueExpr{Val: v} }
	switch n.Kind {
	case tree.Mapping:
		e := &hclsyntax.ObjectConsExpr{}
		logs := slices.ContainsFunc(n.Fields, func(f tree.Field) bool { return iac.AboutLogs(f.Key) })
		for _, f := range n.Fields {
			value := a.jsonValue(f.Value, context{f.Key, logs}, uses)
			e.Items = append(e.Items, hclsyntax.ObjectConsItem{KeyExpr: literal(cty.StringVal(f.Key)), ValueExpr: value})
		}
		return e
	case tree.Sequence:
		e := &hclsyntax.TupleConsExpr{}
		for _, item := range n.Items {
			e.Exprs = append(e.Exprs, a.jsonValue(item, context{}, uses))
		}
		return e
	case tree.Scalar:
		if !n.Quoted {
			return literal(scalarValue(n))
		}
		return a.jsonText(n.Text(), n.Pos, c, uses)
	}
	return literal(cty.NullVal(cty.DynamicPseudoType))
}

// jsonText makes a template of a text.
func (a *adopter) jsonText(t iac.Text, pos int, c context, uses func(hclsyntax.Expression)) hclsyntax.Expression {
	own := &adopter{holes: a.holes, src: a.src, raw: t, decls: a.decls, used: a.used}
	var e hclsyntax.Expression
	if strings.Contains(t.Value, "${") || strings.Contains(t.Value, "%{") {
		parsed, err := parseTemplate(t.Value)
		if err != nil || len(t.Value) > iac.MaxText {
			hole := string(a.holes.Make("a template that cannot be read"))
			return &hclsyntax.LiteralValueExpr{Val: holeValue(hole)}
		}
		e = parsed
	} else {
		r := hcl.Range{End: hcl.Pos{Byte: len(t.Value)}}
		e = &hclsyntax.TemplateExpr{Parts: []hclsyntax.Expression{&hclsyntax.LiteralValueExpr{Val: cty.StringVal(t.Value), SrcRange: r}}, SrcRange: r}
	}
	uses(e)
	if l, ok := e.(*hclsyntax.LiteralValueExpr); ok { // a template without interpolation
		e = &hclsyntax.TemplateExpr{Parts: []hclsyntax.Expression{l}, SrcRange: l.SrcRange}
	}
	if t.Value == "" {
		own.raw = iac.Plain(a.src, "", pos)
	}
	return own.adopt(e, c)
}
