package cmd

import (
	"io"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/permissions"
	azurepermissions "github.com/monitorctl/monitorctl/internal/azure/permissions"
	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
)

// azureRole prints the least custom role that a command needs in some subscriptions.
// Nothing is called, so that names are not enough.
func (e *env) azureRole(c *cobra.Command, f *planFlags, command permissions.Command) error {
	if err := e.settle(c.Context(), c, &f.azureFlags, &f.source, &f.controlFlags); err != nil {
		return err
	}
	o, err := f.azureOptions()
	if err != nil {
		return err
	}
	if err := azureplan.Check(o); err != nil {
		return usage(err)
	}
	sinks, err := f.sinks(policyFormats)
	if err != nil {
		return err
	}
	of := map[permissions.Command]azurepermissions.Command{
		permissions.Audit: azurepermissions.Audit, permissions.Plan: azurepermissions.Plan, permissions.Apply: azurepermissions.Apply, permissions.Undo: azurepermissions.Undo,
	}
	role, err := azurepermissions.For(of[command], o, f.subscriptions)
	if err != nil {
		return usage(err)
	}
	for _, s := range sinks {
		if err := e.write(c.Context(), s, func(w io.Writer) error { return azurepermissions.Write(w, role) }); err != nil {
			return err
		}
	}
	return nil
}

// newDrillPermissions builds "monitorctl permissions drill".
func newDrillPermissions(e *env) *cobra.Command {
	var subscriptions []string
	c := &cobra.Command{
		Use:     "drill",
		Short:   "Print the least custom role of Azure for drill",
		Example: "  monitorctl permissions drill --subscription 11111111-2222-3333-4444-555555555555",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			role, err := azurepermissions.For(azurepermissions.Drill, azureplan.Options{}, subscriptions)
			if err != nil {
				return usage(err)
			}
			return azurepermissions.Write(e.out, role)
		},
	}
	c.Flags().StringArrayVar(&subscriptions, "subscription", nil, "subscription of Azure, by id, repeatable")
	return c
}
