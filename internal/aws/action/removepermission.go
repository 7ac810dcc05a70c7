package action

import (
	"context"

	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/change"
)

// RemovePermission removes the statement of ours from the policy of the default bus.
type RemovePermission struct {
	change.Meta
	Sid       string
	Statement string // JSON, as it was read
}

func (RemovePermission) sealed() {}

// String returns "remove statement monitorctl-members of the event bus (eu-central-1)".
func (a RemovePermission) String() string {
	return "remove statement " + a.Sid + " of the event bus (" + a.Region + ")"
}

// Kind returns "remove-bus-permission".
func (RemovePermission) Kind() string { return "remove-bus-permission" }

// Name returns the id of the statement.
func (a RemovePermission) Name() string { return a.Sid }

// New returns false.
func (RemovePermission) New() bool { return false }

// Place is before the rules: nothing arrives any more when they go.
func (RemovePermission) Place() Place { return removesPermission }

// Object returns the statement.
func (a RemovePermission) Object() change.Object { return BusPermissionObject(a.Region, a.Sid) }

// Closing sets the controls that the action is about.
func (a RemovePermission) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (RemovePermission) Calls() []string { return []string{"events:RemovePermission"} }

// Cost is nothing.
func (RemovePermission) Cost() change.Cost { return change.Cost{} }

// Fields has the statement.
func (a RemovePermission) Fields(bool) []change.Field {
	return change.Gone([]change.Setting{{Name: "statement", Value: a.Statement}})
}

// Saved holds the statement.
func (a RemovePermission) Saved() change.Saved {
	return change.Saved{Name: a.Sid, Before: &State{BusStatement: &a.Statement}}
}

func (a RemovePermission) simulate(d *draft) { d.setStatement(a, a.Sid, "") }

func (a RemovePermission) rests(b *basis) { b.busStatement(a.Sid) }

func (RemovePermission) limits() error { return nil }

func (a RemovePermission) check(ctx context.Context, s *sight) error {
	_, err := a.look(ctx, s.calls)
	return err
}

func (a RemovePermission) apply(ctx context.Context, r *Run) (Outcome, error) {
	e := change.Record[State]{Object: a.Object(), Before: &State{BusStatement: &a.Statement}}
	return r.remove(ctx, a.look, e, func(ctx context.Context) error { return r.Calls.RemovePermission(ctx, a.Region, a.Sid) })
}

// look reports whether the statement is there, as the plan saw it.
func (a RemovePermission) look(ctx context.Context, c Calls) (bool, error) {
	have, _, err := statementNow(ctx, c, a.Region, a.Sid)
	switch {
	case err != nil || have == "":
		return false, err
	case !policy.SameStatement(have, a.Statement):
		return false, changedStatement(a.Sid, "was changed")
	}
	return true, nil
}
