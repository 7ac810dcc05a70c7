package run

import (
	"context"
	"fmt"

	azureaction "github.com/monitorctl/monitorctl/internal/azure/action"
	azureapply "github.com/monitorctl/monitorctl/internal/azure/apply"
	"github.com/monitorctl/monitorctl/internal/azure/arm"
	azureaudit "github.com/monitorctl/monitorctl/internal/azure/audit"
	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	azureundo "github.com/monitorctl/monitorctl/internal/azure/undo"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/report"
)

// UndoAzure looks up what a journal about the one subscription of the request records,
// and what of it is still so.
func (r *Runner) UndoAzure(ctx context.Context, q Request, path string) (*Removal, error) {
	j, err := ReadJournal[azureaction.State](ctx, path)
	if err != nil {
		return nil, err
	}
	if len(q.Source.Subscriptions) != 1 || !subscription.Same(q.Source.Subscriptions[0], j.Header.Account) {
		return nil, exit.Usage(fmt.Errorf("the journal is about subscription %s: leave --subscription out", j.Header.Account))
	}
	m := &Removal{request: q, started: r.Now(), command: "undo"}
	ctx, cancel := q.Limit.Context(ctx)
	defer cancel()
	client, err := r.connectAzure(&q)
	if err != nil {
		return nil, err
	}
	if q.Source.ExpectTenant != "" { // checked by who lists it, before anything
		if _, err := r.collectAzure(ctx, client, &q, nil); err != nil {
			return nil, err
		}
	}
	now, err := azureapply.Look(ctx, client, j)
	if err != nil {
		return m, r.signIn(fmt.Errorf("reading the subscription: %w", err), q.Verbose)
	}
	u := azureundo.For(j, now)
	m.Report = report.Removal{Account: finding.AccountRef{Cloud: catalog.Azure, ID: j.Header.Account}, Actions: u.Actions, Left: u.Left, Done: u.Gone}
	m.carry = func(ctx context.Context, done func(change.Action)) error {
		o := r.azureOptions(done)
		w, err := continueJournal[azureaction.State](r, path, j.Header)
		if err != nil {
			return err
		}
		if w != nil {
			defer w.Close() //nolint:errcheck // every record is on the disk already
			o.Journal = w
		}
		return azureapply.Run(ctx, client, change.Plan{Actions: m.Report.Actions}, o)
	}
	return m, nil
}

// azureOptions are those of a run that tells of each action that is done.
func (r *Runner) azureOptions(done func(change.Action)) azureapply.Options {
	return azureapply.Options{Pause: r.Pause, OnDone: func(o azureaction.Outcome) { done(o.Action) }}
}

// DestroyAzure looks up what apply has created under the names of the options in a
// subscription, and what the audit would say without it.
func (r *Runner) DestroyAzure(ctx context.Context, q Request, o azureplan.Options) (*Removal, error) {
	if err := azureplan.Check(o); err != nil {
		return nil, exit.Usage(err)
	}
	m := &Removal{request: q, started: r.Now(), command: "destroy"}
	ctx, cancel := q.Limit.Context(ctx)
	defer cancel()
	client, snap, err := r.oneSubscription(ctx, &q, nil)
	if err != nil {
		return nil, err
	}
	s := &snap.Subscriptions[0]
	d := azureplan.Destroy(&snap, s, q.Selection.Controls, o)
	m.Report = report.Removal{Account: finding.AccountRef{Cloud: catalog.Azure, ID: s.ID, Alias: s.Name}, Actions: d.Actions, Left: d.Left}
	m.carry = func(ctx context.Context, done func(change.Action)) error {
		return azureapply.Run(ctx, client, change.Plan{Actions: m.Report.Actions}, r.azureOptions(done))
	}
	if len(d.Actions) > 0 {
		m.Report.Before, m.Report.After, err = predictAzure(ctx, &q, snap, d.Actions)
	}
	return m, err
}

// oneSubscription reads the one subscription that a command is about.
func (r *Runner) oneSubscription(ctx context.Context, q *Request, actionGroups []string) (*arm.Client, subscription.Snapshot, error) {
	client, err := r.connectAzure(q)
	if err != nil {
		return nil, subscription.Snapshot{}, err
	}
	snap, err := r.collectAzure(ctx, client, q, withGroups(actionGroups))
	if err == nil && len(snap.Subscriptions) != 1 {
		err = exit.Hinted(exit.Usage(errOneSubscription), "name one with --subscription")
	}
	return client, snap, err
}

// predictAzure audits the subscription as it is and as it would be without what is
// removed.
func predictAzure(ctx context.Context, q *Request, snap subscription.Snapshot, list []change.Action) (before, after *finding.Report, err error) {
	o := azureAuditOptions(snap, &q.Selection, &q.Scope.Config, q.Strict)
	now, err := azureaudit.Run(ctx, snap, q.Selection.Controls, o)
	if err != nil {
		return nil, nil, err
	}
	actions, err := azureaction.Of(list)
	if err != nil {
		return nil, nil, err
	}
	then, err := azureaudit.Run(ctx, azureplan.Simulate(snap, actions, false), q.Selection.Controls, o)
	return &now, &then, err
}
