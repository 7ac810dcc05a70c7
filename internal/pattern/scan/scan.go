package scan

import (
	"bytes"
	"slices"

	"github.com/monitorctl/monitorctl/internal/record"
)

// maxDepth is how deep arrays and objects of a message may lie in each other,
// as in encoding/json.
const maxDepth = 10_000

// A scanner walks through the bytes of one message and the trie of a set at the
// same time. Its methods take the position to begin at and return the one
// behind what they read, or bad.
type scanner struct {
	data  []byte
	truth []bool // by slot
	buf   []byte // the text of a string that is not plain

	fields []found // those that the set was asked for

	// members are the properties of those objects being read whose members a
	// wildcard stands for; names are their names.
	members []member
	names   []byte
}

// A member is a property of an object.
type member struct {
	name, nameEnd int // in scanner.names
	value         int // where its value begins in the message
}

// scan sets the truths of all slots of the trie. It returns false when the
// message is not exactly one JSON object; then they are meaningless.
func (s *scanner) scan(message []byte, root *trieNode) bool {
	i := s.scanFirst(message, skipBlanks(message, 0), root)
	return i >= 0 && skipBlanks(message, i) == len(message)
}

// scanFirst does so for the JSON object that begins at i, whatever follows it.
func (s *scanner) scanFirst(data []byte, i int, root *trieNode) int {
	if i == len(data) || data[i] != '{' {
		return bad
	}
	s.data = data
	s.members, s.names = s.members[:0], s.names[:0]
	i = s.visit(root, i, 0)
	s.data = nil
	return i
}

// visit reads a value that selectors lead to or through; depth counts the arrays
// and objects around it.
func (s *scanner) visit(n *trieNode, i, depth int) int {
	if uint(i) >= uint(len(s.data)) {
		return bad
	}
	switch s.data[i] {
	case '"':
		end, plain := skipString(s.data, i+1)
		if end >= 0 {
			s.arrive(n, record.String)
			s.testString(n, s.data[i+1:end-1], plain)
			if n.field > 0 {
				s.fields[n.field-1] = found{i + 1, end - 1, plain}
			}
		}
		return end
	case '{':
		s.arrive(n, record.Object)
		return s.object(n, i, depth+1)
	case '[':
		s.arrive(n, record.Array)
		return s.array(n, i, depth+1)
	case 't':
		s.arrive(n, record.True)
	case 'f':
		s.arrive(n, record.False)
	case 'n':
		s.arrive(n, record.Null)
	default:
		end := skipNumber(s.data, i)
		if end >= 0 {
			s.arrive(n, record.Number)
			s.testNumber(n, s.data[i:end])
		}
		return end
	}
	return skipScalar(s.data, i)
}

// arrive sets the slots of n and of all below as they are when a value of a kind
// is found at n.
func (s *scanner) arrive(n *trieNode, kind record.Kind) {
	copy(s.truth[n.first:n.end], n.presets[kind])
	for _, f := range n.fields {
		s.fields[f] = found{}
	}
}

// object reads an object; depth counts it. Calls are spared here where most of
// the time is spent.
func (s *scanner) object(n *trieNode, i, depth int) int {
	if len(n.names) == 0 && n.any == nil {
		return skipNested(s.data, i, depth-1)
	}
	data, members, names := s.data, len(s.members), len(s.names)
	i, more := skipOpening(data, i, depth)
	for turn := 0; more; {
		child, behind := -1, bad
		if i >= 0 && i < len(data)-maxExpectedLength {
			start := load8(data, i+1)
			for k := turn; k < min(turn+maxLeftOut, len(n.expected)); k++ {
				e := &n.expected[k]
				if start&e.mask == e.start && string(data[i:i+len(e.text)]) == e.text {
					child, behind, turn = e.child, skipBlanks(data, i+len(e.text)), k+1
					break
				}
			}
		}
		if behind < 0 {
			child, behind = s.name(n, i)
		}
		switch i = behind; {
		case child >= 0:
			i = s.visit(n.names[child].node, i, depth)
		case uint(i) < uint(len(data)) && data[i] == '"':
			i = skipQuoted(data, i+1)
		default:
			i = skip(data, i, depth)
		}
		if uint(i) < uint(len(data)) && data[i] == ',' {
			i = skipBlanks(data, i+1)
			continue
		}
		i, more = skipComma(data, i, '}')
	}
	if n.any != nil && i >= 0 {
		s.visitMembers(n, members, depth)
		s.members, s.names = s.members[:members], s.names[:names]
	}
	return i
}

// name reads the name of a property of n, with the colon and the blanks around
// it, and finds its place in n.names.
func (s *scanner) name(n *trieNode, i int) (child, behind int) {
	if uint(i) >= uint(len(s.data)) || s.data[i] != '"' {
		return -1, bad
	}
	end, plain := skipString(s.data, i+1)
	if end < 0 {
		return -1, bad
	}
	name := s.data[i+1 : end-1]
	if !plain {
		s.buf = appendUnquoted(s.buf[:0], name)
		name = s.buf
	}
	behind = skipColon(s.data, end)
	if n.any != nil {
		first := len(s.names)
		s.names = append(s.names, name...)
		s.members = append(s.members, member{first, len(s.names), behind})
	}
	return n.byName.find(name), behind
}

// visitMembers has the properties of an object tested for the wildcard of n:
// those of s.members from the given one on, of several with one name the last.
// They have been read, so that they are known to be JSON.
func (s *scanner) visitMembers(n *trieNode, from, depth int) {
	members := s.members[from:]
	name := func(m member) []byte { return s.names[m.name:m.nameEnd] }
	slices.SortFunc(members, func(a, b member) int {
		if c := bytes.Compare(name(a), name(b)); c != 0 {
			return c
		}
		return a.value - b.value
	})
	for i, m := range members {
		if i == len(members)-1 || !bytes.Equal(name(m), name(members[i+1])) {
			s.visitMember(n, m.value, depth)
		}
	}
}

// visitMember reads a member of n for its wildcard and adds the outcome to the
// totals.
func (s *scanner) visitMember(n *trieNode, i, depth int) int {
	i = s.visit(n.any, i, depth)
	for _, t := range n.totals {
		if s.truth[t.member.slot] {
			s.truth[t.all.slot] = t.truth()
		}
	}
	return i
}

// array reads an array; depth counts it.
func (s *scanner) array(n *trieNode, i, depth int) int {
	if len(n.indexes) == 0 && n.any == nil && len(n.tests.nulls) == 0 {
		return skipNested(s.data, i, depth-1)
	}
	i, more := skipOpening(s.data, i, depth)
	for index := 0; more; index++ {
		if uint(i) < uint(len(s.data)) && s.data[i] == 'n' {
			s.write(n.tests.nulls)
		}
		i, more = skipComma(s.data, s.element(n, i, index, depth), ']')
	}
	return i
}

// element reads a member of an array, once for each step that leads to it.
func (s *scanner) element(n *trieNode, i, index, depth int) int {
	behind, read := bad, false
	if n.any != nil {
		behind, read = s.visitMember(n, i, depth), true
	}
	for _, c := range n.indexes {
		if c.index == index {
			behind, read = s.visit(c.node, i, depth), true
		}
	}
	if !read {
		return skip(s.data, i, depth)
	}
	return behind
}

// write sets slots.
func (s *scanner) write(list []slotTruth) {
	for _, st := range list {
		s.truth[st.slot] = st.truth
	}
}
