package tree

import (
	"bytes"
	"errors"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/monitorctl/monitorctl/internal/iac"
)

// ReadYAML reads the documents of a YAML text. The error is a *iac.ReadError,
// with an offset in the text.
func ReadYAML(t iac.Text) (docs []*Node, err error) {
	// The library loses its place at ends of lines with a carriage return; a blank
	// in its place means nothing.
	data := bytes.ReplaceAll([]byte(t.Value), []byte("\r\n"), []byte(" \n"))
	if at := tooDeep(data); at >= 0 {
		return nil, iac.Unreadable(at, "values are nested more than %d levels deep", iac.MaxNesting)
	}
	r := &yamlReader{src: iac.NewSource("", data), outer: t, anchors: map[string]*Node{}}
	file, err := parseYAML(data)
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
			err = iac.Unreadable(-1, "the YAML parser gave up")
		}
	}()
	return parser.ParseBytes(data, 0)
}

// tooDeep returns the offset at which values may be nested too deep, or -1.
// It counts open brackets, wherever they stand, and the marks of entries at the
// beginning of a line: the parser works recursively and looks back for each.
func tooDeep(data []byte) int {
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
		lineBegins = lineBegins && (iac.IsBlank(c) || c == '-' || c == '?')
		if brackets > iac.MaxNesting || entries > iac.MaxNesting {
			return i
		}
	}
	return -1
}

// A yamlReader makes nodes of the library's tree, in the order of the file.
type yamlReader struct {
	src     *iac.Source // the text
	outer   iac.Text
	anchors map[string]*Node

	// The library loses one column for each tag in a line.
	tagLine, tags int
}

func (r *yamlReader) fail(err error) error {
	var syntax yaml.Error
	var read *iac.ReadError
	switch {
	case errors.As(err, &read):
		return read
	case errors.As(err, &syntax):
		return iac.Unreadable(r.start(syntax.GetToken()), "%s", syntax.GetMessage())
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return iac.Unreadable(-1, "%s", first)
}

// start returns the offset at which a token begins, -1 when that is not known.
func (r *yamlReader) start(t *token.Token) int {
	if t == nil || t.Position == nil {
		return -1
	}
	p := iac.Place{Line: t.Position.Line, Column: t.Position.Column}
	if p.Line == r.tagLine {
		p.Column += r.tags
	}
	if at, ok := r.src.Offset(p); ok {
		return at
	}
	return -1
}

func (r *yamlReader) node(n ast.Node) *Node {
	switch n := n.(type) {
	case *ast.TagNode:
		return r.tagged(n)
	case *ast.AliasNode:
		if n.Value != nil {
			if of := r.anchors[n.Value.GetToken().Value]; of != nil {
				return of
			}
		}
		return r.foreign(n)
	case *ast.AnchorNode:
		return r.anchor(n)
	case *ast.MappingNode:
		return r.mapping(n, n.Values)
	case *ast.MappingValueNode:
		return r.mapping(n, []*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		return r.sequence(n)
	case *ast.NullNode:
		return &Node{Pos: max(0, r.start(n.GetToken()))}
	case *ast.LiteralNode:
		return r.block(n)
	case ast.ScalarNode:
		return r.scalar(n)
	}
	return r.foreign(n)
}

func (r *yamlReader) anchor(n *ast.AnchorNode) *Node {
	if n.Value == nil {
		return r.foreign(n)
	}
	v := r.node(n.Value)
	if n.Name != nil {
		r.anchors[n.Name.GetToken().Value] = v
	}
	return v
}

func (r *yamlReader) foreign(n ast.Node) *Node {
	return &Node{Kind: Foreign, Pos: max(0, r.start(n.GetToken()))}
}

func (r *yamlReader) tagged(n *ast.TagNode) *Node {
	t := n.GetToken()
	at := max(0, r.start(t))
	if t.Position.Line != r.tagLine {
		r.tagLine, r.tags = t.Position.Line, 0
	}
	r.tags++
	inner := &Node{Kind: Foreign}
	if n.Value != nil {
		inner = r.node(n.Value)
	}
	if _, ok := n.Value.(*ast.AliasNode); ok {
		own := *inner // the anchor goes without the tag
		inner = &own
	}
	inner.Tag, inner.Pos = t.Value, at
	return inner
}

func (r *yamlReader) mapping(n ast.Node, values []*ast.MappingValueNode) *Node {
	m := &Node{Kind: Mapping, Pos: max(0, r.start(n.GetToken()))}
	for _, v := range values {
		if v.Key == nil || v.Value == nil {
			continue
		}
		key := v.Key.GetToken().Value
		m.Fields = append(m.Fields, Field{key, max(0, r.start(v.Key.GetToken())), r.node(v.Value)})
	}
	if len(values) > 0 && values[0].Key != nil {
		m.Pos = max(0, r.start(values[0].Key.GetToken()))
	}
	return m
}

func (r *yamlReader) sequence(n *ast.SequenceNode) *Node {
	s := &Node{Kind: Sequence, Pos: max(0, r.start(n.GetToken()))}
	for _, v := range n.Values {
		s.Items = append(s.Items, r.node(v))
	}
	return s
}

// scalar reads a scalar that stands in quotes or as it is.
func (r *yamlReader) scalar(n ast.ScalarNode) *Node {
	t := n.GetToken()
	value := t.Value
	if s, ok := n.(*ast.StringNode); ok {
		value = s.Value
	}
	at := r.start(t)
	quoted := t.Type == token.DoubleQuoteType || t.Type == token.SingleQuoteType
	return &Node{Kind: Scalar, Pos: max(0, at), Value: value, Quoted: quoted, located: func() iac.Text { return r.locate(t.Type, value, at).Through(r.outer) }}
}

// locate finds the bytes of a scalar that begins at an offset.
func (r *yamlReader) locate(kind token.Type, value string, at int) iac.Text {
	if at < 0 {
		return iac.Fixed(nil, value, 0)
	}
	raw := string(r.src.Data[at:min(len(r.src.Data), at+maxSpan(value))])
	var t iac.Text
	ok := false
	switch {
	case kind == token.DoubleQuoteType && strings.HasPrefix(raw, `"`):
		t, ok = iac.Align(nil, value, raw[1:], at+1, iac.DoubleQuoted)
	case kind == token.SingleQuoteType && strings.HasPrefix(raw, `'`):
		t, ok = iac.Align(nil, value, raw[1:], at+1, iac.SingleQuoted)
	case kind != token.DoubleQuoteType && kind != token.SingleQuoteType:
		t, ok = iac.Align(nil, value, raw, at)
	}
	if !ok {
		return iac.Fixed(nil, value, at)
	}
	return t
}

// maxSpan bounds how much of a file is looked at to locate a value: escapes make
// a byte at most ten, and lines are indented.
func maxSpan(value string) int { return 10*len(value) + 1<<12 }

// block reads a scalar that follows | or > on lines of its own.
func (r *yamlReader) block(n *ast.LiteralNode) *Node {
	at := max(0, r.start(n.Start))
	value := n.Value.Value
	return &Node{Kind: Scalar, Pos: at, Value: value, Quoted: true, located: func() iac.Text {
		return r.locateBlock(value, at).Through(r.outer)
	}}
}

// locateBlock finds the bytes of a block whose header begins at an offset.
func (r *yamlReader) locateBlock(value string, at int) iac.Text {
	rest := string(r.src.Data[at:min(len(r.src.Data), at+maxSpan(value))])
	header := strings.IndexByte(rest, '\n') + 1
	if t, ok := iac.Align(nil, value, rest[header:], at+header); ok && header > 0 {
		return t
	}
	return iac.Fixed(nil, value, at)
}
