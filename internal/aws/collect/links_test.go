package collect

import (
	"slices"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/awstest"
)

// Who monitors an account is asked where its log groups are and only when somebody wants to
// know: all pages, and a refusal is a note.
func TestLinks(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.common()
	for range 6 { // a page has five
		l.home.LinkTo(l.cloud.Account("444455556666", awstest.AccountOptions{}), awstest.LinkMetrics, "AWS::XRay::Trace")
	}
	l.home.LinkTo(l.cloud.Account("777788889999", awstest.AccountOptions{}), "AWS::Logs::LogGroup")
	snap := l.collect(Options{Links: true})
	links, ok := l.region(snap, homeRegion).Links.Got()
	metrics := slices.DeleteFunc(slices.Clone(links), func(l account.Link) bool { return !l.Metrics })
	if !ok || len(links) != 7 || len(metrics) != 6 || l.cloud.CallCounts()["oam:ListLinks"] != 2 {
		t.Errorf("%d links, %d of them with metrics, %d calls", len(links), len(metrics), l.cloud.CallCounts()["oam:ListLinks"])
	}
	l.cloud.ResetCalls()
	if r := l.region(l.collect(Options{}), homeRegion); r.Links != nil || l.cloud.CallCounts()["oam:ListLinks"] != 0 {
		t.Errorf("nobody asked: %+v", r.Links)
	}
	l.cloud.Deny("oam:ListLinks")
	a := l.collect(Options{Links: true}).Accounts[0]
	if !slices.ContainsFunc(a.Notes, func(f account.Failure) bool {
		return f.Operation == "oam:ListLinks" && f.Code == "AccessDeniedException"
	}) {
		t.Errorf("notes: %+v", a.Notes)
	}
}

// An account that monitors others is read for the alarms that can be on their metrics, in
// the regions that are named, with their topics.
func TestMonitors(t *testing.T) {
	l := newLab(t, awstest.Options{})
	topic := l.topic(l.home, "alerts", confirmed)
	other := l.topic(l.home, "other", confirmed)
	one := 1.0
	l.must(l.home.PutMetricAlarm(awstest.PutMetricAlarmInput{
		AlarmName: "theirs", AlarmActions: []string{topic}, EvaluationPeriods: 1, Threshold: &one, ComparisonOperator: "GreaterThanOrEqualToThreshold",
		Metrics: []awstest.MetricDataQuery{{ID: "m", AccountID: "444455556666", MetricStat: &awstest.MetricStat{
			Metric: awstest.Metric{Namespace: namespace, MetricName: "M1"}, Stat: "Sum", Period: 300,
		}}},
	}))
	l.alarm(l.home, "own", "M2", other)
	r := l.region(l.collect(Options{Monitors: []string{homeRegion}}), homeRegion)
	list, ok := r.Alarms.Got()
	if !ok || len(list.Metric) != 2 || r.Topics[topic] == nil || r.Topics[other] != nil || r.ActionHistory == nil {
		t.Errorf("alarms %+v, topics %v", list.Metric, r.Topics)
	}
	if r := l.region(l.collect(Options{}), homeRegion); r.Alarms != nil {
		t.Error("alarms are read without a reason")
	}
}
