package cmd

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/eventpattern"
	"github.com/monitorctl/monitorctl/internal/events"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/language"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
	"github.com/monitorctl/monitorctl/internal/report"
)

// addLanguage adds --language.
func addLanguage(c *cobra.Command, name *string) {
	c.Flags().StringVar(name, "language", language.Auto, "filter (CloudWatch Logs), event (EventBridge), auto: by the pattern's form")
	complete(c, "language", language.Names)
}

// parsePatterns parses patterns that a user typed; the error shows where one stops
// making sense.
func parsePatterns(texts []string, name string) ([]language.Pattern, error) {
	var list []language.Pattern
	for _, text := range texts {
		p, err := language.Parse(text, name)
		var filter *syntax.Error
		var event *eventpattern.SyntaxError
		switch {
		case errors.As(err, &filter):
			return nil, &exit.Error{Code: exit.WrongUsage, Err: err, Hint: caretAt(filter.Pattern, filter.Offset)}
		case errors.As(err, &event):
			return nil, &exit.Error{Code: exit.WrongUsage, Err: err, Hint: caretAt(event.Pattern, event.Offset)}
		case err != nil:
			return nil, exit.Usage(err)
		}
		list = append(list, p)
	}
	return list, nil
}

// explainEvent explains an event pattern.
func (e *env) explainEvent(p language.Pattern, output string) error {
	if output == "json" {
		return e.explainEventJSON(p)
	}
	x := p.Event.Explain()
	var b strings.Builder
	for _, l := range x.Lines {
		fmt.Fprintf(&b, "%s%s\n", strings.Repeat("  ", l.Depth), report.Sanitize(l.Text))
	}
	fmt.Fprintf(&b, "\nshortest form: %s\n", report.Sanitize(p.Event.String()))
	for _, line := range p.Lines() {
		fmt.Fprintln(&b, report.Sanitize(line))
	}
	for _, s := range suspicious(p.Event, x) {
		fmt.Fprintf(&b, "suspicious, byte %d: %s\n", s.Offset, report.Sanitize(s.Text))
	}
	_, err := fmt.Fprint(e.Out, b.String())
	return err
}

func (e *env) explainEventJSON(p language.Pattern) error {
	out := explanationJSON{
		Language: language.Event, Pattern: p.Event.String(), Words: []string{}, Suspicions: []suspicionJSON{},
		Rules: append([]string{}, p.Event.Rules()...), Translation: p.Translate(),
	}
	x := p.Event.Explain()
	for _, l := range x.Lines {
		out.Words = append(out.Words, strings.Repeat("  ", l.Depth)+l.Text)
	}
	out.Suspicions = append(out.Suspicions, suspicious(p.Event, x)...)
	enc := json.NewEncoder(e.Out)
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

// suspicious lists what looks like a mistake in an event pattern, the names of events
// included, by offset. The list of names says more of upper and lower case.
func suspicious(p *eventpattern.Pattern, x eventpattern.Explanation) []suspicionJSON {
	var list []suspicionJSON
	for _, s := range events.InRule(p) {
		list = append(list, suspicionJSON{s.Offset, string(s.Code), s.Text})
	}
	named := len(list)
	for _, s := range x.Suspicions {
		if s.Code != eventpattern.SuspectCase || !slices.ContainsFunc(list[:named], func(have suspicionJSON) bool { return have.Offset == s.Offset }) {
			list = append(list, suspicionJSON{s.Offset, string(s.Code), s.Text})
		}
	}
	slices.SortStableFunc(list, func(a, b suspicionJSON) int { return cmp.Compare(a.Offset, b.Offset) })
	return list
}
