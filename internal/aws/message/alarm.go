package message

import (
	"net/url"

	"github.com/monitorctl/monitorctl/internal/aws/transformer"
	"github.com/monitorctl/monitorctl/internal/channel"
)

// alarmPaths are the values of an alarm's change that texts use ("CloudWatch Alarm State
// Change"). The reason is not among them: it is free text.
var alarmPaths = map[string]string{
	"id": "$.id", "acct": "$.account", "where": "$.region", "when": "$.time", "state": "$.detail.state.value",
}

// Alarm is what a form that rules call reads of an alarm of a control that goes into ALARM:
// which alarm, where and when. Who did what is not in an alarm. chat is that of a webhook.
func Alarm(f channel.Form, a About, alarm string, chat channel.Chat) transformer.Transformer {
	const subject = "<state> in <acct>/<where>"
	body := "alarm " + plain(alarm) + " is in <state> in <acct>/<where> since <when>\n" +
		"https://<where>." + consoleHost(a.Partition) + "/cloudwatch/home?region=<where>#alarmsV2:alarm/" + url.PathEscape(alarm)
	var value any
	switch f {
	case channel.ServiceNow:
		value = incident(a, subject, body)
	case channel.Zendesk:
		value = ticket(a, subject, body)
	default:
		value = post(chat, "monitorctl: "+plain(a.Title)+": "+body)
	}
	return from(alarmPaths, marshal(value))
}
