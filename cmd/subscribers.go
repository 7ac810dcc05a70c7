package cmd

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/subscribers"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// subscriberFormats are the formats of subscribers, the default first.
var subscriberFormats = []string{"table", "json", "csv"}

// newSubscribers builds "monitorctl subscribers".
func newSubscribers(e *env) *cobra.Command {
	var f scopeFlags
	var out outputFlags
	var journalFile string
	c := &cobra.Command{
		Use:   "subscribers [CONTROL...]",
		Short: "Who is alerted, for which controls, and which controls alert nobody",
		Long: `subscribers audits an account (or a saved snapshot) and lists everyone who is subscribed
to one of its topics, or behind one of its rules: whether the subscription is confirmed,
since when, whether anyone with one of the mails can end it, and for which controls it is
alerted. Controls that alert nobody come last.

SNS does not say since when someone is subscribed. The journal of apply does
(--journal); for pending ones CloudTrail's event history does, if it may be read.

It exits with 3 when a control alerts nobody, and with 1 when one of them could
not be checked.`,
		Example: `  monitorctl subscribers
  monitorctl subscribers root-usage --config monitorctl.yaml
  monitorctl subscribers --set cis -o csv=subscribers.csv --journal apply.journal`,
		PreRunE:           e.fromEnvironment,
		ValidArgsFunction: f.completeControls,
		RunE: func(c *cobra.Command, args []string) error {
			sinks, err := out.sinks(subscriberFormats)
			if err != nil {
				return err
			}
			q, err := f.request(e, c, args, &out)
			if err != nil {
				return err
			}
			ctx, cancel := q.Limit.Context(c.Context())
			defer cancel()
			list, err := e.run.Subscribers(ctx, &q, journalFile)
			if err != nil {
				return err
			}
			write := map[string]func(io.Writer, subscribers.List, report.Options) error{"table": report.Subscribers, "json": report.SubscribersJSON, "csv": report.SubscribersCSV}
			err = e.each(ctx, &out, sinks, report.Options{}, func(w io.Writer, format string, o report.Options) error { return write[format](w, list, o) })
			if err != nil {
				return err
			}
			return run.SubscribersVerdict(list)
		},
	}
	f.addJudging(c)
	out.add(c, subscriberFormats)
	c.Flags().StringVar(&journalFile, "journal", "", "journal of apply, which shows since when someone has been subscribed")
	return c
}
