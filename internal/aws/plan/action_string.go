package plan

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// String returns "create topic monitorctl-alerts (eu-central-1)".
func (a CreateTopic) String() string {
	return fmt.Sprintf("create topic %s (%s)", a.Name, a.Region)
}

// String returns "subscribe email s@example.com to topic monitorctl-alerts
// (eu-central-1)".
func (a Subscribe) String() string {
	return fmt.Sprintf("subscribe %s %s to topic %s (%s)", a.Protocol, a.ShownEndpoint(), a.TopicName(), a.Region)
}

// String returns "create metric filter SecurityGroupConfigChanges on
// /aws/cloudtrail (eu-central-1)", or "replace metric filter ...".
func (a PutFilter) String() string {
	return fmt.Sprintf("%s metric filter %s on %s (%s)", verb(a.Before == nil), a.Filter.Name, a.Filter.LogGroup, a.Region)
}

// String returns "create alarm SecurityGroupConfigChangesAlarm on
// CloudTrailMetrics/SecurityGroupEventCount (eu-central-1)", or "replace
// alarm ...".
func (a PutAlarm) String() string {
	return fmt.Sprintf("%s alarm %s on %s/%s (%s)", verb(a.Before == nil), a.Alarm.Name, a.Alarm.Namespace, a.Alarm.Metric, a.Region)
}

// String returns "set the policy of topic security (eu-central-1)".
func (a SetTopicPolicy) String() string {
	return fmt.Sprintf("set the policy of topic %s (%s)", lastPart(a.TopicARN), a.Region)
}

// String returns "delete metric filter SecurityGroupConfigChanges on
// /aws/cloudtrail (eu-central-1)".
func (a DeleteFilter) String() string {
	return fmt.Sprintf("delete metric filter %s on %s (%s)", a.Filter.Name, a.Filter.LogGroup, a.Region)
}

// String returns "delete alarm SecurityGroupConfigChangesAlarm (eu-central-1)".
func (a DeleteAlarm) String() string {
	return fmt.Sprintf("delete alarm %s (%s)", a.Alarm.Name, a.Region)
}

// String returns "unsubscribe email s***@example.com from topic
// monitorctl-alerts (eu-central-1)".
func (a Unsubscribe) String() string {
	return fmt.Sprintf("unsubscribe %s %s from topic %s (%s)", a.Protocol, a.Endpoint, lastPart(a.TopicARN), a.Region)
}

// String returns "delete topic monitorctl-alerts (eu-central-1)".
func (a DeleteTopic) String() string {
	return fmt.Sprintf("delete topic %s (%s)", a.Name, a.Region)
}

func verb(isNew bool) string {
	if isNew {
		return "create"
	}
	return "replace"
}

// TopicName returns the last part of the topic's ARN.
func (a Subscribe) TopicName() string {
	return lastPart(a.TopicARN)
}

// lastPart returns what stands behind the last colon.
func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, ':')+1:] }

// ShownEndpoint returns the subscriber's endpoint as it may be printed. The
// path of a webhook is a secret more often than not; an address must be seen
// whole, because nobody finds a typing error in a masked one.
func (a Subscribe) ShownEndpoint() string {
	if a.Protocol == "http" || a.Protocol == "https" || a.Protocol == "sms" {
		return account.MaskEndpoint(a.Protocol, a.Endpoint)
	}
	return a.Endpoint
}
