package syntax

import (
	"strings"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A token is the smallest unit of JSON and space-delimited patterns.
type token struct {
	kind tokenKind
	pos  int         // bytes from the start of the pattern
	end  int         // behind its last byte
	text string      // strings without quotes and escapes, all others as written
	sel  record.Path // tokSelector
	num  *Number     // tokNumber
	re   *Regex      // tokRegex
}

type tokenKind byte

const (
	tokEnd      tokenKind = iota
	tokPunct              // { } [ ] ( ) , && ||
	tokCompare            // = != < <= > >=
	tokSelector           // $.a[0]
	tokString             // "..."
	tokRegex              // %...%
	tokNumber             // an unquoted word shaped like a number
	tokWord               // any other unquoted word
)

// is reports whether the token is this punctuation or operator.
func (t token) is(text string) bool {
	return (t.kind == tokPunct || t.kind == tokCompare) && t.text == text
}

// isKeyword reports whether the token is this word in upper or lower case.
func (t token) isKeyword(word string) bool {
	return t.kind == tokWord && strings.EqualFold(t.text, word)
}

// A lexer splits src into tokens, from pos to end.
type lexer struct {
	src source
	pos int
	end int // where the blanks begin that end the pattern

	punct string // the punctuation of the kind of pattern, one byte each
}

// IsBlank reports whether c separates tokens. A no-break space does not.
func IsBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func trimBlanks(s string) string { return strings.Trim(s, " \t\r\n") }

// next returns the next token, tokEnd at the end.
func (l *lexer) next() (token, error) {
	for l.pos < l.end && IsBlank(l.src[l.pos]) {
		l.pos++
	}
	if l.pos == l.end {
		return token{kind: tokEnd, pos: l.end, end: l.end}, nil
	}
	switch c := l.peek(); {
	case strings.ContainsRune(l.punct, c):
		return l.take(tokPunct, 1), nil
	case strings.ContainsRune("&|=!<>", c):
		return l.operator(byte(c))
	case c == '"':
		return l.quoted()
	case c == '%':
		return l.regex()
	case c == '$':
		return l.selector()
	case isWordChar(c):
		return l.word()
	default:
		return token{}, l.src.badChar(l.pos, l.pos, l.hint(c))
	}
}

// peek returns the character at the position; utf8.RuneError at the end.
func (l *lexer) peek() rune {
	c, _ := utf8.DecodeRuneInString(string(l.src[l.pos:l.end]))
	return c
}

// take makes a token of the next n bytes.
func (l *lexer) take(kind tokenKind, n int) token {
	pos := l.pos
	l.pos += n
	return token{kind: kind, pos: pos, end: l.pos, text: string(l.src[pos:l.pos])}
}

// hint says what to do about a character that no token begins with.
func (l *lexer) hint(c rune) string {
	switch {
	case isTypographicQuote(c):
		return "expected straight quotes"
	case c == '\'':
		return "expected double quotes"
	case c == ',':
		return "expected && or ||"
	}
	return "text with other characters than letters, digits, _ . * - must be in double quotes"
}

func isTypographicQuote(c rune) bool { return strings.ContainsRune("“”„‘’‚«»", c) }

// operator reads && || = != < <= > >=.
func (l *lexer) operator(c byte) (token, error) {
	two := string(l.src[l.pos:min(l.pos+2, l.end)])
	switch two {
	case "&&", "||":
		return l.take(tokPunct, 2), nil
	case "!=", "<=", ">=":
		return l.take(tokCompare, 2), nil
	}
	if c == '=' || c == '<' || c == '>' {
		return l.take(tokCompare, 1), nil
	}
	next := min(l.src.after(l.pos+1), l.end)
	if c == '!' {
		return token{}, l.src.badTerm(l.pos, next, "expected !=")
	}
	return token{}, l.src.badTerm(l.pos, next, "expected "+string(c)+string(c))
}

// word reads an unquoted word or number.
func (l *lexer) word() (token, error) {
	start := l.pos
	plus := -1
	n := 0
	for rest := string(l.src[start:l.end]); n < len(rest); {
		c, size := utf8.DecodeRuneInString(rest[n:])
		if !isWordChar(c) {
			break
		}
		if c == '+' && plus < 0 {
			plus = start + n
		}
		n += size
	}
	t := l.take(tokWord, n)
	num, ok := ParseNumber(t.text)
	switch {
	case ok && !exponentFits(t.text):
		return token{}, l.src.invalid(start, "the exponent of "+t.text+" is out of range")
	case ok:
		t.kind, t.num = tokNumber, num
	case plus >= 0:
		return token{}, l.src.badChar(start, plus, "a plus sign outside of a number must be in double quotes")
	}
	return t, nil
}

// isWordChar reports whether c may stand in an unquoted word or number.
func isWordChar(c rune) bool {
	return isBareChar(c) || c == '+'
}

// isBareChar reports whether c may stand in an unquoted value.
func isBareChar(c rune) bool {
	return record.IsLetterOrDigit(c) || c == '_' || c == '.' || c == '*' || c == '-'
}

// quoted reads a string in double quotes.
func (l *lexer) quoted() (token, error) {
	text, end, ok := unquote(string(l.src[:l.end]), l.pos)
	if !ok {
		return token{}, l.src.badTerm(l.pos, l.end, "expected a closing quote")
	}
	t := l.take(tokString, end-l.pos)
	t.text = text
	return t, nil
}

// unquote reads the quoted string that begins at start; end is behind its
// closing quote. \" and \\ are escapes, any other backslash is itself.
func unquote(s string, start int) (text string, end int, ok bool) {
	var b strings.Builder
	for i := start + 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), i + 1, true
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", len(s), false
}

// regex reads a regular expression with its percent signs.
func (l *lexer) regex() (token, error) {
	start := l.pos
	for i := start + 1; i < l.end; i = l.src.after(i) {
		c, _ := utf8.DecodeRuneInString(string(l.src[i:]))
		if c == '%' {
			re, err := newRegex(string(l.src[start+1 : i]))
			if err != nil {
				return token{}, l.src.badRegex(start+1, err)
			}
			t := l.take(tokRegex, i+1-start)
			t.re = re
			return t, nil
		}
		if !isRegexChar(c) {
			return token{}, l.src.badChar(start, i, `not allowed in a regular expression, write \xhh`)
		}
	}
	return token{}, l.src.badTerm(start, l.end, "expected a closing %")
}
