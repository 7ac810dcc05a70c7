package lint

import "strings"

// A candidate is a pattern that was found in a file.
type candidate struct {
	name string // of the resource; "" in plain text
	pos  int    // offset in the file at which its value begins
	text text
	gap  *gap // not nil when the text is not known
}

// where returns the offset in the file of byte i of the pattern.
func (c candidate) where(i int) int {
	if c.text.value == "" {
		return c.pos
	}
	return c.text.pos(i)
}

// A gap says why the text of a pattern is not known.
type gap struct{ reason string }

// interpolation is the gap where something is put into a pattern that the file
// does not say.
func interpolation(what string) *gap {
	const most = 60
	what = strings.Join(strings.Fields(what), " ")
	if runes := []rune(what); len(runes) > most {
		what = string(runes[:most]) + "..."
	}
	return &gap{"interpolation of " + what}
}

const (
	// maxSteps bounds the values that are looked up for one pattern: names can
	// refer to each other in circles, and each to several others.
	maxSteps = 10_000

	// maxText bounds a pattern in bytes while it is put together.
	maxText = 1 << 16
)

func tooMuch() *gap { return &gap{"too much interpolation"} }
