package terraform

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/monitorctl/monitorctl/internal/iac"
)

// decls is what a file or a module declares.
type decls struct {
	locals    map[string]expr
	variables map[string]*variable
	outputs   map[string]expr
	values    map[string]expr // of a values file
	resources []*resource
	bodies    []*body
	calls     []*call
	texts     []*loose
	keys      map[string]*origin // where keys of objects stand
}

func (d *decls) add(other *decls) {
	d.locals = merged(d.locals, other.locals)
	d.variables = merged(d.variables, other.variables)
	d.outputs = merged(d.outputs, other.outputs)
	d.keys = merged(d.keys, other.keys)
	d.resources = append(d.resources, other.resources...)
	d.bodies = append(d.bodies, other.bodies...)
	d.calls = append(d.calls, other.calls...)
}

func merged[V any](a, b map[string]V) map[string]V {
	if a == nil {
		a = map[string]V{}
	}
	maps.Copy(a, b)
	return a
}

// An expr is an expression whose nodes were replaced (see adopt).
type expr struct {
	hclsyntax.Expression

	src      *iac.Source
	pos      int    // offset in src at which it begins
	spelling string // as the file has it

	each, count bool // it refers to each or count
}

// A variable is an input of a module.
type variable struct {
	def      *expr
	typ      cty.Type // DynamicPseudoType when the file does not say
	defaults *typeexpr.Defaults
}

// A resource is a resource that has a pattern.
type resource struct {
	kind           iac.Kind
	name           string // "aws_cloudwatch_log_metric_filter.x"
	pattern        expr
	forEach, count *expr
}

// A call is a call of a module by a local path.
type call struct {
	name, source   string
	args           map[string]expr
	forEach, count *expr
}

// patternOf names the attribute that holds the pattern, by the type of the
// resource.
var patternOf = map[string]struct {
	attribute string
	kind      iac.Kind
}{
	"aws_cloudwatch_log_metric_filter":       {"pattern", iac.MetricFilter},
	"aws_cloudwatch_log_subscription_filter": {"filter_pattern", iac.SubscriptionFilter},
	"aws_cloudwatch_event_rule":              {"event_pattern", iac.EventRule},
	"awscc_logs_metric_filter":               {"filter_pattern", iac.MetricFilter},
	"awscc_logs_subscription_filter":         {"filter_pattern", iac.SubscriptionFilter},
	"awscc_events_rule":                      {"event_pattern", iac.EventRule},
}

// meta are the arguments of a module call that are no variables of the module.
var meta = []string{"source", "version", "providers", "depends_on", "count", "for_each"}

// readHCL reads a file in HCL.
func (p *Project) readHCL(f *file) error {
	body, err := parse(f.src.Data)
	if err != nil {
		return err
	}
	a := &adopter{holes: p.holes, raw: iac.Plain(f.src, string(f.src.Data), 0), src: f.src, decls: &f.decls}
	f.locals, f.variables, f.outputs, f.values = map[string]expr{}, map[string]*variable{}, map[string]expr{}, map[string]expr{}
	for _, name := range inOrder(body.Attributes) {
		f.values[name] = a.attribute(body, name)
	}
	for _, b := range body.Blocks {
		a.block(b)
	}
	return nil
}

// inOrder returns the names of attributes in the order of the file.
func inOrder(attributes hclsyntax.Attributes) []string {
	return slices.SortedFunc(maps.Keys(attributes), func(x, y string) int {
		return attributes[x].SrcRange.Start.Byte - attributes[y].SrcRange.Start.Byte
	})
}

// attribute adopts the value of an attribute of a body.
func (a *adopter) attribute(body *hclsyntax.Body, name string) expr {
	siblings := slices.ContainsFunc(slices.Collect(maps.Keys(body.Attributes)), iac.AboutLogs)
	return a.expression(body.Attributes[name].Expr, context{key: name, aboutLogs: siblings})
}

// block notes what a block of a file declares.
func (a *adopter) block(b *hclsyntax.Block) {
	attributes := map[string]expr{}
	typ, defaults := a.constraint(b)
	if b.Type != "variable" && b.Type != "terraform" && b.Type != "provider" {
		a.used = b.Type == "resource" && len(b.Labels) == 2 && patternOf[b.Labels[0]].attribute != ""
		for _, name := range inOrder(b.Body.Attributes) {
			attributes[name] = a.attribute(b.Body, name)
		}
		a.used = false
	}
	switch {
	case b.Type == "locals":
		maps.Copy(a.locals, attributes)
	case b.Type == "variable" && len(b.Labels) == 1:
		v := &variable{typ: typ, defaults: defaults}
		if _, ok := b.Body.Attributes["default"]; ok {
			def := a.expression(b.Body.Attributes["default"].Expr, context{key: b.Labels[0]})
			v.def = &def
		}
		a.variables[b.Labels[0]] = v
	case b.Type == "output" && len(b.Labels) == 1:
		a.outputs[b.Labels[0]] = attributes["value"]
	case b.Type == "resource" && len(b.Labels) == 2:
		a.resource(b.Labels[0], b.Labels[1], attributes)
		if a.body(b, attributes) {
			return
		}
	case b.Type == "module" && len(b.Labels) == 1:
		a.call(b.Labels[0], attributes)
	}
	for _, inner := range b.Body.Blocks {
		a.inner(inner)
	}
}

// inner looks for texts in the blocks below a block.
func (a *adopter) inner(b *hclsyntax.Block) {
	for _, name := range inOrder(b.Body.Attributes) {
		a.attribute(b.Body, name)
	}
	for _, inner := range b.Body.Blocks {
		a.inner(inner)
	}
}

// constraint returns the type that a variable's block asks for.
func (a *adopter) constraint(b *hclsyntax.Block) (cty.Type, *typeexpr.Defaults) {
	attribute, ok := b.Body.Attributes["type"]
	if !ok || b.Type != "variable" {
		return cty.DynamicPseudoType, nil
	}
	return typeOf(attribute.Expr)
}

func typeOf(e hcl.Expression) (cty.Type, *typeexpr.Defaults) {
	typ, defaults, diags := typeexpr.TypeConstraintWithDefaults(e)
	if diags.HasErrors() {
		return cty.DynamicPseudoType, nil
	}
	return typ, defaults
}

// resource notes a resource that has a pattern.
func (a *adopter) resource(kind, name string, attributes map[string]expr) {
	of, ok := patternOf[kind]
	if !ok {
		return
	}
	pattern, ok := attributes[of.attribute]
	if !ok {
		return
	}
	a.resources = append(a.resources, &resource{
		kind: of.kind, name: kind + "." + name, pattern: pattern, forEach: optional(attributes, "for_each"), count: optional(attributes, "count"),
	})
}

// call notes a call of a module by a local path.
func (a *adopter) call(name string, attributes map[string]expr) {
	source, ok := attributes["source"]
	if !ok {
		return
	}
	v, diags := source.Value(nil)
	v, _ = v.Unmark()
	if diags.HasErrors() || v.Type() != cty.String || !v.IsKnown() || v.IsNull() {
		return
	}
	c := &call{name: name, source: v.AsString(), args: map[string]expr{}, forEach: optional(attributes, "for_each"), count: optional(attributes, "count")}
	for name, e := range attributes {
		if !slices.Contains(meta, name) {
			c.args[name] = e
		}
	}
	a.calls = append(a.calls, c)
}

func optional(attributes map[string]expr, name string) *expr {
	if e, ok := attributes[name]; ok {
		return &e
	}
	return nil
}
