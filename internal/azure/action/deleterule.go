package action

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/change"
)

// DeleteRule removes an alert rule of ours.
type DeleteRule struct {
	change.Meta
	ID     string
	Before json.RawMessage // as it was read
}

func (DeleteRule) sealed() {}

// String returns "delete alert rule NetworkSecurityGroupWrite in monitoring".
func (a DeleteRule) String() string {
	return fmt.Sprintf("delete alert rule %s in %s", a.Name(), groupIn(a.ID))
}

// Kind returns "delete-alert-rule".
func (DeleteRule) Kind() string { return "delete-alert-rule" }

// Name returns the rule's name.
func (a DeleteRule) Name() string { return subscription.Name(a.ID) }

// New returns false.
func (DeleteRule) New() bool { return false }

// Place is before the action group that it names goes.
func (DeleteRule) Place() Place { return deletesRule }

// Object returns the rule.
func (a DeleteRule) Object() change.Object { return RuleObject(a.ID) }

// Closing sets the controls that the action is about.
func (a DeleteRule) Closing(controls []string) Action { a.Closes = controls; return a }

// Permissions returns what reading and deleting a rule need.
func (DeleteRule) Permissions() []string {
	return []string{"Microsoft.Insights/activityLogAlerts/read", "Microsoft.Insights/activityLogAlerts/delete"}
}

// Cost is nothing.
func (DeleteRule) Cost() change.Cost { return change.Cost{} }

// Fields has the rule's settings.
func (a DeleteRule) Fields(bool) []change.Field { return change.Gone(RuleSettings(a.Before)) }

// Saved holds the rule as in snapshots.
func (a DeleteRule) Saved() change.Saved { return change.Saved{Name: a.ID, Before: a.Before} }

func (a DeleteRule) simulate(s *subscription.Subscription, _ Moment) { Set(s.AlertRules, a.ID, nil) }

func (a DeleteRule) check(ctx context.Context, c Calls) error {
	_, err := a.now(ctx, c)
	return err
}

func (a DeleteRule) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, err := a.now(ctx, r.Calls)
	if err != nil || have == nil {
		return Outcome{}, err
	}
	return r.write(ctx, r.record(a.Object(), have, nil), func(ctx context.Context) error { return r.Calls.Delete(ctx, a.ID) })
}

// now reads the rule; nil when it is gone already.
func (a DeleteRule) now(ctx context.Context, c Calls) (json.RawMessage, error) {
	have, err := c.Get(ctx, a.ID)
	if err == nil && have != nil && !Equal(have, a.Before) {
		err = &ChangedError{fmt.Sprintf("alert rule %q", a.Name()), "was changed"}
	}
	return have, err
}
