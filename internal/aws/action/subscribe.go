package action

import (
	"context"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// Subscribe adds a subscriber to a topic.
type Subscribe struct {
	change.Meta
	TopicARN string
	Protocol string // email, sms, http, https, sqs, lambda
	Endpoint string
}

func (Subscribe) sealed() {}

// String returns "subscribe email s@example.com to topic monitorctl-alerts
// (eu-central-1)".
func (a Subscribe) String() string {
	return fmt.Sprintf("subscribe %s %s to topic %s (%s)", a.Protocol, a.ShownEndpoint(), a.Name(), a.Region)
}

// Waits reports whether the subscriber must answer before anything reaches it.
func (a Subscribe) Waits() bool { return !ConfirmedAtOnce(a.Protocol) }

// Kind returns "subscribe".
func (Subscribe) Kind() string { return "subscribe" }

// Name returns the topic's name.
func (a Subscribe) Name() string { return lastPart(a.TopicARN) }

// New returns true.
func (Subscribe) New() bool { return true }

// Place is behind the topics.
func (Subscribe) Place() Place { return subscribes }

// Object returns the subscription; its endpoint is not hashed.
func (a Subscribe) Object() change.Object {
	return SubscriptionObject(a.Region, a.TopicARN, a.Protocol, a.Endpoint)
}

// Closing sets the controls that the action helps.
func (a Subscribe) Closing(controls []string) Action { a.Closes = controls; return a }

// Calls returns the call that writes.
func (Subscribe) Calls() []string { return []string{"sns:Subscribe"} }

// Cost is nothing until a message is sent.
func (Subscribe) Cost() change.Cost { return change.Cost{} }

// ShownEndpoint returns the subscriber's endpoint as it may be printed. The
// path of a webhook is a secret more often than not; an address must be seen
// whole, because nobody finds a typing error in a masked one.
func (a Subscribe) ShownEndpoint() string {
	if a.Protocol == "http" || a.Protocol == "https" || a.Protocol == "sms" {
		return account.MaskEndpoint(a.Protocol, a.Endpoint)
	}
	return a.Endpoint
}

// Fields has the endpoint as it may be printed.
func (a Subscribe) Fields(bool) []change.Field {
	return change.Created(subscriptionSettings(a.TopicARN, a.Protocol, a.ShownEndpoint()))
}

// Saved holds the whole endpoint, its name the one that may be printed.
func (a Subscribe) Saved() change.Saved {
	return change.Saved{Name: a.TopicARN + " " + a.Protocol + " " + a.ShownEndpoint(), Secret: true, After: struct {
		TopicARN string `json:"topicArn"`
		Protocol string `json:"protocol"`
		Endpoint string `json:"endpoint"`
	}{a.TopicARN, a.Protocol, a.Endpoint}}
}

func (a Subscribe) simulate(d *draft) {
	t := topicOf(d.of(a), a.TopicARN)
	if t == nil || t.Subscriptions == nil {
		return
	}
	s := account.Subscription{
		State: account.Pending, Protocol: a.Protocol,
		Endpoint:     account.MaskEndpoint(a.Protocol, a.Endpoint),
		EndpointHash: account.HashEndpoint(d.moment.Salt, a.Protocol, a.Endpoint),
	}
	if ConfirmedAtOnce(a.Protocol) {
		s.State, s.ARN = account.Confirmed, a.TopicARN+":new"
	}
	t.Subscriptions.Value = append(t.Subscriptions.Value, s)
}

func (a Subscribe) rests(b *basis) { b.topic(a.TopicARN) }

func (Subscribe) limits() error { return nil }

// check is left to SNS: it answers a second time with the same subscription.
func (Subscribe) check(context.Context, *sight) error { return nil }

// apply asks nothing before, except for the journal.
func (a Subscribe) apply(ctx context.Context, r *Run) (Outcome, error) {
	e := change.Record[State]{
		Object: SubscriptionObject(a.Region, a.TopicARN, a.Protocol, account.HashEndpoint(r.salt(), a.Protocol, a.Endpoint)),
		After:  &State{Subscription: &Subscription{Protocol: a.Protocol, Endpoint: account.MaskEndpoint(a.Protocol, a.Endpoint)}},
	}
	if r.Journal != nil {
		have, err := a.now(ctx, r)
		if have != nil {
			return Outcome{Pending: have.State == account.Pending, ARN: have.ARN}, nil
		}
		e.BeforeUnknown = err != nil
	}
	out := Outcome{Pending: !ConfirmedAtOnce(a.Protocol)}
	ctx, cancel := change.Writing(ctx)
	defer cancel()
	err := r.write(e, func() (_ string, err error) {
		out.ARN, err = r.Calls.Subscribe(ctx, a.Region, a.TopicARN, a.Protocol, a.Endpoint)
		return out.ARN, err
	})
	if err != nil {
		return Outcome{}, err
	}
	out.Written = true
	return out, nil
}

// now looks for the subscriber on the topic; nil when it is not there.
func (a Subscribe) now(ctx context.Context, r *Run) (*account.Subscription, error) {
	list, err := r.Calls.Subscribers(ctx, a.Region, a.TopicARN, r.salt())
	if err != nil {
		return nil, err
	}
	hash := account.HashEndpoint(r.salt(), a.Protocol, a.Endpoint)
	for _, s := range list {
		if s.EndpointHash == hash && s.State != account.Deleted {
			return &s, nil
		}
	}
	return nil, nil
}
