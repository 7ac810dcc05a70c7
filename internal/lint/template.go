package lint

import (
	"bytes"
	"slices"
	"strings"
)

// metricFilter is the type of the resources of a template that have a pattern.
const metricFilter = "AWS::Logs::MetricFilter"

// A template is a CloudFormation template.
type template struct {
	parameters map[string]*node
	mappings   *node
	budget     int // see maxSteps
}

// readTemplate finds the patterns of a CloudFormation template, YAML or JSON;
// isTemplate is false for other documents. The error is a *readError.
func readTemplate(src *source, isJSON bool) (found []candidate, isTemplate bool, err error) {
	docs, err := readDocuments(src, isJSON)
	if err != nil {
		return nil, looksLikeTemplate(src.data), err
	}
	for _, doc := range docs {
		resources := doc.get("Resources")
		if resources == nil || resources.kind != mappingNode {
			continue
		}
		isTemplate = isTemplate || doc.get("AWSTemplateFormatVersion") != nil || slices.ContainsFunc(resources.fields, isAWSResource)
		t := &template{parameters: fieldsOf(doc.get("Parameters")), mappings: doc.get("Mappings")}
		found = append(found, t.filters(resources)...)
	}
	return found, isTemplate, nil
}

// readDocuments reads JSON where the file says or looks so; YAML can begin with
// a brace, too.
func readDocuments(src *source, isJSON bool) ([]*node, error) {
	trimmed := bytes.TrimLeft(src.data, " \t\r\n")
	if isJSON || bytes.HasPrefix(trimmed, []byte("{")) {
		doc, err := readJSON(src)
		if err == nil || isJSON {
			return []*node{doc}, err
		}
	}
	return readYAML(src)
}

// looksLikeTemplate says whether a file that cannot be read was meant to be a
// template.
func looksLikeTemplate(data []byte) bool {
	return bytes.Contains(data, []byte("AWS::")) || bytes.Contains(data, []byte("AWSTemplateFormatVersion"))
}

func isAWSResource(f fieldNode) bool {
	t := f.value.get("Type")
	return t != nil && t.kind == scalarNode && strings.HasPrefix(t.value, "AWS::")
}

func fieldsOf(n *node) map[string]*node {
	fields := map[string]*node{}
	if n != nil {
		for _, f := range n.fields {
			fields[f.key] = f.value
		}
	}
	return fields
}

// filters returns the patterns of the metric filters among the resources.
func (t *template) filters(resources *node) []candidate {
	var found []candidate
	for _, f := range resources.fields {
		if !f.value.get("Type").isScalar(metricFilter) {
			continue
		}
		p := f.value.get("Properties").get("FilterPattern")
		if p == nil || p.kind == nullNode && p.tag == "" {
			continue // the template is not valid, or says what AWS::NoValue does
		}
		c := candidate{name: f.key, pos: p.pos}
		t.budget = maxSteps
		c.text, c.gap = t.text(p)
		found = append(found, c)
	}
	return found
}

// text evaluates a value that should be a text.
func (t *template) text(n *node) (text, *gap) {
	if t.budget--; t.budget < 0 {
		return text{}, tooMuch()
	}
	if name, argument := intrinsic(n); name != "" {
		return t.call(name, argument)
	}
	switch {
	case n.kind == scalarNode && (n.tag == "" || n.tag == "!!str"):
		return n.located(), nil
	case n.tag != "":
		return text{}, interpolation(n.tag)
	case n.kind == foreignNode:
		return text{}, interpolation("an alias")
	}
	return text{}, interpolation("a value that is no text")
}

// intrinsic returns name and argument of an intrinsic function, which is a tag
// or the only key of a mapping; "" when the value is none.
func intrinsic(n *node) (name string, argument *node) {
	switch {
	case strings.HasPrefix(n.tag, "!") && !strings.HasPrefix(n.tag, "!!"):
		bare := *n
		bare.tag = ""
		if n.tag == "!Ref" {
			return "Ref", &bare
		}
		return "Fn::" + n.tag[1:], &bare
	case n.kind == mappingNode && len(n.fields) == 1 && (n.fields[0].key == "Ref" || strings.HasPrefix(n.fields[0].key, "Fn::")):
		return n.fields[0].key, n.fields[0].value
	}
	return "", nil
}

// call evaluates an intrinsic function as far as the template itself says what
// comes out.
func (t *template) call(name string, argument *node) (text, *gap) {
	switch {
	case name == "Ref" && argument.kind == scalarNode:
		return t.reference(argument.value)
	case name == "Fn::Sub" && argument.kind == scalarNode:
		return t.substitute(argument, nil)
	case name == "Fn::Sub" && argument.kind == sequenceNode && len(argument.items) == 2 && argument.items[0].kind == scalarNode:
		return t.substitute(argument.items[0], argument.items[1])
	case name == "Fn::Join" && argument.kind == sequenceNode && len(argument.items) == 2:
		return t.join(argument.items[0], argument.items[1])
	case name == "Fn::FindInMap" && argument.kind == sequenceNode && len(argument.items) == 3:
		return t.findInMap(argument.items)
	}
	return text{}, interpolation(name)
}

// reference returns the default of a parameter.
func (t *template) reference(name string) (text, *gap) {
	def := t.parameters[name].get("Default")
	if def == nil || def.kind != scalarNode {
		return text{}, interpolation(name)
	}
	return def.located(), nil
}

// substitute replaces the ${...} of a text by values, which may be nil, and by
// defaults of parameters.
func (t *template) substitute(pattern, values *node) (text, *gap) {
	whole := pattern.located()
	if len(whole.value) > maxText {
		return text{}, tooMuch()
	}
	var b textBuilder
	from := 0
	for i := 0; i < len(whole.value); {
		rest := whole.value[i:]
		if decoded, size := substitutions(rest); size > 0 {
			b.add(whole.slice(from, i))
			b.decoded(decoded, whole.pos(i))
			i += size
			from = i
			continue
		}
		end := strings.IndexByte(rest, '}')
		if !strings.HasPrefix(rest, "${") || end < 0 {
			i++
			continue
		}
		name := rest[2:end]
		value, gap := t.variable(name, values)
		if gap != nil {
			return text{}, gap
		}
		b.add(whole.slice(from, i))
		b.add(value)
		if b.value.Len() > maxText {
			return text{}, tooMuch()
		}
		i += end + 1
		from = i
	}
	b.add(whole.slice(from, len(whole.value)))
	return b.text(), nil
}

// variable returns what ${name} stands for.
func (t *template) variable(name string, values *node) (text, *gap) {
	if v := values.get(name); v != nil {
		return t.text(v)
	}
	return t.reference(name)
}

func (t *template) join(separator, list *node) (text, *gap) {
	between, gap := t.text(separator)
	if gap != nil {
		return text{}, gap
	}
	if list.kind != sequenceNode || list.tag != "" {
		return text{}, interpolation("Fn::Join")
	}
	var b textBuilder
	for i, item := range list.items {
		part, gap := t.text(item)
		if gap != nil {
			return text{}, gap
		}
		if i > 0 {
			b.add(between)
		}
		b.add(part)
		if b.value.Len() > maxText {
			return text{}, tooMuch()
		}
	}
	return b.text(), nil
}

func (t *template) findInMap(keys []*node) (text, *gap) {
	at := t.mappings
	for _, k := range keys {
		key, gap := t.text(k)
		if gap != nil {
			return text{}, gap
		}
		at = at.get(key.value)
	}
	if at == nil || at.kind != scalarNode {
		return text{}, interpolation("Fn::FindInMap")
	}
	return at.located(), nil
}
