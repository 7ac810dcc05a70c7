package action

import (
	"context"

	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/change"
)

// PutPermission adds to the policy of the default bus the statement by which the members
// of the organization may put events on it, or replaces the one with its id. Other
// statements stay as they are.
type PutPermission struct {
	change.Meta
	Sid          string
	Organization string // id: o-...
	Statement    string // JSON, as EventBridge writes it
	Before       string // of that id as it was read; "" for none
}

func (PutPermission) sealed() {}

// String returns "admit organization o-1 to the event bus (eu-central-1)".
func (a PutPermission) String() string {
	return "admit organization " + a.Organization + " to the event bus (" + a.Region + ")"
}

// Kind returns "put-bus-permission".
func (PutPermission) Kind() string { return "put-bus-permission" }

// Name returns the id of the statement.
func (a PutPermission) Name() string { return a.Sid }

// New reports whether the statement is not there yet.
func (a PutPermission) New() bool { return a.Before == "" }

// Place is behind the rules that wait for the members' events.
func (PutPermission) Place() Place { return putsPermission }

// Object returns the statement.
func (a PutPermission) Object() change.Object { return BusPermissionObject(a.Region, a.Sid) }

// Closing sets the controls that the action helps.
func (a PutPermission) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (PutPermission) Calls() []string { return []string{"events:PutPermission"} }

// Cost is nothing.
func (PutPermission) Cost() change.Cost { return change.Cost{} }

// Fields has the statement.
func (a PutPermission) Fields(bool) []change.Field {
	return change.Differences([]change.Setting{{Name: "statement", Value: a.Before}}, []change.Setting{{Name: "statement", Value: a.Statement}})
}

// Saved holds the statement.
func (a PutPermission) Saved() change.Saved {
	s := change.Saved{Name: a.Sid, After: State{BusStatement: &a.Statement}}
	if a.Before != "" {
		s.Before = State{BusStatement: &a.Before}
	}
	return s
}

func (a PutPermission) simulate(d *draft) { d.setStatement(a, a.Sid, a.Statement) }

func (a PutPermission) rests(b *basis) { b.busStatement(a.Sid) }

func (a PutPermission) limits() error {
	const maxSid = 64 // PutPermission
	return within("characters in the id of the statement", len(a.Sid), maxSid)
}

func (a PutPermission) check(ctx context.Context, s *sight) error {
	_, err := a.there(ctx, s.calls)
	return err
}

func (a PutPermission) apply(ctx context.Context, r *Run) (Outcome, error) {
	there, err := a.there(ctx, r.Calls)
	if err != nil || there {
		return Outcome{}, err
	}
	ctx, cancel := change.Writing(ctx)
	defer cancel()
	e := change.Record[State]{Object: a.Object(), After: &State{BusStatement: &a.Statement}}
	if a.Before != "" {
		e.Before = &State{BusStatement: &a.Before}
	}
	err = r.write(e, func() (string, error) { return "", r.Calls.PutPermission(ctx, a.Region, a.Sid, a.Organization) })
	return Outcome{Written: err == nil}, err
}

// there reports whether the statement is there as planned; an error when it is neither
// that nor what the plan replaces, or when the policy has no room for it.
func (a PutPermission) there(ctx context.Context, c Calls) (bool, error) {
	have, doc, err := statementNow(ctx, c, a.Region, a.Sid)
	switch {
	case err != nil:
		return false, err
	case have != "" && policy.SameStatement(have, a.Statement):
		return true, nil
	case have != "" && a.Before == "":
		return false, changedStatement(a.Sid, "appeared")
	case have == "" && a.Before != "":
		return false, changedStatement(a.Sid, "disappeared")
	case have != "" && !policy.SameStatement(have, a.Before):
		return false, changedStatement(a.Sid, "was changed")
	}
	whole, err := policy.WithStatement(doc, a.Sid, a.Statement)
	if err != nil {
		return false, err
	}
	return false, within("characters in the policy of the event bus", len(whole), policy.BusPolicySize)
}
