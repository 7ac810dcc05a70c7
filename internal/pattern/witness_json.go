package pattern

import (
	"bytes"
	"encoding/json"
	"slices"
)

// A jsonNode is a JSON value whose members keep their order.
type jsonNode struct {
	kind    nodeKind
	text    string   // nodeString: the text; nodeNumber: its spelling
	names   []string // nodeObject: of the members
	members []*jsonNode
}

func stringNode(s string) *jsonNode { return &jsonNode{kind: nodeString, text: s} }

func objectNode() *jsonNode { return &jsonNode{kind: nodeObject} }

// member returns what a step finds, nil when there is nothing.
func (n *jsonNode) member(s step) *jsonNode {
	switch {
	case s.kind == stepName && n.kind == nodeObject:
		if i := slices.Index(n.names, s.name); i >= 0 {
			return n.members[i]
		}
	case s.kind == stepIndex && n.kind == nodeArray && s.index < len(n.members):
		return n.members[s.index]
	}
	return nil
}

// set gives an object a member, nil to remove it.
func (n *jsonNode) set(name string, member *jsonNode) {
	i := slices.Index(n.names, name)
	switch {
	case i >= 0 && member == nil:
		n.names = slices.Delete(n.names, i, i+1)
		n.members = slices.Delete(n.members, i, i+1)
	case i >= 0:
		n.members[i] = member
	case member != nil:
		n.names = append(n.names, name)
		n.members = append(n.members, member)
	}
}

// appendTo writes the value as compact JSON.
func (n *jsonNode) appendTo(out []byte) []byte {
	switch n.kind {
	case nodeTrue:
		return append(out, "true"...)
	case nodeFalse:
		return append(out, "false"...)
	case nodeString:
		return append(out, jsonString(n.text)...)
	case nodeNumber:
		return append(out, n.text...)
	case nodeObject, nodeArray:
		return n.appendMembers(out)
	default:
		return append(out, "null"...)
	}
}

func (n *jsonNode) appendMembers(out []byte) []byte {
	brackets := "[]"
	if n.kind == nodeObject {
		brackets = "{}"
	}
	out = append(out, brackets[0])
	for i, m := range n.members {
		if i > 0 {
			out = append(out, ',')
		}
		if n.kind == nodeObject {
			out = append(append(out, jsonString(n.names[i])...), ':')
		}
		out = m.appendTo(out)
	}
	return append(out, brackets[1])
}

// jsonString returns s as it stands in a record: <, > and & are not escaped.
func jsonString(s string) string {
	if isPlainJSON(s) {
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

// isPlainJSON says whether nothing in s needs an escape.
func isPlainJSON(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] >= 0x7f || s[i] == '"' || s[i] == '\\' {
			return false
		}
	}
	return true
}
