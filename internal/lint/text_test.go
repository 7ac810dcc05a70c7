package lint

import (
	"strings"
	"testing"
)

// Places are those that counting character by character gives.
func TestPlaces(t *testing.T) {
	content := "äb\n\n" + strings.Repeat("é€x", 2000) + "\r\n😀 end"
	src := newSource([]byte(content))
	at := Place{1, 1}
	for offset, r := range content {
		if got := src.place(offset); got != at {
			t.Fatalf("offset %d: got %v, want %v", offset, got, at)
		}
		if back, ok := src.offset(at); !ok || back != offset {
			t.Fatalf("%v: got offset %d, %t, want %d", at, back, ok, offset)
		}
		at.Column++
		if r == '\n' {
			at = Place{at.Line + 1, 1}
		}
	}
	if got := src.place(len(content) + 5); got != at {
		t.Errorf("behind the end: got %v, want %v", got, at)
	}
	for _, p := range []Place{{0, 1}, {1, 0}, {9, 1}, {1, 9}} {
		if got, ok := src.offset(p); ok {
			t.Errorf("%v: got offset %d, want none", p, got)
		}
	}
}

func TestTextParts(t *testing.T) {
	var b textBuilder
	b.add(plain("abc", 10))
	b.add(fixed("XY", 50))
	b.decoded("é", 60)
	b.add(plain("de", 66))
	whole := b.text()
	if whole.value != "abcXYéde" {
		t.Fatalf("got %q", whole.value)
	}
	want := []int{10, 11, 12, 50, 50, 60, 61, 66, 67}
	for i, pos := range want {
		if got := whole.pos(i); got != pos {
			t.Errorf("byte %d: got %d, want %d", i, got, pos)
		}
	}
	for from := range len(want) {
		for to := from; to < len(want); to++ {
			part := whole.slice(from, to)
			if part.value != whole.value[from:to] {
				t.Fatalf("slice %d:%d is %q", from, to, part.value)
			}
			for i := range part.value {
				if got := part.pos(i); got != want[from+i] {
					t.Errorf("slice %d:%d, byte %d: got %d, want %d", from, to, i, got, want[from+i])
				}
			}
		}
	}
	replaced := plain("a-b--c", 100).replace("-", "<>")
	if replaced.value != "a<>b<><>c" || replaced.pos(3) != 102 || replaced.pos(2) != 101 || replaced.pos(8) != 105 {
		t.Errorf("got %+v", replaced)
	}
	trimmed := plain(" \t x y \r\n", 7).trim()
	if trimmed.value != "x y" || trimmed.pos(0) != 10 || trimmed.pos(2) != 12 {
		t.Errorf("got %+v", trimmed)
	}
	if blank := plain(" \n ", 7).trim(); blank.value != "" {
		t.Errorf("got %q", blank.value)
	}
	if (text{}).pos(3) != 0 || (text{}).slice(0, 0).value != "" {
		t.Error("the empty text has places")
	}
}

func TestAlign(t *testing.T) {
	for _, c := range []struct {
		name, value, raw string
		escapes          []unescape
		last             int // place of the last byte, -1 when they do not fit
	}{
		{"equal", "abc", "abc", nil, 2},
		{"indented", "a\nb", "  a\n    b", nil, 8},
		{"folded", "a b", "a\n   b", nil, 5},
		{"folded with a blank line", "a\nb", "a\n\n   b", nil, 6},
		{"other text", "abc", "abd", nil, -1},
		{"too short", "abc", "ab", nil, -1},
		{"single quotes", "a'b", "a''b", []unescape{singleQuoted}, 3},
		{"escapes", "\t\"é😀x", `\t\"\u00e9\ud83d\ude00x`, []unescape{doubleQuoted}, 22},
		{"half a character", "\ufffdx", `\ud83dx`, []unescape{doubleQuoted}, 6},
		{"an escape that ends early", "a", `\u00`, []unescape{doubleQuoted}, -1},
		{"a line that goes on", "ab", "a\\\n   b", []unescape{doubleQuoted}, 6},
		{"a line that goes on, CRLF", "ab", "a\\\r\n   b", []unescape{doubleQuoted}, 7},
		{"marks of templates", "${a}%{b}c", "$${a}%%{b}c", []unescape{templateMarks}, 10},
		{"escapes of templates", "a\n\"\\é", `a\n\"\\\u00e9`, []unescape{templateQuoted}, 7},
		{"eight digits", "😀x", `\U0001F600x`, []unescape{templateQuoted}, 10},
		{"unknown escape", "q", `\q`, []unescape{templateQuoted}, -1},
	} {
		got, ok := align(c.value, c.raw, 0, c.escapes...)
		switch {
		case ok != (c.last >= 0):
			t.Errorf("%s: fits: %t", c.name, ok)
		case ok && (got.value != c.value || got.pos(lastRune(c.value)) != c.last):
			t.Errorf("%s: got %q, last at %d, want %q, %d", c.name, got.value, got.pos(lastRune(c.value)), c.value, c.last)
		}
	}
}

// lastRune returns the offset of the last character.
func lastRune(s string) int {
	last := 0
	for i := range s {
		last = i
	}
	return last
}
