package message

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/transformer"
	"github.com/monitorctl/monitorctl/internal/channel"
)

// About is what a message says of the control that its rule is for.
type About struct {
	Control   string // id
	Title     string
	Severity  string // critical, high, medium, low; "" is medium
	Partition string // aws, aws-cn, aws-us-gov: where the console is
}

// paths are the values that texts use. None of them can be chosen freely by the caller
// of an operation: an ARN, an error code or a name of an operation has no quotation mark.
var paths = map[string]string{
	"what": "$.detail.eventName", "svc": "$.detail.eventSource", "kind": "$.detail.userIdentity.type", "who": "$.detail.userIdentity.arn",
	"acct": "$.account", "where": "$.detail.awsRegion", "when": "$.detail.eventTime", "from": "$.detail.sourceIPAddress",
	"err": "$.detail.errorCode", "id": "$.detail.eventID",
	"console": "$.detail.sessionCredentialFromConsole", "by": "$.detail.userIdentity.invokedBy",
}

// of returns the transformer of a template, with the paths that it uses.
func of(template string) transformer.Transformer { return from(paths, template) }

func from(paths map[string]string, template string) transformer.Transformer {
	used := map[string]string{}
	for _, name := range transformer.Placeholders(template) {
		used[name] = paths[name]
	}
	return transformer.Transformer{Paths: used, Template: template}
}

// Mail is the text of an e-mail: who did what, where, when, from which address, with
// which result and by which tool, and where the event is in the console.
func Mail(a About) transformer.Transformer {
	return of(quotedLines(
		"monitorctl: "+plain(a.Title),
		"",
		"What:     <what> (<svc>)",
		"Who:      <kind> <who>",
		"Where:    account <acct>, region <where>",
		"When:     <when>",
		"From:     <from>",
		"Error:    <err>",
		"Console:  <console>",
		"Service:  <by>",
		"",
		"Without error: the call succeeded. Without console and service: by the AWS CLI, an SDK or another program.",
		link(a),
	))
}

// SMS is a text for a phone: 140 bytes make one part of a message.
func SMS() transformer.Transformer {
	return of(quotedLines("monitorctl: <what> by <who> in <acct>/<where> from <from> at <when> <err>"))
}

// quotedLines writes lines as a template is written: one JSON string a line.
func quotedLines(lines ...string) string {
	quoted := make([]string, len(lines))
	for i, line := range lines {
		quoted[i] = marshal(line)
	}
	return strings.Join(quoted, "\n")
}

// summary is the event in one line.
const (
	summary = "<what> by <kind> <who> in <acct>/<where> from <from> at <when> <err>"
	subject = "<what> in <acct>/<where>"
)

// link is where the event is in the console.
func link(a About) string {
	return "https://<where>." + consoleHost(a.Partition) + "/cloudtrailv2/home?region=<where>#/events/<id>"
}

// Chat is a custom notification of Amazon Q Developer in chat applications, which drops
// any other text.
func Chat(a About) transformer.Transformer {
	return of(marshal(map[string]any{
		"version": "1.0",
		"source":  "custom",
		"content": map[string]any{
			"textType":    "client-markdown",
			"title":       plain(a.Title),
			"description": "*<what>* by <kind> `<who>` in <acct>/<where> from <from> at <when> <err>\n" + link(a),
		},
		"metadata": map[string]any{"threadId": "<what>", "eventType": a.Control},
	}))
}

// PagerDuty is an event of PagerDuty's Events API v2. The routing key is a secret: the
// connection of the API destination adds it.
func PagerDuty(a About) transformer.Transformer {
	return pagerDuty(a, "<what> by <kind> <who> in <acct>/<where> from <from> at <when> (error: <err>)")
}

// pagerDuty is PagerDuty with the event in one line, which has no blank at its end: it is
// the title of an incident.
func pagerDuty(a About, summary string) transformer.Transformer {
	severity := map[string]string{"critical": "critical", "high": "error", "low": "info"}[a.Severity]
	if severity == "" {
		severity = "warning"
	}
	return of(marshal(map[string]any{
		"event_action": "trigger",
		"dedup_key":    "<id>",
		"payload": map[string]any{
			"summary": plain(a.Title) + ": " + summary, "source": "<acct>/<where>", "severity": severity, "component": "<svc>", "class": a.Control,
			"custom_details": details(),
		},
		"links": []any{map[string]string{"href": link(a), "text": "CloudTrail event"}},
	}))
}

// details are the values of an event, one by one.
func details() map[string]string {
	all := map[string]string{}
	for name := range paths {
		all[name] = "<" + name + ">"
	}
	return all
}

// ServiceNow is a record of ServiceNow's table of incidents.
func ServiceNow(a About) transformer.Transformer {
	return of(marshal(incident(a, subject, summary+"\n"+link(a))))
}

func incident(a About, subject, body string) map[string]string {
	urgency := map[string]string{"critical": "1", "high": "1", "low": "3"}[a.Severity]
	if urgency == "" {
		urgency = "2"
	}
	return map[string]string{"short_description": "monitorctl: " + plain(a.Title) + ": " + subject, "description": body, "urgency": urgency, "correlation_id": "<id>"}
}

// Zendesk is a new ticket of Zendesk.
func Zendesk(a About) transformer.Transformer {
	return of(marshal(ticket(a, subject, summary+"\n"+link(a))))
}

func ticket(a About, subject, body string) map[string]any {
	return map[string]any{"ticket": map[string]any{
		"subject": "monitorctl: " + plain(a.Title) + ": " + subject, "comment": map[string]string{"body": body}, "external_id": "<id>",
	}}
}

// Webhook is the body that the incoming webhook of a chat takes, and Slack's form for what
// is none.
func Webhook(a About, chat channel.Chat) transformer.Transformer {
	return of(marshal(post(chat, "monitorctl: "+plain(a.Title)+": "+summary+"\n"+link(a))))
}

// post is a text as the incoming webhook of a chat takes it.
func post(chat channel.Chat, text string) any {
	switch chat {
	case channel.Discord:
		return map[string]string{"content": text}
	case channel.Teams:
		return map[string]any{"type": "message", "attachments": []any{map[string]any{
			"contentType": "application/vnd.microsoft.card.adaptive",
			"content": map[string]any{
				"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
				"body": []any{map[string]any{"type": "TextBlock", "wrap": true, "text": text}},
			},
		}}}
	}
	return map[string]string{"text": text}
}

// plain leaves out what would stand for a value: < and > cannot be escaped.
func plain(text string) string { return strings.NewReplacer("<", "(", ">", ")").Replace(text) }

// consoleHost is where the console of a partition is.
func consoleHost(partition string) string {
	switch partition {
	case "aws-cn":
		return "console.amazonaws.cn"
	case "aws-us-gov":
		return "console.amazonaws-us-gov.com"
	}
	return "console.aws.amazon.com"
}

// marshal writes JSON in which < and > stay as they are. Members are sorted.
func marshal(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // texts, maps and lists: it cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}
