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
	yes, real                          bool
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

With --real it makes a real change that harms nobody, an empty network security group
that it creates and deletes again at once, and waits up to 25 minutes for you to say
whether the message has arrived. That tests the whole chain, from the Activity Log on.

Azure takes 2 e-mails, 1 text message and 1 call a minute: more receivers take more
minutes. It exits with 0 when every message was sent or the real one has arrived, 3
when one was not or has not, and 1 when it could not finish.`,
		Example: `  monitorctl drill --subscription acme-prod
  monitorctl drill --subscription acme-prod --real
  monitorctl drill --subscription acme-prod --action-group /subscriptions/GUID/resourceGroups/NAME/providers/Microsoft.Insights/actionGroups/NAME --yes -o json`,
		Args:    noArgs,
		PreRunE: e.fromEnvironment,
		RunE: func(c *cobra.Command, _ []string) error {
			if f.real && !e.Interactive() {
				return errNobodyAnswers
			}
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
			if f.real {
				return e.realDrill(c, &f, q, sinks)
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
	fl.BoolVarP(&f.yes, "yes", "y", false, "send the messages, or make the change, without asking")
	fl.BoolVar(&f.real, "real", false, "make a real change instead: an empty network security group is created in --resource-group (default: that of the action group) and deleted again; then say whether the message has arrived")
	return c
}

// drill finds the action group, asks, sends the messages and shows what came of them.
func (e *env) drill(c *cobra.Command, f *drillFlags, q run.Request, sinks []sink) error {
	ctx := c.Context()
	drills, err := e.run.Drills(ctx, q, azureplan.Options{ResourceGroup: f.resourceGroup, ActionGroup: f.actionGroup, NamePrefix: f.prefix})
	if err != nil {
		return err
	}
	if !f.yes {
		answer, err := e.Ask("\n" + drillQuestion(drills))
		switch {
		case err != nil:
			return fmt.Errorf("asking: %w", err)
		case answer != "yes":
			return &exit.Error{Code: exit.Failed, Err: errors.New("not confirmed; nothing was sent")}
		}
	}
	sent, failed := e.run.SendAll(ctx, drills)
	message := func(d report.Drill) bool { return len(d.Messages) > 0 }
	if failed != nil && !slices.ContainsFunc(sent, message) {
		return failed
	}
	err = e.each(ctx, &f.out, sinks, report.Options{}, func(w io.Writer, format string, o report.Options) error {
		if format == "json" {
			return report.DrillsJSON(w, sent, o)
		}
		return report.DrillsText(w, sent, o)
	})
	switch {
	case err != nil:
		return err
	case failed != nil:
		return failed
	}
	lost := func(m report.DrillMessage) bool { return !m.Sent }
	if slices.ContainsFunc(sent, func(d report.Drill) bool { return slices.ContainsFunc(d.Messages, lost) }) {
		return &exit.Error{Code: exit.ControlsFailed}
	}
	return nil
}

// drillQuestion asks whether to send the test messages of drills.
func drillQuestion(drills []*run.Drill) string {
	messages, groups := 0, 0
	var where string
	for _, d := range drills {
		if d.Failed != nil {
			continue
		}
		messages += len(d.Group.Receivers)
		groups++
		where = fmt.Sprintf("action group %s in %s", report.Sanitize(d.Group.Name), report.AccountWords(d.Account))
	}
	if groups != 1 {
		where = fmt.Sprintf("%d action groups, one for each subscription", groups)
	}
	return fmt.Sprintf("Send %s to the receivers of %s? Only 'yes' is accepted: ", run.Plural(messages, "test message"), where)
}

// newDrillPermissions builds "monitorctl permissions drill".
func newDrillPermissions(e *env) *cobra.Command {
	var subscriptions []string
	var withChange bool
	c := &cobra.Command{
		Use:     "drill",
		Short:   "Print the least custom role of Azure for drill",
		Example: "  monitorctl permissions drill --subscription 11111111-2222-3333-4444-555555555555",
		Args:    noArgs,
		PreRunE: e.fromEnvironment,
		RunE: func(*cobra.Command, []string) error {
			command := azurepermissions.Drill
			if withChange {
				command = azurepermissions.RealDrill
			}
			role, err := run.AzureRole(command, azureplan.Options{}, subscriptions)
			if err == nil {
				_, err = e.Out.Write(role)
			}
			return err
		},
	}
	c.Flags().StringArrayVar(&subscriptions, "subscription", nil, "subscription of Azure, by id, repeatable")
	c.Flags().BoolVar(&withChange, "real", false, "for drill --real")
	return c
}
