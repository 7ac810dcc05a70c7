package eventpattern

import "strings"

// newStringTest prepares a test. The text of a wildcard is well formed.
func newStringTest(op StringOp, text string) StringTest {
	t := StringTest{Op: op, Text: text}
	switch op {
	case Equals:
		if digits, ok := addressDigits(text); ok {
			t.span = &span{digits, digits}
		}
	case EqualsFold, PrefixFold, SuffixFold:
		t.folded = fold(text)
	case MatchesWildcard:
		t.parts = wildcardParts(text)
	}
	return t
}

// holds reports whether the string text passes.
func (t *StringTest) holds(text string) bool {
	switch t.Op {
	case Prefix:
		return strings.HasPrefix(text, t.Text)
	case Suffix:
		return strings.HasSuffix(text, t.Text)
	case EqualsFold:
		return t.folded.equal(text)
	case PrefixFold:
		return t.folded.prefixOf(text)
	case SuffixFold:
		return t.folded.suffixOf(text)
	case MatchesWildcard:
		return matchParts(text, t.parts)
	default:
		return text == t.Text
	}
}

// wildcardParts returns the unescaped texts between the asterisks.
func wildcardParts(text string) []string {
	var parts []string
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '*':
			parts = append(parts, b.String())
			b.Reset()
			continue
		case text[i] == '\\':
			i++
		}
		b.WriteByte(text[i])
	}
	return append(parts, b.String())
}

// matchParts reports whether text is the parts with anything between them.
// Taking each part where it first occurs leaves the most for the rest.
func matchParts(text string, parts []string) bool {
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return text == first
	}
	if len(text) < len(first)+len(last) || !strings.HasPrefix(text, first) || !strings.HasSuffix(text, last) {
		return false
	}
	text = text[len(first) : len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		_, rest, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = rest
	}
	return true
}

// badWildcard returns where a wildcard's text is malformed, in bytes, and why;
// the reason is empty when it is not.
func badWildcard(text string) (at int, why string) {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '*' && i > 0 && text[i-1] == '*' && !escaped(text, i-1):
			return i, "two asterisks in a row are refused"
		case text[i] == '\\' && (i+1 == len(text) || text[i+1] != '*' && text[i+1] != '\\'):
			return i, `a backslash in a wildcard stands before * or \ only`
		case text[i] == '\\':
			i++
		}
	}
	return 0, ""
}

// escaped reports whether an odd number of backslashes stands before byte i.
func escaped(text string, i int) bool {
	before := strings.TrimRight(text[:i], `\`)
	return (i-len(before))%2 == 1
}
