package scan

import (
	"unicode/utf16"
	"unicode/utf8"
)

// appendUnquoted appends the text of a JSON string, which has been read, to dst.
// As in encoding/json, U+FFFD stands in place of what is not Unicode: bytes that
// are not UTF-8, and halves of surrogate pairs.
func appendUnquoted(dst, raw []byte) []byte {
	for len(raw) > 0 {
		switch c := raw[0]; {
		case c == '\\':
			dst, raw = appendEscape(dst, raw)
		case c < utf8.RuneSelf:
			dst, raw = append(dst, c), raw[1:]
		default:
			r, size := utf8.DecodeRune(raw)
			dst, raw = utf8.AppendRune(dst, r), raw[size:]
		}
	}
	return dst
}

// appendEscape appends the character of the escape that raw begins with, and
// returns what follows.
func appendEscape(dst, raw []byte) (text, rest []byte) {
	switch c := raw[1]; c {
	case 'u':
		r := hexRune(raw)
		raw = raw[6:]
		if utf16.IsSurrogate(r) {
			low := rune(-1)
			if len(raw) >= 6 && raw[0] == '\\' && raw[1] == 'u' {
				low = hexRune(raw)
			}
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				raw = raw[6:]
			}
		}
		return utf8.AppendRune(dst, r), raw
	case 'b':
		return append(dst, '\b'), raw[2:]
	case 'f':
		return append(dst, '\f'), raw[2:]
	case 'n':
		return append(dst, '\n'), raw[2:]
	case 'r':
		return append(dst, '\r'), raw[2:]
	case 't':
		return append(dst, '\t'), raw[2:]
	default:
		return append(dst, c), raw[2:] // " \ /
	}
}

// hexRune returns the value of \uXXXX.
func hexRune(raw []byte) rune {
	var r rune
	for _, c := range raw[2:6] {
		switch {
		case c <= '9':
			c -= '0'
		case c <= 'F':
			c -= 'A' - 10
		default:
			c -= 'a' - 10
		}
		r = r<<4 | rune(c)
	}
	return r
}
