package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
)

// TestDestroy removes what a plan has made, and only that.
func TestDestroy(t *testing.T) {
	const filter, alarm = "SecurityGroupConfigChanges", "SecurityGroupConfigChangesAlarm"
	all := []string{
		"delete alarm " + alarm, "delete metric filter " + filter + " on " + group,
		"delete metric filter " + filter + "Supplement1 on " + group, "delete topic monitorctl-alerts",
	}
	without := func(names ...string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(s string) bool {
			return slices.ContainsFunc(names, func(n string) bool { return strings.Contains(s+" ", n+" ") })
		})
	}
	tests := []struct {
		name   string
		change func(*account.Snapshot)
		want   []string
		left   string // part of what is left; "" for nothing
	}{
		{"as it was made", func(*account.Snapshot) {}, all, ""},
		{"edited alarm", func(s *account.Snapshot) { alarmOf(s, alarm).Period = 60 }, nil, "which stays, watches its metric"},
		{"alarm without our tag", func(s *account.Snapshot) { home(s).AlarmTags[alarm].Value = nil }, nil, "which lacks the tag monitorctl:managed=true, watches its metric"},
		{"no alarm: an apply that was cut short", func(s *account.Snapshot) { home(s).Alarms.Value.Metric = nil }, without(alarm), ""},
		{"a foreign alarm on our metric too", func(s *account.Snapshot) {
			other := *alarmOf(s, alarm)
			other.Name, other.AlarmActions = "other", nil
			home(s).Alarms.Value.Metric = append(home(s).Alarms.Value.Metric, other)
		}, without(filter, filter+"Supplement1"), "alarm other, which"},
		{"alarm whose tags are denied", func(s *account.Snapshot) {
			home(s).AlarmTags[alarm] = &account.Read[map[string]string]{Failure: &account.Failure{Operation: "cloudwatch:ListTagsForResource", Code: "AccessDenied"}}
		}, nil, "cloudwatch:ListTagsForResource failed: AccessDenied"},
		{"edited filter", func(s *account.Snapshot) { filterOf(s, filter).Value = "2" }, without(filter), "it was edited"},
		{"foreign pattern under our name", func(s *account.Snapshot) { filterOf(s, filter).Pattern = "ERROR" }, without(filter), "was not created by monitorctl"},
		{"filter with a name like a supplement's", func(s *account.Snapshot) { filterOf(s, filter+"Supplement1").Name = filter + "SupplementX" }, without(filter + "Supplement1"), ""},
		{"a foreign alarm on our topic", func(s *account.Snapshot) { alarmOf(s, "nacl").AlarmActions = []string{ourTopic} }, without("topic monitorctl-alerts"), "alarm nacl notifies it"},
		{"a foreign composite on our topic", func(s *account.Snapshot) {
			home(s).Alarms.Value.Composite = []account.CompositeAlarm{{Name: "any", AlarmActions: []string{ourTopic}}}
		}, without("topic monitorctl-alerts"), "alarm any notifies it"},
		{"edited policy", func(s *account.Snapshot) { home(s).Topics[ourTopic].Attributes.Value.Policy = "{}" }, without("topic monitorctl-alerts"), "its policy was edited"},
		{"topic without our tag", func(s *account.Snapshot) { home(s).Topics[ourTopic].Tags.Value = nil }, without("topic monitorctl-alerts"), "it lacks the tag"},
		{"alarms are unreadable", func(s *account.Snapshot) {
			home(s).Alarms = &account.Read[account.Alarms]{Failure: &account.Failure{Operation: "cloudwatch:DescribeAlarms", Code: "AccessDenied"}}
		}, nil, "cloudwatch:DescribeAlarms failed: AccessDenied"},
		{"filters are unreadable", func(s *account.Snapshot) {
			home(s).MetricFilters = &account.Read[[]account.MetricFilter]{Failure: &account.Failure{Operation: "logs:DescribeMetricFilters", Code: "AccessDenied"}}
		}, without(filter, filter+"Supplement1"), "logs:DescribeMetricFilters failed: AccessDenied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			snap := baseline(t)
			dropFilter(&snap, "security-group")
			sg := catalogOf(t, "security-group-changes")
			p := planFor(t, snap, sg, plan.Options{Subscribers: []plan.Subscriber{person}, Complete: true})
			after, err := plan.Simulate(snap, p.Actions, true)
			if err != nil {
				t.Fatal(err)
			}
			tt.change(&after)
			r := plan.Destroy(after, sg, plan.Options{})
			if got := lines(r.Actions); !slices.Equal(got, tt.want) {
				t.Errorf("actions:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			var left []string
			for _, l := range r.Left {
				left = append(left, l.Object+": "+l.Why)
			}
			if all := strings.Join(left, "\n"); tt.left == "" && all != "" || !strings.Contains(all, tt.left) {
				t.Errorf("left:\n%s\nwant %q", all, tt.left)
			}
		})
	}
}

// Other names are not touched, and neither are objects under our names in an
// account that monitorctl never saw.
func TestDestroyByName(t *testing.T) {
	snap := baseline(t)
	dropFilter(&snap, "nacl")
	nacl := catalogOf(t, "nacl-changes")
	p := planFor(t, snap, nacl, plan.Options{NamePrefix: "x-"})
	after, err := plan.Simulate(snap, p.Actions, true)
	if err != nil {
		t.Fatal(err)
	}
	if r := plan.Destroy(after, nacl, plan.Options{NamePrefix: "y-", TopicName: "other"}); len(r.Actions)+len(r.Left) > 0 {
		t.Errorf("another prefix: %v, left %v", lines(r.Actions), r.Left)
	}
	if r := plan.Destroy(after, nacl, plan.Options{NamePrefix: "x-"}); len(r.Actions) != 3 {
		t.Errorf("the prefix: %v, left %v, want alarm, filter, topic", lines(r.Actions), r.Left)
	}
	if r := plan.Destroy(baseline(t), catalogOf(t), plan.Options{}); len(r.Actions)+len(r.Left) > 0 {
		t.Errorf("a foreign account: %v, left %v", lines(r.Actions), r.Left)
	}
}

// TestDestroyIsJudged lays a destroy over the account that a plan makes: what is
// left is the account before, in everything that is judged.
func TestDestroyIsJudged(t *testing.T) {
	snap := baseline(t)
	dropFilter(&snap, "security-group")
	sg := catalogOf(t, "security-group-changes")
	o := plan.Options{Subscribers: []plan.Subscriber{person}, Complete: true}
	p := planFor(t, snap, sg, o)
	made, err := plan.Simulate(snap, p.Actions, true)
	if err != nil {
		t.Fatal(err)
	}
	r := plan.Destroy(made, sg, plan.Options{})
	gone, err := plan.Simulate(made, r.Actions, false)
	if err != nil || len(r.Left) > 0 {
		t.Fatalf("left %v, %v", r.Left, err)
	}
	for what, pair := range map[string][2]any{
		"filters": {home(&snap).MetricFilters.Value, home(&gone).MetricFilters.Value},
		"alarms":  {home(&snap).Alarms.Value, home(&gone).Alarms.Value},
	} {
		if d := cmp.Diff(pair[0], pair[1]); d != "" {
			t.Errorf("%s (-before +destroyed):\n%s", what, d)
		}
	}
	if topic := home(&gone).Topics[ourTopic]; topic == nil || topic.Attributes == nil || topic.Attributes.Value != nil {
		t.Errorf("topic: %+v, want one that was looked for and is not there", topic)
	}
	if again := planFor(t, gone, sg, o); !slices.Equal(lines(again.Actions), lines(p.Actions)) {
		t.Errorf("the plan after destroy: %v, want %v", lines(again.Actions), lines(p.Actions))
	}
}
