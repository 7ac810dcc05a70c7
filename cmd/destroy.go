package cmd

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/run"
)

// newDestroy builds "monitorctl destroy".
func newDestroy(e *env) *cobra.Command {
	var f removeFlags
	var names nameFlags
	var carried transportFlags
	var trail trailFlags
	var homeRegion string
	var resourceGroup string
	c := &cobra.Command{
		Use:   "destroy [CONTROL...]",
		Short: "Remove what monitorctl created",
		Long: `destroy removes the alarms, metric filters, EventBridge rules with their role, and
topics that apply created: those with its names and its tag monitorctl:managed=true. Filters have no tags: they are
removed if they write the metric that apply uses with a pattern that it ships, and
every alarm on that metric carries the tag, or there is no alarm. Objects that code
keeps (their tag says terraform or cloudformation) stay, and so do objects that
someone else created or edited, and topics that other alarms notify. It shows what
it would remove and the expected results, and asks. It cannot tell which
subscribers apply added to someone else's topics: 'monitorctl undo' removes those.
A trail that apply --create-trail created is removed with --create-trail only; its
bucket and log group stay unless they are empty, which is not a failure.
With --subscription it removes the alert rules and the action group of Azure that
carry the tag, in one subscription or several; resource groups stay.

It exits with 0 when nothing with monitorctl's names is left, and with 1 otherwise.`,
		Example: `  monitorctl destroy --dry-run
  monitorctl destroy --name-prefix team- --yes
  monitorctl destroy --set cis --yes
  monitorctl destroy --subscription acme-prod --dry-run`,
		PreRunE:           e.fromEnvironment,
		ValidArgsFunction: f.completeControls,
		RunE: func(c *cobra.Command, args []string) error {
			sinks, err := f.prepare(e)
			if err != nil {
				return err
			}
			q, err := f.request(e, c, args, &f.out)
			if err != nil {
				return err
			}
			if q.Selection.Cloud == catalog.Azure {
				m, err := e.run.DestroyAzure(c.Context(), q, azureplan.Options{NamePrefix: names.prefix, ResourceGroup: resourceGroup})
				if err != nil {
					return err
				}
				return e.remove(c.Context(), &f, sinks, m)
			}
			o, err := names.options(&q.Scope.Config.File)
			if err != nil {
				return err
			}
			o.Transport, o.Routes = carried.transport, run.RouteTopics(&q.Scope.Config.File)
			if trail.create {
				o.Region = homeRegion
			}
			if err := trail.wish(&o, &q.Scope.Config.File); err != nil {
				return err
			}
			if err := plan.CheckNames(o); err != nil {
				return exit.Usage(err)
			}
			m, err := e.run.Destroy(c.Context(), q, o)
			if err != nil {
				return err
			}
			return e.remove(c.Context(), &f, sinks, m)
		},
	}
	f.add(c, "destroy")
	c.Flags().StringVar(&f.set, "set", catalog.SetAll, "remove what belongs to the controls of this set if no control is named: "+strings.Join(catalog.Sets(), ", "))
	names.add(c)
	carried.addTransport(c, "remove only what carries events this way: metric (filters and alarms), eventbridge (rules and their role), both (default both)")
	trail.addNames(c, "also remove the trail that apply --create-trail created, with its role, and its bucket and log group if they are empty")
	trail.retention = desired.DefaultRetention
	c.Flags().StringVar(&homeRegion, "home-region", "", "with --create-trail: home region of the trail")
	completeRegions(c, "home-region")
	c.Flags().StringVar(&resourceGroup, "resource-group", "", "on Azure: only what is in this resource group")
	f.addRegions(c, "regions to look for trails in, repeatable or comma-separated (default all enabled ones)")
	return c
}
