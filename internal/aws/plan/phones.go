package plan

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// suit gives a target that publishes to a topic the text that its subscribers can read: a
// short line where all of them are phones, which get longer texts in several parts.
func (b *builder) suit(s *step, c catalog.Control, want *account.WholeTarget) {
	if !isTopicTarget(want.ID) {
		return
	}
	want.Transformer = desired.Message(c, b.account.Partition)
	if list := b.listeners(s, want.ARN); len(list) > 0 && !slices.ContainsFunc(list, func(protocol string) bool { return protocol != "sms" }) {
		want.Transformer = desired.PhoneMessage()
	}
}

// suitAt is suit for a target that is there. On a topic that the wishes do not name the text
// stays what it is: who reads it is not this plan's to decide.
func (b *builder) suitAt(s *step, c catalog.Control, region string, have account.Target, want *account.WholeTarget) {
	short := *want
	short.Transformer = desired.PhoneMessage()
	switch {
	case b.isWished(have.ARN, region):
		b.suit(s, c, want)
	case isTopicTarget(want.ID) && have.Same(short.Target()):
		*want = short
	case isTopicTarget(want.ID):
		want.Transformer = desired.Message(c, b.account.Partition)
	}
}

// listeners are the protocols of those who subscribe to a topic, or will.
func (b *builder) listeners(s *step, topic string) []string {
	var list []string
	arn, _ := account.ParseARN(topic)
	if r := b.account.Region(arn.Region); r != nil && r.Topics[topic] != nil {
		subs, _ := r.Topics[topic].Subscriptions.Got()
		for _, sub := range subs {
			if sub.State != account.Deleted {
				list = append(list, sub.Protocol)
			}
		}
	}
	for _, a := range slices.Concat(b.actions, s.actions) {
		if sub, ok := a.(action.Subscribe); ok && sub.TopicARN == topic {
			list = append(list, sub.Protocol)
		}
	}
	for _, o := range b.all.Everywhere() {
		if topic != o.TopicARN && (o.TopicARN != "" || topic != o.names().TopicARN(b.home(arn.Region))) {
			continue
		}
		for _, sub := range o.Subscribers {
			list = append(list, b.listens(sub)...)
		}
	}
	return list
}

// listens are the protocols by which a subscriber of the wishes has a topic.
func (b *builder) listens(sub Subscriber) []string {
	var list []string
	for _, way := range b.all.ways() {
		on, ok := sub.Subscription(way)
		switch {
		case ok:
			list = append(list, on.Protocol)
		case sub.isChat() && way != audit.RuleTransport:
			list = append(list, sub.Protocol)
		}
	}
	return list
}
