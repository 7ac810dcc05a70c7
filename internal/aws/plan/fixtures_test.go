package plan_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/patterns"
)

const (
	testAccount = "111122223333"
	testRegion  = "eu-central-1"
	group       = "/aws/cloudtrail/org"
	ourTopic    = "arn:aws:sns:eu-central-1:111122223333:monitorctl-alerts"
	theirTopic  = "arn:aws:sns:eu-central-1:111122223333:security"
)

var person = plan.Subscriber{Protocol: "email", Endpoint: "a@example.com"}

// baseline is the account of the judged situations, in which the core controls
// pass, as plan reads it: our topic was looked for and is not there.
func baseline(t *testing.T) account.Snapshot {
	t.Helper()
	f, err := os.Open("../../../testdata/judging/baseline.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	snap, err := account.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	home(&snap).Topics[ourTopic] = &account.Topic{ARN: ourTopic, Attributes: &account.Read[*account.TopicAttributes]{}}
	return snap
}

func home(s *account.Snapshot) *account.Region { return s.Accounts[0].Region(testRegion) }

func filterOf(s *account.Snapshot, name string) *account.MetricFilter {
	list := home(s).MetricFilters.Value
	return &list[slices.IndexFunc(list, func(f account.MetricFilter) bool { return f.Name == name })]
}

func alarmOf(s *account.Snapshot, name string) *account.MetricAlarm {
	list := home(s).Alarms.Value.Metric
	return &list[slices.IndexFunc(list, func(a account.MetricAlarm) bool { return a.Name == name })]
}

func dropFilter(s *account.Snapshot, name string) {
	r := home(s).MetricFilters
	r.Value = slices.DeleteFunc(r.Value, func(f account.MetricFilter) bool { return f.Name == name })
}

func dropAlarm(s *account.Snapshot, name string) {
	r := home(s).Alarms
	r.Value.Metric = slices.DeleteFunc(r.Value.Metric, func(a account.MetricAlarm) bool { return a.Name == name })
}

// ours adds our topic, tagged and with one confirmed subscriber.
func ours(s *account.Snapshot) {
	theirs := home(s).Topics[theirTopic]
	attrs := *theirs.Attributes.Value
	attrs.Policy = policy.TopicPolicy(ourTopic, testAccount, "aws", policy.Alarms)
	home(s).Topics[ourTopic] = &account.Topic{
		ARN: ourTopic, Attributes: &account.Read[*account.TopicAttributes]{Value: &attrs}, Subscriptions: theirs.Subscriptions,
		Tags: &account.Read[map[string]string]{Value: map[string]string{desired.ManagedTag: "true"}},
	}
}

// catalogOf returns the controls named, all core ones without names.
func catalogOf(t testing.TB, names ...string) []catalog.Control {
	t.Helper()
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	controls, err := cat.Select(names, "core", catalog.DefaultBenchmark)
	if err != nil {
		t.Fatal(err)
	}
	return controls
}

func planFor(t *testing.T, snap account.Snapshot, controls []catalog.Control, o plan.Options) change.Plan {
	t.Helper()
	if o.Audit.Benchmark == "" {
		o.Audit.Benchmark = catalog.DefaultBenchmark
	}
	o.Audit.Now = snap.TakenAt
	p, err := plan.For(context.Background(), snap, controls, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func lines(actions []change.Action) []string {
	var out []string
	for _, a := range actions {
		out = append(out, strings.TrimSuffix(a.String(), " ("+testRegion+")"))
	}
	return out
}
