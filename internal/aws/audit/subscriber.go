package audit

import (
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// subscribers returns who listens to a topic: the confirmed subscribers, else why
// there is none.
func (j *judge) subscribers(t *account.Topic, topic, alarm account.ARN) []*chain.Node {
	arn := topic.String()
	subs, ok := t.Subscriptions.Got()
	switch {
	case t.Subscriptions.Failed() != nil:
		return []*chain.Node{placeholder(unreadable(finding.LinkSubscription, arn, t.Subscriptions.Failed()))}
	case !ok:
		return []*chain.Node{placeholder(notRead(finding.LinkSubscription, arn, "sns:ListSubscriptionsByTopic"))}
	}
	// Where a person is known to get every message, the filter policies of the others
	// were not read, and matter to no verdict.
	reached := slices.ContainsFunc(subs, func(s account.Subscription) bool { return s.Unfiltered() && !s.Machine() })
	var confirmed, unread []*chain.Node
	pending := 0
	for _, s := range subs {
		switch {
		case s.State == account.Confirmed && s.Details == nil:
			unread = append(unread, j.subscriberNode(s, topic, alarm, !reached))
		case s.State == account.Confirmed:
			confirmed = append(confirmed, j.subscriberNode(s, topic, alarm, false))
		case s.State == account.Pending:
			pending++
		}
	}
	confirmed = append(confirmed, unread...)
	if len(confirmed) > 0 {
		return confirmed
	}
	none := finding.Reason{Code: CodeSubscriptionPending, Status: finding.Fail, Link: finding.LinkSubscription, Resource: arn}
	switch pending {
	case 0:
		none.Code = CodeNoSubscriber
		none.Message = fmt.Sprintf("topic %s has no subscriber", topic.Resource)
	case 1:
		none.Message = fmt.Sprintf("topic %s: its only subscription is pending confirmation", topic.Resource)
	default:
		none.Message = fmt.Sprintf("topic %s: its %d subscriptions are pending confirmation", topic.Resource, pending)
	}
	return []*chain.Node{placeholder(none)}
}

// subscriberNode returns a confirmed subscriber. Unasked says that its filter policy
// was not read and might have been what decides.
func (j *judge) subscriberNode(s account.Subscription, topic, alarm account.ARN, unasked bool) *chain.Node {
	return &chain.Node{Kind: finding.LinkSubscription, Thing: &s, End: true,
		Judge: func(chain.Probe) chain.Verdict {
			v := j.judgeSubscriber(s, topic, alarm)
			if unasked {
				v = v.With(j.missing(finding.LinkSubscription, s.ARN, "the snapshot does not show whether subscriber "+s.Endpoint+" filters messages"))
			}
			return v
		}}
}

// judgeSubscriber judges one confirmed subscription. Its filter policy may drop the
// alarm's message; one that could not be read is a note.
func (j *judge) judgeSubscriber(s account.Subscription, topic, alarm account.ARN) chain.Verdict {
	v := chain.Fine()
	with := func(c finding.Code, st finding.Status, format string, args ...any) {
		v = v.With(finding.Reason{Code: c, Status: st, Link: finding.LinkSubscription, Resource: s.ARN, Message: fmt.Sprintf(format, args...)})
	}
	if d, ok := s.Details.Got(); ok {
		switch admits(d, alarm) {
		case chain.Bad:
			with(CodeSubscriptionFilter, finding.Fail, "subscriber %s of topic %s has a filter policy that no alarm passes", s.Endpoint, topic.Resource)
		case chain.Unread:
			with(CodeSubscriptionFilter, finding.Unknown, "subscriber %s of topic %s has a filter policy that alarms may or may not pass", s.Endpoint, topic.Resource)
		}
	}
	if f := s.Details.Failed(); f != nil {
		v = v.With(j.evidenceMissing(finding.LinkSubscription, s.ARN, "whether subscriber "+s.Endpoint+" filters messages", f))
	}
	v = j.chat(j.openToAll(v, s, topic), s, topic)
	if s.Machine() {
		v = v.With(j.machine(s.Endpoint, finding.Reason{Code: CodeSubscriberMachine, Status: finding.Warn, Link: finding.LinkSubscription, Resource: s.ARN,
			Message: fmt.Sprintf("only machines read topic %s (%s)", topic.Resource, s.Protocol)}))
	}
	return v
}

// openToAll notes that anyone with one of the mails can end a subscription.
func (j *judge) openToAll(v chain.Verdict, s account.Subscription, topic account.ARN) chain.Verdict {
	d, ok := s.Details.Got()
	if !ok || !d.OpenToUnsubscribe(s.Protocol) {
		return v
	}
	status := finding.Pass
	if j.o.Strict {
		status = finding.Warn
	}
	return v.With(finding.Reason{Code: CodeUnsubscribeOpen, Status: status, Link: finding.LinkSubscription, Resource: s.ARN,
		Message: fmt.Sprintf("anyone with one of its mails can end the subscription of %s to topic %s", s.Endpoint, topic.Resource)})
}
