package cmd

import (
	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/plan"
	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// newDestroy builds "monitorctl destroy".
func newDestroy(e *env) *cobra.Command {
	var f removeFlags
	var names nameFlags
	var carried transportFlags
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
it would remove and the expected results, and asks. Subscribers that apply added to
topics of others are no longer known: 'monitorctl undo' with a journal removes them.
With --subscription it removes the alert rules and the action group of Azure that
carry the tag; resource groups stay.

It exits with 0 when nothing with monitorctl's names is left, and with 1 otherwise.`,
		Example: `  monitorctl destroy --dry-run
  monitorctl destroy --name-prefix team- --yes
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
			o.Transport = carried.transport
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
	names.add(c)
	carried.addTransport(c, "remove only what carries events this way: metric (filters and alarms), eventbridge (rules and their role), both (default both)")
	c.Flags().StringVar(&resourceGroup, "resource-group", "", "on Azure: only what is in this resource group")
	f.addRegions(c, "regions to look for trails in, repeatable or comma-separated (default all enabled ones)")
	return c
}
