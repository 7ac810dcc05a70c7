package awstest

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/transformer"
)

// eventsPrincipal is who publishes for rules.
const eventsPrincipal = "events.amazonaws.com"

// publishEvent publishes an event to a topic and returns why that failed, "" if it
// did not.
func (r *Region) publishEvent(x *eventRule, t EventTarget, e *busEvent) string {
	p, _ := splitARN(t.Arn)
	home := r.cloud.locate(p)
	switch {
	case p.region != r.name:
		return "the topic is in another region"
	case home == nil || home.topics[p.resource] == nil:
		return "the topic does not exist"
	case p.account != r.account.id && t.RoleArn == "":
		return "a topic of another account needs a role"
	case strings.HasSuffix(p.resource, ".fifo"):
		return "a FIFO topic needs a MessageGroupId"
	}
	topic := home.topics[p.resource]
	if why := home.eventDenied(topic); why != "" {
		return why
	}
	text := r.cloud.render(t, x, e)
	home.tell(e.number, LinkTopic, topic.arn, true, "topic %s takes the message of rule %s", topic.name, x.name)
	home.fanOut(topic, message{id: r.cloud.uuid(), topic: topic.arn, body: text, text: transformer.Plain(text), attributes: map[string]string{}, rule: x.name, record: e.number, whole: t.whole()})
	return ""
}

// eventContext are the condition keys of what EventBridge does with a topic:
// neither the rule nor its account is among them, so that conditions on them do
// not hold. Sources: EventBridge user guide, "Using resource-based policies" ("You
// can't use Condition blocks"); SNS developer guide, "Key management".
func eventContext() map[string]string {
	return map[string]string{"aws:securetransport": "true", "aws:principalisawsservice": "true", "aws:principalservicename": eventsPrincipal}
}

// eventDenied says why EventBridge cannot publish to a topic, "" if it can.
func (r *Region) eventDenied(t *topic) string {
	p, err := parsePolicy(t.policy())
	if err != nil {
		return err.Error()
	}
	if ok, why := p.decide(access{service: eventsPrincipal, action: "SNS:Publish", resource: t.arn, context: eventContext()}); !ok {
		return "EventBridge is not authorized to perform: SNS:Publish on resource: " + t.arn + ": " + why
	}
	return r.cloud.keyRefuses(r, t, eventsPrincipal, eventContext())
}

// whole reports whether a target gets the event as it is.
func (t EventTarget) whole() bool {
	return t.Input == "" && t.InputPath == "" && t.InputTransformer == nil
}

// render returns what a target gets of an event.
func (c *Cloud) render(t EventTarget, x *eventRule, e *busEvent) string {
	switch {
	case t.Input != "":
		return t.Input
	case t.InputTransformer != nil:
		in := transformer.Transformer{Paths: t.InputTransformer.InputPathsMap, Template: t.InputTransformer.InputTemplate}
		return in.Render(e.json, transformer.Rule{ARN: x.arn, Name: x.name, Ingestion: c.now.UTC().Format(time.RFC3339)})
	case t.InputPath != "":
		value, _ := transformer.LookUp(e.json, t.InputPath)
		return string(value)
	}
	return string(e.json)
}

// chatHost is where topics send to Slack and Teams by Amazon Q Developer.
const chatHost = "https://global.sns-api.chatbot.amazonaws.com"

// drops says why a subscriber throws a message away that it was handed, "" if it
// does not. Sources: Amazon Q Developer administrator guide, "Custom notifications";
// PagerDuty, "Amazon CloudWatch integration".
func (s *subscription) drops(m message) string {
	var custom struct {
		Version, Source string
		Content         struct{ Description string }
	}
	var alarm struct{ NewStateValue string }
	switch {
	case m.rule == "":
		return ""
	case strings.HasPrefix(s.endpoint, chatHost):
		isCustom := json.Unmarshal([]byte(m.body), &custom) == nil && custom.Version == "1.0" && custom.Source == "custom" && custom.Content.Description != ""
		if !m.whole && !isCustom {
			return "Amazon Q Developer shows neither an event nor a custom notification in it"
		}
	case strings.HasPrefix(s.endpoint, "https://events.pagerduty.com/integration/"):
		if json.Unmarshal([]byte(m.body), &alarm) != nil || alarm.NewStateValue == "" {
			return "PagerDuty's integration takes alarms only"
		}
	}
	return ""
}
