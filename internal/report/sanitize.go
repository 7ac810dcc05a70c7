package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sanitize makes text from an account safe to show on a terminal: control
// characters (C0, DEL, C1, line and paragraph separators), bidirectional and
// other invisible format characters, noncharacters, and bytes that are not
// UTF-8 appear as Go escapes, \x1b or \u202e. Other text stays as it is, a backslash too:
// the result is for reading, not for decoding.
//
// Runners of CI systems look for commands in the logs that they read: for
// ##[error] anywhere in a line, for ::error:: at its start. The second of two
// number signs becomes \x23, the first of two colons at the start of text \x3a.
//
// The zero-width joiners stay, because scripts and emoji need them and they
// move nothing.
func Sanitize(text string) string {
	if isSafe(text) {
		return text
	}
	var b strings.Builder
	if command := strings.TrimLeft(text, " "); strings.HasPrefix(command, "::") {
		b.WriteString(text[:len(text)-len(command)] + `\x3a`)
		text = command[1:]
	}
	sign := false // the last character written is a number sign
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		second := sign && r == '#'
		sign = r == '#' && !second
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case second:
			b.WriteString(`\x23`)
		case isSafeRune(r):
			b.WriteRune(r)
		default:
			b.WriteString(escapeRune(r))
		}
		i += size
	}
	return b.String()
}

// isSafe is the common case of Sanitize, without allocation.
func isSafe(text string) bool {
	if strings.Contains(text, "##") || strings.HasPrefix(strings.TrimLeft(text, " "), "::") {
		return false
	}
	for i, r := range text {
		if !isSafeRune(r) {
			return false
		}
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return false
			}
		}
	}
	return true
}

// isSafeRune reports whether r neither moves the cursor nor hides or reorders
// what stands around it.
func isSafeRune(r rune) bool {
	const zeroWidthNonJoiner, zeroWidthJoiner = '\u200c', '\u200d'
	switch {
	case r >= ' ' && r < '\x7f':
		return true
	case r == zeroWidthNonJoiner, r == zeroWidthJoiner:
		return true
	case r == '\u2028', r == '\u2029':
		return false
	case r&0xfffe == 0xfffe:
		return false // no characters at all, and XML 1.0 forbids two of them
	}
	return !unicode.In(r, unicode.Cc, unicode.Cf)
}

// escapeRune writes r as Go source does.
func escapeRune(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < utf8.RuneSelf:
		return fmt.Sprintf(`\x%02x`, r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04x`, r)
	default:
		return fmt.Sprintf(`\U%08x`, r)
	}
}
