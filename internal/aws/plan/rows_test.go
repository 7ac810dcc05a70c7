package plan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/desired"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// TestRowsFromTheOtherSide holds the decision table where a
// neighbouring row, or none, applies: what looks like the row but is not.
func TestRowsFromTheOtherSide(t *testing.T) {
	const (
		newFilter = "create metric filter SecurityGroupConfigChanges on " + group
		newAlarm  = "create alarm SecurityGroupConfigChangesAlarm on CloudTrailMetrics/SecurityGroupEventCount"
		beside    = "create alarm SecurityGroupConfigChangesAlarm on Security/security-group-events"
	)
	told := plan.Options{Subscribers: []plan.Subscriber{person}}
	tests := []struct {
		name   string
		change func(*account.Snapshot)
		o      plan.Options
		want   []string
	}{
		// no covering filter, or a foreign one with a gap
		{"a filter with a gap whose lost calls failed anyway", func(s *account.Snapshot) {
			f := filterOf(s, "security-group")
			f.Pattern = "{ ($.errorCode NOT EXISTS) && (" + strings.Trim(f.Pattern, "{} ") + ") }"
		}, told, nil},
		{"a filter that leaves out one address is a person's choice", func(s *account.Snapshot) {
			f := filterOf(s, "security-group")
			f.Pattern = "{ (" + strings.Trim(f.Pattern, "{} ") + ") && ($.sourceIPAddress != 198.51.100.7) }"
		}, told, nil},
		{"two filters that cover together on one metric", func(s *account.Snapshot) {
			f := filterOf(s, "security-group")
			half := *f
			f.Pattern = "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) }"
			half.Name, half.Pattern = "security-group-2", "{ ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }"
			home(s).MetricFilters.Value = append(home(s).MetricFilters.Value, half)
		}, told, nil},
		{"the covering filter is on a log group that no trail feeds", func(s *account.Snapshot) {
			ours(s)
			filterOf(s, "security-group").LogGroup = "/dead"
		}, plan.Options{}, []string{newFilter, newAlarm}},

		// covering filter, nothing alarms its metric
		{"an alarm of that metric's name in another namespace is none", func(s *account.Snapshot) {
			ours(s)
			alarmOf(s, "security-group").Namespace = "Elsewhere"
		}, plan.Options{}, []string{beside}},
		{"another filter makes the metric noisy", func(s *account.Snapshot) {
			ours(s)
			dropAlarm(s, "security-group")
			noise := *filterOf(s, "security-group")
			noise.Name, noise.Pattern = "noise", "{ $.eventSource = * }"
			home(s).MetricFilters.Value = append(home(s).MetricFilters.Value, noise)
		}, plan.Options{}, []string{newFilter, newAlarm}},

		// alarm without a good action, with wrong settings
		{"a second alarm on the metric is good", func(s *account.Snapshot) {
			good := *alarmOf(s, "security-group")
			good.Name = "good"
			home(s).Alarms.Value.Metric = append(home(s).Alarms.Value.Metric, good)
			alarmOf(s, "security-group").ActionsEnabled = false
		}, told, nil},
		{"odd but telling settings are a person's", func(s *account.Snapshot) { alarmOf(s, "security-group").Period = 60 }, told, nil},

		// topic without confirmed subscriber
		{"one confirmed subscriber is enough", func(s *account.Snapshot) {
			subs := home(s).Topics[theirTopic].Subscriptions
			subs.Value = append(subs.Value, account.Subscription{State: account.Pending, Protocol: "email", EndpointHash: "x"})
		}, told, nil},
		{"a topic of another account is not ours to subscribe to", func(s *account.Snapshot) {
			ours(s)
			elsewhere := strings.Replace(theirTopic, testAccount, "999999999999", 1)
			other := *home(s).Topics[theirTopic]
			attrs := *other.Attributes.Value
			attrs.Owner, attrs.Policy = "999999999999", strings.ReplaceAll(attrs.Policy, theirTopic, elsewhere)
			other.ARN, other.Attributes, other.Subscriptions = elsewhere, &account.Read[*account.TopicAttributes]{Value: &attrs}, &account.Read[[]account.Subscription]{}
			home(s).Topics[elsewhere] = &other
			alarmOf(s, "security-group").AlarmActions = []string{elsewhere}
		}, plan.Options{}, []string{beside}},

		// trail and log group
		{"a trail that is stopped beside one that carries", func(s *account.Snapshot) {
			ours(s)
			dropFilter(s, "security-group")
			stopped := s.Accounts[0].Trails[0]
			stopped.ARN, stopped.Name = stopped.ARN+"2", "stopped"
			stopped.Status = &account.Read[account.TrailStatus]{Value: account.TrailStatus{}}
			s.Accounts[0].Trails = append(s.Accounts[0].Trails, stopped)
		}, plan.Options{}, []string{newFilter, newAlarm}},
		{"a log group that is gone", func(s *account.Snapshot) {
			home(s).LogGroups[group] = &account.Read[*account.LogGroup]{}
			dropFilter(s, "security-group")
		}, told, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			snap := baseline(t)
			tt.change(&snap)
			p := planFor(t, snap, catalogOf(t, "security-group-changes"), tt.o)
			if got := lines(p.Actions); !slices.Equal(got, tt.want) || len(p.Conflicts) > 0 {
				t.Errorf("actions:\n%s\nwant:\n%s\nconflicts %+v\nbefore: %s %v", strings.Join(got, "\n"), strings.Join(tt.want, "\n"), p.Conflicts,
					p.Before.Findings[0].Status, p.Before.Findings[0].Reasons)
			}
			// Where nothing is planned, someone is told, unless only a person can mend it.
			if s := p.Before.Findings[0].Status; len(tt.want) == 0 && s != finding.Pass && s != finding.Warn && len(p.Manual) == 0 {
				t.Errorf("nothing is planned or said, and the finding is %s", s)
			}
			again(t, snap, p, tt.o)
		})
	}
}

// TestExtendOnlyOurs holds the row of our own filter from the other side: a text
// of the version in use, or of another that covers it, stays; a text that nobody
// shipped is someone else's.
func TestExtendOnlyOurs(t *testing.T) {
	sg := catalogOf(t, "security-group-changes")[0]
	with := func(pattern string) account.Snapshot {
		snap := baseline(t)
		ours(&snap)
		dropFilter(&snap, "security-group")
		after, err := plan.Simulate(snap, planFor(t, snap, []catalog.Control{sg}, plan.Options{}).Actions, true)
		if err != nil {
			t.Fatal(err)
		}
		filterOf(&after, sgFilter).Pattern = pattern
		return after
	}
	newer, older := sg.Writes("cis-5.0.0").Text, sg.Writes("cis-3.0.0").Text
	for _, tt := range []struct {
		name, pattern string
		benchmark     catalog.Benchmark
		want          int // actions
		conflict      bool
	}{
		{"the version's own text", older, "cis-3.0.0", 0, false},
		{"a newer text covers the older version", newer, "cis-3.0.0", 0, false},
		{"an older text is extended", older, "cis-5.0.0", 1, false},
		{"a text that nobody shipped", "{ $.eventName = CreateSecurityGroup }", "cis-5.0.0", 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := planFor(t, with(tt.pattern), []catalog.Control{sg}, plan.Options{Audit: audit.Options{Benchmark: tt.benchmark}})
			if len(p.Conflicts) > 0 != tt.conflict || !tt.conflict && len(p.Actions) != tt.want {
				t.Errorf("actions %v, conflicts %+v", lines(p.Actions), p.Conflicts)
			}
		})
	}
}

// TestForeignUnderEveryName puts someone else's filter and alarm under the
// names of every control, and a topic: each is a conflict, and named.
func TestForeignUnderEveryName(t *testing.T) {
	cat := catalogOf(t)
	snap := baseline(t)
	home(&snap).MetricFilters.Value, home(&snap).Alarms.Value.Metric = nil, nil
	home(&snap).AlarmTags = map[string]*account.Read[map[string]string]{}
	one := 1.0
	for _, c := range cat {
		home(&snap).MetricFilters.Value = append(home(&snap).MetricFilters.Value, account.MetricFilter{
			LogGroup: group, Name: c.Names.Filter, Pattern: "ERROR", Namespace: "Theirs", Metric: c.ID, Value: "1",
		})
		home(&snap).Alarms.Value.Metric = append(home(&snap).Alarms.Value.Metric, account.MetricAlarm{
			Name: c.Names.Alarm, ARN: "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:" + c.Names.Alarm, Namespace: "Theirs", Metric: "m", Statistic: "Sum",
			Period: 300, EvaluationPeriods: 1, Threshold: &one, Comparison: "GreaterThanThreshold", State: "OK",
		})
		home(&snap).AlarmTags[c.Names.Alarm] = &account.Read[map[string]string]{}
	}
	ours(&snap)
	home(&snap).Topics[ourTopic].Tags = &account.Read[map[string]string]{}
	p := planFor(t, snap, cat, plan.Options{Subscribers: []plan.Subscriber{person}})
	var names []string
	for _, x := range p.Conflicts {
		names = append(names, x.Name)
	}
	for _, c := range cat {
		for _, name := range []string{c.Names.Filter, c.Names.Alarm} {
			if !slices.Contains(names, name) {
				t.Errorf("%s is foreign and no conflict: %v", name, names)
			}
		}
	}
	if !slices.Contains(names, desired.DefaultTopicName) || len(names) != 2*len(cat)+1 {
		t.Errorf("conflicts: %v", names)
	}
	if p.After.Summary() != p.Before.Summary() {
		t.Errorf("a plan with conflicts changes the verdict to %+v", p.After.Summary())
	}
}
