package syntax

import (
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/record"
)

// parseTerms reads words and phrases, which may have a sign. A sign ends the
// word before it: a-b is a and -b.
func parseTerms(l *lexer) (Node, error) {
	var list []Term
	for {
		l.skipBlanks()
		if l.pos == l.end {
			return &Terms{list}, nil
		}
		t, err := l.term()
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
}

func (l *lexer) skipBlanks() {
	for l.pos < l.end && IsBlank(l.src[l.pos]) {
		l.pos++
	}
}

// term reads one term with its sign.
func (l *lexer) term() (Term, error) {
	t := Term{Pos: l.pos}
	if l.at('-') || l.at('?') {
		t.Sign = l.src[l.pos]
		l.pos++
	}
	if after := l.pos; t.Sign == '-' {
		// An old page of the guide prints: "ERROR" - "Exiting".
		l.skipBlanks()
		t.Detached = l.pos > after
	}
	var err error
	switch {
	case l.at('"'):
		t.Text, err = l.phrase()
	default:
		t.Text, err = l.termWord()
	}
	return t, err
}

// phrase reads a term in double quotes.
func (l *lexer) phrase() (string, error) {
	start := l.pos
	t, err := l.quoted()
	if err != nil {
		return "", err
	}
	if t.text == "" {
		return "", l.src.badTerm(start, l.pos, "a phrase must not be empty")
	}
	if l.pos < l.end && (l.at('"') || isTermChar(l.peek())) {
		return "", l.src.invalid(l.pos, "expected a blank behind the closing quote")
	}
	return t.text, nil
}

// termWord reads a term without quotes.
func (l *lexer) termWord() (string, error) {
	start := l.pos
	for l.pos < l.end && isTermChar(l.peek()) {
		l.pos = l.src.after(l.pos)
	}
	switch {
	case l.pos == l.end || IsBlank(l.src[l.pos]) || l.at('-') || l.at('?'):
		if l.pos == start {
			return "", l.src.invalid(start, "expected a word or a phrase behind the sign")
		}
	case l.at('"'):
		return "", l.src.invalid(l.pos, "expected a blank before the quote")
	default:
		return "", l.src.badChar(l.pos, l.pos, l.termHint())
	}
	return string(l.src[start:l.pos]), nil
}

// termHint says what to do about the character at the position.
func (l *lexer) termHint() string {
	if c := l.peek(); isTypographicQuote(c) {
		return "expected straight quotes"
	} else if c == '%' {
		return "a regular expression must be the whole pattern"
	}
	return "terms with other characters than letters, digits, _ and . must be in double quotes"
}

// isTermChar reports whether c may stand in a term without quotes.
func isTermChar(c rune) bool {
	return record.IsLetterOrDigit(c) || c == '_' || c == '.'
}

// isTermWord reports whether a term can do without quotes.
func isTermWord(text string) bool {
	for _, c := range text {
		if !isTermChar(c) {
			return false
		}
	}
	return utf8.ValidString(text)
}
