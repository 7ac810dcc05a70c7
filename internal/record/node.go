package record

import (
	"bytes"
	"encoding/json"
	"slices"
)

// A Node is a JSON value whose members keep their order.
type Node struct {
	Kind    Kind
	Text    string   // String: the text; Number: its spelling
	Names   []string // Object: of the members
	Members []*Node
}

// StringNode returns a string.
func StringNode(s string) *Node { return &Node{Kind: String, Text: s} }

// ObjectNode returns an empty object.
func ObjectNode() *Node { return &Node{Kind: Object} }

// Member returns what a step finds, nil when there is nothing.
func (n *Node) Member(s Step) *Node {
	switch {
	case s.Kind == Name && n.Kind == Object:
		if i := slices.Index(n.Names, s.Name); i >= 0 {
			return n.Members[i]
		}
	case s.Kind == Index && n.Kind == Array && s.Index < len(n.Members):
		return n.Members[s.Index]
	}
	return nil
}

// Set gives an object a member, nil to remove it.
func (n *Node) Set(name string, member *Node) {
	i := slices.Index(n.Names, name)
	switch {
	case i >= 0 && member == nil:
		n.Names = slices.Delete(n.Names, i, i+1)
		n.Members = slices.Delete(n.Members, i, i+1)
	case i >= 0:
		n.Members[i] = member
	case member != nil:
		n.Names = append(n.Names, name)
		n.Members = append(n.Members, member)
	}
}

// AppendTo appends the value as compact JSON to out.
func (n *Node) AppendTo(out []byte) []byte {
	switch n.Kind {
	case True:
		return append(out, "true"...)
	case False:
		return append(out, "false"...)
	case String:
		return append(out, Quote(n.Text)...)
	case Number:
		return append(out, n.Text...)
	case Object, Array:
		return n.appendMembers(out)
	default:
		return append(out, "null"...)
	}
}

func (n *Node) appendMembers(out []byte) []byte {
	brackets := "[]"
	if n.Kind == Object {
		brackets = "{}"
	}
	out = append(out, brackets[0])
	for i, m := range n.Members {
		if i > 0 {
			out = append(out, ',')
		}
		if n.Kind == Object {
			out = append(append(out, Quote(n.Names[i])...), ':')
		}
		out = m.AppendTo(out)
	}
	return append(out, brackets[1])
}

// Quote returns s as a JSON string of a record: <, > and & are not escaped.
func Quote(s string) string {
	if IsPlain(s) {
		return `"` + s + `"`
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""` // a string always encodes
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// IsPlain reports whether nothing in s needs an escape.
func IsPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] >= 0x7f || s[i] == '"' || s[i] == '\\' {
			return false
		}
	}
	return true
}
