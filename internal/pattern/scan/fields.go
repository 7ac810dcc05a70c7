package scan

import (
	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/record"
)

// A Field is a property of messages, given by the names that lead to it from the
// top: eventTime, or userIdentity and arn.
type Field []string

// A Result is what a Set finds in one message. It may be used for one message
// after the other; what it holds is valid until the next one.
type Result struct {
	Verdicts []match.Verdict // one for each pattern, in the order in which they were compiled

	// Fields are the texts of the fields, in the order in which they were
	// compiled; nil where the message has none, or where it is no string.
	Fields [][]byte

	text []byte // of fields that are written with escapes
}

// found is where a field is in the message: between its quotes. The zero value
// is one that is not there.
type found struct {
	from, to int
	plain    bool // as in skipString
}

// addField puts a field into the trie.
func (n *trieNode) addField(f Field, place int) {
	for _, name := range f {
		n = n.child(record.Step{Kind: record.Name, Name: name})
	}
	n.field = place + 1
}

func (n *trieNode) fieldsBelow() []int {
	var list []int
	if n.field > 0 {
		list = append(list, n.field-1)
	}
	for _, c := range n.names {
		list = append(list, c.node.fields...)
	}
	return list
}

// Read matches one message and finds its fields. A message that is not exactly
// one JSON object has no fields.
func (s *Set) Read(message []byte, r *Result) {
	if s.root == nil {
		s.none(message, r)
		return
	}
	sc := s.scanner()
	if sc.scan(message, s.root) {
		s.fill(message, sc, r)
	} else {
		s.none(message, r)
	}
	s.scanners.Put(sc)
}

// Next is Read for data that goes on behind the message: it takes the JSON object
// that data begins with, and returns its length in bytes. The length is -1, and r
// means nothing, when data does not begin with a whole JSON object.
func (s *Set) Next(data []byte, r *Result) int {
	if s.root == nil {
		n := bad
		if len(data) > 0 && data[0] == '{' {
			n = skip(data, 0, 0)
		}
		if n >= 0 {
			s.none(data[:n], r)
		}
		return n
	}
	sc := s.scanner()
	n := sc.scanFirst(data, 0, s.root)
	if n >= 0 {
		s.fill(data[:n], sc, r)
	}
	s.scanners.Put(sc)
	return n
}

// fill takes what a scanner found in a message.
func (s *Set) fill(message []byte, sc *scanner, r *Result) {
	r.Verdicts, r.Fields, r.text = r.Verdicts[:0], r.Fields[:0], r.text[:0]
	for _, start := range s.starts {
		r.Verdicts = append(r.Verdicts, follow(s.jumps, start, sc.truth))
	}
	s.settle(r.Verdicts, message, sc.truth)
	for _, f := range sc.fields {
		switch raw := message[f.from:f.to:f.to]; {
		case f.to == 0:
			r.Fields = append(r.Fields, nil)
		case f.plain:
			r.Fields = append(r.Fields, raw)
		default:
			from := len(r.text)
			r.text = appendUnquoted(r.text, raw)
			r.Fields = append(r.Fields, r.text[from:len(r.text):len(r.text)])
		}
	}
}

// none is fill for a message that is not one JSON object.
func (s *Set) none(message []byte, r *Result) {
	r.Verdicts = s.appendNone(r.Verdicts[:0])
	s.settle(r.Verdicts, message, nil)
	r.Fields = r.Fields[:0]
	for range s.fields {
		r.Fields = append(r.Fields, nil)
	}
}

// EndOfValue returns the length of the JSON value that data begins with, in bytes,
// or -1 when it does not begin with a whole one. A number at the very end of data
// may go on behind it.
func EndOfValue(data []byte) int { return skip(data, 0, 0) }

// AppendText appends the text of a JSON string, which is known to be one, quotes
// included.
func AppendText(text, quoted []byte) []byte { return appendUnquoted(text, quoted[1:len(quoted)-1]) }
