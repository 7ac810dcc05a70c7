package collect

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

const (
	acct      = "111122223333"
	topicA    = "arn:aws:sns:eu-central-1:111122223333:a"
	topicB    = "arn:aws:sns:eu-central-1:111122223333:b"
	topicC    = "arn:aws:sns:eu-central-1:111122223333:c"
	elsewhere = "arn:aws:sns:us-east-1:111122223333:a"
	lambda    = "arn:aws:lambda:eu-central-1:111122223333:function:f"
)

func TestAlarmTopics(t *testing.T) {
	filters := []account.MetricFilter{
		{LogGroup: "trail", Name: "f", Namespace: "N", Metric: "M"},
		{LogGroup: "app", Name: "f", Namespace: "N", Metric: "App"},
		{LogGroup: "trail", Name: "broken"},
	}
	plain := account.MetricAlarm{Name: "plain", Namespace: "N", Metric: "M", ActionsEnabled: true, AlarmActions: []string{topicA}}
	alarm := func(change func(*account.MetricAlarm)) account.Alarms {
		a := plain
		change(&a)
		return account.Alarms{Metric: []account.MetricAlarm{a}}
	}
	composite := func(rule string) account.Alarms {
		mute := plain
		mute.AlarmActions = nil
		return account.Alarms{
			Metric:    []account.MetricAlarm{mute},
			Composite: []account.CompositeAlarm{{Name: "above", Rule: rule, ActionsEnabled: true, AlarmActions: []string{topicB}}},
		}
	}
	tests := []struct {
		name   string
		alarms account.Alarms
		want   []string
	}{
		{"on the filter's metric", alarm(func(*account.MetricAlarm) {}), []string{topicA}},
		{"dimensions and unit play no part", alarm(func(a *account.MetricAlarm) { a.Dimensions = map[string]string{"d": "v"}; a.Unit = "Count" }), []string{topicA}},
		{"another metric", alarm(func(a *account.MetricAlarm) { a.Metric = "X" }), nil},
		{"another namespace", alarm(func(a *account.MetricAlarm) { a.Namespace = "X" }), nil},
		{"metric of a filter on another log group", alarm(func(a *account.MetricAlarm) { a.Metric = "App" }), nil},
		{"no metric is not the metric of a broken filter", alarm(func(a *account.MetricAlarm) { a.Namespace, a.Metric = "", "" }), nil},
		{"actions off", alarm(func(a *account.MetricAlarm) { a.ActionsEnabled = false }), nil},
		{"only actions that notify topics here", alarm(func(a *account.MetricAlarm) { a.AlarmActions = []string{lambda, elsewhere, topicC, "junk"} }), []string{topicC}},
		{"OK actions tell nobody of an alarm", alarm(func(a *account.MetricAlarm) { a.AlarmActions, a.OKActions = nil, []string{topicA} }), nil},
		{"metric math", alarm(func(a *account.MetricAlarm) {
			a.Namespace, a.Metric = "", ""
			a.Queries = []account.MetricQuery{{ID: "e", Expression: "FILL(m, 0)"}, {ID: "m", Namespace: "N", Metric: "M"}}
		}), []string{topicA}},
		{"metric math on another account's metric", alarm(func(a *account.MetricAlarm) {
			a.Namespace, a.Metric = "", ""
			a.Queries = []account.MetricQuery{{ID: "m", Namespace: "N", Metric: "M", AccountID: "999999999999"}}
		}), []string{topicA}}, // another account's chain may end here
		{"composite above", composite(`ALARM("plain")`), []string{topicB}},
		{"composite by ARN-like name", composite(`ALARM(arn:aws:cloudwatch:eu-central-1:111122223333:alarm:plain)`), []string{topicB}},
		{"composite of others", composite(`ALARM("other")`), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := alarmTopics(relevantAlarms(filters, []string{"trail"}, tt.alarms, acct), "eu-central-1")
			if !slices.Equal(got, tt.want) {
				t.Errorf("alarms %+v\n got %v\nwant %v", tt.alarms, got, tt.want)
			}
		})
	}
}

func TestCompositeOnComposite(t *testing.T) {
	list := account.Alarms{
		Metric: []account.MetricAlarm{{Name: `say "hi"`, Namespace: "N", Metric: "M"}},
		Composite: []account.CompositeAlarm{
			{Name: "3", Rule: `ALARM("2") OR FALSE`, ActionsEnabled: true, AlarmActions: []string{topicC}},
			{Name: "2", Rule: `ALARM("say \"hi\"")`, ActionsEnabled: false, AlarmActions: []string{topicA}},
			{Name: "loop", Rule: `ALARM("loop")`, ActionsEnabled: true, AlarmActions: []string{topicB}},
		},
	}
	filters := []account.MetricFilter{{LogGroup: "g", Namespace: "N", Metric: "M"}}
	got := alarmTopics(relevantAlarms(filters, []string{"g"}, list, acct), "eu-central-1")
	if want := []string{topicC}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A thousand composites in a chain are followed in bounded time.
func TestLongChainOfComposites(t *testing.T) {
	list := account.Alarms{Metric: []account.MetricAlarm{{Name: "<0>", Namespace: "N", Metric: "M"}}}
	const n = 1000
	for i := n; i > 0; i-- {
		list.Composite = append(list.Composite, account.CompositeAlarm{
			Name: fmt.Sprintf("<%d>", i), Rule: fmt.Sprintf("ALARM(<%d>)", i-1), ActionsEnabled: i == n, AlarmActions: []string{topicA},
		})
	}
	filters := []account.MetricFilter{{LogGroup: "g", Namespace: "N", Metric: "M"}}
	got := alarmTopics(relevantAlarms(filters, []string{"g"}, list, acct), "eu-central-1")
	if strings.Join(got, " ") != topicA {
		t.Errorf("got %v, want %s", got, topicA)
	}
}
