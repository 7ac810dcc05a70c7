package cmd

import (
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
		f.cloud = b.Cloud()
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
	l := &cobra.Command{Use: "list", Short: "List the controls", Example: "  monitorctl controls list --benchmark cis-5.0.0\n  monitorctl controls list --benchmark cis-azure-6.0.0", Args: noArgs, PreRunE: e.fromEnvironment, RunE: list}
	s := &cobra.Command{
		Use:               "show CONTROL",
		Short:             "Show one control: why it matters, its events, blind spots, texts and mappings",
		Example:           "  monitorctl controls show security-group-changes\n  monitorctl controls show 5.10 --benchmark cis-7.0.0",
		Args:              oneArg("control"),
		PreRunE:           e.fromEnvironment,
		ValidArgsFunction: completeControls(&f),
		RunE: func(_ *cobra.Command, args []string) error {
			f.cloud = f.cloudOf(args[0])
			controls, b, err := f.selection(args)
			if err != nil {
				return err
			}
			return report.Control(e.out, controls[0], b, report.Options{Width: e.width()})
		},
	}
	c.PersistentFlags().StringVar(&f.benchmark, "benchmark", string(catalog.DefaultBenchmark), "version of the CIS AWS Foundations Benchmark, or of the one for Azure, such as "+string(catalog.DefaultAzureBenchmark))
	c.PersistentFlags().StringVar(&f.catalogDir, "catalog", "", "directory with YAML controls that add to or override the catalog")
	c.AddCommand(l, s)
	return c
}

// cloudOf returns the cloud that a control is one of: that of the benchmark, or Azure
// where only Azure has a control of that id.
func (f *controlFlags) cloudOf(name string) catalog.Cloud {
	if b, err := catalog.ParseBenchmark(f.benchmark); err == nil && b.Cloud() == catalog.Azure {
		return catalog.Azure
	}
	azure, err := f.loadCatalog(catalog.Azure)
	if err != nil {
		return catalog.AWS
	}
	for _, c := range azure.Controls {
		if c.ID == name {
			return catalog.Azure
		}
	}
	return catalog.AWS
}
