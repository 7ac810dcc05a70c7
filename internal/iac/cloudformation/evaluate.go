package cloudformation

import (
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/iac"
	"github.com/monitorctl/monitorctl/internal/iac/tree"
)

const (
	// maxSteps bounds the values that are looked at for one document.
	maxSteps = 200_000

	// maxOutcomes bounds the outcomes of one value.
	maxOutcomes = 16

	// maxDepth bounds how deep references are followed.
	maxDepth = 64
)

// A Template evaluates the values of one template. It is not safe for use by
// several goroutines.
type Template struct {
	parameters, mappings *tree.Node
	holes                iac.Holes
	names                map[string]iac.Text // of Fn::ForEach
	steps                *int
}

// NewTemplate returns an evaluator for the values below a mapping that may have
// Parameters and Mappings; nil is a template without.
func NewTemplate(top *tree.Node, holes iac.Holes) *Template {
	steps := maxSteps
	return &Template{parameters: top.Get("Parameters"), mappings: top.Get("Mappings"), holes: holes, steps: &steps}
}

// Texts returns what a value can be: one text, or one for each outcome of its
// conditions. None are null and AWS::NoValue.
func (t *Template) Texts(n *tree.Node) []iac.Text { return t.texts(n, 0) }

func (t *Template) texts(n *tree.Node, depth int) []iac.Text {
	if *t.steps--; *t.steps < 0 || depth > maxDepth {
		return t.unknown(n, "too much interpolation")
	}
	if name, argument := Intrinsic(n); name != "" {
		return t.call(name, argument, n, depth+1)
	}
	switch {
	case n.Kind == tree.Null && n.Tag == "":
		return nil
	case n.Kind == tree.Scalar && (n.Tag == "" || n.Tag == "!!str"):
		return []iac.Text{n.Text()}
	case n.Tag != "":
		return t.unknown(n, n.Tag)
	case n.Kind == tree.Foreign:
		return t.unknown(n, "an alias")
	}
	return t.unknown(n, "a value that is not text")
}

// unknown is a hole in the place of a value.
func (t *Template) unknown(n *tree.Node, what string) []iac.Text {
	return []iac.Text{t.hole(n, what)}
}

func (t *Template) hole(n *tree.Node, what string) iac.Text {
	hole := string(t.holes.Make(what))
	if n.IsScalar() {
		src, pos := n.Text().At(0)
		return iac.Fixed(src, hole, pos)
	}
	return iac.Fixed(nil, hole, n.Pos)
}

// Intrinsic returns name and argument of an intrinsic function, which is a tag
// or the only key of a mapping; "" when the value is none.
func Intrinsic(n *tree.Node) (name string, argument *tree.Node) {
	switch {
	case strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!"):
		bare := *n
		bare.Tag = ""
		if n.Tag == "!Ref" {
			return "Ref", &bare
		}
		return "Fn::" + n.Tag[1:], &bare
	case n.Kind == tree.Mapping && len(n.Fields) == 1 && (n.Fields[0].Key == "Ref" || strings.HasPrefix(n.Fields[0].Key, "Fn::")):
		return n.Fields[0].Key, n.Fields[0].Value
	}
	return "", nil
}

// call evaluates an intrinsic function.
func (t *Template) call(name string, argument, whole *tree.Node, depth int) []iac.Text {
	list := argument.Kind == tree.Sequence && argument.Tag == ""
	switch {
	case name == "Ref" && argument.IsScalar():
		return t.reference(argument.Value, argument)
	case name == "Fn::Sub" && argument.IsScalar():
		return t.substitute(argument, nil, depth)
	case name == "Fn::Sub" && list && len(argument.Items) == 2 && argument.Items[0].IsScalar():
		return t.substitute(argument.Items[0], argument.Items[1], depth)
	case name == "Fn::Join" && list && len(argument.Items) == 2:
		return t.join(argument.Items[0], argument.Items[1], depth)
	case name == "Fn::FindInMap" && list && len(argument.Items) >= 3:
		return t.findInMap(argument.Items, whole, depth)
	case name == "Fn::If" && list && len(argument.Items) == 3:
		return distinct(append(t.texts(argument.Items[1], depth), t.texts(argument.Items[2], depth)...))
	case name == "Fn::Select" && list && len(argument.Items) == 2:
		return t.pick(argument.Items, whole, depth)
	case name == "Fn::GetAtt" && argument.IsScalar():
		return t.unknown(argument, argument.Value)
	case name == "Fn::ToJsonString":
		return t.unknown(whole, name)
	}
	return t.unknown(whole, name)
}

func distinct(list []iac.Text) []iac.Text {
	var out []iac.Text
	for _, t := range list {
		if len(out) < maxOutcomes && !slices.ContainsFunc(out, func(have iac.Text) bool { return have.Value == t.Value }) {
			out = append(out, t)
		}
	}
	return out
}

// reference returns the default of a parameter, or what Fn::ForEach names.
func (t *Template) reference(name string, at *tree.Node) []iac.Text {
	if name == "AWS::NoValue" {
		return nil
	}
	if text, ok := t.names[name]; ok {
		return []iac.Text{text}
	}
	if def := t.parameters.Get(name).Get("Default"); def.IsScalar() {
		return []iac.Text{def.Text()}
	}
	return t.unknown(at, name)
}

// substitute replaces the ${...} of a text by values, which may be nil, and by
// defaults of parameters.
func (t *Template) substitute(text, values *tree.Node, depth int) []iac.Text {
	whole := text.Text()
	if len(whole.Value) > iac.MaxText {
		return t.unknown(text, "too much interpolation")
	}
	out := outcomes{{}}
	from := 0
	for i := 0; i < len(whole.Value); {
		rest := whole.Value[i:]
		if decoded, size := iac.Substitutions(rest); size > 0 {
			src, pos := whole.At(i)
			out.add(whole.Slice(from, i))
			out.add(iac.Fixed(src, decoded, pos))
			i += size
			from = i
			continue
		}
		end := strings.IndexByte(rest, '}')
		if !strings.HasPrefix(rest, "${") || end < 0 {
			i++
			continue
		}
		out.add(whole.Slice(from, i))
		out = out.times(t.variable(strings.TrimSpace(rest[2:end]), values, whole.Slice(i, i+end+1), depth))
		if out == nil {
			return t.unknown(text, "too much interpolation")
		}
		i += end + 1
		from = i
	}
	out.add(whole.Slice(from, len(whole.Value)))
	return out
}

// variable returns what ${name} stands for.
func (t *Template) variable(name string, values *tree.Node, at iac.Text, depth int) []iac.Text {
	if v := values.Get(name); v != nil {
		return t.texts(v, depth)
	}
	if text, ok := t.names[name]; ok {
		return []iac.Text{text}
	}
	if def := t.parameters.Get(name).Get("Default"); def.IsScalar() {
		return []iac.Text{def.Text()}
	}
	src, pos := at.At(0)
	return []iac.Text{iac.Fixed(src, string(t.holes.Make(name)), pos)}
}

// outcomes are the texts that a value can be, being put together.
type outcomes []iac.Text

func (o outcomes) add(t iac.Text) {
	for i := range o {
		var b iac.Builder
		b.Add(o[i])
		b.Add(t)
		o[i] = b.Text()
	}
}

// times adds each of several texts to each outcome; none means an empty one. It
// returns nil when that is too long.
func (o outcomes) times(list []iac.Text) outcomes {
	if len(list) == 0 {
		return o
	}
	var out outcomes
	for _, t := range list {
		for _, have := range o {
			var b iac.Builder
			b.Add(have)
			b.Add(t)
			if b.Len() > iac.MaxText {
				return nil
			}
			if len(out) < maxOutcomes {
				out = append(out, b.Text())
			}
		}
	}
	return out
}

func (t *Template) join(separator, list *tree.Node, depth int) []iac.Text {
	between := t.texts(separator, depth)
	items, ok := t.list(list)
	if !ok || len(between) != 1 {
		return t.unknown(list, "Fn::Join")
	}
	out := outcomes{{}}
	first := true
	for _, item := range items {
		part := t.texts(item, depth)
		if len(part) == 0 {
			continue
		}
		if !first {
			out.add(between[0])
		}
		first = false
		if out = out.times(part); out == nil {
			return t.unknown(list, "too much interpolation")
		}
	}
	return out
}

// list returns the members of a list that is written out, or that a parameter's
// default or a condition gives; of a condition the first branch.
func (t *Template) list(n *tree.Node) ([]*tree.Node, bool) {
	if n.Kind == tree.Sequence && n.Tag == "" {
		return n.Items, true
	}
	name, argument := Intrinsic(n)
	if name == "Fn::If" && argument.Kind == tree.Sequence && len(argument.Items) == 3 && argument.Items[1].Kind == tree.Sequence {
		return t.list(argument.Items[1])
	}
	return nil, false
}

// words returns the members of a list of texts, as Fn::ForEach takes it.
func (t *Template) words(n *tree.Node) ([]iac.Text, bool) {
	if items, ok := t.list(n); ok {
		var out []iac.Text
		for _, item := range items {
			texts := t.texts(item, 1)
			if len(texts) != 1 {
				return nil, false
			}
			out = append(out, texts[0])
		}
		return out, true
	}
	name, argument := Intrinsic(n)
	if name != "Ref" || !argument.IsScalar() {
		return nil, false
	}
	def := t.parameters.Get(argument.Value).Get("Default")
	if !def.IsScalar() {
		return nil, false
	}
	var out []iac.Text
	text := def.Text()
	from := 0
	for part := range strings.SplitSeq(text.Value, ",") {
		out = append(out, text.Slice(from, from+len(part)).Trim())
		from += len(part) + 1
	}
	return out, true
}

func (t *Template) findInMap(keys []*tree.Node, whole *tree.Node, depth int) []iac.Text {
	at := t.mappings
	for _, k := range keys[:3] {
		key := t.texts(k, depth)
		if len(key) != 1 {
			return t.unknown(whole, "Fn::FindInMap")
		}
		if iac.HasHole(key[0].Value) {
			return t.anyOf(at, whole)
		}
		at = at.Get(key[0].Value)
	}
	if !at.IsScalar() {
		return t.unknown(whole, "Fn::FindInMap")
	}
	return []iac.Text{at.Text()}
}

// anyOf returns the texts below a mapping whose key is not known.
func (t *Template) anyOf(at, whole *tree.Node) []iac.Text {
	var out []iac.Text
	var visit func(n *tree.Node, depth int)
	visit = func(n *tree.Node, depth int) {
		for _, f := range n.Fields {
			switch {
			case f.Value.IsScalar():
				out = append(out, f.Value.Text())
			case depth < 2 && f.Value.IsMapping():
				visit(f.Value, depth+1)
			}
		}
	}
	if at.IsMapping() {
		visit(at, 0)
	}
	if len(out) == 0 || len(out) > maxOutcomes {
		return t.unknown(whole, "Fn::FindInMap")
	}
	return distinct(out)
}

// pick is Fn::Select of a list that is written out.
func (t *Template) pick(items []*tree.Node, whole *tree.Node, depth int) []iac.Text {
	number := t.texts(items[0], depth)
	list, ok := t.list(items[1])
	if ok && len(number) == 1 {
		if i, err := strconv.Atoi(number[0].Value); err == nil && i >= 0 && i < len(list) {
			return t.texts(list[i], depth)
		}
	}
	return t.unknown(whole, "Fn::Select")
}

// With returns the template with what Fn::ForEach calls a name.
func (t *Template) with(name string, value iac.Text) *Template {
	own := *t
	own.names = map[string]iac.Text{name: value}
	for n, v := range t.names {
		if n != name {
			own.names[n] = v
		}
	}
	return &own
}
