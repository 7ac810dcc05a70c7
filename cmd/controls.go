package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/report"
)

// newControls builds "monitorctl controls".
func newControls(e *env) *cobra.Command {
	var f controlFlags
	list := func(*cobra.Command, []string) error {
		b, err := catalog.ParseBenchmark(f.benchmark)
		if err != nil {
			return err
		}
		cat, err := f.load()
		if err != nil {
			return err
		}
		return report.Controls(e.out, cat.Controls, b, report.Options{Width: e.width()})
	}
	c := &cobra.Command{
		Use:     "controls",
		Short:   "The catalog of controls",
		Example: "  monitorctl controls\n  monitorctl controls show 4.10",
		Args:    noCommand,
		PreRunE: e.fromEnvironment,
		RunE:    list,
	}
	l := &cobra.Command{Use: "list", Short: "List the controls", Example: "  monitorctl controls list --benchmark cis-5.0.0", Args: noArgs, PreRunE: e.fromEnvironment, RunE: list}
	s := &cobra.Command{
		Use:               "show CONTROL",
		Short:             "Show one control: why it matters, its events, its blind spots, its texts",
		Example:           "  monitorctl controls show security-group-changes\n  monitorctl controls show 5.10 --benchmark cis-7.0.0",
		Args:              oneArg("control"),
		PreRunE:           e.fromEnvironment,
		ValidArgsFunction: completeControls(&f),
		RunE: func(_ *cobra.Command, args []string) error {
			controls, b, err := f.selection(args)
			if err != nil {
				return err
			}
			_, err = fmt.Fprint(e.out, describeControl(controls[0], b))
			return err
		},
	}
	c.PersistentFlags().StringVar(&f.benchmark, "benchmark", string(catalog.DefaultBenchmark), "version of the CIS AWS Foundations Benchmark")
	c.PersistentFlags().StringVar(&f.catalogDir, "catalog", "", "directory with YAML controls that add to or override the catalog")
	c.AddCommand(l, s)
	return c
}

// describeControl writes all that the catalog knows of a control.
func describeControl(c catalog.Control, b catalog.Benchmark) string {
	var w strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&w, format+"\n", args...) }
	line("%s: %s", c.ID, c.Title)
	line("%s", c.Why)
	line("")
	number, ok := c.Number(b)
	if !ok {
		number = "none"
	}
	line("number in %s: %s", b.Title(), number)
	line("severity: %s, sets: %s", c.Severity, strings.Join(c.Sets, ", "))
	if len(c.Sources) > 0 {
		line("event sources: %s", strings.Join(c.Sources, ", "))
	}
	if c.Type == catalog.Condition {
		line("\nrequired: every event that matches\n  %s", c.Condition)
	} else {
		line("\nrequired events:")
		for _, ev := range c.Required(b) {
			line("  %-45s %s", ev.Name, ev.Source)
		}
	}
	blind := c.BlindSpots(b)
	slices.SortStableFunc(blind, func(x, y catalog.Event) int { return riskRank(x.Risk) - riskRank(y.Risk) })
	if len(blind) > 0 {
		line("\nblind spots, operations that this version does not require ('apply --complete' adds them):")
		for _, ev := range blind {
			line("  %-7s %-45s %s", ev.Risk, ev.Name, ev.Why)
		}
	}
	for _, t := range c.Texts(b) {
		line("\ntext %s:\n  %s", t.ID, t.Text)
		if t.Note != "" {
			line("  note: %s", t.Note)
		}
	}
	w2 := c.Writes(b)
	line("\napply writes %s as filter %s, metric %s, alarm %s", w2.ID, c.Names.Filter, c.Names.Metric, c.Names.Alarm)
	return w.String()
}

func riskRank(risk string) int {
	return slices.Index([]string{"high", "medium", "low"}, risk)
}
