package cmd

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/permissions"
	azurepermissions "github.com/monitorctl/monitorctl/internal/azure/permissions"
	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// newDrillPermissions builds "monitorctl permissions drill".
func newDrillPermissions(e *env) *cobra.Command {
	var f scopeFlags
	var out outputFlags
	var notify, withChange bool
	c := &cobra.Command{
		Use:   "drill [CONTROL...]",
		Short: "Print the least-privilege IAM policy for drill",
		Long: `drill prints the policy that drill needs: that of an audit, and the test of patterns.
With --notify it also allows ringing alarms. It makes no calls.

With --subscription it prints the least-privilege custom role of Azure for drill.`,
		Example: `  monitorctl permissions drill --set cis --notify
  monitorctl permissions drill --subscription 11111111-2222-3333-4444-555555555555`,
		PreRunE:           e.fromEnvironment,
		ValidArgsFunction: f.completeControls,
		RunE: func(c *cobra.Command, args []string) error {
			if len(f.source.Subscriptions) > 0 {
				if notify || len(args) > 0 {
					return exit.Usage(errors.New("controls and --notify are for AWS, but --subscription is for Azure"))
				}
				command := azurepermissions.Drill
				if withChange {
					command = azurepermissions.RealDrill
				}
				role, err := run.AzureRole(command, azureplan.Options{}, f.source.Subscriptions)
				if err == nil {
					_, err = e.Out.Write(role)
				}
				return err
			}
			sinks, err := out.sinks(policyFormats)
			if err != nil {
				return err
			}
			q, err := f.request(e, c, args, &out)
			if err != nil {
				return err
			}
			return e.each(c.Context(), &out, sinks, report.Options{}, func(w io.Writer, _ string, _ report.Options) error {
				return permissions.Write(w, run.DrillPermissions(&q, notify))
			})
		},
	}
	f.addAccount(c)
	f.addControls(c)
	f.addConfig(c)
	f.addRegions(c, "regions that the command will be given, repeatable or comma-separated")
	out.add(c, policyFormats)
	c.Flags().StringArrayVar(&f.source.Subscriptions, "subscription", nil, "print the custom role for these subscriptions of Azure instead, by id, repeatable")
	c.Flags().BoolVar(&notify, "notify", false, "for drill --notify")
	c.Flags().BoolVar(&withChange, "real", false, "on Azure: for drill --real")
	return c
}
