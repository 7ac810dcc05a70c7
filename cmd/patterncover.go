package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/cloudtrail"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// newPatternCover builds "monitorctl pattern cover".
func newPatternCover(e *env) *cobra.Command {
	var f scopeFlags
	var control, output, lang string
	c := &cobra.Command{
		Use:   "cover PATTERN... --control CONTROL",
		Short: "Do these patterns together match everything that a control requires?",
		Long: `cover decides whether the union of the patterns matches every event that a control
requires, whatever its other fields hold. Filter patterns and event patterns may be
mixed: what a metric filter misses, an EventBridge rule may take. It exits with 0 when
it does, 1 when that depends on what AWS leaves open, and 3 otherwise.

It is about patterns alone. A rule in state ENABLED gets no List, Get or Describe
events, whatever its pattern says.`,
		Example: `  monitorctl pattern cover '{ $.eventName = "*SecurityGroup*" }' --control security-group-changes
  monitorctl pattern cover "$A" "$B" --control 4.10 -o json`,
		PreRunE: e.fromEnvironment,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 || control == "" {
				return exit.Hinted(exit.Usage(errors.New("pattern cover takes patterns and --control")), "see 'monitorctl pattern cover --help'")
			}
			if output != "text" && output != "json" {
				return unknownFormat(output, textFormats)
			}
			patterns, err := parsePatterns(args, lang)
			if err != nil {
				return err
			}
			s, err := run.Scope{Catalogs: run.NewCatalogs(f.catalogDir), Names: []string{control}, Benchmark: f.benchmark}.Select(catalog.AWS)
			if err != nil {
				return err
			}
			var union []cover.Matcher
			for _, p := range patterns {
				union = append(union, p.Matcher())
			}
			answer, err := audit.CoverUnion(cmd.Context(), union, s.Controls[0], s.Benchmark)
			if err != nil {
				return err
			}
			write := coverText
			if output == "json" {
				write = coverJSON
			}
			if err := write(e.Out, answer); err != nil {
				return err
			}
			return coverVerdict(answer.Verdict)
		},
	}
	c.Flags().StringVar(&control, "control", "", "control id or number of the benchmark")
	c.Flags().StringVar(&f.benchmark, "benchmark", string(catalog.DefaultBenchmark), "version of the CIS AWS Foundations Benchmark")
	c.Flags().StringVarP(&output, "output", "o", "text", "text, json")
	addLanguage(c, &lang)
	f.addCatalog(c)
	return c
}

func coverVerdict(v cover.Verdict) error {
	switch v {
	case cover.Covered:
		return nil
	case cover.Unresolved:
		return &exit.Error{Code: exit.Failed}
	default:
		return &exit.Error{Code: exit.ControlsFailed}
	}
}

// coverText writes the answer in words.
func coverText(w io.Writer, a audit.CoverAnswer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", a.Control, a.Verdict)
	for _, m := range a.Missed {
		fmt.Fprintf(&b, "  missed: %s (%s)\n", m.Event, m.Source)
	}
	for _, n := range a.Narrowed {
		fmt.Fprintf(&b, "  lost when %s\n    for example %s\n", report.Sanitize(n.Text), report.Sanitize(n.Example))
	}
	for _, n := range a.Doubtful {
		fmt.Fprintf(&b, "  lost, though it should not occur, when %s\n", report.Sanitize(n.Text))
	}
	for _, r := range a.Rules {
		fmt.Fprintf(&b, "  depends on what AWS leaves open: %s\n", r)
	}
	beyondText(&b, a)
	if len(a.Axioms) > 0 {
		fmt.Fprintf(&b, "  leans on: %s\n", strings.Join(softMarked(a.Axioms), "; "))
	}
	if a.Noisy {
		fmt.Fprintln(&b, "  noisy: everyday events match too")
	}
	if a.Literal {
		fmt.Fprintln(&b, "  one of the patterns is the benchmark's own text")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// maxBeyond is how many cases of what is matched beside a control the text
// shows.
const maxBeyond = 5

// beyondText says what the patterns match beside what the control asks for.
func beyondText(b *strings.Builder, a audit.CoverAnswer) {
	if a.Everything {
		fmt.Fprintln(b, "  matches every management event")
	}
	if a.OtherServices {
		fmt.Fprintln(b, "  also matches: the same event names of other services")
	}
	for _, c := range a.Beyond[:min(len(a.Beyond), maxBeyond)] {
		fmt.Fprintf(b, "  also matches: %s\n", report.Sanitize(c.Text))
	}
	if left := len(a.Beyond) - maxBeyond; left > 0 {
		fmt.Fprintf(b, "  also matches: %s (-o json lists them)\n", run.Plural(left, "more case"))
	} else if a.MoreBeyond {
		fmt.Fprintln(b, "  may match more")
	}
}

// softMarked marks the axioms that AWS does not promise.
func softMarked(axioms []string) []string {
	list := make([]string, len(axioms))
	for i, text := range axioms {
		list[i] = text
		if cloudtrail.AxiomNamed(text).Soft {
			list[i] += " (soft)"
		}
	}
	return list
}

// coverJSON writes the answer as docs/output.md fixes it.
func coverJSON(w io.Writer, a audit.CoverAnswer) error {
	type event struct {
		Source string `json:"source"`
		Event  string `json:"event"`
	}
	type narrowed struct {
		By      string `json:"by"`
		Text    string `json:"text"`
		Example string `json:"example"`
		Filter  string `json:"filter"`
	}
	type beyond struct {
		Text    string `json:"text"`
		Example string `json:"example"`
	}
	out := struct {
		Control  string     `json:"control"`
		Covered  bool       `json:"covered"`
		Verdict  string     `json:"verdict"`
		Missed   []event    `json:"missed"`
		Narrowed []narrowed `json:"narrowed"`
		Noisy    bool       `json:"noisy"`
		Literal  bool       `json:"literal"`

		Everything    bool     `json:"everything"`
		OtherServices bool     `json:"otherServices"`
		Beyond        []beyond `json:"beyond"`
		MoreBeyond    bool     `json:"moreBeyond"`
		Axioms        []string `json:"axioms"`
	}{
		Control: a.Control, Covered: a.Verdict == cover.Covered, Verdict: a.Verdict.String(), Missed: []event{}, Narrowed: []narrowed{},
		Noisy: a.Noisy, Literal: a.Literal, Everything: a.Everything, OtherServices: a.OtherServices, Beyond: []beyond{}, MoreBeyond: a.MoreBeyond,
		Axioms: append([]string{}, a.Axioms...),
	}
	for _, m := range a.Missed {
		out.Missed = append(out.Missed, event{m.Source, m.Event})
	}
	for _, n := range a.Narrowed {
		out.Narrowed = append(out.Narrowed, narrowed(n))
	}
	for _, c := range a.Beyond {
		out.Beyond = append(out.Beyond, beyond(c))
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}
