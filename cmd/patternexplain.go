package cmd

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/events"
	"github.com/monitorctl/monitorctl/internal/language"
	"github.com/monitorctl/monitorctl/internal/report"
)

// newPatternExplain builds "monitorctl pattern explain".
func newPatternExplain(e *env) *cobra.Command {
	var output, lang string
	c := &cobra.Command{
		Use:   "explain PATTERN",
		Short: "What a pattern does, in words, and what is suspicious about it",
		Long: `explain parses a pattern as CloudWatch Logs does and says in words what it matches.
Below that it lists what looks like a mistake, each with its place in the pattern
(bytes from its start, from 0): parts that are never true, slips of precedence,
fields and events that CloudTrail does not have. It also prints what the pattern is
in the other language: an event pattern of EventBridge for a filter pattern, a filter
pattern for an event pattern, or what is lost. It exits with 2 when the pattern is
invalid.`,
		Example: `  monitorctl pattern explain '{ $.eventName = DeleteTrail && $.readOnly = "false" }'
  monitorctl pattern explain '{"source":["aws.cloudtrail"],"detail":{"eventName":["DeleteTrail"]}}'`,
		Args:    oneArg("pattern"),
		PreRunE: e.fromEnvironment,
		RunE: func(_ *cobra.Command, args []string) error {
			if output != "text" && output != "json" {
				return unknownFormat(output, textFormats)
			}
			list, err := parsePatterns(args, lang)
			if err != nil {
				return err
			}
			p := list[0]
			switch {
			case p.Event != nil:
				return e.explainEvent(p, output)
			case output == "json":
				return e.explainJSON(p)
			}
			_, err = fmt.Fprint(e.Out, explainText(p))
			return err
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "text", "text, json")
	addLanguage(c, &lang)
	return c
}

func explainText(p language.Pattern) string {
	var b strings.Builder
	for _, l := range p.Filter.Explain() {
		fmt.Fprintf(&b, "%s%s\n", strings.Repeat("  ", l.Depth), report.Sanitize(l.Text))
	}
	fmt.Fprintf(&b, "\nshortest form: %s\n", report.Sanitize(p.Filter.String()))
	for _, line := range p.Lines() {
		fmt.Fprintln(&b, report.Sanitize(line))
	}
	for _, s := range events.All(p.Filter) {
		fmt.Fprintf(&b, "suspicious, byte %d: %s\n", s.Offset, report.Sanitize(s.Text))
	}
	for _, r := range p.Filter.Rules() {
		fmt.Fprintf(&b, "AWS leaves open: %s\n", r)
	}
	return b.String()
}

type (
	// An explanationJSON is an explanation for programs.
	explanationJSON struct {
		Language    string               `json:"language"` // filter, event
		Pattern     string               `json:"pattern"`
		Words       []string             `json:"words"`
		Suspicions  []suspicionJSON      `json:"suspicions"`
		Rules       []string             `json:"uncertainRules"`
		Translation language.Translation `json:"translation"` // into the other language
	}

	suspicionJSON struct {
		Offset int    `json:"offset"`
		Code   string `json:"code"`
		Text   string `json:"text"`
	}
)

// explainJSON writes the explanation for programs.
func (e *env) explainJSON(p language.Pattern) error {
	out := explanationJSON{
		Language: language.Filter, Pattern: p.Filter.String(), Words: []string{}, Suspicions: []suspicionJSON{},
		Rules: append([]string{}, p.Filter.Rules()...), Translation: p.Translate(),
	}
	for _, l := range p.Filter.Explain() {
		out.Words = append(out.Words, strings.Repeat("  ", l.Depth)+l.Text)
	}
	for _, s := range events.All(p.Filter) {
		out.Suspicions = append(out.Suspicions, suspicionJSON{s.Offset, string(s.Code), s.Text})
	}
	enc := json.NewEncoder(e.Out)
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}
