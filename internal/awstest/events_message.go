package awstest

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
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
	text := render(t, x, e)
	home.tell(e.number, LinkTopic, topic.arn, true, "topic %s takes the message of rule %s", topic.name, x.name)
	home.fanOut(topic, message{id: r.cloud.uuid(), topic: topic.arn, body: text, text: unquoted(text), attributes: map[string]string{}, rule: x.name, record: e.number, whole: t.whole()})
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
func render(t EventTarget, x *eventRule, e *busEvent) string {
	switch {
	case t.Input != "":
		return t.Input
	case t.InputTransformer != nil:
		return t.InputTransformer.render(x, e)
	case t.InputPath != "":
		value, _ := lookUp(e.json, t.InputPath)
		return string(value)
	}
	return string(e.json)
}

var placeholder = regexp.MustCompile(`<([A-Za-z0-9_.-]{1,256})>`)

// render puts values into the template: unescaped, and nothing where the event has
// none. Source: EventBridge user guide, "Amazon EventBridge input transformation".
func (in *InputTransformer) render(x *eventRule, e *busEvent) string {
	return placeholder.ReplaceAllStringFunc(in.InputTemplate, func(mark string) string {
		name := strings.Trim(mark, "<>")
		switch name {
		case "aws.events.rule-arn":
			return x.arn
		case "aws.events.rule-name":
			return x.name
		case "aws.events.event", "aws.events.event.json":
			return string(e.json)
		}
		value, ok := lookUp(e.json, in.InputPathsMap[name])
		if !ok {
			return ""
		}
		var text string
		if json.Unmarshal(value, &text) == nil {
			return text
		}
		return string(value)
	})
}

var pathStep = regexp.MustCompile(`^\.([^.\[\]]+)|^\[(\d+)\]`)

// lookUp returns the JSON value that a path such as $.detail.userIdentity.arn or
// $.resources[0] leads to.
func lookUp(event []byte, path string) (json.RawMessage, bool) {
	var value any
	d := json.NewDecoder(bytes.NewReader(event))
	d.UseNumber()
	rest, ok := strings.CutPrefix(path, "$")
	if !ok || d.Decode(&value) != nil {
		return nil, false
	}
	for rest != "" {
		m := pathStep.FindStringSubmatch(rest)
		if m == nil {
			return nil, false
		}
		rest = rest[len(m[0]):]
		if m[1] != "" {
			object, _ := value.(map[string]any)
			if value, ok = object[m[1]]; !ok {
				return nil, false
			}
			continue
		}
		list, _ := value.([]any)
		i, err := strconv.Atoi(m[2])
		if err != nil || i >= len(list) {
			return nil, false
		}
		value = list[i]
	}
	out, err := json.Marshal(value)
	return out, err == nil
}

// unquoted turns a template that is quoted text, one string a line, into the text.
// Other templates stay as they are.
func unquoted(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if len(line) < 2 || line[0] != '"' || line[len(line)-1] != '"' {
			return text
		}
		lines = append(lines, line[1:len(line)-1])
	}
	return strings.Join(lines, "\n")
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
