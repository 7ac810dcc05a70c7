package desired

import (
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// Message is what subscribers get of an event by a rule of the control: who did what,
// where, from where and when. Each line is a JSON string, as a text of several lines
// is written in a template. Values that the caller of an operation can choose freely
// are left out: EventBridge does not escape them.
func Message(c catalog.Control, partition string) *account.Transformed {
	lines := []string{
		"monitorctl: " + plain(c.Title),
		"",
		"What:   <what> (<svc>)",
		"Who:    <kind> <who>",
		"Where:  account <acct>, region <where>",
		"When:   <when>",
		"From:   <from>",
		"Error:  <err>",
		"",
		"https://<where>." + consoleHost(partition) + "/cloudtrailv2/home?region=<where>#/events/<id>",
	}
	for i, line := range lines {
		lines[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(line) + `"`
	}
	return &account.Transformed{
		Paths: map[string]string{
			"what": "$.detail.eventName", "svc": "$.detail.eventSource", "kind": "$.detail.userIdentity.type", "who": "$.detail.userIdentity.arn",
			"acct": "$.account", "where": "$.detail.awsRegion", "when": "$.detail.eventTime", "from": "$.detail.sourceIPAddress",
			"err": "$.detail.errorCode", "id": "$.detail.eventID",
		},
		Template: strings.Join(lines, "\n"),
	}
}

// plain leaves out what stands for a value in a template.
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
