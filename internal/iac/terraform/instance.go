package terraform

import (
	"fmt"
	"path"
	"reflect"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/monitorctl/monitorctl/internal/iac"
)

// An instance is a module as it is called once.
type instance struct {
	*module
	root   string    // the directory of the root module
	key    string    // its address: "module.a[\"x\"]."; "" for a root module
	call   *call     // nil for a root module
	parent *instance // nil for a root module
	depth  int

	each func() map[string]cty.Value // each and count of the call

	children map[*call][]*instance
	funcs    map[string]function.Function
}

// A scope is an instance in a session. It hides in the context in which
// expressions are evaluated.
type scope struct {
	*instance
	session *session
}

const scopeName = "\x00scope"

var scopeType = cty.Capsule("scope", reflect.TypeFor[scope]())

// context returns the context of an instance in a session, with names beside
// those of the module.
func (in *instance) context(s *session, names map[string]cty.Value) *hcl.EvalContext {
	in.withFiles(s.project)
	ctx := &hcl.EvalContext{
		Variables: map[string]cty.Value{scopeName: cty.CapsuleVal(scopeType, &scope{in, s})},
		Functions: in.functions(),
	}
	if len(names) == 0 {
		return ctx
	}
	child := ctx.NewChild()
	child.Variables = names
	return child
}

// scopeOf returns the scope of a context, nil if it has none.
func scopeOf(ctx *hcl.EvalContext) *scope {
	for ; ctx != nil; ctx = ctx.Parent() {
		if v, ok := ctx.Variables[scopeName]; ok {
			s, _ := v.EncapsulatedValue().(*scope)
			return s
		}
	}
	return nil
}

// lookup returns what a reference leads to. What the files do not say is a hole.
func (s *scope) lookup(r *reference) (cty.Value, hcl.Diagnostics) {
	t := r.Traversal
	name := ""
	if len(t) > 1 {
		if a, ok := t[1].(hcl.TraverseAttr); ok {
			name = a.Name
		}
	}
	var v cty.Value
	var diags hcl.Diagnostics
	switch root := t.RootName(); {
	case name == "":
		return holeValue(r.hole), nil
	case root == "var":
		v, diags = s.variable(name)
	case root == "local":
		e, ok := s.locals[name]
		if !ok {
			return holeValue(r.hole), nil
		}
		v, diags = s.session.once(memoKey{s.instance, 'l', name}, func() (cty.Value, hcl.Diagnostics) {
			return e.Value(s.context(s.session, nil))
		})
	case root == "module":
		v, diags = s.output(name)
	case root == "path" && (name == "module" || name == "root" || name == "cwd"):
		v = cty.StringVal(map[bool]string{true: s.dir, false: s.root}[name == "module"])
	default:
		return holeValue(r.hole), nil
	}
	if diags.HasErrors() {
		return v, diags
	}
	if whollyUnknown(v) {
		return holeValue(r.hole), nil
	}
	if len(t) == 2 {
		return v, nil
	}
	out, diags := t[2:].TraverseRel(v)
	if isUnknown(v) && (diags.HasErrors() || !out.IsKnown()) {
		return holeValue(r.hole), nil
	}
	return out, diags
}

// variable returns the value of a variable.
func (s *scope) variable(name string) (cty.Value, hcl.Diagnostics) {
	input := inputMark{s.instance, name}
	v := s.variables[name]
	if v == nil {
		v = &variable{typ: cty.DynamicPseudoType}
	}
	return s.session.once(memoKey{s.instance, 'v', name}, func() (cty.Value, hcl.Diagnostics) {
		if s.call == nil {
			s.session.inputs++
		}
		unknown := s.unknown(v.typ, "var."+name)
		if s.session.unknown[input] {
			return unknown, nil
		}
		if s.call != nil {
			if arg, ok := s.call.args[name]; ok {
				got, diags := arg.Value(s.parent.context(s.session, s.each()))
				if diags.HasErrors() {
					return unknown, nil
				}
				if bare, _ := got.Unmark(); !bare.IsNull() || v.def == nil {
					return v.conform(got), nil
				}
			}
		}
		for i := len(s.values) - 1; i >= 0 && s.call == nil; i-- {
			if e, ok := s.values[i].values[name]; ok {
				if got, diags := e.Value(s.context(s.session, nil)); !diags.HasErrors() {
					return v.conform(got).Mark(input), nil
				}
			}
		}
		if v.def == nil {
			return unknown, nil
		}
		got, diags := v.def.Value(s.context(s.session, nil))
		if diags.HasErrors() {
			return unknown, nil
		}
		got = v.conform(got)
		if s.call == nil {
			got = got.Mark(input)
		}
		return got, nil
	})
}

// conform converts a value to the type of the variable where that is possible.
func (v *variable) conform(got cty.Value) cty.Value {
	if v.typ == cty.DynamicPseudoType {
		return got
	}
	if v.defaults != nil {
		got = applied(v.defaults, got)
	}
	if out, err := convert.Convert(got, v.typ); err == nil {
		return out
	}
	return got
}

// applied fills in the defaults of optional attributes. The library does not
// expect marks everywhere.
func applied(d *typeexpr.Defaults, v cty.Value) cty.Value {
	if v.IsNull() || !v.IsKnown() {
		return v
	}
	bare, paths := v.UnmarkDeepWithPaths()
	return d.Apply(bare).MarkWithPaths(paths)
}

// unknown returns a value of a type when nothing is known about it: texts are holes,
// and collections have one member.
func (s *scope) unknown(t cty.Type, name string) cty.Value {
	hole := func() cty.Value { return holeValue(string(s.session.project.holes.Make(name))) }
	switch {
	case t == cty.String, t == cty.DynamicPseudoType:
		return hole()
	case t.IsListType():
		return cty.ListVal([]cty.Value{s.unknown(t.ElementType(), name+"[0]")}).Mark(unknownMark{})
	case t.IsSetType():
		return cty.SetVal([]cty.Value{s.unknown(t.ElementType(), name+"[0]")}).Mark(unknownMark{})
	case t.IsMapType():
		key := string(s.session.project.holes.Make("a key of " + name))
		return cty.MapVal(map[string]cty.Value{key: s.unknown(t.ElementType(), name+"[...]")}).Mark(unknownMark{})
	case t.IsObjectType():
		members := map[string]cty.Value{}
		for n, of := range t.AttributeTypes() {
			members[n] = s.unknown(of, name+"."+n)
		}
		return cty.ObjectVal(members).Mark(unknownMark{})
	}
	return cty.UnknownVal(t).Mark(unknownMark{})
}

// output returns the outputs of a module that is called.
func (s *scope) output(name string) (cty.Value, hcl.Diagnostics) {
	var called *call
	for _, c := range s.calls {
		if c.name == name {
			called = c
		}
	}
	if called == nil || called.forEach != nil || called.count != nil || !isLocal(called.source) {
		return cty.DynamicVal, nil
	}
	return s.session.once(memoKey{s.instance, 'o', name}, func() (cty.Value, hcl.Diagnostics) {
		children := s.instance.childrenOf(s.session, called)
		if len(children) != 1 {
			return cty.DynamicVal, nil
		}
		members := map[string]cty.Value{}
		for out, e := range children[0].outputs {
			if e.Expression == nil {
				continue
			}
			v, diags := e.Value(children[0].context(s.session, nil))
			if diags.HasErrors() || !v.IsKnown() {
				v = holeValue(string(s.session.project.holes.Make("module." + name + "." + out)))
			}
			members[out] = v
		}
		return cty.ObjectVal(members), nil
	})
}

// maxDepth bounds how deep modules call each other.
const maxDepth = 12

// childrenOf returns the instances of a call.
func (in *instance) childrenOf(s *session, c *call) []*instance {
	if made, ok := in.children[c]; ok {
		return made
	}
	if in.children == nil {
		in.children = map[*call][]*instance{}
	}
	in.children[c] = nil
	dir := path.Join(in.dir, c.source)
	if in.depth >= maxDepth || !isLocal(c.source) || dir == ".." || strings.HasPrefix(dir, "../") {
		return nil
	}
	m := s.project.module(dir)
	if len(m.files) == 0 {
		return nil
	}
	var made []*instance
	var members []member
	taken := map[string]bool{}
	s.project.sessions(func(s *session) bool {
		for _, m := range in.members(s, c.forEach, c.count, true, true) {
			if !taken[m.suffix] {
				taken[m.suffix] = true
				members = append(members, m)
			}
		}
		return true
	})
	if len(members) == 0 {
		members = []member{{}}
	}
	for _, member := range members {
		made = append(made, &instance{
			module: m, root: in.root, key: in.key + "module." + c.name + member.suffix + ".", call: c, parent: in, depth: in.depth + 1,
			each: func() map[string]cty.Value { return member.names },
		})
	}
	in.children[c] = made
	return made
}

// isLocal reports whether a module's source is a local path.
func isLocal(source string) bool {
	return strings.HasPrefix(source, "./") || strings.HasPrefix(source, "../")
}

// A member is one of the objects that for_each or count make of a block.
type member struct {
	suffix string // of the address: `["x"]`, "[0]", ""
	names  map[string]cty.Value
}

// maxMembers bounds the members of one block.
const maxMembers = 20_000

// members returns what for_each or count make of a block, as far as an
// expression needs them. What is not known is one member with holes.
func (in *instance) members(s *session, forEach, count *expr, needsEach, needsCount bool) (list []member) {
	if !s.project.bounded(func() { list = in.membersOf(s, forEach, count, needsEach, needsCount) }) {
		return []member{{}}
	}
	return list
}

func (in *instance) membersOf(s *session, forEach, count *expr, needsEach, needsCount bool) []member {
	ctx := in.context(s, nil)
	switch {
	case forEach != nil && needsEach:
		v, diags := forEach.Value(ctx)
		if diags.HasErrors() {
			return []member{{}}
		}
		bare, marks := v.Unmark()
		if bare.IsNull() || !bare.IsKnown() || !bare.CanIterateElements() {
			return []member{{}}
		}
		var list []member
		for it := bare.ElementIterator(); it.Next() && len(list) < maxMembers; {
			list = append(list, in.member(it, bare, marks))
		}
		return list
	case count != nil && needsCount:
		v, diags := count.Value(ctx)
		bare, marks := v.Unmark()
		n, err := convert.Convert(bare, cty.Number)
		if diags.HasErrors() || err != nil || n.IsNull() || !n.IsKnown() {
			return []member{{}}
		}
		if _, unknown := marks[unknownMark{}]; unknown {
			return []member{{}}
		}
		number, _ := n.AsBigFloat().Int64()
		var list []member
		for i := range min(max(number, 0), maxMembers) {
			list = append(list, member{
				suffix: fmt.Sprintf("[%d]", i),
				names:  map[string]cty.Value{"count": cty.ObjectVal(map[string]cty.Value{"index": cty.NumberIntVal(i)})},
			})
		}
		return list
	}
	return []member{{}}
}

// member makes the names of one member of for_each.
func (in *instance) member(it cty.ElementIterator, of cty.Value, marks cty.ValueMarks) member {
	k, v := it.Element()
	if of.Type().IsSetType() {
		k = v
	}
	k, _ = k.UnmarkDeep()
	suffix := ""
	if k.Type() == cty.String && k.IsKnown() && !k.IsNull() {
		key := k.AsString()
		if suffix = "[" + strconv.Quote(key) + "]"; iac.HasHole(key) {
			suffix = "[...]"
		}
		if own := originFor(key, marks); own != nil {
			k = k.Mark(own)
		} else if o := in.keys[key]; o != nil {
			k = k.Mark(o)
		}
		if _, unknown := marks[unknownMark{}]; unknown {
			k = k.Mark(unknownMark{})
		}
	}
	if of.Type().IsSetType() {
		v = k
	}
	for m := range marks {
		if _, ok := m.(*origin); !ok {
			v = v.Mark(m)
		}
	}
	return member{suffix: suffix, names: map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": k, "value": v})}}
}

// originFor returns the literal of a text among the marks of a set.
func originFor(text string, marks cty.ValueMarks) *origin {
	for m := range marks {
		if o, ok := m.(*origin); ok && o.text.Value == text {
			return o
		}
	}
	return nil
}
