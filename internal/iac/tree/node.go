// Package tree reads JSON, YAML and TOML documents into nodes that know their places.
package tree

import (
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/iac"
)

// A Node is a value of a document. An alias of YAML is the node of
// its anchor, so that nodes can be shared: whoever walks a document keeps a set
// of those that were seen.
type Node struct {
	Kind  Kind
	Pos   int    // offset at which the value begins
	Tag   string // of YAML: "!Sub"; "" if there is none
	Value string // of scalars

	// Quoted says that a scalar stands in quotes or in a block: it is a text,
	// whatever it looks like.
	Quoted bool

	Fields []Field
	Items  []*Node

	located func() iac.Text
}

// A Field is a key of a mapping with its value.
type Field struct {
	Key   string
	Pos   int // offset at which the key begins
	Value *Node
}

// A Kind is the form of a value.
type Kind byte

// The kinds of nodes.
const (
	Null Kind = iota
	Scalar
	Mapping
	Sequence
	Foreign // something that is not followed
)

// Text returns the value of a scalar with the places of its bytes.
func (n *Node) Text() iac.Text { return n.located() }

// IsMapping reports whether there is a mapping. It may be asked of nil.
func (n *Node) IsMapping() bool { return n != nil && n.Kind == Mapping }

// IsScalar reports whether there is a scalar. It may be asked of nil.
func (n *Node) IsScalar() bool { return n != nil && n.Kind == Scalar }

// Get returns the value of a key, of several the last one, or nil. A key of a
// mapping that is merged in (<<) counts where there is no other. It may be asked
// of nil.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	for _, f := range slices.Backward(n.Fields) {
		if f.Key == key {
			return f.Value
		}
	}
	for _, f := range n.Fields {
		if f.Key != "<<" {
			continue
		}
		for _, m := range append([]*Node{f.Value}, f.Value.Items...) {
			if m.Kind == Mapping && m != n {
				if v := m.Get(key); v != nil {
					return v
				}
			}
		}
	}
	return nil
}

// Is reports whether there is a scalar of this value. It may be asked of nil.
func (n *Node) Is(value string) bool { return n.IsScalar() && n.Value == value }

// Read reads the documents of a JSON or YAML text. JSON is what says so or looks
// so; YAML can begin with a brace, too. The error is a *iac.ReadError.
func Read(t iac.Text, isJSON bool) ([]*Node, error) {
	if isJSON || strings.HasPrefix(strings.TrimLeft(t.Value, " \t\r\n"), "{") {
		doc, err := ReadJSON(t)
		if err == nil || isJSON {
			if doc == nil {
				return nil, err
			}
			return []*Node{doc}, err
		}
	}
	return ReadYAML(t)
}
