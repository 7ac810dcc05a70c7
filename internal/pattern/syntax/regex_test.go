package syntax

import "testing"

func TestRegex(t *testing.T) {
	for _, c := range []struct {
		text, match, miss string // "" for none
	}{
		{`abc`, "xabcx", "ab"},
		{`^abc$`, "abc", "xabc"},
		{`a.c`, "abc", "a\nc"},
		{`a|b`, "xb", "c"},
		{`^a{2}$`, "aa", "aaa"},
		{`^a{2,}$`, "aaaa", "a"},
		{`^a{2,3}$`, "aaa", "aaaa"},
		{`^a{,2}$`, "aa", "aaa"},
		{`^a{,2}$`, "", "aaa"},
		{`^[^a-c]+$`, "xyz", "xay"},
		{`^[]a]+$`, "]a", "b"},
		{`^[^]a]+$`, "b", "]"},
		{`^[a\]$-]+$`, "]$-", "\\"},
		{`[$]`, "a$", "a"},
		{`a$`, "a\n", "a\nb"},
		{`a$`, "a", "a\n\n"},
		{`a$|b$`, "b", "bc"},
		{`\$`, "$", "a"},
		{`\d\D`, "1a", "11"},
		{`\s`, "\n", "a"},
		{`^\S$`, "a", " "},
		{`^\w$`, "_", "é"},
		{`\W`, "é", "a"},
		{`\x28\x29`, "()", "("},
		{`\x2a`, "*", "a"},
		{`\.\*\+\?\^\[\]\{\}\|\\`, `.*+?^[]{}|\`, "x"},
		{`a\-b\/\_`, "a-b/_", "ab"},
		{`a+?b`, "aab", "b"},
		{`a b`, "a b", "ab"},
		{`]}`, "]}", "]"},
		{`a:b_c#d=e@f/g;h,i-j`, "a:b_c#d=e@f/g;h,i-j", "a"},
	} {
		re, bad := newRegex(c.text)
		if bad != nil {
			t.Errorf("%s: %v", c.text, bad)
			continue
		}
		if !re.Match(c.match) || !re.MatchBytes([]byte(c.match)) {
			t.Errorf("%s does not match %q", c.text, c.match)
		}
		if c.miss != "" && (re.Match(c.miss) || re.MatchBytes([]byte(c.miss))) {
			t.Errorf("%s matches %q", c.text, c.miss)
		}
	}
}

// TestRegexErrors gives the byte at which each expression goes wrong.
func TestRegexErrors(t *testing.T) {
	for text, offset := range map[string]int{
		``: 0, `*a`: 0, `a|*`: 2, `ab**`: 2, `a{2}{3}`: 1, `a{3,2}`: 1, `a{1001}`: 1,
		`ab{`: 2, `ab{x}`: 2, `ab{}`: 2, `ab{,}`: 2, `ab{1,2,3}`: 2, `ab{ 1}`: 2,
		`ab[`: 2, `ab[]`: 2, `ab[a`: 2, `ab[[:alpha:]]`: 3, `ab[b-a]`: 3,
		`ab\`: 2, `ab\p`: 2, `ab\b`: 2, `ab\n`: 2, `ab\1`: 2, `ab\Q`: 2, `ab\x1`: 2, `ab\x{41}`: 2, `ab\xgg`: 2,
	} {
		_, bad := newRegex(text)
		if bad == nil {
			t.Errorf("%s compiles", text)
		} else if bad.offset != offset || bad.why == "" {
			t.Errorf("%s: error %q at %d, want %d", text, bad.why, bad.offset, offset)
		}
	}
}
