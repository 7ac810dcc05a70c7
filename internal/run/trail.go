package run

import (
	"context"
	"fmt"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
)

// withTrail adds the names of a trail and its parts.
func withTrail(own *collect.Own, o plan.Options, removal bool) *collect.Own {
	b := o.Bootstrap
	if b == nil {
		return own
	}
	own.Trail = &collect.OwnTrail{
		Home: b.Home, Name: b.TrailName(), Bucket: b.Bucket, Group: b.GroupName(), Role: b.RoleName(), Key: b.KeyARN, BucketOf: desired.TrailBucket,
		Organization: b.Organization, Removal: removal,
	}
	return own
}

// How long a new trail may take until its first delivery, and how often it is asked.
const (
	deliveryLimit = 15 * time.Minute
	deliveryPause = 15 * time.Second
)

// Deliver waits until the trails that a plan has made or changed have delivered to their
// log groups. One that has not is said: it is no failure, the first events of an account
// may be late.
func (r *Runner) Deliver(ctx context.Context, p *Planning, tell func(format string, args ...any)) error {
	ctx, cancel := p.Limit.Anew().Context(ctx)
	defer cancel()
	for _, a := range p.Plan.Actions {
		var arn string
		switch a := a.(type) {
		case action.CreateTrail:
			arn = a.Trail.ARN
		case action.UpdateTrail:
			arn = a.After.ARN
		default:
			continue
		}
		if err := r.firstDelivery(ctx, p, arn, a.Name(), tell); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runner) firstDelivery(ctx context.Context, p *Planning, arn, name string, tell func(format string, args ...any)) error {
	parsed, _ := account.ParseARN(arn)
	for waited := time.Duration(0); ; waited += deliveryPause {
		at, err := collect.FirstDelivery(ctx, p.session.CloudTrail(parsed.Region), arn)
		switch {
		case err != nil:
			return fmt.Errorf("waiting for the first delivery of trail %s: %w", name, err)
		case at != nil:
			tell("trail %s has delivered to its log group", name)
			return nil
		case waited >= deliveryLimit:
			r.Console.Say("monitorctl: warning: trail %s delivered nothing to its log group within %s (trail-no-delivery-yet); 'monitorctl audit' shows when it has", name, deliveryLimit)
			return nil
		}
		r.progress(&p.Request, "waiting for the first delivery of trail %s: %s of at most %s", name, waited, deliveryLimit)
		if err := r.Pause(ctx, deliveryPause); err != nil {
			return err
		}
	}
}
