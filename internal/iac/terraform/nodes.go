package terraform

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/monitorctl/monitorctl/internal/iac"
)

// unknownMark marks what a hole is part of.
type unknownMark struct{}

// An inputMark marks what depends on a variable of a root module, whose default
// is not the last word.
type inputMark struct {
	of   *instance
	name string
}

// holeValue is the value of something unknown.
func holeValue(hole string) cty.Value { return cty.StringVal(hole).Mark(unknownMark{}) }

func failure(e hclsyntax.Expression, summary string) (cty.Value, hcl.Diagnostics) {
	return cty.DynamicVal, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Subject: e.Range().Ptr()}}
}

const tooMuch = "too much interpolation"

// A text is a template. Parts that are not known become holes.
type text struct {
	*hclsyntax.TemplateExpr

	parts []piece
}

// A piece is a part of a template: a literal, or an expression with the hole
// that stands for it where it is not known.
type piece struct {
	literal *origin
	e       hclsyntax.Expression
	hole    string
}

// looks reports whether the template has the form of a pattern as far as the
// file says it.
func (t *text) looks() bool {
	var b strings.Builder
	for _, p := range t.parts {
		if p.literal != nil {
			b.WriteString(p.literal.text.Value)
		} else {
			b.WriteString("x")
		}
	}
	return iac.LooksLikePattern(b.String())
}

// Value puts the parts together.
func (t *text) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	spend(ctx)
	var b strings.Builder
	marks := cty.ValueMarks{}
	for _, p := range t.parts {
		if p.literal != nil {
			b.WriteString(p.literal.text.Value)
			marks[p.literal] = struct{}{}
			continue
		}
		s, own := p.value(ctx)
		b.WriteString(s)
		for m := range own {
			marks[m] = struct{}{}
		}
		if b.Len() > iac.MaxText && len(t.parts) > 1 {
			return failure(t, tooMuch)
		}
	}
	return cty.StringVal(b.String()).WithMarks(marks), nil
}

// value returns the text of an interpolation, a hole where it is not known.
func (p piece) value(ctx *hcl.EvalContext) (string, cty.ValueMarks) {
	v, diags := p.e.Value(ctx)
	v, marks := v.Unmark()
	if !diags.HasErrors() && v.IsKnown() && !v.IsNull() {
		if s, err := convert.Convert(v, cty.String); err == nil && s.IsKnown() && !s.IsNull() {
			s, own := s.Unmark()
			return s.AsString(), both(marks, own)
		}
	}
	return p.hole, cty.NewValueMarks(unknownMark{})
}

func both(a, b cty.ValueMarks) cty.ValueMarks {
	if len(b) == 0 {
		return a
	}
	out := cty.ValueMarks{}
	for m := range a {
		out[m] = struct{}{}
	}
	for m := range b {
		out[m] = struct{}{}
	}
	return out
}

// A reference leads to a variable, a local, an attribute of a resource, ...
type reference struct {
	*hclsyntax.ScopeTraversalExpr

	hole string
}

// Value asks the names of for, each and count first, then the module.
func (r *reference) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	name := r.Traversal.RootName()
	for c := ctx; c != nil; c = c.Parent() {
		if v, ok := c.Variables[name]; ok {
			if whollyUnknown(v) {
				return holeValue(r.hole), nil
			}
			return r.Traversal.TraverseAbs(ctx)
		}
	}
	s := scopeOf(ctx)
	if s == nil {
		return holeValue(r.hole), nil
	}
	return s.lookup(r)
}

// whollyUnknown reports whether nothing is known of a value, not even its type.
func whollyUnknown(v cty.Value) bool {
	v, _ = v.Unmark()
	return v.Type() == cty.DynamicPseudoType && !v.IsKnown()
}

// A partial is a traversal of something that is no name.
type partial struct {
	*hclsyntax.RelativeTraversalExpr

	hole string
}

// Value is a hole where the source is one.
func (p *partial) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	source, diags := p.Source.Value(ctx)
	if !diags.HasErrors() && isUnknown(source) && source.Type() == cty.String {
		return holeValue(p.hole), nil
	}
	return p.RelativeTraversalExpr.Value(ctx)
}

// isUnknown reports whether a value, members aside, is a hole or not known.
func isUnknown(v cty.Value) bool { return !v.IsKnown() || v.HasMark(unknownMark{}) }

// An index is a member of a collection.
type index struct {
	*hclsyntax.IndexExpr

	hole string
}

// Value is a hole where the collection is not known. Where only the key is not,
// each member is an outcome.
func (i *index) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	key, diags := i.Key.Value(ctx)
	if !diags.HasErrors() && isUnknown(key) {
		return i.any(ctx), nil
	}
	v, diags := i.IndexExpr.Value(ctx)
	if !diags.HasErrors() && v.IsKnown() {
		return v, nil
	}
	if of, d := i.Collection.Value(ctx); !d.HasErrors() && isUnknown(of) {
		return holeValue(i.hole), nil
	}
	return v, diags
}

// any returns the member that the session chooses: whether it is the first, else
// whether it is the second, and so on, are decisions.
func (i *index) any(ctx *hcl.EvalContext) cty.Value {
	spend(ctx)
	of, diags := i.Collection.Value(ctx)
	bare, marks := of.Unmark()
	s := scopeOf(ctx)
	if s == nil || diags.HasErrors() || isUnknown(of) || bare.IsNull() || !bare.CanIterateElements() || bare.LengthInt() == 0 {
		return holeValue(i.hole)
	}
	n := 0
	for it := bare.ElementIterator(); it.Next(); n++ {
		_, v := it.Element()
		if n == bare.LengthInt()-1 || n == maxSessions || s.session.choose(fmt.Sprintf("%s[%s]#%d", s.key, i.hole, n), verdict{value: true}) {
			return v.WithMarks(marks)
		}
	}
	return holeValue(i.hole)
}

// An invocation is a call of a function.
type invocation struct {
	*hclsyntax.FunctionCallExpr

	hole string
}

// Value is a hole where the result is not known.
func (c *invocation) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	spend(ctx)
	if !c.bounded(ctx) {
		return failure(c, tooMuch)
	}
	v, diags := c.FunctionCallExpr.Value(ctx)
	if !diags.HasErrors() && !v.IsKnown() {
		return holeValue(c.hole), nil
	}
	return v, diags
}

// An operation is one of arithmetic, comparison or logic.
type operation struct{ *hclsyntax.BinaryOpExpr }

// maxBits bounds numbers: 2 to the power of it has some 600 digits.
const maxBits = 2000

// Value refuses numbers that would be too long when they are written out.
func (o *operation) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := o.BinaryOpExpr.Value(ctx)
	if bare, _ := v.Unmark(); bare.Type() == cty.Number && bare.IsKnown() && !bare.IsNull() {
		if e := bare.AsBigFloat().MantExp(nil); e > maxBits || e < -maxBits {
			return failure(o, tooMuch)
		}
	}
	return v, diags
}

// A counted is the body of a for: what it costs is bounded.
type counted struct{ hclsyntax.Expression }

// Value pays for a turn.
func (c *counted) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	spend(ctx)
	return c.Expression.Value(ctx)
}

// A filter is the if of a for. Which members an input leaves out does not matter:
// they are written, and may be deployed.
type filter struct{ hclsyntax.Expression }

// Value is true unless the files decide that it is not.
func (f *filter) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := f.Expression.Value(ctx)
	if d := decide(v, diags); d.known && len(d.inputs) == 0 {
		return cty.BoolVal(d.value), nil
	}
	return cty.True, nil
}

// A choice is a conditional. Only the branch that is chosen is evaluated.
type choice struct {
	*hclsyntax.ConditionalExpr

	condition string // as the file has it, blanks aside
}

// Value asks the session where the files do not decide the condition.
func (c *choice) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	spend(ctx)
	v, diags := c.Condition.Value(ctx)
	d := decide(v, diags)
	taken := d.value
	if s := scopeOf(ctx); s != nil && (!d.known || len(d.inputs) > 0) {
		taken = s.session.choose(s.key+"?"+c.condition, d)
	}
	if taken {
		return c.TrueResult.Value(ctx)
	}
	return c.FalseResult.Value(ctx)
}

// A verdict says how a condition comes out.
type verdict struct {
	value  bool // true where it is not known
	known  bool
	inputs []inputMark // on which it depends
}

func decide(v cty.Value, diags hcl.Diagnostics) verdict {
	bare, marks := v.UnmarkDeep()
	d := verdict{value: true}
	unknown := false
	for m := range marks {
		switch m := m.(type) {
		case inputMark:
			d.inputs = append(d.inputs, m)
		case unknownMark:
			unknown = true
		}
	}
	if diags.HasErrors() || unknown || !bare.IsKnown() || bare.IsNull() {
		return d
	}
	b, err := convert.Convert(bare, cty.Bool)
	if err != nil {
		return d
	}
	d.known, d.value = true, b.True()
	return d
}
