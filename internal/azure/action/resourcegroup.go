package action

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/change"
)

// CreateResourceGroup makes the resource group that the other objects stand in.
type CreateResourceGroup struct {
	change.Meta
	ID       string
	Location string
	Tags     map[string]string // without the one that says whose it is
}

func (CreateResourceGroup) sealed() {}

// String returns "create resource group monitoring in westeurope".
func (a CreateResourceGroup) String() string {
	return fmt.Sprintf("create resource group %s in %s", a.Name(), a.Location)
}

// Kind returns "create-resource-group".
func (CreateResourceGroup) Kind() string { return "create-resource-group" }

// Name returns the group's name.
func (a CreateResourceGroup) Name() string { return subscription.Name(a.ID) }

// New returns true.
func (CreateResourceGroup) New() bool { return true }

// Place is before what stands in it.
func (CreateResourceGroup) Place() Place { return createsGroup }

// Object returns the resource group.
func (a CreateResourceGroup) Object() change.Object { return ResourceGroupObject(a.ID) }

// Closing sets the controls that the action helps.
func (a CreateResourceGroup) Closing(controls []string) Action { a.Closes = controls; return a }

// Permissions returns what reading and writing a resource group need.
func (CreateResourceGroup) Permissions() []string {
	return []string{"Microsoft.Resources/subscriptions/resourceGroups/read", "Microsoft.Resources/subscriptions/resourceGroups/write"}
}

// Cost is nothing.
func (CreateResourceGroup) Cost() change.Cost { return change.Cost{} }

// Fields has the location and the tags.
func (a CreateResourceGroup) Fields(bool) []change.Field {
	return change.Created([]change.Setting{{Name: "location", Value: a.Location}, {Name: "tags", Value: pairs(desired.Tags(a.Tags))}})
}

func (a CreateResourceGroup) body() json.RawMessage {
	return encode(map[string]any{"location": a.Location, "tags": desired.Tags(a.Tags)})
}

// Saved holds the whole resource group.
func (a CreateResourceGroup) Saved() change.Saved {
	return change.Saved{Name: a.ID, After: a.body()}
}

func (a CreateResourceGroup) simulate(s *subscription.Subscription, _ Moment) {
	if s.ResourceGroups != nil {
		s.ResourceGroups[subscription.Fold(a.Name())] = &subscription.Read[json.RawMessage]{Value: identified(a.ID, a.body())}
	}
}

func (a CreateResourceGroup) check(ctx context.Context, c Calls) error {
	_, _, err := a.now(ctx, c)
	return err
}

func (a CreateResourceGroup) apply(ctx context.Context, r *Run) (Outcome, error) {
	_, done, err := a.now(ctx, r.Calls)
	if err != nil || done {
		return Outcome{}, err
	}
	return r.write(ctx, r.record(a.Object(), nil, a.body()), func(ctx context.Context) error { return r.Calls.Put(ctx, a.ID, a.body()) })
}

func (a CreateResourceGroup) now(ctx context.Context, c Calls) (json.RawMessage, bool, error) {
	return compare(ctx, c, a.ID, fmt.Sprintf("resource group %q", a.Name()), nil, a.body())
}

// DeleteResourceGroup removes a resource group of ours, in which nothing is left.
type DeleteResourceGroup struct {
	change.Meta
	ID     string
	Before json.RawMessage // as it was read
}

func (DeleteResourceGroup) sealed() {}

// String returns "delete resource group monitoring".
func (a DeleteResourceGroup) String() string { return "delete resource group " + a.Name() }

// Kind returns "delete-resource-group".
func (DeleteResourceGroup) Kind() string { return "delete-resource-group" }

// Name returns the group's name.
func (a DeleteResourceGroup) Name() string { return subscription.Name(a.ID) }

// New returns false.
func (DeleteResourceGroup) New() bool { return false }

// Place is behind all that stands in it.
func (DeleteResourceGroup) Place() Place { return deletesResourceGroup }

// Object returns the resource group.
func (a DeleteResourceGroup) Object() change.Object { return ResourceGroupObject(a.ID) }

// Closing sets the controls that the action is about.
func (a DeleteResourceGroup) Closing(controls []string) Action { a.Closes = controls; return a }

// Permissions returns what looking into a resource group and deleting it need.
func (DeleteResourceGroup) Permissions() []string {
	return []string{
		"Microsoft.Resources/subscriptions/resourceGroups/read", "Microsoft.Resources/subscriptions/resourceGroups/resources/read",
		"Microsoft.Resources/subscriptions/resourceGroups/delete",
	}
}

// Cost is nothing.
func (DeleteResourceGroup) Cost() change.Cost { return change.Cost{} }

// Fields has the tags.
func (a DeleteResourceGroup) Fields(bool) []change.Field {
	return change.Gone([]change.Setting{{Name: "tags", Value: pairs(tagsOf(a.Before))}})
}

// Saved holds the resource group as it was read.
func (a DeleteResourceGroup) Saved() change.Saved { return change.Saved{Name: a.ID, Before: a.Before} }

func (a DeleteResourceGroup) simulate(s *subscription.Subscription, _ Moment) {
	if s.ResourceGroups != nil {
		s.ResourceGroups[subscription.Fold(a.Name())] = &subscription.Read[json.RawMessage]{}
	}
}

// check is left to the write: what stands in the group goes before.
func (DeleteResourceGroup) check(context.Context, Calls) error { return nil }

func (a DeleteResourceGroup) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, err := r.Calls.Get(ctx, a.ID)
	if err != nil || have == nil {
		return Outcome{}, err
	}
	changed := &ChangedError{fmt.Sprintf("resource group %q", a.Name()), "was changed"}
	if !OwnerOf(have).Ours {
		return Outcome{}, changed
	}
	inside, err := r.Calls.Resources(ctx, a.ID)
	if err != nil {
		return Outcome{}, err
	}
	if len(inside) > 0 { // its removal would take them along
		changed.Change = fmt.Sprintf("now holds something else (%s)", inside[0])
		return Outcome{}, changed
	}
	return r.write(ctx, r.record(a.Object(), have, nil), func(ctx context.Context) error { return r.Calls.Delete(ctx, a.ID) })
}
