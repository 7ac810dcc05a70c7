package run

import (
	"context"
	"fmt"
	"slices"
	"strings"

	azureaction "github.com/monitorctl/monitorctl/internal/azure/action"
	azureapply "github.com/monitorctl/monitorctl/internal/azure/apply"
	azureaudit "github.com/monitorctl/monitorctl/internal/azure/audit"
	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	azureundo "github.com/monitorctl/monitorctl/internal/azure/undo"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/journal"
	"github.com/monitorctl/monitorctl/internal/report"
)

// UndoAzure looks up what a journal about subscriptions records, and what of it is still
// so. Only is the ids of those that are meant; empty for all.
func (r *Runner) UndoAzure(ctx context.Context, q Request, path string, only []string) (*Removal, error) {
	whole, err := ReadJournal[azureaction.State](ctx, path)
	if err != nil {
		return nil, err
	}
	j, err := journalOf(whole, only)
	if err != nil {
		return nil, err
	}
	q.Source.Subscriptions = j.Accounts
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
	slices.SortStableFunc(u.Actions, func(a, b change.Action) int {
		return slices.Index(j.Accounts, a.Common().Account) - slices.Index(j.Accounts, b.Common().Account)
	})
	m.Report = report.Removal{Actions: u.Actions, Left: u.Left, Done: u.Gone}
	for _, id := range j.Accounts {
		m.Report.Accounts = append(m.Report.Accounts, finding.AccountRef{Cloud: catalog.Azure, ID: id})
	}
	m.carry = func(ctx context.Context, done func(change.Action)) error {
		o := r.azureOptions(done)
		w, err := continueJournal[azureaction.State](r, path, headerFor(j, u.Actions))
		if err != nil {
			return err
		}
		if w != nil {
			defer w.Close() //nolint:errcheck // every record is on the disk already
			o.Journal, o.OnSubscription = w, w.On
		}
		return azureapply.RunEach(ctx, client, change.Plan{Actions: m.Report.Actions}, o)
	}
	return m, nil
}

// journalOf returns what a journal records of the subscriptions with these ids, all where
// none is named. It refuses a journal that was edited to lead elsewhere.
func journalOf(j journal.Journal[azureaction.State], ids []string) (journal.Journal[azureaction.State], error) {
	for _, o := range j.Objects() {
		parts, _ := subscription.ParseID(o.Name)
		if !slices.ContainsFunc(j.Accounts, func(id string) bool { return subscription.Same(id, parts.Subscription) }) {
			return j, fmt.Errorf("reading the journal: %s is in none of the subscriptions of its runs", o.Name)
		}
	}
	if len(ids) == 0 {
		return j, nil
	}
	var accounts []string
	for _, id := range ids {
		i := slices.IndexFunc(j.Accounts, func(have string) bool { return subscription.Same(have, id) })
		if i < 0 {
			return j, exit.Hinted(exit.Usage(fmt.Errorf("the journal is for subscription %s", strings.Join(j.Accounts, ", "))), "leave out --subscription, or give the id of one in the journal")
		}
		accounts = append(accounts, j.Accounts[i])
	}
	j.Accounts = accounts
	return j.Only(func(o change.Object) bool {
		parts, _ := subscription.ParseID(o.Name)
		return slices.ContainsFunc(accounts, func(id string) bool { return subscription.Same(id, parts.Subscription) })
	}), nil
}

// headerFor begins a run that takes back what a journal records.
func headerFor(j journal.Journal[azureaction.State], actions []change.Action) journal.Header {
	h := j.Header
	if len(actions) > 0 {
		h.Account = actions[0].Common().Account
	}
	return h
}

// azureOptions are those of a run that tells of each action that is done.
func (r *Runner) azureOptions(done func(change.Action)) azureapply.Options {
	return azureapply.Options{Pause: r.Pause, OnDone: func(o azureaction.Outcome) { done(o.Action) }}
}

// DestroyAzure looks up what apply has created under the names of the options in the
// subscriptions of the request, and what the audit would say without it.
func (r *Runner) DestroyAzure(ctx context.Context, q Request, o azureplan.Options) (*Removal, error) {
	if err := azureplan.Check(o); err != nil {
		return nil, exit.Usage(err)
	}
	m := &Removal{request: q, started: r.Now(), command: "destroy"}
	ctx, cancel := q.Limit.Context(ctx)
	defer cancel()
	client, err := r.connectAzure(&q)
	if err != nil {
		return nil, err
	}
	snap, err := r.collectAzure(ctx, client, &q, nil)
	if err != nil {
		return nil, err
	}
	for i := range snap.Subscriptions {
		s := &snap.Subscriptions[i]
		d := azureplan.Destroy(&snap, s, q.Selection.Controls, o)
		m.Report.Accounts = append(m.Report.Accounts, finding.AccountRef{Cloud: catalog.Azure, ID: s.ID, Alias: s.Name})
		m.Report.Actions, m.Report.Left = append(m.Report.Actions, d.Actions...), append(m.Report.Left, d.Left...)
	}
	m.carry = func(ctx context.Context, done func(change.Action)) error {
		return azureapply.RunEach(ctx, client, change.Plan{Actions: m.Report.Actions}, r.azureOptions(done))
	}
	if len(m.Report.Actions) > 0 {
		m.Report.Before, m.Report.After, err = predictAzure(ctx, &q, snap, m.Report.Actions)
	}
	return m, err
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
