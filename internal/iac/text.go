package iac

import (
	"slices"
	"sort"
	"strings"
)

// MaxText bounds a text in bytes while it is put together.
const MaxText = 1 << 16

// A Text is a string whose bytes remember where they stand. The zero
// value is the empty text that stands nowhere.
type Text struct {
	Value string
	marks []mark // by at; none for the empty text
}

// A mark says where the bytes from one on stand.
type mark struct {
	at  int // offset in the text
	src *Source
	pos int // offset in src

	// fixed says that all bytes up to the next mark stand at pos, as far as is
	// known.
	fixed bool
}

// Plain is a text that stands in a file as it is, from pos on.
func Plain(src *Source, value string, pos int) Text { return Text{value, []mark{{0, src, pos, false}}} }

// Fixed is a text that can be located by its beginning only.
func Fixed(src *Source, value string, pos int) Text { return Text{value, []mark{{0, src, pos, true}}} }

// At returns the file and the offset in it of byte i of the text; nil for the
// empty text.
func (t Text) At(i int) (*Source, int) {
	after := sort.Search(len(t.marks), func(k int) bool { return t.marks[k].at > i })
	if after == 0 {
		return nil, 0
	}
	m := t.marks[after-1]
	return m.src, m.locate(i)
}

// Sources returns the files in which parts of the text stand, each once.
func (t Text) Sources() []*Source {
	var list []*Source
	for _, m := range t.marks {
		if m.src != nil && !slices.Contains(list, m.src) {
			list = append(list, m.src)
		}
	}
	return list
}

func (m mark) locate(i int) int {
	if m.fixed {
		return m.pos
	}
	return m.pos + i - m.at
}

// Slice returns a part of the text.
func (t Text) Slice(from, to int) Text {
	cut := Text{Value: t.Value[from:to]}
	first := max(0, sort.Search(len(t.marks), func(k int) bool { return t.marks[k].at > from })-1)
	for k := first; k < len(t.marks) && t.marks[k].at <= to; k++ {
		m := t.marks[k]
		at := max(m.at, from)
		cut.marks = append(cut.marks, mark{at - from, m.src, m.locate(at), m.fixed})
	}
	return cut
}

const blanks = " \t\r\n"

// Trim returns the text without blanks at its ends.
func (t Text) Trim() Text {
	from := len(t.Value) - len(strings.TrimLeft(t.Value, blanks))
	return t.Slice(from, max(from, len(strings.TrimRight(t.Value, blanks))))
}

// Replace replaces every occurrence of a text that is not empty. What is put in
// stands where the occurrence began.
func (t Text) Replace(old, with string) Text {
	var b Builder
	from := 0
	for {
		i := strings.Index(t.Value[from:], old)
		if i < 0 {
			b.Add(t.Slice(from, len(t.Value)))
			return b.Text()
		}
		b.Add(t.Slice(from, from+i))
		src, pos := t.At(from + i)
		b.Add(Fixed(src, with, pos))
		from += i + len(old)
	}
}

// Through returns a text that was located in the value of another one, located
// in the files in which that one stands.
func (t Text) Through(outer Text) Text {
	var b Builder
	for k, m := range t.marks {
		end := len(t.Value)
		if k+1 < len(t.marks) {
			end = t.marks[k+1].at
		}
		part := t.Value[m.at:end]
		if to := m.pos + len(part); !m.fixed && to <= len(outer.Value) {
			own := outer.Slice(m.pos, to)
			own.Value = part // what the bytes stand for: an escape, a blank for a line end
			b.Add(own)
			continue
		}
		src, pos := outer.At(min(m.pos, len(outer.Value)))
		b.Add(Fixed(src, part, pos))
	}
	return b.Text()
}

// A Builder puts texts together.
type Builder struct {
	value strings.Builder
	marks []mark
}

// Len returns how many bytes were added.
func (b *Builder) Len() int { return b.value.Len() }

// Add adds a text. The place of an empty one counts only in front.
func (b *Builder) Add(t Text) {
	if t.Value == "" && b.value.Len() > 0 {
		return
	}
	for _, m := range t.marks {
		b.mark(mark{b.value.Len() + m.at, m.src, m.pos, m.fixed})
	}
	b.value.WriteString(t.Value)
}

// Decoded adds what bytes of a file at pos stand for.
func (b *Builder) Decoded(value string, src *Source, pos int) {
	b.mark(mark{at: b.value.Len(), src: src, pos: pos})
	b.value.WriteString(value)
}

// mark adds a mark unless the one before says as much.
func (b *Builder) mark(m mark) {
	if n := len(b.marks); n > 0 {
		last := b.marks[n-1]
		if last.src == m.src && last.fixed == m.fixed && last.locate(m.at) == m.pos {
			return
		}
		if last.at == m.at {
			b.marks[n-1] = m
			return
		}
	}
	b.marks = append(b.marks, m)
}

// Text returns what was put together.
func (b *Builder) Text() Text { return Text{b.value.String(), b.marks} }
