package lint

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A jsonModule is what one Terraform file in JSON says of a module. Its texts
// are templates; what they refer to are values of the same file.
type jsonModule struct {
	locals   map[string]*node
	defaults map[string]*node // of variables
	budget   int              // see maxSteps
}

// A jsonScope is what each.key and each.value stand for.
type jsonScope struct {
	key   text
	value *node // nil outside of for_each
}

// readTerraformJSON finds the patterns of a file in Terraform's JSON syntax. The
// error is a *readError.
func readTerraformJSON(src *source) ([]candidate, error) {
	root, err := readJSON(src)
	if err != nil {
		return nil, err
	}
	m := &jsonModule{locals: map[string]*node{}, defaults: map[string]*node{}}
	eachBlock(root.get("locals"), func(block *node) {
		for _, f := range block.fields {
			m.locals[f.key] = f.value
		}
	})
	eachLabel(root.get("variable"), func(name string, block *node) {
		if def := block.get("default"); def != nil {
			m.defaults[name] = def
		}
	})
	var found []candidate
	eachLabel(root.get("resource"), func(kind string, resources *node) {
		if kind != filterResource {
			return
		}
		eachLabel(resources, func(name string, block *node) {
			found = append(found, m.resource(filterResource+"."+name, block)...)
		})
	})
	return found, nil
}

// eachBlock visits the objects of a value that is one object or a list of them.
func eachBlock(n *node, visit func(*node)) {
	switch {
	case n == nil:
	case n.kind == mappingNode:
		visit(n)
	case n.kind == sequenceNode:
		for _, item := range n.items {
			if item.kind == mappingNode {
				visit(item)
			}
		}
	}
}

// eachLabel visits the blocks below each label.
func eachLabel(n *node, visit func(label string, block *node)) {
	eachBlock(n, func(labels *node) {
		for _, f := range labels.fields {
			eachBlock(f.value, func(block *node) { visit(f.key, block) })
		}
	})
}

// resource returns the patterns of a resource: one, or one for each member that
// for_each goes through where the pattern depends on it.
func (m *jsonModule) resource(name string, block *node) []candidate {
	p := block.get("pattern")
	if p == nil || p.kind == nullNode {
		return nil
	}
	single := m.candidate(name, p, jsonScope{})
	members := m.eachMember(block.get("for_each"))
	if single.gap == nil || members == nil {
		return []candidate{single}
	}
	var found []candidate
	known := false
	for _, s := range members {
		c := m.candidate(name+"["+quoteKey(s.key.value)+"]", p, s)
		known = known || c.gap == nil
		found = append(found, c)
	}
	if !known {
		return []candidate{single}
	}
	return found
}

func (m *jsonModule) candidate(name string, p *node, s jsonScope) candidate {
	m.budget = maxSteps
	c := candidate{name: name, pos: p.pos}
	c.text, c.gap = m.text(p, s)
	c.text = c.text.trim() // as the provider does before it calls AWS
	return c
}

// eachMember returns what for_each goes through, nil when the file does not say.
func (m *jsonModule) eachMember(n *node) []jsonScope {
	m.budget = maxSteps
	if n != nil && n.kind == scalarNode {
		if e, gap := m.parse(n.located()); gap == nil {
			n = m.lookup(e, jsonScope{})
		}
	}
	if n == nil || n.kind != mappingNode {
		return nil
	}
	var members []jsonScope
	for _, f := range n.fields {
		members = append(members, jsonScope{plain(f.key, f.value.pos), f.value})
	}
	return members
}

// text evaluates a value that should be a text.
func (m *jsonModule) text(n *node, s jsonScope) (text, *gap) {
	if m.budget--; m.budget < 0 {
		return text{}, tooMuch()
	}
	if n.kind != scalarNode {
		return text{}, interpolation("a value that is no text")
	}
	whole := n.located()
	if !strings.Contains(whole.value, "${") && !strings.Contains(whole.value, "%{") {
		return whole, nil
	}
	e, gap := m.parse(whole)
	if gap != nil {
		return text{}, gap
	}
	return m.template(e, whole, s)
}

// parse parses a text as a template.
func (m *jsonModule) parse(t text) (e hclsyntax.Expression, reason *gap) {
	defer func() {
		if p := recover(); p != nil {
			reason = interpolation("a template that cannot be read")
		}
	}()
	if len(t.value) > maxText {
		return nil, tooMuch()
	}
	tokens, _ := hclsyntax.LexTemplate([]byte(t.value), "", hcl.InitialPos)
	if checkHCL(tokens) != nil {
		return nil, tooMuch()
	}
	e, diags := hclsyntax.ParseTemplate([]byte(t.value), "", hcl.InitialPos)
	if diags.HasErrors() {
		return nil, interpolation("a template that cannot be read")
	}
	return e, nil
}

// template evaluates a template whose spelling is whole.
func (m *jsonModule) template(e hclsyntax.Expression, whole text, s jsonScope) (text, *gap) {
	parts := []hclsyntax.Expression{e}
	if t, ok := e.(*hclsyntax.TemplateExpr); ok {
		parts = t.Parts
	}
	var b textBuilder
	for _, part := range parts {
		r := part.Range()
		if _, ok := part.(*hclsyntax.LiteralValueExpr); ok {
			addLiteral(&b, whole.slice(r.Start.Byte, r.End.Byte))
			continue
		}
		t, gap := m.reference(part, s)
		if gap != nil {
			return text{}, gap
		}
		b.add(t)
		if b.value.Len() > maxText {
			return text{}, tooMuch()
		}
	}
	return b.text(), nil
}

// addLiteral adds a literal part of a template without its escapes.
func addLiteral(b *textBuilder, t text) {
	from := 0
	for i := 0; i < len(t.value); i++ {
		decoded, size := templateMarks(t.value[i:])
		if size == 0 {
			continue
		}
		b.add(t.slice(from, i))
		b.decoded(decoded, t.pos(i))
		i += size - 1
		from = i + 1
	}
	b.add(t.slice(from, len(t.value)))
}

// reference evaluates ${...}.
func (m *jsonModule) reference(e hclsyntax.Expression, s jsonScope) (text, *gap) {
	if wrap, ok := e.(*hclsyntax.TemplateWrapExpr); ok {
		e = wrap.Wrapped
	}
	if isEachKey(e) && s.value != nil {
		return s.key, nil
	}
	if n := m.lookup(e, s); n != nil {
		return m.text(n, s)
	}
	if t, ok := e.(*hclsyntax.ScopeTraversalExpr); ok {
		return text{}, interpolation(traversalName(t.Traversal))
	}
	return text{}, interpolation("an expression")
}

// lookup returns the value that a traversal leads to, or nil.
func (m *jsonModule) lookup(e hclsyntax.Expression, s jsonScope) *node {
	if wrap, ok := e.(*hclsyntax.TemplateWrapExpr); ok {
		e = wrap.Wrapped
	}
	scoped, ok := e.(*hclsyntax.ScopeTraversalExpr)
	if !ok || len(scoped.Traversal) < 2 {
		return nil
	}
	t := scoped.Traversal
	name, _ := stepName(t[1])
	var n *node
	switch root := t.RootName(); {
	case root == "local":
		n = m.locals[name]
	case root == "var":
		n = m.defaults[name]
	case root == "each" && name == "value":
		n = s.value
	}
	for _, step := range t[2:] {
		n = n.member(step)
	}
	return n
}

// member returns what a step leads to, or nil. It may be asked of nil.
func (n *node) member(step hcl.Traverser) *node {
	if name, ok := stepName(step); ok {
		return n.get(name)
	}
	index, ok := step.(hcl.TraverseIndex)
	if n == nil || !ok || index.Key.Type() != cty.Number || index.Key.IsNull() || !index.Key.IsKnown() {
		return nil
	}
	if i, accuracy := index.Key.AsBigFloat().Int64(); accuracy == 0 && i >= 0 && i < int64(len(n.items)) {
		return n.items[i]
	}
	return nil
}

// traversalName writes a traversal as far as it consists of names.
func traversalName(t hcl.Traversal) string {
	names := []string{t.RootName()}
	for _, step := range t[1:] {
		name, ok := stepName(step)
		if !ok {
			break
		}
		names = append(names, name)
	}
	return strings.Join(names, ".")
}
