// Package shellword writes words for a POSIX shell, whatever characters they have.
package shellword

import (
	"regexp"
	"strings"
)

// Quote returns a word between quotation marks.
func Quote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// plain is what a shell takes as it is.
var plain = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// IfNeeded returns a word as it is where a shell takes it so, and otherwise quoted.
func IfNeeded(word string) string {
	if plain.MatchString(word) {
		return word
	}
	return Quote(word)
}
