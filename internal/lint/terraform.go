package lint

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// filterResource is the type of the resources of Terraform that have a pattern.
const filterResource = "aws_cloudwatch_log_metric_filter"

// A module is what one Terraform file says of a module.
type module struct {
	src      *source
	locals   map[string]hclsyntax.Expression
	defaults map[string]hclsyntax.Expression // of variables

	// members are those of object constructors that were asked before.
	members map[*hclsyntax.ObjectConsExpr]map[string]hclsyntax.Expression

	budget int // see maxSteps
}

// readTerraform finds the patterns of a file in HCL. The error is a *readError.
func readTerraform(src *source) ([]candidate, error) {
	body, err := parseHCL(src)
	if err != nil {
		return nil, err
	}
	m := &module{
		src: src, locals: map[string]hclsyntax.Expression{}, defaults: map[string]hclsyntax.Expression{},
		members: map[*hclsyntax.ObjectConsExpr]map[string]hclsyntax.Expression{},
	}
	for _, block := range body.Blocks {
		m.note(block)
	}
	var found []candidate
	for _, block := range body.Blocks {
		if block.Type == "resource" && len(block.Labels) == 2 && block.Labels[0] == filterResource {
			found = append(found, m.resource(block)...)
		}
	}
	return found, nil
}

// note remembers what a block defines.
func (m *module) note(block *hclsyntax.Block) {
	switch {
	case block.Type == "locals":
		for name, attribute := range block.Body.Attributes {
			m.locals[name] = attribute.Expr
		}
	case block.Type == "variable" && len(block.Labels) == 1:
		if attribute, ok := block.Body.Attributes["default"]; ok {
			m.defaults[block.Labels[0]] = attribute.Expr
		}
	}
}

// resource returns the patterns of a resource: one, or one for each member that
// for_each goes through where the pattern depends on it.
func (m *module) resource(block *hclsyntax.Block) []candidate {
	attribute, ok := block.Body.Attributes["pattern"]
	if !ok {
		return nil
	}
	name := block.Labels[0] + "." + block.Labels[1]
	single := m.candidate(name, attribute.Expr, scope{})
	each, ok := block.Body.Attributes["for_each"]
	if single.gap == nil || !ok {
		return []candidate{single}
	}
	members, ok := m.eachMember(each.Expr)
	if !ok {
		return []candidate{single}
	}
	var found []candidate
	known := false
	for _, s := range members {
		c := m.candidate(name+"["+quoteKey(s.key.value)+"]", attribute.Expr, s)
		known = known || c.gap == nil
		found = append(found, c)
	}
	if !known {
		return []candidate{single}
	}
	return found
}

func (m *module) candidate(name string, e hclsyntax.Expression, s scope) candidate {
	m.budget = maxSteps
	c := candidate{name: name, pos: e.Range().Start.Byte}
	c.text, c.gap = m.text(e, s)
	c.text = c.text.trim() // as the provider does before it calls AWS
	return c
}

// parseHCL parses a file. Its recursion and its heredocs, which cost the square
// of their lines, are bounded first.
func parseHCL(src *source) (body *hclsyntax.Body, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = unreadable(-1, "the HCL parser gave up")
		}
	}()
	tokens, _ := hclsyntax.LexConfig(src.data, "", hcl.InitialPos) // what is wrong with them the parser says
	if err := checkHCL(tokens); err != nil {
		return nil, err
	}
	file, diags := hclsyntax.ParseConfig(src.data, "", hcl.InitialPos)
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		pos := -1
		if d.Subject != nil {
			pos = d.Subject.Start.Byte
		}
		return nil, unreadable(pos, "%s: %s", lowerFirst(d.Summary), lowerFirst(trimStop(d.Detail)))
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return nil, unreadable(-1, "the HCL parser returned no body")
	}
	return body, nil
}
