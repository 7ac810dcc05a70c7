package action

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/change"
)

// DeleteGroup removes an action group of ours.
type DeleteGroup struct {
	change.Meta
	ID     string
	Before json.RawMessage // as it was read, masked with Salt
	Salt   string
}

func (DeleteGroup) sealed() {}

// String returns "delete action group monitorctl-alerts in monitoring".
func (a DeleteGroup) String() string {
	return fmt.Sprintf("delete action group %s in %s", a.Name(), groupIn(a.ID))
}

// Kind returns "delete-action-group".
func (DeleteGroup) Kind() string { return "delete-action-group" }

// Name returns the group's name.
func (a DeleteGroup) Name() string { return subscription.Name(a.ID) }

// New returns false.
func (DeleteGroup) New() bool { return false }

// Place is behind the rules that name it.
func (DeleteGroup) Place() Place { return deletesGroup }

// Object returns the group.
func (a DeleteGroup) Object() change.Object { return GroupObject(a.ID) }

// Closing sets the controls that the action is about.
func (a DeleteGroup) Closing(controls []string) Action { a.Closes = controls; return a }

// Permissions returns what reading and deleting a group need.
func (DeleteGroup) Permissions() []string {
	return []string{"Microsoft.Insights/actionGroups/read", "Microsoft.Insights/actionGroups/delete"}
}

// Cost is nothing.
func (DeleteGroup) Cost() change.Cost { return change.Cost{} }

// Fields has the group's settings, its addresses masked.
func (a DeleteGroup) Fields(bool) []change.Field { return change.Gone(GroupSettings(a.Before)) }

// Saved holds the group as in snapshots.
func (a DeleteGroup) Saved() change.Saved {
	return change.Saved{Name: a.ID, Before: subscription.Unsalted(a.Before)}
}

func (a DeleteGroup) simulate(s *subscription.Subscription, _ Moment) { Set(s.ActionGroups, a.ID, nil) }

func (a DeleteGroup) check(ctx context.Context, c Calls) error {
	_, err := a.now(ctx, c)
	return err
}

func (a DeleteGroup) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, err := a.now(ctx, r.Calls)
	if err != nil || have == nil {
		return Outcome{}, err
	}
	return r.write(ctx, r.record(a.Object(), have, nil), func(ctx context.Context) error { return r.Calls.Delete(ctx, a.ID) })
}

// now reads the group; nil when it is gone already.
func (a DeleteGroup) now(ctx context.Context, c Calls) (json.RawMessage, error) {
	have, err := c.Get(ctx, a.ID)
	if err == nil && have != nil && !Equal(subscription.Mask(have, a.Salt), a.Before) {
		err = &ChangedError{fmt.Sprintf("action group %q", a.Name()), "was changed"}
	}
	return have, err
}
