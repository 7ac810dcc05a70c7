package awstest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// cloudwatchPrincipal is who publishes for alarms.
const cloudwatchPrincipal = "cloudwatch.amazonaws.com"

// A message is what a topic passes on.
type message struct {
	id         string
	topic      string
	subject    string
	body       string            // what machines get: for alarms a JSON object
	text       string            // what e-mail readers get
	attributes map[string]string // by name, string values only
	alarm      *alarm            // nil if it is not about an alarm
	state      string            // of the alarm
}

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
	}
	return context
}

// keyUnusable says why an alarm cannot publish to an encrypted topic, "" if it
// can. The keys that AWS manages cannot be used by alarms, because nobody can
// edit their policies. Source: SNS developer guide, "Key management".
func (r *Region) keyUnusable(a *alarm, home *Region, t *topic) string {
	id := t.attributes["KmsMasterKeyId"]
	if id == "" {
		return ""
	}
	k := r.cloud.keyAnywhere(home, id)
	switch {
	case k == nil:
		return "the key " + id + " does not exist"
	case k.manager == "AWS":
		return "the key " + id + " is managed by AWS and admits no alarms"
	case k.state != "Enabled":
		return "the key " + id + " is " + k.state
	}
	p, err := parsePolicy(k.policy)
	if err != nil {
		return err.Error()
	}
	for _, action := range []string{"kms:Decrypt", "kms:GenerateDataKey"} {
		if ok, why := p.decide(access{service: cloudwatchPrincipal, action: action, resource: k.arn, context: r.alarmContext(a)}); !ok {
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
		default:
			r.hand(s, m)
			r.tell(0, LinkSubscription, s.endpoint, true, "%s %s is told: %s", s.protocol, s.endpoint, m.subject)
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

// regionNames are the names of regions that alarm messages use.
var regionNames = map[string]string{
	"ap-northeast-1": "Asia Pacific (Tokyo)", "ap-northeast-2": "Asia Pacific (Seoul)", "ap-northeast-3": "Asia Pacific (Osaka)",
	"ap-south-1": "Asia Pacific (Mumbai)", "ap-southeast-1": "Asia Pacific (Singapore)", "ap-southeast-2": "Asia Pacific (Sydney)",
	"ca-central-1": "Canada (Central)", "eu-central-1": "EU (Frankfurt)", "eu-north-1": "EU (Stockholm)", "eu-west-1": "EU (Ireland)",
	"eu-west-2": "EU (London)", "eu-west-3": "EU (Paris)", "sa-east-1": "South America (Sao Paulo)", "us-east-1": "US East (N. Virginia)",
	"us-east-2": "US East (Ohio)", "us-west-1": "US West (N. California)", "us-west-2": "US West (Oregon)",
}

func (r *Region) displayName() string {
	if name := regionNames[r.name]; name != "" {
		return name
	}
	return r.name
}

// alarmMessage makes the message about a change of an alarm.
func (r *Region) alarmMessage(a *alarm, from string, t *topic) message {
	return message{
		id: r.cloud.uuid(), topic: t.arn, alarm: a, state: a.state,
		subject: fmt.Sprintf("%s: \"%s\" in %s", a.state, a.name, r.displayName()),
		body:    r.alarmJSON(a, from),
		text:    r.alarmText(a, from),
	}
}

// alarmJSON is the body that machines get. Source of the members: CloudWatch
// user guide, "Notifying users on alarm changes".
func (r *Region) alarmJSON(a *alarm, from string) string {
	body := map[string]any{
		"AlarmName":                          a.name,
		"AlarmDescription":                   nullable(a.description),
		"AWSAccountId":                       r.account.id,
		"AlarmConfigurationUpdatedTimestamp": longTime(a.configured),
		"NewStateValue":                      a.state,
		"NewStateReason":                     a.reason,
		"StateChangeTime":                    longTime(a.updated),
		"Region":                             r.displayName(),
		"AlarmArn":                           a.arn,
		"OldStateValue":                      from,
		"OKActions":                          orEmpty(a.actions[StateOK]),
		"AlarmActions":                       orEmpty(a.actions[StateAlarm]),
		"InsufficientDataActions":            orEmpty(a.actions[StateInsufficientData]),
	}
	if a.metric != nil {
		body["Trigger"] = a.metric.trigger()
	} else {
		body["AlarmRule"] = a.composite.AlarmRule
	}
	data, _ := json.Marshal(body) // strings, numbers and lists of them
	return string(data)
}

func nullable(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func longTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000-0700") }

func (in *PutMetricAlarmInput) trigger() map[string]any {
	t := map[string]any{
		"Period": in.Period, "EvaluationPeriods": in.EvaluationPeriods, "ComparisonOperator": in.ComparisonOperator,
		"Threshold": in.Threshold, "TreatMissingData": in.missingData(), "EvaluateLowSampleCountPercentile": in.LowSamplePercentile,
	}
	if in.DatapointsToAlarm != 0 {
		t["DatapointsToAlarm"] = in.DatapointsToAlarm
	}
	if len(in.Metrics) > 0 {
		t["Metrics"] = in.Metrics
		return t
	}
	dimensions := []map[string]string{}
	for _, d := range in.Dimensions {
		dimensions = append(dimensions, map[string]string{"name": d.Name, "value": d.Value})
	}
	maps.Copy(t, map[string]any{
		"MetricName": in.MetricName, "Namespace": in.Namespace, "Unit": nullable(in.Unit), "Dimensions": dimensions,
		"StatisticType": "Statistic", "Statistic": strings.ToUpper(in.Statistic),
	})
	if in.ExtendedStatistic != "" {
		t["StatisticType"], t["Statistic"] = "ExtendedStatistic", nil
		t["ExtendedStatistic"] = in.ExtendedStatistic
	}
	return t
}

// alarmText is the e-mail about a change of an alarm, with the facts that AWS's
// own e-mail has.
func (r *Region) alarmText(a *alarm, from string) string {
	var b strings.Builder
	when := a.updated.UTC().Format("Monday 02 January, 2006 15:04:05 MST")
	fmt.Fprintf(&b, "The CloudWatch alarm %q in %s has entered the %s state\nbecause %q at %s.\n\n", a.name, r.displayName(), a.state, a.reason, when)
	line := func(label, value string) { fmt.Fprintf(&b, "- %-26s %s\n", label+":", value) }
	b.WriteString("Alarm Details:\n")
	line("Name", a.name)
	line("Description", a.description)
	line("State Change", from+" -> "+a.state)
	line("Reason for State Change", a.reason)
	line("Timestamp", when)
	line("AWS Account", r.account.id)
	line("Alarm Arn", a.arn)
	if m := a.metric; m != nil && m.MetricName != "" {
		b.WriteString("\nMonitored Metric:\n")
		line("MetricNamespace", m.Namespace)
		line("MetricName", m.MetricName)
		line("Period", fmt.Sprintf("%d seconds", m.Period))
		line("Statistic", m.Statistic+m.ExtendedStatistic)
		line("TreatMissingData", m.missingData())
	}
	return b.String()
}
