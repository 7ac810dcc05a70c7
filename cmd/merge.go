package cmd

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// newMerge builds "monitorctl merge".
func newMerge(e *env) *cobra.Command {
	var f scopeFlags
	var g gateFlags
	var out outputFlags
	var expand bool
	var allowed int
	var view fleetView
	formats := report.FleetFormats()
	c := &cobra.Command{
		Use:   "merge DIR...",
		Short: "Combine the parts of an audit of many accounts",
		Long: `merge reads the folders that 'monitorctl audit --dir' wrote, such as one for each
--shard, and reports on all of their accounts, as one run would have. It makes no calls.
The controls and the benchmark are those of the folders. If an account was read
twice, the newer reading counts.

It exits with 0 when nothing fails, 3 when a control fails, and 1 when something could
not be checked or a part is missing.`,
		Example: `  monitorctl merge part-1 part-2 part-3
  monitorctl merge part-* -o table -o sarif=audit.sarif
  monitorctl merge --expand -o jsonl part-*`,
		PreRunE: e.fromEnvironment,
		Args:    cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, dirs []string) error {
			if len(dirs) == 0 {
				return exit.Hinted(exit.Usage(errors.New("merge needs folders")), "'monitorctl audit --org --dir DIR' makes one")
			}
			sinks, err := out.sinks(formats)
			if err != nil {
				return err
			}
			if err := fleetSinks(sinks); err != nil {
				return err
			}
			if expand && (len(sinks) > 1 || sinks[0].format != "jsonl") {
				return exit.Usage(errors.New("--expand needs -o jsonl"))
			}
			if err := view.check(); err != nil {
				return err
			}
			names, benchmark, err := run.FleetScope(dirs)
			if err != nil {
				return err
			}
			f.benchmark = benchmark
			q, err := f.request(e, c, names, &out)
			if err != nil {
				return err
			}
			q.Strict, q.Scope.FixedControls = g.strict, false // the folders say which
			gate, err := g.gate(e, q.Selection.Controls)
			if err != nil {
				return err
			}
			ctx, cancel := q.Limit.Context(c.Context())
			defer cancel()
			result, err := e.run.SavedFleet(ctx, q, dirs)
			if err != nil {
				return err
			}
			defer result.Close()
			o := view.over(report.Options{Config: q.Scope.Config.Identity(), Strict: q.Strict, Controls: result.Controls})
			if expand {
				err = e.each(ctx, &out, sinks, o, func(w io.Writer, _ string, o report.Options) error { return report.FleetExpanded(w, result.Report, o) })
			} else {
				err = e.fleetReports(ctx, &out, sinks, o, result.Report)
			}
			if err != nil {
				return err
			}
			return gate.FleetVerdict(result, allowed)
		},
	}
	f.addConfig(c)
	f.addCatalog(c)
	out.add(c, formats)
	view.add(c)
	fl := c.Flags()
	fl.BoolVar(&g.strict, "strict", false, "count warnings as failures")
	fl.StringVar(&g.failOn, "fail-on", "", "count only failures of this severity and above: low, medium, high, critical")
	fl.BoolVar(&expand, "expand", false, "write every finding of every account, as an audit of one account does")
	fl.IntVar(&allowed, "allow-unreadable", 0, "how many accounts may be unreadable before the exit code is 1")
	fl.DurationVar(&f.timeout, "timeout", 0, "give up after this time, such as 90s or 5m; 0 means never")
	return c
}
