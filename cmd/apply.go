package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
	"github.com/monitorctl/monitorctl/internal/shellword"
)

// applyFlags are those of apply beside the wishes.
type applyFlags struct {
	yes, dryRun bool
	noWait      bool
	planFile    string
	journal     string
	many        fleetWriteFlags
}

// newApply builds "monitorctl apply".
func newApply(e *env) *cobra.Command {
	var f wishFlags
	var a applyFlags
	var many fleetFlags
	var out outputFlags
	c := &cobra.Command{
		Use:   "apply [CONTROL...]",
		Short: "Add what is missing: filters, alarms, topics, subscribers",
		Long: `apply shows the plan, asks for confirmation, carries it out and audits the account
again. It creates what is missing and changes nothing that it did not create; if
someone else's object has a name that it needs, it writes nothing at all. With
--subscription it writes alert rules and an action group of Azure. Several
subscriptions are planned and written one after the other: a failure in one does
not stop the others, and one journal records all of them.

With --create-trail it also creates a trail with its bucket, role and log group if
no trail carries the events to a log group, or adds what an existing trail lacks.

With --plan it carries out exactly the plan that 'plan --save' wrote, or nothing
at all if the account has changed since.

With --org it writes only to the account that owns the organization's log group, and
reports how many accounts need --write-accounts. --plan DIR writes to those, in waves.

It exits with 0 when nothing fails afterwards, 3 when a control still fails (an
e-mail subscriber has to confirm first), and 1 when it could not finish.`,
		Example: `  monitorctl apply --home-region eu-central-1 --subscribe email:security@example.com
  monitorctl apply --topic-arn arn:aws:sns:eu-central-1:111122223333:security --yes
  monitorctl apply --set cis --complete --tag team=security --dry-run
  monitorctl apply --create-trail --home-region eu-central-1 --subscribe email:security@example.com --journal journal.jsonl
  monitorctl apply --plan plan.json --journal journal.jsonl --yes
  monitorctl apply --org --account-role admin --subscribe email:security@example.com
  monitorctl apply --plan plans --account-role admin --write-accounts all
  monitorctl apply --subscription acme-prod --resource-group monitoring --subscribe email:security@example.com
  monitorctl apply --subscription all --resource-group monitoring --subscribe email:security@example.com --journal journal.jsonl`,
		PreRunE:           e.fromEnvironment,
		ValidArgsFunction: f.completeControls,
		RunE: func(c *cobra.Command, args []string) error {
			sinks, err := out.sinks(planFormats)
			if err != nil {
				return err
			}
			if !e.Interactive() && !a.yes && !a.dryRun {
				return exit.Hinted(exit.Usage(errors.New("there is no terminal to ask on")), "--yes applies without asking, --dry-run only shows the plan")
			}
			if run.IsFleetPlan(a.planFile) {
				return e.applySaved(c, &f, &many, &a, args, &out, sinks)
			}
			if fleet, err := many.given(c, nil); err != nil {
				return err
			} else if fleet {
				return e.applyFleet(c, &f, &many, &a, args, &out, sinks)
			}
			if err := a.many.misplaced(c); err != nil {
				return err
			}
			q, azure, err := f.asked(e, c, args, &out, a.planFile)
			if err != nil {
				return err
			}
			if azure != nil {
				return e.applyAzure(c, *azure, &a, &out, sinks)
			}
			p, err := e.run.Plan(c.Context(), q)
			if err != nil {
				return err
			}
			defer e.run.Calls(p)
			if blocked, err := e.showOrNote(c, &a, &out, sinks, p.Plan, &p.Scope.Config); err != nil || blocked != nil || a.dryRun {
				return cmp.Or(err, blocked)
			}
			return e.apply(c.Context(), &a, &out, sinks, p)
		},
	}
	f.addAccount(c)
	f.addControls(c)
	f.addConfig(c)
	f.addSubscription(c)
	out.add(c, planFormats)
	out.addBrief(c)
	f.add(c)
	many.add(c)
	a.many.add(c)
	a.many.addWrite(c)
	c.Flags().BoolVarP(&a.yes, "yes", "y", false, "apply without asking")
	c.Flags().BoolVar(&a.dryRun, "dry-run", false, "only show the plan")
	c.Flags().StringVar(&a.journal, "journal", "", "file that records each object before and after, for 'monitorctl undo'")
	c.Flags().BoolVar(&a.noWait, "no-wait", false, "with --create-trail: do not wait for the first delivery of the trail")
	c.Flags().StringVar(&a.planFile, "plan", "", "file of plan --save, or folder of plan --org --save: carry out exactly that plan")
	return c
}

// asked makes of the flags, the environment and the configuration file what apply is asked
// for: of AWS or, then not nil, of Azure. A saved plan knows its cloud.
func (f *wishFlags) asked(e *env, c *cobra.Command, names []string, out *outputFlags, planFile string) (run.PlanRequest, *run.AzurePlanRequest, error) {
	if planFile != "" {
		if run.AzureAccountOf(c.Context(), planFile) != "" {
			q, err := f.azureSaved(e, c, names, out, planFile)
			return run.PlanRequest{}, &q, err
		}
		q, err := f.planOrSaved(e, c, names, out, planFile)
		return q, nil, err
	}
	asked, err := f.request(e, c, names, out)
	if err != nil {
		return run.PlanRequest{}, nil, err
	}
	if asked.Selection.Cloud == catalog.Azure {
		o, err := f.azureOptions(&asked.Scope.Config.File)
		return run.PlanRequest{}, &run.AzurePlanRequest{Request: asked, Options: o}, err
	}
	q, err := f.wishes(asked)
	return q, nil, err
}

// showOrNote shows a plan, unless nobody is asked and --quiet is given: then only its
// notes, because a wish that comes to nothing is never silent. Blocked is the error of a
// plan that cannot be carried out, or not for every subscription.
func (e *env) showOrNote(c *cobra.Command, a *applyFlags, out *outputFlags, sinks []sink, p change.Plan, conf *run.Config) (blocked, err error) {
	if out.quiet && a.yes && !a.dryRun && len(p.Conflicts) == 0 {
		for _, n := range p.Notes {
			e.Say("monitorctl: note: %s", n.Text)
		}
	} else if err := e.showPlan(c, out, sinks, p, conf); err != nil {
		return nil, err
	}
	return run.PlanVerdict(p, false), nil
}

// nothingOrConfirm asks whether to carry a plan out. Done says that there is nothing to do;
// then the error is the verdict on the account as it is.
func (e *env) nothingOrConfirm(f *applyFlags, p change.Plan) (done bool, err error) {
	if len(p.Actions) == 0 {
		return true, run.Gate{}.Verdict(p.Before, nil)
	}
	if f.yes {
		return false, nil
	}
	return false, e.confirm("Apply", p.Actions, p.Before.Accounts)
}

// apply asks, carries a plan out, audits the account again and shows where it differs
// from what the plan predicted.
func (e *env) apply(ctx context.Context, f *applyFlags, out *outputFlags, sinks []sink, p *run.Planning) error {
	if done, err := e.nothingOrConfirm(f, p.Plan); done || err != nil {
		return err
	}
	tell := e.teller(sinks)
	pending, err := e.run.Apply(ctx, p, f.journal, tell)
	if err != nil {
		return err
	}
	if f.journal != "" {
		tell("'monitorctl undo %s' takes this back.", shellword.IfNeeded(f.journal))
	}
	confirmHint(tell, pending)
	if !f.noWait {
		if err := e.run.Deliver(ctx, p, tell); err != nil {
			return err
		}
	}
	r, err := e.run.Verify(ctx, p)
	if err != nil {
		return err
	}
	return e.verified(out, sinks, p.Plan, &p.Scope.Config, r)
}

// verified shows what the audit after a plan says, and where that differs from what the
// plan predicted.
func (e *env) verified(out *outputFlags, sinks []sink, p change.Plan, conf *run.Config, r finding.Report) error {
	if len(sinks) == 1 && sinks[0].format == "text" {
		fmt.Fprintln(e.Out)
		o := report.Options{Verbose: out.verbose, Version: e.run.Version, Config: conf.Identity(), Color: e.Color(out.noColor), Width: e.Width(), ASCII: e.ASCII()}
		if err := report.Table(e.Out, r, o); err != nil {
			return err
		}
	}
	for _, text := range differences(p, r) {
		e.Say("monitorctl: %s", text)
	}
	return run.Gate{}.Verdict(r, nil)
}

// confirmHint shows how to confirm new e-mail subscribers.
func confirmHint(tell func(format string, args ...any), pending []action.Subscribe) {
	if len(pending) == 0 {
		return
	}
	tell("")
	tell("E-mail subscribers must confirm. Mail scanners click 'unsubscribe', so confirm with the token in the message's link instead:")
	for _, s := range pending {
		tell("  aws sns confirm-subscription --region %s --topic-arn %s --authenticate-on-unsubscribe true --token TOKEN", s.Region, s.TopicARN)
	}
}
