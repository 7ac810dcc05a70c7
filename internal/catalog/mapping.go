package catalog

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"
)

// A mapping is a YAML mapping whose keys are known to be allowed.
type mapping struct {
	*reader
	at     place
	what   string // what it describes, for messages: "the control", "an event"
	values map[string]ast.Node
}

// mapping reads n, and fails where a key is none of those allowed.
func (r *reader) mapping(n ast.Node, name string, allowed ...string) mapping {
	m := mapping{reader: r, what: name, values: map[string]ast.Node{}}
	if n == nil {
		return m
	}
	m.at = placeOfNode(n)
	for _, entry := range r.entries(n, name) {
		key := entry.Key.GetToken()
		if !slices.Contains(allowed, key.Value) {
			err := unknown("key", key.Value, allowed)
			r.fail(placeOf(key), err.Hint(), "unknown key %q of %s", key.Value, name)
			return m
		}
		m.values[key.Value] = entry.Value
	}
	return m
}

// entries returns the keys and values of n, which must be a mapping of scalar
// keys.
func (r *reader) entries(n ast.Node, name string) []*ast.MappingValueNode {
	var entries []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		entries = n.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{n}
	default:
		r.fail(placeOfNode(n), "", "%s must be a mapping of keys and values", name)
	}
	for _, entry := range entries {
		if !plain(entry.Key) {
			r.fail(placeOfNode(entry.Key), "", "a key of %s must be a plain word", name)
			return nil
		}
	}
	return entries
}

// plain tells whether a key is a word or number, quoted or not.
func plain(key ast.MapKeyNode) bool {
	switch key.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		return false
	}
	_, ok := key.(ast.ScalarNode)
	return ok
}

// has tells whether the key is there and not empty.
func (m mapping) has(key string) bool {
	n, ok := m.values[key]
	if !ok {
		return false
	}
	_, null := n.(*ast.NullNode)
	return !null
}

// node returns the value of a required key, nil after an error.
func (m mapping) node(key string) ast.Node {
	if !m.has(key) {
		m.fail(m.placeOfKey(key), "", "%s lacks %q", m.what, key)
		return nil
	}
	return m.values[key]
}

// placeOfKey returns the place of a key's value, or of the mapping when it lacks
// the key.
func (m mapping) placeOfKey(key string) place {
	if n, ok := m.values[key]; ok {
		return placeOfNode(n)
	}
	return m.at
}

// text returns the text of a required key.
func (m mapping) text(key string) string {
	n := m.node(key)
	if n == nil {
		return ""
	}
	return m.line(n, key)
}

// optional returns the text of a key, "" without it.
func (m mapping) optional(key string) string {
	if !m.has(key) {
		return ""
	}
	return m.text(key)
}

// line returns the text of a scalar, which must be one line.
func (r *reader) line(n ast.Node, name string) string {
	var text string
	switch n := n.(type) {
	case *ast.StringNode:
		text = n.Value
	case *ast.LiteralNode:
		text = n.Value.Value
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		r.fail(placeOfNode(n), "", "%s must be text: anchors, aliases and tags have no place here", name)
	case ast.ScalarNode:
		r.fail(placeOfNode(n), "write it in quotes", "%s must be text", name)
	default:
		r.fail(placeOfNode(n), "", "%s must be text", name)
	}
	switch {
	case r.err != nil:
		return ""
	case strings.TrimSpace(text) == "":
		r.fail(placeOfNode(n), "", "%s is empty", name)
	case strings.HasSuffix(text, "\n"):
		r.fail(placeOfNode(n), "write |- or >- for a text without one", "%s ends with a line break", name)
	case strings.ContainsFunc(text, unicode.IsControl):
		r.fail(placeOfNode(n), "", "%s must be one line of printable characters", name)
	}
	return text
}

// word returns the text of a required key, which must be one of those allowed.
func (m mapping) word(key string, allowed ...string) string {
	n := m.node(key)
	if n == nil {
		return ""
	}
	return m.oneOf(n, key, allowed)
}

func (r *reader) oneOf(n ast.Node, name string, allowed []string) string {
	word := r.line(n, name)
	if r.err == nil && !slices.Contains(allowed, word) {
		r.fail(placeOfNode(n), unknown(name, word, allowed).Hint(), "unknown %s %q", name, word)
	}
	return word
}

// flag returns "true" or "false" for a key, "" without it.
func (m mapping) flag(key string) string {
	if !m.has(key) {
		return ""
	}
	b, ok := m.values[key].(*ast.BoolNode)
	if !ok {
		m.fail(m.placeOfKey(key), "", "%s must be true or false", key)
		return ""
	}
	return strconv.FormatBool(b.Value)
}

// list returns the items of a key, none without it.
func (m mapping) list(key string) []ast.Node {
	if !m.has(key) {
		return nil
	}
	s, ok := m.values[key].(*ast.SequenceNode)
	if !ok {
		m.fail(m.placeOfKey(key), "", "%s must be a list", key)
		return nil
	}
	return s.Values
}
