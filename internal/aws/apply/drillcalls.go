package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/drill"
)

// DrillAPI is the part of CloudWatch that a drill calls.
type DrillAPI interface {
	DescribeAlarms(context.Context, *cloudwatch.DescribeAlarmsInput, ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmsOutput, error)
	DescribeAlarmHistory(context.Context, *cloudwatch.DescribeAlarmHistoryInput, ...func(*cloudwatch.Options)) (*cloudwatch.DescribeAlarmHistoryOutput, error)
	SetAlarmState(context.Context, *cloudwatch.SetAlarmStateInput, ...func(*cloudwatch.Options)) (*cloudwatch.SetAlarmStateOutput, error)
	GetMetricData(context.Context, *cloudwatch.GetMetricDataInput, ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error)
}

var _ DrillAPI = (*cloudwatch.Client)(nil)

// drillCalls makes the calls of a drill.
type drillCalls struct {
	logs   func(region string) LogsAPI
	alarms func(region string) DrillAPI
}

// DrillCalls returns the calls of a drill in the account of a session.
func DrillCalls(s *collect.Session) drill.Calls {
	return drillCalls{
		logs:   func(region string) LogsAPI { return s.Logs(region) },
		alarms: func(region string) DrillAPI { return s.CloudWatch(region) },
	}
}

// TestFilter calls logs:TestMetricFilter.
func (c drillCalls) TestFilter(ctx context.Context, region, pattern string, messages []string) ([]int, error) {
	const operation = "logs:TestMetricFilter"
	out, err := c.logs(region).TestMetricFilter(ctx, &cloudwatchlogs.TestMetricFilterInput{FilterPattern: aws.String(pattern), LogEventMessages: messages})
	switch {
	case err != nil && strings.HasPrefix(collect.Code(err), "InvalidParameter"):
		return nil, &drill.PatternError{Err: collect.Explain(operation, err)}
	case err != nil:
		return nil, collect.Explain(operation, err)
	}
	var places []int
	for _, m := range out.Matches {
		n := int(m.EventNumber) // from 1
		if n < 1 || n > len(messages) {
			return nil, fmt.Errorf("%s names message %d of %d", operation, n, len(messages))
		}
		places = append(places, n-1)
	}
	return places, nil
}

// Alarms calls cloudwatch:DescribeAlarms.
func (c drillCalls) Alarms(ctx context.Context, region string, names ...string) (account.Alarms, error) {
	list, err := collect.Alarms(ctx, c.alarms(region), names)
	if err != nil {
		return list, collect.Explain("cloudwatch:DescribeAlarms", err)
	}
	return list, nil
}

// SetAlarm calls cloudwatch:SetAlarmState.
func (c drillCalls) SetAlarm(ctx context.Context, region, name, reason, data string) error {
	_, err := c.alarms(region).SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{
		AlarmName: aws.String(name), StateValue: types.StateValueAlarm, StateReason: aws.String(reason), StateReasonData: aws.String(data),
	})
	if err != nil {
		return collect.Explain("cloudwatch:SetAlarmState", err)
	}
	return nil
}

// historyPage is how many of the newest entries are looked at: a drill makes a handful.
const historyPage = 100

// History calls cloudwatch:DescribeAlarmHistory.
func (c drillCalls) History(ctx context.Context, region, name string) ([]drill.Item, error) {
	out, err := c.alarms(region).DescribeAlarmHistory(ctx, &cloudwatch.DescribeAlarmHistoryInput{
		AlarmName: aws.String(name), AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
		ScanBy: types.ScanByTimestampDescending, MaxRecords: aws.Int32(historyPage),
	})
	if err != nil {
		return nil, collect.Explain("cloudwatch:DescribeAlarmHistory", err)
	}
	var items []drill.Item
	for _, entry := range slices.Backward(out.AlarmHistoryItems) {
		item := drill.Item{At: aws.ToTime(entry.Timestamp).UTC(), Summary: aws.ToString(entry.HistorySummary), Data: aws.ToString(entry.HistoryData)}
		switch entry.HistoryItemType {
		case types.HistoryItemTypeAction:
			item.Action = new(collect.ActionFrom(entry))
		case types.HistoryItemTypeStateUpdate:
		default:
			continue
		}
		items = append(items, item)
	}
	return items, nil
}

// deliveryMetrics are the metrics of SNS that are summed up, by the first letter of their
// query's id.
var deliveryMetrics = map[string]string{"d": "NumberOfNotificationsDelivered", "f": "NumberOfNotificationsFailed"}

// maxTopics is how many topics fit into one call: it takes 500 queries.
const maxTopics = 250

// Deliveries calls cloudwatch:GetMetricData.
func (c drillCalls) Deliveries(ctx context.Context, region string, topics []string, from, to time.Time) (map[string]drill.Delivery, error) {
	topics = topics[:min(len(topics), maxTopics)]
	in := &cloudwatch.GetMetricDataInput{StartTime: aws.Time(from.Truncate(time.Minute)), EndTime: aws.Time(to)}
	for i, topic := range topics {
		for _, letter := range sortedKeys(deliveryMetrics) {
			in.MetricDataQueries = append(in.MetricDataQueries, types.MetricDataQuery{
				Id: aws.String(fmt.Sprintf("%s%d", letter, i)), ReturnData: aws.Bool(true),
				MetricStat: &types.MetricStat{
					Period: aws.Int32(60), Stat: aws.String("Sum"),
					Metric: &types.Metric{
						Namespace: aws.String("AWS/SNS"), MetricName: aws.String(deliveryMetrics[letter]),
						Dimensions: []types.Dimension{{Name: aws.String("TopicName"), Value: aws.String(topic)}},
					},
				},
			})
		}
	}
	out, err := c.alarms(region).GetMetricData(ctx, in)
	if err != nil {
		return nil, collect.Explain("cloudwatch:GetMetricData", err)
	}
	sums := map[string]drill.Delivery{}
	for _, r := range out.MetricDataResults {
		var letter string
		var i int
		if _, err := fmt.Sscanf(aws.ToString(r.Id), "%1s%d", &letter, &i); err != nil || i < 0 || i >= len(topics) || len(r.Values) == 0 {
			continue
		}
		d := sums[topics[i]]
		for _, v := range r.Values {
			if letter == "d" {
				d.Delivered += v
			} else {
				d.Failed += v
			}
		}
		sums[topics[i]] = d
	}
	return sums, nil
}
