package iac

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A Kind says what a pattern is used for.
type Kind string

// The kinds.
const (
	MetricFilter       Kind = "metric filter"
	SubscriptionFilter Kind = "subscription filter"
	EventRule          Kind = "event rule" // a pattern of EventBridge, in JSON
	Other              Kind = "pattern"    // a text that looks like a filter pattern
)

// A Found is one pattern that a reader found.
type Found struct {
	Kind Kind
	Name string // of the resource, the filter or the key; "" where there is none

	Source *Source // the file that uses it
	Pos    int     // offset in Source at which the value begins
	End    int     // and behind which it ends; 0 when that is not known

	// Text is the pattern, with a hole for each part that is not known. It may
	// stand in other files than Source.
	Text  Text
	Holes Holes

	// Gap says why nothing of the text is known, in words for people; "" when
	// something is.
	Gap string

	// Perhaps says that the pattern is there under a condition only, which the
	// files do not settle.
	Perhaps bool

	// Deployed says that AWS has accepted the text: it comes from an answer of
	// AWS or from a state.
	Deployed bool
}

// Where returns the file and the offset of byte i of the pattern.
func (f Found) Where(i int) (*Source, int) {
	if src, pos := f.Text.At(i); src != nil && f.Text.Value != "" {
		return src, pos
	}
	return f.Source, f.Pos
}

// Unknown lists why parts of the text are not known, in their order, each once.
func (f Found) Unknown() []string {
	var list []string
	for _, r := range f.Text.Value {
		if !IsHole(r) {
			continue
		}
		if why := f.Holes.Why(r); !slices.Contains(list, why) {
			list = append(list, why)
		}
	}
	return list
}

// Settle sets the gap of a pattern that is known to be nothing but holes, and cuts
// blanks off its ends, which mean nothing in any language.
func (f Found) Settle() Found {
	f.Text = f.Text.Trim()
	if f.Gap == "" && f.Text.Value != "" && strings.IndexFunc(f.Text.Value, func(r rune) bool { return !IsHole(r) }) < 0 {
		f.Gap = Interpolation(strings.Join(f.Unknown(), ", "))
	}
	return f
}

// Interpolation is the gap of a text into which something is put that the files
// do not say.
func Interpolation(what string) string { return "interpolation of " + brief(what) }

// Holes are private characters of Unicode, one for each unknown thing.
const (
	firstHole = '\U000F0000'
	lastHole  = '\U000FFFFD'
)

// IsHole reports whether a character stands for something unknown.
func IsHole(r rune) bool { return r >= firstHole && r <= lastHole }

// HasHole reports whether a part of a text is not known.
func HasHole(s string) bool {
	return len(s) >= utf8.UTFMax && strings.IndexFunc(s, IsHole) >= 0
}

// Holes says what each hole stands for. The zero value has none.
type Holes struct{ list *holeList }

type holeList struct {
	why  []string
	rune map[string]rune
}

// NewHoles returns an empty list, to which Make adds.
func NewHoles() Holes { return Holes{&holeList{rune: map[string]rune{}}} }

// Make returns the hole for what a reader does not know, in the words of its
// file: "var.account". Equal words are the same hole.
func (h Holes) Make(what string) rune {
	what = brief(what)
	if r, ok := h.list.rune[what]; ok {
		return r
	}
	r := min(firstHole+rune(len(h.list.why)), lastHole)
	h.list.why = append(h.list.why, what)
	h.list.rune[what] = r
	return r
}

// Why returns what a hole stands for.
func (h Holes) Why(r rune) string {
	if h.list == nil || int(r-firstHole) >= len(h.list.why) {
		return "a private character"
	}
	return h.list.why[r-firstHole]
}

// brief shortens an expression to what fits into a message.
func brief(what string) string {
	const most = 60
	what = strings.Join(strings.Fields(what), " ")
	if runes := []rune(what); len(runes) > most {
		what = string(runes[:most]) + "..."
	}
	return what
}
