package lint

import (
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// text evaluates an expression that should be a text.
func (m *module) text(e hclsyntax.Expression, s scope) (text, *gap) {
	if m.budget--; m.budget < 0 {
		return text{}, tooMuch()
	}
	switch e := e.(type) {
	case *hclsyntax.TemplateExpr:
		return m.template(e, s)
	case *hclsyntax.TemplateWrapExpr:
		return m.text(e.Wrapped, s)
	case *hclsyntax.ParenthesesExpr:
		return m.text(e.Expression, s)
	case *hclsyntax.ObjectConsKeyExpr:
		return m.key(e, s)
	case *hclsyntax.LiteralValueExpr:
		return m.literal(e)
	case *hclsyntax.FunctionCallExpr:
		return m.call(e, s)
	case *hclsyntax.ScopeTraversalExpr, *hclsyntax.RelativeTraversalExpr, *hclsyntax.IndexExpr:
		return m.reference(e, s)
	}
	return text{}, m.gap(e)
}

// gap says that the file does not tell what an expression is.
func (m *module) gap(e hclsyntax.Expression) *gap { return interpolation(m.spelling(e)) }

// spelling returns an expression as the file has it.
func (m *module) spelling(e hclsyntax.Expression) string {
	r := e.Range()
	if !r.CanSliceBytes(m.src.data) {
		return "an expression"
	}
	return string(r.SliceBytes(m.src.data))
}

func (m *module) template(e *hclsyntax.TemplateExpr, s scope) (text, *gap) {
	b := textBuilder{}
	b.add(plain("", e.SrcRange.Start.Byte))
	for _, part := range e.Parts {
		t, gap := m.text(part, s)
		if gap != nil {
			return text{}, gap
		}
		b.add(t)
		if len(e.Parts) > 1 && b.value.Len() > maxText {
			return text{}, tooMuch()
		}
	}
	return b.text(), nil
}

// literal returns a literal: a piece of a template, a number or a truth value.
func (m *module) literal(e *hclsyntax.LiteralValueExpr) (text, *gap) {
	pos := e.SrcRange.Start.Byte
	if e.Val.IsNull() || !e.Val.IsKnown() {
		return text{}, m.gap(e)
	}
	if e.Val.Type() != cty.String {
		return plain(m.spelling(e), pos), nil
	}
	value := e.Val.AsString()
	if !e.SrcRange.CanSliceBytes(m.src.data) {
		return fixed(value, pos), nil
	}
	raw := string(e.SrcRange.SliceBytes(m.src.data))
	if t, ok := align(value, raw, pos, templateMarks); ok {
		return t, nil
	}
	if t, ok := align(value, raw, pos, templateMarks, templateQuoted); ok {
		return t, nil
	}
	return fixed(value, pos), nil
}

// key returns a key of an object constructor: a bare word stands for itself.
func (m *module) key(e *hclsyntax.ObjectConsKeyExpr, s scope) (text, *gap) {
	if word, ok := bareWord(e); ok {
		return plain(word, e.Range().Start.Byte), nil
	}
	return m.text(e.Wrapped, s)
}

// call evaluates the functions that put patterns together.
func (m *module) call(e *hclsyntax.FunctionCallExpr, s scope) (text, *gap) {
	if e.ExpandFinal {
		return text{}, m.gap(e)
	}
	switch {
	case (e.Name == "trimspace" || e.Name == "chomp" || e.Name == "tostring") && len(e.Args) == 1:
		t, gap := m.text(e.Args[0], s)
		switch {
		case gap != nil:
			return text{}, gap
		case e.Name == "trimspace":
			return t.trim(), nil
		case e.Name == "chomp":
			return t.slice(0, len(strings.TrimRight(t.value, "\r\n"))), nil
		}
		return t, nil
	case e.Name == "replace" && len(e.Args) == 3:
		return m.replace(e, s)
	case e.Name == "join" && len(e.Args) == 2:
		return m.join(e, s)
	}
	return text{}, m.gap(e)
}

// replace evaluates replace(string, substring, replacement) for plain
// substrings: between slashes they are regular expressions.
func (m *module) replace(e *hclsyntax.FunctionCallExpr, s scope) (text, *gap) {
	var parts [3]text
	for i, argument := range e.Args {
		t, gap := m.text(argument, s)
		if gap != nil {
			return text{}, gap
		}
		parts[i] = t
	}
	old := parts[1].value
	regular := len(old) > 1 && strings.HasPrefix(old, "/") && strings.HasSuffix(old, "/")
	if old == "" || regular {
		return text{}, m.gap(e)
	}
	if len(parts[0].value) > maxText || len(parts[2].value) > maxText/(1+strings.Count(parts[0].value, old)) {
		return text{}, tooMuch()
	}
	return parts[0].replace(old, parts[2].value), nil
}

// join evaluates join(separator, list) for lists that are written out.
func (m *module) join(e *hclsyntax.FunctionCallExpr, s scope) (text, *gap) {
	between, gap := m.text(e.Args[0], s)
	if gap != nil {
		return text{}, gap
	}
	target, inner := m.follow(e.Args[1], s)
	list, ok := target.(*hclsyntax.TupleConsExpr)
	if !ok {
		return text{}, m.gap(e)
	}
	var b textBuilder
	b.add(plain("", list.SrcRange.Start.Byte))
	for i, item := range list.Exprs {
		t, gap := m.text(item, inner)
		if gap != nil {
			return text{}, gap
		}
		if i > 0 {
			b.add(between)
		}
		b.add(t)
		if b.value.Len() > maxText {
			return text{}, tooMuch()
		}
	}
	return b.text(), nil
}
