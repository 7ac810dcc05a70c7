package apply

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/change"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/awstest"
)

const (
	acct     = "111122223333"
	region   = "eu-central-1"
	group    = "/cloudtrail/org"
	topicARN = "arn:aws:sns:eu-central-1:111122223333:monitorctl-alerts"
)

// A lab is a test account with a trail and a log group and nothing else, behind
// a real HTTP endpoint.
type lab struct {
	t     *testing.T
	cloud *awstest.Cloud
	home  *awstest.Region
	conf  collect.Config
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{t: t, cloud: awstest.New(awstest.Options{Start: noon()})}
	url, stop, err := l.cloud.Server()
	l.must(err)
	t.Cleanup(stop)
	a := l.cloud.Account(acct, awstest.AccountOptions{Regions: []string{region, "us-east-1"}})
	l.home = a.Region(region)
	_, err = l.home.Trail("org", group)
	l.must(err)
	id, secret := a.Credentials()
	l.conf = collect.Config{
		EndpointURL: url, Protocol: collect.CBOR, Keys: &collect.Keys{ID: id, Secret: secret},
		Retries: collect.Retries{Attempts: 4, MaxBackoff: time.Nanosecond},
	}
	return l
}

func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func (l *lab) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) session() *collect.Session {
	l.t.Helper()
	s, err := collect.Connect(context.Background(), l.conf)
	l.must(err)
	return s
}

// snapshot reads the account as plan would.
func (l *lab) snapshot() account.Snapshot {
	l.t.Helper()
	own := &collect.Own{Alarms: []string{"AAlarm", "BAlarm"}, Topics: []string{"monitorctl-alerts"}}
	snap, err := collect.Run(context.Background(), l.session(), collect.Options{Own: own, Salt: "5a17", Now: noon})
	l.must(err)
	return snap
}

// writes are the operations that have changed the account, in order, failed
// ones with their code.
func (l *lab) writes() []string {
	var list []string
	for _, c := range l.cloud.Calls() {
		switch {
		case c.Read:
		case c.Error != "":
			list = append(list, c.Operation+" "+c.Error)
		default:
			list = append(list, c.Operation)
		}
	}
	return list
}

// run carries the plan out over the wire.
func (l *lab) run(p change.Plan, o Options) (Result, error) {
	return Run(context.Background(), l.session(), p, o)
}

func tags() map[string]string { return map[string]string{desired.ManagedTag: "true", "team": "x"} }

func meta() change.Meta { return change.Meta{Account: acct, Region: region} }

func theTopic() action.CreateTopic {
	return action.CreateTopic{
		Meta: meta(), Topic: "monitorctl-alerts", ARN: topicARN, Policy: policy.TopicPolicy(topicARN, acct, "aws", policy.Alarms), Tags: tags(),
	}
}

func theSubscription() action.Subscribe {
	return action.Subscribe{Meta: meta(), TopicARN: topicARN, Protocol: "email", Endpoint: "someone@example.com"}
}

// filterOf is a filter as plan makes it: "A" or "B".
func filterOf(name string) action.PutFilter {
	zero := 0.0
	return action.PutFilter{Meta: meta(), Filter: account.MetricFilter{
		LogGroup: group, Name: name, Pattern: "{ ($.eventName = Create" + name + ") || ($.eventName = Delete" + name + ") }",
		Namespace: desired.DefaultNamespace, Metric: name + "Count", Value: "1", Default: &zero,
	}}
}

// alarmOf is an alarm on the metric of filterOf(name).
func alarmOf(name string) action.PutAlarm {
	one := 1.0
	return action.PutAlarm{Meta: meta(), Tags: tags(), Alarm: account.MetricAlarm{
		ARN:  "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:" + name + "Alarm",
		Name: name + "Alarm", Description: "Triggered by " + name + ".", ActionsEnabled: true, AlarmActions: []string{topicARN},
		Namespace: desired.DefaultNamespace, Metric: name + "Count", Statistic: "Sum", Period: 300, EvaluationPeriods: 1, DatapointsToAlarm: 1,
		Threshold: &one, Comparison: "GreaterThanOrEqualToThreshold", MissingData: "notBreaching",
	}}
}

// thePlan makes a topic with a subscriber and two filters with an alarm each.
func thePlan() change.Plan {
	return change.Plan{Actions: []change.Action{
		theTopic(), theSubscription(), filterOf("A"), filterOf("B"), alarmOf("A"), alarmOf("B"),
	}}
}

// allWrites are the calls that thePlan comes down to.
var allWrites = []string{
	"sns:CreateTopic", "sns:SetTopicAttributes", "sns:Subscribe",
	"logs:PutMetricFilter", "logs:PutMetricFilter", "cloudwatch:PutMetricAlarm", "cloudwatch:PutMetricAlarm",
}

// put writes a filter or alarm into the account as someone else would.
func (l *lab) putFilter(f account.MetricFilter) {
	l.t.Helper()
	l.must(l.home.PutMetricFilter(awstest.PutMetricFilterInput{
		LogGroupName: f.LogGroup, FilterName: f.Name, FilterPattern: f.Pattern,
		MetricTransformations: []awstest.MetricTransformation{{
			MetricName: f.Metric, MetricNamespace: f.Namespace, MetricValue: f.Value, DefaultValue: f.Default,
		}},
	}))
}

func (l *lab) putAlarm(a account.MetricAlarm, tags ...awstest.Tag) {
	l.t.Helper()
	l.must(l.home.PutMetricAlarm(awstest.PutMetricAlarmInput{
		AlarmName: a.Name, AlarmDescription: a.Description, AlarmActions: a.AlarmActions, Namespace: a.Namespace, MetricName: a.Metric,
		Statistic: a.Statistic, Period: a.Period, EvaluationPeriods: a.EvaluationPeriods, DatapointsToAlarm: a.DatapointsToAlarm,
		Threshold: a.Threshold, ComparisonOperator: a.Comparison, TreatMissingData: a.MissingData, Tags: tags,
	}))
}

var managed = awstest.Tag{Key: desired.ManagedTag, Value: "true"}

func diff(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// names shows actions as short words: "topic", "subscribe", "filter A", "alarm A".
func names(actions []change.Action) []string {
	var list []string
	for _, a := range actions {
		switch a := a.(type) {
		case action.CreateTopic:
			list = append(list, "topic")
		case action.Subscribe:
			list = append(list, "subscribe")
		case action.PutFilter:
			list = append(list, "filter "+a.Filter.Name)
		case action.PutAlarm:
			list = append(list, "alarm "+a.Alarm.Name)
		default:
			list = append(list, fmt.Sprintf("%T", a))
		}
	}
	return list
}

// plain returns what is the same in two accounts that were brought to the same
// point in different ways: everything but times and subscription ids.
func plain(s account.Snapshot) account.Snapshot {
	r := s.Accounts[0].Region(region)
	list, _ := r.Alarms.Got()
	for i := range list.Metric {
		list.Metric[i].TransitionAt, list.Metric[i].UpdatedAt, list.Metric[i].StateReason = nil, nil, ""
	}
	for _, t := range r.Topics {
		subs, _ := t.Subscriptions.Got()
		for i := range subs {
			subs[i].ARN = ""
		}
		slices.SortFunc(subs, func(a, b account.Subscription) int { return slices.Compare([]string{a.Endpoint}, []string{b.Endpoint}) })
	}
	return s
}
