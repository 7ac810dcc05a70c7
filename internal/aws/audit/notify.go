package audit

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
)

// A route is one action of an alarm, followed to its subscribers.
type route struct {
	action string // ARN
	link   link
	topic  *account.Topic // nil when the action is no readable topic
}

// notification judges the actions of a metric or composite alarm: one good one
// suffices.
func (j *judge) notification(at *site, arn, name string, enabled bool, actions []string) ([]*route, link) {
	none := func(c finding.Code, format string, args ...any) link {
		return link{grade: good}.add(finding.Reason{Code: c, Status: finding.Fail, Link: finding.LinkAction, Resource: arn, Message: fmt.Sprintf(format, args...)})
	}
	if !enabled {
		return nil, none(CodeAlarmActionsDisabled, "alarm %s: its actions are disabled", name)
	}
	if len(actions) == 0 {
		return nil, none(CodeAlarmNoAction, "alarm %s has no alarm action (EventBridge was not read)", name)
	}
	var routes []*route
	best := link{grade: bad}
	for i, action := range actions {
		r := j.newRoute(at, action, arn)
		r.link = r.link.and(failedBefore(at, name, arn, action))
		routes = append(routes, r)
		if i == 0 || closer(r.link, best) {
			best = r.link
		}
	}
	return routes, best.and(j.muted(at, name, arn)).and(j.history(at, name, arn))
}

// closer says whether a is the better of two alternatives: a better grade,
// then fewer oddities, then further along the chain.
func closer(a, b link) bool {
	if a.grade != b.grade {
		return a.grade > b.grade
	}
	if wa, wb := warnings(a), warnings(b); wa != wb {
		return wa < wb
	}
	return rankOf(a) > rankOf(b)
}

func warnings(l link) int {
	n := 0
	for _, r := range l.reasons {
		if r.Status == finding.Warn {
			n++
		}
	}
	return n
}

// rankOf is how far along the chain the first broken link lies.
func rankOf(l link) int {
	for _, r := range l.reasons {
		if r.Status == finding.Fail || r.Status == finding.Unknown {
			return rank(r.Link)
		}
	}
	return len(linkOrder)
}

// newRoute judges one action.
func (j *judge) newRoute(at *site, arn, alarmARN string) *route {
	r := &route{action: arn, link: link{grade: good}}
	fail := func(s finding.Status, c finding.Code, k finding.LinkKind, format string, args ...any) *route {
		r.link = r.link.add(finding.Reason{Code: c, Status: s, Link: k, Resource: arn, Message: fmt.Sprintf(format, args...)})
		return r
	}
	target, ok := account.ParseARN(arn)
	watch, _ := account.ParseARN(alarmARN)
	switch {
	case !ok:
		return fail(finding.Unknown, CodeActionNotNotifying, finding.LinkAction, "action %s is not an ARN", arn)
	case target.Service == "lambda" || strings.HasPrefix(target.Service, "ssm"):
		return fail(finding.Warn, CodeActionNotTopic, finding.LinkAction, "action %s is no SNS topic: who is told is up to it", arn)
	case target.Service == "automate" || target.Service == "autoscaling" || target.Service == "swf" || target.Service == "ec2":
		return fail(finding.Fail, CodeActionNotNotifying, finding.LinkAction, "action %s tells nobody", arn)
	case target.Service != "sns":
		return fail(finding.Unknown, CodeActionNotNotifying, finding.LinkAction, "action %s is of a kind that this build does not know", arn)
	case target.Region != watch.Region || target.Partition != watch.Partition:
		return fail(finding.Fail, CodeTopicOtherRegion, finding.LinkTopic, "topic %s is in %s, the alarm in %s", target.Resource, target.Region, watch.Region)
	}
	t, home := j.topicAt(at, target)
	r.topic = t
	r.link = r.link.and(j.judgeTopic(home, t, target, watch))
	return r
}

// judgeTopic judges a topic, as read at a site, from its existence to its
// subscribers.
func (j *judge) judgeTopic(at *site, t *account.Topic, topic, watch account.ARN) link {
	arn := topic.String()
	l := link{grade: good}
	if t == nil {
		return l.add(notRead(finding.LinkTopic, arn, "sns:GetTopicAttributes"))
	}
	attrs, ok := t.Attributes.Got()
	switch {
	case t.Attributes.Failed() != nil && topic.Account != at.account.ID:
		f := t.Attributes.Failed()
		return l.add(finding.Reason{Code: CodeTopicUnreadable, Status: finding.Unknown, Link: finding.LinkTopic, Resource: arn,
			Message: fmt.Sprintf("topic %s belongs to account %s and could not be read: %s failed: %s", topic.Resource, topic.Account, f.Operation, f.Cause())})
	case t.Attributes.Failed() != nil:
		return l.add(unreadable(finding.LinkTopic, arn, t.Attributes.Failed()))
	case !ok:
		return l.add(notRead(finding.LinkTopic, arn, "sns:GetTopicAttributes"))
	case attrs == nil:
		return l.add(finding.Reason{Code: CodeTopicMissing, Status: finding.Fail, Link: finding.LinkTopic, Resource: arn,
			Message: fmt.Sprintf("topic %s does not exist", topic.Resource)})
	}
	if attrs.FIFO || strings.HasSuffix(topic.Resource, ".fifo") {
		// SNS takes no message for it without a MessageGroupId (Publish), and AWS
		// does not document that alarms give one.
		l = l.add(finding.Reason{Code: CodeActionNotNotifying, Status: finding.Unknown, Link: finding.LinkTopic, Resource: arn,
			Message: fmt.Sprintf("topic %s is a FIFO topic: whether alarms can publish to one is not documented", topic.Resource)})
	}
	l = l.and(topicKey(at, attrs, topic, watch))
	l = l.and(topicPolicy(attrs, topic, watch))
	return l.and(j.subscribers(t, topic, watch))
}

// topicPolicy asks the topic's policy whether the alarm may publish.
func topicPolicy(attrs *account.TopicAttributes, topic, watch account.ARN) link {
	l := link{grade: good}
	decision, why, err := policy.Evaluate(attrs.Policy, policy.AlarmRequest("sns:Publish", topic.String(), watch.String()))
	switch {
	case err != nil:
		return l.add(finding.Reason{Code: CodeTopicPolicy, Status: finding.Unknown, Link: finding.LinkTopic, Resource: topic.String(),
			Message: fmt.Sprintf("topic %s: %v", topic.Resource, err)})
	case decision == policy.Allowed:
		return l
	case decision == policy.Unknown:
		return l.add(finding.Reason{Code: CodeTopicPolicy, Status: finding.Unknown, Link: finding.LinkTopic, Resource: topic.String(),
			Message: fmt.Sprintf("topic %s: its policy is not understood: %s", topic.Resource, why)})
	default:
		return l.add(finding.Reason{Code: CodeTopicPolicy, Status: finding.Fail, Link: finding.LinkTopic, Resource: topic.String(),
			Message: fmt.Sprintf("topic %s: its policy does not let alarms publish: %s", topic.Resource, why)})
	}
}

// subscribers judges who listens to a topic.
func (j *judge) subscribers(t *account.Topic, topic, watch account.ARN) link {
	arn := topic.String()
	l := link{grade: good}
	subs, ok := t.Subscriptions.Got()
	switch {
	case t.Subscriptions.Failed() != nil:
		return l.add(unreadable(finding.LinkSubscription, arn, t.Subscriptions.Failed()))
	case !ok:
		return l.add(notRead(finding.LinkSubscription, arn, "sns:ListSubscriptionsByTopic"))
	}
	var confirmed, pending []account.Subscription
	for _, s := range subs {
		switch s.State {
		case account.Confirmed:
			confirmed = append(confirmed, s)
		case account.Pending:
			pending = append(pending, s)
		}
	}
	fail := func(c finding.Code, format string, args ...any) link {
		return l.add(finding.Reason{Code: c, Status: finding.Fail, Link: finding.LinkSubscription, Resource: arn, Message: fmt.Sprintf(format, args...)})
	}
	switch {
	case len(confirmed) > 0:
		return j.judgeConfirmed(confirmed, topic, watch)
	case len(pending) == 1:
		return fail(CodeSubscriptionPending, "topic %s: its only subscription is pending confirmation", topic.Resource)
	case len(pending) > 1:
		return fail(CodeSubscriptionPending, "topic %s: its %d subscriptions are pending confirmation", topic.Resource, len(pending))
	default:
		return fail(CodeNoSubscriber, "topic %s has no subscriber", topic.Resource)
	}
}

// judgeConfirmed judges confirmed subscribers: one person whom the message
// reaches suffices.
func (j *judge) judgeConfirmed(confirmed []account.Subscription, topic, watch account.ARN) link {
	best := link{grade: bad}
	for i, s := range confirmed {
		if l := j.subscriber(s, topic, watch); i == 0 || closer(l, best) {
			best = l
		}
	}
	return best
}

// subscriber judges one confirmed subscription. Its filter policy may drop the
// alarm's message; one that could not be read is a note.
func (j *judge) subscriber(s account.Subscription, topic, watch account.ARN) link {
	l := link{grade: good}
	if d, ok := s.Details.Got(); ok {
		switch admits(d, watch) {
		case bad:
			l = l.add(finding.Reason{Code: CodeSubscriptionFilter, Status: finding.Fail, Link: finding.LinkSubscription, Resource: s.ARN,
				Message: fmt.Sprintf("subscriber %s of topic %s has a filter policy that no alarm passes", s.Endpoint, topic.Resource)})
		case unread:
			l = l.add(finding.Reason{Code: CodeSubscriptionFilter, Status: finding.Unknown, Link: finding.LinkSubscription, Resource: s.ARN,
				Message: fmt.Sprintf("subscriber %s of topic %s has a filter policy that alarms may or may not pass", s.Endpoint, topic.Resource)})
		}
	}
	if f := s.Details.Failed(); f != nil {
		l = l.add(j.evidenceMissing(finding.LinkSubscription, s.ARN, "whether subscriber "+s.Endpoint+" filters messages", f))
	}
	switch s.Protocol {
	case "sqs", "lambda", "firehose":
		l = l.add(finding.Reason{Code: CodeSubscriberMachine, Status: finding.Warn, Link: finding.LinkSubscription, Resource: s.ARN,
			Message: fmt.Sprintf("topic %s is read by machines only (%s)", topic.Resource, s.Protocol)})
	}
	return l
}

// JudgeTopic returns what is wrong or odd about a topic as the target of an
// alarm of this account, in the order of the chain; nothing for one that
// reaches a person.
func JudgeTopic(a *account.Account, t *account.Topic, alarmARN string) []finding.Reason {
	topic, ok := account.ParseARN(t.ARN)
	watch, ok2 := account.ParseARN(alarmARN)
	if !ok || !ok2 {
		return []finding.Reason{{Code: CodeActionNotNotifying, Status: finding.Fail, Link: finding.LinkTopic, Resource: t.ARN, Message: "topic " + t.ARN + " is not an ARN"}}
	}
	j := &judge{account: a, world: NewWorld(nil, nil), sites: map[place]*site{}}
	return j.judgeTopic(j.at(a, topic.Region), t, topic, watch).reasons
}
