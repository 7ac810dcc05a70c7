package cmd

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// planFormats are the formats of plans, repairs and removals.
var planFormats = []string{"text", "json"}

// newPlan builds "monitorctl plan".
func newPlan(e *env) *cobra.Command {
	var f wishFlags
	var out outputFlags
	var many fleetFlags
	var exitCode bool
	var save string
	c := &cobra.Command{
		Use:   "plan [CONTROL...]",
		Short: "Show what apply would do, and the expected results",
		Long: `plan audits an account (or a saved snapshot) and shows what apply would add to it,
field by field, why, and what the audit would say afterwards. It writes nothing.
With --subscription it plans alert rules and an action group of Azure, for several
subscriptions in one report.

With --org and similar flags it plans many accounts: first the account that owns the log
group of the organization's trail, and then, assuming that is done, each account that
still fails and is not under that trail. Identical plans are shown once. --save
then takes a new folder, for 'apply --plan DIR'.

It exits with 0, or with 1 when someone else's objects are in the way. With
--exit-code it exits with 3 when there are changes, and with 1 when there are
none but something could not be checked.`,
		Example: `  monitorctl plan
  monitorctl plan --home-region eu-central-1 --subscribe email:security@example.com
  monitorctl plan --save plan.json && monitorctl apply --plan plan.json
  monitorctl plan --snapshot account.json --complete -o json
  monitorctl plan --org --account-role audit --save plans
  monitorctl plan --subscription acme-prod --resource-group monitoring --subscribe email:security@example.com`,
		PreRunE:           e.fromEnvironment,
		ValidArgsFunction: f.completeControls,
		RunE: func(c *cobra.Command, args []string) error {
			sinks, err := out.sinks(planFormats)
			if err != nil {
				return err
			}
			asked, err := f.request(e, c, args, &out)
			if err != nil {
				return err
			}
			if fleet, err := many.given(c, asked.Source.Files); err != nil {
				return err
			} else if fleet {
				return e.planFleet(c, &f, &many, asked, &out, sinks, save, exitCode)
			}
			if asked.Selection.Cloud == catalog.Azure {
				return e.planAzure(c, &f, asked, &out, sinks, save, exitCode)
			}
			q, err := f.wishes(asked)
			if err != nil {
				return err
			}
			if save != "" && len(q.Source.Files) > 1 {
				return exit.Usage(errors.New("a plan can be saved for only one snapshot"))
			}
			p, err := e.run.Plan(c.Context(), q)
			if err != nil {
				return err
			}
			defer e.run.Calls(p)
			if err := e.showPlan(c, &out, sinks, p.Plan, &p.Scope.Config); err != nil {
				return err
			}
			if save != "" && len(p.Plan.Conflicts) == 0 {
				if err := e.run.SavePlan(c.Context(), save, p); err != nil {
					return err
				}
			}
			return run.PlanVerdict(p.Plan, exitCode)
		},
	}
	f.addAccount(c)
	f.addSnapshot(c, judgedFiles)
	f.addControls(c)
	f.addConfig(c)
	f.addSubscription(c)
	out.add(c, planFormats)
	out.addShowWaived(c)
	out.addBrief(c)
	f.add(c)
	many.add(c)
	c.Flags().BoolVar(&exitCode, "exit-code", false, "exit with 3 if there are changes, with 1 if something is unknown")
	c.Flags().StringVar(&save, "save", "", "file for apply --plan, which carries out exactly this plan; for many accounts a new folder")
	return c
}

// showPlan writes a plan in every format asked for.
func (e *env) showPlan(c *cobra.Command, f *outputFlags, sinks []sink, p change.Plan, conf *run.Config) error {
	o := report.Options{CanReplace: true, Brief: f.brief, Config: conf.Identity(), Next: nextApply(c)}
	return e.each(c.Context(), f, sinks, o, func(w io.Writer, format string, o report.Options) error {
		if format == "json" {
			return report.PlanJSON(w, p, o)
		}
		return report.PlanText(w, p, o)
	})
}
