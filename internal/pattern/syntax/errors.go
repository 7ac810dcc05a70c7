package syntax

import (
	"fmt"
	"unicode/utf8"
)

// An Error says where a filter pattern stops making sense.
type Error struct {
	Pattern string
	Offset  int // bytes from the start of Pattern, 0-based, at most its length

	// Msg begins with the sentence of AWS where it is known, and goes on with
	// what was expected.
	Msg string
}

// Error returns offset and message.
func (e *Error) Error() string {
	return fmt.Sprintf("parsing filter pattern at byte %d: %s", e.Offset, e.Msg)
}

// source is a pattern's text. Its methods make the errors that AWS would give.
type source string

// invalid says that AWS's grammar has no use for what stands at offset.
func (s source) invalid(offset int, want string) error {
	return &Error{string(s), offset, "Invalid metric filter pattern: " + want}
}

// badTerm says that no token begins like the bytes from start to end.
func (s source) badTerm(start, end int, want string) error {
	return s.badTermAt(start, end, start, want)
}

// badTermAt is badTerm with another place to point at.
func (s source) badTermAt(start, end, offset int, want string) error {
	return &Error{string(s), offset, "Invalid character(s) in term '" + string(s[start:end]) + "': " + want}
}

// badChar says that the character at offset cannot continue the token that
// began at start.
func (s source) badChar(start, offset int, want string) error {
	return s.badTermAt(start, s.after(offset), offset, want)
}

// mustEnd says that a pattern with this first character lacks its last one.
func (s source) mustEnd(offset int, first, last string) error {
	return &Error{string(s), offset,
		"If a filter pattern starts with '" + first + "' it must end with '" + last + "'"}
}

// duplicate says that two fields have one name.
func (s source) duplicate(offset int, name string) error {
	return &Error{string(s), offset, "Duplicate field '" + name + "'"}
}

// otherField says that the condition on field first speaks of field second.
func (s source) otherField(offset int, first, second string) error {
	return &Error{string(s), offset,
		"Multiple variables used in a single filter. Var1 : " + first + ", Var2 : " + second}
}

// tooManyRegexes says that a pattern has more regular expressions than allowed.
func (s source) tooManyRegexes(offset int) error {
	return &Error{string(s), offset, fmt.Sprintf(
		"Your input has exceeded the maximum of %d regular expressions per filter pattern.", MaxRegexes)}
}

// tooManyPathWildcards says that one selector has more wildcards than allowed.
func (s source) tooManyPathWildcards(offset int) error {
	return &Error{string(s), offset, fmt.Sprintf(
		"Your filter pattern has a JSON path selector that exceeds the maximum of %d wildcard allowed per json selector.", MaxPathWildcards)}
}

// tooManyWildcards says that a pattern has more wildcards than allowed.
func (s source) tooManyWildcards(offset int) error {
	return &Error{string(s), offset, fmt.Sprintf(
		"the pattern has more than %d selectors with a wildcard", MaxWildcards)}
}

// badRegex places the error of newRegex; start is where the text between the
// percent signs begins.
func (s source) badRegex(start int, err *regexError) error {
	return &Error{string(s), start + err.offset,
		"Failed to compile regular expression. (" + err.why + ")"}
}

// after returns the offset behind the character at offset.
func (s source) after(offset int) int {
	_, n := utf8.DecodeRuneInString(string(s[offset:]))
	return offset + n
}
