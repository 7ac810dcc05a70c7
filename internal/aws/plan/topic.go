package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// topic plans the topic of our alarms and its subscribers, and returns its ARN.
func (b *builder) topic(s *step, c catalog.Control, region string) (string, error) {
	if b.o.TopicARN != "" {
		return b.o.TopicARN, b.givenTopic(s, c, region)
	}
	arn := b.o.names().TopicARN(b.home(region))
	if err := b.checkKey(c, region, arn); err != nil {
		return "", err
	}
	t := b.account.Region(region).Topics[arn]
	if t == nil {
		t = &account.Topic{ARN: arn}
	}
	attrs, ok := t.Attributes.Got()
	switch {
	case !ok && t.Attributes.Failed() != nil:
		f := t.Attributes.Failed()
		s.conflicts = append(s.conflicts, b.unreadConflict(region, arn, b.o.names().TopicName(), "could not find out whether the topic exists and who created it: "+f.Operation+" failed: "+f.Code, "monitorctl's topic", f))
	case !ok && b.o.AssumeOurs:
		b.createTopic(s, c, region, arn)
	case !ok:
		s.conflicts = append(s.conflicts, b.unreadConflict(region, arn, b.o.names().TopicName(), "the snapshot does not show whether the topic exists", "monitorctl's topic", nil))
	case attrs == nil:
		b.createTopic(s, c, region, arn)
	default:
		return arn, b.reuseTopic(s, c, region, t)
	}
	return arn, nil
}

// judgeTopic returns what is wrong or odd about a topic as that of our alarms, or of
// our rules in its region.
func (b *builder) judgeTopic(c catalog.Control, region string, t *account.Topic) []finding.Reason {
	if b.way == audit.RuleTransport {
		return audit.JudgeRuleTopic(b.account, t)
	}
	return audit.JudgeTopic(b.account, t, b.alarmARN(c, region))
}

// publisher is the service that has to publish.
func (b *builder) publisher() string {
	if b.way == audit.RuleTransport {
		return "EventBridge"
	}
	return "CloudWatch"
}

// otherRegion says why a topic of another region is of no use.
func (b *builder) otherRegion(region string) string {
	if b.way == audit.RuleTransport {
		return "rules can publish only to topics in their own region, and they are in " + region
	}
	return "alarms can use only topics in their own region, and the log group is in " + region
}

// createTopic plans our topic and its subscribers.
func (b *builder) createTopic(s *step, c catalog.Control, region, arn string) {
	why := "monitorctl's alarms need a topic that CloudWatch can use"
	if b.way == audit.RuleTransport {
		why = "monitorctl's rules need a topic that EventBridge can use"
	}
	s.actions = append(s.actions, b.ownTopic(c, region, arn, why))
	if len(b.subscriptions()) == 0 && !slices.ContainsFunc(b.o.Subscribers, Subscriber.isChat) && b.o.TopicName != desired.ChatTopicName {
		s.note(c.ID, "topic %s will have no subscriber: name one with --subscribe email:ADDRESS", arn)
	}
	b.subscribe(s, c, region, &account.Topic{ARN: arn, Subscriptions: &account.Read[[]account.Subscription]{}})
}

// ownTopic is the action that makes our topic, or finishes it.
func (b *builder) ownTopic(c catalog.Control, region, arn, why string) action.CreateTopic {
	return action.CreateTopic{
		Meta:  b.meta(c, region, why),
		Topic: b.o.names().TopicName(), ARN: arn, Policy: b.o.names().TopicPolicy(b.home(region), b.o.publishers()), KeyID: b.o.KeyARN, Tags: b.o.tags(),
	}
}

// reuseTopic goes on with our topic if it is ours. One that still has SNS's own
// policy was left behind by an apply that was cut short between two calls.
func (b *builder) reuseTopic(s *step, c catalog.Control, region string, t *account.Topic) error {
	owner := b.ownerOf(t.Tags)
	if !owner.Ours() && !owner.ByCode() {
		x := b.conflict(region, t.ARN, b.o.names().TopicName(), "a topic of that name "+owner.Why+" (use it with --topic-arn)", "topic "+t.ARN, "monitorctl's topic")
		if f := t.Tags.Failed(); f != nil {
			x = b.unreadConflict(region, t.ARN, b.o.names().TopicName(), x.Reason, "monitorctl's topic", f)
		}
		s.conflicts = append(s.conflicts, x)
		return nil
	}
	attrs, _ := t.Attributes.Got()
	if owner.ByCode() {
		if onlyPolicy(b.judgeTopic(c, region, t)) || b.o.KeyARN != "" && attrs.KeyID != b.o.KeyARN {
			s.keep(c.ID, owner, "topic %s", t.ARN)
		}
		b.subscribe(s, c, region, t)
		return nil
	}
	if b.o.KeyARN != "" && attrs.KeyID != b.o.KeyARN {
		return &TopicError{ARN: t.ARN, Why: fmt.Sprintf("monitorctl's topic exists with %s, and monitorctl does not change the key of an existing topic", describeKey(attrs.KeyID))}
	}
	has, asWritten := b.o.names().PublishersOf(attrs.Policy, b.home(region))
	switch {
	case policy.IsDefault(attrs.Policy):
		s.actions = append(s.actions, b.ownTopic(c, region, t.ARN, "monitorctl's topic was created but not finished: it still has SNS's default policy"))
	case asWritten && has|b.o.publishers() != has:
		s.actions = append(s.actions, action.SetTopicPolicy{
			Meta:     b.meta(c, region, "monitorctl's topic was created for another transport: one more service must be allowed to publish to it"),
			TopicARN: t.ARN, Policy: b.o.names().TopicPolicy(b.home(region), has|b.o.publishers()), Before: attrs.Policy,
		})
	case onlyPolicy(b.judgeTopic(c, region, t)):
		b.driftedPolicy(s, c, region, t, attrs)
	}
	b.subscribe(s, c, region, t)
	return nil
}

func describeKey(id string) string {
	if id == "" {
		return "no key"
	}
	return "the key " + id
}

// driftedPolicy deals with our topic whose policy someone has edited, so that
// CloudWatch cannot publish any more.
func (b *builder) driftedPolicy(s *step, c catalog.Control, region string, t *account.Topic, attrs *account.TopicAttributes) {
	name := b.o.names().TopicName()
	switch {
	case b.replaces(name):
		s.actions = append(s.actions, action.SetTopicPolicy{
			Meta: b.meta(c, region, "its policy was edited, and --replace names it"), TopicARN: t.ARN,
			Policy: b.o.names().TopicPolicy(b.home(region), b.o.publishers()), Before: attrs.Policy,
		})
	case b.o.ExtendTopicPolicy:
		if err := b.extendPolicy(s, c, region, t); err != nil {
			s.note(c.ID, "the policy of topic %s cannot be extended: %v", t.ARN, err)
		}
	default:
		s.note(c.ID, "topic %s was created by monitorctl, but its policy was edited and does not let %s publish: --extend-topic-policy adds the statement, --replace %s restores the policy", t.ARN, b.publisher(), name)
	}
}

// givenTopic checks the topic of --topic-arn before it is used.
func (b *builder) givenTopic(s *step, c catalog.Control, region string) error {
	arn, ok := account.ParseARN(b.o.TopicARN)
	switch {
	case !ok || arn.Service != "sns":
		return &TopicError{ARN: b.o.TopicARN, Why: "it is not the ARN of an SNS topic"}
	case arn.Partition != b.account.Partition:
		return &TopicError{ARN: b.o.TopicARN, Why: fmt.Sprintf("it is in partition %s, the account in %s", arn.Partition, b.account.Partition)}
	case arn.Region != region:
		return &TopicError{ARN: b.o.TopicARN, Why: b.otherRegion(region)}
	}
	t := b.account.Region(region).Topics[b.o.TopicARN]
	central := t == nil && arn.Account != b.account.ID
	if central { // one topic for many accounts, as its own account was read
		t = b.world.Topic(arn.Account, region, b.o.TopicARN)
	}
	if t == nil {
		return &TopicError{ARN: b.o.TopicARN, Why: "it was not read"}
	}
	if attrs, _ := t.Attributes.Got(); attrs != nil && attrs.FIFO || strings.HasSuffix(arn.Resource, ".fifo") {
		return &TopicError{ARN: b.o.TopicARN, Why: "it is a FIFO topic, which requires a message group that " + b.publisher() + " does not send"}
	}
	reasons := b.judgeTopic(c, region, t)
	if b.o.ExtendTopicPolicy && !central && onlyPolicy(reasons) {
		if err := b.extendPolicy(s, c, region, t); err != nil {
			return &TopicError{ARN: b.o.TopicARN, Why: "its policy cannot be extended: " + err.Error()}
		}
		b.subscribe(s, c, region, t)
		return nil
	}
	for _, r := range reasons {
		if r.Status == finding.Fail && r.Code != audit.CodeNoSubscriber && r.Code != audit.CodeSubscriptionPending {
			return &TopicError{ARN: b.o.TopicARN, Why: r.Message, Extendable: onlyPolicy(reasons)}
		}
		if r.Status == finding.Unknown {
			return &TopicError{ARN: b.o.TopicARN, Why: "it could not be checked: " + r.Message}
		}
	}
	if !central { // subscribers of a topic elsewhere are subscribed there
		b.subscribe(s, c, region, t)
	}
	return nil
}

// A TopicError says why the topic of --topic-arn cannot be used.
type TopicError struct {
	ARN string
	Why string

	// Extendable says that --extend-topic-policy may help.
	Extendable bool
}

// Error names the topic and the reason.
func (e *TopicError) Error() string { return "checking topic " + e.ARN + ": " + e.Why }

// subscribe plans the subscribers that a topic lacks.
func (b *builder) subscribe(s *step, c catalog.Control, region string, t *account.Topic) {
	b.connectAll(s, c, region, t.ARN)
	if f := t.Subscriptions.Failed(); f != nil && len(b.subscriptions()) > 0 {
		s.note(c.ID, "could not find out whether topic %s has the subscribers: %s failed: %s", t.ARN, f.Operation, f.Code)
		return
	}
	for _, sub := range b.subscriptions() {
		if !sub.subscribedTo(t, b.snap.Salt) {
			s.actions = append(s.actions, action.Subscribe{
				Meta:     b.meta(c, region, "the topic must reach someone"),
				TopicARN: t.ARN, Protocol: sub.Protocol, Endpoint: sub.Endpoint,
			})
		}
	}
}
