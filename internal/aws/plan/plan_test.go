package plan_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// TestDecisionTable holds the plan to its decision table, row by row.
func TestDecisionTable(t *testing.T) {
	const (
		newTopic  = "create topic monitorctl-alerts"
		subscribe = "subscribe email a@example.com to topic monitorctl-alerts"
		newFilter = "create metric filter SecurityGroupConfigChanges on " + group
		newAlarm  = "create alarm SecurityGroupConfigChangesAlarm on CloudTrailMetrics/SecurityGroupEventCount"
		beside    = "create alarm SecurityGroupConfigChangesAlarm on Security/security-group-events"
	)
	tests := []struct {
		name   string
		change func(*account.Snapshot)
		o      plan.Options
		want   []string
		manual string // part of a note; "" for none at all
	}{
		{"nothing is broken", func(*account.Snapshot) {}, plan.Options{Subscribers: []plan.Subscriber{person}}, nil, ""},
		{"no filter", func(s *account.Snapshot) { dropFilter(s, "security-group") }, plan.Options{Subscribers: []plan.Subscriber{person}},
			[]string{newTopic, subscribe, newFilter, newAlarm}, ""},
		{"no filter and nobody to tell", func(s *account.Snapshot) { dropFilter(s, "security-group") }, plan.Options{},
			[]string{newTopic, newFilter, newAlarm}, "will have no subscriber"},
		{"foreign filter with a gap stays", func(s *account.Snapshot) {
			filterOf(s, "security-group").Pattern = "{ $.eventName = CreateSecurityGroup }"
		},
			plan.Options{Subscribers: []plan.Subscriber{person}}, []string{newTopic, subscribe, newFilter, newAlarm}, ""},
		{"our topic is there", func(s *account.Snapshot) { ours(s); dropFilter(s, "security-group") }, plan.Options{}, []string{newFilter, newAlarm}, ""},
		{"our topic is there, but was not finished", func(s *account.Snapshot) {
			ours(s)
			home(s).Topics[ourTopic].Attributes.Value.Policy = home(s).Topics[theirTopic].Attributes.Value.Policy // SNS's own
			dropFilter(s, "security-group")
		}, plan.Options{}, []string{newTopic, newFilter, newAlarm}, ""},
		{"covering filter without alarm", func(s *account.Snapshot) { ours(s); dropAlarm(s, "security-group") }, plan.Options{}, []string{beside}, ""},
		{"noisy filter without alarm", func(s *account.Snapshot) {
			ours(s)
			dropAlarm(s, "security-group")
			filterOf(s, "security-group").Pattern = "{ $.eventSource = ec2.amazonaws.com }"
		}, plan.Options{}, []string{newFilter, newAlarm}, ""},
		{"alarm without action", func(s *account.Snapshot) { ours(s); alarmOf(s, "security-group").AlarmActions = nil }, plan.Options{}, []string{beside}, ""},
		{"alarm with actions disabled", func(s *account.Snapshot) { ours(s); alarmOf(s, "security-group").ActionsEnabled = false }, plan.Options{}, []string{beside}, ""},
		{"alarm that needs five events", func(s *account.Snapshot) { ours(s); five := 5.0; alarmOf(s, "security-group").Threshold = &five }, plan.Options{}, []string{beside}, ""},
		{"alarm that is stuck", func(s *account.Snapshot) { ours(s); alarmOf(s, "security-group").State = "ALARM" }, plan.Options{}, []string{beside}, ""},
		{"topic without subscriber, nobody named", func(s *account.Snapshot) { home(s).Topics[theirTopic].Subscriptions.Value = nil }, plan.Options{},
			nil, "has no confirmed subscriber"},
		{"topic without subscriber", func(s *account.Snapshot) { home(s).Topics[theirTopic].Subscriptions.Value = nil }, plan.Options{Subscribers: []plan.Subscriber{person}},
			[]string{"subscribe email a@example.com to topic security"}, ""},
		{"the subscriber is pending there already", func(s *account.Snapshot) {
			sub := &home(s).Topics[theirTopic].Subscriptions.Value[0]
			sub.State, sub.ARN, sub.EndpointHash = account.Pending, "", account.HashEndpoint(s.Salt, "email", "A@example.com")
		}, plan.Options{Subscribers: []plan.Subscriber{person}}, nil, "confirm the pending one"},
		{"the subscription has expired", func(s *account.Snapshot) {
			sub := &home(s).Topics[theirTopic].Subscriptions.Value[0]
			sub.State, sub.ARN, sub.EndpointHash = account.Deleted, "", account.HashEndpoint(s.Salt, "email", "a@example.com")
		}, plan.Options{Subscribers: []plan.Subscriber{person}}, []string{"subscribe email a@example.com to topic security"}, ""},
		{"topic that alarms cannot use", func(s *account.Snapshot) {
			ours(s)
			home(s).Topics[theirTopic].Attributes.Value.KeyID = "alias/aws/sns"
		}, plan.Options{}, []string{beside}, ""},
		{"topic that is gone", func(s *account.Snapshot) {
			ours(s)
			home(s).Topics[theirTopic] = &account.Topic{ARN: theirTopic, Attributes: &account.Read[*account.TopicAttributes]{}}
		}, plan.Options{}, []string{beside}, ""},
		{"stopped trail", func(s *account.Snapshot) {
			s.Accounts[0].Trails[0].Status.Value.Logging = false
			dropFilter(s, "security-group")
		}, plan.Options{Subscribers: []plan.Subscriber{person}}, nil, "trail org is stopped"},
		{"stale delivery", func(s *account.Snapshot) {
			s.Accounts[0].Trails[0].Status.Value.LatestLogsDeliveryError = "AccessDenied"
			dropFilter(s, "security-group")
		}, plan.Options{}, nil, "cannot deliver"},
		{"log group of a class without filters", func(s *account.Snapshot) {
			home(s).LogGroups[group].Value.Class = "INFREQUENT_ACCESS"
		}, plan.Options{}, nil, "supports no metric filters"},
		{"something could not be read", func(s *account.Snapshot) {
			home(s).Alarms = &account.Read[account.Alarms]{Failure: &account.Failure{Operation: "cloudwatch:DescribeAlarms", Code: "AccessDenied"}}
		}, plan.Options{Subscribers: []plan.Subscriber{person}}, nil, "could not be checked"},
		{"only machines listen", func(s *account.Snapshot) { home(s).Topics[theirTopic].Subscriptions.Value[0].Protocol = "sqs" }, plan.Options{Subscribers: []plan.Subscriber{person}},
			[]string{"subscribe email a@example.com to topic security"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			snap := baseline(t)
			tt.change(&snap)
			p := planFor(t, snap, catalogOf(t, "security-group-changes"), tt.o)
			if len(p.Conflicts) > 0 {
				t.Fatalf("conflicts: %+v", p.Conflicts)
			}
			if got := lines(p.Actions); !slices.Equal(got, tt.want) {
				t.Errorf("actions:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
			notes := fmt.Sprint(p.Manual)
			if tt.manual == "" && len(p.Manual) > 0 || !strings.Contains(notes, tt.manual) {
				t.Errorf("manual: %s, want %q", notes, tt.manual)
			}
			again(t, snap, p, tt.o)
		})
	}
}

// again demands that the plan for the account as it would be is empty, before
// and after subscribers have answered.
func again(t *testing.T, snap account.Snapshot, p change.Plan, o plan.Options) {
	t.Helper()
	for _, confirmed := range []bool{false, true} {
		after, err := plan.Simulate(snap, p.Actions, confirmed)
		if err != nil {
			t.Fatal(err)
		}
		next := planFor(t, after, catalogOf(t, p.Before.Controls...), o)
		if len(next.Actions)+len(next.Conflicts) > 0 {
			t.Errorf("a second plan (confirmed: %v) is not empty: %v %v", confirmed, lines(next.Actions), next.Conflicts)
		}
	}
}

// TestPrediction holds the expected results to the audit of what was simulated.
func TestPrediction(t *testing.T) {
	snap := baseline(t)
	for _, name := range []string{"gateway", "security-group", "nacl", "guardduty"} {
		dropFilter(&snap, name)
	}
	p := planFor(t, snap, catalogOf(t), plan.Options{Subscribers: []plan.Subscriber{person}})
	if got := p.Before.Summary().Fail; got != 4 {
		t.Errorf("before: %d fail, want 4", got)
	}
	if got := p.After.Findings[0].Reasons[0].Code; got != audit.CodeSubscriptionPending {
		t.Errorf("after: %s, want subscription-pending", got)
	}
	if p.Confirmed == nil || p.Confirmed.Summary().Pass != 4 {
		t.Errorf("confirmed: %+v, want 4 passes", p.Confirmed)
	}
	sms := planFor(t, snap, catalogOf(t), plan.Options{Subscribers: []plan.Subscriber{{Protocol: "sms", Endpoint: "+4915112345678"}}})
	if got := sms.After.Summary().Pass; got != 4 || sms.Confirmed != nil {
		t.Errorf("with a subscriber who need not answer: %d passes, want 4", got)
	}
}

// TestObjects holds every field of what is created to what the documents say.
func TestObjects(t *testing.T) {
	snap := baseline(t)
	dropFilter(&snap, "nacl")
	p := planFor(t, snap, catalogOf(t, "nacl-changes"), plan.Options{NamePrefix: "x-", Tags: map[string]string{"team": "sec"}})
	for _, a := range p.Actions {
		switch a := a.(type) {
		case action.PutFilter:
			f := a.Filter
			if f.LogGroup != group || f.Name != "x-NetworkAclConfigChanges" || f.Namespace != "CloudTrailMetrics" || f.Metric != "x-NetworkAclEventCount" ||
				f.Value != "1" || f.Default == nil || *f.Default != 0 || f.Unit != "None" || len(f.Dimensions) > 0 {
				t.Errorf("filter: %+v", f)
			}
			if want := `{ ($.eventName = CreateNetworkAcl) || ($.eventName = CreateNetworkAclEntry) || ($.eventName = DeleteNetworkAcl) || ($.eventName = DeleteNetworkAclEntry) || ($.eventName = ReplaceNetworkAclEntry) || ($.eventName = ReplaceNetworkAclAssociation) }`; f.Pattern != want {
				t.Errorf("pattern: %s", f.Pattern)
			}
		case action.PutAlarm:
			m := a.Alarm
			if m.Name != "x-NetworkAclConfigChangesAlarm" || m.Description != "Triggered by network ACL changes." || m.Statistic != "Sum" || *m.Threshold != 1 ||
				m.Comparison != "GreaterThanOrEqualToThreshold" || m.Period != 300 || m.EvaluationPeriods != 1 || !m.ActionsEnabled || m.MissingData != "notBreaching" ||
				m.Unit != "" || !slices.Equal(m.AlarmActions, []string{ourTopic}) || m.Metric != "x-NetworkAclEventCount" {
				t.Errorf("alarm: %+v", m)
			}
			if a.Tags["monitorctl:managed"] != "true" || a.Tags["team"] != "sec" {
				t.Errorf("tags: %v", a.Tags)
			}
		case action.CreateTopic:
			if a.Topic != "monitorctl-alerts" || a.Tags["monitorctl:managed"] != "true" || a.Tags["team"] != "sec" {
				t.Errorf("topic: %+v", a)
			}
		}
	}
	if len(p.Actions) != 3 {
		t.Errorf("actions: %v", lines(p.Actions))
	}
}

// TestExtend holds the row of our own filter with an older text.
func TestExtend(t *testing.T) {
	snap := baseline(t)
	ours(&snap)
	dropFilter(&snap, "security-group")
	sg := catalogOf(t, "security-group-changes")
	first := planFor(t, snap, sg, plan.Options{})
	after, err := plan.Simulate(snap, first.Actions, true)
	if err != nil {
		t.Fatal(err)
	}
	p := planFor(t, after, sg, plan.Options{Audit: audit.Options{Benchmark: "cis-5.0.0"}})
	if got := lines(p.Actions); !slices.Equal(got, []string{"create metric filter SecurityGroupConfigChangesVersion500 on " + group}) {
		t.Fatalf("actions: %v, conflicts %v", got, p.Conflicts)
	}
	put := p.Actions[0].(action.PutFilter)
	if put.Before != nil || put.Filter.Pattern != sg[0].Writes("cis-5.0.0").Text || put.Filter.Metric != "SecurityGroupEventCount" {
		t.Errorf("it writes %+v in place of %v", put.Filter, put.Before)
	}
	// A later version with the same text adds nothing, and both filters are ours to destroy.
	later, err := plan.Simulate(after, p.Actions, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range []catalog.Benchmark{"cis-3.0.0", "cis-5.0.0", "cis-7.0.0"} {
		if p := planFor(t, later, sg, plan.Options{Audit: audit.Options{Benchmark: b}}); len(p.Actions)+len(p.Conflicts) > 0 || p.Before.Findings[0].Status != finding.Pass {
			t.Errorf("%s: %v, conflicts %v, now %s", b, lines(p.Actions), p.Conflicts, p.Before.Findings[0].Status)
		}
	}
	deleted := 0
	for _, a := range plan.Destroy(later, sg, plan.Options{}).Actions {
		if _, ok := a.(action.DeleteFilter); ok {
			deleted++
		}
	}
	if deleted != 2 {
		t.Errorf("destroy deletes %d filters, want 2", deleted)
	}
}

// TestAccepted has an alarm that needs five events, accepted: plan leaves it alone, and
// goes on where something else breaks.
func TestAccepted(t *testing.T) {
	snap := baseline(t)
	five := 5.0
	alarmOf(&snap, "security-group").Threshold = &five
	accept := finding.Accept{Control: "security-group-changes", Code: "alarm-threshold", Reason: "bursts only", Expires: snap.TakenAt}
	o := plan.Options{Subscribers: []plan.Subscriber{person}}
	if p := planFor(t, snap, catalogOf(t, "security-group-changes"), o); len(p.Actions) == 0 {
		t.Fatal("without the entry nothing is planned")
	}
	o.Audit.Accepts = []finding.Accept{accept}
	if p := planFor(t, snap, catalogOf(t, "security-group-changes"), o); len(p.Actions) > 0 || p.Before.Findings[0].Status != finding.Waived {
		t.Errorf("%s, planned %v", p.Before.Findings[0].Status, lines(p.Actions))
	}
	dropFilter(&snap, "security-group")
	if p := planFor(t, snap, catalogOf(t, "security-group-changes"), o); len(p.Actions) == 0 || p.Before.Findings[0].Status != finding.Fail {
		t.Errorf("%s, planned %v", p.Before.Findings[0].Status, lines(p.Actions))
	}
}

// TestAcceptedBesideAFailure has a filter whose condition is accepted and an alarm that
// is switched off: the advice and the plan are about the alarm.
func TestAcceptedBesideAFailure(t *testing.T) {
	snap := baseline(t)
	f := filterOf(&snap, "security-group")
	f.Pattern = "{ (" + strings.Trim(f.Pattern, "{} ") + `) && ($.userAgent != "terraform*") }`
	alarmOf(&snap, "security-group").ActionsEnabled = false
	o := plan.Options{Audit: audit.Options{Benchmark: catalog.DefaultBenchmark, Now: snap.TakenAt, Accepts: []finding.Accept{
		{Control: "security-group-changes", Code: "filter-narrowed", Reason: "reviewed", Expires: snap.TakenAt},
	}}}
	controls := catalogOf(t, "security-group-changes")
	r, err := plan.Audit(context.Background(), snap, controls, o)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Findings[0]; got.Status != finding.Fail || got.Command != "monitorctl plan security-group-changes --topic-arn "+theirTopic {
		t.Errorf("%s, %q", got.Status, got.Command)
	}
	o.TopicARN = theirTopic
	if p := planFor(t, snap, controls, o); len(p.Actions) == 0 || p.After.Findings[0].Status != finding.Pass {
		t.Errorf("planned %v, afterwards %s", lines(p.Actions), p.After.Findings[0].Status)
	}
}

// TestHarmlessFeeder has filters of someone else on our metric: one that matches
// nothing but the control's events is no conflict.
func TestHarmlessFeeder(t *testing.T) {
	one, zero := 1.0, 0.0
	tests := []struct {
		name     string
		pattern  string
		change   func(*account.MetricFilter)
		conflict bool
	}{
		{name: "one of its events", pattern: "{ $.eventName = DeleteSecurityGroup }"},
		{name: "one of its events, from its source only", pattern: `{ ($.eventSource = "ec2.amazonaws.com") && ($.eventName = CreateSecurityGroup) && ($.userAgent = "console*") }`},
		{name: "a core operation that the version does not require", pattern: `{ ($.eventSource = "ec2.amazonaws.com") && ($.eventName = ModifySecurityGroupRules) }`},
		{name: "all of them, with a default", pattern: catalogOf(t, "security-group-changes")[0].Writes("cis-3.0.0").Text, change: func(f *account.MetricFilter) { f.Default = &zero }},
		{name: "another event", pattern: "{ $.eventName = CreateVpc }", conflict: true},
		{name: "one of its events and another", pattern: "{ ($.eventName = DeleteSecurityGroup) || ($.eventName = CreateVpc) }", conflict: true},
		{name: "everything of the service", pattern: `{ $.eventSource = "ec2.amazonaws.com" }`, conflict: true},
		{name: "a name with a wildcard", pattern: "{ $.eventName = *SecurityGroup* }", conflict: true},
		{name: "a text", pattern: "DeleteSecurityGroup", conflict: true},
		{name: "what is no pattern", pattern: "{ $.eventName = ", conflict: true},
		{name: "a value that our alarm does not see", pattern: "{ $.eventName = DeleteSecurityGroup }", change: func(f *account.MetricFilter) { f.Value = "0.5" }, conflict: true},
		{name: "a value that takes others away", pattern: "{ $.eventName = DeleteSecurityGroup }", change: func(f *account.MetricFilter) { f.Value = "-1" }, conflict: true},
		{name: "a default that rings by itself", pattern: "{ $.eventName = DeleteSecurityGroup }", change: func(f *account.MetricFilter) { f.Default = &one }, conflict: true},
		{name: "another unit", pattern: "{ $.eventName = DeleteSecurityGroup }", change: func(f *account.MetricFilter) { f.Unit = "Count" }, conflict: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			snap := baseline(t)
			dropFilter(&snap, "security-group")
			f := account.MetricFilter{LogGroup: group, Name: "theirs", Pattern: tt.pattern, Namespace: "CloudTrailMetrics", Metric: "SecurityGroupEventCount", Value: "1"}
			if tt.change != nil {
				tt.change(&f)
			}
			home(&snap).MetricFilters.Value = append(home(&snap).MetricFilters.Value, f)
			o := plan.Options{Subscribers: []plan.Subscriber{{Protocol: "sms", Endpoint: "+491701234567"}}}
			p := planFor(t, snap, catalogOf(t, "security-group-changes"), o)
			if got := len(p.Conflicts) > 0; got != tt.conflict {
				t.Fatalf("conflicts %+v, want some: %t", p.Conflicts, tt.conflict)
			}
			if !tt.conflict && p.After.Findings[0].Status != finding.Pass {
				t.Errorf("afterwards %s: %s", p.After.Findings[0].Status, p.After.Findings[0].Why())
			}
		})
	}
}

// TestConflicts holds that what is foreign is never overwritten: nothing at all
// is written, and both sides are shown.
func TestConflicts(t *testing.T) {
	foreign := func(s *account.Snapshot) *account.MetricAlarm {
		a := *alarmOf(s, "nacl")
		a.Name, a.Metric, a.Namespace = "SecurityGroupConfigChangesAlarm", "CPUUtilization", "AWS/EC2"
		a.ARN = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:" + a.Name
		home(s).Alarms.Value.Metric = append(home(s).Alarms.Value.Metric, a)
		return alarmOf(s, a.Name)
	}
	tags := func(s *account.Snapshot, r *account.Read[map[string]string]) {
		home(s).AlarmTags = map[string]*account.Read[map[string]string]{"SecurityGroupConfigChangesAlarm": r}
	}
	tests := []struct {
		name, reason string
		change       func(*account.Snapshot)
	}{
		{"alarm without our tag", "lacks the tag", func(s *account.Snapshot) { foreign(s); tags(s, &account.Read[map[string]string]{}) }},
		{"alarm whose tags are denied", "cloudwatch:ListTagsForResource failed: AccessDenied", func(s *account.Snapshot) {
			foreign(s)
			tags(s, &account.Read[map[string]string]{Failure: &account.Failure{Operation: "cloudwatch:ListTagsForResource", Code: "AccessDenied"}})
		}},
		{"alarm whose tags were not read", "its tags were not read", func(s *account.Snapshot) { foreign(s) }},
		{"composite alarm", "composite alarm of that name", func(s *account.Snapshot) {
			home(s).Alarms.Value.Composite = []account.CompositeAlarm{{Name: "SecurityGroupConfigChangesAlarm", ARN: "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:SecurityGroupConfigChangesAlarm", Rule: "TRUE"}}
		}},
		{"filter of another pattern", "was not created by monitorctl", func(s *account.Snapshot) {
			f := *filterOf(s, "nacl")
			f.Name, f.Metric, f.Namespace = "SecurityGroupConfigChanges", "SecurityGroupEventCount", "CloudTrailMetrics"
			home(s).MetricFilters.Value = append(home(s).MetricFilters.Value, f)
		}},
		{"foreign filter on our metric", "another metric filter writes", func(s *account.Snapshot) {
			f := *filterOf(s, "nacl")
			f.Name, f.Metric, f.Namespace = "theirs", "SecurityGroupEventCount", "CloudTrailMetrics"
			home(s).MetricFilters.Value = append(home(s).MetricFilters.Value, f)
		}},
		{"foreign alarm on our metric", "an alarm that monitorctl did not create watches", func(s *account.Snapshot) {
			a := foreign(s)
			a.Name, a.Metric, a.Namespace = "theirs", "SecurityGroupEventCount", "CloudTrailMetrics"
		}},
		{"topic without our tag", "lacks the tag", func(s *account.Snapshot) {
			ours(s)
			home(s).Topics[ourTopic].Tags = &account.Read[map[string]string]{}
		}},
		{"topic that cannot be read", "sns:GetTopicAttributes failed", func(s *account.Snapshot) {
			home(s).Topics[ourTopic].Attributes = &account.Read[*account.TopicAttributes]{Failure: &account.Failure{Operation: "sns:GetTopicAttributes", Code: "AuthorizationError"}}
		}},
		{"full quota", "at most 100 metric filters", func(s *account.Snapshot) {
			for i := range 98 {
				home(s).MetricFilters.Value = append(home(s).MetricFilters.Value, account.MetricFilter{LogGroup: group, Name: fmt.Sprint("z", i), Pattern: "x", Namespace: "n", Metric: "m", Value: "1"})
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			snap := baseline(t)
			dropFilter(&snap, "security-group")
			tt.change(&snap)
			p := planFor(t, snap, catalogOf(t, "security-group-changes"), plan.Options{})
			if len(p.Conflicts) != 1 || !strings.Contains(p.Conflicts[0].Reason, tt.reason) {
				t.Fatalf("conflicts: %+v, want one with %q", p.Conflicts, tt.reason)
			}
			flag := "--name-prefix PREFIX"
			if strings.HasPrefix(p.Conflicts[0].Resource, "arn:aws:sns:") {
				flag = "--topic-arn ARN" // the prefix is not for topics
			}
			if p.Conflicts[0].NoRoom {
				flag = "name fewer controls" // names do not help against a quota
			}
			if hint := p.Conflicts[0].WayOut(true); !p.Conflicts[0].Unread && !strings.HasPrefix(hint, flag) {
				t.Errorf("hint %q, want one at %s", hint, flag)
			}
			if x := p.Conflicts[0]; x.Have == "" || x.Want == "" || x.Name == "" || x.Resource == "" {
				t.Errorf("both sides are to be shown: %+v", x)
			}
		})
	}
}

// TestDrift holds that what is ours but was edited is shown and left alone.
func TestDrift(t *testing.T) {
	snap := baseline(t)
	ours(&snap)
	dropFilter(&snap, "security-group")
	sg := catalogOf(t, "security-group-changes")
	after, err := plan.Simulate(snap, planFor(t, snap, sg, plan.Options{}).Actions, true)
	if err != nil {
		t.Fatal(err)
	}
	ten := 10.0
	alarmOf(&after, "SecurityGroupConfigChangesAlarm").Threshold = &ten
	p := planFor(t, after, sg, plan.Options{})
	if len(p.Actions) > 0 || len(p.Conflicts) > 0 || len(p.Drifts) != 1 ||
		!slices.Equal(p.Drifts[0].Fields, []change.Field{{Name: "condition", Old: "GreaterThanOrEqualToThreshold 10", New: "GreaterThanOrEqualToThreshold 1", Effect: change.Replaced}}) {
		t.Errorf("alarm: actions %v, conflicts %v, drifts %+v", lines(p.Actions), p.Conflicts, p.Drifts)
	}
}

// TestGivenTopic holds that --topic-arn is checked before it is used.
func TestGivenTopic(t *testing.T) {
	tests := []struct {
		name, arn, want string
		change          func(*account.Snapshot)
	}{
		{"good", theirTopic, "", nil},
		{"pending", theirTopic, "", func(s *account.Snapshot) { home(s).Topics[theirTopic].Subscriptions.Value[0].State = account.Pending }},
		{"no ARN", "security", "is not the ARN of an SNS topic", nil},
		{"another service", "arn:aws:sqs:eu-central-1:111122223333:q", "is not the ARN of an SNS topic", nil},
		{"another region", "arn:aws:sns:us-east-1:111122223333:security", "alarms can use only topics in their own region", nil},
		{"another partition", "arn:aws-cn:sns:cn-north-1:111122223333:security", "partition", nil},
		{"missing", theirTopic, "does not exist", func(s *account.Snapshot) {
			home(s).Topics[theirTopic] = &account.Topic{ARN: theirTopic, Attributes: &account.Read[*account.TopicAttributes]{}}
		}},
		{"wrong key", theirTopic, "alias/aws/sns", func(s *account.Snapshot) { home(s).Topics[theirTopic].Attributes.Value.KeyID = "alias/aws/sns" }},
		{"not readable", theirTopic, "could not be checked", func(s *account.Snapshot) {
			home(s).Topics[theirTopic].Attributes = &account.Read[*account.TopicAttributes]{Failure: &account.Failure{Operation: "sns:GetTopicAttributes", Code: "AuthorizationError"}}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			snap := baseline(t)
			dropFilter(&snap, "security-group")
			if tt.change != nil {
				tt.change(&snap)
			}
			o := plan.Options{TopicARN: tt.arn, Audit: audit.Options{Benchmark: catalog.DefaultBenchmark, Now: snap.TakenAt}}
			p, err := plan.For(context.Background(), snap, catalogOf(t, "security-group-changes"), o)
			if tt.want == "" {
				if err != nil || len(p.Actions) != 2 {
					t.Errorf("%v, %v, want filter and alarm", lines(p.Actions), err)
				}
				return
			}
			var bad *plan.TopicError
			if !errors.As(err, &bad) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// TestRegion holds the choice of the trail.
func TestRegion(t *testing.T) {
	snap := baseline(t)
	dropFilter(&snap, "security-group")
	o := plan.Options{Region: "us-east-1", Audit: audit.Options{Benchmark: catalog.DefaultBenchmark, Now: snap.TakenAt}}
	_, err := plan.For(context.Background(), snap, catalogOf(t), o)
	var none *plan.NoTrailError
	if !errors.As(err, &none) || !slices.Equal(none.Homes, []string{testRegion}) {
		t.Errorf("error %v, want no trail in us-east-1", err)
	}
	p := planFor(t, snap, catalogOf(t), plan.Options{Region: testRegion})
	if len(p.Chosen) != 1 || p.Chosen[0].LogGroup != group || !strings.Contains(p.Chosen[0].Why, "--home-region asks") {
		t.Errorf("chosen: %+v", p.Chosen)
	}
}

// TestComplete holds the supplements: on our metric, within the limit, and the
// blind spots are gone afterwards.
func TestComplete(t *testing.T) {
	snap := baseline(t)
	ours(&snap)
	o := plan.Options{Complete: true}
	p := planFor(t, snap, catalogOf(t), o)
	if len(p.Conflicts) > 0 {
		t.Fatalf("conflicts: %+v", p.Conflicts)
	}
	for _, a := range p.Actions {
		if f, ok := a.(action.PutFilter); ok && (len(f.Filter.Pattern) > 1024 || f.Filter.Namespace != desired.DefaultNamespace) {
			t.Errorf("supplement: %+v", f.Filter)
		}
	}
	for _, f := range p.After.Findings {
		if f.Status != finding.Pass || len(f.BlindSpots) > 0 {
			t.Errorf("%s: %s with %d blind spots afterwards", f.Control, f.Status, len(f.BlindSpots))
		}
	}
	again(t, snap, p, o)
}

func TestCheckNames(t *testing.T) {
	for name, o := range map[string]plan.Options{
		"topic": {TopicName: "a b"}, "prefix": {NamePrefix: "a:"}, "reserved": {Tags: map[string]string{"aws:x": ""}}, "ours": {Tags: map[string]string{desired.ManagedTag: "false"}},
	} {
		if plan.CheckNames(o) == nil {
			t.Errorf("%s: no error for %+v", name, o)
		}
	}
	if err := plan.CheckNames(plan.Options{NamePrefix: "team/a-", TopicName: "t_1", Tags: map[string]string{"k": "v"}}); err != nil {
		t.Error(err)
	}
}

// TestUnitOfOurFilter holds that our filter is written with the unit None, that
// one of ours without a unit, as older versions wrote it, is the same filter, and
// that another unit is an edit.
func TestUnitOfOurFilter(t *testing.T) {
	sg := catalogOf(t, "security-group-changes")
	snap := baseline(t)
	ours(&snap)
	dropFilter(&snap, "security-group")
	made, err := plan.Simulate(snap, planFor(t, snap, sg, plan.Options{}).Actions, true)
	if err != nil {
		t.Fatal(err)
	}
	for unit, drifts := range map[string]int{"None": 0, "": 0, "Seconds": 1} {
		f := filterOf(&made, "SecurityGroupConfigChanges")
		if f.Unit != "None" && unit == "None" {
			t.Errorf("written with unit %q, want None", f.Unit)
		}
		f.Unit = unit
		p := planFor(t, made, sg, plan.Options{})
		if len(p.Actions)+len(p.Conflicts) > 0 || len(p.Drifts) != drifts {
			t.Errorf("unit %q: actions %v, conflicts %v, drifts %+v, want %d drifts", unit, lines(p.Actions), p.Conflicts, p.Drifts, drifts)
		}
		f.Unit = "None"
	}
}
