package terraform

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/iac/tree"
)

// withFiles adds the functions that read files.
func (in *instance) withFiles(p *Project) {
	fns := in.functions()
	if _, ok := fns["file"]; ok {
		return
	}
	text := function.Parameter{Name: "path", Type: cty.String}
	fns["file"] = function.New(&function.Spec{
		Params: []function.Parameter{text},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			src, err := p.source(in.path(args[0].AsString()))
			if err != nil {
				return cty.NilVal, err
			}
			content := string(src.Data)
			return cty.StringVal(content).Mark(&origin{iac.Plain(src, content, 0)}), nil
		},
	})
	fns["fileexists"] = function.New(&function.Spec{
		Params: []function.Parameter{text},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			_, err := p.source(in.path(args[0].AsString()))
			return cty.BoolVal(err == nil), nil
		},
	})
	fns["fileset"] = function.New(&function.Spec{
		Params: []function.Parameter{text, {Name: "pattern", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Set(cty.String)),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return p.fileset(in.path(args[0].AsString()), args[1].AsString())
		},
	})
	fns["templatefile"] = function.New(&function.Spec{
		Params: []function.Parameter{text, anything},
		Type:   func([]cty.Value) (cty.Type, error) { return cty.DynamicPseudoType, nil },
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return in.templateFile(p, in.path(args[0].AsString()), args[1])
		},
	})
}

// path returns the path in the tree of one that a module gives: Terraform takes
// it relative to the root module, and path.module is a path in the tree already.
func (in *instance) path(given string) string {
	given = strings.ReplaceAll(given, "\\", "/")
	if given == in.dir || strings.HasPrefix(given, in.dir+"/") && in.dir != "." {
		return path.Clean(given)
	}
	if in.root == "." || given == in.root || strings.HasPrefix(given, in.root+"/") {
		return path.Clean(given)
	}
	return path.Join(in.root, given)
}

// maxFileset bounds the files that fileset returns, and those it looks at.
const (
	maxFileset     = 1000
	maxFilesetSeen = 20_000
)

// fileset returns the files below a directory whose path matches.
func (p *Project) fileset(dir, pattern string) (cty.Value, error) {
	if !fs.ValidPath(dir) {
		return cty.NilVal, errors.New("the directory lies outside of what is checked")
	}
	var found []cty.Value
	seen := 0
	err := fs.WalkDir(p.tree.FS, dir, func(name string, d fs.DirEntry, err error) error {
		if seen++; seen > maxFilesetSeen || len(found) > maxFileset {
			return errors.New("there are too many files")
		}
		if err != nil || d.IsDir() {
			return err
		}
		rest := strings.TrimPrefix(strings.TrimPrefix(name, dir), "/")
		if globs(strings.Split(pattern, "/"), strings.Split(rest, "/")) {
			found = append(found, cty.StringVal(rest))
		}
		return nil
	})
	if err != nil {
		return cty.NilVal, err
	}
	if len(found) == 0 {
		return cty.SetValEmpty(cty.String), nil
	}
	return cty.SetVal(found), nil
}

// globs reports whether the parts of a path match those of a pattern, in which
// ** stands for any number of parts and {a,b} for one of several.
func globs(pattern, parts []string) bool {
	if len(pattern) == 0 {
		return len(parts) == 0
	}
	if pattern[0] == "**" {
		for i := range len(parts) + 1 {
			if globs(pattern[1:], parts[i:]) {
				return true
			}
		}
		return false
	}
	if len(parts) == 0 {
		return false
	}
	return slices.ContainsFunc(alternatives(pattern[0]), func(one string) bool {
		ok, err := path.Match(one, parts[0])
		return ok && err == nil
	}) && globs(pattern[1:], parts[1:])
}

// alternatives writes out the first {a,b} of a pattern.
func alternatives(pattern string) []string {
	before, rest, ok := strings.Cut(pattern, "{")
	inner, after, closed := strings.Cut(rest, "}")
	if !ok || !closed {
		return []string{pattern}
	}
	var list []string
	for one := range strings.SplitSeq(inner, ",") {
		list = append(list, before+one+after)
	}
	return list
}

// maxTemplates bounds how deep templates read each other.
const maxTemplates = 8

// templateFile evaluates a file as a template.
func (in *instance) templateFile(p *Project, name string, vars cty.Value) (cty.Value, error) {
	src, err := p.source(name)
	if err != nil {
		return cty.NilVal, err
	}
	if p.templates >= maxTemplates {
		return cty.NilVal, errors.New(tooMuch)
	}
	p.templates++
	defer func() { p.templates-- }()
	e, err := parseTemplate(string(src.Data))
	if err != nil {
		return cty.NilVal, err
	}
	a := &adopter{holes: p.holes, src: src, raw: iac.Plain(src, string(src.Data), 0), decls: &decls{}}
	e = a.adopt(e, context{})
	names := map[string]cty.Value{}
	bare, _ := vars.Unmark()
	if bare.IsKnown() && !bare.IsNull() && (bare.Type().IsObjectType() || bare.Type().IsMapType()) {
		names = bare.AsValueMap()
	}
	// A session that evaluates nothing of the module: a template sees its
	// variables alone.
	ctx := (&instance{module: &module{dir: in.dir}, root: in.root, funcs: in.funcs}).context(newSession(p, nil), names)
	v, diags := e.Value(ctx)
	if diags.HasErrors() {
		return cty.NilVal, errors.New(diags[0].Summary)
	}
	return v, nil
}

// decodeFunc is yamldecode or jsondecode. The texts of the result know where
// they stand.
func decodeFunc(isJSON bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "src", Type: cty.String, AllowMarked: true}},
		Type:   func([]cty.Value) (cty.Type, error) { return cty.DynamicPseudoType, nil },
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			bare, marks := args[0].Unmark()
			text, _ := locate(bare.AsString(), originsOf(marks), iac.Fixed(nil, "", 0))
			docs, err := tree.Read(text, isJSON)
			if err != nil || len(docs) != 1 {
				return cty.NilVal, errors.New("it is not one document")
			}
			for m := range marks {
				if _, ok := m.(*origin); ok {
					delete(marks, m)
				}
			}
			d := decoder{budget: maxDecoded}
			v, err := d.value(docs[0])
			if err != nil {
				return cty.NilVal, err
			}
			return v.WithMarks(marks), nil
		},
	})
}

// maxDecoded bounds the values of a document, aliases written out.
const maxDecoded = 200_000

type decoder struct{ budget int }

// value makes a value of a node.
func (d *decoder) value(n *tree.Node) (cty.Value, error) {
	if d.budget--; d.budget < 0 {
		return cty.NilVal, errors.New(tooMuch)
	}
	switch n.Kind {
	case tree.Null:
		return cty.NullVal(cty.DynamicPseudoType), nil
	case tree.Scalar:
		return scalarValue(n), nil
	case tree.Sequence:
		members := make([]cty.Value, 0, len(n.Items))
		for _, item := range n.Items {
			v, err := d.value(item)
			if err != nil {
				return cty.NilVal, err
			}
			members = append(members, v)
		}
		return cty.TupleVal(members), nil
	case tree.Mapping:
		members := map[string]cty.Value{}
		for _, f := range n.Fields {
			v, err := d.value(f.Value)
			if err != nil {
				return cty.NilVal, err
			}
			members[f.Key] = v
		}
		return cty.ObjectVal(members), nil
	}
	return cty.DynamicVal, nil
}

// scalarValue reads the words of YAML and JSON that are no texts.
func scalarValue(n *tree.Node) cty.Value {
	if !n.Quoted {
		switch n.Value {
		case "true", "True", "TRUE":
			return cty.True
		case "false", "False", "FALSE":
			return cty.False
		}
		if v, err := cty.ParseNumberVal(n.Value); err == nil && len(n.Value) < 40 && !strings.ContainsAny(n.Value, "eE") {
			return v
		}
	}
	t := n.Text()
	return cty.StringVal(t.Value).Mark(&origin{t})
}
