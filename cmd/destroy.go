package cmd

import (
	"github.com/spf13/cobra"
)

// newDestroy builds "monitorctl destroy".
func newDestroy(e *env) *cobra.Command {
	var f removeFlags
	var names nameFlags
	c := &cobra.Command{
		Use:   "destroy [CONTROL...]",
		Short: "Remove what monitorctl created",
		Long: `destroy removes the alarms, metric filters and topics that apply created: those
with its names and its tag monitorctl:managed=true. Filters have no tags: they are
removed if they write the metric that apply uses with a pattern that it ships, and
every alarm on that metric carries the tag, or there is no alarm. Objects that code
keeps (their tag says terraform or cloudformation) stay, and so do objects that
someone else created or edited, and topics that other alarms notify. It shows what
it would remove and the expected results, and asks. Subscribers that apply added to
topics of others are not known any more: 'monitorctl undo' with a journal removes them.

It exits with 0 when nothing with monitorctl's names is left, and with 1 otherwise.`,
		Example: `  monitorctl destroy --dry-run
  monitorctl destroy --name-prefix team- --yes`,
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
			o, err := names.options(&q.Scope.Config.File)
			if err != nil {
				return err
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
	f.addRegions(c, "regions to look for trails in, repeatable or comma-separated (default all enabled ones)")
	return c
}
