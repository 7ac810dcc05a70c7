package eventpattern

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// An Event is an event taken apart for matching. It is immutable and safe for
// use by several goroutines.
type Event struct {
	leaves map[string][]leaf // by path
}

// A membership says that something stands in one member of an array.
type membership struct{ array, index int }

// errNoEvent is for what is no JSON object.
var errNoEvent = errors.New("the event is not a JSON object")

// Decode takes an event apart, for several patterns to match it. The error is a
// *SyntaxError for what is not strict JSON or nests too deep; text behind the
// closing brace is ignored.
func Decode(event []byte) (*Event, error) {
	text := string(event)
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	d := &decoder{reader: reader{text: text}, event: &Event{leaves: map[string][]leaf{}}}
	if d.next() != '{' {
		return nil, errNoEvent
	}
	if err := d.object(""); err != nil {
		return nil, err
	}
	return d.event, nil
}

type decoder struct {
	reader
	event  *Event
	arrays int // how many have begun
	depth  int

	// nameless is set below an empty name that is not at the top: the engine
	// finds nothing there.
	nameless bool

	members []membership // of the value that is read
}

// enter counts one more level.
func (d *decoder) enter() error {
	d.pos++
	if d.depth++; d.depth > MaxDepth {
		return d.fail(d.pos, "objects and arrays nest deeper than %d", MaxDepth)
	}
	return nil
}

// object takes the members; prefix is the path with a dot behind it, or empty.
func (d *decoder) object(prefix string) error {
	if err := d.enter(); err != nil {
		return err
	}
	defer func() { d.depth-- }()
	for first := true; ; first = false {
		more, err := d.more('}', first)
		if err != nil || !more {
			return err
		}
		name, err := d.name()
		if err != nil {
			return err
		}
		nameless := d.nameless
		d.nameless = nameless || name == "" && prefix != ""
		if err := d.value(prefix + name); err != nil {
			return err
		}
		d.nameless = nameless
	}
}

// array takes the members of an array at path. Only members that are objects
// or arrays bind their leaves together.
func (d *decoder) array(path string) error {
	if err := d.enter(); err != nil {
		return err
	}
	defer func() { d.depth-- }()
	id := d.arrays
	d.arrays++
	for index, first := 0, true; ; first = false {
		more, err := d.more(']', first)
		if err != nil || !more {
			return err
		}
		if c := d.next(); c != '{' && c != '[' {
			if err := d.value(path); err != nil {
				return err
			}
			continue
		}
		d.members = append(d.members, membership{id, index})
		if err := d.value(path); err != nil {
			return err
		}
		d.members = d.members[:len(d.members)-1]
		index++
	}
}

// value takes any value at path.
func (d *decoder) value(path string) error {
	l := leaf{}
	switch d.next() {
	case '{':
		return d.object(path + ".")
	case '[':
		return d.array(path)
	case '"':
		text, err := d.str()
		if err != nil {
			return err
		}
		l.text = text
		l.digits, _ = addressDigits(text)
	default:
		word, err := d.scalar()
		if err != nil {
			return err
		}
		l.kind, l.text = leafConstant, word
		if c := word[0]; c == '-' || c >= '0' && c <= '9' {
			l.kind, l.number = leafNumber, newNumber(word)
		}
	}
	if d.nameless {
		return nil
	}
	l.members = slices.Clone(d.members)
	d.event.leaves[path] = append(d.event.leaves[path], l)
	return nil
}
