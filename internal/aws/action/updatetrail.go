package action

import (
	"context"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// UpdateTrail lets a trail deliver to a log group, and starts it, or takes that back.
type UpdateTrail struct {
	change.Meta
	Before, After account.OwnTrail // they differ in delivery, selectors and logging
}

func (UpdateTrail) sealed() {}

// String returns "start trail org-trail (eu-central-1)" or "connect trail org-trail to log
// group /aws/cloudtrail/monitorctl (eu-central-1)".
func (a UpdateTrail) String() string {
	what := "start trail " + a.After.Name
	group, _ := account.ParseARN(a.After.Delivery.LogGroupARN)
	name, ok := group.LogGroupName()
	switch {
	case a.Before.Delivery != a.After.Delivery && ok:
		what = fmt.Sprintf("connect trail %s to log group %s", a.After.Name, name)
	case a.Before.Delivery != a.After.Delivery:
		what = fmt.Sprintf("disconnect trail %s from its log group", a.After.Name)
	case !a.After.Logging:
		what = "stop trail " + a.After.Name
	}
	return what + " (" + a.Region + ")"
}

// Kind returns "update-trail".
func (UpdateTrail) Kind() string { return "update-trail" }

// Name returns the trail's name.
func (a UpdateTrail) Name() string { return a.After.Name }

// New returns false.
func (UpdateTrail) New() bool { return false }

// Place is that of a new trail.
func (UpdateTrail) Place() Place { return createsTrail }

// Object returns the trail.
func (a UpdateTrail) Object() change.Object { return TrailObject(a.Region, a.After.ARN) }

// Closing sets the controls that the action helps.
func (a UpdateTrail) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the calls that it may make to write.
func (a UpdateTrail) Calls() []string {
	var calls []string
	if a.Before.Delivery != a.After.Delivery {
		calls = append(calls, "cloudtrail:UpdateTrail")
	}
	if !sameSelectors(a.Before.Selectors, a.After.Selectors) {
		calls = append(calls, "cloudtrail:PutEventSelectors")
	}
	if a.Before.Logging != a.After.Logging {
		calls = append(calls, "cloudtrail:"+words(a.After.Logging, "StartLogging", "StopLogging"))
	}
	return calls
}

// Cost is nothing: the log group has one.
func (UpdateTrail) Cost() change.Cost { return change.Cost{} }

// Fields has what changes.
func (a UpdateTrail) Fields(bool) []change.Field {
	return change.Differences(TrailSettings(a.Before), TrailSettings(a.After))
}

// Saved holds the trail before and after.
func (a UpdateTrail) Saved() change.Saved {
	return change.Saved{Name: a.After.Name, Before: a.Before, After: a.After}
}

func (a UpdateTrail) simulate(d *draft) { d.setTrail(a.After, true) }

func (a UpdateTrail) rests(b *basis) { b.ownTrail(a.After.ARN) }

func (UpdateTrail) limits() error { return nil }

func (a UpdateTrail) check(ctx context.Context, s *sight) error {
	_, err := a.now(ctx, s.calls)
	return err
}

func (a UpdateTrail) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, err := a.now(ctx, r.Calls)
	if err != nil {
		return Outcome{}, err
	}
	write, cancel := change.Writing(ctx)
	defer cancel()
	wrote, err := r.finishTrail(write, a.Region, *have, a.After)
	return Outcome{ARN: a.After.ARN, Written: wrote}, err
}

// now reads the trail, whose every part has to be as the plan saw it, or as it wants it.
func (a UpdateTrail) now(ctx context.Context, c Calls) (*account.OwnTrail, error) {
	have, err := c.Trail(ctx, a.Region, a.After.ARN)
	switch {
	case err != nil:
		return nil, fmt.Errorf("looking for trail %s: %w", a.After.Name, err)
	case have == nil:
		return nil, changedTrail(a.After.Name, "disappeared")
	case !sameIdentity(*have, a.Before) || have.Delivery != a.Before.Delivery && have.Delivery != a.After.Delivery ||
		!sameSelectors(have.Selectors, a.Before.Selectors) && !sameSelectors(have.Selectors, a.After.Selectors):
		return nil, changedTrail(a.After.Name, "was changed")
	}
	return have, nil
}
