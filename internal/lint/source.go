package lint

import (
	"bytes"
	"sort"
	"unicode/utf8"
)

// A source is the content of one file.
type source struct {
	data  []byte // without byte order mark
	lines []int  // offsets at which lines begin

	// runes counts the characters before each multiple of runeStep bytes, so
	// that a column of a line of megabytes costs no more than any other.
	runes []int
}

const runeStep = 1 << 10

// newSource prepares the content of a file for questions about places.
func newSource(data []byte) *source {
	s := &source{data: bytes.TrimPrefix(data, []byte("\ufeff")), lines: []int{0}}
	count := 0
	for i, c := range s.data {
		if i%runeStep == 0 {
			s.runes = append(s.runes, count)
		}
		if utf8.RuneStart(c) {
			count++
		}
		if c == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	s.runes = append(s.runes, count)
	return s
}

// A Place is a place in a file.
type Place struct {
	Line   int // from 1
	Column int // in characters (Unicode code points), from 1
}

// place returns the place of a byte offset; offsets outside of the file are
// moved to its ends.
func (s *source) place(offset int) Place {
	offset = min(max(offset, 0), len(s.data))
	line := sort.Search(len(s.lines), func(i int) bool { return s.lines[i] > offset })
	return Place{Line: line, Column: 1 + s.characters(offset) - s.characters(s.lines[line-1])}
}

// characters counts the characters that begin before an offset.
func (s *source) characters(offset int) int {
	block := offset / runeStep
	n := s.runes[block]
	for _, c := range s.data[block*runeStep : offset] {
		if utf8.RuneStart(c) {
			n++
		}
	}
	return n
}

// offset returns the byte offset of a line and column, the inverse of place;
// false when there is no such place.
func (s *source) offset(p Place) (int, bool) {
	if p.Line < 1 || p.Line > len(s.lines) || p.Column < 1 {
		return 0, false
	}
	at := s.lines[p.Line-1]
	for range p.Column - 1 {
		if at >= len(s.data) || s.data[at] == '\n' {
			return 0, false
		}
		_, size := utf8.DecodeRune(s.data[at:])
		at += size
	}
	return at, true
}
