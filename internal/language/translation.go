package language

import (
	"fmt"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/eventpattern/translate"
)

// A Translation is what a pattern is in the other language.
type Translation struct {
	Text string   `json:"text"` // "" when there is none
	Lost []string `json:"lost"` // in words, where the two differ; empty when it is exact
}

// Translate returns what a pattern is in the other language, on CloudTrail's records.
func (p Pattern) Translate() Translation {
	if p.Event != nil {
		return p.toFilter()
	}
	text, lost, _ := translate.FromFilterPattern(p.Filter)
	return Translation{text, append([]string{}, lost...)}
}

func (p Pattern) toFilter() Translation {
	b := translate.FromEventPattern(p.Event, translate.Options{})
	t := Translation{Lost: append([]string{}, b.Open...)}
	if b.Loose {
		t.Lost = append(t.Lost, "where a field whose type CloudTrail does not document is an array, an object or a number, the languages differ")
	}
	switch {
	case b.Lower == nil && len(b.Open) == 0:
		t.Lost = append(t.Lost, "no event of CloudTrail matches, and a filter pattern cannot say so")
	case b.Lower != nil:
		t.Text = b.Lower.String()
	}
	if n := utf8.RuneCountInString(t.Text); n > catalog.PatternLimit {
		t.Text = ""
		t.Lost = append(t.Lost, fmt.Sprintf("it would have %d characters, and CloudWatch Logs takes %d", n, catalog.PatternLimit))
	}
	return t
}

// Lines returns the translation in lines for people. They are not sanitized.
func (p Pattern) Lines() []string {
	as, t := "a filter pattern", p.Translate()
	if p.Filter != nil {
		as = "an event pattern"
	}
	var lines []string
	switch {
	case t.Text == "":
		lines = append(lines, "as "+as+": there is none")
	case len(t.Lost) == 0:
		lines = append(lines, "as "+as+": "+t.Text)
	default:
		lines = append(lines, "nearly, as "+as+": "+t.Text)
	}
	for _, l := range t.Lost {
		lines = append(lines, "  lost: "+l)
	}
	return lines
}
