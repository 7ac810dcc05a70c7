package terraform

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/monitorctl/monitorctl/internal/iac"
)

// An adopter prepares the expressions of one file: it replaces nodes of the
// library's tree by the nodes of this package, in place.
type adopter struct {
	holes iac.Holes
	src   *iac.Source
	raw   iac.Text // what the ranges of the expressions refer to
	*decls

	used    bool      // the attributes being read are evaluated with their resource
	origins []*origin // of the expression being read

	// alike are the keys under which an object of the list or object being read has
	// a pattern.
	alike map[string]bool
}

// A context is what stands around an expression.
type context struct {
	key       string // under which it stands; "" for a member of a list
	aboutLogs bool   // a key beside it is about logs
}

// An origin is a literal text. Values carry it as a mark.
type origin struct{ text iac.Text }

// A loose is a text that may be a pattern by its shape.
type loose struct {
	expr
	context
	origins []*origin
	literal bool // the file has the text itself there
}

// expression adopts a whole expression.
func (a *adopter) expression(e hclsyntax.Expression, c context) expr {
	r := e.Range()
	out := expr{src: a.src, spelling: a.spelling(r)}
	_, out.pos = a.raw.At(min(r.Start.Byte, len(a.raw.Value)))
	if src, _ := a.raw.At(0); src != nil {
		out.src = src
	}
	for _, t := range e.Variables() {
		out.each = out.each || t.RootName() == "each"
		out.count = out.count || t.RootName() == "count"
	}
	out.Expression = a.adopt(e, c)
	return out
}

func (a *adopter) spelling(r hcl.Range) string {
	if r.Start.Byte < 0 || r.End.Byte < r.Start.Byte || r.End.Byte > len(a.raw.Value) {
		return "an expression"
	}
	return a.raw.Value[r.Start.Byte:r.End.Byte]
}

// adopt returns what takes the place of a node.
func (a *adopter) adopt(e hclsyntax.Expression, c context) hclsyntax.Expression {
	before := len(a.origins)
	r := e.Range()
	out := a.replace(e)
	literal := false
	switch t := out.(type) {
	case *text:
		literal = true
		if t.looks() || c.key != "" && iac.KindOfKey(c.key) != iac.NoKey {
			a.loose(out, r, c, a.origins[before:], literal)
		}
	default:
		if c.key != "" && iac.KindOfKey(c.key) != iac.NoKey && !a.used && isReference(e) {
			a.loose(out, r, c, a.origins[before:], literal)
		}
	}
	return out
}

func (a *adopter) loose(e hclsyntax.Expression, r hcl.Range, c context, origins []*origin, literal bool) {
	src, pos := a.raw.At(min(r.Start.Byte, len(a.raw.Value)))
	if src == nil {
		src = a.src
	}
	a.texts = append(a.texts, &loose{
		expr:    expr{Expression: e, src: src, pos: pos, spelling: a.spelling(r)},
		context: c, origins: slices.Clone(origins), literal: literal,
	})
}

// isReference reports whether an expression is more than a constructor, whose
// members are looked at one by one.
func isReference(e hclsyntax.Expression) bool {
	switch e := e.(type) {
	case *hclsyntax.ObjectConsExpr, *hclsyntax.TupleConsExpr, *hclsyntax.LiteralValueExpr, *hclsyntax.ForExpr:
		return false
	case *hclsyntax.ParenthesesExpr:
		return isReference(e.Expression)
	}
	return true
}

// replace adopts the children of a node, and the node itself where this package
// evaluates it otherwise than the library.
func (a *adopter) replace(e hclsyntax.Expression) hclsyntax.Expression {
	none := context{}
	switch e := e.(type) {
	case *hclsyntax.TemplateExpr:
		return a.template(e)
	case *hclsyntax.TemplateWrapExpr:
		e.Wrapped = a.replace(e.Wrapped)
	case *hclsyntax.TemplateJoinExpr:
		e.Tuple = a.adopt(e.Tuple, none)
	case *hclsyntax.ParenthesesExpr:
		e.Expression = a.replace(e.Expression)
	case *hclsyntax.ScopeTraversalExpr:
		return &reference{e, a.hole(e)}
	case *hclsyntax.RelativeTraversalExpr:
		e.Source = a.adopt(e.Source, none)
		return &partial{e, a.hole(e)}
	case *hclsyntax.IndexExpr:
		hole := a.hole(e)
		e.Collection, e.Key = a.adopt(e.Collection, none), a.adopt(e.Key, none)
		return &index{e, hole}
	case *hclsyntax.SplatExpr:
		e.Source = a.adopt(e.Source, none)
	case *hclsyntax.FunctionCallExpr:
		hole := a.hole(e)
		for i, arg := range e.Args {
			e.Args[i] = a.adopt(arg, none)
		}
		return &invocation{e, hole}
	case *hclsyntax.ConditionalExpr:
		condition := a.spelling(e.Condition.Range())
		e.Condition = a.adopt(e.Condition, none)
		e.TrueResult, e.FalseResult = a.adopt(e.TrueResult, none), a.adopt(e.FalseResult, none)
		return &choice{e, strings.Join(strings.Fields(condition), " ")}
	case *hclsyntax.ForExpr:
		a.each(e)
	case *hclsyntax.ObjectConsExpr:
		a.object(e)
	case *hclsyntax.TupleConsExpr:
		outer := a.alike
		a.alike = a.patternKeys(e.Exprs)
		for i, item := range e.Exprs {
			e.Exprs[i] = a.adopt(item, none)
		}
		a.alike = outer
	case *hclsyntax.BinaryOpExpr:
		e.LHS, e.RHS = a.adopt(e.LHS, none), a.adopt(e.RHS, none)
		return &operation{e}
	case *hclsyntax.UnaryOpExpr:
		e.Val = a.adopt(e.Val, none)
	}
	return e
}

// hole returns the hole for an expression as it stands.
func (a *adopter) hole(e hclsyntax.Expression) string {
	return string(a.holes.Make(a.spelling(e.Range())))
}

func (a *adopter) each(e *hclsyntax.ForExpr) {
	e.CollExpr = a.adopt(e.CollExpr, context{})
	if e.KeyExpr != nil {
		e.KeyExpr = a.adopt(e.KeyExpr, context{})
	}
	e.ValExpr = &counted{a.adopt(e.ValExpr, context{})}
	if e.CondExpr != nil {
		e.CondExpr = &filter{a.adopt(e.CondExpr, context{})}
	}
}

func (a *adopter) object(e *hclsyntax.ObjectConsExpr) {
	keys, values := make([]string, len(e.Items)), make([]hclsyntax.Expression, len(e.Items))
	logs := false
	for i, item := range e.Items {
		keys[i], values[i] = a.key(item.KeyExpr), item.ValueExpr
		logs = logs || iac.AboutLogs(keys[i])
	}
	alike := a.alike
	a.alike = a.patternKeys(values)
	for i, item := range e.Items {
		e.Items[i].ValueExpr = a.adopt(item.ValueExpr, context{keys[i], logs || alike[keys[i]]})
	}
	a.alike = alike
}

// patternKeys returns the keys under which one of several objects has a text that
// looks like a pattern: then those of the others are patterns, too.
func (a *adopter) patternKeys(list []hclsyntax.Expression) map[string]bool {
	var keys map[string]bool
	for _, e := range list {
		object, ok := e.(*hclsyntax.ObjectConsExpr)
		if !ok {
			continue
		}
		for _, item := range object.Items {
			k, ok := item.KeyExpr.(*hclsyntax.ObjectConsKeyExpr)
			if !ok {
				continue
			}
			key := hcl.ExprAsKeyword(k.Wrapped)
			if iac.KindOfKey(key) == iac.MaybeKey && iac.LooksLikePattern(strings.Trim(a.spelling(item.ValueExpr.Range()), `"`)) {
				if keys == nil {
					keys = map[string]bool{}
				}
				keys[key] = true
			}
		}
	}
	return keys
}

// key adopts the key of an object constructor and returns it where the file says
// it, else "".
func (a *adopter) key(e hclsyntax.Expression) string {
	k, ok := e.(*hclsyntax.ObjectConsKeyExpr)
	if !ok {
		if l, ok := e.(*hclsyntax.LiteralValueExpr); ok && l.Val.Type() == cty.String {
			return l.Val.AsString()
		}
		return ""
	}
	if word := hcl.ExprAsKeyword(k.Wrapped); word != "" && !k.ForceNonLiteral {
		a.noteKey(word, k.Range())
		return word
	}
	if t, ok := k.Wrapped.(*hclsyntax.TemplateExpr); ok && len(t.Parts) == 1 {
		if l, ok := t.Parts[0].(*hclsyntax.LiteralValueExpr); ok && l.Val.Type() == cty.String {
			a.noteKey(l.Val.AsString(), l.SrcRange)
			return l.Val.AsString()
		}
	}
	k.Wrapped = a.adopt(k.Wrapped, context{})
	return ""
}

// noteKey remembers where a key stands: it can become part of a pattern as
// each.key. The first key of a name counts.
func (a *adopter) noteKey(key string, r hcl.Range) {
	if a.decls == nil {
		return
	}
	if a.keys == nil {
		a.keys = map[string]*origin{}
	}
	if a.keys[key] == nil {
		a.keys[key] = &origin{a.locate(key, r)}
	}
}

// template adopts a template, quoted or a heredoc.
func (a *adopter) template(e *hclsyntax.TemplateExpr) *text {
	t := &text{TemplateExpr: e}
	for _, part := range e.Parts {
		if l, ok := part.(*hclsyntax.LiteralValueExpr); ok && l.Val.Type() == cty.String && !l.Val.IsNull() && l.Val.IsKnown() {
			t.parts = append(t.parts, a.literal(l.Val.AsString(), l.SrcRange))
			continue
		}
		hole := a.hole(part)
		t.parts = append(t.parts, piece{e: a.adopt(part, context{}), hole: hole})
	}
	if len(t.parts) == 0 {
		_, pos := a.raw.At(min(e.SrcRange.Start.Byte, len(a.raw.Value)))
		t.parts = append(t.parts, a.origin(iac.Plain(a.src, "", pos)))
	}
	return t
}

func (a *adopter) literal(value string, r hcl.Range) piece { return a.origin(a.locate(value, r)) }

func (a *adopter) origin(at iac.Text) piece {
	o := &origin{at}
	a.origins = append(a.origins, o)
	return piece{literal: o}
}

// locate finds the bytes of a literal that stands in a range.
func (a *adopter) locate(value string, r hcl.Range) iac.Text {
	raw := a.spelling(r)
	if t, ok := iac.Align(nil, value, raw, r.Start.Byte, iac.TemplateMarks); ok {
		return t.Through(a.raw)
	}
	if t, ok := iac.Align(nil, value, raw, r.Start.Byte, iac.TemplateMarks, iac.TemplateQuoted); ok {
		return t.Through(a.raw)
	}
	return iac.Fixed(nil, value, min(r.Start.Byte, len(a.raw.Value))).Through(a.raw)
}
