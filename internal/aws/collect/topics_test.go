package collect

import (
	"fmt"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/awstest"
)

// TestFilterPoliciesAsked counts how many subscriptions are asked for their filter
// policies: as many as it takes to find a person who gets every message.
func TestFilterPoliciesAsked(t *testing.T) {
	const people = 40
	tests := []struct {
		name     string
		filtered int // how many of the people have a filter policy, the first ones in the order of the list
		machines int
		deny     bool
		every    bool
		calls    int
		failures int
	}{
		{name: "nobody filters", calls: 1},
		{name: "machines are asked last", machines: 5, calls: 1},
		{name: "the first three filter", filtered: 3, calls: 4},
		{name: "all filter", filtered: people, calls: people},
		{name: "all people filter, and machines", filtered: people, machines: 5, calls: people + 5},
		{name: "for explain", every: true, machines: 5, calls: people + 5},
		{name: "denied", deny: true, machines: 5, calls: 1, failures: people + 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, awstest.Options{})
			topic := l.common()
			add := func(protocol, endpoint string) {
				_, err := l.home.Subscribe(awstest.SubscribeInput{TopicARN: topic, Protocol: protocol, Endpoint: endpoint})
				l.must(err)
			}
			for i := range people - 1 { // one is there already
				add("sms", fmt.Sprintf("+4917012345%02d", i))
			}
			for i := range tt.machines {
				add("sqs", fmt.Sprintf("arn:aws:sqs:eu-central-1:111122223333:q%d", i))
			}
			subs := l.subscriptions(topic)
			for _, s := range subs {
				if tt.filtered > 0 && !s.Machine() {
					tt.filtered--
					l.must(l.home.SetSubscriptionAttribute(s.ARN, "FilterPolicy", `{"a":["b"]}`))
				}
			}
			if tt.deny {
				l.cloud.Deny("sns:GetSubscriptionAttributes")
			}
			s := l.session(Config{})
			snap := l.collectWith(s, Options{EverySubscriber: tt.every})
			if got := s.Stats().Calls["sns:GetSubscriptionAttributes"]; got != tt.calls {
				t.Errorf("%d calls for %d subscribers, want %d", got, len(subs), tt.calls)
			}
			failed := 0
			for _, sub := range snap.Accounts[0].Region(homeRegion).Topics[topic].Subscriptions.Value {
				if sub.Details.Failed() != nil {
					failed++
				}
			}
			if failed != tt.failures {
				t.Errorf("%d failures, want %d", failed, tt.failures)
			}
		})
	}
}

// subscriptions are the confirmed subscribers of a topic in the order of the
// snapshot.
func (l *lab) subscriptions(topic string) []account.Subscription {
	l.t.Helper()
	list, ok := l.collect(Options{}).Accounts[0].Region(homeRegion).Topics[topic].Subscriptions.Got()
	if !ok {
		l.t.Fatal("the subscribers were not read")
	}
	var confirmed []account.Subscription
	for _, s := range list {
		if s.State == account.Confirmed {
			confirmed = append(confirmed, s)
		}
	}
	return confirmed
}
