package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// fleetWriteFlags say to which of many accounts apply and undo write, and how many at once.
type fleetWriteFlags struct {
	write      []string
	limits     run.FleetLimits
	expect     int
	journalDir string
}

func (f *fleetWriteFlags) add(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.limits.Waves, "waves", run.DefaultWaves, "size of each wave, as a number or percentage of the accounts: each wave is audited before the next")
	fl.IntVar(&f.limits.MaxFailures, "max-failures", 0, "how many accounts may fail before no more are started")
	fl.IntVar(&f.expect, "expect-accounts", 0, "with --yes: how many accounts will be written to; with any other number nothing is written")
	fl.StringVar(&f.journalDir, "journal-dir", "", "folder for the journals of many accounts, one journal for each")
}

// addWrite adds the flag that lets apply write to accounts beside the owners.
func (f *fleetWriteFlags) addWrite(c *cobra.Command) {
	c.Flags().StringSliceVar(&f.write, "write-accounts", nil, "with --plan DIR: also write to these accounts, by id or organizational unit, or all in the plan")
}

// fleetWriteOnly are the flags of apply and undo that say nothing about a single account.
var fleetWriteOnly = []string{"write-accounts", "waves", "max-failures", "expect-accounts", "journal-dir"}

// misplaced refuses them, and further ones, for a single account.
func (*fleetWriteFlags) misplaced(c *cobra.Command, more ...string) error {
	names := slices.Concat(fleetWriteOnly, more)
	if i := slices.IndexFunc(names, func(name string) bool { return given(c, name) }); i >= 0 {
		return exit.Hinted(exit.Usage(fmt.Errorf("--%s is for many accounts", names[i])), "'monitorctl plan --org --save DIR', then 'monitorctl apply --plan DIR'")
	}
	return nil
}

// agree asks for the number of accounts, or compares it with the one that is expected.
func (f *fleetWriteFlags) agree(e *env, yes bool, radius string, accounts int, expected func(int) error) error {
	if yes {
		return expected(f.expect)
	}
	answer, err := e.Ask(fmt.Sprintf("\n%s. Type %d to continue: ", radius, accounts))
	switch {
	case err != nil:
		return fmt.Errorf("asking: %w", err)
	case answer != fmt.Sprint(accounts):
		return &exit.Error{Code: exit.Failed, Err: errors.New("not confirmed; nothing was written")}
	}
	return nil
}

// scripted refuses --yes without a number, before the first call.
func (f *fleetWriteFlags) scripted(c *cobra.Command, yes bool) error {
	switch {
	case yes && !given(c, "expect-accounts"):
		return exit.Hinted(exit.Usage(errors.New("--yes needs --expect-accounts, the number of accounts to write to")), "'--dry-run' shows it")
	case given(c, "expect-accounts") && !yes:
		return exit.Usage(errors.New("--expect-accounts needs --yes"))
	}
	return nil
}

// plan makes of the flags what plan and apply over many accounts are asked for.
func (f *fleetFlags) plan(q run.PlanRequest) (run.FleetPlanRequest, error) {
	f.q.Request, f.q.ExternalID = q.Request, q.Source.ExternalID
	out := run.FleetPlanRequest{Options: q.Options}
	if q.Selection.Cloud == catalog.Azure || q.Azure != nil {
		return out, exit.Usage(errors.New("--org and the other flags for many accounts are for AWS: run monitorctl once for each cloud"))
	}
	var err error
	if out.Dirs, err = run.FleetDirs(context.Background(), q.Source.Files); err != nil {
		return out, err
	}
	if len(out.Dirs) == 0 {
		if len(q.Source.Files) > 0 {
			return out, exit.Usage(errors.New("--snapshot is planned as it is: leave out the flags that name accounts"))
		}
		if err := f.q.Check(f.shard); err != nil {
			return out, err
		}
	}
	out.FleetRequest = f.q
	return out, out.CheckWishes()
}

// planFleet plans many accounts.
func (e *env) planFleet(c *cobra.Command, f *wishFlags, many *fleetFlags, asked run.Request, out *outputFlags, sinks []sink, save string, exitCode bool) error {
	wishes, err := f.wishes(asked)
	if err != nil {
		return err
	}
	q, err := many.plan(wishes)
	if err != nil {
		return err
	}
	ctx, cancel := q.Limit.Context(c.Context())
	defer cancel()
	p, err := e.run.SaveFleet(ctx, q, save)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := e.showFleetPlan(c, out, sinks, p, &q.Scope.Config); err != nil {
		return err
	}
	return p.PlanVerdict(exitCode)
}

// showFleetPlan writes a plan for many accounts in every format asked for.
func (e *env) showFleetPlan(c *cobra.Command, f *outputFlags, sinks []sink, p *run.FleetPlanning, conf *run.Config) error {
	o := report.Options{Brief: f.brief, Config: conf.Identity()}
	return e.each(c.Context(), f, sinks, o, func(w io.Writer, format string, o report.Options) error {
		if format == "json" {
			return report.FleetPlanJSON(w, p.Plan, o)
		}
		return report.FleetPlanText(w, p.Plan, o)
	})
}

// applyFleet plans many accounts and writes to the owners.
func (e *env) applyFleet(c *cobra.Command, f *wishFlags, many *fleetFlags, a *applyFlags, args []string, out *outputFlags, sinks []sink) error {
	switch {
	case len(a.many.write) > 0:
		return exit.Hinted(exit.Usage(errors.New("--write-accounts needs a saved plan")), "'monitorctl plan --org --save DIR', then 'monitorctl apply --plan DIR --write-accounts ...'")
	case a.journal != "":
		return exit.Usage(errors.New("--journal is for one account: --journal-dir keeps a journal of each"))
	case a.planFile != "":
		return exit.Usage(errors.New("--plan FILE is for one account: 'monitorctl plan --org --save DIR' saves plans of many"))
	}
	if err := a.many.scripted(c, a.yes); err != nil {
		return err
	}
	wishes, err := f.plan(e, c, args, out)
	if err != nil {
		return err
	}
	q, err := many.plan(wishes)
	if err != nil {
		return err
	}
	p, err := e.run.PlanFleet(c.Context(), q)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := e.showFleetPlan(c, out, sinks, p, &q.Scope.Config); err != nil {
		return err
	}
	if a.dryRun {
		return p.PlanVerdict(false)
	}
	chosen, err := p.ChooseOwners(a.many.journalDir)
	if err != nil {
		return err
	}
	if chosen.Accounts() == 0 {
		return p.Verdict()
	}
	return e.carryFleet(c, a, sinks, chosen)
}

// applySaved carries out the plans of a folder.
func (e *env) applySaved(c *cobra.Command, f *wishFlags, many *fleetFlags, a *applyFlags, args []string, out *outputFlags, sinks []sink) error {
	if a.journal != "" || a.many.journalDir != "" {
		return exit.Usage(errors.New("the journals are in the folder of the plans: leave out --journal and --journal-dir"))
	}
	if err := a.many.scripted(c, a.yes); err != nil {
		return err
	}
	saved, err := run.OpenFleetPlan(a.planFile)
	if err != nil {
		return err
	}
	defer saved.Close()
	first := saved.First()
	if first == "" {
		return errors.New("the folder " + a.planFile + " has no change to carry out")
	}
	expected := f.source.ExpectAccount // is about who calls, not about the first plan
	f.source.ExpectAccount = ""
	wishes, err := f.planOrSaved(e, c, args, out, first)
	if err != nil {
		return err
	}
	wishes.Saved, wishes.Source.ExpectAccount = nil, expected
	wishes.Scope.Names = saved.Index.Controls // the first plan may be for fewer
	if wishes.Selection, err = wishes.Scope.Select(catalog.AWS); err != nil {
		return err
	}
	q, err := many.plan(wishes)
	if err != nil {
		return err
	}
	chosen, err := saved.Choose(q, a.many.write, a.many.limits)
	if err != nil {
		return err
	}
	e.Say("%s", chosen.Radius())
	if chosen.Needs > 0 {
		e.Say("%s", run.NeedsWriting(chosen.Needs))
	}
	if a.dryRun {
		return nil
	}
	if chosen.Accounts() == 0 {
		return exit.Usage(errors.New("nothing to change in the owners: --write-accounts says which of the other accounts to write to"))
	}
	return e.carryFleet(c, a, sinks, chosen)
}

// carryFleet asks, and carries out what was chosen.
func (e *env) carryFleet(c *cobra.Command, a *applyFlags, sinks []sink, chosen *run.FleetApply) error {
	if err := a.many.agree(e, a.yes, chosen.Radius(), chosen.Accounts(), chosen.Expected); err != nil {
		return err
	}
	tell := e.teller(sinks)
	done, err := e.run.ApplyFleet(c.Context(), chosen, tell)
	slices.SortFunc(done.Pending, func(a, b action.Subscribe) int { return slices.Compare([]string{a.TopicARN}, []string{b.TopicARN}) })
	confirmHint(tell, done.Pending)
	return err
}

// undoFleet takes the journals of a folder back.
func (e *env) undoFleet(c *cobra.Command, f *removeFlags, sinks []sink) error {
	if err := f.many.scripted(c, f.yes); err != nil {
		return err
	}
	asked, err := f.request(e, c, nil, &f.out)
	if err != nil {
		return err
	}
	q, err := f.entering.plan(run.PlanRequest{Request: asked})
	if err != nil {
		return err
	}
	u, err := e.run.LookFleet(c.Context(), q, f.many.journalDir, f.many.limits)
	if err != nil {
		return err
	}
	e.Say("%s", u.Radius())
	if f.dryRun {
		return nil
	}
	if u.Accounts() > 0 {
		if err := f.many.agree(e, f.yes, u.Radius(), u.Accounts(), u.Expected); err != nil {
			return err
		}
	}
	return e.run.UndoFleet(c.Context(), u, e.teller(sinks))
}

// fleetEntering are the flags of many accounts that say how each is entered.
var fleetEntering = []string{"org", "accounts", "account-role", "management-profile", "management-role", "session-policy", "connections", "parallel"}

// addSome adds only some of the flags.
func (f *fleetFlags) addSome(c *cobra.Command, names []string) {
	var all cobra.Command
	f.add(&all)
	for _, name := range names {
		c.Flags().AddFlag(all.Flags().Lookup(name))
	}
}
