// Package spelling says which known name a wrong one was probably meant to be.
package spelling

import (
	"cmp"
	"fmt"
	"strings"
)

// An UnknownError says that a name is none of those known.
type UnknownError struct {
	Kind    string   // what was looked for: "control", "benchmark", "set", "severity"
	Name    string   // as given
	Nearest string   // the known name that was probably meant; "" if none is close
	Known   []string // all names, in the order in which to show them

	// Instead says what to do where the name is one for another place; "" otherwise.
	Instead string
}

// Error names what is unknown; Hint has the rest.
func (e *UnknownError) Error() string { return fmt.Sprintf("unknown %s %q", e.Kind, e.Name) }

// Usage reports true: a name that is unknown is wrong usage.
func (e *UnknownError) Usage() bool { return true }

// Hint suggests the nearest name, or lists all.
func (e *UnknownError) Hint() string {
	if e.Instead != "" {
		return e.Instead
	}
	if e.Nearest != "" {
		return fmt.Sprintf("did you mean %s?", e.Nearest)
	}
	if len(e.Known) == 0 {
		return "there is no " + e.Kind + " at all"
	}
	return "known are " + strings.Join(e.Known, ", ")
}

// Unknown returns the error for a name that is none of those known.
func Unknown(kind, name string, known []string) *UnknownError {
	return &UnknownError{Kind: kind, Name: name, Nearest: Nearest(name, known), Known: known}
}

// longestName is the length in runes from which on a name is no misspelling.
const longestName = 100

// shortestPart is the length from which on a part of a name says enough.
const shortestPart = 3

// Nearest returns the known name that name was probably meant to be, or "".
// Close is a name that can be made a known name, or the beginning of one, with
// changes to at most a third of its letters ("nalc-changes", "securitygroup");
// upper and lower case are the same. Of several the one that needs the fewest changes in full
// wins, then the one with the longest common beginning, then the first. Without
// any such, the only known name that contains name is meant ("bucket"). What several
// known names begin with ("cis") is none of them, unless it lacks one letter or one of them
// is the shortest ("vpc").
func Nearest(name string, known []string) string {
	given := []rune(strings.ToLower(name))
	if len(given) == 0 || len(given) > longestName {
		return ""
	}
	nearest, best := "", closeness{prefix: len(given)/3 + 1}
	for _, k := range known {
		if c := measure(given, []rune(strings.ToLower(k))); c.closer(best) {
			nearest, best = k, c
		}
	}
	if best.full > 1 && beginsAlike(string(given), known) {
		return ""
	}
	if nearest == "" && len(given) >= shortestPart {
		return onlyOneWith(string(given), known)
	}
	return nearest
}

// beginsAlike reports whether several known names begin with a text, and none of them is
// shorter than the others.
func beginsAlike(start string, known []string) bool {
	shortest, count := 0, 0
	for _, k := range known {
		switch n := len(k); {
		case !strings.HasPrefix(strings.ToLower(k), start):
		case count == 0 || n < shortest:
			shortest, count = n, 1
		case n == shortest:
			count++
		}
	}
	return count > 1
}

func onlyOneWith(part string, known []string) string {
	found := ""
	for _, k := range known {
		if strings.Contains(strings.ToLower(k), part) {
			if found != "" {
				return ""
			}
			found = k
		}
	}
	return found
}

// A closeness says how much one name resembles another. A change is a letter
// more, less or other, or two neighbours that changed places.
type closeness struct {
	prefix int // changes to the nearest beginning of the other
	full   int // changes to all of the other
	common int // letters that both begin with
}

func (c closeness) closer(than closeness) bool {
	return cmp.Or(cmp.Compare(c.prefix, than.prefix), cmp.Compare(c.full, than.full), cmp.Compare(than.common, c.common)) < 0
}

func measure(a, b []rune) closeness {
	// row[i] is the number of changes from a[:i] to the part of b read so far;
	// above and above2 are the rows for one letter of b less, and two.
	above2, above, row := make([]int, len(a)+1), make([]int, len(a)+1), make([]int, len(a)+1)
	for i := range row {
		row[i] = i
	}
	c := closeness{prefix: len(a)}
	for j := range b {
		above2, above, row = above, row, above2
		row[0] = j + 1
		for i := range a {
			row[i+1] = min(above[i]+differ(a[i], b[j]), above[i+1]+1, row[i]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[i+1] = min(row[i+1], above2[i-1]+1)
			}
		}
		c.prefix = min(c.prefix, row[len(a)])
	}
	c.full = row[len(a)]
	for c.common < min(len(a), len(b)) && a[c.common] == b[c.common] {
		c.common++
	}
	return c
}

func differ(x, y rune) int {
	if x == y {
		return 0
	}
	return 1
}
