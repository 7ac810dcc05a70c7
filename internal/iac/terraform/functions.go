package terraform

import (
	"encoding/base64"
	"errors"
	"maps"
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// pureFunctions are the functions of Terraform that need no files. Those that
// are left out, such as hashes, addresses and times, make no patterns.
var pureFunctions = map[string]function.Function{
	"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "max": stdlib.MaxFunc, "min": stdlib.MinFunc,
	"parseint": stdlib.ParseIntFunc, "signum": stdlib.SignumFunc,

	"chomp": stdlib.ChompFunc, "format": stdlib.FormatFunc, "formatlist": stdlib.FormatListFunc, "indent": stdlib.IndentFunc, "join": stdlib.JoinFunc,
	"lower": stdlib.LowerFunc, "regex": stdlib.RegexFunc, "regexall": stdlib.RegexAllFunc, "replace": replaceFunc, "split": stdlib.SplitFunc,
	"strrev": stdlib.ReverseFunc, "substr": stdlib.SubstrFunc, "title": stdlib.TitleFunc, "trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc,
	"trimsuffix": stdlib.TrimSuffixFunc, "trimspace": stdlib.TrimSpaceFunc, "upper": stdlib.UpperFunc,
	"startswith": textPredicate(strings.HasPrefix), "endswith": textPredicate(strings.HasSuffix), "strcontains": textPredicate(strings.Contains),

	"alltrue": allOf(true), "anytrue": allOf(false), "chunklist": stdlib.ChunklistFunc, "coalesce": coalesceFunc, "coalescelist": stdlib.CoalesceListFunc,
	"compact": stdlib.CompactFunc, "concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc, "distinct": stdlib.DistinctFunc,
	"element": stdlib.ElementFunc, "flatten": stdlib.FlattenFunc, "index": indexFunc, "keys": stdlib.KeysFunc, "length": lengthFunc, "lookup": lookupFunc,
	"merge": stdlib.MergeFunc, "one": oneFunc, "range": stdlib.RangeFunc, "reverse": stdlib.ReverseListFunc,
	"setintersection": stdlib.SetIntersectionFunc, "setproduct": stdlib.SetProductFunc, "setsubtract": stdlib.SetSubtractFunc, "setunion": stdlib.SetUnionFunc,
	"slice": stdlib.SliceFunc, "sort": stdlib.SortFunc, "values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,

	"base64decode": base64Func(func(s string) (string, error) {
		out, err := base64.StdEncoding.DecodeString(s)
		return string(out), err
	}),
	"base64encode": base64Func(func(s string) (string, error) { return base64.StdEncoding.EncodeToString([]byte(s)), nil }),
	"jsonencode":   stdlib.JSONEncodeFunc, "csvdecode": stdlib.CSVDecodeFunc,

	"can": tryfunc.CanFunc, "try": tryfunc.TryFunc, "sensitive": same, "nonsensitive": same, "ephemeralasnull": same,
	"tobool": stdlib.MakeToFunc(cty.Bool), "tonumber": stdlib.MakeToFunc(cty.Number), "tostring": stdlib.MakeToFunc(cty.String),
	"tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)), "tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)),
	"toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),

	"basename": pathFunc(path.Base), "dirname": pathFunc(path.Dir), "abspath": pathFunc(path.Clean), "pathexpand": pathFunc(func(p string) string { return p }),
}

// functions returns the functions of an instance.
func (in *instance) functions() map[string]function.Function {
	if in.funcs == nil {
		in.funcs = maps.Clone(pureFunctions)
		in.funcs["yamldecode"], in.funcs["jsondecode"] = decodeFunc(false), decodeFunc(true)
	}
	return in.funcs
}

var anything = function.Parameter{Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true, AllowMarked: true, AllowNull: true, AllowUnknown: true}

// same returns its argument.
var same = function.New(&function.Spec{
	Params: []function.Parameter{anything},
	Type:   func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
	Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return args[0], nil },
})

func textParameter(name string) function.Parameter {
	return function.Parameter{Name: name, Type: cty.String}
}

func textPredicate(is func(s, part string) bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{textParameter("str"), textParameter("part")},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(is(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

func base64Func(convert func(string) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{textParameter("str")},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			s, err := convert(args[0].AsString())
			return cty.StringVal(s), err
		},
	})
}

func pathFunc(of func(string) string) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{textParameter("path")},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.StringVal(of(args[0].AsString())), nil
		},
	})
}

// replaceFunc replaces a text, or a regular expression between slashes.
var replaceFunc = function.New(&function.Spec{
	Params: []function.Parameter{textParameter("str"), textParameter("substr"), textParameter("replace")},
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		old := args[1].AsString()
		if len(old) > 1 && strings.HasPrefix(old, "/") && strings.HasSuffix(old, "/") {
			return stdlib.RegexReplace(args[0], cty.StringVal(old[1:len(old)-1]), args[2])
		}
		return stdlib.Replace(args[0], args[1], args[2])
	},
})

// allOf is alltrue, or anytrue when of is false.
func allOf(of bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Bool)}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			for it := args[0].ElementIterator(); it.Next(); {
				_, v := it.Element()
				if !v.IsKnown() {
					return cty.UnknownVal(cty.Bool), nil
				}
				if v.IsNull() || v.True() != of {
					return cty.BoolVal(!of), nil
				}
			}
			return cty.BoolVal(of), nil
		},
	})
}

// coalesceFunc returns the first argument that is neither null nor empty.
var coalesceFunc = function.New(&function.Spec{
	VarParam: &anything,
	Type:     func([]cty.Value) (cty.Type, error) { return cty.DynamicPseudoType, nil },
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		for _, v := range args {
			bare, _ := v.Unmark()
			if bare.IsNull() || bare.IsKnown() && bare.Type() == cty.String && bare.AsString() == "" {
				continue
			}
			return v, nil
		}
		return cty.NilVal, errors.New("no argument has a value")
	},
})

// lookupFunc returns a member of a map or object, or the default.
var lookupFunc = function.New(&function.Spec{
	Params:   []function.Parameter{anything, anything},
	VarParam: &anything,
	Type:     func([]cty.Value) (cty.Type, error) { return cty.DynamicPseudoType, nil },
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		key, marks := args[1].Unmark()
		bare, err := convert.Convert(key, cty.String)
		if of, _ := args[0].Unmark(); err != nil || bare.IsNull() || !bare.IsKnown() || !of.IsKnown() {
			return cty.DynamicVal, nil
		}
		v, diags := hcl.Index(args[0], bare, nil)
		if _, unknown := marks[unknownMark{}]; unknown || isUnknown(args[0]) && diags.HasErrors() {
			return cty.DynamicVal, nil
		}
		switch {
		case !diags.HasErrors():
			return v, nil
		case len(args) > 2:
			return args[2], nil
		}
		return cty.NilVal, errors.New("the key does not exist")
	},
})

// lengthFunc counts characters too.
var lengthFunc = function.New(&function.Spec{
	Params: []function.Parameter{anything},
	Type:   function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		v, marks := args[0].Unmark()
		var n cty.Value
		var err error
		switch {
		case v.Type() == cty.String:
			n, err = stdlib.Strlen(v)
		case v.IsKnown() && !v.IsNull() && (v.Type().IsTupleType() || v.Type().IsObjectType()):
			n = cty.NumberIntVal(int64(v.LengthInt()))
		default:
			n, err = stdlib.Length(v)
		}
		if err != nil {
			return cty.NilVal, err
		}
		return n.WithMarks(marks), nil
	},
})

// indexFunc returns where a value stands in a list.
var indexFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}, {Name: "value", Type: cty.DynamicPseudoType}},
	Type:   function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if !args[0].CanIterateElements() {
			return cty.NilVal, errors.New("it is not a list")
		}
		for it := args[0].ElementIterator(); it.Next(); {
			k, v := it.Element()
			if eq, err := stdlib.Equal(v, args[1]); err == nil && eq.IsKnown() && eq.True() {
				return k, nil
			}
		}
		return cty.NilVal, errors.New("the value is missing")
	},
})

// oneFunc returns the only member of a list, or null.
var oneFunc = function.New(&function.Spec{
	Params: []function.Parameter{anything},
	Type:   func([]cty.Value) (cty.Type, error) { return cty.DynamicPseudoType, nil },
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		v, marks := args[0].Unmark()
		if !v.IsKnown() || v.IsNull() || !v.CanIterateElements() {
			return cty.DynamicVal, nil
		}
		switch v.LengthInt() {
		case 0:
			return cty.NullVal(cty.DynamicPseudoType), nil
		case 1:
			it := v.ElementIterator()
			it.Next()
			_, member := it.Element()
			return member.WithMarks(marks), nil
		}
		return cty.NilVal, errors.New("there is more than one")
	},
})

const (
	// maxArgument bounds the texts of all arguments of a call together, in bytes.
	maxArgument = 1 << 20

	// maxProduct bounds the members of setproduct, and what replace and join make
	// of a text.
	maxProduct = 1 << 17
)

// bounded reports whether a call cannot make more of its arguments than fits
// into memory.
func (c *invocation) bounded(ctx *hcl.EvalContext) bool {
	switch c.Name {
	case "format", "formatlist", "indent", "setproduct", "replace", "join":
	default:
		return true
	}
	texts, product := 0, 1
	for i, arg := range c.Args {
		v, diags := arg.Value(ctx)
		v, _ = v.UnmarkDeep()
		if diags.HasErrors() || !v.IsKnown() || v.IsNull() {
			continue
		}
		texts += weight(v, maxArgument)
		switch {
		case i == 0 && (c.Name == "format" || c.Name == "formatlist") && v.Type() == cty.String && wide(v.AsString()):
			return false
		case i == 0 && c.Name == "indent" && v.Type() == cty.Number:
			if n, _ := v.AsBigFloat().Int64(); n > 200 {
				return false
			}
		case c.Name == "setproduct" && v.CanIterateElements():
			product *= max(1, v.LengthInt())
		case c.Name == "replace" && v.Type() == cty.String && (i == 0 || i == 2):
			product *= max(1, len(v.AsString()))
		case c.Name == "join" && i == 0 && v.Type() == cty.String:
			product *= max(1, len(v.AsString()))
		case c.Name == "join" && v.CanIterateElements():
			product *= max(1, v.LengthInt())
		}
		if texts > maxArgument || product > maxProduct*64 {
			return false
		}
	}
	return c.Name != "setproduct" || product <= maxProduct
}

// wide reports whether a format asks for more digits or blanks than any pattern
// has.
func wide(format string) bool {
	digits := 0
	for _, c := range format {
		if c >= '0' && c <= '9' {
			if digits++; digits > 4 {
				return strings.Contains(format, "%")
			}
			continue
		}
		digits = 0
	}
	return strings.Contains(format, "%*") || strings.Contains(format, ".*")
}
