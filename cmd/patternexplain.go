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
	var output string
	c := &cobra.Command{
		Use:   "explain PATTERN",
		Short: "What a pattern does, in words, and what is suspicious about it",
		Long: `explain parses a pattern as CloudWatch Logs does and says in words what it matches.
Below that it lists what looks like a mistake, each with its place in the pattern
(bytes from its start, from 0): parts that are never true, slips of precedence,
fields and events that CloudTrail does not have. It exits with 2 when the pattern
makes no sense.`,
		Example: `  monitorctl pattern explain '{ $.eventName = DeleteTrail && $.readOnly = "false" }'`,
		Args:    oneArg("pattern"),
		RunE: func(_ *cobra.Command, args []string) error {
			if output != "text" && output != "json" {
				return unknownFormat(output)
			}
			p, err := parsePattern(args[0])
			if err != nil {
				return err
			}
			if output == "json" {
				return e.explainJSON(p)
			}
			_, err = fmt.Fprint(e.out, explainText(p))
			return err
		},
	}
	c.Flags().StringVarP(&output, "output", "o", "text", "text, json")
	return c
}

func explainText(p *pattern.Pattern) string {
	x := events.Explain(p)
	var b strings.Builder
	for _, l := range x.Lines {
		fmt.Fprintf(&b, "%s%s\n", strings.Repeat("  ", l.Depth), report.Sanitize(l.Text))
	}
	fmt.Fprintf(&b, "\nshortest form: %s\n", report.Sanitize(p.String()))
	for _, s := range x.Suspicions {
		fmt.Fprintf(&b, "suspicious, byte %d: %s\n", s.Offset, report.Sanitize(s.Text))
	}
	for _, r := range p.Rules() {
		fmt.Fprintf(&b, "AWS leaves open: %s\n", r)
	}
	return b.String()
}

// explainJSON writes the explanation for programs.
func (e *env) explainJSON(p *pattern.Pattern) error {
	type suspicion struct {
		Offset int    `json:"offset"`
		Code   string `json:"code"`
		Text   string `json:"text"`
	}
	out := struct {
		Pattern    string      `json:"pattern"`
		Words      []string    `json:"words"`
		Suspicions []suspicion `json:"suspicions"`
		Rules      []string    `json:"uncertainRules"`
	}{p.String(), []string{}, []suspicion{}, append([]string{}, p.Rules()...)}
	x := events.Explain(p)
	for _, l := range x.Lines {
		out.Words = append(out.Words, strings.Repeat("  ", l.Depth)+l.Text)
	}
	for _, s := range x.Suspicions {
		out.Suspicions = append(out.Suspicions, suspicion{s.Offset, string(s.Code), s.Text})
	}
	enc := json.NewEncoder(e.out)
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}
