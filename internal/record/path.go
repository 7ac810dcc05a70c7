package record

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Path leads from a record to a value. It is empty for the record itself.
type Path []Step

// A Step is one step of a path.
type Step struct {
	Kind  StepKind
	Name  string // Name: the property
	Index int    // Index: zero-based
}

// A StepKind is the form of a Step.
type StepKind byte

// The forms of steps.
const (
	Name  StepKind = iota // .name or ['name']
	Index                 // [n]
	Any                   // [*] or .*
)

// String returns the path as filter patterns write it, with its leading $.
func (s Path) String() string {
	var b strings.Builder
	b.WriteByte('$')
	for i, st := range s {
		switch {
		case st.Kind == Any:
			b.WriteString(".*")
			continue
		case st.Kind == Name && isPlainName(st.Name):
			b.WriteString("." + st.Name)
			continue
		case i == 0:
			b.WriteByte('.')
		}
		if st.Kind == Index {
			b.WriteString("[" + strconv.Itoa(st.Index) + "]")
		} else {
			b.WriteString("['" + st.Name + "']")
		}
	}
	return b.String()
}

// isPlainName reports whether a property name needs no brackets.
func isPlainName(name string) bool {
	return name != "" && NameLength(name) == len(name)
}

// NameLength returns how many bytes of text are a property name that needs no
// quotes.
func NameLength(text string) int {
	n := 0
	for n < len(text) {
		if isPlainByte(text[n]) { // nearly all are
			n++
			continue
		}
		c, size := utf8.DecodeRuneInString(text[n:])
		if !IsLetterOrDigit(c) && c != '_' && c != '-' {
			break
		}
		n += size
	}
	return n
}

// IsLetterOrDigit reports whether names that need no quotes may contain c.
func IsLetterOrDigit(c rune) bool {
	return '0' <= c && c <= '9' || c != utf8.RuneError && unicode.IsLetter(c)
}

// isPlainByte reports whether c is a letter, digit or mark of ASCII that names
// without quotes may contain.
func isPlainByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-'
}

// Field returns the path without "$.", "the record" for the empty one.
func (s Path) Field() string {
	if len(s) == 0 {
		return "the record"
	}
	if len(s) == 1 && s[0].Kind == Name && isPlainName(s[0].Name) {
		return s[0].Name // of most paths, which are asked for often
	}
	return strings.TrimPrefix(s.String(), "$.")
}

// BeforeWildcard returns the steps in front of the wildcard; all when there is
// none.
func (s Path) BeforeWildcard() Path {
	for i, st := range s {
		if st.Kind == Any {
			return s[:i]
		}
	}
	return s
}

// HasWildcard reports whether one of the steps is [*] or .*.
func (s Path) HasWildcard() bool {
	for _, st := range s {
		if st.Kind == Any {
			return true
		}
	}
	return false
}
