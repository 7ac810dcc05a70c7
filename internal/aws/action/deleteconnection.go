package action

import (
	"context"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// DeleteConnection removes a connection of ours.
type DeleteConnection struct {
	change.Meta
	Connection string     // its name
	ARN        string     // "" where a journal told of it
	Seen       Connection // as it was read
}

func (DeleteConnection) sealed() {}

// String returns "delete connection monitorctl-webhook-0a1b2c3d (eu-central-1)".
func (a DeleteConnection) String() string {
	return "delete connection " + a.Connection + " (" + a.Region + ")"
}

// Kind returns "delete-connection".
func (DeleteConnection) Kind() string { return "delete-connection" }

// Name returns the name of the connection.
func (a DeleteConnection) Name() string { return a.Connection }

// New returns false.
func (DeleteConnection) New() bool { return false }

// Place is behind the API destination that uses it.
func (DeleteConnection) Place() Place { return deletesConnection }

// Object returns the connection.
func (a DeleteConnection) Object() change.Object { return ConnectionObject(a.Region, a.Connection) }

// Closing sets the controls that the action is about.
func (a DeleteConnection) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (DeleteConnection) Calls() []string { return []string{"events:DeleteConnection"} }

// Cost is nothing.
func (DeleteConnection) Cost() change.Cost { return change.Cost{} }

// Fields has how it signs in.
func (a DeleteConnection) Fields(bool) []change.Field {
	return change.Gone([]change.Setting{{Name: "authorization", Value: a.Seen.Auth}, {Name: "description", Value: a.Seen.Description}})
}

// Saved holds the state of the connection.
func (a DeleteConnection) Saved() change.Saved {
	return change.Saved{Name: a.Connection, Before: &State{Connection: &a.Seen}}
}

func (a DeleteConnection) simulate(d *draft) {
	if r := d.of(a); a.ARN != "" && r.Connections != nil {
		r.Connections[a.ARN] = &account.Read[*account.Connection]{}
		r.OwnConnections = withoutARN(r.OwnConnections, a.ARN)
	}
}

func (a DeleteConnection) rests(b *basis) { b.connection(a.Connection) }

func (DeleteConnection) limits() error { return nil }

func (a DeleteConnection) check(ctx context.Context, s *sight) error {
	_, err := a.look(ctx, s.calls)
	return err
}

func (a DeleteConnection) apply(ctx context.Context, r *Run) (Outcome, error) {
	e := change.Record[State]{Object: a.Object(), Before: &State{Connection: &a.Seen}}
	return r.remove(ctx, a.look, e, func(ctx context.Context) error { return r.Calls.DeleteConnection(ctx, a.Region, a.Connection) })
}

// look reports whether the connection is there, as the plan saw it.
func (a DeleteConnection) look(ctx context.Context, c Calls) (bool, error) {
	have, err := connectionNow(ctx, c, a.Region, a.Connection)
	switch {
	case err != nil || have == nil:
		return false, err
	case *ConnectionState(*have).Connection != a.Seen:
		return false, changedConnection(a.Connection, "was changed")
	}
	return true, nil
}
