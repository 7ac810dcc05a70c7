package plan

import (
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/channel"
)

// A Subscriber is someone or something to tell.
type Subscriber struct {
	Protocol string // email, sms, http, https, sqs, lambda
	Endpoint string
}

// ParseSubscriber reads someone to notify in one of the forms of package channel. Those
// that apply cannot bring about are refused with the way to do it.
func ParseSubscriber(text string) (Subscriber, error) {
	c, err := channel.Parse(text)
	if err != nil {
		return Subscriber{}, err
	}
	return SubscriberOf(c)
}

// ReadSubscriber is ParseSubscriber for a run: a reference to a secret is replaced by
// what it refers to.
func ReadSubscriber(text string, from channel.Secrets) (Subscriber, error) {
	c, err := channel.Parse(text)
	if err == nil {
		c, err = c.Resolve(from)
	}
	if err != nil {
		return Subscriber{}, err
	}
	return SubscriberOf(c)
}

// SubscriberOf returns what SNS calls a channel. One whose secret is a reference is for
// checks only: resolve it first.
func SubscriberOf(c channel.Channel) (Subscriber, error) {
	switch c.Form {
	case channel.PagerDuty:
		return Subscriber{"https", "https://events.pagerduty.com/integration/" + c.Address + "/enqueue"}, nil
	case channel.Slack, channel.MSTeams, channel.ServiceNow, channel.Zendesk, channel.Webhook:
		return Subscriber{}, &channel.RefusedError{
			Msg: fmt.Sprintf("subscriber %s is no subscription of a topic, and apply creates no other way", c),
			Way: c.ByHand(),
		}
	}
	return Subscriber{string(c.Form), c.Address}, nil
}

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
