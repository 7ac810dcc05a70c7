package cmd

import (
	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// newControls builds "monitorctl controls".
func newControls(e *env) *cobra.Command {
	var f scopeFlags
	list := func(*cobra.Command, []string) error {
		b, err := catalog.ParseBenchmark(f.benchmark)
		if err != nil {
			return err
		}
		cat, err := run.NewCatalogs(f.catalogDir).Of(b.Cloud())
		if err != nil {
			return err
		}
		return report.Controls(e.Out, cat.Controls, b, report.Options{Width: e.Width()})
	}
	c := &cobra.Command{
		Use:     "controls",
		Short:   "The catalog of controls",
		Example: "  monitorctl controls\n  monitorctl controls show 4.10",
		Args:    noCommand,
		PreRunE: e.fromEnvironment,
		RunE:    list,
	}
	l := &cobra.Command{Use: "list", Short: "List the controls", Example: "  monitorctl controls list --benchmark cis-5.0.0\n  monitorctl controls list --benchmark cis-azure-6.0.0", Args: noArgs, PreRunE: e.fromEnvironment, RunE: list}
	s := &cobra.Command{
		Use:               "show CONTROL",
		Short:             "Show one control: why it matters, its events, blind spots, texts and mappings",
		Example:           "  monitorctl controls show security-group-changes\n  monitorctl controls show 5.10 --benchmark cis-7.0.0",
		Args:              oneArg("control"),
		PreRunE:           e.fromEnvironment,
		ValidArgsFunction: f.completeControls,
		RunE: func(_ *cobra.Command, args []string) error {
			scope := run.Scope{Catalogs: run.NewCatalogs(f.catalogDir), Names: args, Benchmark: f.benchmark}
			s, err := scope.Select(scope.Catalogs.CloudOf(args[0], f.benchmark))
			if err != nil {
				return err
			}
			return report.Control(e.Out, s.Controls[0], s.Benchmark, report.Options{Width: e.Width()})
		},
	}
	c.PersistentFlags().StringVar(&f.benchmark, "benchmark", string(catalog.DefaultBenchmark), "version of the CIS AWS Foundations Benchmark, or of the one for Azure, such as "+string(catalog.DefaultAzureBenchmark))
	c.PersistentFlags().StringVar(&f.catalogDir, "catalog", "", "directory with YAML controls that add to or override the catalog")
	c.AddCommand(l, s)
	return c
}
