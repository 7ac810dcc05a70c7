package cmd

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// explainFormats are the formats of explain: a tree, or the audit's JSON.
var explainFormats = []string{"tree", "json"}

// newExplain builds "monitorctl explain".
func newExplain(e *env) *cobra.Command {
	var f scopeFlags
	var out outputFlags
	var many fleetExplain
	c := &cobra.Command{
		Use:   "explain CONTROL",
		Short: "Show one control's chain with the evidence of every link",
		Long: `explain draws the chain of one control as a tree: every trail, its log group, the
metric filters that concern the control, their alarms, topics and subscribers,
each with what was found. Below it are the reasons for the status, the events
that would be missed and the operations that the benchmark does not ask for. With
--subscription it does so for a control of Azure.

For many accounts (--org and similar flags, or --snapshot with a folder of 'audit --dir') it
draws the chain of one account with --account; with --cause N it shows one cause of
audit's table: the chain, and the accounts. It then needs no CONTROL, and takes the
flags of the audit.

It exits as audit does.`,
		Example: `  monitorctl explain security-group-changes
  monitorctl explain 4.10 --snapshot account.json -o json
  monitorctl explain nsg-changes --subscription acme-prod
  monitorctl explain 4.10 --snapshot fleet --account 111122223333
  monitorctl explain --snapshot fleet --cause 1`,
		Args:              many.args,
		PreRunE:           e.fromEnvironment,
		ValidArgsFunction: f.completeControls,
		RunE: func(c *cobra.Command, args []string) error {
			sinks, err := out.sinks(explainFormats)
			if err != nil {
				return err
			}
			if of, err := many.given(c, &f); err != nil {
				return err
			} else if of {
				return many.explain(e, c, &f, args, &out, sinks)
			}
			q, err := f.request(e, c, args, &out)
			if err != nil {
				return err
			}
			q.Peers = catalog.AllPeers()
			ctx, cancel := q.Limit.Context(c.Context())
			defer cancel()
			r, err := e.run.Audit(ctx, &q, true)
			if err != nil {
				return err
			}
			o := report.Options{Config: q.Scope.Config.Identity()}
			err = e.each(ctx, &out, sinks, o, func(w io.Writer, format string, o report.Options) error {
				if format == "json" {
					return report.JSON(w, r, o)
				}
				for _, finding := range r.Findings {
					if err := report.Tree(w, r, finding, o); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
			return run.Gate{}.Verdict(r, nil)
		},
	}
	f.addJudging(c)
	out.add(c, explainFormats)
	out.addShowWaived(c)
	many.add(c)
	return c
}
