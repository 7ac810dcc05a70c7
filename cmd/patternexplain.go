package cmd

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/events"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/report"
)

// newPatternExplain builds "monitorctl pattern explain".
func newPatternExplain(e *env) *cobra.Command {
	var output, language string
	c := &cobra.Command{
		Use:   "explain PATTERN",
		Short: "What a pattern does, in words, and what is suspicious about it",
		Long: `explain parses a pattern as CloudWatch Logs does and says in words what it matches.
Below that it lists what looks like a mistake, each with its place in the pattern
(bytes from its start, from 0): parts that are never true, slips of precedence,
fields and events that CloudTrail does not have. It also prints what the pattern is
in the other language: an event pattern of EventBridge for a filter pattern, a filter
pattern for an event pattern, or what is lost. It exits with 2 when the pattern makes
no sense.`,
		Example: `  monitorctl pattern explain '{ $.eventName = DeleteTrail && $.readOnly = "false" }'
  monitorctl pattern explain '{"source":["aws.cloudtrail"],"detail":{"eventName":["DeleteTrail"]}}'`,
		Args: oneArg("pattern"),
		RunE: func(_ *cobra.Command, args []string) error {
			if output != "text" && output != "json" {
				return unknownFormat(output)
			}
			if event, err := isEventPattern(args[0], language); event || err != nil {
				if err != nil {
					return err
				}
				return e.explainEvent(args[0], output)
			}
			p, err := parsePattern(args[0])
			if err != nil {
				return err
			}
			if output == "json" {
				return e.explainJSON(p)
			}
			_, err = fmt.Fprint(e.Out, explainText(p))
			return err
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "text", "text, json")
	addLanguage(c, &language)
	return c
}

func explainText(p *pattern.Pattern) string {
	x := events.Explain(p)
	var b strings.Builder
	for _, l := range x.Lines {
		fmt.Fprintf(&b, "%s%s\n", strings.Repeat("  ", l.Depth), report.Sanitize(l.Text))
	}
	fmt.Fprintf(&b, "\nshortest form: %s\n", report.Sanitize(p.String()))
	b.WriteString(toEvents(p).words("an event pattern"))
	for _, s := range x.Suspicions {
		fmt.Fprintf(&b, "suspicious, byte %d: %s\n", s.Offset, report.Sanitize(s.Text))
	}
	for _, r := range p.Rules() {
		fmt.Fprintf(&b, "AWS leaves open: %s\n", r)
	}
	return b.String()
}

type (
	// An explanationJSON is an explanation for programs.
	explanationJSON struct {
		Language    string          `json:"language"` // filter, event
		Pattern     string          `json:"pattern"`
		Words       []string        `json:"words"`
		Suspicions  []suspicionJSON `json:"suspicions"`
		Rules       []string        `json:"uncertainRules"`
		Translation translation     `json:"translation"` // into the other language
	}

	suspicionJSON struct {
		Offset int    `json:"offset"`
		Code   string `json:"code"`
		Text   string `json:"text"`
	}
)

// explainJSON writes the explanation for programs.
func (e *env) explainJSON(p *pattern.Pattern) error {
	out := explanationJSON{Language: "filter", Pattern: p.String(), Words: []string{}, Suspicions: []suspicionJSON{}, Rules: append([]string{}, p.Rules()...), Translation: toEvents(p)}
	x := events.Explain(p)
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
