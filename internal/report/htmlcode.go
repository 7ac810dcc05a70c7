package report

import (
	"strconv"
	"strings"
)

// An htmlCode holds the texts of code of a page, each line and each text once: findings of many
// accounts differ by the account alone. The script puts a text together when it is unfolded.
type htmlCode struct {
	Lines []string `json:"line"`
	Texts [][]int  `json:"code"` // places in Lines

	line, text map[string]int // places by what is there
}

func newHTMLCode() *htmlCode {
	return &htmlCode{Lines: []string{}, Texts: [][]int{}, line: map[string]int{}, text: map[string]int{}}
}

// codeAccount stands for the account in the texts. It is in none of them: they are shown as
// they are, so that nothing is in them that cannot be shown.
const codeAccount = "\x01"

// of returns the place of a text about an account; false for one that cannot be shown as it is.
func (c *htmlCode) of(text, account string) (int, bool) {
	for _, r := range text {
		if r != '\n' && !isSafeRune(r) {
			return 0, false
		}
	}
	if account != "" {
		text = strings.ReplaceAll(text, account, codeAccount)
	}
	if at, ok := c.text[text]; ok {
		return at, true
	}
	var lines []int
	for line := range strings.SplitSeq(text, "\n") {
		at, ok := c.line[line]
		if !ok {
			at = len(c.Lines)
			c.line[line], c.Lines = at, append(c.Lines, line)
		}
		lines = append(lines, at)
	}
	at := len(c.Texts)
	c.text[text], c.Texts = at, append(c.Texts, lines)
	return at, true
}

// textOf writes where the script puts a text when it is unfolded.
func (p *htmlWriter) textOf(name string, at int, account string) {
	p.start("details", "class", "code", "data-code", strconv.Itoa(at)+" "+account)
	p.element("summary", name)
	p.element("p", "Shown only with scripts. The commands above do the same.", "class", "soft")
	p.end()
	p.line()
}
