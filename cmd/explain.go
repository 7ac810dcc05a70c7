package cmd

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/report"
)

// newExplain builds "monitorctl explain".
func newExplain(e *env) *cobra.Command {
	var f judgeFlags
	c := &cobra.Command{
		Use:   "explain CONTROL",
		Short: "Show one control's chain with the evidence of every link",
		Long: `explain draws the chain of one control as a tree: every trail, its log group, the
metric filters that concern the control, their alarms, topics and subscribers,
each with what was found. Below it stand the reasons of the verdict, the events
that would be missed and the operations that the benchmark does not ask for. With
--subscription it does so for a control of Azure.

It exits as audit does.`,
		Example: `  monitorctl explain security-group-changes
  monitorctl explain 4.10 --snapshot account.json -o json
  monitorctl explain nsg-changes --subscription acme-prod`,
		Args:              oneArg("control"),
		PreRunE:           e.configured(&f.controlFlags, &f.source),
		ValidArgsFunction: completeControls(&f.controlFlags),
		RunE: func(c *cobra.Command, args []string) error {
			if err := e.settle(c.Context(), c, &f.azureFlags, &f.source, &f.controlFlags); err != nil {
				return err
			}
			sinks, err := f.sinks(explainFormats)
			if err != nil {
				return err
			}
			ctx, cancel := f.deadline(c.Context())
			defer cancel()
			r, err := e.judge(ctx, &f, args, request{everySubscriber: true})
			if err != nil {
				return err
			}
			for _, s := range sinks {
				o := e.options(&f.outputFlags, s)
				err := e.write(ctx, s, func(w io.Writer) error {
					if s.format == "json" {
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
			}
			return gate{}.verdict(r, nil)
		},
	}
	f.add(c, explainFormats)
	f.azureFlags.add(c)
	c.Flags().StringSliceVar(&f.regions, "region", nil, "regions to probe, repeatable or comma-separated (default all enabled ones)")
	f.addTransport(c)
	completeRegions(c, "region")
	return c
}

// explainFormats are the formats of explain: a tree, or the audit's JSON.
var explainFormats = []string{"tree", "json"}
