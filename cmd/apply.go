package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/action"
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
an object of someone else has a name that it needs, it writes nothing at all.

With --plan it carries out exactly the plan that 'plan --save' wrote, and nothing
at all when the account has changed since.

It exits with 0 when nothing fails afterwards, 3 when a control still fails (an
e-mail subscriber has to confirm first), and 1 when it could not finish.`,
		Example: `  monitorctl apply --home-region eu-central-1 --subscribe email:security@example.com
  monitorctl apply --topic-arn arn:aws:sns:eu-central-1:111122223333:security --yes
  monitorctl apply --set cis --complete --tag team=security --dry-run
  monitorctl apply --plan plan.json --journal journal.jsonl --yes`,
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
			q, err := f.planOrSaved(e, c, args, &out, a.planFile)
			if err != nil {
				return err
			}
			p, err := e.run.Plan(c.Context(), q)
			if err != nil {
				return err
			}
			defer e.run.Calls(p)
			if out.quiet && a.yes && !a.dryRun && len(p.Plan.Conflicts) == 0 {
				for _, n := range p.Plan.Notes { // a wish that comes to nothing is never silent
					e.Say("monitorctl: note: %s", n.Text)
				}
			} else if err := e.showPlan(c, &out, sinks, p); err != nil {
				return err
			}
			if err := run.PlanVerdict(p.Plan, false); err != nil || a.dryRun {
				return err
			}
			return e.apply(c.Context(), &a, &out, sinks, p)
		},
	}
	f.addAccount(c)
	f.addControls(c)
	f.addConfig(c)
	out.add(c, planFormats)
	f.add(c)
	c.Flags().BoolVar(&a.yes, "yes", false, "apply without asking")
	c.Flags().BoolVar(&a.dryRun, "dry-run", false, "only show the plan")
	c.Flags().StringVar(&a.journal, "journal", "", "file that records each object before and after, for 'monitorctl undo'")
	c.Flags().StringVar(&a.planFile, "plan", "", "file of plan --save: carry out exactly that plan")
	return c
}

// apply asks, carries a plan out, audits the account again and shows where it differs
// from what the plan predicted.
func (e *env) apply(ctx context.Context, f *applyFlags, out *outputFlags, sinks []sink, p *run.Planning) error {
	if len(p.Plan.Actions) == 0 {
		return run.Gate{}.Verdict(p.Plan.Before, nil)
	}
	if !f.yes {
		if err := e.confirm("Apply", len(p.Plan.Actions), p.Plan.Before.Accounts[0]); err != nil {
			return err
		}
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
	if len(sinks) == 1 && sinks[0].format == "text" {
		fmt.Fprintln(e.Out)
		o := report.Options{Verbose: out.verbose, Version: e.run.Version, Config: p.Scope.Config.Identity(), Color: e.Color(out.noColor), Width: e.Width()}
		if err := report.Table(e.Out, r, o); err != nil {
			return err
		}
	}
	for _, text := range differences(p.Plan.After, r) {
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

// differences says where the account is not as the plan predicted.
func differences(predicted, found finding.Report) []string {
	var out []string
	for i, f := range found.Findings {
		if i < len(predicted.Findings) && predicted.Findings[i].Status != f.Status {
			text := fmt.Sprintf("%s: the plan predicted %s, the account now gives %s", f.Control, predicted.Findings[i].Status, f.Status)
			if why := f.Why(); why != "" {
				text += " (" + why + ")"
			}
			out = append(out, text)
		}
	}
	return out
}
