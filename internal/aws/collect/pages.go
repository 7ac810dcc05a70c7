package collect

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
)

// maxPages bounds one list: with the pages that AWS makes, hundreds of thousands
// of entries, more than any quota of what is listed here allows but that of a
// topic's subscribers.
const maxPages = 5000

// A PagesError says that a list does not end.
type PagesError struct{ Pages int } // read so far

func (e *PagesError) Error() string {
	if e.Pages >= maxPages {
		return fmt.Sprintf("the list has more than %d pages", maxPages)
	}
	return fmt.Sprintf("the list does not end: page %d leads back to an earlier one", e.Pages)
}

// pages reads a list. fetch reads the page that a token stands for, nil for the
// first, and returns the token of the next, nil or "" at the end; it is not called
// again when it returns stop. A token that comes a second time is an error
// (*PagesError), not the end: what stood between is not known.
func pages(ctx context.Context, fetch func(ctx context.Context, token *string) (next *string, stop bool, err error)) error {
	seen := map[[sha256.Size]byte]bool{}
	var token *string
	for n := 1; ; n++ {
		next, stop, err := fetch(ctx, token)
		switch {
		case err != nil:
			return err
		case stop || next == nil || *next == "":
			return nil
		}
		sum := sha256.Sum256([]byte(*next)) // tokens may be long
		if seen[sum] || n == maxPages {
			return &PagesError{n}
		}
		seen[sum] = true
		token = next
	}
}

// lastOfEach returns a list sorted, of equal entries the last one only: what changes while
// its list is read can come on two pages.
func lastOfEach[T any](list []T, compare func(a, b T) int) []T {
	slices.SortStableFunc(list, compare)
	var out []T
	for i, v := range list {
		if i+1 == len(list) || compare(v, list[i+1]) != 0 {
			out = append(out, v)
		}
	}
	return out
}
