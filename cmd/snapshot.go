package cmd

import (
	"context"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/desired"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	azurecollect "github.com/monitorctl/monitorctl/internal/azure/collect"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// newSnapshot builds "monitorctl snapshot".
func newSnapshot(e *env) *cobra.Command {
	var (
		f       source
		az      azureFlags
		k       controlFlags
		out     string
		verbose bool
		quiet   bool
		names   nameFlags
	)
	c := &cobra.Command{
		Use:   "snapshot --file FILE",
		Short: "Save what an audit and a plan read",
		Long: `snapshot reads an account as audit and plan do and saves it as JSON, so that it can
be judged without credentials. The file holds no secret: subscribers are kept as
protocol, masked text and a salted hash. It is written with mode 0600. With
--subscription it holds subscriptions of Azure.`,
		Example: `  monitorctl snapshot --file account.json
  monitorctl snapshot --file - --region eu-central-1 | monitorctl audit --snapshot -`,
		Args:    noArgs,
		PreRunE: e.configured(&k, &f),
		RunE: func(c *cobra.Command, _ []string) error {
			if out == "" {
				return hinted(usage(fmt.Errorf("snapshot needs --file")), "--file - writes to standard output")
			}
			if err := e.settle(c.Context(), c, &az, &f, &k); err != nil {
				return err
			}
			if k.cloud == catalog.Azure {
				ctx, cancel := f.deadline(c.Context())
				defer cancel()
				snap, err := e.subscriptions(ctx, &az, &f, quiet, verbose)
				if err != nil {
					return err
				}
				return e.saveSubscriptions(c.Context(), out, snap)
			}
			if err := f.check(); err != nil {
				return err
			}
			k.set = "all"
			controls, _, err := k.selection(nil)
			if err != nil {
				return err
			}
			ctx, cancel := f.deadline(c.Context())
			defer cancel()
			started := e.now()
			snap, session, err := e.snapshot(ctx, &f, request{controls: controls, quiet: quiet, own: names.own(controls)})
			if err != nil {
				return err
			}
			if verbose {
				defer e.calls(session, started)
			}
			return e.save(c.Context(), out, snap)
		},
	}
	f.add(c)
	az.add(c)
	k.addCatalog(c)
	k.config.add(c)
	names.add(c)
	fl := c.Flags()
	fl.StringVar(&out, "file", "", "file to write; - is standard output")
	fl.StringSliceVar(&f.regions, "region", nil, "regions to read, repeatable or comma-separated (default all enabled ones)")
	fl.BoolVar(&verbose, "verbose", false, "show the calls made on stderr")
	fl.BoolVar(&quiet, "quiet", false, "no progress")
	k.benchmark = string(catalog.DefaultBenchmark)
	completeRegions(c, "region")
	return c
}

// save writes a snapshot to a file or, for "-", to standard output.
func (e *env) save(ctx context.Context, path string, snap account.Snapshot) error {
	if path == "-" {
		return account.Encode(e.out, snap)
	}
	return collect.Save(ctx, path, snap)
}

// saveSubscriptions does so for Azure.
func (e *env) saveSubscriptions(ctx context.Context, path string, snap subscription.Snapshot) error {
	if path == "-" {
		return subscription.Encode(e.out, snap)
	}
	return azurecollect.Save(ctx, path, snap)
}

// nameFlags are the names of what apply creates.
type nameFlags struct {
	prefix, topicName string
}

func (f *nameFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.prefix, "name-prefix", "", "goes before the names of our filters, metrics and alarms")
	c.Flags().StringVar(&f.topicName, "topic-name", desired.DefaultTopicName, "name of our topic")
}

// own lists the names whose owner plan must know.
func (f *nameFlags) own(controls []catalog.Control) *collect.Own {
	own := &collect.Own{Topics: []string{f.topicName}}
	for _, c := range catalog.Repairable(controls) {
		own.Alarms = append(own.Alarms, f.prefix+c.Names.Alarm)
		own.Filters = append(own.Filters, f.prefix+c.Names.Filter)
	}
	return own
}
