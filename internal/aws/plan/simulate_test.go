package plan_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/change"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

func encoded(tb testing.TB, snap account.Snapshot) string {
	tb.Helper()
	var b bytes.Buffer
	if err := account.Encode(&b, snap); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// TestSimulateLeavesTheSnapshotAlone carries out every kind of action on paper,
// twice, and demands that the snapshot is as before and that the result is not.
func TestSimulateLeavesTheSnapshotAlone(t *testing.T) {
	snap := baseline(t)
	region := snap.Accounts[0].Regions[0].Name
	meta := change.Meta{Account: snap.Accounts[0].ID, Region: region}
	home := snap.Accounts[0].Region(region)
	var topic string
	for arn, t := range home.Topics {
		if t.Attributes.Value != nil {
			topic = arn
		}
	}
	filter := home.MetricFilters.Value[0]
	alarm := home.Alarms.Value.Metric[0]
	edited, fresh := filter, filter
	edited.Pattern, fresh.Name = "{ $.a = 1 }", "new"
	quiet, more := alarm, alarm
	quiet.ActionsEnabled, more.Name = false, "new"
	actions := map[string]change.Action{
		"a new topic":      action.CreateTopic{Meta: meta, ARN: topic + "-new", Policy: "{}"},
		"a finished topic": action.CreateTopic{Meta: meta, ARN: topic, Policy: "{}"},
		"a policy":         action.SetTopicPolicy{Meta: meta, TopicARN: topic, Policy: "{}"},
		"a subscriber":     action.Subscribe{Meta: meta, TopicARN: topic, Protocol: "email", Endpoint: "b@example.com"},
		"a machine":        action.Subscribe{Meta: meta, TopicARN: topic, Protocol: "sqs", Endpoint: "arn:aws:sqs:eu-central-1:111122223333:q"},
		"a filter":         action.PutFilter{Meta: meta, Filter: fresh},
		"an edited filter": action.PutFilter{Meta: meta, Filter: edited},
		"an alarm":         action.PutAlarm{Meta: meta, Alarm: more, Tags: map[string]string{"a": "b"}},
		"an edited alarm":  action.PutAlarm{Meta: meta, Alarm: quiet},
		"no alarm":         action.DeleteAlarm{Meta: meta, Alarm: alarm},
		"no filter":        action.DeleteFilter{Meta: meta, Filter: filter},
		"no subscriber":    action.Unsubscribe{Meta: meta, TopicARN: topic, ARN: home.Topics[topic].Subscriptions.Value[0].ARN},
		"no topic":         action.DeleteTopic{Meta: meta, ARN: topic},
	}
	before := encoded(t, snap)
	for name, a := range actions {
		for _, confirm := range []bool{false, true} {
			after, err := plan.Simulate(snap, []change.Action{a, a}, confirm)
			if err != nil {
				t.Fatal(err)
			}
			if got := encoded(t, snap); got != before {
				t.Fatalf("%s changes the snapshot that was given", name)
			}
			if encoded(t, after) == before {
				t.Errorf("%s changes nothing", name)
			}
		}
	}
}

// BenchmarkFor plans over accounts in which nothing is alerted to.
func BenchmarkFor(b *testing.B) {
	controls := catalogOf(b, "network-gateway-changes", "security-group-changes", "nacl-changes", "guardduty-changes")
	for _, n := range []int{1, 10, 80} {
		var snap account.Snapshot
		for i := range n {
			one := accountNumber(b, i)
			snap.TakenAt, snap.Salt = one.TakenAt, one.Salt
			snap.Accounts = append(snap.Accounts, one.Accounts...)
		}
		o := plan.Options{Audit: audit.Options{Benchmark: catalog.DefaultBenchmark, Now: snap.TakenAt}}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, err := plan.For(context.Background(), snap, controls, o)
				if err != nil || len(p.Actions) < n {
					b.Fatalf("%d actions, %v", len(p.Actions), err)
				}
			}
		})
	}
}

// accountNumber is the baseline as another account, without filters and alarms.
func accountNumber(tb testing.TB, i int) account.Snapshot {
	tb.Helper()
	data, err := os.ReadFile("../../../testdata/judging/baseline.json")
	if err != nil {
		tb.Fatal(err)
	}
	text := strings.ReplaceAll(string(data), "111122223333", fmt.Sprintf("%012d", 100000000000+i))
	snap, err := account.Decode(strings.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	home := &snap.Accounts[0].Regions[0]
	home.MetricFilters.Value, home.Alarms.Value = nil, account.Alarms{}
	return snap
}

// TestClosesOnce names a control once in an action that serves it twice.
func TestClosesOnce(t *testing.T) {
	snap := baseline(t)
	dropFilter(&snap, "security-group")
	p := planFor(t, snap, catalogOf(t, "security-group-changes"), plan.Options{Subscribers: []plan.Subscriber{person}, Complete: true})
	for _, a := range p.Actions {
		if got := a.Common().Closes; len(got) != 1 || got[0] != "security-group-changes" {
			t.Errorf("%s closes %v", a, got)
		}
	}
}
