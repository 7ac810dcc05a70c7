package iac

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sort"
	"unicode/utf16"
	"unicode/utf8"
)

// A Source is the content of one file. It is safe for use by several
// goroutines.
type Source struct {
	Path string // as a report shows it
	Data []byte // in UTF-8, without byte order mark

	lines []int // offsets at which lines begin

	// runes counts the characters before each multiple of runeStep bytes, so
	// that a column of a line of megabytes costs no more than any other.
	runes []int
}

const runeStep = 1 << 10

// NewSource prepares the content of a file for questions about places.
func NewSource(path string, data []byte) *Source {
	s := &Source{Path: path, Data: bytes.TrimPrefix(fromUTF16(data), []byte("\ufeff")), lines: []int{0}}
	count := 0
	for i, c := range s.Data {
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

// fromUTF16 returns a text in UTF-8 where its byte order mark says that it is in
// UTF-16: PowerShell writes that.
func fromUTF16(data []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return data
	}
	units := make([]uint16, 0, len(data)/2)
	for ; len(data) > 1; data = data[2:] {
		units = append(units, order.Uint16(data))
	}
	return []byte(string(utf16.Decode(units)))
}

// A Place is a place in a file.
type Place struct {
	Line   int // from 1
	Column int // in characters (Unicode code points), from 1
}

// Lines returns the offsets at which lines begin, in order.
func (s *Source) Lines() []int { return s.lines }

// Place returns the place of a byte offset; offsets outside of the file are
// moved to its ends.
func (s *Source) Place(offset int) Place {
	offset = min(max(offset, 0), len(s.Data))
	line := sort.Search(len(s.lines), func(i int) bool { return s.lines[i] > offset })
	return Place{Line: line, Column: 1 + s.characters(offset) - s.characters(s.lines[line-1])}
}

// characters counts the characters that begin before an offset.
func (s *Source) characters(offset int) int {
	block := offset / runeStep
	n := s.runes[block]
	for _, c := range s.Data[block*runeStep : offset] {
		if utf8.RuneStart(c) {
			n++
		}
	}
	return n
}

// Offset returns the byte offset of a line and column, the inverse of Place;
// false when there is no such place.
func (s *Source) Offset(p Place) (int, bool) {
	if p.Line < 1 || p.Line > len(s.lines) || p.Column < 1 {
		return 0, false
	}
	at := s.lines[p.Line-1]
	for range p.Column - 1 {
		if at >= len(s.Data) || s.Data[at] == '\n' {
			return 0, false
		}
		_, size := utf8.DecodeRune(s.Data[at:])
		at += size
	}
	return at, true
}

// A ReadError says why a file cannot be read, and where that shows.
type ReadError struct {
	Pos int    // offset in the file, -1 when it concerns all of it
	Msg string // lower case, no full stop
}

func (e *ReadError) Error() string { return e.Msg }

// Unreadable returns a *ReadError.
func Unreadable(pos int, format string, args ...any) *ReadError {
	return &ReadError{pos, fmt.Sprintf(format, args...)}
}

// CheckText refuses what is not text in UTF-8. The error is a *ReadError.
func CheckText(data []byte) error {
	if bytes.IndexByte(data, 0) >= 0 {
		return Unreadable(-1, "it is a binary file")
	}
	if utf8.Valid(data) {
		return nil
	}
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return Unreadable(at, "it is not valid UTF-8")
}

// MaxNesting bounds how deep the values of a file are nested: the readers and
// the libraries below them work recursively.
const MaxNesting = 1000
