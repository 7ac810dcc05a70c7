package conformance

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	alarmtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	topictypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
)

// contents are all objects of the kinds that apply writes, in one region of an
// account.
type contents struct {
	Filters    []logtypes.MetricFilter
	Alarms     []alarmtypes.MetricAlarm
	Composites []alarmtypes.CompositeAlarm
	Tags       map[string]map[string]string // of alarms, by name
	Topics     []topic
}

type topic struct {
	ARN           string
	Attributes    map[string]string
	Tags          map[string]string
	Subscriptions []topictypes.Subscription
}

// contents reads the account in its region, in the order of the replies.
func (a tenant) contents(t *testing.T) contents {
	t.Helper()
	c := contents{Tags: map[string]map[string]string{}}
	filters := cloudwatchlogs.NewDescribeMetricFiltersPaginator(a.logs(), &cloudwatchlogs.DescribeMetricFiltersInput{})
	for filters.HasMorePages() {
		page, err := filters.NextPage(t.Context())
		must(t, err)
		c.Filters = append(c.Filters, page.MetricFilters...)
	}
	alarms := cloudwatch.NewDescribeAlarmsPaginator(a.alarms(), &cloudwatch.DescribeAlarmsInput{})
	for alarms.HasMorePages() {
		page, err := alarms.NextPage(t.Context())
		must(t, err)
		c.Alarms = append(c.Alarms, page.MetricAlarms...)
		c.Composites = append(c.Composites, page.CompositeAlarms...)
	}
	for _, alarm := range c.Alarms {
		c.Tags[aws.ToString(alarm.AlarmName)] = a.alarmTags(t, alarm.AlarmArn)
	}
	topics := sns.NewListTopicsPaginator(a.topics(), &sns.ListTopicsInput{})
	for topics.HasMorePages() {
		page, err := topics.NextPage(t.Context())
		must(t, err)
		for _, one := range page.Topics {
			c.Topics = append(c.Topics, a.topic(t, one.TopicArn))
		}
	}
	return c
}

func (a tenant) alarmTags(t *testing.T, arn *string) map[string]string {
	t.Helper()
	out, err := a.alarms().ListTagsForResource(t.Context(), &cloudwatch.ListTagsForResourceInput{ResourceARN: arn})
	must(t, err)
	tags := map[string]string{}
	for _, tag := range out.Tags {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return tags
}

func (a tenant) topic(t *testing.T, arn *string) topic {
	t.Helper()
	attributes, err := a.topics().GetTopicAttributes(t.Context(), &sns.GetTopicAttributesInput{TopicArn: arn})
	must(t, err)
	one := topic{ARN: aws.ToString(arn), Attributes: attributes.Attributes, Tags: map[string]string{}}
	tags, err := a.topics().ListTagsForResource(t.Context(), &sns.ListTagsForResourceInput{ResourceArn: arn})
	must(t, err)
	for _, tag := range tags.Tags {
		one.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	subscriptions := sns.NewListSubscriptionsByTopicPaginator(a.topics(), &sns.ListSubscriptionsByTopicInput{TopicArn: arn})
	for subscriptions.HasMorePages() {
		page, err := subscriptions.NextPage(t.Context())
		must(t, err)
		one.Subscriptions = append(one.Subscriptions, page.Subscriptions...)
	}
	return one
}
