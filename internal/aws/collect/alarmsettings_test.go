package collect

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Settings that decide whether an alarm fires and that the snapshot has no field
// for are named, unless they are at their defaults.
func TestUnknownSettings(t *testing.T) {
	tests := []struct {
		name  string
		alarm types.MetricAlarm
		want  []string
		promQ string
	}{
		{"none", types.MetricAlarm{}, nil, ""},
		{"usual interval", types.MetricAlarm{EvaluationInterval: aws.Int32(60)}, nil, ""},
		{"shorter interval", types.MetricAlarm{EvaluationInterval: aws.Int32(10)}, nil, ""},
		{"longer interval", types.MetricAlarm{EvaluationInterval: aws.Int32(600)}, []string{"EvaluationInterval"}, ""},
		{"sliding window", types.MetricAlarm{EvaluationWindow: &types.EvaluationWindowMemberSlidingWindow{}}, nil, ""},
		{"wall clock window", types.MetricAlarm{EvaluationWindow: &types.EvaluationWindowMemberWallClockWindow{}}, []string{"EvaluationWindow"}, ""},
		{"warm-up", types.MetricAlarm{WarmUpConfiguration: &types.WarmUpConfiguration{WarmUpPeriodDurationInMinutes: aws.Int32(5)}}, []string{"WarmUpConfiguration"}, ""},
		{"PromQL", types.MetricAlarm{EvaluationCriteria: &types.EvaluationCriteriaMemberPromQLCriteria{
			Value: types.AlarmPromQLCriteria{Query: aws.String("up == 0")},
		}}, []string{"EvaluationCriteria"}, "up == 0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := alarmFrom(tt.alarm)
			if !slices.Equal(got.Unknown, tt.want) || got.PromQL != tt.promQ {
				t.Errorf("got %v and query %q, want %v and %q", got.Unknown, got.PromQL, tt.want, tt.promQ)
			}
		})
	}
}

// What DescribeAlarmHistory says of an action, in the forms in which it comes.
func TestActionFrom(t *testing.T) {
	item := func(summary, data string) types.AlarmHistoryItem {
		return types.AlarmHistoryItem{AlarmName: aws.String("a"), HistorySummary: aws.String(summary), HistoryData: aws.String(data)}
	}
	const topic = "arn:aws:sns:eu-central-1:111122223333:t"
	tests := []struct {
		name, summary, data string
		failed              bool
		resource, message   string
	}{
		{"succeeded", "Successfully executed action " + topic, `{"actionState":"Succeeded","notificationResource":"` + topic + `","error":null}`, false, topic, ""},
		{"failed", "Failed to execute action " + topic + ". Received error: \"x\"", `{"actionState":"Failed","notificationResource":"` + topic + `","error":"not authorized"}`, true, topic, "not authorized"},
		{"failed, data of another form", "Failed to execute action " + topic, `[]`, true, topic, "Failed to execute action " + topic},
		{"failed, by the data only", "?", `{"actionState":"Failed"}`, true, "", "?"},
		{"no data", "Successfully executed action " + topic + ".", "", false, topic, ""},
		{"nothing said", "", "", false, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ActionFrom(item(tt.summary, tt.data))
			if got.Alarm != "a" || got.Failed != tt.failed || got.Resource != tt.resource || got.Message != tt.message {
				t.Errorf("got %+v", got)
			}
		})
	}
}
