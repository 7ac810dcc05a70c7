package eventpattern

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A reader takes strict JSON apart, token by token. Unlike encoding/json it
// keeps positions, the spelling of numbers, and repeated names.
type reader struct {
	text string
	pos  int
}

func (r *reader) fail(offset int, format string, args ...any) error {
	return &SyntaxError{r.text, min(offset, len(r.text)), fmt.Sprintf(format, args...)}
}

// next skips blanks and returns the byte that follows, 0 at the end.
func (r *reader) next() byte {
	for r.pos < len(r.text) {
		switch c := r.text[r.pos]; c {
		case ' ', '\t', '\r', '\n':
			r.pos++
		default:
			return c
		}
	}
	return 0
}

// open takes the bracket c.
func (r *reader) expect(c byte, what string) error {
	if r.next() != c || r.pos == len(r.text) {
		return r.fail(r.pos, "expected %s", what)
	}
	r.pos++
	return nil
}

// more steps to the next member of an object or array that ends with the byte
// last; first is true before the first member. It reports false behind the end.
func (r *reader) more(last byte, first bool) (bool, error) {
	switch c := r.next(); {
	case c == last:
		r.pos++
		return false, nil
	case first:
		return true, nil
	case c != ',':
		return false, r.fail(r.pos, "expected a comma or %q", last)
	}
	r.pos++
	if r.next() == last {
		return false, r.fail(r.pos, "expected another member behind the comma")
	}
	return true, nil
}

// name takes the name of a member and its colon.
func (r *reader) name() (string, error) {
	if r.next() != '"' {
		return "", r.fail(r.pos, "expected a name in double quotes")
	}
	name, err := r.str()
	if err != nil {
		return "", err
	}
	return name, r.expect(':', "a colon behind the name")
}

// str takes the string that begins here.
func (r *reader) str() (string, error) {
	start := r.pos
	for i := start + 1; i < len(r.text); {
		switch c := r.text[i]; {
		case c == '"':
			r.pos = i + 1
			return r.text[start+1 : i], nil
		case c == '\\' || c < ' ' || c >= utf8.RuneSelf:
			return r.strEscaped(start, i)
		default:
			i++
		}
	}
	return "", r.fail(len(r.text), "the string is not closed")
}

// strEscaped goes on at byte i with the string that began at start.
func (r *reader) strEscaped(start, i int) (string, error) {
	var b strings.Builder
	b.WriteString(r.text[start+1 : i])
	for i < len(r.text) {
		c := r.text[i]
		switch {
		case c == '"':
			r.pos = i + 1
			return b.String(), nil
		case c < ' ':
			return "", r.fail(i, "a control character must be escaped in a string")
		case c == '\\':
			n, err := r.escape(i, &b)
			if err != nil {
				return "", err
			}
			i += n
		default:
			char, n := utf8.DecodeRuneInString(r.text[i:])
			b.WriteRune(char)
			i += n
		}
	}
	return "", r.fail(len(r.text), "the string is not closed")
}

// escape appends what the escape at byte i stands for, and returns its length.
func (r *reader) escape(i int, b *strings.Builder) (int, error) {
	if i+1 == len(r.text) {
		return 0, r.fail(i, "the string is not closed")
	}
	const letters, chars = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	if at := strings.IndexByte(letters, r.text[i+1]); at >= 0 {
		b.WriteByte(chars[at])
		return 2, nil
	}
	first, ok := r.unit(i)
	switch {
	case !ok:
		return 0, r.fail(i, "unknown escape")
	case !utf16.IsSurrogate(first):
		b.WriteRune(first)
		return 6, nil
	}
	if second, ok := r.unit(i + 6); ok {
		if char := utf16.DecodeRune(first, second); char != utf8.RuneError {
			b.WriteRune(char)
			return 12, nil
		}
	}
	b.WriteByte('?') // what Java makes of half a pair when it writes UTF-8
	return 6, nil
}

// unit reads the UTF-16 code unit escaped at byte i.
func (r *reader) unit(i int) (rune, bool) {
	if i+6 > len(r.text) || r.text[i:i+2] != `\u` {
		return 0, false
	}
	n, err := strconv.ParseUint(r.text[i+2:i+6], 16, 32)
	return rune(n), err == nil
}

// scalar takes a number, true, false or null and returns its spelling.
func (r *reader) scalar() (string, error) {
	start := r.pos
	for _, word := range []string{"true", "false", "null"} {
		if strings.HasPrefix(r.text[start:], word) {
			r.pos += len(word)
			return word, r.delimiter()
		}
	}
	n := numberLength(r.text[start:])
	if n == 0 {
		return "", r.fail(start, "expected a string, a number, true, false, null or an object")
	}
	r.pos += n
	return r.text[start:r.pos], r.delimiter()
}

// delimiter makes sure that a number or a word ends here.
func (r *reader) delimiter() error {
	if r.pos < len(r.text) && !strings.ContainsRune(" \t\r\n,]}", rune(r.text[r.pos])) {
		return r.fail(r.pos, "the value must end here")
	}
	return nil
}

// numberLength returns the length of the JSON number that text begins with, 0
// when there is none.
func numberLength(text string) int {
	i := 0
	digits := func() bool {
		start := i
		for i < len(text) && text[i] >= '0' && text[i] <= '9' {
			i++
		}
		return i > start
	}
	if strings.HasPrefix(text, "-") {
		i++
	}
	whole := i
	if !digits() || text[whole] == '0' && i > whole+1 {
		return 0
	}
	if i < len(text) && text[i] == '.' {
		i++
		if !digits() {
			return 0
		}
	}
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		if !digits() {
			return 0
		}
	}
	return i
}
