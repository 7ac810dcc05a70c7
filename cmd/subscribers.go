package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/subscribers"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/journal"
	"github.com/monitorctl/monitorctl/internal/report"
)

// subscriberFormats are the formats of subscribers, the default first.
var subscriberFormats = []string{"table", "json", "csv"}

// newSubscribers builds "monitorctl subscribers".
func newSubscribers(e *env) *cobra.Command {
	var f judgeFlags
	var journalFile string
	c := &cobra.Command{
		Use:   "subscribers [CONTROL...]",
		Short: "Who is alerted, for which controls, and which controls alert nobody",
		Long: `subscribers audits an account (or a saved snapshot) and lists everyone who is subscribed
to one of its topics, or behind one of its rules: whether the subscription is confirmed,
since when, whether anyone with one of the mails can end it, and for which controls it is
alerted. Controls that alert nobody come last.

AWS does not say since when somebody is subscribed; the journal of apply does (--journal).

It exits with 3 when a control alerts nobody, and with 1 when that is unknown of one.`,
		Example: `  monitorctl subscribers
  monitorctl subscribers root-usage --config monitorctl.yaml
  monitorctl subscribers --set cis -o csv=subscribers.csv --journal apply.journal`,
		PreRunE:           e.configured(&f.controlFlags, &f.source),
		ValidArgsFunction: completeControls(&f.controlFlags),
		RunE: func(c *cobra.Command, args []string) error {
			sinks, err := f.sinks(subscriberFormats)
			if err != nil {
				return err
			}
			ctx, cancel := f.deadline(c.Context())
			defer cancel()
			list, err := e.subscribers(ctx, &f, args, journalFile)
			if err != nil {
				return err
			}
			write := map[string]func(io.Writer, subscribers.List, report.Options) error{"table": report.Subscribers, "json": report.SubscribersJSON, "csv": report.SubscribersCSV}
			for _, s := range sinks {
				o := e.options(&f.outputFlags, s)
				if err := e.write(ctx, s, func(w io.Writer) error { return write[s.format](w, list, o) }); err != nil {
					return err
				}
			}
			return subscribersVerdict(list)
		},
	}
	f.add(c, subscriberFormats)
	c.Flags().StringSliceVar(&f.regions, "region", nil, "regions to probe, repeatable or comma-separated (default all enabled ones)")
	c.Flags().StringVar(&journalFile, "journal", "", "journal of apply, which says since when somebody is subscribed")
	completeRegions(c, "region")
	return c
}

func subscribersVerdict(l subscribers.List) error {
	for _, unknown := range []bool{false, true} {
		i := slices.IndexFunc(l.Nobody, func(n subscribers.Unalerted) bool { return n.Unknown == unknown })
		switch {
		case i < 0:
		case unknown:
			return hinted(&codeError{code: exitFailed, err: fmt.Errorf("who is alerted of %s could not be checked", l.Nobody[i].Control)}, "'monitorctl explain "+l.Nobody[i].Control+"' says why")
		default:
			return &codeError{code: exitControlsFailed}
		}
	}
	return nil
}

// subscribers audits, and lists who is alerted.
func (e *env) subscribers(ctx context.Context, f *judgeFlags, names []string, journalFile string) (subscribers.List, error) {
	if f.cloud == catalog.Azure {
		return subscribers.List{}, usage(errors.New("subscribers lists those of AWS: of Azure, 'monitorctl explain' shows the receivers"))
	}
	controls, b, err := f.selection(names)
	if err != nil {
		return subscribers.List{}, err
	}
	if err := f.check(); err != nil {
		return subscribers.List{}, err
	}
	since, err := subscribedSince(ctx, journalFile)
	if err != nil {
		return subscribers.List{}, err
	}
	snaps, _, err := e.snapshots(ctx, &f.source, request{controls: controls, everySubscriber: true, quiet: f.quiet})
	if err != nil {
		return subscribers.List{}, err
	}
	var all subscribers.List
	for i, snap := range snaps {
		o := f.auditOptions(b, controls, snap)
		o.Central = slices.Concat(o.Central, others(snaps, i))
		r, err := audit.Run(ctx, snap, controls, o)
		if err != nil {
			return subscribers.List{}, err
		}
		l := subscribers.Of(snap, r, controls, o.Declared, since)
		all.Subscribers, all.Nobody = append(all.Subscribers, l.Subscribers...), append(all.Nobody, l.Nobody...)
	}
	return all, nil
}

// subscribedSince reads from a journal when somebody was subscribed.
func subscribedSince(ctx context.Context, path string) (map[subscribers.Key]time.Time, error) {
	since := map[subscribers.Key]time.Time{}
	if path == "" {
		return since, nil
	}
	in, err := files.Open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("reading the journal: %w", files.Named(path, err))
	}
	defer in.Close() //nolint:errcheck // only read from
	j, err := journal.Read[action.State](in)
	if err != nil {
		return nil, fmt.Errorf("reading the journal %s: %w", path, err)
	}
	return subscribers.Since(j.Records, j.Times), nil
}
