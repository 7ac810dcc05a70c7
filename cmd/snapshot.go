package cmd

import (
	"context"
	"fmt"
	"github.com/monitorctl/monitorctl/internal/aws/desired"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// newSnapshot builds "monitorctl snapshot".
func newSnapshot(e *env) *cobra.Command {
	var (
		f       source
		k       controlFlags
		verbose bool
		quiet   bool
		names   nameFlags
	)
	c := &cobra.Command{
		Use:   "snapshot --file FILE",
		Short: "Save what an audit and a plan read",
		Long: `snapshot reads an account as audit and plan do and saves it as JSON, so that it can
be judged without credentials. The file holds no secret: subscribers are kept as
protocol, masked text and a salted hash. It is written with mode 0600.`,
		Example: `  monitorctl snapshot --file account.json
  monitorctl snapshot --file - --region eu-central-1 | monitorctl audit --snapshot -`,
		Args:    noArgs,
		PreRunE: e.configured(&k, &f),
		RunE: func(c *cobra.Command, _ []string) error {
			if f.file == "" {
				return hinted(usage(fmt.Errorf("snapshot needs --file")), "--file - writes to standard output")
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
			out := f.file
			in := f
			in.file = ""
			snap, session, err := e.snapshot(ctx, &in, request{controls: controls, quiet: quiet, own: names.own(controls)})
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
	k.addCatalog(c)
	k.config.add(c)
	names.add(c)
	fl := c.Flags()
	fl.StringVar(&f.file, "file", "", "file to write; - is standard output")
	fl.StringSliceVar(&f.regions, "region", nil, "regions to read, repeatable or comma-separated (default all enabled ones)")
	fl.BoolVar(&verbose, "verbose", false, "show the calls made on stderr")
	fl.BoolVar(&quiet, "quiet", false, "no progress")
	k.benchmark = string(catalog.DefaultBenchmark)
	completeRegions(c)
	return c
}

// save writes a snapshot to a file or, for "-", to standard output.
func (e *env) save(ctx context.Context, path string, snap account.Snapshot) error {
	if path == "-" {
		return account.Encode(e.out, snap)
	}
	return collect.Save(ctx, path, snap)
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
	own := &collect.Own{Topic: f.topicName}
	for _, c := range catalog.Repairable(controls) {
		own.Alarms = append(own.Alarms, f.prefix+c.Names.Alarm)
		own.Filters = append(own.Filters, f.prefix+c.Names.Filter)
	}
	return own
}
