package bicep

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/iac"
)

// A reader reads one file.
type reader struct {
	scanner
	named map[string]string    // parameters with a default and variables: their expressions
	given map[string]iac.Value // parameters of a module that its caller gives; nil for none
	busy  []string             // those that are being evaluated
	steps int
}

// maxSteps bounds the work on one file.
const maxSteps = 100_000

// A declared is a resource or a module of a file.
type declared struct {
	kind    string // of a resource; "" for a module
	path    string // of a module, as it is written
	pos, at int    // of the declaration and of its body
}

// Read returns the resources of these types of Azure Resource Manager in a file and in the
// modules that it calls, in their order. Open returns the file of a module by its path,
// as the file from writes it, and nil for one that is not read; nil follows none. The
// error is a *iac.ReadError: where the file stops making sense.
func Read(src *iac.Source, types []string, open Open) ([]iac.Resource, error) {
	r := &reader{scanner: scanner{src: src, text: string(src.Data)}, named: map[string]string{}, steps: maxSteps}
	return r.resources(types, open, 0)
}

// resources returns the resources of the file, which stands at that depth of modules.
func (r *reader) resources(types []string, open Open, depth int) ([]iac.Resource, error) {
	list, err := r.declarations(types)
	if err != nil {
		return nil, err
	}
	var out []iac.Resource
	for _, d := range list {
		body, err := r.body(d.at)
		if err != nil {
			return nil, err
		}
		if d.kind == "" {
			out = append(out, r.module(d, body, types, open, depth)...)
			continue
		}
		res := iac.Resource{Type: d.kind, Source: r.src, Pos: d.pos, Body: body}
		if name := body.Get("name"); name.Kind == iac.TextValue {
			res.Name = name.Text
		}
		out = append(out, res)
	}
	return out, nil
}

// declarations reads what the file declares: parameters and variables, which are kept, and
// resources of the types and modules.
func (r *reader) declarations(types []string) ([]declared, error) {
	var list []declared
	for {
		r.blanks(true)
		if r.at >= len(r.text) {
			break
		}
		pos := r.at
		switch word := r.word(); word {
		case "param", "var":
			r.blanks(false)
			name := r.word()
			if !r.skip("=\n") { // the type
				return nil, iac.Unreadable(pos, "the declaration of %s does not end", name)
			}
			if !r.take('=') {
				continue // no default
			}
			from := r.at
			if !r.skip("\n") {
				return nil, iac.Unreadable(pos, "the value of %s does not end", name)
			}
			r.named[name] = strings.TrimSpace(r.text[from:r.at])
		case "resource", "module":
			d, err := r.declaration(word, pos)
			if err != nil {
				return nil, err
			}
			i := slices.IndexFunc(types, func(known string) bool { return strings.EqualFold(known, d.kind) })
			if i >= 0 {
				d.kind = types[i]
			}
			if d.at > 0 && (i >= 0 || word == "module") {
				list = append(list, d)
			}
		default:
			if !r.skip("\n") {
				return nil, iac.Unreadable(pos, "a bracket or a text does not end")
			}
		}
		r.take('\n')
	}
	return list, nil
}

// declaration reads a resource or a module, whose word is behind. One without a body has
// no place of it.
func (r *reader) declaration(word string, pos int) (declared, error) {
	d := declared{pos: pos}
	r.blanks(false)
	r.word()
	r.blanks(false)
	if r.at >= len(r.text) || r.text[r.at] != '\'' {
		return d, iac.Unreadable(r.at, "a %s has its type or its path in quotes", word)
	}
	parts, ok := r.quoted()
	if !ok || len(parts) != 1 {
		return d, iac.Unreadable(pos, "the type or the path of a %s is not a string", word)
	}
	if word == "module" {
		d.path = parts[0].letters
	} else {
		d.kind, _, _ = strings.Cut(parts[0].letters, "@")
	}
	if !r.skip("=\n") || !r.take('=') {
		return d, nil
	}
	at := r.at
	if !r.skip("\n") {
		return d, iac.Unreadable(pos, "the %s does not end", word)
	}
	d.at = at
	return d, nil
}

// body reads what stands behind the = of a resource: an object, perhaps under a condition
// or in a loop.
func (r *reader) body(at int) (iac.Value, error) {
	r.at = at
	r.blanks(false)
	if strings.HasPrefix(r.text[r.at:], "if") {
		if !r.skip("(\n") || !r.take('(') || !r.skip(")") {
			return iac.Value{}, iac.Unreadable(at, "the condition of a resource does not end")
		}
		r.at++
		r.blanks(true)
	}
	if r.take('[') { // for x in y: {...}
		if !r.skip(":\n") || !r.take(':') {
			return iac.Value{}, iac.Unreadable(at, "a loop has a colon before its body")
		}
		r.blanks(false)
	}
	if r.at >= len(r.text) || r.text[r.at] != '{' {
		return iac.Value{}, iac.Unreadable(r.at, "a resource has an object in braces")
	}
	return r.value(0)
}

// value reads a value, which begins here.
func (r *reader) value(depth int) (iac.Value, error) {
	pos := r.at
	if r.steps--; depth > maxDepth || r.steps < 0 {
		return iac.Value{}, iac.Unreadable(pos, "it is nested too deep, or too much to evaluate")
	}
	switch c := r.peek(); c {
	case '{':
		return r.object(depth)
	case '[':
		return r.list(depth)
	}
	if !r.skip(",]}\n") {
		return iac.Value{}, iac.Unreadable(pos, "a value does not end")
	}
	return r.evaluate(withoutComments(r.text[pos:r.at]), pos), nil
}

// withoutComments cuts comments and blanks off the ends of an expression.
func withoutComments(text string) string {
	s := scanner{text: text}
	for s.at < len(text) {
		before := s.at
		switch {
		case text[s.at] == '\'':
			if _, ok := s.quoted(); !ok {
				return strings.TrimSpace(text)
			}
			continue
		case text[s.at] == '/':
			if s.blanks(true); s.at > before {
				return strings.TrimSpace(text[:before] + text[s.at:])
			}
		}
		s.at++
	}
	return strings.TrimSpace(text)
}

func (r *reader) peek() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

// object reads an object.
func (r *reader) object(depth int) (iac.Value, error) {
	out := iac.Value{Kind: iac.ObjectValue, Source: r.src, Pos: r.at}
	r.at++
	for {
		for r.blanks(true); r.take(','); r.blanks(true) {
		}
		if r.take('}') {
			return out, nil
		}
		pos := r.at
		key := r.word()
		if key == "" && r.peek() == '\'' {
			parts, ok := r.quoted()
			if !ok {
				return out, iac.Unreadable(pos, "a key does not end")
			}
			key = parts[len(parts)-1].letters
		}
		r.blanks(false)
		switch {
		case key == "resource" && !strings.HasPrefix(r.text[r.at:], ":"): // a nested resource
			if !r.skip("\n") {
				return out, iac.Unreadable(pos, "a nested resource does not end")
			}
			continue
		case strings.HasPrefix(r.text[r.at:], "..."):
			return out, iac.Unreadable(pos, "a spread is not read")
		case key == "" || !r.take(':'):
			return out, iac.Unreadable(pos, "a key and a colon are expected")
		}
		r.blanks(true)
		v, err := r.value(depth + 1)
		if err != nil {
			return out, err
		}
		out.Fields = append(out.Fields, iac.ValueField{Key: key, Value: v})
	}
}

// list reads a list; one that a loop makes is unknown.
func (r *reader) list(depth int) (iac.Value, error) {
	pos := r.at
	out := iac.Value{Kind: iac.ListValue, Source: r.src, Pos: pos}
	r.at++
	r.blanks(true)
	if strings.HasPrefix(r.text[r.at:], "for ") {
		if !r.skip("]") {
			return out, iac.Unreadable(pos, "a loop does not end")
		}
		r.at++
		return iac.Unknown(r.text[pos:r.at], r.src, pos), nil
	}
	for {
		for r.blanks(true); r.take(','); r.blanks(true) {
		}
		if r.take(']') {
			return out, nil
		}
		if r.at >= len(r.text) || r.text[r.at] == '}' {
			return out, iac.Unreadable(pos, "a list does not end")
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, v)
	}
}

// evaluate returns what an expression stands for, which stands at pos.
func (r *reader) evaluate(text string, pos int) iac.Value {
	out := iac.Value{Source: r.src, Pos: pos}
	unknown := iac.Unknown(text, r.src, pos)
	if r.steps--; r.steps < 0 {
		return unknown
	}
	switch {
	case text == "null":
		return out
	case text == "true" || text == "false":
		out.Kind, out.Flag = iac.FlagValue, text == "true"
		return out
	case text != "" && strings.Trim(text, "0123456789") == "":
		out.Kind, out.Text = iac.NumberValue, text
		return out
	case strings.HasPrefix(text, "'"):
		return r.template(text, pos)
	}
	if v, ok := r.given[text]; ok {
		return placed(v, r.src, pos)
	}
	expression, ok := r.named[text]
	if !ok || slices.Contains(r.busy, text) || strings.HasPrefix(expression, "[for") {
		return unknown
	}
	r.busy = append(r.busy, text)
	defer func() { r.busy = r.busy[:len(r.busy)-1] }()
	inner := &reader{scanner: scanner{src: r.src, text: expression}, named: r.named, given: r.given, busy: r.busy, steps: r.steps}
	v, err := inner.value(0)
	r.steps = inner.steps
	if err != nil || inner.at < len(expression) {
		return unknown
	}
	return placed(v, r.src, pos)
}

// placed moves a value to the place at which its name stands.
func placed(v iac.Value, src *iac.Source, pos int) iac.Value {
	v.Source, v.Pos = src, pos
	v.Items, v.Fields = slices.Clone(v.Items), slices.Clone(v.Fields)
	for i := range v.Items {
		v.Items[i] = placed(v.Items[i], src, pos)
	}
	for i := range v.Fields {
		v.Fields[i].Value = placed(v.Fields[i].Value, src, pos)
	}
	return v
}

// template puts a text together; with a part that is not known it is unknown.
func (r *reader) template(text string, pos int) iac.Value {
	s := scanner{src: r.src, text: text}
	parts, ok := s.quoted()
	if !ok || s.at != len(text) {
		return iac.Unknown(text, r.src, pos)
	}
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.letters)
		if p.expression == "" {
			continue
		}
		v := r.evaluate(p.expression, pos)
		if v.Kind != iac.TextValue && v.Kind != iac.NumberValue || b.Len() > iac.MaxText {
			return iac.Unknown(text, r.src, pos)
		}
		b.WriteString(v.Text)
	}
	return iac.Value{Kind: iac.TextValue, Text: b.String(), Source: r.src, Pos: pos}
}
