package awstest_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

// sum is what GetMetricData sums up of a metric with one dimension in an hour.
func (l *lab) sum(from time.Time, namespace, metric, dimension, value string) float64 {
	l.t.Helper()
	out, err := l.cloudwatch().GetMetricData(context.Background(), &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(from), EndTime: aws.Time(from.Add(time.Hour)),
		MetricDataQueries: []types.MetricDataQuery{{Id: aws.String("m"), MetricStat: &types.MetricStat{
			Period: aws.Int32(60), Stat: aws.String("Sum"),
			Metric: &types.Metric{Namespace: aws.String(namespace), MetricName: aws.String(metric), Dimensions: []types.Dimension{{Name: aws.String(dimension), Value: aws.String(value)}}},
		}}},
	})
	if err != nil {
		l.t.Fatal(err)
	}
	total := 0.0
	for _, v := range out.MetricDataResults[0].Values {
		total += v
	}
	return total
}

// TestMetricsOfAWS: a log group counts what a trail that is logging delivers, and a topic
// what its subscribers took, a minute later.
func TestMetricsOfAWS(t *testing.T) {
	l := newLab(t, awstest.Options{})
	if _, err := l.home.Trail("org", "g"); err != nil {
		t.Fatal(err)
	}
	topic, err := l.home.CreateTopic(awstest.CreateTopicInput{Name: "t"})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []awstest.SubscribeInput{{TopicARN: topic, Protocol: "sms", Endpoint: "+4915112345678"}, {TopicARN: topic, Protocol: "email", Endpoint: "a@example.com"}} {
		if _, err := l.home.Subscribe(s); err != nil {
			t.Fatal(err)
		}
	}
	one := 1.0
	if err := l.home.PutMetricAlarm(awstest.PutMetricAlarmInput{AlarmName: "a", AlarmActions: []string{topic}, MetricName: "m", Namespace: "n", Statistic: "Sum", Period: 60,
		EvaluationPeriods: 1, Threshold: &one, ComparisonOperator: "GreaterThanThreshold", TreatMissingData: "notBreaching"}); err != nil {
		t.Fatal(err)
	}
	if err := l.home.SetAlarmState("a", awstest.StateAlarm, "x"); err != nil {
		t.Fatal(err)
	}
	delivered := func() float64 { return l.sum(start, "AWS/SNS", "NumberOfNotificationsDelivered", "TopicName", "t") }
	if n := delivered(); n != 0 {
		t.Errorf("%g deliveries are counted at once", n)
	}
	l.cloud.Advance(time.Hour)
	if n := delivered(); n != 1 { // the e-mail is not confirmed, and the alarm has no action for OK
		t.Errorf("%g deliveries, want 1", n)
	}
	incoming := func(from time.Time) float64 { return l.sum(from, "AWS/Logs", "IncomingLogEvents", "LogGroupName", "g") }
	if n := incoming(start); n == 0 {
		t.Error("a trail that is logging delivers nothing")
	}
	if err := l.home.StopLogging("org"); err != nil {
		t.Fatal(err)
	}
	stopped := l.cloud.Now().Add(time.Minute)
	l.cloud.Advance(2 * time.Hour)
	if n := incoming(stopped); n != 0 {
		t.Errorf("%g events of a trail that is stopped", n)
	}
	if state := l.home.AlarmState("a"); state != awstest.StateOK {
		t.Errorf("an alarm that was set stays in %s", state)
	}
}
