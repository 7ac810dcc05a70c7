package run

import (
	"context"
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

	request Request
	client  *arm.Client
}

// withGroups asks for action groups besides those that rules name.
func withGroups(ids []string) func(*azurecollect.Options) {
	return func(o *azurecollect.Options) { o.ActionGroups = ids }
}

// Drill looks up the action group of the options, or our own, in a subscription.
func (r *Runner) Drill(ctx context.Context, q Request, o azureplan.Options) (*Drill, error) {
	if err := azureplan.Check(o); err != nil {
		return nil, exit.Usage(err)
	}
	ctx, cancel := q.Limit.Context(ctx)
	defer cancel()
	var elsewhere []string
	if o.ActionGroup != "" {
		elsewhere = []string{o.ActionGroup}
	}
	client, snap, err := r.oneSubscription(ctx, &q, elsewhere)
	if err != nil {
		return nil, err
	}
	s := &snap.Subscriptions[0]
	group, err := azureplan.Receivers(snap, s, o)
	return &Drill{finding.AccountRef{Cloud: catalog.Azure, ID: s.ID, Alias: s.Name}, group, q, client}, err
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
