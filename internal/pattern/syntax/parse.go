package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Parse reads a filter pattern of any kind. The error is an *Error.
func Parse(text string) (Node, error) {
	if err := checkText(source(text)); err != nil {
		return nil, err
	}
	return parseRoot(text)
}

// checkText checks the encoding and the length.
func checkText(src source) error {
	n := 0
	for i, c := range string(src) {
		if c == utf8.RuneError && src.after(i) == i+1 {
			return src.invalid(i, "the text is not valid UTF-8")
		}
		if n++; n > MaxLength {
			return src.invalid(i, fmt.Sprintf("the text is longer than %d characters", MaxLength))
		}
	}
	return nil
}

// parseRoot looks at the first character, which decides on the kind.
func parseRoot(text string) (Node, error) {
	trimmed := trimBlanks(text)
	if trimmed == "" {
		return All{}, nil
	}
	begin := strings.Index(text, trimmed)
	end := begin + len(trimmed)
	l := &lexer{src: source(text), pos: begin, end: end}
	switch trimmed[0] {
	case '{':
		return parseJSON(l)
	case '[':
		return parseDelimited(l)
	case '%':
		return parseFullRegex(l)
	default:
		return parseTerms(l)
	}
}

// parseFullRegex reads a pattern that is one regular expression.
func parseFullRegex(l *lexer) (Node, error) {
	if l.end-l.pos < 2 || l.src[l.end-1] != '%' {
		return nil, l.src.mustEnd(l.end, "%", "%")
	}
	t, err := l.regex()
	if err != nil {
		return nil, err
	}
	if l.pos < l.end {
		return nil, l.src.badChar(l.pos, l.pos, "nothing may stand beside a regular expression")
	}
	return &FullRegex{Regex: t.re}, nil
}
