package action

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// Unsubscribe removes a confirmed subscriber; others cannot be removed.
type Unsubscribe struct {
	change.Meta
	TopicARN string
	ARN      string // of the subscription
	Protocol string
	Endpoint string // masked
}

func (Unsubscribe) sealed() {}

// String returns "unsubscribe email s***@example.com from topic
// monitorctl-alerts (eu-central-1)".
func (a Unsubscribe) String() string {
	return fmt.Sprintf("unsubscribe %s %s from topic %s (%s)", a.Protocol, a.Endpoint, a.Name(), a.Region)
}

// Kind returns "unsubscribe".
func (Unsubscribe) Kind() string { return "unsubscribe" }

// Name returns the topic's name.
func (a Unsubscribe) Name() string { return lastPart(a.TopicARN) }

// New returns false.
func (Unsubscribe) New() bool { return false }

// Place is before the topics go.
func (Unsubscribe) Place() Place { return unsubscribes }

// Object returns the subscription, by its ARN.
func (a Unsubscribe) Object() change.Object {
	return SubscriptionObject(a.Region, a.TopicARN, a.Protocol, a.ARN)
}

// Closing sets the controls that the action is about.
func (a Unsubscribe) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (Unsubscribe) Calls() []string { return []string{"sns:Unsubscribe"} }

// Cost is nothing.
func (Unsubscribe) Cost() change.Cost { return change.Cost{} }

// Fields has the endpoint masked, as it was read.
func (a Unsubscribe) Fields(bool) []change.Field {
	return change.Gone(subscriptionSettings(a.TopicARN, a.Protocol, a.Endpoint))
}

// Saved names the subscription by its ARN.
func (a Unsubscribe) Saved() change.Saved {
	return change.Saved{Name: a.ARN, Before: Subscription{a.Protocol, a.Endpoint}}
}

func (a Unsubscribe) simulate(d *draft) {
	if t := topicOf(d.of(a), a.TopicARN); t != nil && t.Subscriptions != nil {
		t.Subscriptions.Value = slices.DeleteFunc(t.Subscriptions.Value, func(s account.Subscription) bool { return s.ARN == a.ARN })
	}
}

func (a Unsubscribe) rests(b *basis) { b.topic(a.TopicARN) }

func (Unsubscribe) limits() error { return nil }

func (a Unsubscribe) check(ctx context.Context, s *sight) error {
	_, err := a.now(ctx, s.calls, "")
	return err
}

func (a Unsubscribe) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, err := a.now(ctx, r.Calls, r.salt())
	if err != nil || have == nil {
		return Outcome{}, err
	}
	e := change.Record[State]{
		Object: SubscriptionObject(a.Region, a.TopicARN, a.Protocol, have.EndpointHash),
		Before: &State{Subscription: &Subscription{Protocol: a.Protocol, Endpoint: a.Endpoint}},
	}
	look := func(context.Context, Calls) (bool, error) { return true, nil } // just now
	return r.remove(ctx, look, e, func(ctx context.Context) error { return r.Calls.Unsubscribe(ctx, a.Region, a.ARN) })
}

// now returns the subscription, nil when it is not there any more.
func (a Unsubscribe) now(ctx context.Context, c Calls, salt string) (*account.Subscription, error) {
	list, err := c.Subscribers(ctx, a.Region, a.TopicARN, salt)
	if errors.Is(err, ErrNotThere) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(s account.Subscription) bool { return s.ARN == a.ARN })
	if i < 0 {
		return nil, nil
	}
	return &list[i], nil
}
