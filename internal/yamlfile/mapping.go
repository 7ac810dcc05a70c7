package yamlfile

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"

	"github.com/monitorctl/monitorctl/internal/spelling"
)

// A Mapping is a YAML mapping whose keys are known to be allowed.
type Mapping struct {
	Values map[string]ast.Node // by key
	At     Place

	r    *Reader
	what string // what it describes, for messages: "the control", "an event"
}

// Mapping reads n, and fails where a key is none of those allowed. Nothing is
// read from a nil n. The name is what n describes: "the control", "an event".
func (r *Reader) Mapping(n ast.Node, name string, allowed ...string) Mapping {
	m := Mapping{r: r, what: name, Values: map[string]ast.Node{}}
	if n == nil {
		return m
	}
	m.At = PlaceOf(n)
	for _, entry := range r.Entries(n, name) {
		key := entry.Key.GetToken()
		if !slices.Contains(allowed, key.Value) {
			err := spelling.Unknown("key", key.Value, allowed)
			r.Fail(placeOf(key), err.Hint(), "unknown key %q of %s", key.Value, name)
			return m
		}
		m.Values[key.Value] = entry.Value
	}
	return m
}

// Entries returns the keys and values of n, which must be a mapping of scalar
// keys.
func (r *Reader) Entries(n ast.Node, name string) []*ast.MappingValueNode {
	var entries []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		entries = n.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{n}
	default:
		r.Fail(PlaceOf(n), "", "%s must be a mapping of keys and values", name)
	}
	for _, entry := range entries {
		if !plain(entry.Key) {
			r.Fail(PlaceOf(entry.Key), "", "a key of %s must be a plain word", name)
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

// Has tells whether the key is there and not empty.
func (m Mapping) Has(key string) bool {
	n, ok := m.Values[key]
	if !ok {
		return false
	}
	_, null := n.(*ast.NullNode)
	return !null
}

// Node returns the value of a required key, nil after an error.
func (m Mapping) Node(key string) ast.Node {
	if !m.Has(key) {
		m.r.Fail(m.PlaceOfKey(key), "", "%s lacks %q", m.what, key)
		return nil
	}
	return m.Values[key]
}

// PlaceOfKey returns the place of a key's value, or of the mapping when it lacks
// the key.
func (m Mapping) PlaceOfKey(key string) Place {
	if n, ok := m.Values[key]; ok {
		return PlaceOf(n)
	}
	return m.At
}

// Text returns the text of a required key.
func (m Mapping) Text(key string) string {
	n := m.Node(key)
	if n == nil {
		return ""
	}
	return m.r.Line(n, key)
}

// Optional returns the text of a key, "" without it.
func (m Mapping) Optional(key string) string {
	if !m.Has(key) {
		return ""
	}
	return m.Text(key)
}

// Line returns the text of a scalar, which must be one line.
func (r *Reader) Line(n ast.Node, name string) string {
	var text string
	switch n := n.(type) {
	case *ast.StringNode:
		text = n.Value
	case *ast.LiteralNode:
		text = n.Value.Value
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		r.Fail(PlaceOf(n), "", "%s must be text: anchors, aliases and tags have no place here", name)
	case ast.ScalarNode:
		r.Fail(PlaceOf(n), "write it in quotes", "%s must be text", name)
	default:
		r.Fail(PlaceOf(n), "", "%s must be text", name)
	}
	switch {
	case r.err != nil:
		return ""
	case strings.TrimSpace(text) == "":
		r.Fail(PlaceOf(n), "", "%s is empty", name)
	case strings.HasSuffix(text, "\n"):
		r.Fail(PlaceOf(n), "write |- or >- for a text without one", "%s ends with a line break", name)
	case strings.ContainsFunc(text, unicode.IsControl):
		r.Fail(PlaceOf(n), "", "%s must be one line of printable characters", name)
	}
	return text
}

// Word returns the text of a required key, which must be one of those allowed.
func (m Mapping) Word(key string, allowed ...string) string {
	n := m.Node(key)
	if n == nil {
		return ""
	}
	return m.r.OneOf(n, key, allowed)
}

// OneOf returns the text of a scalar that must be one of those allowed.
func (r *Reader) OneOf(n ast.Node, name string, allowed []string) string {
	word := r.Line(n, name)
	if r.err == nil && !slices.Contains(allowed, word) {
		r.Fail(PlaceOf(n), spelling.Unknown(name, word, allowed).Hint(), "unknown %s %q", name, word)
	}
	return word
}

// Flag returns "true" or "false" for a key, "" without it.
func (m Mapping) Flag(key string) string {
	if !m.Has(key) {
		return ""
	}
	b, ok := m.Values[key].(*ast.BoolNode)
	if !ok {
		m.r.Fail(m.PlaceOfKey(key), "", "%s must be true or false", key)
		return ""
	}
	return strconv.FormatBool(b.Value)
}

// List returns the items of a key, none without it.
func (m Mapping) List(key string) []ast.Node {
	if !m.Has(key) {
		return nil
	}
	s, ok := m.Values[key].(*ast.SequenceNode)
	if !ok {
		m.r.Fail(m.PlaceOfKey(key), "", "%s must be a list", key)
		return nil
	}
	return s.Values
}
