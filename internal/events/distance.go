package events

import (
	"cmp"
	"math/bits"
	"strings"
)

const (
	// nearLimit is the greatest number of changes that a misspelling has.
	nearLimit = 2

	// lettersPerChange is how many letters a name must have for each change: of
	// short names too many are alike.
	lettersPerChange = 4

	// longestName bounds the names that are compared; event names have at most
	// 128 characters.
	longestName = 128
)

// NearestOf returns the name of a list that a given one is probably a misspelling
// of, and false when none is close.
func NearestOf(given string, list []string) (string, bool) { return nearest(given, candidates(list)) }

// A candidate is a name that a misspelt one is compared with.
type candidate struct {
	name, folded string
	letters      uint32
}

func candidates(names []string) []candidate {
	list := make([]candidate, len(names))
	for i, name := range names {
		list[i] = candidate{name, strings.ToLower(name), letters(name)}
	}
	return list
}

// nearest returns the name of a list that a given one is probably a misspelling
// of: at most two changes away, upper and lower case aside. Of several the one
// with the fewest changes wins, then the one nearer in case, then the first.
func nearest(given string, list []candidate) (string, bool) {
	limit := min(nearLimit, len(given)/lettersPerChange)
	if limit == 0 || len(given) > longestName {
		return "", false
	}
	type rank struct{ folded, exact int }
	best, found := rank{folded: limit + 1}, ""
	folded := strings.ToLower(given)
	own := letters(given)
	for i := range list {
		c := &list[i]
		// A change touches two letters at most.
		if len(c.name) > len(given)+limit || len(c.name) < len(given)-limit || bits.OnesCount32(own^c.letters) > 2*limit {
			continue
		}
		r := rank{folded: distance(folded, c.folded, limit)}
		if r.folded > best.folded || r.folded > limit {
			continue
		}
		r.exact = distance(given, c.name, len(given)+len(c.name))
		if cmp.Or(cmp.Compare(r.folded, best.folded), cmp.Compare(r.exact, best.exact)) < 0 {
			best, found = r, c.name
		}
	}
	return found, found != ""
}

// letters returns which letters are in a name, upper and lower case aside.
func letters(name string) uint32 {
	var set uint32
	for i := range len(name) {
		set |= 1 << (name[i] & 31)
	}
	return set
}

// distance counts the changes that make one text of the other: a byte more,
// less or other, or two neighbors that changed places. Where there are more than
// limit it may return any number beyond.
func distance(a, b string, limit int) int {
	var rows [3][longestName + nearLimit + 1]int // names are hardly ever longer
	above2, above, row := rows[0][:], rows[1][:], rows[2][:]
	if len(b) >= len(row) {
		above2, above, row = make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	}
	row = row[:len(b)+1]
	above2, above = above2[:len(b)+1], above[:len(b)+1]
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		above2, above, row = above, row, above2
		row[0] = i + 1
		least := row[0]
		for j := range len(b) {
			other := above[j]
			if a[i] != b[j] {
				other++
			}
			row[j+1] = min(other, above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], above2[j-1]+1)
			}
			least = min(least, row[j+1])
		}
		// Two neighbors that change places look back over one row.
		if least > limit+1 {
			return least
		}
	}
	return row[len(b)]
}
