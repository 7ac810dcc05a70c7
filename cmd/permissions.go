package cmd

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/permissions"
)

// newPermissions builds "monitorctl permissions" and its verbs.
func newPermissions(e *env) *cobra.Command {
	c := &cobra.Command{
		Use:   "permissions",
		Short: "Print the least IAM policy for a command",
		Long: `permissions prints the IAM policy that a command needs, and no more. It takes the
wishes of that command: other controls, topics or subscribers need other permissions.
Statements whose name begins with "Optional" may be left out (docs/permissions.md
says what is lost).

Without --scoped nothing is called. With --scoped the account (or a saved snapshot)
is read, and the policy is narrowed to its log group, alarms, topics and keys.

With --subscription it prints the least custom role for Azure; the built-in roles
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
		newDrillPermissions(e),
	)
	return c
}

// policyFormats are the formats of a policy.
var policyFormats = []string{"json"}

// newPermissionsOf builds the verb that prints the policy for one command.
func newPermissionsOf(e *env, command permissions.Command, verb, forWhat string) *cobra.Command {
	var f planFlags
	var scoped bool
	c := &cobra.Command{
		Use:               verb + " [CONTROL...]",
		Short:             "Print the least IAM policy for " + forWhat,
		Example:           "  monitorctl permissions " + verb + " --set cis\n  monitorctl permissions " + verb + " --scoped --snapshot account.json",
		PreRunE:           e.configured(&f.controlFlags, &f.source),
		ValidArgsFunction: completeControls(&f.controlFlags),
		RunE: func(c *cobra.Command, args []string) error {
			if len(f.subscriptions) > 0 {
				return e.azureRole(c, &f, command)
			}
			return e.permissions(c.Context(), &f, command, scoped, args)
		},
	}
	f.judgeFlags.add(c, policyFormats)
	if command == permissions.Audit {
		c.Flags().StringSliceVar(&f.regions, "region", nil, "regions that the command is given, repeatable or comma-separated")
		completeRegions(c, "region")
		c.Flags().StringArrayVar(&f.subscriptions, "subscription", nil, "print the custom role for these subscriptions of Azure instead, by id, repeatable")
	} else {
		f.add(c)
	}
	c.Flags().BoolVar(&scoped, "scoped", false, "read the account and narrow the policy to what is there")
	return c
}

// permissions prints a policy.
func (e *env) permissions(ctx context.Context, f *planFlags, command permissions.Command, scoped bool, names []string) error {
	sinks, err := f.sinks(policyFormats)
	if err != nil {
		return err
	}
	r := permissions.Request{Command: command, Regions: len(f.regions) > 0}
	var j planning
	if j.controls, j.benchmark, err = f.selection(names); err != nil {
		return err
	}
	if r.Wishes, err = f.options(f.config.conf); err != nil {
		return err
	}
	r.Controls, r.Wishes.Region = j.controls, f.homeRegion
	if err := f.check(); err != nil {
		return err
	}
	regions := slices.Clone(f.regions)
	if f.homeRegion != "" {
		if err := checkRegion("--home-region", f.homeRegion); err != nil {
			return err
		}
		regions = append(regions, f.homeRegion)
	}
	if len(f.files) > 0 && !scoped {
		return hinted(usage(fmt.Errorf("--snapshot is read for --scoped only")), "add --scoped")
	}
	scope := permissions.Scope{Partition: "aws", Account: f.expectAccount}
	if len(regions) > 0 {
		scope.Partition = account.PartitionOf(regions[0])
	}
	if scoped {
		if scope, err = e.scopeOf(ctx, f, &j, r); err != nil {
			return err
		}
	}
	p := permissions.For(r, scope)
	if n := p.Size(); n > permissions.ManagedSize {
		fmt.Fprintf(e.err, "monitorctl: the policy has %d characters, a managed policy of IAM at most %d: print one for fewer controls each\n", n, permissions.ManagedSize)
	}
	for _, s := range sinks {
		if err := e.write(ctx, s, func(w io.Writer) error { return permissions.Write(w, p) }); err != nil {
			return err
		}
	}
	return nil
}

// scopeOf reads the account or snapshot that a policy is narrowed to.
func (e *env) scopeOf(ctx context.Context, f *planFlags, j *planning, r permissions.Request) (permissions.Scope, error) {
	ctx, cancel := f.deadline(ctx)
	defer cancel()
	started := e.now()
	q := request{controls: j.controls, quiet: f.quiet}
	if f.topicARN != "" {
		q.topics = []string{f.topicARN}
	}
	snap, session, err := e.snapshot(ctx, &f.source, q)
	if err != nil {
		return permissions.Scope{}, err
	}
	if f.verbose {
		defer e.calls(session, started)
	}
	if n := len(snap.Accounts); n != 1 {
		return permissions.Scope{}, fmt.Errorf("narrowing permissions: a policy is for one account, the snapshot holds %d", n)
	}
	r.Wishes.Audit = audit.Options{Benchmark: j.benchmark, Now: snap.TakenAt}
	return permissions.ScopeOf(&snap.Accounts[0], r.Command, j.controls, r.Wishes)
}
