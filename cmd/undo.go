package cmd

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// removeFlags are what undo and destroy share.
type removeFlags struct {
	scopeFlags
	out         outputFlags
	yes, dryRun bool

	many     fleetWriteFlags // of undo
	entering fleetFlags
}

func (f *removeFlags) add(c *cobra.Command, verb string) {
	f.set = catalog.SetAll
	f.addAccount(c)
	f.addSubscription(c)
	f.out.add(c, planFormats)
	f.addCatalog(c)
	f.addConfig(c)
	c.Flags().BoolVarP(&f.yes, "yes", "y", false, verb+" without asking")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "only show what would be done")
}

// prepare finds wrong usage before the first call.
func (f *removeFlags) prepare(e *env) ([]sink, error) {
	sinks, err := f.out.sinks(planFormats)
	if err == nil && !e.Interactive() && !f.yes && !f.dryRun {
		err = exit.Hinted(exit.Usage(errors.New("there is no terminal to ask on")), "--yes goes ahead without asking, --dry-run only shows what would be done")
	}
	return sinks, err
}

// newUndo builds "monitorctl undo".
func newUndo(e *env) *cobra.Command {
	var f removeFlags
	c := &cobra.Command{
		Use:   "undo [FILE]",
		Short: "Take back what a journal of apply records",
		Long: `undo removes what an apply made, and restores what it replaced, as its journal
(apply --journal FILE) records it: only the objects that nobody has changed
since. It shows what it will do, asks, and reports what it leaves and why. A
subscription that is still pending cannot be deleted; SNS drops it by itself.

A journal knows its cloud: one for Azure subscriptions needs no other flag, and
--subscription with an id takes back only what was done there. Receivers that were
added to an action group are removed again, and the provider Microsoft.Insights stays
registered.

The journal may hold several runs, some of them cut off or undone: undo restores what
was there before the first. What undo does is recorded there too.

With --journal-dir it takes back what was done in many accounts: the waves of apply in
reverse, the owner of the log group last.

It exits with 0 when everything is as it was before the runs, and with 1 when
something was left.`,
		Example: `  monitorctl apply --journal journal.jsonl --subscribe email:security@example.com
  monitorctl undo journal.jsonl
  monitorctl undo --journal-dir plans --account-role admin`,
		Args: func(c *cobra.Command, args []string) error {
			if f.many.journalDir != "" && len(args) == 0 {
				return nil
			}
			return oneArg("journal")(c, args)
		},
		PreRunE: e.fromEnvironment,
		RunE: func(c *cobra.Command, args []string) error {
			sinks, err := f.prepare(e)
			if err != nil {
				return err
			}
			if f.many.journalDir != "" {
				if len(args) > 0 {
					return exit.Usage(errors.New("a journal and --journal-dir cannot be combined"))
				}
				return e.undoFleet(c, &f, sinks)
			}
			if err := f.many.misplaced(c, fleetEntering...); err != nil {
				return err
			}
			if id := run.AzureAccountOf(c.Context(), args[0]); id != "" {
				return e.undoAzure(c.Context(), c, &f, sinks, args[0], id)
			}
			if len(f.source.Subscriptions) > 0 {
				return errJournalOfAWS
			}
			q, err := f.request(e, c, nil, &f.out)
			if err != nil {
				return err
			}
			m, err := e.run.Undo(c.Context(), q, args[0])
			if err != nil {
				return err
			}
			return e.remove(c.Context(), &f, sinks, m)
		},
	}
	f.add(c, "undo")
	f.many.add(c)
	f.entering.addSome(c, fleetEntering)
	return c
}

// remove shows a removal, asks and carries it out.
func (e *env) remove(ctx context.Context, f *removeFlags, sinks []sink, m *run.Removal) error {
	defer e.run.RemovalCalls(m)
	if !f.out.quiet || !f.yes {
		err := e.each(ctx, &f.out, sinks, report.Options{}, func(w io.Writer, format string, o report.Options) error {
			if format == "json" {
				return report.RemovalJSON(w, m.Report, o)
			}
			return report.RemovalText(w, m.Report, o)
		})
		if err != nil {
			return err
		}
	}
	if f.dryRun || len(m.Report.Actions) == 0 {
		return run.LeftVerdict(m.Report)
	}
	if !f.yes {
		if err := e.confirm("Make", m.Report.Actions, m.Report.Accounts); err != nil {
			return err
		}
	}
	return e.run.Remove(ctx, m, e.teller(sinks))
}
