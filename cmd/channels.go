package cmd

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/message"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/channel"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/run"
	"github.com/monitorctl/monitorctl/internal/spelling"
)

// newChannels builds "monitorctl channels".
func newChannels(e *env) *cobra.Command {
	var f scopeFlags
	var output, control string
	c := &cobra.Command{
		Use:   "channels [FORM]",
		Short: "Who can be notified, how it is written, and what you must still do",
		Long: `channels lists the forms of --subscribe and of notify in the configuration: what each
becomes where alarms notify and where EventBridge rules notify, and what a person must
still do. With a FORM it shows the steps that come before apply.

With --message CONTROL it prints the input transformer with which a rule of that control
tells such a channel who did what, as put-targets takes it.`,
		Example: `  monitorctl channels
  monitorctl channels slack
  monitorctl channels teams --message security-group-changes`,
		Args:    maxOneForm,
		PreRunE: e.fromEnvironment,
		RunE: func(_ *cobra.Command, args []string) error {
			rows := channel.Table()
			if len(args) > 0 {
				row, ok := channel.RowOf(channel.Form(args[0]))
				if !ok {
					return spelling.Unknown("channel", args[0], channel.Words())
				}
				rows = []channel.Row{row}
			}
			switch {
			case control != "":
				return e.channelMessage(&f, rows, control)
			case output == "json":
				return channel.WriteJSON(e.Out, rows)
			case output != "text":
				return unknownFormat(output, textFormats)
			}
			return channel.WriteText(e.Out, rows, len(args) > 0)
		},
		ValidArgs: channel.Words(),
	}
	c.Flags().StringVar(&control, "message", "", "print the text for a control id or number, as a rule's input transformer")
	c.Flags().StringVar(&f.benchmark, "benchmark", string(catalog.DefaultBenchmark), "version of the CIS AWS Foundations Benchmark")
	c.Flags().StringVarP(&output, "output", "o", "text", "text, json")
	f.addCatalog(c)
	return c
}

// maxOneForm takes at most one argument.
func maxOneForm(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return exit.Hinted(exit.Usage(errors.New("channels takes one form")), "see 'monitorctl channels --help'")
	}
	return nil
}

// channelMessage prints the text of a control for one form.
func (e *env) channelMessage(f *scopeFlags, rows []channel.Row, control string) error {
	if len(rows) != 1 {
		return exit.Hinted(exit.Usage(errors.New("--message needs a FORM")), "as in 'monitorctl channels email --message security-group-changes'")
	}
	s, err := run.Scope{Catalogs: run.NewCatalogs(f.catalogDir), Names: []string{control}, Benchmark: f.benchmark}.Select(catalog.AWS)
	if err != nil {
		return err
	}
	c := s.Controls[0]
	return message.Write(e.Out, message.For(rows[0].Form, message.About{Control: c.ID, Title: c.Title, Severity: c.Severity.String(), Partition: "aws"}))
}
