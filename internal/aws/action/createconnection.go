package action

import (
	"context"
	"errors"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
)

// CreateConnection makes the connection by which an API destination of ours signs in.
// EventBridge keeps its secret in Secrets Manager; nothing shows or saves it here.
type CreateConnection struct {
	change.Meta
	Of  desired.Destination
	ARN string // that stands for the connection until it is there
}

func (CreateConnection) sealed() {}

// String returns "create connection monitorctl-webhook-0a1b2c3d (eu-central-1)".
func (a CreateConnection) String() string {
	return "create connection " + a.Of.Name + " (" + a.Region + ")"
}

// Kind returns "create-connection".
func (CreateConnection) Kind() string { return "create-connection" }

// Name returns the connection's name.
func (a CreateConnection) Name() string { return a.Of.Name }

// New returns true.
func (CreateConnection) New() bool { return true }

// Place is before the API destination.
func (CreateConnection) Place() Place { return createsConnection }

// Object returns the connection.
func (a CreateConnection) Object() change.Object { return ConnectionObject(a.Region, a.Of.Name) }

// Closing sets the controls that the action helps.
func (a CreateConnection) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (CreateConnection) Calls() []string { return []string{"events:CreateConnection"} }

// Cost is nothing.
func (CreateConnection) Cost() change.Cost { return change.Cost{} }

// Fields has how the connection signs in, and not with what.
func (a CreateConnection) Fields(bool) []change.Field {
	return change.Created([]change.Setting{
		{Name: "for", Value: a.Of.Channel.String()},
		{Name: "authorization", Value: a.Of.Authorization()},
		{Name: "secret", Value: a.secret()},
		{Name: "description", Value: desired.ManagedDescription},
	})
}

// secret says what EventBridge is given.
func (a CreateConnection) secret() string {
	switch {
	case a.Of.Call.User != "":
		return "user and password, kept in Secrets Manager"
	case a.Of.Call.RoutingKey != "":
		return "routing key, kept in Secrets Manager"
	}
	return "no secret: a header that says nothing"
}

// Saved holds what Fields has.
func (a CreateConnection) Saved() change.Saved {
	return change.Saved{Name: a.Of.Name, After: a.made()}
}

// made is the connection as a journal has it.
func (a CreateConnection) made() Connection {
	return Connection{a.Of.Authorization(), desired.ManagedDescription}
}

func (a CreateConnection) simulate(d *draft) {
	r := d.of(a)
	if r.Connections == nil {
		r.Connections = map[string]*account.Read[*account.Connection]{}
	}
	made := a.made()
	r.Connections[a.ARN] = &account.Read[*account.Connection]{Value: &account.Connection{ARN: a.ARN, Name: a.Of.Name, State: "AUTHORIZED", Auth: made.Auth, Description: made.Description}}
	r.OwnConnections = withARN(r.OwnConnections, a.ARN)
}

// withARN adds an ARN to a list.
func withARN(list *account.Read[[]string], arn string) *account.Read[[]string] {
	have, _ := list.Got()
	return &account.Read[[]string]{Value: append(append([]string{}, have...), arn)}
}

func (a CreateConnection) rests(b *basis) { b.connection(a.Of.Name) }

func (a CreateConnection) limits() error {
	const maxSecret = 512 // BasicAuthParameters
	return first(
		within("characters in the name", len(a.Of.Name), maxDestinationName),
		within("characters in the user", len(a.Of.Call.User), maxSecret),
		within("characters in the password", len(a.Of.Call.Password), maxSecret),
	)
}

func (a CreateConnection) check(ctx context.Context, s *sight) error {
	_, err := a.now(ctx, s.calls)
	return err
}

// now reads what has the connection's name, nil for nothing; an error when that is not
// what the plan would make. Its secret cannot be read.
func (a CreateConnection) now(ctx context.Context, c Calls) (*account.Connection, error) {
	have, err := connectionNow(ctx, c, a.Region, a.Of.Name)
	switch {
	case err != nil || have == nil:
		return nil, err
	case !isOurs(have.Description) || have.Auth != a.Of.Authorization():
		return nil, changedConnection(a.Of.Name, "appeared")
	}
	return have, nil
}

func (a CreateConnection) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, err := a.now(ctx, r.Calls)
	if err != nil {
		return Outcome{}, err
	}
	if have != nil {
		return Outcome{ARN: have.ARN}, nil
	}
	out := Outcome{}
	ctx, cancel := change.Writing(ctx)
	defer cancel()
	made := a.made()
	err = r.write(change.Record[State]{Object: a.Object(), After: &State{Connection: &made}}, func() (_ string, err error) {
		out.ARN, err = r.Calls.CreateConnection(ctx, a.Region, a.Of)
		return out.ARN, err
	})
	if errors.Is(err, ErrTaken) { // someone was faster
		have, err = a.now(ctx, r.Calls)
		if have != nil {
			return Outcome{ARN: have.ARN}, err
		}
	}
	out.Written = err == nil
	return out, err
}
