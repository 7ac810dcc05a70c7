package action

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/change"
)

// PutRule writes an activity log alert rule whole.
type PutRule struct {
	change.Meta
	ID     string
	Body   json.RawMessage // as it is written
	Before json.RawMessage // what it replaces, as it was read; nil: it is new
}

func (PutRule) sealed() {}

// String returns "create alert rule NetworkSecurityGroupWrite in monitoring".
func (a PutRule) String() string {
	return fmt.Sprintf("%s alert rule %s in %s", verb(a.New()), a.Name(), groupIn(a.ID))
}

// groupIn returns the resource group in an id.
func groupIn(id string) string {
	parts, _ := subscription.ParseID(id)
	return parts.Group
}

// Kind returns "put-alert-rule".
func (PutRule) Kind() string { return "put-alert-rule" }

// Name returns the rule's name.
func (a PutRule) Name() string { return subscription.Name(a.ID) }

// New reports whether the rule is not there yet.
func (a PutRule) New() bool { return a.Before == nil }

// Place is behind the action group that it names.
func (PutRule) Place() Place { return putsRule }

// Object returns the rule.
func (a PutRule) Object() change.Object { return RuleObject(a.ID) }

// Closing sets the controls that the action helps.
func (a PutRule) Closing(controls []string) Action { a.Closes = controls; return a }

// Permissions returns what reading and writing a rule need.
func (PutRule) Permissions() []string {
	return []string{"Microsoft.Insights/activityLogAlerts/read", "Microsoft.Insights/activityLogAlerts/write", "Microsoft.Insights/actionGroups/read"}
}

// Cost is nothing: alert rules on the Activity Log are free.
func (PutRule) Cost() change.Cost { return change.Cost{} }

// Fields has the settings of a new rule, or those that change.
func (a PutRule) Fields(bool) []change.Field {
	if a.New() {
		return change.Created(RuleSettings(a.Body))
	}
	return change.Differences(RuleSettings(a.Before), RuleSettings(a.Body))
}

// Saved holds the whole rule.
func (a PutRule) Saved() change.Saved {
	s := change.Saved{Name: a.ID, After: a.Body}
	if !a.New() {
		s.Before = a.Before
	}
	return s
}

func (a PutRule) simulate(s *subscription.Subscription, _ Moment) {
	Set(s.AlertRules, a.ID, identified(a.ID, a.Body))
}

func (a PutRule) check(ctx context.Context, c Calls) error {
	_, _, err := a.now(ctx, c)
	return err
}

func (a PutRule) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, done, err := a.now(ctx, r.Calls)
	if err != nil || done {
		return Outcome{}, err
	}
	return r.write(ctx, r.record(a.Object(), have, a.Body), func(ctx context.Context) error { return r.Calls.Put(ctx, a.ID, a.Body) })
}

// now reads the rule and reports whether it is as planned already. What is not as the
// plan saw it is an error.
func (a PutRule) now(ctx context.Context, c Calls) (have json.RawMessage, done bool, err error) {
	return compare(ctx, c, a.ID, fmt.Sprintf("alert rule %q", a.Name()), a.Before, a.Body)
}

// compare reads an object and reports whether it is what a write leaves. What is neither
// that nor what the plan saw is a *ChangedError.
func compare(ctx context.Context, c Calls, id, words string, before, after json.RawMessage) (have json.RawMessage, done bool, err error) {
	have, err = c.Get(ctx, id)
	changed := func(what string) (json.RawMessage, bool, error) { return nil, false, &ChangedError{words, what} }
	switch {
	case err != nil:
		return nil, false, err
	case have != nil && Equal(have, after): // the tag is part of it
		return have, true, nil
	case have == nil && before != nil:
		return changed("disappeared")
	case have != nil && before == nil:
		return changed("appeared")
	case have != nil && !Equal(have, before):
		return changed("was changed")
	}
	return have, false, nil
}
