package cmd

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/patterns"
)

const (
	quietGroup = "sg-quiet"
	quietACL   = "nacl-quiet"
)

// alarmsToReplay creates metric filters for two controls, alarms on their metrics that do
// nothing by themselves, and alarms of every other kind over them, each with an address of
// its own.
func (l *cmdLab) alarmsToReplay() {
	all, err := catalog.Load(patterns.FS)
	l.must(err)
	controls, err := all.Select([]string{"security-group-changes", "nacl-changes"}, "", catalog.DefaultBenchmark)
	l.must(err)
	for i, metric := range []string{"SG", "NACL"} {
		l.must(l.region.PutMetricFilter(awstest.PutMetricFilterInput{
			LogGroupName: demoGroup, FilterName: metric, FilterPattern: controls[i].Writes(catalog.DefaultBenchmark).Text,
			MetricTransformations: []awstest.MetricTransformation{{MetricName: metric, MetricNamespace: "Security", MetricValue: "1", DefaultValue: new(0.0)}},
		}))
	}
	alarm := func(name string, metric string, period, n, m int32) awstest.PutMetricAlarmInput {
		return awstest.PutMetricAlarmInput{
			AlarmName: name, Namespace: "Security", MetricName: metric, Statistic: "Sum", Period: period, EvaluationPeriods: n, DatapointsToAlarm: m, Threshold: new(1.0),
			ComparisonOperator: "GreaterThanOrEqualToThreshold", TreatMissingData: "notBreaching",
		}
	}
	l.must(l.region.PutMetricAlarm(alarm(quietGroup, "SG", 300, 1, 1)))
	l.must(l.region.PutMetricAlarm(alarm(quietACL, "NACL", 600, 2, 1)))
	math := func(name, expression string, threshold float64, n, m int32) {
		in := alarm(name, "", 0, n, m)
		in.Namespace, in.Statistic, in.Threshold, in.AlarmActions = "", "", &threshold, []string{l.reader(name)}
		for i, metric := range []string{"SG", "NACL"} {
			in.Metrics = append(in.Metrics, awstest.MetricDataQuery{ID: fmt.Sprintf("m%d", i+1), ReturnData: new(false), MetricStat: &awstest.MetricStat{
				Metric: awstest.Metric{Namespace: "Security", MetricName: metric}, Period: 300, Stat: "Sum",
			}})
		}
		in.Metrics = append(in.Metrics, awstest.MetricDataQuery{ID: "e", Expression: expression})
		l.must(l.region.PutMetricAlarm(in))
	}
	math("sum", "m1 + m2", 2, 1, 1)
	math("filled", "FILL(m1, 0) * 2", 2, 3, 2)
	math("list", "MAX(METRICS())", 2, 2, 1)
	composite := func(name, rule string) {
		l.must(l.region.PutCompositeAlarm(awstest.PutCompositeAlarmInput{AlarmName: name, AlarmRule: rule, AlarmActions: []string{l.reader(name)}}))
	}
	composite("both", fmt.Sprintf("ALARM(%s) AND ALARM(%s)", quietGroup, quietACL))
	composite("either", fmt.Sprintf("ALARM(%s) OR ALARM(%s)", quietGroup, quietACL))
	composite("alone", fmt.Sprintf("ALARM(%s) AND NOT ALARM(%s)", quietGroup, quietACL))
	composite("outer", "ALARM(both) OR ALARM(filled)")
	composite("two", fmt.Sprintf("AT_LEAST(2, ALARM, (%s, %s, sum))", quietGroup, quietACL))
}

// reader subscribes an address to a topic of its own.
func (l *cmdLab) reader(name string) (topic string) {
	topic, err := l.region.CreateTopic(awstest.CreateTopicInput{Name: name})
	l.must(err)
	_, err = l.region.Subscribe(awstest.SubscribeInput{TopicARN: topic, Protocol: "email", Endpoint: name + "@example.com"})
	l.must(err)
	l.must(l.cloud.ConfirmEmail(name + "@example.com"))
	return topic
}

// TestReplayAlarmsAsDelivered: metric math and composite alarms do on a replay what the
// emulator's do while the same events happen, minute for minute.
func TestReplayAlarmsAsDelivered(t *testing.T) {
	l := newCmdLab(t)
	l.alarmsToReplay()
	random := rand.New(rand.NewPCG(17, 4))
	var records []string
	happens := func(name string) {
		raw := l.region.Event("ec2.amazonaws.com", name, nil)
		_, err := l.cloud.Emit(demoAccount, demoRegion, raw)
		l.must(err)
		records = append(records, string(raw))
	}
	l.cloud.Advance(10 * time.Second) // so that nothing happens at the turn of a minute
	start := l.cloud.Now().Truncate(time.Minute)
	const hours = 20
	for minute := range hours * 60 {
		if minute/60%5 != 4 || random.IntN(10) == 0 { // an hour of five is quiet: default values are missing there
			happens("DescribeInstances")
		}
		for _, name := range []string{"CreateSecurityGroup", "CreateNetworkAcl"} {
			if minute > 60 && random.IntN(25) == 0 {
				happens(name)
			}
		}
		l.cloud.Advance(time.Minute)
	}
	end := start.Add(hours * time.Hour)
	l.cloud.Advance(10 * time.Minute)
	file := filepath.Join(t.TempDir(), "trail.json")
	l.must(os.WriteFile(file, []byte(`{"Records":[`+strings.Join(records, ",")+`]}`), 0o600))
	args := []string{"replay", file, "--from", start.Format(time.RFC3339), "--to", end.Format(time.RFC3339), "--control", "security-group-changes", "-o", "json"}
	r := l.want(exit.Done, args...)
	var report struct {
		Controls []struct {
			Unknown []string
			Alarms  []struct{ Alarm, At, Silent string }
		}
	}
	l.must(json.Unmarshal([]byte(r.out), &report))
	replayed := map[string][]string{}
	for _, a := range report.Controls[0].Alarms {
		replayed[a.Alarm] = append(replayed[a.Alarm], a.At)
	}
	delivered := map[string][]string{}
	for _, list := range l.cloud.Inboxes() {
		for _, m := range list {
			// CloudTrail takes five minutes to the log group.
			if at := m.Time.Add(-5 * time.Minute); m.Alarm != "" && !at.After(end) {
				delivered[m.Alarm] = append(delivered[m.Alarm], at.Format(time.RFC3339))
			}
		}
	}
	names := slices.Sorted(maps.Keys(delivered))
	if want := []string{"alone", "both", "either", "filled", "list", "outer", "sum", "two"}; !slices.Equal(names, want) {
		t.Fatalf("alarms that went off: %v, want %v", names, want)
	}
	for name := range replayed {
		if delivered[name] == nil {
			t.Errorf("alarm %s was replayed, and nobody got a message of it", name)
		}
	}
	for _, name := range names {
		if !slices.Equal(delivered[name], replayed[name]) {
			t.Errorf("alarm %s\ndelivered %v\nreplayed  %v", name, delivered[name], replayed[name])
		}
	}
}
