package audit

import (
	"slices"
)

// sorted returns the strings in order, each once.
func sorted(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}
