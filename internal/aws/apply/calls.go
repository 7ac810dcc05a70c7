package apply

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	topics "github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
)

// calls makes the calls of actions.
type calls struct{ clients clients }

var _ action.Calls = calls{}

// A marked error is a failed call of a kind that actions ask for.
type marked struct {
	error
	as error
}

// Unwrap returns the failed call.
func (m marked) Unwrap() error { return m.error }

// Is reports whether the error is of that kind.
func (m marked) Is(target error) bool { return target == m.as }

// failedRead is the error of a read.
func failedRead(operation string, err error) error {
	if err == nil {
		return nil
	}
	failed := collect.Explain(operation, err)
	if collect.NotFound(err) {
		return marked{failed, action.ErrNotThere}
	}
	return failed
}

// failedWrite is the error of a write: a *action.WriteError.
func failedWrite(operation string, err error) error {
	if err == nil {
		return nil
	}
	failed := &action.WriteError{Err: collect.Explain(operation, err), Uncertain: collect.MayHaveHappened(err)}
	switch {
	case collect.NotFound(err):
		return marked{failed, action.ErrNotThere}
	case isOtherTopic(err), slices.Contains(taken, collect.Code(err)):
		return marked{failed, action.ErrTaken}
	}
	return failed
}

// taken are the codes by which IAM, S3, CloudWatch Logs and CloudTrail say that there is
// one of that name.
var taken = []string{"EntityAlreadyExists", "BucketAlreadyExists", "BucketAlreadyOwnedByYou", "ResourceAlreadyExistsException", "TrailAlreadyExistsException"}

// isOtherTopic recognises "Topic already exists with different tags" (or
// attributes): InvalidParameter with that text in the message.
func isOtherTopic(err error) bool {
	return strings.HasPrefix(collect.Code(err), "InvalidParameter") && strings.Contains(collect.Message(err), "already exists with different")
}

// Filters calls logs:DescribeMetricFilters.
func (c calls) Filters(ctx context.Context, region, group, prefix string) ([]account.MetricFilter, error) {
	list, err := collect.Filters(ctx, c.clients.logs(region), group, prefix)
	return list, failedRead("logs:DescribeMetricFilters", err)
}

// Alarms calls cloudwatch:DescribeAlarms.
func (c calls) Alarms(ctx context.Context, region string, names ...string) (account.Alarms, error) {
	list, err := collect.Alarms(ctx, c.clients.alarms(region), names)
	return list, failedRead("cloudwatch:DescribeAlarms", err)
}

// AlarmTags calls cloudwatch:ListTagsForResource.
func (c calls) AlarmTags(ctx context.Context, region, arn string) (map[string]string, error) {
	out, err := c.clients.alarms(region).ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: aws.String(arn)})
	if err != nil {
		return nil, failedRead("cloudwatch:ListTagsForResource", err)
	}
	tags := map[string]string{}
	for _, t := range out.Tags {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags, nil
}

// TopicAttributes calls sns:GetTopicAttributes.
func (c calls) TopicAttributes(ctx context.Context, region, arn string) (map[string]string, error) {
	out, err := c.clients.topics(region).GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String(arn)})
	if err != nil {
		return nil, failedRead("sns:GetTopicAttributes", err)
	}
	return out.Attributes, nil
}

// TopicTags calls sns:ListTagsForResource.
func (c calls) TopicTags(ctx context.Context, region, arn string) (map[string]string, error) {
	tags, err := collect.TopicTags(ctx, c.clients.topics(region), arn)
	return tags, failedRead("sns:ListTagsForResource", err)
}

// Subscribers calls sns:ListSubscriptionsByTopic.
func (c calls) Subscribers(ctx context.Context, region, arn, salt string) ([]account.Subscription, error) {
	list, err := collect.Subscribers(ctx, c.clients.topics(region), arn, salt)
	return list, failedRead("sns:ListSubscriptionsByTopic", err)
}

// sample is what the patterns are tried on. Whether it matches is of no
// interest, only whether AWS takes the pattern.
const sample = `{"eventVersion":"1.08","eventSource":"ec2.amazonaws.com","eventName":"DescribeInstances"}`

// TestPattern calls logs:TestMetricFilter.
func (c calls) TestPattern(ctx context.Context, region, pattern string) error {
	_, err := c.clients.logs(region).TestMetricFilter(ctx, &cloudwatchlogs.TestMetricFilterInput{
		FilterPattern: aws.String(pattern), LogEventMessages: []string{sample},
	})
	if err != nil && strings.HasPrefix(collect.Code(err), "InvalidParameter") {
		return &action.PatternError{Err: collect.Explain("logs:TestMetricFilter", err)}
	}
	return failedRead("logs:TestMetricFilter", err)
}

// PutFilter calls logs:PutMetricFilter.
func (c calls) PutFilter(ctx context.Context, region string, f account.MetricFilter) error {
	in := &cloudwatchlogs.PutMetricFilterInput{
		LogGroupName:  aws.String(f.LogGroup),
		FilterName:    aws.String(f.Name),
		FilterPattern: aws.String(f.Pattern),
		MetricTransformations: []logs.MetricTransformation{{
			MetricNamespace: aws.String(f.Namespace),
			MetricName:      aws.String(f.Metric),
			MetricValue:     aws.String(f.Value),
			DefaultValue:    f.Default,
			Dimensions:      f.Dimensions,
			Unit:            logs.StandardUnit(f.Unit),
		}},
		ApplyOnTransformedLogs:    f.OnTransformed,
		EmitSystemFieldDimensions: f.SystemDimensions,
		FieldSelectionCriteria:    text(f.FieldSelection),
	}
	_, err := c.clients.logs(region).PutMetricFilter(ctx, in)
	return failedWrite("logs:PutMetricFilter", err)
}

// DeleteFilter calls logs:DeleteMetricFilter.
func (c calls) DeleteFilter(ctx context.Context, region, group, name string) error {
	_, err := c.clients.logs(region).DeleteMetricFilter(ctx, &cloudwatchlogs.DeleteMetricFilterInput{LogGroupName: aws.String(group), FilterName: aws.String(name)})
	return failedWrite("logs:DeleteMetricFilter", err)
}

// PutAlarm calls cloudwatch:PutMetricAlarm.
func (c calls) PutAlarm(ctx context.Context, region string, a account.MetricAlarm, tags map[string]string) error {
	in := &cloudwatch.PutMetricAlarmInput{
		AlarmName:                        aws.String(a.Name),
		AlarmDescription:                 text(a.Description),
		ActionsEnabled:                   aws.Bool(a.ActionsEnabled),
		AlarmActions:                     a.AlarmActions,
		OKActions:                        a.OKActions,
		InsufficientDataActions:          a.NoDataActions,
		Namespace:                        text(a.Namespace),
		MetricName:                       text(a.Metric),
		Unit:                             types.StandardUnit(a.Unit),
		Statistic:                        types.Statistic(a.Statistic),
		ExtendedStatistic:                text(a.ExtendedStatistic),
		EvaluationPeriods:                aws.Int32(a.EvaluationPeriods),
		DatapointsToAlarm:                number(a.DatapointsToAlarm),
		Period:                           number(a.Period),
		Threshold:                        a.Threshold,
		ComparisonOperator:               types.ComparisonOperator(a.Comparison),
		TreatMissingData:                 text(a.MissingData),
		EvaluateLowSampleCountPercentile: text(a.LowSample),
		Tags:                             alarmTags(tags),
	}
	for _, name := range sortedKeys(a.Dimensions) {
		in.Dimensions = append(in.Dimensions, types.Dimension{Name: aws.String(name), Value: aws.String(a.Dimensions[name])})
	}
	_, err := c.clients.alarms(region).PutMetricAlarm(ctx, in)
	return failedWrite("cloudwatch:PutMetricAlarm", err)
}

// TagAlarm calls cloudwatch:TagResource.
func (c calls) TagAlarm(ctx context.Context, region, arn string, tags map[string]string) error {
	_, err := c.clients.alarms(region).TagResource(ctx, &cloudwatch.TagResourceInput{ResourceARN: aws.String(arn), Tags: alarmTags(tags)})
	return failedWrite("cloudwatch:TagResource", err)
}

// UntagAlarm calls cloudwatch:UntagResource.
func (c calls) UntagAlarm(ctx context.Context, region, arn string, keys []string) error {
	_, err := c.clients.alarms(region).UntagResource(ctx, &cloudwatch.UntagResourceInput{ResourceARN: aws.String(arn), TagKeys: keys})
	return failedWrite("cloudwatch:UntagResource", err)
}

// DeleteAlarm calls cloudwatch:DeleteAlarms.
func (c calls) DeleteAlarm(ctx context.Context, region, name string) error {
	_, err := c.clients.alarms(region).DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{name}})
	return failedWrite("cloudwatch:DeleteAlarms", err)
}

// CreateTopic calls sns:CreateTopic.
func (c calls) CreateTopic(ctx context.Context, region, name, keyID string, tags map[string]string) (string, error) {
	in := &sns.CreateTopicInput{Name: aws.String(name)}
	for _, k := range sortedKeys(tags) {
		in.Tags = append(in.Tags, topics.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
	}
	if keyID != "" {
		in.Attributes = map[string]string{"KmsMasterKeyId": keyID}
	}
	out, err := c.clients.topics(region).CreateTopic(ctx, in)
	if err != nil {
		return "", failedWrite("sns:CreateTopic", err)
	}
	return aws.ToString(out.TopicArn), nil
}

// SetTopicPolicy calls sns:SetTopicAttributes.
func (c calls) SetTopicPolicy(ctx context.Context, region, arn, policy string) error {
	_, err := c.clients.topics(region).SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{
		TopicArn: aws.String(arn), AttributeName: aws.String("Policy"), AttributeValue: aws.String(policy),
	})
	return failedWrite("sns:SetTopicAttributes", err)
}

// DeleteTopic calls sns:DeleteTopic.
func (c calls) DeleteTopic(ctx context.Context, region, arn string) error {
	_, err := c.clients.topics(region).DeleteTopic(ctx, &sns.DeleteTopicInput{TopicArn: aws.String(arn)})
	return failedWrite("sns:DeleteTopic", err)
}

// Subscribe calls sns:Subscribe.
func (c calls) Subscribe(ctx context.Context, region, topic, protocol, endpoint string) (string, error) {
	out, err := c.clients.topics(region).Subscribe(ctx, &sns.SubscribeInput{
		TopicArn: aws.String(topic), Protocol: aws.String(protocol), Endpoint: aws.String(endpoint), ReturnSubscriptionArn: true,
	})
	if err != nil {
		return "", failedWrite("sns:Subscribe", err)
	}
	return aws.ToString(out.SubscriptionArn), nil
}

// Unsubscribe calls sns:Unsubscribe.
func (c calls) Unsubscribe(ctx context.Context, region, arn string) error {
	_, err := c.clients.topics(region).Unsubscribe(ctx, &sns.UnsubscribeInput{SubscriptionArn: aws.String(arn)})
	return failedWrite("sns:Unsubscribe", err)
}

func alarmTags(tags map[string]string) []types.Tag {
	var l []types.Tag
	for _, k := range sortedKeys(tags) {
		l = append(l, types.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
	}
	return l
}

// text is nil for "", which the API does not take.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// number is nil for 0, which stands for "not set".
func number(n int32) *int32 {
	if n == 0 {
		return nil
	}
	return &n
}

// sortedKeys returns the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
