package tree

import (
	"errors"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/monitorctl/monitorctl/internal/iac"
)

// ReadTOML reads a TOML document. Tables and dotted keys become mappings, arrays
// of tables sequences of them. Keys that are defined twice, which TOML forbids,
// are kept. The error is a *iac.ReadError, with an offset in the text.
func ReadTOML(t iac.Text) (doc *Node, err error) {
	data := []byte(t.Value)
	if at := tooDeep(data); at >= 0 {
		return nil, iac.Unreadable(at, "values are nested more than %d levels deep", iac.MaxNesting)
	}
	defer func() {
		if p := recover(); p != nil { // a file must not end the program
			doc, err = nil, iac.Unreadable(-1, "the TOML parser gave up")
		}
	}()
	r := &tomlReader{outer: t, root: &Node{Kind: Mapping}, tables: map[*Node]*tomlTable{}}
	r.parser.Reset(data)
	return r.root, r.read()
}

// A tomlReader makes nodes of the library's expressions, in the order of the
// file.
type tomlReader struct {
	outer  iac.Text
	parser unstable.Parser
	root   *Node
	tables map[*Node]*tomlTable
	err    error // the first thing that was refused beside the library
}

// A tomlTable is what is kept of a mapping while it is read.
type tomlTable struct {
	keys  map[string]int // where keys are among its fields
	depth int
}

// of returns what is kept of a mapping.
func (r *tomlReader) of(n *Node) *tomlTable {
	t := r.tables[n]
	if t == nil {
		t = &tomlTable{keys: map[string]int{}}
		r.tables[n] = t
	}
	return t
}

func (r *tomlReader) read() error {
	table := r.root
	for r.err == nil && r.parser.NextExpression() {
		switch e := r.parser.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			table = r.table(e)
		case unstable.KeyValue:
			r.assign(table, e)
		}
	}
	if r.err != nil {
		return r.err
	}
	err := r.parser.Error()
	var syntax *unstable.ParserError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax) && len(syntax.Highlight) > 0:
		return iac.Unreadable(int(r.parser.Range(syntax.Highlight).Offset), "%s", syntax.Message)
	}
	return iac.Unreadable(-1, "%v", err)
}

// table returns the mapping that a header opens.
func (r *tomlReader) table(e *unstable.Node) *Node {
	at := r.root
	for key := e.Key(); key.Next(); {
		if e.Kind == unstable.ArrayTable && key.IsLast() {
			return r.another(at, key.Node())
		}
		at = r.inside(at, key.Node())
	}
	return at
}

// another appends a table to an array of tables.
func (r *tomlReader) another(in *Node, key *unstable.Node) *Node {
	list := r.field(in, key)
	if list == nil || list.Kind != Sequence {
		list = &Node{Kind: Sequence, Pos: position(key)}
		r.set(in, key, list)
	}
	table := r.below(in, position(key))
	list.Items = append(list.Items, table)
	return table
}

// inside returns the mapping under a key: of an array of tables the last one,
// where there is no mapping a new one.
func (r *tomlReader) inside(in *Node, key *unstable.Node) *Node {
	at := r.field(in, key)
	if at != nil && at.Kind == Sequence && len(at.Items) > 0 {
		at = at.Items[len(at.Items)-1]
	}
	if !at.IsMapping() {
		at = r.below(in, position(key))
		r.set(in, key, at)
	}
	return at
}

// below returns a new mapping in another one.
func (r *tomlReader) below(in *Node, pos int) *Node {
	n := &Node{Kind: Mapping, Pos: pos}
	depth := r.of(in).depth + 1
	r.of(n).depth = depth
	if depth > iac.MaxNesting && r.err == nil {
		r.err = iac.Unreadable(pos, "values are nested more than %d levels deep", iac.MaxNesting)
	}
	return n
}

// assign puts a value under a key, which may be dotted.
func (r *tomlReader) assign(table *Node, e *unstable.Node) {
	for key := e.Key(); key.Next(); {
		if key.IsLast() {
			r.set(table, key.Node(), r.value(e.Value(), table, position(key.Node())))
			return
		}
		table = r.inside(table, key.Node())
	}
}

func (r *tomlReader) field(in *Node, key *unstable.Node) *Node {
	if i, ok := r.of(in).keys[string(key.Data)]; ok {
		return in.Fields[i].Value
	}
	return nil
}

func (r *tomlReader) set(in *Node, key *unstable.Node, v *Node) {
	r.of(in).keys[string(key.Data)] = len(in.Fields)
	in.Fields = append(in.Fields, Field{string(key.Data), position(key), v})
}

func position(n *unstable.Node) int { return int(n.Raw.Offset) }

// value makes the node of a value in a mapping; at is where it begins if the
// library does not say.
func (r *tomlReader) value(v *unstable.Node, in *Node, at int) *Node {
	switch v.Kind {
	case unstable.Array:
		n := &Node{Kind: Sequence, Pos: at}
		for item := v.Children(); item.Next(); {
			n.Items = append(n.Items, r.value(item.Node(), in, at))
		}
		return n
	case unstable.InlineTable:
		n := r.below(in, position(v))
		for item := v.Children(); item.Next(); {
			r.assign(n, item.Node())
		}
		return n
	}
	return r.scalar(v)
}

func (r *tomlReader) scalar(v *unstable.Node) *Node {
	value, raw, at := string(v.Data), string(r.parser.Raw(v.Raw)), position(v)
	if v.Kind != unstable.String {
		return &Node{Kind: Scalar, Pos: at, Value: raw, located: func() iac.Text { return iac.Plain(nil, raw, at).Through(r.outer) }}
	}
	return &Node{Kind: Scalar, Pos: at, Value: value, Quoted: true, located: func() iac.Text { return tomlText(value, raw, at).Through(r.outer) }}
}

// tomlText locates a text that stands in quotes of any kind.
func tomlText(value, raw string, at int) iac.Text {
	marks := 1
	if strings.HasPrefix(raw, `"""`) || strings.HasPrefix(raw, "'''") {
		marks = 3
	}
	var escapes []iac.Unescape
	if strings.HasPrefix(raw, `"`) {
		escapes = append(escapes, iac.DoubleQuoted)
	}
	if t, ok := iac.Align(nil, value, raw[marks:], at+marks, escapes...); ok {
		return t
	}
	return iac.Fixed(nil, value, at)
}

// IsTOML reports whether a file is TOML by its name.
func IsTOML(name string) bool { return strings.HasSuffix(strings.ToLower(name), ".toml") }
