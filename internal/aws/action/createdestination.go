package action

import (
	"context"
	"errors"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
)

// CreateDestination makes an API destination, which a rule calls by a connection of the
// same name.
type CreateDestination struct {
	change.Meta
	Of         desired.Destination
	ARN        string // that stands for the destination until it is there
	Connection string // ARN of its connection, or what stands for it
}

func (CreateDestination) sealed() {}

// String returns "create API destination monitorctl-webhook-0a1b2c3d (eu-central-1)".
func (a CreateDestination) String() string {
	return "create API destination " + a.Of.Name + " (" + a.Region + ")"
}

// Kind returns "create-api-destination".
func (CreateDestination) Kind() string { return "create-api-destination" }

// Name returns the name of the API destination.
func (a CreateDestination) Name() string { return a.Of.Name }

// New returns true.
func (CreateDestination) New() bool { return true }

// Place is behind its connection and before the rules.
func (CreateDestination) Place() Place { return createsDestination }

// Object returns the API destination.
func (a CreateDestination) Object() change.Object { return DestinationObject(a.Region, a.Of.Name) }

// Closing sets the controls that the action helps.
func (a CreateDestination) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (CreateDestination) Calls() []string { return []string{"events:CreateApiDestination"} }

// Cost is nothing.
func (CreateDestination) Cost() change.Cost { return change.Cost{} }

// Fields has the masked URL.
func (a CreateDestination) Fields(bool) []change.Field {
	made := a.made()
	return change.Created([]change.Setting{
		{Name: "endpoint", Value: "POST " + made.Endpoint}, {Name: "connection", Value: a.Of.Name}, {Name: "description", Value: made.Description},
	})
}

// Saved holds what Fields has: the name tells one URL from another.
func (a CreateDestination) Saved() change.Saved {
	return change.Saved{Name: a.Of.Name, After: a.made()}
}

// made is the API destination as a journal has it.
func (a CreateDestination) made() Destination {
	return Destination{account.MaskEndpoint("https", a.Of.Call.URL), desired.ManagedDescription}
}

func (a CreateDestination) simulate(d *draft) {
	r := d.of(a)
	if r.APIDestinations == nil {
		r.APIDestinations = map[string]*account.Read[*account.APIDestination]{}
	}
	made := a.made()
	r.APIDestinations[a.ARN] = &account.Read[*account.APIDestination]{Value: &account.APIDestination{
		ARN: a.ARN, Name: a.Of.Name, State: "ACTIVE", Endpoint: made.Endpoint, EndpointHash: account.HashEndpoint(d.moment.Salt, "https", a.Of.Call.URL),
		ConnectionARN: a.Connection, Description: made.Description,
	}}
	r.OwnDestinations = withARN(r.OwnDestinations, a.ARN)
}

func (a CreateDestination) rests(b *basis) { b.destination(a.Of.Name) }

func (a CreateDestination) limits() error {
	const maxURL = 2048 // CreateApiDestination
	return first(within("characters in the name", len(a.Of.Name), maxDestinationName), within("characters in the URL", len(a.Of.Call.URL), maxURL))
}

func (a CreateDestination) check(ctx context.Context, s *sight) error {
	_, err := a.now(ctx, s.calls, "")
	return err
}

// now reads what has the name, nil for nothing; an error when that is not what the plan
// would make.
func (a CreateDestination) now(ctx context.Context, c Calls, salt string) (*account.APIDestination, error) {
	have, err := destinationNow(ctx, c, a.Region, a.Of.Name, salt)
	switch {
	case err != nil || have == nil:
		return nil, err
	case !isOurs(have.Description) || have.EndpointHash != account.HashEndpoint(salt, "https", a.Of.Call.URL):
		return nil, changedDestination(a.Of.Name, "appeared")
	}
	return have, nil
}

func (a CreateDestination) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, err := a.now(ctx, r.Calls, r.salt())
	if err != nil {
		return Outcome{}, err
	}
	if have != nil {
		return Outcome{ARN: have.ARN}, nil
	}
	connection, err := connectionNow(ctx, r.Calls, a.Region, a.Of.Name)
	if err != nil {
		return Outcome{}, err
	}
	if connection == nil {
		return Outcome{}, changedConnection(a.Of.Name, "disappeared")
	}
	out, made := Outcome{}, a.made()
	ctx, cancel := change.Writing(ctx)
	defer cancel()
	err = r.write(change.Record[State]{Object: a.Object(), After: &State{Destination: &made}}, func() (_ string, err error) {
		out.ARN, err = r.Calls.CreateDestination(ctx, a.Region, a.Of, connection.ARN)
		return out.ARN, err
	})
	if errors.Is(err, ErrTaken) { // someone was faster
		have, err = a.now(ctx, r.Calls, r.salt())
		if have != nil {
			return Outcome{ARN: have.ARN}, err
		}
	}
	out.Written = err == nil
	return out, err
}
