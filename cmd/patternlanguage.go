package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/eventpattern/translate"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/report"
)

// languages are the values of --language, the default first: by the pattern's form.
var languages = []string{"auto", "filter", "event"}

// addLanguage adds --language.
func addLanguage(c *cobra.Command, language *string) {
	c.Flags().StringVar(language, "language", languages[0], "filter (CloudWatch Logs), event (EventBridge), auto: by the pattern's form")
	complete(c, "language", func() []string { return languages })
}

// isEventPattern reports whether a pattern is to be read as one of EventBridge: a JSON
// object, which no filter pattern is.
func isEventPattern(text, language string) (bool, error) {
	if !slices.Contains(languages, language) {
		return false, exit.Usage(fmt.Errorf("--language %q: expected auto, filter or event", language))
	}
	if language != languages[0] {
		return language == "event", nil
	}
	inner, ok := strings.CutPrefix(strings.TrimSpace(text), "{")
	inner = strings.TrimSpace(inner)
	return ok && (strings.HasPrefix(inner, `"`) || strings.HasPrefix(inner, "}")), nil
}

// parseEventPattern parses an event pattern that a user typed; the error shows where
// it stops making sense.
func parseEventPattern(text string) (*eventpattern.Pattern, error) {
	p, err := eventpattern.Parse(text)
	var syntax *eventpattern.SyntaxError
	if errors.As(err, &syntax) {
		return nil, &exit.Error{Code: exit.WrongUsage, Err: err, Hint: caretAt(syntax.Pattern, syntax.Offset)}
	}
	if err != nil {
		return nil, exit.Usage(err)
	}
	return p, nil
}

// A translation is what a pattern is in the other language.
type translation struct {
	Text string   `json:"text"` // "" when there is none
	Lost []string `json:"lost"` // in words, where the two differ; empty when it is exact
}

// String says it in lines for people.
func (t translation) words(as string) string {
	var b strings.Builder
	switch {
	case t.Text == "":
		fmt.Fprintf(&b, "as %s: there is none\n", as)
	case len(t.Lost) == 0:
		fmt.Fprintf(&b, "as %s: %s\n", as, report.Sanitize(t.Text))
	default:
		fmt.Fprintf(&b, "nearly, as %s: %s\n", as, report.Sanitize(t.Text))
	}
	for _, l := range t.Lost {
		fmt.Fprintf(&b, "  lost: %s\n", report.Sanitize(l))
	}
	return b.String()
}

// toEvents translates a filter pattern.
func toEvents(p *pattern.Pattern) translation {
	text, lost, _ := translate.FromFilterPattern(p)
	return translation{text, append([]string{}, lost...)}
}

// maxFilterLength is the most characters of a filter pattern that CloudWatch Logs
// takes.
const maxFilterLength = 1024

// toFilter translates an event pattern, on CloudTrail's records.
func toFilter(p *eventpattern.Pattern) translation {
	b := translate.FromEventPattern(p, translate.Options{})
	t := translation{Lost: append([]string{}, b.Open...)}
	if b.Loose {
		t.Lost = append(t.Lost, "where a field whose type CloudTrail does not document is an array, an object or a number, the languages differ")
	}
	switch {
	case b.Lower == nil && len(b.Open) == 0:
		t.Lost = append(t.Lost, "no event of CloudTrail matches, and a filter pattern cannot say so")
	case b.Lower != nil:
		t.Text = b.Lower.String()
	}
	if n := utf8.RuneCountInString(t.Text); n > maxFilterLength {
		t.Text = ""
		t.Lost = append(t.Lost, fmt.Sprintf("it would have %d characters, and CloudWatch Logs takes %d", n, maxFilterLength))
	}
	return t
}

// explainEvent explains an event pattern.
func (e *env) explainEvent(text, output string) error {
	p, err := parseEventPattern(text)
	if err != nil {
		return err
	}
	if output == "json" {
		return e.explainEventJSON(p)
	}
	x := p.Explain()
	var b strings.Builder
	for _, l := range x.Lines {
		fmt.Fprintf(&b, "%s%s\n", strings.Repeat("  ", l.Depth), report.Sanitize(l.Text))
	}
	fmt.Fprintf(&b, "\nshortest form: %s\n", report.Sanitize(p.String()))
	b.WriteString(toFilter(p).words("a filter pattern"))
	for _, s := range x.Suspicions {
		fmt.Fprintf(&b, "suspicious, byte %d: %s\n", s.Offset, report.Sanitize(s.Text))
	}
	_, err = fmt.Fprint(e.Out, b.String())
	return err
}

func (e *env) explainEventJSON(p *eventpattern.Pattern) error {
	out := explanationJSON{Language: "event", Pattern: p.String(), Words: []string{}, Suspicions: []suspicionJSON{}, Rules: append([]string{}, p.Rules()...), Translation: toFilter(p)}
	x := p.Explain()
	for _, l := range x.Lines {
		out.Words = append(out.Words, strings.Repeat("  ", l.Depth)+l.Text)
	}
	for _, s := range x.Suspicions {
		out.Suspicions = append(out.Suspicions, suspicionJSON{s.Offset, string(s.Code), s.Text})
	}
	enc := json.NewEncoder(e.Out)
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}
