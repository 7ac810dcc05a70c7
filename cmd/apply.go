package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/spf13/cobra"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/apply"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/report"
)

// newApply builds "monitorctl apply".
func newApply(e *env) *cobra.Command {
	var f planFlags
	var yes, dryRun bool
	c := &cobra.Command{
		Use:   "apply [CONTROL...]",
		Short: "Add what is missing: filters, alarms, topics, subscribers",
		Long: `apply shows the plan, asks, carries it out and audits the account again. It creates
what does not exist and touches nothing that is not its own; where something
foreign stands under a name that it needs, it writes nothing at all. With
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
		PreRunE:           e.configured(&f.controlFlags, &f.source),
		ValidArgsFunction: completeControls(&f.controlFlags),
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := f.sinks(planFormats); err != nil {
				return err
			}
			if _, ok := terminal(e.in); !ok && !yes && !dryRun {
				return &codeError{code: exitUsage, err: errors.New("there is no terminal to ask at"),
					hint: "--yes applies without asking, --dry-run only shows the plan"}
			}
			if err := e.settleApply(c, &f); err != nil {
				return err
			}
			if f.cloud == catalog.Azure {
				return e.applyAzure(c, &f, args, yes, dryRun)
			}
			j, err := e.planning(c, &f, args)
			if err != nil {
				return err
			}
			if f.verbose {
				defer e.calls(j.session, j.started)
			}
			if err := e.showOrNote(c.Context(), &f, j.plan, yes, dryRun); err != nil {
				return err
			}
			if err := planVerdict(j.plan, false); err != nil || dryRun {
				return err
			}
			return e.apply(c.Context(), &f, j, yes)
		},
	}
	f.accountFlags.add(c)
	f.controlFlags.add(c)
	f.config.add(c)
	f.outputFlags.add(c, planFormats)
	f.add(c)
	c.Flags().BoolVar(&yes, "yes", false, "apply without asking")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "only show the plan")
	c.Flags().StringVar(&f.journal, "journal", "", "file that records each object before and after, for 'monitorctl undo'")
	c.Flags().StringVar(&f.planFile, "plan", "", "file of plan --save: carry out exactly that plan")
	return c
}

// settleApply decides which cloud an apply is about: a saved plan knows.
func (e *env) settleApply(c *cobra.Command, f *planFlags) error {
	if f.planFile != "" && len(f.subscriptions) == 0 {
		if id := accountOf(c.Context(), f.planFile); subscription.IsGUID(id) {
			f.subscriptions = []string{id}
		}
	}
	return e.settle(c.Context(), c, &f.azureFlags, &f.source, &f.controlFlags)
}

// showOrNote shows a plan, unless nobody is asked and --quiet is given. A wish that comes
// to nothing is never silent.
func (e *env) showOrNote(ctx context.Context, f *planFlags, p change.Plan, yes, dryRun bool) error {
	if !f.quiet || !yes || dryRun || len(p.Conflicts) > 0 {
		return e.showPlan(ctx, &f.outputFlags, p)
	}
	for _, n := range p.Notes {
		fmt.Fprintln(e.err, "monitorctl: note: "+report.Sanitize(n.Text))
	}
	return nil
}

// apply asks, carries a plan out and audits the account again.
func (e *env) apply(ctx context.Context, f *planFlags, j *planning, yes bool) error {
	if len(j.plan.Actions) == 0 {
		return gate{}.verdict(j.plan.Before, nil)
	}
	if !yes {
		ok, err := e.confirm("Apply", len(j.plan.Actions), j.plan.Before.Accounts[0])
		if err != nil || !ok {
			return cancelled(err)
		}
	}
	w, err := e.openJournal(f.journal, j.snap)
	if err != nil {
		return err
	}
	f.begin() // whoever was asked took their time
	ctx, cancel := f.deadline(ctx)
	defer cancel()
	done := 0
	var pending []action.Subscribe
	options := apply.Options{
		OnDone: func(o action.Outcome) {
			done++
			e.note(&f.outputFlags, "%d/%d %s", done, len(j.plan.Actions), o.Action)
			if s, ok := o.Action.(action.Subscribe); ok && o.Pending && s.Protocol == "email" {
				pending = append(pending, s)
			}
		},
	}
	if w != nil {
		defer w.Close() //nolint:errcheck // every record is on the disk already
		options.Journal = w
	}
	result, err := apply.Run(ctx, j.session, j.plan, options)
	for _, s := range result.Skipped {
		e.note(&f.outputFlags, "left out: %v", &s)
	}
	if err != nil {
		return e.partial(err, "apply", f.journal)
	}
	e.confirmHint(&f.outputFlags, pending)
	return e.auditAgain(ctx, f, j)
}

func cancelled(err error) error {
	if err != nil {
		return fmt.Errorf("asking: %w", err)
	}
	return &codeError{code: exitFailed, err: errors.New("not confirmed; nothing was written")}
}

// note writes a line about what apply does: on stdout among the text, on stderr
// when stdout belongs to another format.
func (e *env) note(f *outputFlags, format string, args ...any) {
	w := e.err
	if sinks, err := f.sinks(planFormats); err == nil && sinks[0].format == "text" && sinks[0].path == "" {
		w = e.out
	}
	fmt.Fprintln(w, report.Sanitize(fmt.Sprintf(format, args...)))
}

// confirm asks whether to carry out so many changes: "Apply 3 changes to
// account ...?".
func (e *env) confirm(verb string, changes int, a finding.AccountRef) (bool, error) {
	fmt.Fprintf(e.err, "\n%s %s to %s? Only 'yes' is accepted: ", verb, plural(changes, "change"), report.AccountWords(a))
	answer, err := e.line()
	return answer == "yes", err
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// partial tells how far a command came that writes; journal is the file that
// records it, "" for none.
func (e *env) partial(err error, command, journal string) error {
	var stopped *change.StoppedError
	if !errors.As(err, &stopped) { // also nil
		return err
	}
	e.clearProgress()
	fmt.Fprintf(e.err, "%s done, %d not done:\n", plural(len(stopped.Done), "change"), len(stopped.Left))
	for _, a := range stopped.Done {
		fmt.Fprintln(e.err, "  done      "+report.Sanitize(a.String()))
	}
	for _, a := range stopped.Left {
		fmt.Fprintln(e.err, "  not done  "+report.Sanitize(a.String()))
	}
	code := exitFailed
	if errors.Is(err, context.Canceled) {
		code = exitInterrupted
	}
	again := ""
	if len(stopped.Done) > 0 {
		again = "run " + command + " again: it goes on where this one stopped"
		if journal != "" {
			again += "; 'monitorctl undo " + journal + "' takes it back"
		}
	}
	return &codeError{code: code, err: err, hint: cmp.Or(deniedHint(err, command), hintFor(err)), then: again}
}

// confirmHint prints how to confirm new e-mail subscribers.
func (e *env) confirmHint(f *outputFlags, pending []action.Subscribe) {
	if len(pending) == 0 {
		return
	}
	e.note(f, "")
	e.note(f, "E-mail subscribers must confirm. Mail scanners click 'unsubscribe', so better confirm with the token in the link of the message:")
	for _, s := range pending {
		e.note(f, "  aws sns confirm-subscription --region %s --topic-arn %s --authenticate-on-unsubscribe true --token TOKEN", s.Region, s.TopicARN)
	}
}

// auditAgain audits the account as it is now and says where it differs from
// what the plan predicted.
func (e *env) auditAgain(ctx context.Context, f *planFlags, j *planning) error {
	r, err := e.settled(ctx, f, j)
	if err != nil {
		return err
	}
	return e.verifiedVerdict(f, j.plan, r)
}

// verifiedVerdict shows what the audit after a plan says, and where that differs from
// what the plan predicted.
func (e *env) verifiedVerdict(f *planFlags, p change.Plan, r finding.Report) error {
	if len(f.outputs) == 1 && strings.HasPrefix(f.outputs[0], "text") {
		o := e.options(&f.outputFlags, sink{})
		o.Quiet = false // the verdict is the point of it
		fmt.Fprintln(e.out)
		if err := report.Table(e.out, r, o); err != nil {
			return err
		}
	}
	for _, text := range differences(p, r) {
		fmt.Fprintln(e.err, "monitorctl: "+report.Sanitize(text))
	}
	return gate{}.verdict(r, nil)
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
