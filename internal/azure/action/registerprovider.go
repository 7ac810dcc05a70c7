package action

import (
	"context"

	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/change"
)

// RegisterProvider takes Microsoft.Insights into use in a subscription. Undo leaves it
// so: others may use it by then.
type RegisterProvider struct{ change.Meta }

func (RegisterProvider) sealed() {}

// String returns "register the provider Microsoft.Insights".
func (RegisterProvider) String() string { return "register the provider Microsoft.Insights" }

// Kind returns "register-provider".
func (RegisterProvider) Kind() string { return "register-provider" }

// Name returns "Microsoft.Insights".
func (RegisterProvider) Name() string { return "Microsoft.Insights" }

// New returns true.
func (RegisterProvider) New() bool { return true }

// Place is the first.
func (RegisterProvider) Place() Place { return registers }

// Object returns the provider.
func (a RegisterProvider) Object() change.Object {
	return change.Object{Kind: "provider", Name: "/subscriptions/" + a.Account + "/providers/Microsoft.Insights"}
}

// Closing sets the controls that the action helps.
func (a RegisterProvider) Closing(controls []string) Action { a.Closes = controls; return a }

// Permissions returns what reading and registering a provider need.
func (RegisterProvider) Permissions() []string {
	return []string{"Microsoft.Resources/subscriptions/providers/read", "Microsoft.Insights/register/action"}
}

// Cost is nothing.
func (RegisterProvider) Cost() change.Cost { return change.Cost{} }

// Fields says that it stays.
func (RegisterProvider) Fields(bool) []change.Field {
	return change.Created([]change.Setting{{Name: "undo", Value: "leaves it registered: it costs nothing, and others may use it by then"}})
}

// Saved holds nothing but the name.
func (RegisterProvider) Saved() change.Saved { return change.Saved{Name: "Microsoft.Insights"} }

func (RegisterProvider) simulate(s *subscription.Subscription, _ Moment) {
	s.Registered = &subscription.Read[bool]{Value: true}
}

func (RegisterProvider) check(context.Context, Calls) error { return nil }

func (a RegisterProvider) apply(ctx context.Context, r *Run) (Outcome, error) {
	if err := r.Calls.Register(ctx, a.Account); err != nil {
		return Outcome{}, err
	}
	return Outcome{Written: true}, nil
}
