package lint

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A scope is what each.key and each.value stand for.
type scope struct {
	key   text
	value hclsyntax.Expression // nil outside of for_each
}

// reference evaluates an expression that refers to another one.
func (m *module) reference(e hclsyntax.Expression, s scope) (text, *gap) {
	if isEachKey(e) && s.value != nil {
		return s.key, nil
	}
	target, inner := m.follow(e, s)
	if target == nil || target == e {
		return text{}, m.gap(e)
	}
	return m.text(target, inner)
}

func isEachKey(e hclsyntax.Expression) bool {
	traversal, ok := e.(*hclsyntax.ScopeTraversalExpr)
	if !ok || len(traversal.Traversal) != 2 || traversal.Traversal.RootName() != "each" {
		return false
	}
	name, ok := stepName(traversal.Traversal[1])
	return ok && name == "key"
}

// follow returns the expression that a reference leads to and the scope in which
// to read it, or nil when the file does not have it. What is no reference is
// returned as it is.
func (m *module) follow(e hclsyntax.Expression, s scope) (hclsyntax.Expression, scope) {
	for m.budget > 0 {
		m.budget--
		var next hclsyntax.Expression
		inner := s
		switch x := e.(type) {
		case *hclsyntax.ParenthesesExpr:
			next = x.Expression
		case *hclsyntax.TemplateWrapExpr:
			next = x.Wrapped
		case *hclsyntax.ScopeTraversalExpr:
			next, inner = m.traverse(x.Traversal, s)
		case *hclsyntax.RelativeTraversalExpr:
			next, inner = m.follow(x.Source, s)
			next, inner = m.steps(next, x.Traversal, inner)
		case *hclsyntax.IndexExpr:
			next, inner = m.index(x, s)
		default:
			return e, s
		}
		if next == nil {
			return nil, scope{}
		}
		e, s = next, inner
	}
	return nil, scope{}
}

// traverse follows a traversal from its root.
func (m *module) traverse(t hcl.Traversal, s scope) (hclsyntax.Expression, scope) {
	if len(t) < 2 {
		return nil, scope{}
	}
	name, ok := stepName(t[1])
	if !ok {
		return nil, scope{}
	}
	switch root := t.RootName(); {
	case root == "local":
		return m.steps(m.locals[name], t[2:], scope{})
	case root == "var":
		return m.steps(m.defaults[name], t[2:], scope{})
	case root == "each" && name == "value" && s.value != nil:
		return m.steps(s.value, t[2:], scope{})
	}
	return nil, scope{}
}

// steps goes from an expression to its members.
func (m *module) steps(e hclsyntax.Expression, t hcl.Traversal, s scope) (hclsyntax.Expression, scope) {
	for _, step := range t {
		if e == nil {
			return nil, scope{}
		}
		e, s = m.follow(e, s)
		switch step := step.(type) {
		case hcl.TraverseAttr:
			e = m.member(e, cty.StringVal(step.Name))
		case hcl.TraverseIndex:
			e = m.member(e, step.Key)
		default:
			return nil, scope{}
		}
	}
	return e, s
}

// index follows collection[key] where the key is written out.
func (m *module) index(e *hclsyntax.IndexExpr, s scope) (hclsyntax.Expression, scope) {
	key, gap := m.text(e.Key, s)
	if gap != nil {
		return nil, scope{}
	}
	collection, inner := m.follow(e.Collection, s)
	return m.member(collection, cty.StringVal(key.value)), inner
}

// member returns the member of an object or tuple constructor, or nil.
func (m *module) member(e hclsyntax.Expression, key cty.Value) hclsyntax.Expression {
	switch e := e.(type) {
	case *hclsyntax.ObjectConsExpr:
		if key.Type() == cty.String && key.IsKnown() && !key.IsNull() {
			return m.membersOf(e)[key.AsString()]
		}
	case *hclsyntax.TupleConsExpr:
		if key.Type() != cty.Number || !key.IsKnown() || key.IsNull() {
			return nil
		}
		i, accuracy := key.AsBigFloat().Int64()
		if accuracy == 0 && i >= 0 && i < int64(len(e.Exprs)) {
			return e.Exprs[i]
		}
	}
	return nil
}

// membersOf returns the members of an object constructor whose keys are written
// out.
func (m *module) membersOf(e *hclsyntax.ObjectConsExpr) map[string]hclsyntax.Expression {
	if have, ok := m.members[e]; ok {
		return have
	}
	members := map[string]hclsyntax.Expression{}
	m.members[e] = members
	for _, item := range e.Items {
		if key, ok := m.keyOf(item); ok {
			members[key.value] = item.ValueExpr
		}
	}
	return members
}

// keyOf returns the key of an item if it is a literal.
func (m *module) keyOf(item hclsyntax.ObjectConsItem) (text, bool) {
	key, ok := item.KeyExpr.(*hclsyntax.ObjectConsKeyExpr)
	if !ok {
		return text{}, false
	}
	if word, ok := bareWord(key); ok {
		return plain(word, key.Range().Start.Byte), true
	}
	literal, ok := key.Wrapped.(*hclsyntax.TemplateExpr)
	if !ok || len(literal.Parts) != 1 {
		return text{}, false
	}
	part, ok := literal.Parts[0].(*hclsyntax.LiteralValueExpr)
	if !ok {
		return text{}, false
	}
	t, gap := m.literal(part)
	return t, gap == nil
}

// bareWord returns the word that a key is, unless it is an expression.
func bareWord(e *hclsyntax.ObjectConsKeyExpr) (string, bool) {
	if e.ForceNonLiteral {
		return "", false
	}
	word := hcl.ExprAsKeyword(e.Wrapped)
	return word, word != ""
}

// eachMember returns what for_each goes through: the members of an object, or
// those of a set of texts, in the order of the file; false when the file does
// not say.
func (m *module) eachMember(e hclsyntax.Expression) ([]scope, bool) {
	m.budget = maxSteps
	target, inner := m.follow(e, scope{})
	if call, ok := target.(*hclsyntax.FunctionCallExpr); ok && (call.Name == "toset" || call.Name == "tomap") && len(call.Args) == 1 {
		target, inner = m.follow(call.Args[0], inner)
	}
	var members []scope
	switch target := target.(type) {
	case *hclsyntax.ObjectConsExpr:
		for _, item := range target.Items {
			key, ok := m.keyOf(item)
			if !ok {
				return nil, false
			}
			members = append(members, scope{key, item.ValueExpr})
		}
	case *hclsyntax.TupleConsExpr:
		for _, item := range target.Exprs {
			m.budget = maxSteps
			key, gap := m.text(item, inner)
			if gap != nil {
				return nil, false
			}
			members = append(members, scope{key, item})
		}
	}
	return members, members != nil
}

// stepName returns the name of a step: .name or ["name"].
func stepName(step hcl.Traverser) (string, bool) {
	switch step := step.(type) {
	case hcl.TraverseAttr:
		return step.Name, true
	case hcl.TraverseIndex:
		if step.Key.Type() == cty.String && step.Key.IsKnown() && !step.Key.IsNull() {
			return step.Key.AsString(), true
		}
	}
	return "", false
}
