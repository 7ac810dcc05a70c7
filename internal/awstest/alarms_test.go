package awstest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

// putAlarm is a request that works.
func putAlarm(name string) *cloudwatch.PutMetricAlarmInput {
	return &cloudwatch.PutMetricAlarmInput{
		AlarmName: &name, Namespace: aws.String("N"), MetricName: aws.String("M"), Statistic: types.StatisticSum, Period: aws.Int32(300),
		EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1), ComparisonOperator: types.ComparisonOperatorGreaterThanOrEqualToThreshold,
	}
}

func TestPutMetricAlarmErrors(t *testing.T) {
	l := newLab(t, awstest.Options{})
	client := l.cloudwatch()
	query := func(id, expression string, data *bool) types.MetricDataQuery {
		return types.MetricDataQuery{Id: &id, Expression: &expression, ReturnData: data}
	}
	math := func(in *cloudwatch.PutMetricAlarmInput, queries ...types.MetricDataQuery) {
		in.Namespace, in.MetricName, in.Statistic, in.Period = nil, nil, "", nil
		in.Metrics = queries
	}
	tests := map[string]func(in *cloudwatch.PutMetricAlarmInput){
		"long name":         func(in *cloudwatch.PutMetricAlarmInput) { in.AlarmName = aws.String(strings.Repeat("a", 256)) },
		"control character": func(in *cloudwatch.PutMetricAlarmInput) { in.AlarmName = aws.String("a\nb") },
		"long description":  func(in *cloudwatch.PutMetricAlarmInput) { in.AlarmDescription = aws.String(strings.Repeat("a", 1025)) },
		"six actions":       func(in *cloudwatch.PutMetricAlarmInput) { in.AlarmActions = make6(topicARN) },
		"action elsewhere": func(in *cloudwatch.PutMetricAlarmInput) {
			in.AlarmActions = []string{"arn:aws:sns:us-east-1:111122223333:t"}
		},
		"action without form": func(in *cloudwatch.PutMetricAlarmInput) { in.OKActions = []string{"me"} },
		"no metric":           func(in *cloudwatch.PutMetricAlarmInput) { in.MetricName = nil },
		"no namespace":        func(in *cloudwatch.PutMetricAlarmInput) { in.Namespace = nil },
		"no statistic":        func(in *cloudwatch.PutMetricAlarmInput) { in.Statistic = "" },
		"two statistics":      func(in *cloudwatch.PutMetricAlarmInput) { in.ExtendedStatistic = aws.String("p90") },
		"unknown statistic": func(in *cloudwatch.PutMetricAlarmInput) {
			in.Statistic, in.ExtendedStatistic = "", aws.String("median")
		},
		"period 7":   func(in *cloudwatch.PutMetricAlarmInput) { in.Period = aws.Int32(7) },
		"period 90":  func(in *cloudwatch.PutMetricAlarmInput) { in.Period = aws.Int32(90) },
		"over a day": func(in *cloudwatch.PutMetricAlarmInput) { in.EvaluationPeriods = aws.Int32(289) },
		"over a week": func(in *cloudwatch.PutMetricAlarmInput) {
			in.Period, in.EvaluationPeriods = aws.Int32(86400), aws.Int32(8)
		},
		"no periods":           func(in *cloudwatch.PutMetricAlarmInput) { in.EvaluationPeriods = aws.Int32(0) },
		"more M than N":        func(in *cloudwatch.PutMetricAlarmInput) { in.DatapointsToAlarm = aws.Int32(2) },
		"no threshold":         func(in *cloudwatch.PutMetricAlarmInput) { in.Threshold = nil },
		"band without metric":  func(in *cloudwatch.PutMetricAlarmInput) { in.ComparisonOperator = "GreaterThanUpperThreshold" },
		"unknown missing data": func(in *cloudwatch.PutMetricAlarmInput) { in.TreatMissingData = aws.String("bogus") },
		"low samples of a sum": func(in *cloudwatch.PutMetricAlarmInput) { in.EvaluateLowSampleCountPercentile = aws.String("ignore") },
		"unit":                 func(in *cloudwatch.PutMetricAlarmInput) { in.Unit = "Furlong" },
		"math and metric":      func(in *cloudwatch.PutMetricAlarmInput) { in.Metrics = []types.MetricDataQuery{query("e", "1", nil)} },
		"same id twice": func(in *cloudwatch.PutMetricAlarmInput) {
			math(in, query("e", "1", nil), query("e", "2", aws.Bool(false)))
		},
		"two results": func(in *cloudwatch.PutMetricAlarmInput) { math(in, query("e", "1", nil), query("f", "2", nil)) },
		"bad id":      func(in *cloudwatch.PutMetricAlarmInput) { math(in, query("E", "1", nil)) },
	}
	for name, edit := range tests {
		t.Run(name, func(t *testing.T) {
			in := putAlarm("a")
			edit(in)
			_, err := client.PutMetricAlarm(ctx, in)
			wantCode(t, err, "ValidationError")
		})
	}
	if out := get(client.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{}))(t); len(out.MetricAlarms) != 0 {
		t.Errorf("%d alarms were written", len(out.MetricAlarms))
	}
}

func make6(s string) []string { return []string{s, s, s, s, s, s} }

// TestUpdateKeepsState: an update replaces the configuration, keeps the state
// and ignores tags.
func TestUpdateKeepsState(t *testing.T) {
	l := newLab(t, awstest.Options{})
	client := l.cloudwatch()
	in := putAlarm("a")
	in.AlarmDescription, in.TreatMissingData, in.Tags = aws.String("old"), aws.String("breaching"), []types.Tag{{Key: aws.String("k"), Value: aws.String("old")}}
	get(client.PutMetricAlarm(ctx, in))(t)
	one := func() types.MetricAlarm {
		return get(client.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"a"}}))(t).MetricAlarms[0]
	}
	if a := one(); a.StateValue != "INSUFFICIENT_DATA" || *a.StateReason != "Unchecked: Initial alarm creation" || a.DatapointsToAlarm != nil || !*a.ActionsEnabled {
		t.Errorf("a new alarm is %+v", a)
	}
	l.cloud.Advance(time.Minute)
	if a := one(); a.StateValue != "ALARM" || !a.StateTransitionedTimestamp.Equal(start.Add(time.Minute)) {
		t.Errorf("without data the alarm is %s since %s", a.StateValue, a.StateTransitionedTimestamp)
	}
	l.cloud.Advance(10 * time.Second)
	again := putAlarm("a")
	again.Tags = []types.Tag{{Key: aws.String("k"), Value: aws.String("new")}}
	get(client.PutMetricAlarm(ctx, again))(t)
	a := one()
	if a.StateValue != "ALARM" || a.AlarmDescription != nil || a.TreatMissingData != nil || !a.AlarmConfigurationUpdatedTimestamp.Equal(start.Add(70*time.Second)) {
		t.Errorf("after the update the alarm is %+v", a)
	}
	if tags := get(client.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: a.AlarmArn}))(t).Tags; *tags[0].Value != "old" {
		t.Errorf("the tags became %v", tags)
	}
	get(client.TagResource(ctx, &cloudwatch.TagResourceInput{ResourceARN: a.AlarmArn, Tags: again.Tags}))(t)
	if tags := get(client.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: a.AlarmArn}))(t).Tags; *tags[0].Value != "new" {
		t.Errorf("the tags are %v", tags)
	}
}

func TestDescribeAlarms(t *testing.T) {
	l := newLab(t, awstest.Options{})
	client := l.cloudwatch()
	for _, name := range []string{"b", "a", "ab"} {
		in := putAlarm(name)
		in.AlarmActions = []string{topicARN}
		get(client.PutMetricAlarm(ctx, in))(t)
	}
	get(client.PutCompositeAlarm(ctx, &cloudwatch.PutCompositeAlarmInput{AlarmName: aws.String("any"), AlarmRule: aws.String(`ALARM("a") OR ALARM(arn:aws:cloudwatch:eu-central-1:111122223333:alarm:b)`)}))(t)
	get(client.SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{AlarmName: aws.String("b"), StateValue: "OK", StateReason: aws.String("x")}))(t)
	tests := []struct {
		name string
		in   cloudwatch.DescribeAlarmsInput
		want string
	}{
		{"default: metric alarms", cloudwatch.DescribeAlarmsInput{}, "a ab b"},
		{"both kinds", cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{"MetricAlarm", "CompositeAlarm"}}, "a ab b any"},
		{"names", cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"b", "nosuch"}}, "b"},
		{"prefix", cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String("a")}, "a ab"},
		{"state", cloudwatch.DescribeAlarmsInput{StateValue: "OK"}, "b"},
		{"action", cloudwatch.DescribeAlarmsInput{ActionPrefix: aws.String("arn:aws:sns:")}, "a ab b"},
		{"other action", cloudwatch.DescribeAlarmsInput{ActionPrefix: aws.String("arn:aws:ec2:")}, ""},
		{"parents", cloudwatch.DescribeAlarmsInput{ParentsOfAlarmName: aws.String("b")}, "any"},
		{"no parents", cloudwatch.DescribeAlarmsInput{ParentsOfAlarmName: aws.String("ab")}, ""},
		{"children", cloudwatch.DescribeAlarmsInput{ChildrenOfAlarmName: aws.String("any")}, "a b"},
		{"by one", cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(1), AlarmTypes: []types.AlarmType{"MetricAlarm", "CompositeAlarm"}}, "a ab any b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for p := cloudwatch.NewDescribeAlarmsPaginator(client, &tt.in); p.HasMorePages(); {
				out := get(p.NextPage(ctx))(t)
				for _, a := range out.MetricAlarms {
					got = append(got, *a.AlarmName)
				}
				for _, a := range out.CompositeAlarms {
					got = append(got, *a.AlarmName)
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
	_, err := client.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"a"}, AlarmNamePrefix: aws.String("a")})
	wantCode(t, err, "ValidationError")
	forMetric := func(in cloudwatch.DescribeAlarmsForMetricInput) int {
		in.Namespace, in.MetricName = aws.String("N"), aws.String("M")
		return len(get(client.DescribeAlarmsForMetric(ctx, &in))(t).MetricAlarms)
	}
	if n := forMetric(cloudwatch.DescribeAlarmsForMetricInput{}); n != 3 {
		t.Errorf("%d alarms watch the metric, want 3", n)
	}
	if n := forMetric(cloudwatch.DescribeAlarmsForMetricInput{Statistic: "Average"}); n != 0 {
		t.Errorf("%d alarms watch its average, want 0", n)
	}
	if n := forMetric(cloudwatch.DescribeAlarmsForMetricInput{Dimensions: []types.Dimension{{Name: aws.String("a"), Value: aws.String("b")}}}); n != 0 {
		t.Errorf("%d alarms watch it with a dimension, want 0", n)
	}
	if out := get(client.ListAlarmMuteRules(ctx, &cloudwatch.ListAlarmMuteRulesInput{}))(t); len(out.AlarmMuteRuleSummaries) != 0 {
		t.Errorf("got mute rules %v", out.AlarmMuteRuleSummaries)
	}
}

func TestDeleteAlarms(t *testing.T) {
	l := newLab(t, awstest.Options{})
	client := l.cloudwatch()
	get(client.PutMetricAlarm(ctx, putAlarm("a")))(t)
	get(client.PutMetricAlarm(ctx, putAlarm("b")))(t)
	get(client.PutCompositeAlarm(ctx, &cloudwatch.PutCompositeAlarmInput{AlarmName: aws.String("c"), AlarmRule: aws.String("ALARM(a)")}))(t)
	_, err := client.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"b", "nosuch"}})
	wantCode(t, err, "ResourceNotFound")
	_, err = client.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"a"}})
	wantCode(t, err, "ValidationError")
	get(client.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"a", "c"}}))(t)
	if got := get(client.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{"MetricAlarm", "CompositeAlarm"}}))(t); len(got.MetricAlarms) != 1 || len(got.CompositeAlarms) != 0 {
		t.Errorf("got %d and %d alarms", len(got.MetricAlarms), len(got.CompositeAlarms))
	}
}

// TestDrill: SetAlarmState runs the actions, and the next evaluation finds the
// true state again.
func TestDrill(t *testing.T) {
	c := newChain(t, awstest.Options{})
	client := c.cloudwatch()
	c.cloud.Advance(time.Minute)
	get(client.SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{AlarmName: aws.String("sg-alarm"), StateValue: "ALARM", StateReason: aws.String("a fire drill")}))(t)
	inbox := c.cloud.Inbox(reader)
	if len(inbox) != 1 || !strings.Contains(inbox[0].Body, "a fire drill") {
		t.Fatalf("the reader got %+v", inbox)
	}
	c.cloud.Advance(time.Minute)
	if got := c.home.AlarmState("sg-alarm"); got != awstest.StateOK {
		t.Errorf("a minute later the alarm is %s", got)
	}
	items := ""
	for _, i := range get(client.DescribeAlarmHistory(ctx, &cloudwatch.DescribeAlarmHistoryInput{AlarmName: aws.String("sg-alarm")}))(t).AlarmHistoryItems {
		items += fmt.Sprintf("%s %s\n", i.HistoryItemType, *i.HistorySummary)
	}
	want := "StateUpdate Alarm updated from ALARM to OK\n" +
		"Action Successfully executed action " + topicARN + "\n" +
		"StateUpdate Alarm updated from OK to ALARM\n" +
		"StateUpdate Alarm updated from INSUFFICIENT_DATA to OK\n" +
		"ConfigurationUpdate Alarm \"sg-alarm\" created\n"
	if items != want {
		t.Errorf("got history\n%swant\n%s", items, want)
	}
}

func TestFailedActionIsInTheHistory(t *testing.T) {
	c := newChain(t, awstest.Options{})
	must(t, c.home.DeleteTopic(topicARN))
	must(t, c.home.SetAlarmState("sg-alarm", awstest.StateAlarm, "test"))
	out := get(c.cloudwatch().DescribeAlarmHistory(ctx, &cloudwatch.DescribeAlarmHistoryInput{
		AlarmName: aws.String("sg-alarm"), HistoryItemType: types.HistoryItemTypeAction, MaxRecords: aws.Int32(1),
	}))(t)
	if len(out.AlarmHistoryItems) != 1 || *out.AlarmHistoryItems[0].HistorySummary != "Failed to execute action "+topicARN ||
		!strings.Contains(*out.AlarmHistoryItems[0].HistoryData, `"actionState":"Failed"`) {
		t.Errorf("got history %v", out.AlarmHistoryItems)
	}
}

// TestSettingsOfAlarms runs the same events through alarms with other settings.
func TestSettingsOfAlarms(t *testing.T) {
	tests := []struct {
		name string
		edit func(f *awstest.PutMetricFilterInput, a *awstest.PutMetricAlarmInput)
		told bool
	}{
		{"average with default is diluted", func(_ *awstest.PutMetricFilterInput, a *awstest.PutMetricAlarmInput) { a.Statistic = "Average" }, false},
		{"average without default", func(f *awstest.PutMetricFilterInput, a *awstest.PutMetricAlarmInput) {
			a.Statistic = "Average"
			f.MetricTransformations[0].DefaultValue = nil
		}, true},
		{"maximum", func(_ *awstest.PutMetricFilterInput, a *awstest.PutMetricAlarmInput) { a.Statistic = "Maximum" }, true},
		{"minimum with default", func(_ *awstest.PutMetricFilterInput, a *awstest.PutMetricAlarmInput) { a.Statistic = "Minimum" }, false},
		{"p100", func(_ *awstest.PutMetricFilterInput, a *awstest.PutMetricAlarmInput) {
			a.Statistic, a.ExtendedStatistic = "", "p100"
		}, true},
		{"p90, few samples ignored", func(f *awstest.PutMetricFilterInput, a *awstest.PutMetricAlarmInput) {
			a.Statistic, a.ExtendedStatistic, a.LowSamplePercentile = "", "p90", "ignore"
			f.MetricTransformations[0].DefaultValue = nil
		}, false},
		{"trimmed mean is not simulated", func(_ *awstest.PutMetricFilterInput, a *awstest.PutMetricAlarmInput) {
			a.Statistic, a.ExtendedStatistic = "", "tm90"
		}, false},
		{"2 of 2, missing data no breach", func(f *awstest.PutMetricFilterInput, a *awstest.PutMetricAlarmInput) {
			a.EvaluationPeriods = 2
			f.MetricTransformations[0].DefaultValue = nil
		}, false},
		{"2 of 2, missing data missing: by accident", func(f *awstest.PutMetricFilterInput, a *awstest.PutMetricAlarmInput) {
			a.EvaluationPeriods, a.TreatMissingData = 2, "missing"
			f.MetricTransformations[0].DefaultValue = nil
		}, true},
		{"1 of 3", func(_ *awstest.PutMetricFilterInput, a *awstest.PutMetricAlarmInput) {
			a.EvaluationPeriods, a.DatapointsToAlarm = 3, 1
		}, true},
		{"inverted operator", func(_ *awstest.PutMetricFilterInput, a *awstest.PutMetricAlarmInput) {
			a.ComparisonOperator = "LessThanThreshold"
		}, false},
		{"period of an hour", func(_ *awstest.PutMetricFilterInput, a *awstest.PutMetricAlarmInput) { a.Period = 3600 }, true},
		{"10 seconds", func(_ *awstest.PutMetricFilterInput, a *awstest.PutMetricAlarmInput) { a.Period = 10 }, true},
		{"math", func(_ *awstest.PutMetricFilterInput, a *awstest.PutMetricAlarmInput) {
			a.Metrics = []awstest.MetricDataQuery{
				{ID: "m1", MetricStat: &awstest.MetricStat{Metric: awstest.Metric{Namespace: namespace, MetricName: "SG"}, Period: 300, Stat: "Sum"}, ReturnData: new(false)},
				{ID: "e1", Expression: "FILL(m1, 0) * 2 - 1"},
			}
			a.Namespace, a.MetricName, a.Statistic, a.Period = "", "", "", 0
		}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newChain(t, awstest.Options{})
			tt.edit(&c.filter, &c.alarm)
			must(t, c.home.PutMetricFilter(c.filter))
			must(t, c.home.DeleteAlarms("sg-alarm"))
			must(t, c.home.PutMetricAlarm(c.alarm))
			c.cloud.Advance(2 * time.Minute)
			// Other events, in the same minute as ours.
			c.happens(home, "ec2.amazonaws.com", "DescribeInstances", 0)
			c.happens(home, "ec2.amazonaws.com", "DeleteSecurityGroup", 20*time.Second)
			c.happens(home, "ec2.amazonaws.com", "DescribeInstances", soon)
			told := false
			for _, m := range c.cloud.Inbox(reader) {
				told = told || m.State == "ALARM" && m.Time.After(start.Add(7*time.Minute-time.Second))
			}
			if told != tt.told {
				t.Errorf("told %v, want %v:\n%s", told, tt.told, story(c.cloud))
			}
		})
	}
}

// TestComposite: the alarm without action is carried by a composite, and a
// suppressor holds it back until it lets go.
func TestComposite(t *testing.T) {
	c := newChain(t, awstest.Options{})
	c.alarm.AlarmActions = nil
	must(t, c.home.PutMetricAlarm(c.alarm))
	quiet := c.alarm
	quiet.AlarmName, quiet.MetricName, quiet.TreatMissingData = "maintenance", "Nothing", "ignore"
	must(t, c.home.PutMetricAlarm(quiet))
	composite := awstest.PutCompositeAlarmInput{AlarmName: "any", AlarmRule: "ALARM(sg-alarm)", AlarmActions: []string{topicARN}, ActionsSuppressor: "maintenance"}
	must(t, c.home.PutCompositeAlarm(composite))
	c.happens(home, "ec2.amazonaws.com", "DeleteSecurityGroup", 7*time.Minute)
	if inbox := c.cloud.Inbox(reader); len(inbox) != 1 || inbox[0].Alarm != "any" {
		t.Fatalf("got %+v:\n%s", inbox, story(c.cloud))
	}
	c.cloud.Advance(time.Hour)
	must(t, c.home.SetAlarmState("maintenance", awstest.StateAlarm, "work"))
	c.happens(home, "ec2.amazonaws.com", "DeleteSecurityGroup", 7*time.Minute)
	described := get(c.cloudwatch().DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{"CompositeAlarm"}}))(t).CompositeAlarms[0]
	if n := len(c.cloud.Inbox(reader)); n != 1 || described.StateValue != "ALARM" || described.ActionsSuppressedBy != "Alarm" {
		t.Errorf("suppressed: %d messages, alarm %s, suppressed by %q", n, described.StateValue, described.ActionsSuppressedBy)
	}
	must(t, c.home.SetAlarmState("maintenance", awstest.StateOK, "done"))
	c.cloud.Advance(time.Minute)
	if n := len(c.cloud.Inbox(reader)); n != 2 {
		t.Errorf("after that there are %d messages, want 2", n)
	}
	_, err := c.cloudwatch().PutCompositeAlarm(ctx, &cloudwatch.PutCompositeAlarmInput{AlarmName: aws.String("x"), AlarmRule: aws.String("ALARM(nosuch)")})
	wantCode(t, err, "ValidationError")
	_, err = c.cloudwatch().PutCompositeAlarm(ctx, &cloudwatch.PutCompositeAlarmInput{AlarmName: aws.String("x"), AlarmRule: aws.String("ALARM(any")})
	wantCode(t, err, "ValidationError")
}

// TestCrossAccount: an alarm of one account notifies a topic of another, and a
// monitoring account's math alarm watches another account's metric.
func TestCrossAccount(t *testing.T) {
	c := newChain(t, awstest.Options{})
	central := c.cloud.Account("444455556666", awstest.AccountOptions{Regions: []string{home}})
	far := get(central.Region(home).CreateTopic(awstest.CreateTopicInput{Name: "central"}))(t)
	get(central.Region(home).Subscribe(awstest.SubscribeInput{TopicARN: far, Protocol: "sms", Endpoint: "+491701234567"}))(t)
	c.alarm.AlarmActions = []string{far}
	must(t, c.home.PutMetricAlarm(c.alarm))
	must(t, central.Region(home).PutMetricAlarm(awstest.PutMetricAlarmInput{
		AlarmName: "watch", EvaluationPeriods: 1, Threshold: new(1.0), ComparisonOperator: "GreaterThanOrEqualToThreshold", AlarmActions: []string{far},
		Metrics: []awstest.MetricDataQuery{{ID: "m1", AccountID: acctID,
			MetricStat: &awstest.MetricStat{Metric: awstest.Metric{Namespace: namespace, MetricName: "SG"}, Period: 300, Stat: "Sum"}}},
	}))
	c.happens(home, "ec2.amazonaws.com", "DeleteSecurityGroup", soon)
	if inbox := c.cloud.Inbox("+491701234567"); len(inbox) != 1 || inbox[0].Alarm != "watch" {
		t.Errorf("with the default policy the phone got %+v", inbox)
	}
	must(t, central.Region(home).SetTopicAttribute(far, "Policy", `{"Statement":[{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":"sns:Publish","Resource":"`+far+`","Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:cloudwatch:*:111122223333:alarm:*"}}}]}`))
	c.cloud.Advance(time.Hour)
	c.happens(home, "ec2.amazonaws.com", "DeleteSecurityGroup", soon)
	if inbox := c.cloud.Inbox("+491701234567"); len(inbox) != 2 || inbox[1].Alarm != "sg-alarm" {
		t.Errorf("with the alarm admitted the phone got %+v", inbox)
	}
}

// TestDeterminism: the same steps give the same story, and it does not matter
// in how many steps the clock advances.
func TestDeterminism(t *testing.T) {
	run := func(step time.Duration) string {
		c := newChain(t, awstest.Options{})
		for i := range 3 {
			c.happens("eu-west-1", "ec2.amazonaws.com", "DeleteSecurityGroup", 0)
			c.happens(home, "ec2.amazonaws.com", "DescribeInstances", 0)
			for range (time.Duration(i+1) * 17 * time.Minute) / step {
				c.cloud.Advance(step)
			}
		}
		return story(c.cloud) + fmt.Sprint(c.cloud.Inboxes()) + c.cloud.Now().String()
	}
	first := run(17 * time.Minute)
	for _, step := range []time.Duration{17 * time.Minute, time.Minute, 20 * time.Second, time.Second} {
		if got := run(step); got != first {
			t.Errorf("in steps of %s:\n%s\nfirst:\n%s", step, got, first)
		}
	}
}
