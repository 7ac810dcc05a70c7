package cmd

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	azurepermissions "github.com/monitorctl/monitorctl/internal/azure/permissions"
	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// drillFlags are the flags of drill.
type drillFlags struct {
	scopeFlags
	out outputFlags

	actionGroup, prefix, resourceGroup string
	yes                                bool
}

// newDrill builds "monitorctl drill".
func newDrill(e *env) *cobra.Command {
	var f drillFlags
	c := &cobra.Command{
		Use:   "drill",
		Short: "Send test messages to the receivers of an action group of Azure",
		Long: `drill has Azure send its test message, the sample of an Activity Log alert, to every
receiver of the action group that apply created in a subscription, or of another one,
and shows what Azure says of each. It asks first: people get these messages.

Azure takes 2 e-mails, 1 text message and 1 call a minute: more receivers take more
minutes. It exits with 0 when every message was sent, 3 when one was not, and 1 when
it could not finish.`,
		Example: `  monitorctl drill --subscription acme-prod
  monitorctl drill --subscription acme-prod --action-group /subscriptions/GUID/resourceGroups/NAME/providers/Microsoft.Insights/actionGroups/NAME --yes -o json`,
		Args:    noArgs,
		PreRunE: e.fromEnvironment,
		RunE: func(c *cobra.Command, _ []string) error {
			if !e.Interactive() && !f.yes {
				return exit.Hinted(exit.Usage(errors.New("there is no terminal to ask at")), "--yes sends the messages without asking")
			}
			sinks, err := f.out.sinks(planFormats)
			if err != nil {
				return err
			}
			f.set = catalog.SetAll
			q, err := f.request(e, c, nil, &f.out)
			if err != nil {
				return err
			}
			if q.Selection.Cloud != catalog.Azure {
				return exit.Hinted(exit.Usage(errors.New("drill is for Azure, and no subscription is named")), "name one with --subscription")
			}
			return e.drill(c, &f, q, sinks)
		},
	}
	f.addAccount(c)
	f.addSubscription(c)
	f.addConfig(c)
	f.out.add(c, planFormats)
	fl := c.Flags()
	fl.StringVar(&f.actionGroup, "action-group", "", "id of the action group to test (default: the one that apply created)")
	fl.StringVar(&f.resourceGroup, "resource-group", "", "resource group of the action group that apply created (default: any)")
	fl.StringVar(&f.prefix, "name-prefix", "", "prefix of the name of the action group that apply created")
	fl.BoolVarP(&f.yes, "yes", "y", false, "send the messages without asking")
	return c
}

// drill finds the action group, asks, sends the messages and shows what came of them.
func (e *env) drill(c *cobra.Command, f *drillFlags, q run.Request, sinks []sink) error {
	ctx := c.Context()
	d, err := e.run.Drill(ctx, q, azureplan.Options{ResourceGroup: f.resourceGroup, ActionGroup: f.actionGroup, NamePrefix: f.prefix})
	if err != nil {
		return err
	}
	if !f.yes {
		answer, err := e.Ask(fmt.Sprintf("\nSend %s to the receivers of action group %s in %s? Only 'yes' is accepted: ",
			run.Plural(len(d.Group.Receivers), "test message"), report.Sanitize(d.Group.Name), report.AccountWords(d.Account)))
		switch {
		case err != nil:
			return fmt.Errorf("asking: %w", err)
		case answer != "yes":
			return &exit.Error{Code: exit.Failed, Err: errors.New("not confirmed; nothing was sent")}
		}
	}
	sent, failed := e.run.Send(ctx, d)
	if failed != nil && len(sent.Messages) == 0 {
		return failed
	}
	err = e.each(ctx, &f.out, sinks, report.Options{}, func(w io.Writer, format string, o report.Options) error {
		if format == "json" {
			return report.DrillJSON(w, sent, o)
		}
		return report.DrillText(w, sent, o)
	})
	switch {
	case err != nil:
		return err
	case failed != nil:
		return failed
	case slices.ContainsFunc(sent.Messages, func(m report.DrillMessage) bool { return !m.Sent }):
		return &exit.Error{Code: exit.ControlsFailed}
	}
	return nil
}

// newDrillPermissions builds "monitorctl permissions drill".
func newDrillPermissions(e *env) *cobra.Command {
	var subscriptions []string
	c := &cobra.Command{
		Use:     "drill",
		Short:   "Print the least custom role of Azure for drill",
		Example: "  monitorctl permissions drill --subscription 11111111-2222-3333-4444-555555555555",
		Args:    noArgs,
		PreRunE: e.fromEnvironment,
		RunE: func(*cobra.Command, []string) error {
			role, err := run.AzureRole(azurepermissions.Drill, azureplan.Options{}, subscriptions)
			if err == nil {
				_, err = e.Out.Write(role)
			}
			return err
		},
	}
	c.Flags().StringArrayVar(&subscriptions, "subscription", nil, "subscription of Azure, by id, repeatable")
	return c
}
