package lint

import "fmt"

// A node is a value of a JSON or YAML document.
type node struct {
	kind  nodeKind
	pos   int    // offset in the file at which the value begins
	tag   string // of YAML: "!Sub"; "" if there is none
	value string // of scalars

	// located returns the value of a scalar with the places of its bytes.
	located func() text

	fields []fieldNode
	items  []*node
}

type fieldNode struct {
	key   string
	value *node
}

type nodeKind byte

const (
	nullNode nodeKind = iota
	scalarNode
	mappingNode
	sequenceNode
	foreignNode // an alias or something else that is not followed
)

// get returns the value of a key, of several the last one, or nil. It may be
// asked of nil.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for i := len(n.fields) - 1; i >= 0; i-- {
		if n.fields[i].key == key {
			return n.fields[i].value
		}
	}
	return nil
}

// isScalar says whether there is a scalar of this value.
func (n *node) isScalar(value string) bool {
	return n != nil && n.kind == scalarNode && n.value == value
}

// maxNesting bounds how deep the values of a file are nested: the readers and
// the libraries below them work recursively.
const maxNesting = 1000

// A readError says why a file cannot be read, and where that shows.
type readError struct {
	pos int // offset in the file, -1 when it concerns all of it
	msg string
}

func (e *readError) Error() string { return e.msg }

func unreadable(pos int, format string, args ...any) *readError {
	return &readError{pos, fmt.Sprintf(format, args...)}
}
