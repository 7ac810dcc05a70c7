package shellword

import "testing"

func TestWords(t *testing.T) {
	for _, tt := range []struct{ word, quoted, needed string }{
		{"plan.json", "'plan.json'", "plan.json"},
		{"", "''", "''"},
		{"a b", "'a b'", "'a b'"},
		{"it's", `'it'\''s'`, `'it'\''s'`},
		{"$HOME", "'$HOME'", "'$HOME'"},
		{"~/x", "'~/x'", "'~/x'"},
		{"a\nb", "'a\nb'", "'a\nb'"},
		{"arn:aws:iam::111122223333:role/a", "'arn:aws:iam::111122223333:role/a'", "arn:aws:iam::111122223333:role/a"},
	} {
		if got := Quote(tt.word); got != tt.quoted {
			t.Errorf("%q: %s, want %s", tt.word, got, tt.quoted)
		}
		if got := IfNeeded(tt.word); got != tt.needed {
			t.Errorf("%q: %s, want %s", tt.word, got, tt.needed)
		}
	}
}
