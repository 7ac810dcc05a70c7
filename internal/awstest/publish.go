package awstest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// cloudwatchPrincipal is who publishes for alarms.
const cloudwatchPrincipal = "cloudwatch.amazonaws.com"

// notify publishes a change of an alarm to a topic and returns why that failed,
// "" if it did not.
func (r *Region) notify(a *alarm, from, topicARN string) string {
	p, _ := splitARN(topicARN)
	home := r.cloud.locate(p)
	switch {
	case p.region != r.name:
		return "the topic is in another region"
	case home == nil || home.topics[p.resource] == nil:
		return "Resource: " + topicARN + " not found"
	}
	t := home.topics[p.resource]
	if why := r.publishDenied(a, t); why != "" {
		return why
	}
	if why := r.keyUnusable(a, home, t); why != "" {
		return why
	}
	if strings.HasSuffix(t.name, ".fifo") {
		return "a FIFO topic needs a MessageGroupId"
	}
	home.tell(0, LinkTopic, t.arn, true, "topic %s takes the message of alarm %s", t.name, a.name)
	home.fanOut(t, r.alarmMessage(a, from, t))
	return ""
}

// publishDenied evaluates the topic's policy for a message of an alarm.
func (r *Region) publishDenied(a *alarm, t *topic) string {
	p, err := parsePolicy(t.policy())
	if err != nil {
		return err.Error()
	}
	ok, why := p.decide(access{service: cloudwatchPrincipal, action: "SNS:Publish", resource: t.arn, context: r.alarmContext(a)})
	if ok {
		return ""
	}
	return "CloudWatch Alarms is not authorized to perform: SNS:Publish on resource: " + t.arn + ": " + why
}

// alarmContext are the condition keys of what an alarm does. A service has no
// organization; aws:SourceOrgID is that of the alarm's account.
func (r *Region) alarmContext(a *alarm) map[string]string {
	context := map[string]string{
		"aws:sourcearn":             a.arn,
		"aws:sourceaccount":         r.account.id,
		"aws:sourceowner":           r.account.id,
		"aws:securetransport":       "true",
		"aws:principalisawsservice": "true",
		"aws:principalservicename":  cloudwatchPrincipal,
	}
	if org := r.cloud.organizationOf(r.account.id); org != nil {
		context["aws:sourceorgid"] = org.id
		context["aws:sourceorgpaths"] = org.id + "/r-root/" // no organizational units are simulated
	}
	return context
}

// keyUnusable says why an alarm cannot publish to an encrypted topic, "" if it
// can. The keys that AWS manages cannot be used by alarms, because nobody can
// edit their policies. Source: SNS developer guide, "Key management".
func (r *Region) keyUnusable(a *alarm, home *Region, t *topic) string {
	return r.cloud.keyRefuses(home, t, cloudwatchPrincipal, r.alarmContext(a))
}

// keyRefuses says why a service cannot use the key of a topic of a region, "" if it
// can.
func (c *Cloud) keyRefuses(home *Region, t *topic, service string, context map[string]string) string {
	id := t.attributes["KmsMasterKeyId"]
	if id == "" {
		return ""
	}
	k := c.keyAnywhere(home, id)
	switch {
	case k == nil:
		return "the key " + id + " does not exist"
	case k.manager == "AWS":
		return "the key " + id + " is managed by AWS and admits no other service"
	case k.state != "Enabled":
		return "the key " + id + " is " + k.state
	}
	p, err := parsePolicy(k.policy)
	if err != nil {
		return err.Error()
	}
	context = maps.Clone(context)
	if context == nil {
		context = map[string]string{}
	}
	context["kms:encryptioncontext:aws:sns:topicarn"] = t.arn
	context["kms:encryptioncontextkeys"] = "aws:sns:topicArn"
	for _, action := range []string{"kms:Decrypt", "kms:GenerateDataKey"} {
		if ok, why := p.decide(access{service: service, action: action, resource: k.arn, context: context}); !ok {
			return "the key " + id + " cannot be used: " + why
		}
	}
	return ""
}

// fanOut delivers a message to the topic's confirmed subscriptions.
func (r *Region) fanOut(t *topic, m message) {
	var list []*subscription
	for _, s := range r.subs {
		if s.topic == t.arn && s.status(r.cloud.now) != statusGone {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b *subscription) int { return a.serial - b.serial })
	if len(list) == 0 {
		r.tell(0, LinkSubscription, t.arn, false, "topic %s has no subscription", t.name)
	}
	for _, s := range list {
		switch status := s.status(r.cloud.now); {
		case status != statusConfirmed:
			r.tell(0, LinkSubscription, s.endpoint, false, "%s %s is not told: the subscription is %s", s.protocol, s.endpoint, status)
		case !passesFilter(s.attributes, m):
			r.tell(0, LinkSubscription, s.endpoint, false, "%s %s is not told: its filter policy drops the message", s.protocol, s.endpoint)
		case strings.HasPrefix(s.endpoint, chatHost) && !r.account.chatReaches(s.topic):
			r.tell(0, LinkSubscription, s.endpoint, false, "%s is not told: no chat configuration that is on connects the topic to a channel", s.endpoint)
		case s.drops(m) != "":
			r.tell(0, LinkSubscription, s.endpoint, false, "%s %s is not told: %s", s.protocol, s.endpoint, s.drops(m))
		default:
			r.hand(s, m)
			r.countNotification(t)
			r.tell(0, LinkSubscription, s.endpoint, true, "%s %s is notified: %s", s.protocol, s.endpoint, cmp.Or(m.subject, "rule "+m.rule))
		}
	}
}

type publishInput struct {
	TopicARN          string                      `json:"TopicArn,omitempty"`
	TargetARN         string                      `json:"TargetArn,omitempty"`
	PhoneNumber       string                      `json:"PhoneNumber,omitempty"`
	Message           string                      `json:"Message" required:""`
	Subject           string                      `json:"Subject,omitempty" length:"0-100"`
	MessageStructure  string                      `json:"MessageStructure,omitempty"`
	MessageAttributes map[string]messageAttribute `json:"MessageAttributes,omitempty"`
	MessageGroupID    string                      `json:"MessageGroupId,omitempty"`
}

type messageAttribute struct {
	DataType    string `json:"DataType"`
	StringValue string `json:"StringValue,omitempty"`
}

type publishOutput struct {
	MessageID string `json:"MessageId"`
}

func publishByAPI(c *call, in *publishInput) (*publishOutput, error) {
	arn := in.TopicARN + in.TargetARN // one of them
	if arn == "" || in.MessageStructure != "" {
		return nil, notSimulated("publishing to phone numbers or with a message structure")
	}
	t, home, err := c.findTopic(arn, "Publish")
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(t.name, ".fifo") && in.MessageGroupID == "" {
		return nil, errSNS("The MessageGroupId parameter is required for FIFO topics")
	}
	m := message{id: c.uuid(), topic: t.arn, subject: in.Subject, body: in.Message, text: in.Message, attributes: map[string]string{}}
	for name, a := range in.MessageAttributes {
		m.attributes[name] = a.StringValue
	}
	home.fanOut(t, m)
	return &publishOutput{m.id}, nil
}
