package iac

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// An Unescape returns what an escape at the beginning of raw stands for and how
// many bytes it takes; 0 when there is no escape.
type Unescape func(raw string) (decoded string, size int)

// Align finds out where in raw, which begins at pos of src, the bytes of a value stand:
// escapes, indentation that was cut and lines that were folded lie between them.
// It returns false when raw does not make this value.
func Align(src *Source, value, raw string, pos int, escapes ...Unescape) (Text, bool) {
	var b Builder
	i, j := 0, 0 // in raw and value
	for j < len(value) {
		if i >= len(raw) {
			return Text{}, false
		}
		if decoded, size := escapeAt(raw[i:], escapes); size > 0 && strings.HasPrefix(value[j:], decoded) {
			b.Decoded(decoded, src, pos+i)
			i, j = i+size, j+len(decoded)
			continue
		}
		switch {
		case raw[i] == value[j], IsBlank(raw[i]) && IsBlank(value[j]):
			b.Decoded(value[j:j+1], src, pos+i)
			i, j = i+1, j+1
		case IsBlank(raw[i]):
			i++
		default:
			return Text{}, false
		}
	}
	if value == "" {
		return Plain(src, "", pos), true
	}
	return b.Text(), true
}

func escapeAt(raw string, escapes []Unescape) (decoded string, size int) {
	for _, e := range escapes {
		if decoded, size = e(raw); size > 0 {
			return decoded, size
		}
	}
	return "", 0
}

// IsBlank reports whether a byte is a space, a tab or part of a line end.
func IsBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// SingleQuoted holds the escapes of YAML's single-quoted scalars.
func SingleQuoted(raw string) (string, int) {
	if strings.HasPrefix(raw, "''") {
		return "'", 2
	}
	return "", 0
}

// DoubleQuoted holds the escapes of YAML's double-quoted scalars and of JSON.
func DoubleQuoted(raw string) (string, int) {
	if len(raw) < 2 || raw[0] != '\\' {
		return "", 0
	}
	if decoded, ok := yamlEscapes[raw[1]]; ok {
		return decoded, 2
	}
	switch raw[1] {
	case 'x':
		return numbered(raw, 2)
	case 'u':
		return surrogates(raw)
	case 'U':
		return numbered(raw, 8)
	case '\r':
		if strings.HasPrefix(raw, "\\\r\n") {
			return "", 3
		}
	}
	return "", 0
}

var yamlEscapes = map[byte]string{
	'0': "\x00", 'a': "\a", 'b': "\b", 't': "\t", '\t': "\t", 'n': "\n", 'v': "\v", 'f': "\f", 'r': "\r", 'e': "\x1b",
	' ': " ", '"': `"`, '/': "/", '\\': `\`, 'N': "\u0085", '_': "\u00a0", 'L': "\u2028", 'P': "\u2029", '\n': "",
}

// TemplateQuoted holds the escapes of HCL's quoted templates.
func TemplateQuoted(raw string) (string, int) {
	if len(raw) < 2 || raw[0] != '\\' {
		return "", 0
	}
	switch raw[1] {
	case 'n':
		return "\n", 2
	case 'r':
		return "\r", 2
	case 't':
		return "\t", 2
	case '"', '\\':
		return raw[1:2], 2
	case 'u':
		return numbered(raw, 4)
	case 'U':
		return numbered(raw, 8)
	}
	return "", 0
}

// TemplateMarks holds the escapes of all of HCL's templates.
func TemplateMarks(raw string) (string, int) {
	if strings.HasPrefix(raw, "$${") || strings.HasPrefix(raw, "%%{") {
		return raw[1:3], 3
	}
	return "", 0
}

// Substitutions holds the escapes of CloudFormation's Fn::Sub.
func Substitutions(raw string) (string, int) {
	if strings.HasPrefix(raw, "${!") {
		return "${", 3
	}
	return "", 0
}

// numbered decodes an escape of n hexadecimal digits.
func numbered(raw string, n int) (string, int) {
	if len(raw) < 2+n {
		return "", 0
	}
	code, err := strconv.ParseUint(raw[2:2+n], 16, 32)
	if err != nil {
		return "", 0
	}
	return string(rune(code)), 2 + n
}

// surrogates decodes \uXXXX, and two of them where they make one character.
func surrogates(raw string) (string, int) {
	first, size := numbered(raw, 4)
	if size == 0 {
		return "", 0
	}
	code, err := strconv.ParseUint(raw[2:6], 16, 32)
	if err != nil || code < 0xd800 || code > 0xdbff || !strings.HasPrefix(raw[6:], `\u`) || len(raw) < 12 {
		return first, size
	}
	low, err := strconv.ParseUint(raw[8:12], 16, 32)
	if err != nil || low < 0xdc00 || low > 0xdfff {
		return string(utf8.RuneError), size
	}
	return string(rune((code-0xd800)<<10 + (low - 0xdc00) + 0x10000)), 12
}
