package desired

import (
	"net/url"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/message"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/channel"
)

const alarmRuleSuffix = "-alarm"

// AlarmRuleName is the name of the rule that hands the state of a control's alarm to
// subscribers which no topic reaches.
func (n Names) AlarmRuleName(c catalog.Control) string { return n.RuleName(c) + alarmRuleSuffix }

// IsAlarmRule reports whether a rule has the name of one of those.
func (n Names) IsAlarmRule(name string) bool {
	return strings.HasPrefix(name, n.Prefix+rulePrefix) && !n.IsForwarder(name) && strings.HasSuffix(name, alarmRuleSuffix)
}

// AlarmRule is the rule on the change of a control's alarm, given by its ARN, into ALARM.
func (n Names) AlarmRule(c catalog.Control, alarm string, h Home) account.Rule {
	pattern := `{"source":["aws.cloudwatch"],"detail-type":["CloudWatch Alarm State Change"],"resources":` + encoded([]string{alarm}) + `,"detail":{"state":{"value":["ALARM"]}}}`
	return account.Rule{
		Name: n.AlarmRuleName(c), ARN: RuleARN(n.AlarmRuleName(c), h), Pattern: pattern, State: account.RuleEnabled, Description: c.Names.Description,
	}
}

// AlarmTarget is the target of that rule which calls an API destination.
func AlarmTarget(c catalog.Control, d Destination, alarm, arn, role, partition string) account.WholeTarget {
	var chat channel.Chat
	if u, err := url.Parse(d.Call.URL); err == nil && d.Channel.Form == channel.Webhook {
		chat = channel.ChatOf(u.Hostname())
	}
	t := message.Alarm(d.Channel.Form, message.About{Control: c.ID, Title: c.Title, Severity: c.Severity.String(), Partition: partition}, alarm, chat)
	return account.WholeTarget{ID: d.ID, ARN: arn, RoleARN: role, Transformer: &account.Transformed{Paths: t.Paths, Template: t.Template}}
}
