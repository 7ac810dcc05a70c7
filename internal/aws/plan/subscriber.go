package plan

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/channel"
)

// A Subscriber is someone or something to tell.
type Subscriber struct {
	Protocol string // a word of package channel
	Endpoint string // whole: it may be a secret; "" where Reference is not resolved

	// Reference is what a secret Endpoint was read from, env:NAME or file:PATH; "" for one
	// that was written out.
	Reference string
}

// ParseSubscriber reads someone to notify in one of the forms of package channel. What
// cannot work is refused with the way that does. A reference to a secret stays one.
func ParseSubscriber(text string) (Subscriber, error) {
	c, err := channel.Parse(text)
	if err != nil {
		return Subscriber{}, err
	}
	if c.IsReference() {
		return Subscriber{Protocol: string(c.Form), Reference: c.Address}, nil
	}
	return subscriberOf(c)
}

// ReadSubscriber is ParseSubscriber for a run: a reference to a secret is replaced by
// what it refers to.
func ReadSubscriber(text string, from channel.Secrets) (Subscriber, error) {
	c, err := channel.Parse(text)
	if err != nil {
		return Subscriber{}, err
	}
	whole, err := c.Resolve(from)
	if err != nil {
		return Subscriber{}, err
	}
	s, err := subscriberOf(whole)
	if c.IsReference() {
		s.Reference = c.Address
	}
	return s, err
}

// subscriberOf refuses a channel that lacks credentials.
func subscriberOf(c channel.Channel) (Subscriber, error) {
	if c.Form.Calls() {
		if _, err := c.Call(); err != nil {
			return Subscriber{}, err
		}
	}
	return Subscriber{Protocol: string(c.Form), Endpoint: c.Address}, nil
}

// channel returns the subscriber as package channel has it.
func (s Subscriber) channel() channel.Channel {
	return channel.Channel{Form: channel.Form(s.Protocol), Address: s.Endpoint}
}

// String returns the subscriber with its secret masked.
func (s Subscriber) String() string {
	if s.Reference != "" {
		return s.Protocol + ":" + s.Reference
	}
	return s.channel().String()
}

// Subscription returns the subscriber as a topic has it, where alarms or rules notify the
// topic; false for one that is no subscription there.
func (s Subscriber) Subscription(transport string) (Subscriber, bool) {
	form := channel.Form(s.Protocol)
	switch {
	case form == channel.PagerDuty && transport != audit.RuleTransport:
		return Subscriber{Protocol: "https", Endpoint: "https://events.pagerduty.com/integration/" + s.Endpoint + "/enqueue"}, true
	case form.Calls(), form.Chats():
		return Subscriber{}, false
	}
	return s, true
}

// subscriptions are the subscribers of the topic at hand.
func (b *builder) subscriptions() []Subscriber {
	var list []Subscriber
	for _, s := range b.o.Subscribers {
		if on, ok := s.Subscription(b.way); ok {
			list = append(list, on)
		}
	}
	return list
}

// isCalled reports whether the subscriber is called by rules on a transport: on the events
// themselves, or (for metric) on the state of alarms.
func (s Subscriber) isCalled(transport string) bool {
	_, subscribed := s.Subscription(transport)
	return channel.Form(s.Protocol).Calls() && !subscribed
}

// Calls reports whether rules call some subscriber of the wishes, or of a route, through
// an API destination.
func (o Options) Calls() bool {
	way := audit.MetricTransport
	if o.byRules() {
		way = audit.RuleTransport
	}
	for _, w := range o.Everywhere() {
		if slices.ContainsFunc(w.Subscribers, func(s Subscriber) bool { return s.isCalled(way) }) {
			return true
		}
	}
	return false
}

// callsOnAlarms reports whether subscribers are called on the state of alarms: rules on the
// events themselves are not asked for.
func (o *Options) callsOnAlarms() bool { return !o.byRules() && o.Calls() }

// subscribedTo reports whether a topic already has the subscriber, confirmed or
// still pending. A deleted or expired subscription does not count.
func (s Subscriber) subscribedTo(t *account.Topic, salt string) bool {
	subs, _ := t.Subscriptions.Got()
	hash := account.HashEndpoint(salt, s.Protocol, s.Endpoint)
	for _, have := range subs {
		if have.State != account.Deleted && have.EndpointHash == hash {
			return true
		}
	}
	return false
}
