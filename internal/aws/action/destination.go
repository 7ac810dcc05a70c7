package action

import (
	"context"
	"errors"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"
)

// The published form of an API destination and a connection in a journal. The URL and the
// secrets are not in it.
type (
	// A Destination is an API destination.
	Destination struct {
		Endpoint    string `json:"endpoint"` // masked
		Description string `json:"description"`
	}

	// A Connection is what an API destination signs in with.
	Connection struct {
		Auth        string `json:"auth"` // BASIC, API_KEY
		Description string `json:"description"`
	}
)

// DestinationObject is an API destination as a journal names it.
func DestinationObject(region, name string) change.Object {
	return change.Object{Kind: DestinationKind, Region: region, Name: name}
}

// ConnectionObject is a connection as a journal names it.
func ConnectionObject(region, name string) change.Object {
	return change.Object{Kind: ConnectionKind, Region: region, Name: name}
}

// DestinationState is an API destination in a journal.
func DestinationState(d account.APIDestination) *State {
	return &State{Destination: &Destination{d.Endpoint, d.Description}}
}

// ConnectionState is a connection in a journal.
func ConnectionState(c account.Connection) *State {
	return &State{Connection: &Connection{c.Auth, c.Description}}
}

// RestoreDestination is the action that removes an API destination which a journal's runs
// made.
func RestoreDestination(m change.Meta, name string, now State) Action {
	m.Why = whyMade
	return DeleteDestination{Meta: m, Destination: name, Seen: *now.Destination}
}

// RestoreConnection does so for a connection.
func RestoreConnection(m change.Meta, name string, now State) Action {
	m.Why = whyMade
	return DeleteConnection{Meta: m, Connection: name, Seen: *now.Connection}
}

// maxDestinationName is the length of the names of both (CreateApiDestination).
const maxDestinationName = 64

// destinationNow reads an API destination; nil when there is none.
func destinationNow(ctx context.Context, c Calls, region, name, salt string) (*account.APIDestination, error) {
	have, err := c.Destination(ctx, region, name, salt)
	if errors.Is(err, ErrNotThere) {
		return nil, nil //nolint:nilnil // there is none
	}
	if err != nil {
		return nil, fmt.Errorf("looking for API destination %s: %w", name, err)
	}
	return have, nil
}

// connectionNow reads a connection; nil when there is none.
func connectionNow(ctx context.Context, c Calls, region, name string) (*account.Connection, error) {
	have, err := c.Connection(ctx, region, name)
	if errors.Is(err, ErrNotThere) {
		return nil, nil //nolint:nilnil // there is none
	}
	if err != nil {
		return nil, fmt.Errorf("looking for connection %s: %w", name, err)
	}
	return have, nil
}

func changedDestination(name, what string) error {
	return &ChangedError{Resource: fmt.Sprintf("API destination %q", name), Change: what}
}

func changedConnection(name, what string) error {
	return &ChangedError{Resource: fmt.Sprintf("connection %q", name), Change: what}
}

// isOurs reports whether a description is that of our destinations and connections.
func isOurs(description string) bool { return desired.OwnerByDescription(description).Ours() }
