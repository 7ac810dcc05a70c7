package report

import (
	"regexp"
	"strings"
)

// markdown returns text as one line of Markdown that renders as that text.
//
// A backslash would not be enough: GitHub and GitLab look for mentions, issues
// and commits after the Markdown is rendered, when the backslash is gone. They
// leave code spans alone. So every word that is not plainly a word or a number
// stands in a code span, neighbors together in one.
func markdown(text string) string {
	return markdownWords(text, func(word string) string { return word })
}

// markdownCell is markdown for the cell of a table. There a pipe ends the cell
// also inside a code span, unless a backslash stands before it; how a backslash
// before that one is read differs between renderers, so that the pipe is then
// shown as \x7c.
func markdownCell(text string) string {
	return markdownWords(text, func(word string) string {
		if strings.Contains(word, `\`) {
			return strings.ReplaceAll(word, "|", `\x7c`)
		}
		return strings.ReplaceAll(word, "|", `\|`)
	})
}

var (
	// plainWord is a word of a sentence: letters, hyphens, apostrophes and
	// slashes between them, quotation and parentheses around it.
	plainWord = regexp.MustCompile(`^[("']*\p{L}[\p{L}\p{M}]*(?:[-'’/][\p{L}\p{M}]+)*[)"',;:.!?]*$`)

	// plainNumber is too short for a commit and no marker of a list.
	plainNumber = regexp.MustCompile(`^[0-9]{1,6}[,;:]?$`)

	// commitWord has a part that could be the start of a commit's hash.
	commitWord = regexp.MustCompile(`(?:^|[^0-9A-Za-z])[0-9A-Fa-f]{7,}(?:[^0-9A-Za-z]|$)`)

	// webWord is what GitHub's extension of CommonMark takes for the start of an
	// address.
	webWord = regexp.MustCompile(`(?i)www\.`)

	// punctuated is a word with the punctuation of a sentence around it, which
	// need not stand in its code span.
	punctuated = regexp.MustCompile(`^([("']*)(.*?)([)"',;:.!?]*)$`)
)

func isPlain(word string) bool {
	if isShortWord(word) {
		return true // most words are, and expressions are slow
	}
	return (plainWord.MatchString(word) || plainNumber.MatchString(word)) && !commitWord.MatchString(word) && !webWord.MatchString(word)
}

// isShortWord reports whether a word is of ASCII letters only, and too short for a
// commit.
func isShortWord(word string) bool {
	for i := range len(word) {
		if c := word[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return len(word) < 7
}

// markdownWords joins the words of text, with those that are not plain in code
// spans. inCode has the last word on what stands in one.
func markdownWords(text string, inCode func(string) string) string {
	var out []string
	var code spanWords
	flush := func() {
		if len(code.words) > 0 {
			out = append(out, code.before+codeSpan(inCode(strings.Join(code.words, " ")))+code.after)
		}
		code = spanWords{}
	}
	for _, word := range strings.Fields(Sanitize(text)) {
		if isPlain(word) {
			flush()
			out = append(out, word)
			continue
		}
		parts := punctuated.FindStringSubmatch(word)
		before, core, after := parts[1], parts[2], parts[3]
		if core == "" {
			before, core, after = "", word, ""
		}
		if before != "" || code.after != "" {
			flush()
		}
		if len(code.words) == 0 {
			code.before = before
		}
		code.words, code.after = append(code.words, core), after
	}
	flush()
	return strings.Join(out, " ")
}

// spanWords are the words of a code span to be, and the punctuation around it.
type spanWords struct {
	words         []string
	before, after string
}

// codeSpan fences text with more backticks than it has in a row.
func codeSpan(text string) string {
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + text + fence
}
