package action

import (
	"context"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// DeleteDestination removes an API destination of ours.
type DeleteDestination struct {
	change.Meta
	Destination string      // its name
	ARN         string      // "" where a journal told of it
	Seen        Destination // as it was read
}

func (DeleteDestination) sealed() {}

// String returns "delete API destination monitorctl-webhook-0a1b2c3d (eu-central-1)".
func (a DeleteDestination) String() string {
	return "delete API destination " + a.Destination + " (" + a.Region + ")"
}

// Kind returns "delete-api-destination".
func (DeleteDestination) Kind() string { return "delete-api-destination" }

// Name returns the name of the API destination.
func (a DeleteDestination) Name() string { return a.Destination }

// New returns false.
func (DeleteDestination) New() bool { return false }

// Place is behind the rules that call it.
func (DeleteDestination) Place() Place { return deletesDestination }

// Object returns the API destination.
func (a DeleteDestination) Object() change.Object { return DestinationObject(a.Region, a.Destination) }

// Closing sets the controls that the action is about.
func (a DeleteDestination) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (DeleteDestination) Calls() []string { return []string{"events:DeleteApiDestination"} }

// Cost is nothing.
func (DeleteDestination) Cost() change.Cost { return change.Cost{} }

// Fields has the masked URL.
func (a DeleteDestination) Fields(bool) []change.Field {
	return change.Gone([]change.Setting{{Name: "endpoint", Value: "POST " + a.Seen.Endpoint}, {Name: "description", Value: a.Seen.Description}})
}

// Saved holds the state of the API destination.
func (a DeleteDestination) Saved() change.Saved {
	return change.Saved{Name: a.Destination, Before: &State{Destination: &a.Seen}}
}

func (a DeleteDestination) simulate(d *draft) {
	if r := d.of(a); a.ARN != "" && r.APIDestinations != nil {
		r.APIDestinations[a.ARN] = &account.Read[*account.APIDestination]{}
		r.OwnDestinations = withoutARN(r.OwnDestinations, a.ARN)
	}
}

// withoutARN removes an ARN from a list.
func withoutARN(list *account.Read[[]string], arn string) *account.Read[[]string] {
	out := &account.Read[[]string]{}
	have, _ := list.Got()
	for _, x := range have {
		if x != arn {
			out.Value = append(out.Value, x)
		}
	}
	return out
}

func (a DeleteDestination) rests(b *basis) { b.destination(a.Destination) }

func (DeleteDestination) limits() error { return nil }

func (a DeleteDestination) check(ctx context.Context, s *sight) error {
	_, err := a.look(ctx, s.calls)
	return err
}

func (a DeleteDestination) apply(ctx context.Context, r *Run) (Outcome, error) {
	e := change.Record[State]{Object: a.Object(), Before: &State{Destination: &a.Seen}}
	return r.remove(ctx, a.look, e, func(ctx context.Context) error { return r.Calls.DeleteDestination(ctx, a.Region, a.Destination) })
}

// look reports whether the API destination is there, as the plan saw it.
func (a DeleteDestination) look(ctx context.Context, c Calls) (bool, error) {
	have, err := destinationNow(ctx, c, a.Region, a.Destination, "")
	switch {
	case err != nil || have == nil:
		return false, err
	case *DestinationState(*have).Destination != a.Seen:
		return false, changedDestination(a.Destination, "was changed")
	}
	return true, nil
}
