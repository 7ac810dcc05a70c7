package lint

import (
	"errors"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// readYAML reads the documents of a YAML file. The error is a *readError.
func readYAML(src *source) (docs []*node, err error) {
	if at := yamlTooDeep(src.data); at >= 0 {
		return nil, unreadable(at, "values are nested more than %d deep", maxNesting)
	}
	r := &yamlReader{src: src}
	file, err := parseYAML(src.data)
	if err != nil {
		return nil, r.fail(err)
	}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			docs = append(docs, r.node(doc.Body))
		}
	}
	return docs, nil
}

// parseYAML calls the library. A file must not end the program, whatever the
// library makes of it.
func parseYAML(data []byte) (file *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = unreadable(-1, "the YAML parser gave up")
		}
	}()
	return parser.ParseBytes(data, 0)
}

// yamlTooDeep returns the offset at which values may be nested too deep, or -1.
// It counts open brackets, wherever they stand, and the marks of entries at the
// beginning of a line: the parser works recursively and looks back for each.
func yamlTooDeep(data []byte) int {
	brackets, entries, lineBegins := 0, 0, true
	for i, c := range data {
		switch c {
		case '[', '{':
			brackets++
		case ']', '}':
			brackets = max(0, brackets-1)
		case '-', '?':
			if lineBegins {
				entries++
			}
		case '\n':
			entries, lineBegins = 0, true
			continue
		}
		lineBegins = lineBegins && (isBlank(c) || c == '-' || c == '?')
		if brackets > maxNesting || entries > maxNesting {
			return i
		}
	}
	return -1
}

// A yamlReader makes nodes of the library's tree, in the order of the file.
type yamlReader struct {
	src *source

	// The library loses one column for each tag in a line.
	tagLine, tags int
}

func (r *yamlReader) fail(err error) error {
	var syntax yaml.Error
	var read *readError
	switch {
	case errors.As(err, &read):
		return read
	case errors.As(err, &syntax):
		return unreadable(r.start(syntax.GetToken()), "%s", syntax.GetMessage())
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return unreadable(-1, "%s", first)
}

// start returns the offset at which a token begins, -1 when that is not known.
func (r *yamlReader) start(t *token.Token) int {
	if t == nil || t.Position == nil {
		return -1
	}
	p := Place{t.Position.Line, t.Position.Column}
	if p.Line == r.tagLine {
		p.Column += r.tags
	}
	if at, ok := r.src.offset(p); ok {
		return at
	}
	return -1
}

func (r *yamlReader) node(n ast.Node) *node {
	switch n := n.(type) {
	case *ast.TagNode:
		return r.tagged(n)
	case *ast.AliasNode:
		return r.foreign(n)
	case *ast.AnchorNode:
		return r.node(n.Value)
	case *ast.MappingNode:
		return r.mapping(n, n.Values)
	case *ast.MappingValueNode:
		return r.mapping(n, []*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		return r.sequence(n)
	case *ast.NullNode:
		return &node{pos: max(0, r.start(n.GetToken()))}
	case *ast.LiteralNode:
		return r.block(n)
	case ast.ScalarNode:
		return r.scalar(n)
	}
	return r.foreign(n)
}

func (r *yamlReader) foreign(n ast.Node) *node {
	return &node{kind: foreignNode, pos: max(0, r.start(n.GetToken()))}
}

func (r *yamlReader) tagged(n *ast.TagNode) *node {
	t := n.GetToken()
	at := max(0, r.start(t))
	if t.Position.Line != r.tagLine {
		r.tagLine, r.tags = t.Position.Line, 0
	}
	r.tags++
	inner := &node{kind: foreignNode}
	if n.Value != nil {
		inner = r.node(n.Value)
	}
	inner.tag, inner.pos = t.Value, at
	return inner
}

func (r *yamlReader) mapping(n ast.Node, values []*ast.MappingValueNode) *node {
	m := &node{kind: mappingNode, pos: max(0, r.start(n.GetToken()))}
	for _, v := range values {
		if v.Key == nil || v.Value == nil {
			continue
		}
		key := v.Key.GetToken().Value
		m.fields = append(m.fields, fieldNode{key, r.node(v.Value)})
	}
	if len(values) > 0 && values[0].Key != nil {
		m.pos = max(0, r.start(values[0].Key.GetToken()))
	}
	return m
}

func (r *yamlReader) sequence(n *ast.SequenceNode) *node {
	s := &node{kind: sequenceNode, pos: max(0, r.start(n.GetToken()))}
	for _, v := range n.Values {
		s.items = append(s.items, r.node(v))
	}
	return s
}

// scalar reads a scalar that stands in quotes or as it is.
func (r *yamlReader) scalar(n ast.ScalarNode) *node {
	t := n.GetToken()
	value := t.Value
	if s, ok := n.(*ast.StringNode); ok {
		value = s.Value
	}
	at := r.start(t)
	return &node{kind: scalarNode, pos: max(0, at), value: value, located: func() text { return r.locate(t.Type, value, at) }}
}

// locate finds the bytes of a scalar that begins at an offset.
func (r *yamlReader) locate(kind token.Type, value string, at int) text {
	if at < 0 {
		return fixed(value, 0)
	}
	raw := string(r.src.data[at:min(len(r.src.data), at+maxSpan(value))])
	var t text
	ok := false
	switch {
	case kind == token.DoubleQuoteType && strings.HasPrefix(raw, `"`):
		t, ok = align(value, raw[1:], at+1, doubleQuoted)
	case kind == token.SingleQuoteType && strings.HasPrefix(raw, `'`):
		t, ok = align(value, raw[1:], at+1, singleQuoted)
	case kind != token.DoubleQuoteType && kind != token.SingleQuoteType:
		t, ok = align(value, raw, at)
	}
	if !ok {
		return fixed(value, at)
	}
	return t
}

// maxSpan bounds how much of a file is looked at to locate a value: escapes make
// a byte at most ten, and lines are indented.
func maxSpan(value string) int { return 10*len(value) + 1<<12 }

// block reads a scalar that follows | or > on lines of its own.
func (r *yamlReader) block(n *ast.LiteralNode) *node {
	at := max(0, r.start(n.Start))
	value := n.Value.Value
	return &node{kind: scalarNode, pos: at, value: value, located: func() text {
		rest := string(r.src.data[at:min(len(r.src.data), at+maxSpan(value))])
		header := strings.IndexByte(rest, '\n') + 1
		if t, ok := align(value, rest[header:], at+header); ok && header > 0 {
			return t
		}
		return fixed(value, at)
	}}
}
