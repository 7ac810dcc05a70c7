package action

import (
	"context"
	"fmt"
	"maps"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// DeleteTrail stops a trail of ours and removes it. Its log files stay.
type DeleteTrail struct {
	change.Meta
	Trail account.OwnTrail // as it was read
}

func (DeleteTrail) sealed() {}

// String returns "delete trail monitorctl (eu-central-1)".
func (a DeleteTrail) String() string {
	return fmt.Sprintf("delete trail %s (%s)", a.Trail.Name, a.Region)
}

// Kind returns "delete-trail".
func (DeleteTrail) Kind() string { return "delete-trail" }

// Name returns the trail's name.
func (a DeleteTrail) Name() string { return a.Trail.Name }

// New returns false.
func (DeleteTrail) New() bool { return false }

// Place is before what the trail needs goes.
func (DeleteTrail) Place() Place { return deletesTrail }

// Object returns the trail.
func (a DeleteTrail) Object() change.Object { return TrailObject(a.Region, a.Trail.ARN) }

// Closing sets the controls that the action is about.
func (a DeleteTrail) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the calls that write.
func (DeleteTrail) Calls() []string {
	return []string{"cloudtrail:StopLogging", "cloudtrail:DeleteTrail"}
}

// Cost is nothing.
func (DeleteTrail) Cost() change.Cost { return change.Cost{} }

// Fields has the settings.
func (a DeleteTrail) Fields(bool) []change.Field { return change.Gone(TrailSettings(a.Trail)) }

// Saved holds the whole trail.
func (a DeleteTrail) Saved() change.Saved { return change.Saved{Name: a.Trail.Name, Before: a.Trail} }

func (a DeleteTrail) simulate(d *draft) { d.setTrail(a.Trail, false) }

func (a DeleteTrail) rests(b *basis) { b.ownTrail(a.Trail.ARN) }

func (DeleteTrail) limits() error { return nil }

func (a DeleteTrail) check(ctx context.Context, s *sight) error {
	_, err := a.now(ctx, s.calls)
	return err
}

func (a DeleteTrail) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, err := a.now(ctx, r.Calls)
	if err != nil || have == nil {
		return Outcome{}, err
	}
	write, cancel := change.Writing(ctx)
	defer cancel()
	stopped := *have
	stopped.Logging = false
	if _, err := r.finishTrail(write, a.Region, *have, stopped); err != nil {
		return Outcome{}, err
	}
	e := change.Record[State]{Object: a.Object(), Before: TrailState(stopped)}
	return r.remove(ctx, a.look, e, func(ctx context.Context) error { return r.Calls.DeleteTrail(ctx, a.Region, a.Trail.ARN) })
}

func (a DeleteTrail) look(ctx context.Context, c Calls) (bool, error) {
	have, err := a.now(ctx, c)
	return have != nil, err
}

// now reads the trail, nil when it is gone; an error when it is not as the plan saw it, but
// for a trail that was stopped since.
func (a DeleteTrail) now(ctx context.Context, c Calls) (*account.OwnTrail, error) {
	have, err := c.Trail(ctx, a.Region, a.Trail.ARN)
	switch {
	case err != nil:
		return nil, fmt.Errorf("looking for trail %s: %w", a.Trail.Name, err)
	case have == nil:
		return nil, nil //nolint:nilnil // as wanted
	case !sameIdentity(*have, a.Trail) || have.Delivery != a.Trail.Delivery || !maps.Equal(have.Tags, a.Trail.Tags):
		return nil, changedTrail(a.Trail.Name, "was changed")
	}
	return have, nil
}
