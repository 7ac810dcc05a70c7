package scan

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/monitorctl/monitorctl/internal/pattern/match"
)

// A glob is a text with asterisks that stand for any characters: the parts
// between them. One part is a plain text.
type glob [][]byte

// newGlob returns what a text means under a reading: without midAsterisk, an
// asterisk between other characters is one of them.
func newGlob(text string, r match.Reading) glob {
	var parts []string
	if r.MidAsterisk {
		parts = strings.Split(text, "*")
	} else {
		rest, open := strings.CutPrefix(text, "*")
		rest, openEnd := strings.CutSuffix(rest, "*")
		if open {
			parts = append(parts, "")
		}
		parts = append(parts, rest)
		if openEnd {
			parts = append(parts, "")
		}
	}
	g := make(glob, 0, len(parts))
	for _, part := range parts {
		g = append(g, []byte(part))
	}
	return g
}

// matches reports whether text consists of the parts with anything between them.
func (g glob) matches(text []byte) bool {
	last := len(g) - 1
	if last == 0 {
		return bytes.Equal(text, g[0])
	}
	text, ok := bytes.CutPrefix(text, g[0])
	if !ok {
		return false
	}
	for _, part := range g[1:last] {
		if _, text, ok = bytes.Cut(text, part); !ok {
			return false
		}
	}
	return bytes.HasSuffix(text, g[last])
}

// A lookup finds texts among those that it was made of. Most texts that it is
// asked for are not among them, and have a length that none of them has.
type lookup struct {
	lengths uint64 // bit n is set if there is a text of n bytes; the last one, of 63 or more
	shift   uint8  // takes a hash to a place in slots
	slots   []lookupSlot
}

// A lookupSlot is empty if its index is negative.
type lookupSlot struct {
	ends  textEnds
	text  string
	index int
}

// newLookup returns a lookup of different texts.
func newLookup(texts []string) lookup {
	bits := 1
	for 1<<bits < 2*len(texts) {
		bits++
	}
	l := lookup{shift: uint8(64 - bits), slots: make([]lookupSlot, 1<<bits)}
	for i := range l.slots {
		l.slots[i].index = -1
	}
	for i, text := range texts {
		l.lengths |= lengthBit(len(text))
		ends := endsOf([]byte(text))
		at := ends.hash() >> l.shift
		for l.slots[at].index >= 0 {
			at = (at + 1) % uint64(len(l.slots))
		}
		l.slots[at] = lookupSlot{ends, text, i}
	}
	return l
}

func lengthBit(n int) uint64 { return 1 << min(uint(n), 63) }

// has reports whether some text has the length n, or is of 63 bytes or more like n.
func (l *lookup) has(n int) bool { return l.lengths&lengthBit(n) != 0 }

// find returns the place of text among the texts, -1 when it is none of them.
func (l *lookup) find(text []byte) int {
	if !l.has(len(text)) {
		return -1
	}
	ends := endsOf(text)
	for at := ends.hash() >> l.shift; ; at = (at + 1) % uint64(len(l.slots)) {
		s := &l.slots[at]
		if s.index < 0 || s.ends == ends && len(s.text) == len(text) && (len(text) <= 16 || s.text == string(text)) {
			return s.index
		}
	}
}

// textEnds are the first and the last eight bytes of a text: all there is of one
// of up to 16.
type textEnds struct{ first, last uint64 }

func endsOf(text []byte) textEnds {
	n := len(text)
	switch {
	case n >= 8:
		return textEnds{binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint64(text[n-8:])}
	case n >= 4:
		return textEnds{uint64(binary.LittleEndian.Uint32(text)), uint64(binary.LittleEndian.Uint32(text[n-4:]))}
	}
	var e textEnds
	for _, c := range text {
		e.first = e.first<<8 | uint64(c)
	}
	return e
}

// hash mixes the two; its highest bits are the best.
func (e textEnds) hash() uint64 {
	const k1, k2 = 0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f
	h := e.first*k1 ^ e.last*k2
	return (h ^ h>>29) * k1
}
