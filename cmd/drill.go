package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	azurecollect "github.com/monitorctl/monitorctl/internal/azure/collect"
	"github.com/monitorctl/monitorctl/internal/azure/drill"
	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/report"
)

// drillFlags are the flags of drill.
type drillFlags struct {
	source
	azureFlags
	outputFlags
	controls                  controlFlags
	actionGroup, prefix, home string
	yes                       bool
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
		PreRunE: e.configured(&f.controls, &f.source),
		RunE: func(c *cobra.Command, _ []string) error {
			if _, ok := terminal(e.in); !ok && !f.yes {
				return &codeError{code: exitUsage, err: errors.New("there is no terminal to ask at"), hint: "--yes sends the messages without asking"}
			}
			if _, err := f.sinks(planFormats); err != nil {
				return err
			}
			if err := e.settle(c.Context(), c, &f.azureFlags, &f.source, &f.controls); err != nil {
				return err
			}
			if f.controls.cloud != catalog.Azure {
				return hinted(usage(errors.New("drill is for Azure, and no subscription is named")), "name one with --subscription")
			}
			if err := azureplan.Check(f.options()); err != nil {
				return usage(err)
			}
			return e.drill(c.Context(), &f)
		},
	}
	f.accountFlags.add(c)
	f.azureFlags.add(c)
	f.outputFlags.add(c, planFormats)
	f.controls.config.add(c)
	fl := c.Flags()
	fl.StringVar(&f.actionGroup, "action-group", "", "id of the action group to test (default: the one that apply created)")
	fl.StringVar(&f.home, "resource-group", "", "resource group of the action group that apply created (default: any)")
	fl.StringVar(&f.prefix, "name-prefix", "", "goes before the name of the action group that apply created")
	fl.BoolVar(&f.yes, "yes", false, "send the messages without asking")
	return c
}

func (f *drillFlags) options() azureplan.Options {
	return azureplan.Options{ResourceGroup: f.home, ActionGroup: f.actionGroup, NamePrefix: f.prefix}
}

// drill finds the action group, asks, and sends the messages.
func (e *env) drill(ctx context.Context, f *drillFlags) error {
	ctx, cancel := f.deadline(ctx)
	defer cancel()
	client, err := e.connectAzure(&f.azureFlags, &f.source, f.verbose)
	if err != nil {
		return err
	}
	snap, err := e.collectAzure(ctx, client, &f.azureFlags, f.quiet, f.verbose, func(o *azurecollect.Options) {
		if f.actionGroup != "" {
			o.ActionGroups = []string{f.actionGroup}
		}
	})
	if err != nil {
		return err
	}
	if len(snap.Subscriptions) != 1 {
		return hinted(usage(errors.New("drill is for one subscription at a time")), "name one with --subscription")
	}
	s := &snap.Subscriptions[0]
	group, err := azureplan.Receivers(snap, s, f.options())
	if err != nil {
		return err
	}
	account := finding.AccountRef{Cloud: catalog.Azure, ID: s.ID, Alias: s.Name}
	if !f.yes {
		ok, err := e.confirmDrill(group, account)
		if err != nil || !ok {
			return cancelledDrill(err)
		}
	}
	f.begin()
	ctx, again := f.deadline(ctx)
	defer again()
	results, err := drill.Run(ctx, client, group.ID, drill.Options{Pause: e.pause, OnBatch: func(sent, total int) {
		e.progress(f.quiet, "sending test messages: %d of %d sent", sent, total)
	}})
	e.clearProgress()
	d := report.Drill{At: e.now().UTC().Truncate(time.Second), Account: account, Group: group.ID}
	for _, r := range results {
		d.Messages = append(d.Messages, report.DrillMessage{Kind: string(r.Kind), Name: r.Name, Sent: r.Sent, Detail: r.Detail})
	}
	if err != nil && len(results) == 0 {
		return err
	}
	if shown := e.showDrill(ctx, f, d); shown != nil {
		return shown
	}
	switch {
	case err != nil:
		return err
	case slices.ContainsFunc(results, func(r drill.Result) bool { return !r.Sent }):
		return &codeError{code: exitControlsFailed}
	}
	return nil
}

// confirmDrill asks whether to send messages to people.
func (e *env) confirmDrill(g subscription.ActionGroup, a finding.AccountRef) (bool, error) {
	fmt.Fprintf(e.err, "\nSend %s to the receivers of action group %s in %s? Only 'yes' is accepted: ", plural(len(g.Receivers), "test message"), report.Sanitize(g.Name), report.AccountWords(a))
	answer, err := e.line()
	return answer == "yes", err
}

func cancelledDrill(err error) error {
	if err != nil {
		return fmt.Errorf("asking: %w", err)
	}
	return &codeError{code: exitFailed, err: errors.New("not confirmed; nothing was sent")}
}

// showDrill writes a drill in every format asked for.
func (e *env) showDrill(ctx context.Context, f *drillFlags, d report.Drill) error {
	sinks, err := f.sinks(planFormats)
	if err != nil {
		return err
	}
	for _, s := range sinks {
		writer := report.DrillText
		if s.format == "json" {
			writer = report.DrillJSON
		}
		if err := e.write(ctx, s, func(w io.Writer) error { return writer(w, d, e.options(&f.outputFlags, s)) }); err != nil {
			return err
		}
	}
	return nil
}
