package cmd

import (
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
)

// applyFlags are those of apply beside the wishes.
type applyFlags struct {
	yes, dryRun bool
	planFile    string
	journal     string
}

// newApply builds "monitorctl apply".
func newApply(e *env) *cobra.Command {
	var f wishFlags
	var a applyFlags
	var out outputFlags
	c := &cobra.Command{
		Use:   "apply [CONTROL...]",
		Short: "Add what is missing: filters, alarms, topics, subscribers",
		Long: `apply shows the plan, asks for confirmation, carries it out and audits the account
again. It creates what is missing and changes nothing that it did not create; where
an object of someone else has a name that it needs, it writes nothing at all. With
--subscription it writes alert rules and an action group of Azure.

With --plan it carries out exactly the plan that 'plan --save' wrote, and nothing
at all when the account has changed since.

It exits with 0 when nothing fails afterwards, 3 when a control still fails (an
e-mail subscriber has to confirm first), and 1 when it could not finish.`,
		Example: `  monitorctl apply --home-region eu-central-1 --subscribe email:security@example.com
  monitorctl apply --topic-arn arn:aws:sns:eu-central-1:111122223333:security --yes
  monitorctl apply --set cis --complete --tag team=security --dry-run
  monitorctl apply --plan plan.json --journal journal.jsonl --yes
  monitorctl apply --subscription acme-prod --resource-group monitoring --subscribe email:security@example.com`,
		PreRunE:           e.fromEnvironment,
		ValidArgsFunction: f.completeControls,
		RunE: func(c *cobra.Command, args []string) error {
			sinks, err := out.sinks(planFormats)
			if err != nil {
				return err
			}
			if !e.Interactive() && !a.yes && !a.dryRun {
				return exit.Hinted(exit.Usage(errors.New("there is no terminal to ask at")), "--yes applies without asking, --dry-run only shows the plan")
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
			if err := e.showOrNote(c, &a, &out, sinks, p.Plan, &p.Scope.Config); err != nil || a.dryRun {
				return err
			}
			return e.apply(c.Context(), &a, &out, sinks, p)
		},
	}
	f.addAccount(c)
	f.addControls(c)
	f.addConfig(c)
	f.addSubscription(c)
	out.add(c, planFormats)
	f.add(c)
	c.Flags().BoolVarP(&a.yes, "yes", "y", false, "apply without asking")
	c.Flags().BoolVar(&a.dryRun, "dry-run", false, "only show the plan")
	c.Flags().StringVar(&a.journal, "journal", "", "file that records each object before and after, for 'monitorctl undo'")
	c.Flags().StringVar(&a.planFile, "plan", "", "file of plan --save: carry out exactly that plan")
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
// notes, because a wish that comes to nothing is never silent. The error is that of a
// plan that cannot be carried out.
func (e *env) showOrNote(c *cobra.Command, a *applyFlags, out *outputFlags, sinks []sink, p change.Plan, conf *run.Config) error {
	if out.quiet && a.yes && !a.dryRun && len(p.Conflicts) == 0 {
		for _, n := range p.Notes {
			e.Say("monitorctl: note: %s", n.Text)
		}
	} else if err := e.showPlan(c, out, sinks, p, conf); err != nil {
		return err
	}
	return run.PlanVerdict(p, false)
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
	return false, e.confirm("Apply", len(p.Actions), p.Before.Accounts[0])
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
	confirmHint(tell, pending)
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
		o := report.Options{Verbose: out.verbose, Version: e.run.Version, Config: conf.Identity(), Color: e.Color(out.noColor), Width: e.Width()}
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
	tell("E-mail subscribers must confirm. Mail scanners click 'unsubscribe', so better confirm with the token in the link of the message:")
	for _, s := range pending {
		tell("  aws sns confirm-subscription --region %s --topic-arn %s --authenticate-on-unsubscribe true --token TOKEN", s.Region, s.TopicARN)
	}
}

// differences says where the account is not as the plan predicted, and not as it will be
// once every subscriber has answered either: some had done so before.
func differences(p change.Plan, found finding.Report) []string {
	predicted := p.After.Findings
	var out []string
	for i, f := range found.Findings {
		if p.Confirmed != nil && i < len(p.Confirmed.Findings) && p.Confirmed.Findings[i].Status == f.Status {
			continue
		}
		if i < len(predicted) && predicted[i].Status != f.Status {
			text := fmt.Sprintf("%s: the plan predicted %s, the account now gives %s", f.Control, predicted[i].Status, f.Status)
			if why := f.Why(); why != "" {
				text += " (" + why + ")"
			}
			out = append(out, text)
		}
	}
	return out
}
