package pattern

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Parse reads a filter pattern of any kind. The error is a *SyntaxError. AWS
// has accepted every pattern that it returns, so an error about one of those
// means that this package does not understand it.
func Parse(text string) (*Pattern, error) {
	if err := checkText(source(text)); err != nil {
		return nil, err
	}
	root, err := parseRoot(text)
	if err != nil {
		return nil, err
	}
	p := &Pattern{text: text, root: root}
	p.midAsterisk = p.hasMidAsterisk()
	p.detached = p.hasDetachedSign()
	return p, nil
}

// checkText checks the encoding and the length.
func checkText(src source) error {
	n := 0
	for i, c := range string(src) {
		if c == utf8.RuneError && src.after(i) == i+1 {
			return src.invalid(i, "the text is not valid UTF-8")
		}
		if n++; n > maxLength {
			return src.invalid(i, fmt.Sprintf("the text is longer than %d characters", maxLength))
		}
	}
	return nil
}

// parseRoot looks at the first character, which decides on the kind.
func parseRoot(text string) (node, error) {
	trimmed := trimBlanks(text)
	if trimmed == "" {
		return all{}, nil
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
func parseFullRegex(l *lexer) (node, error) {
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
	return &fullRegex{re: t.re}, nil
}
