package report

import "testing"

// TestFold breaks what is told to a person between words, and nothing that is to be copied.
func TestFold(t *testing.T) {
	for _, tt := range []struct {
		text  string
		width int
		want  string
	}{
		{"one two three", 0, "one two three"},
		{"one two three", 8, "one two\n  three"},
		{"run 'monitorctl apply --yes' now", 14, "run\n  'monitorctl apply --yes'\n  now"},
		{"it's the owner's own", 10, "it's the\n  owner's\n  own"},
		{"  aws sns confirm-subscription", 10, "  aws sns confirm-subscription"},
		{"a word-that-is-longer-than-a-line b", 10, "a\n  word-that-is-longer-than-a-line\n  b"},
		{"日本 日本 日本", 9, "日本 日本\n  日本"},
	} {
		if got := Fold(tt.text, tt.width); got != tt.want {
			t.Errorf("%q in %d: %q, want %q", tt.text, tt.width, got, tt.want)
		}
	}
}
