package match

import (
	"bytes"
	"strings"

	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// matchTerms searches the raw text for every term.
//
// Terms with ? are alternatives, but only where there are no others: next to a
// plain or an excluded term they are ignored.
func matchTerms(n *syntax.Terms, text []byte, r Reading) bool {
	onlyOptional := true
	for _, t := range n.List {
		onlyOptional = onlyOptional && t.Sign == '?'
	}
	for _, t := range n.List {
		found := bytes.Contains(text, []byte(t.Text))
		switch {
		case t.Sign == '?':
			if onlyOptional && found {
				return true
			}
		case Excludes(t, r) == found:
			return false
		}
	}
	return !onlyOptional
}

// Excludes reports whether the term must not occur.
func Excludes(t syntax.Term, r Reading) bool {
	return t.Sign == '-' && !(t.Detached && r.DetachedIgnore)
}

// EqualsText reports whether a text equals the value, which is no number: the
// whole of it, or for a regular expression a part.
func EqualsText(v syntax.Value, s string, r Reading) bool {
	if v.Kind == syntax.ValueRegex {
		return v.Regex.Match(s)
	}
	return matchAsterisks(v.Text, s, r)
}

// matchAsterisks reports whether s is what want describes. An asterisk at the
// beginning or the end stands for any run of characters, including none; about
// others see Reading.
func matchAsterisks(want, s string, r Reading) bool {
	if r.MidAsterisk {
		return matchParts(strings.Split(want, "*"), s)
	}
	if want == "*" {
		return true
	}
	want, open := strings.CutPrefix(want, "*")
	want, openEnd := strings.CutSuffix(want, "*")
	switch {
	case open && openEnd:
		return strings.Contains(s, want)
	case open:
		return strings.HasSuffix(s, want)
	case openEnd:
		return strings.HasPrefix(s, want)
	default:
		return s == want
	}
}

// matchParts reports whether s consists of the parts with anything between them.
func matchParts(parts []string, s string) bool {
	last := len(parts) - 1
	if last == 0 {
		return s == parts[0]
	}
	s, ok := strings.CutPrefix(s, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1:last] {
		// The first place is as good as any: it leaves the most text.
		if _, s, ok = strings.Cut(s, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(s, parts[last])
}
