package iac

import (
	"strings"
	"testing"
)

// Places are those that counting character by character gives.
func TestPlaces(t *testing.T) {
	content := "äb\n\n" + strings.Repeat("é€x", 2000) + "\r\n😀 end"
	src := NewSource("x", []byte(content))
	at := Place{1, 1}
	for offset, r := range content {
		if got := src.Place(offset); got != at {
			t.Fatalf("offset %d: got %v, want %v", offset, got, at)
		}
		if back, ok := src.Offset(at); !ok || back != offset {
			t.Fatalf("%v: got offset %d, %t, want %d", at, back, ok, offset)
		}
		at.Column++
		if r == '\n' {
			at = Place{at.Line + 1, 1}
		}
	}
	if got := src.Place(len(content) + 5); got != at {
		t.Errorf("behind the end: got %v, want %v", got, at)
	}
	for _, p := range []Place{{0, 1}, {1, 0}, {9, 1}, {1, 9}} {
		if got, ok := src.Offset(p); ok {
			t.Errorf("%v: got offset %d, want none", p, got)
		}
	}
}

func TestTextParts(t *testing.T) {
	var b Builder
	src := NewSource("x", nil)
	b.Add(Plain(src, "abc", 10))
	b.Add(Fixed(src, "XY", 50))
	b.Decoded("é", src, 60)
	b.Add(Plain(src, "de", 66))
	whole := b.Text()
	if whole.Value != "abcXYéde" {
		t.Fatalf("got %q", whole.Value)
	}
	want := []int{10, 11, 12, 50, 50, 60, 61, 66, 67}
	for i, pos := range want {
		if got := place(whole, i); got != pos {
			t.Errorf("byte %d: got %d, want %d", i, got, pos)
		}
	}
	for from := range len(want) {
		for to := from; to < len(want); to++ {
			part := whole.Slice(from, to)
			if part.Value != whole.Value[from:to] {
				t.Fatalf("slice %d:%d is %q", from, to, part.Value)
			}
			for i := range part.Value {
				if got := place(part, i); got != want[from+i] {
					t.Errorf("slice %d:%d, byte %d: got %d, want %d", from, to, i, got, want[from+i])
				}
			}
		}
	}
	replaced := Plain(src, "a-b--c", 100).Replace("-", "<>")
	if replaced.Value != "a<>b<><>c" || place(replaced, 3) != 102 || place(replaced, 2) != 101 || place(replaced, 8) != 105 {
		t.Errorf("got %+v", replaced)
	}
	trimmed := Plain(src, " \t x y \r\n", 7).Trim()
	if trimmed.Value != "x y" || place(trimmed, 0) != 10 || place(trimmed, 2) != 12 {
		t.Errorf("got %+v", trimmed)
	}
	if blank := Plain(src, " \n ", 7).Trim(); blank.Value != "" {
		t.Errorf("got %q", blank.Value)
	}
	if place(Text{}, 3) != 0 || (Text{}).Slice(0, 0).Value != "" {
		t.Error("the empty text has places")
	}
}

func TestAlign(t *testing.T) {
	for _, c := range []struct {
		name, value, raw string
		escapes          []Unescape
		last             int // place of the last byte, -1 when they do not fit
	}{
		{"equal", "abc", "abc", nil, 2},
		{"indented", "a\nb", "  a\n    b", nil, 8},
		{"folded", "a b", "a\n   b", nil, 5},
		{"folded with a blank line", "a\nb", "a\n\n   b", nil, 6},
		{"other text", "abc", "abd", nil, -1},
		{"too short", "abc", "ab", nil, -1},
		{"single quotes", "a'b", "a''b", []Unescape{SingleQuoted}, 3},
		{"escapes", "\t\"é😀x", `\t\"\u00e9\ud83d\ude00x`, []Unescape{DoubleQuoted}, 22},
		{"half a character", "\ufffdx", `\ud83dx`, []Unescape{DoubleQuoted}, 6},
		{"an escape that ends early", "a", `\u00`, []Unescape{DoubleQuoted}, -1},
		{"a line that goes on", "ab", "a\\\n   b", []Unescape{DoubleQuoted}, 6},
		{"a line that goes on, CRLF", "ab", "a\\\r\n   b", []Unescape{DoubleQuoted}, 7},
		{"marks of templates", "${a}%{b}c", "$${a}%%{b}c", []Unescape{TemplateMarks}, 10},
		{"escapes of templates", "a\n\"\\é", `a\n\"\\\u00e9`, []Unescape{TemplateQuoted}, 7},
		{"eight digits", "😀x", `\U0001F600x`, []Unescape{TemplateQuoted}, 10},
		{"unknown escape", "q", `\q`, []Unescape{TemplateQuoted}, -1},
	} {
		got, ok := Align(NewSource("x", nil), c.value, c.raw, 0, c.escapes...)
		switch {
		case ok != (c.last >= 0):
			t.Errorf("%s: fits: %t", c.name, ok)
		case ok && (got.Value != c.value || place(got, lastRune(c.value)) != c.last):
			t.Errorf("%s: got %q, last at %d, want %q, %d", c.name, got.Value, place(got, lastRune(c.value)), c.value, c.last)
		}
	}
}

// place returns where a byte stands in its file.
func place(t Text, i int) int {
	_, pos := t.At(i)
	return pos
}

// lastRune returns the offset of the last character.
func lastRune(s string) int {
	last := 0
	for i := range s {
		last = i
	}
	return last
}
