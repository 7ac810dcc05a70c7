package action

import (
	"context"
	"fmt"
	"maps"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// HoldsEvents says why a log group stays.
const HoldsEvents = "it holds events, which are evidence"

// DeleteLogGroup removes a log group of ours while it is empty. AWS would delete one with
// events, too: it is looked at right before.
type DeleteLogGroup struct {
	change.Meta
	Group account.TrailGroup // as it was read
}

func (DeleteLogGroup) sealed() {}

// String returns "delete log group /aws/cloudtrail/monitorctl (eu-central-1)".
func (a DeleteLogGroup) String() string {
	return fmt.Sprintf("delete log group %s (%s)", a.Group.Name, a.Region)
}

// Kind returns "delete-log-group".
func (DeleteLogGroup) Kind() string { return "delete-log-group" }

// Name returns the log group's name.
func (a DeleteLogGroup) Name() string { return a.Group.Name }

// New returns false.
func (DeleteLogGroup) New() bool { return false }

// Place is the last.
func (DeleteLogGroup) Place() Place { return deletesGroup }

// Object returns the log group.
func (a DeleteLogGroup) Object() change.Object { return LogGroupObject(a.Region, a.Group.Name) }

// Closing sets the controls that the action is about.
func (a DeleteLogGroup) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (DeleteLogGroup) Calls() []string { return []string{"logs:DeleteLogGroup"} }

// Cost is nothing.
func (DeleteLogGroup) Cost() change.Cost { return change.Cost{} }

// Fields has the settings.
func (a DeleteLogGroup) Fields(bool) []change.Field { return change.Gone(groupSettings(a.Group)) }

// Saved holds the whole log group.
func (a DeleteLogGroup) Saved() change.Saved {
	return change.Saved{Name: a.Group.Name, Before: a.Group}
}

func (a DeleteLogGroup) simulate(d *draft) {
	if r := d.of(a); r.LogGroups[a.Group.Name] != nil {
		r.LogGroups[a.Group.Name] = &account.Read[*account.LogGroup]{}
	}
}

func (a DeleteLogGroup) rests(b *basis) { b.trailGroup(a.Group.Name) }

func (DeleteLogGroup) limits() error { return nil }

func (a DeleteLogGroup) check(ctx context.Context, s *sight) error {
	_, err := a.now(ctx, s.calls)
	return err
}

func (a DeleteLogGroup) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, err := a.now(ctx, r.Calls)
	if err != nil || have == nil {
		return Outcome{}, err
	}
	if have.Holds.Value {
		return Outcome{Kept: HoldsEvents}, nil
	}
	list, err := r.Calls.Filters(ctx, a.Region, a.Group.Name, "")
	switch {
	case err != nil:
		return Outcome{}, fmt.Errorf("listing metric filters of %s: %w", a.Group.Name, err)
	case len(list) > 0:
		return Outcome{}, a.changed("was given the metric filter " + list[0].Name)
	}
	e := change.Record[State]{Object: a.Object(), Before: LogGroupState(*have)}
	return r.remove(ctx, a.look, e, func(ctx context.Context) error { return r.Calls.DeleteLogGroup(ctx, a.Region, a.Group.Name) })
}

func (a DeleteLogGroup) look(ctx context.Context, c Calls) (bool, error) {
	have, err := a.now(ctx, c)
	return have != nil && !have.Holds.Value, err
}

// now reads the log group with what it holds, nil when it is gone; an error when it is not
// as the plan saw it.
func (a DeleteLogGroup) now(ctx context.Context, c Calls) (*account.TrailGroup, error) {
	have, err := c.LogGroup(ctx, a.Region, a.Group.Name, true)
	switch {
	case err != nil:
		return nil, fmt.Errorf("looking for log group %s: %w", a.Group.Name, err)
	case have == nil:
		return nil, nil //nolint:nilnil // as wanted
	case !LogGroupState(*have).Same(*LogGroupState(a.Group)) || !maps.Equal(have.Tags, a.Group.Tags):
		return nil, a.changed("was changed")
	case have.Holds.Failed() != nil:
		return nil, fmt.Errorf("looking into log group %s: %w", a.Group.Name, readFailed(have.Holds.Failed()))
	}
	return have, nil
}

func (a DeleteLogGroup) changed(what string) error {
	return &ChangedError{Resource: fmt.Sprintf("log group %q", a.Group.Name), Change: what}
}
