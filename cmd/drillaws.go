package cmd

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/drill"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/pattern"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// drillAWS asks AWS about filters, asks before it rings alarms, and writes the receipt,
// also of a drill that ended early.
func (e *env) drillAWS(c *cobra.Command, f *drillFlags, q run.Request, args []string, sinks []sink) error {
	if f.pattern != "" {
		if _, err := pattern.Parse(f.pattern); err != nil {
			return exit.Usage(fmt.Errorf("reading --pattern: %w", err))
		}
	}
	ctx := c.Context()
	d, err := e.run.PrepareDrill(ctx, run.DrillRequest{Request: q, Notify: f.notify, Ack: f.ack, Wait: f.wait, Pattern: f.pattern, File: f.file, Command: commandLine(c, args)})
	if err != nil {
		return err
	}
	var rung error
	if f.notify && len(d.Plan.Targets) > 0 {
		if !f.yes {
			if err := e.agrees(ringQuestion(d)); err != nil {
				return err
			}
		}
		rung = e.run.Ring(ctx, d)
		if rung == nil && f.ack {
			rung = e.askCodes(&d.Receipt)
		}
	}
	e.run.Finish(d)
	// After Ctrl-C too: what was rung must be known.
	if err := e.each(context.WithoutCancel(ctx), &f.out, sinks, report.Options{}, receiptWriter(d.Receipt)); err != nil {
		return err
	}
	if rung != nil {
		return rung
	}
	return run.DrillVerdict(&d.Receipt)
}

// receiptWriter returns what writes a receipt in a format.
func receiptWriter(r drill.Receipt) func(w io.Writer, format string, o report.Options) error {
	return func(w io.Writer, format string, o report.Options) error {
		switch format {
		case "json":
			return report.Receipt(w, r, o)
		case "markdown":
			return report.ReceiptMarkdown(w, r, o)
		}
		return report.ReceiptTable(w, r, o)
	}
}

// ringQuestion says what is about to be rung, and who gets a message.
func ringQuestion(d *run.AWSDrill) string {
	var b strings.Builder
	var who []string
	alarms := map[string]int{} // by recipient
	b.WriteString("Alarms to ring:\n")
	for _, t := range d.Plan.Targets {
		fmt.Fprintf(&b, "  %s (%s) for %s\n", report.Sanitize(t.Alarm.Name), t.Region, report.Sanitize(strings.Join(t.Texts, ", ")))
		for _, r := range t.Recipients {
			if r.State != account.Confirmed {
				continue
			}
			name := report.Sanitize(r.Protocol + " " + r.Endpoint)
			if alarms[name]++; alarms[name] == 1 {
				who = append(who, name)
			}
		}
	}
	slices.Sort(who)
	b.WriteString("Who gets a message:\n")
	for _, name := range who {
		fmt.Fprintf(&b, "  %s (%s)\n", name, run.Plural(alarms[name], "message"))
	}
	if len(who) == 0 {
		b.WriteString("  nobody: no subscription is confirmed\n")
	}
	for _, c := range d.Plan.Controls {
		for _, x := range c.Refused {
			fmt.Fprintf(&b, "Left out for %s: %s %s (%s)\n", c.Control, report.Sanitize(x.Alarm), report.Sanitize(x.Text), x.Code)
		}
	}
	fmt.Fprintf(&b, "Ring %s in %s, which sends %s?", run.Plural(len(d.Plan.Targets), "alarm"), report.AccountWords(d.Account), run.Plural(d.Plan.Messages(), "message"))
	return b.String()
}

// askCodes asks for the codes of messages, until each was typed or none is.
func (e *env) askCodes(r *drill.Receipt) error {
	for {
		open := len(r.Waiting())
		if open == 0 {
			return nil
		}
		code, err := e.Ask(fmt.Sprintf("Code in a message (%s open; Enter ends): ", run.Plural(open, "alarm")))
		switch {
		case err != nil:
			return fmt.Errorf("asking for codes: %w", err)
		case code == "":
			return nil
		case len(e.run.Acknowledge(r, code, r.Caller)) == 0:
			e.Say("no message of this drill has the code %s", report.Sanitize(code))
		}
	}
}
