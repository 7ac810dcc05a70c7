package cmd

import (
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/message"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
)

// demoGroup is the log group of the demo's trail.
const demoGroup = "/aws/cloudtrail/acme"

// seedDemo makes an account in which each core control's chain has one broken
// link: gateways a dead subscription, security groups a gap in the filter,
// network ACLs an alarm without action, GuardDuty no filter at all.
func seedDemo(r *awstest.Region) error {
	if _, err := r.Trail("org-trail", demoGroup); err != nil {
		return err
	}
	topic, err := r.CreateTopic(awstest.CreateTopicInput{Name: "cis-alerts"})
	if err != nil {
		return err
	}
	if _, err := r.Subscribe(awstest.SubscribeInput{TopicARN: topic, Protocol: "email", Endpoint: "former-colleague@example.com"}); err != nil {
		return err
	}
	live, err := r.CreateTopic(awstest.CreateTopicInput{Name: "platform-oncall"})
	if err != nil {
		return err
	}
	if _, err := r.Subscribe(awstest.SubscribeInput{TopicARN: live, Protocol: "sms", Endpoint: "+4915112345678"}); err != nil {
		return err
	}
	texts, err := demoTexts()
	if err != nil {
		return err
	}
	chains := []struct {
		name, text string
		actions    []string
	}{
		{"gateway-changes", texts["network-gateway-changes"], []string{topic}},
		{"security-group-changes", `{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) }`, []string{live}},
		{"nacl-changes", texts["nacl-changes"], nil},
	}
	for _, c := range chains {
		if err := seedChain(r, c.name, c.text, c.actions); err != nil {
			return err
		}
	}
	return nil
}

// demoTexts are the benchmark's own texts, by control.
func demoTexts() (map[string]string, error) {
	cat, err := catalog.Decode(patterns.JSON)
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, c := range cat.Controls {
		texts[c.ID] = c.Writes(catalog.DefaultBenchmark).Text
	}
	return texts, nil
}

// seedChain makes a filter and its alarm.
func seedChain(r *awstest.Region, name, text string, actions []string) error {
	zero, one := 0.0, 1.0
	err := r.PutMetricFilter(awstest.PutMetricFilterInput{
		LogGroupName: demoGroup, FilterName: name, FilterPattern: text,
		MetricTransformations: []awstest.MetricTransformation{{MetricName: name, MetricNamespace: "CISBenchmark", MetricValue: "1", DefaultValue: &zero}},
	})
	if err != nil {
		return err
	}
	return r.PutMetricAlarm(awstest.PutMetricAlarmInput{
		AlarmName: name, AlarmActions: actions, MetricName: name, Namespace: "CISBenchmark", Statistic: "Sum",
		Period: 300, EvaluationPeriods: 1, Threshold: &one, ComparisonOperator: "GreaterThanOrEqualToThreshold", TreatMissingData: "notBreaching",
	})
}

// seedRule makes a rule that takes the changes of security groups, and a topic with the
// demo's subscriber behind it.
func seedRule(r *awstest.Region) error {
	topic, err := r.CreateTopic(awstest.CreateTopicInput{Name: "realtime"})
	if err != nil {
		return err
	}
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sns:Publish","Resource":%q}]}`, topic)
	if err := r.SetTopicAttribute(topic, "Policy", policy); err != nil {
		return err
	}
	if _, err := r.Subscribe(awstest.SubscribeInput{TopicARN: topic, Protocol: "email", Endpoint: demoSubscriber}); err != nil {
		return err
	}
	const rule = "security-group-changes"
	if _, err := r.PutRule(awstest.PutRuleInput{Name: rule, EventPattern: `{"source":["aws.ec2"],"detail":{"eventName":[{"suffix":"SecurityGroup"}]}}`}); err != nil {
		return err
	}
	text := message.Mail(message.About{Control: rule, Title: "Security group changes", Partition: "aws"})
	return r.PutTargets(awstest.PutTargetsInput{Rule: rule, Targets: []awstest.EventTarget{{
		ID: "topic", Arn: topic, InputTransformer: &awstest.InputTransformer{InputPathsMap: text.Paths, InputTemplate: text.Template},
	}}})
}
