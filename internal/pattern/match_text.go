package pattern

import (
	"bytes"
	"strings"
)

// match searches the raw text for every term.
//
// Terms with ? are alternatives, but only where there are no others: next to a
// plain or an excluded term they are ignored.
func (n *terms) match(text []byte, r reading) bool {
	onlyOptional := true
	for _, t := range n.list {
		onlyOptional = onlyOptional && t.sign == '?'
	}
	for _, t := range n.list {
		found := bytes.Contains(text, []byte(t.text))
		switch {
		case t.sign == '?':
			if onlyOptional && found {
				return true
			}
		case t.excludes(r) == found:
			return false
		}
	}
	return !onlyOptional
}

// excludes reports whether the term must not occur.
func (t term) excludes(r reading) bool {
	return t.sign == '-' && !(t.detached && r.detachedIgnore)
}

// equalsText reports whether a text equals the value, which is no number: the
// whole of it, or for a regular expression a part.
func (v value) equalsText(s string, r reading) bool {
	if v.kind == valueRegex {
		return v.re.match(s)
	}
	return matchAsterisks(v.text, s, r)
}

// matchAsterisks reports whether s is what want describes. An asterisk at the
// beginning or the end stands for any run of characters, including none; about
// others see reading.
func matchAsterisks(want, s string, r reading) bool {
	if r.midAsterisk {
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
