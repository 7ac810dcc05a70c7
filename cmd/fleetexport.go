package cmd

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// fleetExported are the flags of many accounts that an export has: --dir is that of its files.
var fleetExported = []string{
	"org", "accounts", "profiles", "ou", "account-tag", "exclude", "include-suspended", "account-role", "management-profile", "management-role", "session-policy",
	"thorough", "keep-going", "parallel", "connections", "max-age", "shard", "resume", "trust-org",
}

// exportFleet writes stack sets for many accounts.
func (e *env) exportFleet(c *cobra.Command, f *wishFlags, many *fleetFlags, x run.ExportRequest, args []string, out *outputFlags, saved string) error {
	switch {
	case !x.Template.StackSet:
		return exit.Usage(errors.New("an export of many accounts writes stack sets: add --stackset"))
	case saved != "":
		return exit.Usage(errors.New("--plan is for one account: leave it out to plan the accounts again"))
	}
	wishes, err := f.plan(e, c, args, out)
	if err != nil {
		return err
	}
	q, err := many.plan(wishes)
	if err != nil {
		return err
	}
	if len(q.Options.Replace) > 0 {
		return exit.Hinted(exit.Usage(errors.New("--replace overwrites nothing by a stack set, which fails where a name exists")), "accounts with such names are left out, and accounts.json lists them")
	}
	ctx, cancel := q.Limit.Context(c.Context())
	defer cancel()
	done, err := e.run.ExportFleet(ctx, q, x)
	for _, l := range done.Left {
		e.Say("monitorctl: note: account %s gets no stack: %s", l.ID, l.Why)
	}
	if err != nil {
		return err
	}
	for _, path := range done.Files {
		if _, err := fmt.Fprintln(e.Out, report.Sanitize(path)); err != nil {
			return err
		}
	}
	if !out.quiet {
		for _, g := range done.Groups {
			e.Say("%s: %s, log group %s in %s", g.Template, run.Plural(len(g.Accounts), "account"), g.LogGroup, g.Region)
		}
	}
	return nil
}
