package syntax

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/monitorctl/monitorctl/internal/record"
)

// A Regex is the text between two percent signs and what runs it: a search,
// not a full match.
type Regex struct {
	Text string         // as written
	Go   *regexp.Regexp // its translation to Go
}

// maxRegexProgram bounds the instructions of a compiled regular expression, of
// which a search may take all for each character of a text. It leaves room for
// the longest expression without repetitions. AWS's own bound is not known.
const maxRegexProgram = 1100

// regexSymbols are the characters, besides letters and digits of ASCII, that
// may stand in a regular expression; the blank is not documented but in use.
const regexSymbols = `:_#=@/;,-^$?[]{}|\*+. `

// isRegexChar reports whether c may stand in a regular expression.
func isRegexChar(c rune) bool {
	return isASCIIAlnum(c) || c < 0x80 && strings.ContainsRune(regexSymbols, c)
}

func isASCIIAlnum(c rune) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// A regexError says where in a regular expression, in bytes, and why it does
// not compile.
type regexError struct {
	offset int
	why    string
}

// newRegex compiles text, all of whose characters isRegexChar allows.
func newRegex(text string) (*Regex, *regexError) {
	if text == "" {
		return nil, &regexError{0, "it is empty"}
	}
	translated, bad := translateRegex(text)
	if bad != nil {
		return nil, bad
	}
	size, err := programSize(translated)
	if err != nil {
		return nil, compileError(text, err)
	}
	if size > maxRegexProgram {
		return nil, &regexError{0, "its repetitions are too large"}
	}
	re, err := regexp.Compile(translated)
	if err != nil {
		return nil, compileError(text, err)
	}
	return &Regex{Text: text, Go: re}, nil
}

// programSize returns how many instructions a Go expression compiles to.
func programSize(translated string) (int, error) {
	tree, err := syntax.Parse(translated, syntax.Perl)
	if err != nil {
		return 0, err
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return 0, err
	}
	return len(prog.Inst), nil
}

// compileError finds what Go's compiler complains of in the original text.
func compileError(text string, err error) *regexError {
	var bad *syntax.Error
	if !errors.As(err, &bad) {
		return &regexError{0, err.Error()}
	}
	return &regexError{max(0, strings.Index(text, bad.Expr)), string(bad.Code)}
}

// Match reports whether the expression is found in s.
func (r *Regex) Match(s string) bool { return r.Go.MatchString(s) }

// MatchBytes reports whether the expression is found in b.
func (r *Regex) MatchBytes(b []byte) bool { return r.Go.Match(b) }

// HasBlank reports whether a blank stands in the expression; AWS's guide has an
// example with one and elsewhere says that it is not allowed.
func (r *Regex) HasBlank() bool { return strings.Contains(r.Text, " ") }

// translateRegex checks the constructs and rewrites the two that Go reads
// differently: {,n} and $.
func translateRegex(text string) (string, *regexError) {
	t := regexTranslator{text: text}
	for t.pos < len(text) {
		if err := t.next(); err != nil {
			return "", err
		}
	}
	if t.inClass {
		return "", &regexError{t.class, "missing closing ]"}
	}
	return t.out.String(), nil
}

type regexTranslator struct {
	text    string
	pos     int
	out     strings.Builder
	inClass bool
	class   int // where the class began
}

// next translates one character or construct.
func (t *regexTranslator) next() *regexError {
	switch c := t.text[t.pos]; {
	case c == '\\':
		return t.escape()
	case t.inClass:
		return t.classChar(c)
	case c == '[':
		t.openClass()
	case c == '{':
		return t.repetition()
	case c == '$':
		// Java's $ also stands before a line feed that ends the text.
		t.put(`(?:\n?\z)`, 1)
	default:
		t.put(t.text[t.pos:t.pos+1], 1)
	}
	return nil
}

// put writes out in place of the next n bytes.
func (t *regexTranslator) put(out string, n int) {
	t.out.WriteString(out)
	t.pos += n
}

// escape translates a backslash and what follows: a class, \xhh, or a
// character that then stands for itself.
func (t *regexTranslator) escape() *regexError {
	rest := t.text[t.pos+1:]
	switch {
	case rest == "":
		return &regexError{t.pos, "nothing follows the backslash"}
	case strings.IndexByte("dDsSwW", rest[0]) >= 0, !isASCIIAlnum(rune(rest[0])):
		t.put(t.text[t.pos:t.pos+2], 2)
		return nil
	case rest[0] == 'x' && len(rest) >= 3 && isHex(rest[1]) && isHex(rest[2]):
		t.put(t.text[t.pos:t.pos+4], 4)
		return nil
	}
	return &regexError{t.pos, "the escape " + t.text[t.pos:t.pos+2] + " is not supported"}
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'F' || 'a' <= c && c <= 'f'
}

// openClass translates "[", "[^" and a "]" that directly follows: it is a
// member of the class.
func (t *regexTranslator) openClass() {
	t.inClass, t.class = true, t.pos
	t.put("[", 1)
	if strings.HasPrefix(t.text[t.pos:], "^") {
		t.put("^", 1)
	}
	if strings.HasPrefix(t.text[t.pos:], "]") {
		t.put("]", 1)
	}
}

// classChar translates one character between the brackets.
func (t *regexTranslator) classChar(c byte) *regexError {
	if c == '[' {
		return &regexError{t.pos, `"[" inside brackets must be written \[`}
	}
	t.inClass = c != ']'
	t.put(t.text[t.pos:t.pos+1], 1)
	return nil
}

// repetition translates {m}, {m,}, {m,n} and {,n}. Go would take any other
// brace for a plain character.
func (t *regexTranslator) repetition() *regexError {
	end := strings.IndexByte(t.text[t.pos:], '}')
	if end < 0 {
		return &regexError{t.pos, "missing closing }"}
	}
	low, high, comma := strings.Cut(t.text[t.pos+1:t.pos+end], ",")
	if !allDigits(low) || !allDigits(high) || low == "" && high == "" {
		return &regexError{t.pos, "expected {m}, {m,}, {m,n} or {,n}"}
	}
	if low == "" {
		low = "0"
	}
	if comma {
		low += ","
	}
	t.put("{"+low+high+"}", end+1)
	return nil
}

func allDigits(s string) bool {
	digits, rest := record.CutDigits(s)
	return digits == s && rest == ""
}
