package iac

import (
	"strings"
	"testing"
)

// FuzzText composes, cuts and trims texts: a byte that is not changed stays at
// its place.
func FuzzText(f *testing.F) {
	f.Add("  ab c ", "b", "xy", 1, 4)
	f.Add("", "a", "", 0, 0)
	f.Add("aaaa", "aa", "a", 2, 3)
	f.Fuzz(func(t *testing.T, value, old, with string, from, to int) {
		if old == "" || from < 0 || to < from || to > len(value) {
			t.Skip("no such part")
		}
		whole := Plain(NewSource("x", []byte(value)), value, 0)
		if got := whole.Replace(old, with); got.Value != strings.ReplaceAll(value, old, with) {
			t.Errorf("replace: got %q", got.Value)
		}
		part := whole.Slice(from, to).Trim()
		for i := range part.Value {
			if value[place(part, i)] != part.Value[i] {
				t.Errorf("byte %d of %q stands at %d of %q", i, part.Value, place(part, i), value)
			}
		}
	})
}
