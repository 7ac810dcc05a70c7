package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	azureaction "github.com/monitorctl/monitorctl/internal/azure/action"
	azureapply "github.com/monitorctl/monitorctl/internal/azure/apply"
	azureaudit "github.com/monitorctl/monitorctl/internal/azure/audit"
	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/azure/undo"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/report"
)

// undoAzure takes back what a journal about a subscription records.
func (e *env) undoAzure(c *cobra.Command, f *removeFlags, path, id string) error {
	if len(f.subscriptions) == 0 {
		f.subscriptions = []string{id}
	}
	if err := e.settle(c.Context(), c, &f.azureFlags, &f.source, &f.catalog); err != nil {
		return err
	}
	if len(f.subscriptions) > 1 || !subscription.Same(f.subscriptions[0], id) {
		return usage(fmt.Errorf("the journal is about subscription %s: leave --subscription out", id))
	}
	j, err := readJournal[azureaction.State](c.Context(), path)
	if err != nil {
		return err
	}
	ctx, cancel := f.deadline(c.Context())
	defer cancel()
	client, err := e.connectAzure(&f.azureFlags, &f.source, f.verbose)
	if err != nil {
		return err
	}
	if f.expectTenant != "" { // checked by who lists it, before anything
		if _, err := e.collectAzure(ctx, client, &f.azureFlags, f.quiet, false, nil); err != nil {
			return err
		}
	}
	now, err := azureapply.Look(ctx, client, j)
	if err != nil {
		return e.signIn(fmt.Errorf("reading the subscription: %w", err), f.verbose)
	}
	if f.verbose {
		defer e.azureCalls(client)
	}
	u := undo.For(j, now)
	r := report.Removal{Account: finding.AccountRef{Cloud: catalog.Azure, ID: id}, Actions: u.Actions, Left: u.Left, Done: u.Gone}
	return e.remove(ctx, f, r, func(done func(change.Action)) error {
		o := e.azureOptions(done)
		w, err := continueJournal[azureaction.State](e, path, j.Header)
		if err != nil {
			return err
		}
		if w != nil {
			defer w.Close() //nolint:errcheck // every record is on the disk already
			o.Journal = w
		}
		return e.partial(azureapply.Run(ctx, client, change.Plan{Actions: r.Actions}, o), "undo", "")
	})
}

// azureOptions are the options of a run that tells of each action that is done.
func (e *env) azureOptions(done func(change.Action)) azureapply.Options {
	return azureapply.Options{Pause: e.pause, OnDone: func(o azureaction.Outcome) { done(o.Action) }}
}

// destroyAzure removes what is monitorctl's in a subscription.
func (e *env) destroyAzure(c *cobra.Command, f *removeFlags, controls []catalog.Control, o azureplan.Options) error {
	if err := azureplan.Check(o); err != nil {
		return usage(err)
	}
	ctx, cancel := f.deadline(c.Context())
	defer cancel()
	client, err := e.connectAzure(&f.azureFlags, &f.source, f.verbose)
	if err != nil {
		return err
	}
	snap, err := e.collectAzure(ctx, client, &f.azureFlags, f.quiet, f.verbose, nil)
	if err != nil {
		return err
	}
	if len(snap.Subscriptions) != 1 {
		return hinted(usage(errors.New("destroy removes from one subscription at a time")), "name one with --subscription")
	}
	s := &snap.Subscriptions[0]
	gone := azureplan.Destroy(&snap, s, controls, o)
	r := report.Removal{Account: finding.AccountRef{Cloud: catalog.Azure, ID: s.ID, Alias: s.Name}, Actions: gone.Actions, Left: gone.Left}
	if len(r.Actions) > 0 {
		if r.Before, r.After, err = predictAzure(ctx, f, snap, controls, r.Actions); err != nil {
			return err
		}
	}
	return e.remove(ctx, f, r, func(done func(change.Action)) error {
		return e.partial(azureapply.Run(ctx, client, change.Plan{Actions: r.Actions}, e.azureOptions(done)), "destroy", "")
	})
}

// predictAzure audits the subscription as it is and as it would be without what is
// removed.
func predictAzure(ctx context.Context, f *removeFlags, snap subscription.Snapshot, controls []catalog.Control, list []change.Action) (before, after *finding.Report, err error) {
	_, benchmark, err := f.catalog.selection(nil)
	if err != nil {
		return nil, nil, err
	}
	o := azureaudit.Options{Benchmark: benchmark, Now: snap.TakenAt, Waivers: f.catalog.config.conf.Waivers, Accepts: f.catalog.config.conf.Accepts}
	now, err := azureaudit.Run(ctx, snap, controls, o)
	if err != nil {
		return nil, nil, err
	}
	actions, err := azureaction.Of(list)
	if err != nil {
		return nil, nil, err
	}
	then, err := azureaudit.Run(ctx, azureplan.Simulate(snap, actions, false), controls, o)
	return &now, &then, err
}
