package run

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/arm"
	azureaudit "github.com/monitorctl/monitorctl/internal/azure/audit"
	"github.com/monitorctl/monitorctl/internal/azure/drill"
	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/report"
)

// ArrivalTime is how long the message about a real change is waited for: Azure alerts up
// to 20 minutes after it.
const ArrivalTime = 25 * time.Minute

// nsgChanges is the control that a real drill is about.
const nsgChanges = "nsg-changes"

// A RealDrill is a harmless change that is to be made so that someone is alerted.
type RealDrill struct {
	Account finding.AccountRef
	Change  drill.Change
	Missed  string // why nobody would be alerted, as the audit says; "" when someone would

	request Request
	client  *arm.Client
}

// RealDrill looks whether the change can be made in one subscription, and what the audit
// says of it. It writes nothing.
func (r *Runner) RealDrill(ctx context.Context, q Request, o azureplan.Options) (*RealDrill, error) {
	if err := azureplan.Check(o); err != nil {
		return nil, exit.Usage(err)
	}
	ctx, cancel := q.Limit.Context(ctx)
	defer cancel()
	client, err := r.connectAzure(&q)
	if err != nil {
		return nil, err
	}
	snap, err := r.collectAzure(ctx, client, &q, nil)
	switch {
	case err != nil:
		return nil, err
	case len(snap.Subscriptions) != 1:
		return nil, exit.Hinted(exit.Usage(errors.New("--real changes one subscription at a time")), "name one with --subscription")
	}
	s := &snap.Subscriptions[0]
	d := &RealDrill{Account: finding.AccountRef{Cloud: catalog.Azure, ID: s.ID, Alias: s.Name}, request: q, client: client}
	place := o.ResourceGroup
	if place == "" {
		group, err := azureplan.Receivers(snap, s, o)
		if err != nil {
			return nil, err
		}
		parts, _ := subscription.ParseID(group.ID)
		if !subscription.Same(parts.Subscription, s.ID) {
			return nil, exit.Hinted(exit.Usage(errors.New("the action group is in another subscription")), "name a resource group of this subscription with --resource-group")
		}
		place = parts.Group
	}
	if d.Missed, err = missedByNobody(ctx, snap, &q); err != nil {
		return nil, err
	}
	name, err := drillName()
	if err != nil {
		return nil, err
	}
	d.Change, err = drill.PlanChange(ctx, client, s.Scope()+"/resourceGroups/"+place, name)
	return d, err
}

// drillName returns a name that nothing has.
func drillName() (string, error) {
	random := make([]byte, 4)
	if _, err := rand.Read(random); err != nil {
		return "", fmt.Errorf("making a name: %w", err)
	}
	return "monitorctl-drill-" + hex.EncodeToString(random), nil
}

// missedByNobody returns why nobody would be alerted of the change, as the audit says; ""
// when someone would.
func missedByNobody(ctx context.Context, snap subscription.Snapshot, q *Request) (string, error) {
	controls := slices.DeleteFunc(slices.Clone(q.Selection.Controls), func(c catalog.Control) bool { return c.ID != nsgChanges })
	out, err := azureaudit.Run(ctx, snap, controls, azureAuditOptions(snap, &q.Selection, &q.Scope.Config, q.Strict))
	if err != nil || len(out.Findings) == 0 || out.Findings[0].Status != finding.Fail {
		return "", err
	}
	return out.Findings[0].Why(), nil
}

// MakeChange makes the change and takes it back.
func (r *Runner) MakeChange(ctx context.Context, d *RealDrill) (report.RealDrill, error) {
	ctx, cancel := d.request.Limit.Anew().Context(ctx)
	defer cancel()
	r.progress(&d.request, "creating network security group %s and deleting it again", subscription.Name(d.Change.ID))
	out := report.RealDrill{At: r.Now().UTC().Truncate(time.Second), Account: d.Account, Resource: d.Change.ID}
	err := d.Change.Make(ctx, d.client, drill.Options{Pause: r.Pause})
	r.Console.ClearProgress()
	return out, err
}

// Arrival asks until someone confirms or denies that the message of a change has arrived, or the time
// is over.
func (r *Runner) Arrival(ctx context.Context, d *report.RealDrill, wait time.Duration, ask func() (string, error)) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		answer, err := Await(ctx, ask)
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			d.Waited = wait
			return nil
		case err != nil:
			return fmt.Errorf("asking: %w", err)
		case answer == "yes", answer == "no":
			d.Arrived, d.Waited = answer == "yes", r.Now().Sub(d.At).Round(time.Second)
			return nil
		}
	}
}
