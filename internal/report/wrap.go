package report

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// wrap breaks text at blanks into lines of at most width columns; 0 or less
// leaves it whole. A word longer than a line is broken too, behind punctuation
// where there is some. Nothing is dropped but the blanks at the breaks.
//
// The wrapping of tablewriter evens the lines out and lets a long word push
// the column past the edge of the terminal; both are wrong for ARNs.
func wrap(text string, width int) []string {
	if width <= 0 || twwidth.Width(text) <= width {
		return []string{text}
	}
	var lines []string
	line, empty := "", true
	for word := range strings.SplitSeq(text, " ") {
		if !empty {
			if longer := line + " " + word; twwidth.Width(longer) <= width {
				line = longer
				continue
			}
			lines = append(lines, line)
		}
		var head string
		for twwidth.Width(word) > width {
			if head, word = breakWord(word, width); word == "" {
				word = head // one character, wider than the line
				break
			}
			lines = append(lines, head)
		}
		line, empty = word, false
	}
	return append(lines, line)
}

// breakWord cuts word so that its head has at most width columns, and at least
// one character. The head ends behind an operator of a filter pattern if one
// stands in its second half, otherwise behind a punctuation mark there.
func breakWord(word string, width int) (head, tail string) {
	used, cut, mark, operator := 0, 0, 0, 0
	for i, r := range word {
		used += twwidth.Width(string(r))
		if used > width && i > 0 {
			break
		}
		cut = i + utf8.RuneLen(r)
		switch {
		case used*2 <= width:
		case strings.HasSuffix(word[:cut], "||"), strings.HasSuffix(word[:cut], "&&"):
			operator = cut
		case strings.ContainsRune("/:-._,", r):
			mark = cut
		}
	}
	if cut < len(word) {
		cut = cmp.Or(operator, mark, cut)
	}
	return word[:cut], word[cut:]
}

// paragraph writes text wrapped to width columns, its first line behind first
// and the others behind rest.
func paragraph(b *strings.Builder, first, rest, text string, width int) {
	room := width
	if width > 0 {
		// A terminal too narrow for the indent still gets some text on a line.
		room = max(width-twwidth.Width(rest), 16)
	}
	for i, line := range wrap(text, room) {
		lead := rest
		if i == 0 {
			lead = first
		}
		b.WriteString(strings.TrimRight(lead+line, " "))
		b.WriteByte('\n')
	}
}

// Fold breaks a line that is told to a person, which has no escapes, into lines of at most
// width columns, the later ones indented; 0 leaves it whole. A command in single quotation
// marks stays together, and so does a line that is indented itself: both are for copying.
func Fold(text string, width int) string {
	if width <= 0 || strings.HasPrefix(text, " ") {
		return text
	}
	const indent = "  "
	var b strings.Builder
	at := 0
	for i, word := range unbroken(strings.Split(text, " ")) {
		n := twwidth.Width(word)
		switch {
		case i == 0:
		case at+1+n > width:
			b.WriteString("\n" + indent)
			at = len(indent)
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String()
}

// unbroken joins the words between two quotation marks.
func unbroken(words []string) []string {
	var out []string
	for i := 0; i < len(words); i++ {
		end := i
		if strings.HasPrefix(words[i], "'") {
			closes := func(w string) bool { return strings.HasSuffix(strings.TrimRight(w, ".,;:?!)"), "'") && len(w) > 1 }
			if n := slices.IndexFunc(words[i:], closes); n > 0 {
				end = i + n
			}
		}
		out = append(out, strings.Join(words[i:end+1], " "))
		i = end
	}
	return out
}
