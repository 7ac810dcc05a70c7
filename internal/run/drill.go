package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/arm"
	azurecollect "github.com/monitorctl/monitorctl/internal/azure/collect"
	"github.com/monitorctl/monitorctl/internal/azure/drill"
	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/report"
)

// A Drill is an action group whose receivers are to get test messages.
type Drill struct {
	Account finding.AccountRef
	Group   subscription.ActionGroup
	Failed  error // why there is no group to test; nil when there is one

	request Request
	client  *arm.Client
}

// withGroups asks for action groups besides those that rules name.
func withGroups(ids []string) func(*azurecollect.Options) {
	return func(o *azurecollect.Options) { o.ActionGroups = ids }
}

// Drills looks up the action group of the options, or our own, in each subscription; a
// group that several use is there once. The error of a single subscription is returned.
func (r *Runner) Drills(ctx context.Context, q Request, o azureplan.Options) ([]*Drill, error) {
	if err := azureplan.Check(o); err != nil {
		return nil, exit.Usage(err)
	}
	ctx, cancel := q.Limit.Context(ctx)
	defer cancel()
	var elsewhere []string
	if o.ActionGroup != "" {
		elsewhere = []string{o.ActionGroup}
	}
	client, err := r.connectAzure(&q)
	if err != nil {
		return nil, err
	}
	snap, err := r.collectAzure(ctx, client, &q, withGroups(elsewhere))
	if err != nil {
		return nil, err
	}
	var out []*Drill
	for i := range snap.Subscriptions {
		s := &snap.Subscriptions[i]
		d := &Drill{Account: finding.AccountRef{Cloud: catalog.Azure, ID: s.ID, Alias: s.Name}, request: q, client: client}
		d.Group, d.Failed = azureplan.Receivers(snap, s, o)
		if d.Failed != nil && len(snap.Subscriptions) == 1 {
			return nil, d.Failed
		}
		if d.Failed != nil || !slices.ContainsFunc(out, func(have *Drill) bool { return subscription.Same(have.Group.ID, d.Group.ID) }) {
			out = append(out, d)
		}
	}
	return out, nil
}

// SendAll sends the test messages of each drill. What fails in one does not keep the next
// from its turn, unless ctx ends. With an error the reports have what was sent all the
// same.
func (r *Runner) SendAll(ctx context.Context, drills []*Drill) ([]report.Drill, error) {
	var out []report.Drill
	var failed []error
	for _, d := range drills {
		sent, err := report.Drill{At: r.Now().UTC().Truncate(time.Second), Account: d.Account}, d.Failed
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err == nil {
			sent, err = r.Send(ctx, d)
		}
		if err != nil {
			sent.Failed = err.Error()
			failed = append(failed, err)
		}
		out = append(out, sent)
	}
	switch {
	case len(failed) == 0:
		return out, nil
	case len(drills) == 1:
		return out, failed[0]
	}
	return out, fmt.Errorf("%d of %d subscriptions not finished: %w", len(failed), len(drills), errors.Join(failed...))
}

// Send sends the test messages. With an error the report has what was sent before.
func (r *Runner) Send(ctx context.Context, d *Drill) (report.Drill, error) {
	ctx, cancel := d.request.Limit.Anew().Context(ctx)
	defer cancel()
	results, err := drill.Run(ctx, d.client, d.Group.ID, drill.Options{Pause: r.Pause, OnBatch: func(sent, total int) {
		r.progress(&d.request, "sending test messages: %d of %d sent", sent, total)
	}})
	r.Console.ClearProgress()
	out := report.Drill{At: r.Now().UTC().Truncate(time.Second), Account: d.Account, Group: d.Group.ID}
	for _, m := range results {
		out.Messages = append(out.Messages, report.DrillMessage{Kind: string(m.Kind), Name: m.Name, Sent: m.Sent, Detail: m.Detail})
	}
	return out, err
}
