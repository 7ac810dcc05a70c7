package cmd

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// errNobodyAnswers is the error of a real drill without a terminal.
var errNobodyAnswers = exit.Hinted(exit.Usage(errors.New("--real waits for someone at a terminal to say whether the message has arrived")), "without --real drill sends test messages")

// realDrill announces a real change, asks, makes it, takes it back and waits for someone to
// say whether the message has arrived.
func (e *env) realDrill(c *cobra.Command, f *drillFlags, q run.Request, sinks []sink) error {
	ctx := c.Context()
	d, err := e.run.RealDrill(ctx, q, azureplan.Options{ResourceGroup: f.resourceGroup, ActionGroup: f.actionGroup, NamePrefix: f.prefix})
	if err != nil {
		return err
	}
	e.announce(d)
	if !f.yes {
		answer, err := e.Ask("\nCreate it and delete it again? Only 'yes' is accepted: ")
		switch {
		case err != nil:
			return fmt.Errorf("asking: %w", err)
		case answer != "yes":
			return &exit.Error{Code: exit.Failed, Err: errors.New("not confirmed; nothing was changed")}
		}
	}
	made, err := e.run.MakeChange(ctx, d)
	if err != nil {
		return err
	}
	e.Say("Network security group %s was created and deleted again. Azure alerts 3 to 20 minutes after a change.", subscription.Name(made.Resource))
	err = e.run.Arrival(ctx, &made, run.ArrivalTime, func() (string, error) {
		return e.Ask("Type 'yes' when a message about it has arrived, or 'no' if none comes: ")
	})
	if err != nil {
		return err
	}
	err = e.each(ctx, &f.out, sinks, report.Options{}, func(w io.Writer, format string, o report.Options) error {
		if format == "json" {
			return report.RealDrillJSON(w, made, o)
		}
		return report.RealDrillText(w, made, o)
	})
	if err == nil && !made.Arrived {
		return &exit.Error{Code: exit.ControlsFailed}
	}
	return err
}

// announce says what a real drill is about to change.
func (e *env) announce(d *run.RealDrill) {
	parts, _ := subscription.ParseID(d.Change.ID)
	e.Say("A real change in %s: network security group %s, without rules and attached to nothing, is created in resource group %s (%s) and deleted again.",
		report.AccountWords(d.Account), subscription.Name(d.Change.ID), parts.Group, d.Change.Location)
	if d.Change.Unknown != "" {
		e.Say("Could not find out whether a lock would keep it from being deleted: %s.", d.Change.Unknown)
	}
	if d.Missed != "" {
		e.Say("According to the audit, not every such change would alert someone: %s.", d.Missed)
	}
}
