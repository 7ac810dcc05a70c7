package cmd

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/permissions"
	azurepermissions "github.com/monitorctl/monitorctl/internal/azure/permissions"
	"github.com/monitorctl/monitorctl/internal/config"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// newPermissions builds "monitorctl permissions" and its verbs.
func newPermissions(e *env) *cobra.Command {
	c := &cobra.Command{
		Use:   "permissions",
		Short: "Print the least-privilege IAM policy for a command",
		Long: `permissions prints the IAM policy that a command needs, and no more. It takes that
command's flags: other controls, topics or subscribers need other permissions.
Statements whose names begin with "Optional" may be left out (docs/permissions.md
shows what is lost).

Without --scoped it makes no calls. With --scoped it reads the account (or a saved
snapshot) and narrows the policy to its log group, alarms, topics and keys.

With --subscription it prints the least-privilege custom role for Azure; the built-in roles
Monitoring Reader (audit) and Monitoring Contributor (apply, in a resource group that
exists) suffice, too.`,
		Example: `  monitorctl permissions audit
  monitorctl permissions audit --subscription 11111111-2222-3333-4444-555555555555
  monitorctl permissions apply --subscription 11111111-2222-3333-4444-555555555555 --create-resource-group westeurope --resource-group alerts
  monitorctl permissions apply --set cis --subscribe email:security@example.com --scoped`,
		Args: noCommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(
		newPermissionsOf(e, permissions.Audit, "audit", "audit and explain"),
		newPermissionsOf(e, permissions.Plan, "plan", "plan and snapshot"),
		newPermissionsOf(e, permissions.Apply, "apply", "apply"),
		newPermissionsOf(e, permissions.Undo, "undo", "undo and destroy"),
		newPermissionsOrg(e),
		newPermissionsAthena(e),
		newPermissionsReplay(e),
		newDrillPermissions(e),
	)
	return c
}

// policyFormats are the formats of a policy.
var policyFormats = []string{"json"}

// azureCommands are the commands by their names for AWS.
var azureCommands = map[permissions.Command]azurepermissions.Command{
	permissions.Audit: azurepermissions.Audit, permissions.Plan: azurepermissions.Plan, permissions.Apply: azurepermissions.Apply, permissions.Undo: azurepermissions.Undo,
}

// newPermissionsOf builds the verb that prints the policy for one command.
func newPermissionsOf(e *env, command permissions.Command, verb, forWhat string) *cobra.Command {
	var f wishFlags
	var out outputFlags
	var scoped bool
	c := &cobra.Command{
		Use:               verb + " [CONTROL...]",
		Short:             "Print the least-privilege IAM policy for " + forWhat,
		Example:           "  monitorctl permissions " + verb + " --set cis\n  monitorctl permissions " + verb + " --scoped --snapshot account.json",
		PreRunE:           e.fromEnvironment,
		ValidArgsFunction: f.completeControls,
		RunE: func(c *cobra.Command, args []string) error {
			if len(f.source.Subscriptions) > 0 {
				source := f.source
				if _, err := f.clouds(c.Context(), e, c, &source); err != nil {
					return err
				}
				o, err := f.azureOptions(&config.File{})
				if err != nil {
					return err
				}
				role, err := run.AzureRole(azureCommands[command], o, f.source.Subscriptions)
				if err == nil {
					_, err = e.Out.Write(role)
				}
				return err
			}
			sinks, err := out.sinks(policyFormats)
			if err != nil {
				return err
			}
			q, err := f.plan(e, c, args, &out)
			if err != nil {
				return err
			}
			if len(q.Source.Files) > 0 && !scoped {
				return exit.Hinted(exit.Usage(errors.New("--snapshot is read for --scoped only")), "add --scoped")
			}
			policy, err := e.run.Permissions(c.Context(), q, command, scoped)
			if err != nil {
				return err
			}
			return e.each(c.Context(), &out, sinks, report.Options{}, func(w io.Writer, _ string, _ report.Options) error {
				return permissions.Write(w, policy)
			})
		},
	}
	f.addAccount(c)
	f.addSnapshot(c, judgedFiles)
	f.addControls(c)
	f.addConfig(c)
	out.add(c, policyFormats)
	if command == permissions.Audit {
		f.addRegions(c, "regions that the command will be given, repeatable or comma-separated")
		c.Flags().StringArrayVar(&f.source.Subscriptions, "subscription", nil, "print the custom role for these subscriptions of Azure instead, by id, repeatable")
	} else {
		f.addSubscription(c)
		f.add(c)
	}
	c.Flags().BoolVar(&scoped, "scoped", false, "read the account and narrow the policy to what exists")
	return c
}
