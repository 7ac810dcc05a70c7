package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/chain"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// A ruleTarget is a target of a rule, other than a bus.
type ruleTarget struct {
	*account.Target
	rule  *rule
	topic *account.Topic // nil when it is no readable topic
}

// A forwards function returns the node of a target that is another bus.
type forwards func(r *rule, t *account.Target, to account.ARN) *chain.Node

// targetNodes returns what hangs on a rule.
func (j *judge) targetNodes(r *rule, bus forwards) []*chain.Node {
	list, ok := r.Targets.Got()
	switch {
	case r.State == account.RuleDisabled && !ok:
		return []*chain.Node{{Kind: finding.LinkTarget, Thing: missing{}, End: true}} // that it is off says it all
	case r.Targets.Failed() != nil:
		return []*chain.Node{placeholder(unreadable(finding.LinkTarget, r.ARN, r.Targets.Failed()))}
	case !ok:
		return []*chain.Node{placeholder(notRead(finding.LinkTarget, r.ARN, "events:ListTargetsByRule"))}
	case len(list) == 0:
		return []*chain.Node{placeholder(finding.Reason{Code: CodeRuleNoTarget, Status: finding.Fail, Link: finding.LinkTarget, Resource: r.ARN,
			Message: fmt.Sprintf("rule %s has no target", r.Name)})}
	}
	var nodes []*chain.Node
	for i := range list {
		nodes = append(nodes, j.targetNode(r, &list[i], bus))
	}
	return nodes
}

// machines are the services whose targets no person reads.
var machines = []string{"lambda", "sqs", "kinesis", "firehose", "logs", "states", "ecs", "batch", "codebuild", "codepipeline", "sagemaker", "redshift", "redshift-data", "glue", "execute-api", "appsync", "inspector"}

func (j *judge) targetNode(r *rule, t *account.Target, bus forwards) *chain.Node {
	to, ok := account.ParseARN(t.ARN)
	n := &chain.Node{Kind: finding.LinkTarget, Thing: &ruleTarget{t, r, nil}, End: true}
	is := func(v chain.Verdict) *chain.Node {
		n.Judge = func(chain.Probe) chain.Verdict { return v }
		return n
	}
	with := func(s finding.Status, code finding.Code, format string, args ...any) *chain.Node {
		return is(chain.Fine().With(finding.Reason{Code: code, Status: s, Link: finding.LinkTarget, Resource: t.ARN, Message: fmt.Sprintf("rule %s: ", r.Name) + fmt.Sprintf(format, args...)}))
	}
	switch {
	case !ok:
		return with(finding.Unknown, CodeRuleTargetUnread, "target %s is not an ARN", t.ARN)
	case to.Service == "sns":
		return j.ruleTopic(r, t, to)
	case to.Service == "events" && strings.HasPrefix(to.Resource, "event-bus/"):
		return bus(r, t, to)
	case to.Service == "events" && strings.HasPrefix(to.Resource, "api-destination/"):
		return is(j.callDestination(r, t).And(message(r, t)).And(deadLetter(r, t)))
	case strings.HasPrefix(to.Service, "ssm"):
		return with(finding.Warn, CodeRuleTargetOther, "target %s notifies people through %s, which monitorctl does not read", t.ID, to.Service)
	case slices.Contains(machines, to.Service):
		return is(chain.Fine().With(j.machine(t.ARN, finding.Reason{Code: CodeRuleTargetMachine, Status: finding.Warn, Link: finding.LinkTarget, Resource: t.ARN,
			Message: fmt.Sprintf("rule %s: target %s (%s) is read by a machine: check by hand who it alerts", r.Name, t.ID, to.Service)})))
	}
	return with(finding.Unknown, CodeRuleTargetUnread, "target %s (%s) is of a kind that this version does not know", t.ID, to.Service)
}

// message judges what a target gets of the event.
func message(r *rule, t *account.Target) chain.Verdict {
	v := chain.Fine()
	with := func(code finding.Code, format string, args ...any) {
		v = v.With(finding.Reason{Code: code, Status: finding.Warn, Link: finding.LinkTarget, Resource: t.ARN, Message: fmt.Sprintf("rule %s: ", r.Name) + fmt.Sprintf(format, args...)})
	}
	m := t.Message
	if m.Form == account.Constant || m.Form == account.Template && len(m.Placeholders) == 0 {
		with(CodeRuleInputConstant, "target %s gets a constant text: it says that something happened, but not what", t.ID)
	}
	for _, name := range sortedNames(m.Paths) {
		if !mayExist(m.Paths[name]) {
			with(CodeRuleInputEmpty, "target %s gets %s, which no CloudTrail event has", t.ID, m.Paths[name])
		}
	}
	return v
}

func sortedNames(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// eventMembers are the members of an event, and recordMembers those of a record
// ("CloudTrail record contents").
var (
	eventMembers  = []string{"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"}
	recordMembers = []string{
		"eventTime", "eventVersion", "userIdentity", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent", "errorCode", "errorMessage",
		"requestParameters", "responseElements", "additionalEventData", "requestID", "eventID", "eventType", "apiVersion", "managementEvent", "readOnly",
		"resources", "recipientAccountId", "serviceEventDetails", "sharedEventID", "vpcEndpointId", "vpcEndpointAccountId", "eventCategory", "addendum",
		"sessionCredentialFromConsole", "edgeDeviceDetails", "eventContext", "tlsDetails",
	}
)

// mayExist reports whether a JSON path may lead to something in an event of
// CloudTrail.
func mayExist(path string) bool {
	steps := strings.FieldsFunc(strings.TrimPrefix(path, "$"), func(r rune) bool { return strings.ContainsRune(".[]'\"", r) })
	switch {
	case len(steps) == 0:
		return true
	case !slices.Contains(eventMembers, steps[0]):
		return false
	case steps[0] != "detail" || len(steps) == 1:
		return true
	}
	return slices.Contains(recordMembers, steps[1])
}

// ruleTopic returns a topic as the target of a rule.
func (j *judge) ruleTopic(r *rule, t *account.Target, topic account.ARN) *chain.Node {
	at := j.at(r.site.account, r.site.name)
	read, home := j.topicAt(at, topic)
	n := &chain.Node{Kind: finding.LinkTopic, Thing: &ruleTarget{t, r, read}, End: true}
	v := j.topicForRules(r, t, topic, read, home).And(message(r, t)).And(deadLetter(r, t))
	n.Judge = func(chain.Probe) chain.Verdict { return v }
	if read == nil {
		return n
	}
	if attrs, ok := read.Attributes.Got(); ok && attrs != nil {
		n.End, n.Next = false, j.ruleSubscribers(r, t, read, topic)
	}
	return n
}

// topicForRules judges a topic from its existence to its policy.
func (j *judge) topicForRules(r *rule, t *account.Target, topic account.ARN, read *account.Topic, home *site) chain.Verdict {
	v := chain.Fine()
	with := func(s finding.Status, code finding.Code, format string, args ...any) chain.Verdict {
		return v.With(finding.Reason{Code: code, Status: s, Link: finding.LinkTopic, Resource: t.ARN, Message: fmt.Sprintf("topic %s: ", topic.Resource) + fmt.Sprintf(format, args...)})
	}
	if topic.Region != r.site.name || topic.Partition != r.site.account.Partition {
		return with(finding.Fail, CodeTopicOtherRegion, "it is in %s, but rule %s is in %s", topic.Region, r.Name, r.site.name)
	}
	if topic.Account != r.site.account.ID && t.RoleARN == "" {
		return with(finding.Fail, CodeRuleTargetRole, "it belongs to account %s, but rule %s has no role for it", topic.Account, r.Name)
	}
	if read == nil {
		return v.With(notRead(finding.LinkTopic, t.ARN, "sns:GetTopicAttributes"))
	}
	attrs, ok := read.Attributes.Got()
	switch {
	case read.Attributes.Failed() != nil:
		return v.With(unreadable(finding.LinkTopic, t.ARN, read.Attributes.Failed()))
	case !ok:
		return v.With(notRead(finding.LinkTopic, t.ARN, "sns:GetTopicAttributes"))
	case attrs == nil:
		return with(finding.Fail, CodeTopicMissing, "it does not exist")
	case attrs.FIFO || strings.HasSuffix(topic.Resource, ".fifo"):
		return with(finding.Fail, CodeRuleTargetFIFO, "it is a FIFO topic, which rules cannot publish to")
	case t.RoleARN != "":
		v = with(finding.Unknown, CodeRuleTargetRole, "rule %s publishes with a role; AWS's pages disagree on whether that works", r.Name)
	}
	return v.And(j.ruleTopicKey(attrs, topic, home)).And(ruleTopicPolicy(attrs, topic))
}

// ruleTopicPolicy asks the topic's policy whether EventBridge may publish.
func ruleTopicPolicy(attrs *account.TopicAttributes, topic account.ARN) chain.Verdict {
	v := chain.Fine()
	with := func(s finding.Status, code finding.Code, why string) chain.Verdict {
		return v.With(finding.Reason{Code: code, Status: s, Link: finding.LinkTopic, Resource: topic.String(), Message: fmt.Sprintf("topic %s: ", topic.Resource) + why})
	}
	decision, why, err := policy.Evaluate(attrs.Policy, policy.TopicRuleRequest(topic.String()))
	switch {
	case err != nil:
		return with(finding.Unknown, CodeTopicPolicy, err.Error())
	case decision == policy.Allowed:
		return v
	case decision == policy.Unknown:
		return with(finding.Unknown, CodeTopicPolicyConditions, "it is not certain that its policy lets EventBridge publish: "+why)
	default:
		return with(finding.Fail, CodeTopicPolicy, "its policy does not let EventBridge publish: "+why)
	}
}

// ruleTopicKey judges the key of an encrypted topic, which EventBridge must be able
// to use.
func (j *judge) ruleTopicKey(attrs *account.TopicAttributes, topic account.ARN, at *site) chain.Verdict {
	v := chain.Fine()
	arn := topic.String()
	with := func(s finding.Status, format string, args ...any) chain.Verdict {
		return v.With(finding.Reason{Code: CodeTopicKey, Status: s, Link: finding.LinkTopic, Resource: arn, Message: fmt.Sprintf("topic %s: ", topic.Resource) + fmt.Sprintf(format, args...)})
	}
	switch {
	case attrs.KeyID == "":
		return v
	case isManagedAlias(attrs.KeyID):
		return with(finding.Fail, "it is encrypted with alias/aws/sns, which EventBridge cannot use")
	}
	key := at.read().Keys[attrs.KeyID]
	if key == nil || key.Metadata == nil {
		return v.With(notRead(finding.LinkTopic, arn, "kms:DescribeKey"))
	}
	meta, ok := key.Metadata.Got()
	switch {
	case !ok:
		return v.With(unreadable(finding.LinkTopic, arn, key.Metadata.Failed()))
	case meta == nil:
		return with(finding.Fail, "its key does not exist")
	case meta.Manager == "AWS":
		return with(finding.Fail, "it is encrypted with an AWS managed key, which EventBridge cannot use")
	case meta.State != "Enabled":
		return with(finding.Fail, "its key is %s", meta.State)
	}
	doc, ok := key.Policy.Got()
	switch {
	case key.Policy.Failed() != nil:
		return v.With(unreadable(finding.LinkTopic, arn, key.Policy.Failed()))
	case !ok:
		return v.With(notRead(finding.LinkTopic, arn, "kms:GetKeyPolicy"))
	}
	decision, why, err := policy.EvaluateAll(doc, policy.KeyRuleRequest(meta.ARN), "kms:Decrypt", "kms:GenerateDataKey")
	switch {
	case err != nil:
		return with(finding.Unknown, "the policy of its key: %v", err)
	case decision == policy.Allowed:
		return v
	case decision == policy.Unknown:
		return with(finding.Unknown, "the policy of its key: %s", why)
	}
	return with(finding.Fail, "the policy of its key does not let EventBridge use it: %s", why)
}

// ruleSubscribers returns who listens to a topic that a rule publishes to.
func (j *judge) ruleSubscribers(r *rule, t *account.Target, topic *account.Topic, arn account.ARN) []*chain.Node {
	nodes := j.subscribers(topic, arn, account.ARN{})
	subs, _ := topic.Subscriptions.Got()
	var own []*chain.Node
	for _, s := range subs {
		if s.State == account.Confirmed {
			v := j.subscriberForRules(s, r, t, arn)
			own = append(own, &chain.Node{Kind: finding.LinkSubscription, Thing: &s, End: true, Judge: func(chain.Probe) chain.Verdict { return v }})
		}
	}
	if len(own) > 0 {
		return own
	}
	return nodes // why there is none is the same for alarms
}

// subscriberForRules judges one confirmed subscription.
func (j *judge) subscriberForRules(s account.Subscription, r *rule, t *account.Target, topic account.ARN) chain.Verdict {
	v := chain.Fine()
	with := func(code finding.Code, st finding.Status, format string, args ...any) {
		v = v.With(finding.Reason{Code: code, Status: st, Link: finding.LinkSubscription, Resource: s.ARN, Message: fmt.Sprintf(format, args...)})
	}
	if d, ok := s.Details.Got(); ok {
		switch admitsRule(d) {
		case chain.Bad:
			with(CodeSubscriptionFilter, finding.Fail, "subscriber %s of topic %s has a filter policy on attributes, which a rule's messages do not have", s.Endpoint, topic.Resource)
		case chain.Unread:
			with(CodeSubscriptionFilter, finding.Unknown, "subscriber %s of topic %s has a filter policy that the messages of rule %s may or may not pass", s.Endpoint, topic.Resource, r.Name)
		}
	}
	if f := s.Details.Failed(); f != nil {
		v = v.With(j.evidenceMissing(finding.LinkSubscription, s.ARN, "whether subscriber "+s.Endpoint+" filters messages", f))
	}
	form, schema := t.Message.Form, t.Message.Schema
	switch {
	case strings.HasPrefix(s.Endpoint, account.ChatHost) && form != account.WholeEvent && schema != account.SchemaChat:
		with(CodeChannelFormat, finding.Fail, "subscriber %s shows only events and custom notifications, and drops the text of rule %s", s.Endpoint, r.Name)
	case strings.HasPrefix(s.Endpoint, "https://events.pagerduty.com/integration/") && schema != account.SchemaAlarm:
		with(CodeChannelFormat, finding.Fail, "subscriber %s accepts only alarms, and drops what rule %s sends", s.Endpoint, r.Name)
	}
	v = j.chat(j.openToAll(v, s, topic), s, topic)
	switch {
	case s.Machine():
		v = v.With(j.machine(s.Endpoint, finding.Reason{Code: CodeSubscriberMachine, Status: finding.Warn, Link: finding.LinkSubscription, Resource: s.ARN,
			Message: fmt.Sprintf("only machines read topic %s (%s)", topic.Resource, s.Protocol)}))
	case s.Protocol == "email" || s.Protocol == "sms":
		if form == account.WholeEvent || form == account.PartOfEvent {
			with(CodeRuleInputRaw, finding.Pass, "subscriber %s gets the event as JSON, without a text", s.Endpoint)
		}
	}
	return v
}

// admitsRule reports whether a subscription's filter policy lets through what a rule
// sends, which has no attributes.
func admitsRule(d account.SubscriptionDetails) chain.Truth {
	if strings.TrimSpace(d.FilterPolicy) != "" && d.FilterPolicyScope == "MessageBody" {
		return chain.Unread // the message differs from event to event
	}
	return admits(account.SubscriptionDetails{FilterPolicy: d.FilterPolicy}, account.ARN{})
}
