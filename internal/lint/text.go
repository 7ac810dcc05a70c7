package lint

import (
	"sort"
	"strings"
)

// A text is a string of which every byte remembers where in the file it stands.
type text struct {
	value string
	marks []mark // by at; none for the empty text
}

// A mark says where the bytes from one on stand.
type mark struct {
	at  int // offset in the text
	pos int // offset in the file

	// fixed says that all bytes up to the next mark stand at pos, as far as is
	// known.
	fixed bool
}

// plain is a text that stands in the file as it is.
func plain(value string, pos int) text { return text{value, []mark{{0, pos, false}}} }

// fixed is a text of which only the beginning can be located.
func fixed(value string, pos int) text { return text{value, []mark{{0, pos, true}}} }

// pos returns the offset in the file of byte i of the text.
func (t text) pos(i int) int {
	after := sort.Search(len(t.marks), func(k int) bool { return t.marks[k].at > i })
	if after == 0 {
		return 0
	}
	return t.marks[after-1].locate(i)
}

func (m mark) locate(i int) int {
	if m.fixed {
		return m.pos
	}
	return m.pos + i - m.at
}

// slice returns a part of the text.
func (t text) slice(from, to int) text {
	cut := text{value: t.value[from:to]}
	for k, m := range t.marks {
		end := len(t.value) + 1
		if k+1 < len(t.marks) {
			end = t.marks[k+1].at
		}
		if end <= from || m.at > to {
			continue
		}
		at := max(m.at, from)
		cut.marks = append(cut.marks, mark{at - from, m.locate(at), m.fixed})
	}
	return cut
}

// trim returns the text without blanks at its ends.
func (t text) trim() text {
	const blanks = " \t\r\n"
	from := len(t.value) - len(strings.TrimLeft(t.value, blanks))
	return t.slice(from, max(from, len(strings.TrimRight(t.value, blanks))))
}

// replace replaces every occurrence of a text that is not empty. What is put in
// stands where the occurrence began.
func (t text) replace(old, with string) text {
	var b textBuilder
	from := 0
	for {
		i := strings.Index(t.value[from:], old)
		if i < 0 {
			b.add(t.slice(from, len(t.value)))
			return b.text()
		}
		b.add(t.slice(from, from+i))
		b.add(fixed(with, t.pos(from+i)))
		from += i + len(old)
	}
}

// A textBuilder puts texts together.
type textBuilder struct {
	value strings.Builder
	marks []mark
}

func (b *textBuilder) add(t text) {
	if t.value == "" && b.value.Len() > 0 {
		return
	}
	for _, m := range t.marks {
		b.mark(mark{b.value.Len() + m.at, m.pos, m.fixed})
	}
	b.value.WriteString(t.value)
}

// decoded adds what bytes of the file at pos stand for.
func (b *textBuilder) decoded(value string, pos int) {
	b.mark(mark{at: b.value.Len(), pos: pos})
	b.value.WriteString(value)
}

// mark adds a mark unless the one before says as much.
func (b *textBuilder) mark(m mark) {
	if n := len(b.marks); n > 0 {
		last := b.marks[n-1]
		if last.fixed == m.fixed && last.locate(m.at) == m.pos {
			return
		}
		if last.at == m.at {
			b.marks[n-1] = m
			return
		}
	}
	b.marks = append(b.marks, m)
}

func (b *textBuilder) text() text { return text{b.value.String(), b.marks} }
