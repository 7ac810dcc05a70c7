package action

import "github.com/monitorctl/monitorctl/internal/change"

// ConfirmedAtOnce reports whether SNS needs no answer from a subscriber of that
// protocol. (An SQS queue or a Lambda function of the own account is confirmed by
// SNS itself.)
func ConfirmedAtOnce(protocol string) bool {
	return protocol == "sms" || protocol == "sqs" || protocol == "lambda"
}

func subscriptionSettings(topic, protocol, endpoint string) []change.Setting {
	return []change.Setting{{Name: "topic", Value: topic}, {Name: "protocol", Value: protocol}, {Name: "endpoint", Value: endpoint}}
}

// RestoreSubscription is the action that ends a confirmed subscription which a
// journal's runs made.
func RestoreSubscription(m change.Meta, topic, arn string, now Subscription) Action {
	m.Why = "the run added it"
	return Unsubscribe{Meta: m, TopicARN: topic, ARN: arn, Protocol: now.Protocol, Endpoint: now.Endpoint}
}
