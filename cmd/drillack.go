package cmd

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/drill"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// maxReceipt is the most bytes of a receipt.
const maxReceipt = 64 << 20

// newDrillAck builds "monitorctl drill ack".
func newDrillAck(e *env) *cobra.Command {
	var f scopeFlags
	var path string
	c := &cobra.Command{
		Use:   "ack CODE...",
		Short: "Confirm that a message of a drill was read",
		Long: `ack notes in the receipt of a drill that someone typed the code of its message, when,
and with which credentials, if any. The receipt is written again, with its new
SHA-256; one that was changed by hand is refused.

It exits with 0 when every alarm that was delivered is acknowledged, and with 3 while
one is not.`,
		Example: "  monitorctl drill ack K7M-42Q --receipt drill.json",
		PreRunE: e.fromEnvironment,
		RunE: func(c *cobra.Command, codes []string) error {
			switch {
			case len(codes) == 0:
				return exit.Hinted(exit.Usage(errors.New("drill ack takes the code of a message")), "it follows the word Code in the message's reason")
			case path == "":
				return exit.Hinted(exit.Usage(errors.New("drill ack needs a receipt")), "name it with --receipt")
			}
			limit := run.NewLimit(f.timeout)
			ctx, cancel := limit.Context(c.Context())
			defer cancel()
			data, err := files.Read(ctx, path, maxReceipt)
			if err != nil {
				return fmt.Errorf("reading the receipt: %w", files.Named(path, err))
			}
			r, err := drill.ReadReceipt(data)
			if err != nil {
				return fmt.Errorf("reading the receipt %s: %w", path, err)
			}
			by := e.run.WhoIs(ctx, &f.source)
			r.AckAsked = true
			for _, code := range codes {
				alarms := e.run.Acknowledge(&r, code, by)
				if len(alarms) == 0 {
					return exit.Hinted(fmt.Errorf("no message of drill %s has the code %s; nothing was written", r.ID, code), "a receipt knows only the codes of its own drill")
				}
				for _, arn := range alarms {
					e.Say("acknowledged: %s", report.Sanitize(arn))
				}
			}
			r.Conclude()
			err = e.write(ctx, sink{format: "json", path: path}, func(w io.Writer) error { return report.Receipt(w, r, report.Options{}) })
			if open := r.Waiting(); err == nil && len(open) > 0 {
				e.Say("%s still to acknowledge; the first is %s", run.Plural(len(open), "alarm"), report.Sanitize(open[0]))
				return &exit.Error{Code: exit.ControlsFailed}
			}
			return err
		},
	}
	f.addAccount(c)
	c.Flags().StringVar(&path, "receipt", "", "receipt that drill wrote, as JSON")
	return c
}
