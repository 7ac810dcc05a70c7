package cmd

import (
	"context"

	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/apply"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/report"
)

// newDestroy builds "monitorctl destroy".
func newDestroy(e *env) *cobra.Command {
	var f removeFlags
	var names nameFlags
	var resourceGroup string
	c := &cobra.Command{
		Use:   "destroy [CONTROL...]",
		Short: "Remove what is monitorctl's",
		Long: `destroy removes the alarms, metric filters and topics that apply made: those under
its names that carry its tag monitorctl:managed=true. Filters have no tags: they are
removed if they write its metric with a pattern that it ships, and every alarm on
that metric carries the tag, or there is none. What code keeps (the tag says
terraform or cloudformation) stays. It shows them and the expected results of the controls, asks, and leaves what is foreign or was edited, and
a topic that other alarms notify. Subscribers that apply added to topics of
others are not known any more: 'monitorctl undo' with a journal takes them back.

With --subscription it removes the alert rules and the action group of Azure that
carry the tag; resource groups stay.

It exits with 0 when nothing is left under our names, and with 1 otherwise.`,
		Example: `  monitorctl destroy --dry-run
  monitorctl destroy --name-prefix team- --yes
  monitorctl destroy --subscription acme-prod --dry-run`,
		PreRunE:           e.configured(&f.catalog, &f.source),
		ValidArgsFunction: completeControls(&f.catalog),
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.check(e); err != nil {
				return err
			}
			if err := e.settle(c.Context(), c, &f.azureFlags, &f.source, &f.catalog); err != nil {
				return err
			}
			if f.catalog.cloud == catalog.Azure {
				controls, _, err := f.catalog.selection(args)
				if err != nil {
					return err
				}
				return e.destroyAzure(c, &f, controls, azureplan.Options{NamePrefix: names.prefix, ResourceGroup: resourceGroup})
			}
			o := plan.Options{NamePrefix: names.prefix, TopicName: names.topicName, Namespace: f.catalog.config.conf.Names.Namespace}
			if err := plan.CheckNames(o); err != nil {
				return usage(err)
			}
			controls, _, err := f.catalog.selection(args)
			if err != nil {
				return err
			}
			return e.destroy(c, &f, controls, names, o)
		},
	}
	f.add(c, "destroy")
	names.add(c)
	c.Flags().StringVar(&resourceGroup, "resource-group", "", "Azure: only what is in this resource group")
	c.Flags().StringSliceVar(&f.regions, "region", nil, "regions to look for trails in, repeatable or comma-separated (default all enabled ones)")
	completeRegions(c, "region")
	return c
}

func (e *env) destroy(c *cobra.Command, f *removeFlags, controls []catalog.Control, names nameFlags, o plan.Options) error {
	ctx, cancel := f.deadline(c.Context())
	defer cancel()
	started := e.now()
	snap, session, err := e.snapshot(ctx, &f.source, request{controls: controls, own: names.own(controls), quiet: f.quiet})
	if err != nil {
		return err
	}
	if f.verbose {
		defer e.calls(session, started)
	}
	r := plan.Destroy(snap, controls, o)
	a := &snap.Accounts[0]
	out := report.Removal{Account: finding.AccountRef{ID: a.ID, Alias: a.Alias}, Actions: r.Actions, Left: r.Left}
	if len(r.Actions) > 0 {
		if out.Before, out.After, err = e.predict(ctx, f, snap, controls, r.Actions); err != nil {
			return err
		}
	}
	return e.remove(ctx, f, out, func(done func(change.Action)) error {
		_, err := apply.Run(ctx, session, change.Plan{Actions: out.Actions}, apply.Options{OnDone: func(o action.Outcome) { done(o.Action) }})
		return e.partial(err, "destroy", "")
	})
}

// predict audits the account as it is and as it would be without what is removed.
func (e *env) predict(ctx context.Context, f *removeFlags, snap account.Snapshot, controls []catalog.Control, actions []change.Action) (before, after *finding.Report, err error) {
	benchmark, err := catalog.ParseBenchmark(f.catalog.benchmark)
	if err != nil {
		return nil, nil, usage(err)
	}
	o := f.catalog.auditOptions(benchmark, controls, snap)
	now, err := e.audit(ctx, snap, controls, o)
	if err != nil {
		return nil, nil, err
	}
	rest, err := plan.Simulate(snap, actions, false)
	if err != nil {
		return nil, nil, err
	}
	then, err := e.audit(ctx, rest, controls, o)
	return &now, &then, err
}
