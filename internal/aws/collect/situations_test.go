package collect

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/awstest"
)

// TestSituations reads accounts with something special about them, and says for
// each what the snapshot must hold and which calls must not be made because
// their answers could change nothing.
func TestSituations(t *testing.T) {
	tests := []struct {
		name   string
		build  func(l *lab)
		check  func(t *testing.T, a *account.Account)
		unmade []string
	}{
		{
			name:  "no trail",
			build: func(*lab) {},
			check: func(t *testing.T, a *account.Account) {
				if len(a.Trails) != 0 || len(a.Regions) != len(threeRegions) {
					t.Errorf("trails %v in %d regions", a.Trails, len(a.Regions))
				}
			},
			unmade: []string{"cloudtrail:GetTrailStatus", "logs:DescribeLogGroups", "logs:DescribeMetricFilters", "cloudwatch:DescribeAlarms"},
		},
		{
			name: "stopped trail",
			build: func(l *lab) {
				l.common()
				l.must(l.home.StopLogging("org"))
			},
			check: func(t *testing.T, a *account.Account) {
				if s, ok := a.Trails[0].Status.Got(); !ok || s.Logging {
					t.Errorf("status: %+v", a.Trails[0].Status)
				}
				if f, _ := a.Region(homeRegion).MetricFilters.Got(); len(f) != 4 {
					t.Errorf("the chain behind a stopped trail has %d filters, want 4", len(f))
				}
			},
		},
		{
			name: "trail without log group",
			build: func(l *lab) {
				_, err := l.home.CreateTrail(awstest.CreateTrailInput{Name: "to-s3", S3BucketName: "bucket"})
				l.must(err)
			},
			check: func(t *testing.T, a *account.Account) {
				if tr := a.Trails[0]; tr.LogGroupARN != "" || tr.MultiRegion || tr.Status != nil || tr.Selectors != nil {
					t.Errorf("trail: %+v", tr)
				}
				if l, _ := a.Region("us-east-1").Trails.Got(); len(l) != 0 {
					t.Errorf("a single-region trail shows in us-east-1: %v", l)
				}
			},
			unmade: []string{"cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors", "logs:DescribeLogGroups"},
		},
		{
			name: "log group gone",
			build: func(l *lab) {
				l.common()
				l.must(l.home.DeleteLogGroup(groupName))
			},
			check: func(t *testing.T, a *account.Account) {
				if g, ok := a.Region(homeRegion).LogGroups[groupName].Got(); !ok || g != nil {
					t.Errorf("log group: %+v, read %v; want the answer that there is none", g, ok)
				}
			},
			unmade: []string{"logs:DescribeMetricFilters", "cloudwatch:DescribeAlarms", "sns:GetTopicAttributes"},
		},
		{
			name: "log group of another name",
			build: func(l *lab) {
				l.common()
				l.must(l.home.DeleteLogGroup(groupName))
				l.must(l.home.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: groupName + "-2"}))
			},
			check: func(t *testing.T, a *account.Account) {
				if g, ok := a.Region(homeRegion).LogGroups[groupName].Got(); !ok || g != nil {
					t.Errorf("took %+v for %s", g, groupName)
				}
			},
		},
		{
			name: "encrypted log group",
			build: func(l *lab) {
				_, key := l.home.CreateKey(awstest.KeyOptions{State: "Disabled"})
				l.must(l.home.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "g", KmsKeyID: key, LogGroupClass: "INFREQUENT_ACCESS"}))
				l.trailTo(l.home, "org", "g", true)
			},
			check: func(t *testing.T, a *account.Account) {
				r := a.Region(homeRegion)
				g, _ := r.LogGroups["g"].Got()
				if g == nil || g.Class != "INFREQUENT_ACCESS" || g.KeyID == "" {
					t.Fatalf("log group: %+v", g)
				}
				k := r.Keys[g.KeyID]
				if m, _ := k.Metadata.Got(); m == nil || m.State != "Disabled" || m.Manager != "CUSTOMER" || k.Policy != nil {
					t.Errorf("key: %+v, policy %+v", m, k.Policy)
				}
			},
			unmade: []string{"kms:GetKeyPolicy"},
		},
		{
			name: "topic gone",
			build: func(l *lab) {
				l.must(l.home.DeleteTopic(l.common()))
			},
			check: func(t *testing.T, a *account.Account) {
				topic := a.Region(homeRegion).Topics["arn:aws:sns:eu-central-1:111122223333:alerts"]
				if x, ok := topic.Attributes.Got(); !ok || x != nil || topic.Subscriptions != nil {
					t.Errorf("topic: %+v", topic)
				}
			},
			unmade: []string{"sns:ListSubscriptionsByTopic"},
		},
		{
			name: "pending, deleted and machine subscribers",
			build: func(l *lab) {
				topic := l.common()
				for _, s := range [][2]string{{"email", "gone@example.com"}, {"email", "new@example.com"}, {"sqs", "arn:aws:sqs:eu-central-1:111122223333:q"}} {
					_, err := l.home.Subscribe(awstest.SubscribeInput{TopicARN: topic, Protocol: s[0], Endpoint: s[1]})
					l.must(err)
				}
				l.must(l.cloud.ConfirmEmail("gone@example.com"))
				l.must(l.cloud.UnsubscribeEmail("gone@example.com"))
			},
			check: func(t *testing.T, a *account.Account) {
				subs, _ := a.Region(homeRegion).Topics["arn:aws:sns:eu-central-1:111122223333:alerts"].Subscriptions.Got()
				var got []string
				for _, s := range subs {
					got = append(got, fmt.Sprintf("%s %s %v", s.Protocol, s.State, s.Details != nil))
				}
				slices.Sort(got)
				diff(t, "subscribers", got, []string{"email deleted false", "email pending false", "sms confirmed true", "sqs confirmed false"})
			},
		},
		{
			name: "filter policy",
			build: func(l *lab) {
				topic := l.topic(l.home, "t")
				arn, err := l.home.Subscribe(awstest.SubscribeInput{TopicARN: topic, Protocol: "sms", Endpoint: "+491701234567"})
				l.must(err)
				l.must(l.home.SetSubscriptionAttribute(arn, "FilterPolicy", `{"a":["b"]}`))
				l.must(l.home.SetSubscriptionAttribute(arn, "FilterPolicyScope", "MessageBody"))
				l.chain(l.home, "g", topic)
			},
			check: func(t *testing.T, a *account.Account) {
				subs, _ := a.Region(homeRegion).Topics["arn:aws:sns:eu-central-1:111122223333:t"].Subscriptions.Got()
				d, _ := subs[0].Details.Got()
				diff(t, "details", d, account.SubscriptionDetails{FilterPolicy: `{"a":["b"]}`, FilterPolicyScope: "MessageBody", Authenticated: "false"})
			},
		},
		{
			name: "topic with SNS's own key",
			build: func(l *lab) {
				l.must(l.home.SetTopicAttribute(l.common(), "KmsMasterKeyId", "alias/aws/sns"))
			},
			check: func(t *testing.T, a *account.Account) {
				x, _ := a.Region(homeRegion).Topics["arn:aws:sns:eu-central-1:111122223333:alerts"].Attributes.Got()
				if x.KeyID != "alias/aws/sns" {
					t.Errorf("key %q", x.KeyID)
				}
			},
			unmade: []string{"kms:DescribeKey"},
		},
		{
			name: "topic with a disabled key",
			build: func(l *lab) {
				_, key := l.home.CreateKey(awstest.KeyOptions{State: "Disabled"})
				l.must(l.home.SetTopicAttribute(l.common(), "KmsMasterKeyId", key))
			},
			check: func(t *testing.T, a *account.Account) {
				for _, k := range a.Region(homeRegion).Keys {
					if m, _ := k.Metadata.Got(); m == nil || m.State != "Disabled" {
						t.Errorf("key: %+v", k.Metadata)
					}
				}
			},
			unmade: []string{"kms:GetKeyPolicy"},
		},
		{
			name: "topic with a key that is gone",
			build: func(l *lab) {
				l.must(l.home.SetTopicAttribute(l.common(), "KmsMasterKeyId", "alias/lost"))
			},
			check: func(t *testing.T, a *account.Account) {
				if m, ok := a.Region(homeRegion).Keys["alias/lost"].Metadata.Got(); !ok || m != nil {
					t.Errorf("key: %+v, read %v; want the answer that there is none", m, ok)
				}
			},
			unmade: []string{"kms:GetKeyPolicy"},
		},
		{
			name: "alarms that watch something else",
			build: func(l *lab) {
				_, err := l.home.Trail("org", groupName)
				l.must(err)
				l.filter(l.home, groupName, "F", "M")
				l.must(l.home.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "app"}))
				l.filter(l.home, "app", "F", "App")
				l.alarm(l.home, "cpu", "CPU", l.topic(l.home, "cpu", confirmed))
				l.alarm(l.home, "app", "App", l.topic(l.home, "app", confirmed))
			},
			check: func(t *testing.T, a *account.Account) {
				r := a.Region(homeRegion)
				if len(r.Alarms.Value.Metric) != 2 || len(r.MetricFilters.Value) != 2 || r.Topics != nil {
					t.Errorf("region: %+v", r)
				}
			},
			unmade: []string{"sns:GetTopicAttributes"},
		},
		{
			name: "action that is no topic",
			build: func(l *lab) {
				l.chain(l.home, "g", "arn:aws:lambda:eu-central-1:111122223333:function:f")
			},
			check: func(t *testing.T, a *account.Account) {
				if topics := a.Region(homeRegion).Topics; topics != nil {
					t.Errorf("topics: %+v", topics)
				}
			},
			unmade: []string{"sns:GetTopicAttributes"},
		},
		{
			name: "two trails into one log group",
			build: func(l *lab) {
				l.common()
				l.trailTo(l.home, "second", groupName, false)
			},
			check: func(t *testing.T, a *account.Account) {
				if len(a.Trails) != 2 || a.Trails[0].Status == nil || a.Trails[1].Status == nil {
					t.Errorf("trails: %+v", a.Trails)
				}
			},
		},
		{
			name: "a chain in each of two regions",
			build: func(l *lab) {
				for _, name := range []string{homeRegion, "us-east-1"} {
					r := l.acct.Region(name)
					l.must(r.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "g"}))
					l.trailTo(r, "regional", "g", false)
					l.filter(r, "g", "F", "M")
					l.alarm(r, "A", "M", l.topic(r, "t", confirmed))
				}
			},
			check: func(t *testing.T, a *account.Account) {
				if len(a.Trails) != 2 {
					t.Fatalf("trails: %+v", a.Trails)
				}
				for _, name := range []string{homeRegion, "us-east-1"} {
					r := a.Region(name)
					topic := r.Topics["arn:aws:sns:"+name+":111122223333:t"]
					if len(r.MetricFilters.Value) != 1 || len(r.Alarms.Value.Metric) != 1 || topic == nil || len(topic.Subscriptions.Value) != 1 {
						t.Errorf("region %s: %+v", name, r)
					}
				}
				if r := a.Region("eu-west-1"); r.MetricFilters != nil || r.Alarms != nil {
					t.Errorf("region without trail was read: %+v", r)
				}
			},
		},
		{
			name: "transformers, and log alarms",
			build: func(l *lab) {
				l.common()
				l.must(l.home.SetTransformer(groupName))
				l.must(l.home.PutMetricFilter(awstest.PutMetricFilterInput{
					LogGroupName: groupName, FilterName: "T", FilterPattern: "{ $.a = 1 }", ApplyOnTransformedLogs: true,
					MetricTransformations: []awstest.MetricTransformation{{MetricName: "T", MetricNamespace: namespace, MetricValue: "1"}},
				}))
				l.topic(l.home, "by-log-alarm", confirmed)
				for name, groups := range map[string][]string{"L1": {groupName}, "L2": {"/other"}} {
					l.must(l.home.PutLogAlarm(awstest.PutLogAlarmInput{
						AlarmName: name, ComparisonOperator: "GreaterThanThreshold", Threshold: ptr(0.0), QueryResultsToAlarm: 1, QueryResultsToEvaluate: 1,
						AlarmActions: []string{"arn:aws:sns:eu-central-1:111122223333:by-log-alarm"},
						ScheduledQueryConfiguration: &awstest.ScheduledQueryInput{
							AggregationExpression: "count(*)", QueryString: "filter eventName = 'CreateVpc'", LogGroupIdentifiers: groups,
							ScheduledQueryRoleARN: "arn:aws:iam::111122223333:role/r",
						},
					}))
				}
			},
			check: func(t *testing.T, a *account.Account) {
				r := a.Region(homeRegion)
				if tr, ok := r.Transformers[groupName].Got(); !ok || tr == nil || tr.LogGroup != groupName {
					t.Errorf("transformers: %+v", r.Transformers)
				}
				logs := r.Alarms.Value.Log
				if len(logs) != 2 || logs[0].Name != "L1" || !slices.Equal(logs[0].LogGroups, []string{groupName}) || logs[0].Query != "filter eventName = 'CreateVpc'" ||
					!logs[0].ActionsEnabled || logs[0].State != "INSUFFICIENT_DATA" {
					t.Errorf("log alarms: %+v", logs)
				}
				if r.Topics["arn:aws:sns:eu-central-1:111122223333:by-log-alarm"] == nil {
					t.Errorf("topics: %v", r.Topics)
				}
			},
			unmade: []string{"logs:DescribeAccountPolicies"},
		},
		{
			name: "muted alarms, and actions that failed",
			build: func(l *lab) {
				l.common()
				l.must(l.home.PutAlarmMuteRule(awstest.PutAlarmMuteRuleInput{
					Name: "noon", MuteTargets: &awstest.MuteTargets{AlarmNames: []string{"A2", "A1"}},
					Rule: &awstest.MuteRule{Schedule: awstest.MuteSchedule{Expression: "at(2026-03-01T12:00)", Duration: "PT1H"}},
				}))
				l.must(l.home.PutAlarmMuteRule(awstest.PutAlarmMuteRuleInput{
					Name: "later", Rule: &awstest.MuteRule{Schedule: awstest.MuteSchedule{Expression: "at(2026-03-02T12:00)", Duration: "PT1H"}},
				}))
				l.alarm(l.home, "gone", "M4", "arn:aws:sns:eu-central-1:111122223333:gone")
				for _, name := range []string{"gone", "A3"} {
					l.must(l.home.SetAlarmState(name, awstest.StateAlarm, "drill"))
				}
			},
			check: func(t *testing.T, a *account.Account) {
				r := a.Region(homeRegion)
				rules, _ := r.MuteRules.Got()
				if len(rules) != 1 || rules[0].Name != "noon" || rules[0].Status != account.MuteActive {
					t.Fatalf("mute rules: %+v", rules)
				}
				if d, ok := rules[0].Details.Got(); !ok || !slices.Equal(d.Alarms, []string{"A1", "A2"}) || d.Expression != "at(2026-03-01T12:00)" || d.Duration != "PT1H" {
					t.Errorf("details: %+v", rules[0].Details)
				}
				h, _ := r.ActionHistory.Got()
				if len(h.Actions) != 2 || h.Actions[0].Alarm != "A3" || h.Actions[0].Failed || h.Actions[1].Alarm != "gone" || !h.Actions[1].Failed ||
					h.Actions[1].Resource != "arn:aws:sns:eu-central-1:111122223333:gone" || h.Actions[1].Message == "" || h.Truncated {
					t.Errorf("history: %+v", h)
				}
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, awstest.Options{})
			tt.build(l)
			l.cloud.ResetCalls()
			snap := l.collect(Options{})
			tt.check(t, &snap.Accounts[0])
			if list := failures(t, snap); len(list) != 0 {
				t.Errorf("failures: %v", list)
			}
			for _, operation := range tt.unmade {
				if n := l.cloud.CallCounts()[operation]; n != 0 {
					t.Errorf("%s was called %d times", operation, n)
				}
			}
			diff(t, "snapshot from its file", decoded(t, encoded(t, snap)), snap)
		})
	}
}

// A transformer that is gone, and those of the account in its place.
func TestTransformerGone(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.rich()
	l.must(l.home.RemoveTransformer(groupName))
	read := l.region(l.collect(Options{}), homeRegion).Transformers[groupName]
	if v, ok := read.Got(); !ok || v != nil {
		t.Errorf("got %+v, want the answer that there is none", read)
	}
	l.cloud.Deny("logs:DescribeAccountPolicies")
	read = l.region(l.collect(Options{}), homeRegion).Transformers[groupName]
	if f := read.Failed(); f == nil || f.Operation != "logs:DescribeAccountPolicies" {
		t.Errorf("got %+v, want a failure of logs:DescribeAccountPolicies", read)
	}
}

// trailTo makes a trail that delivers to a log group that exists.
func (l *lab) trailTo(r *awstest.Region, name, group string, multi bool) {
	l.t.Helper()
	_, err := r.CreateTrail(awstest.CreateTrailInput{
		Name: name, S3BucketName: "bucket", IsMultiRegionTrail: multi,
		CloudWatchLogsLogGroupARN: "arn:aws:logs:" + r.Name() + ":111122223333:log-group:" + group + ":*",
		CloudWatchLogsRoleARN:     "arn:aws:iam::111122223333:role/r",
	})
	l.must(err)
	l.must(r.StartLogging(name))
}

// chain makes trail, log group, filter and an alarm with the given actions.
func (l *lab) chain(r *awstest.Region, group string, actions ...string) {
	l.t.Helper()
	l.must(r.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: group}))
	l.trailTo(r, "trail", group, true)
	l.filter(r, group, "F", "M")
	l.alarm(r, "A", "M", actions...)
}

// Selectors of both kinds, as CloudTrail has them.
func TestSelectors(t *testing.T) {
	l := newLab(t, awstest.Options{})
	_, err := l.home.Trail("basic", "")
	l.must(err)
	_, err = l.home.Trail("advanced", "")
	l.must(err)
	l.must(l.home.PutEventSelectors(awstest.PutEventSelectorsInput{TrailName: "basic", EventSelectors: []awstest.EventSelector{
		{ReadWriteType: "WriteOnly", ExcludeManagementEventSources: []string{"kms.amazonaws.com"}},
	}}))
	l.must(l.home.PutEventSelectors(awstest.PutEventSelectorsInput{TrailName: "advanced", AdvancedEventSelectors: []awstest.AdvancedEventSelector{
		{Name: "writes", FieldSelectors: []awstest.AdvancedFieldSelector{
			{Field: "eventCategory", Equals: []string{"Management"}},
			{Field: "readOnly", Equals: []string{"false"}},
			{Field: "eventSource", NotEquals: []string{"kms.amazonaws.com", "rdsdata.amazonaws.com"}},
		}},
	}}))
	trails := l.collect(Options{}).Accounts[0].Trails
	if len(trails) != 2 {
		t.Fatalf("trails: %+v", trails)
	}
	diff(t, "advanced", trails[0].Selectors, &account.Read[account.Selectors]{Value: account.Selectors{Advanced: []account.AdvancedSelector{
		{Name: "writes", Fields: []account.FieldSelector{
			{Field: "eventCategory", Equals: []string{"Management"}},
			{Field: "readOnly", Equals: []string{"false"}},
			{Field: "eventSource", NotEquals: []string{"kms.amazonaws.com", "rdsdata.amazonaws.com"}},
		}},
	}}})
	diff(t, "basic", trails[1].Selectors, &account.Read[account.Selectors]{Value: account.Selectors{Basic: []account.EventSelector{
		{ManagementEvents: true, ReadWriteType: "WriteOnly", ExcludeSources: []string{"kms.amazonaws.com"}},
	}}})
}

// A member account sees its organization's trail as a shadow. What only the
// management account may know is a recorded failure, and a local log group of
// the same name is not taken for the trail's.
func TestOrganizationTrailFromMember(t *testing.T) {
	l := newLab(t, awstest.Options{})
	member := l.cloud.Account("444455556666", awstest.AccountOptions{Regions: threeRegions})
	l.cloud.Organization(l.acct, member)
	l.must(l.home.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: groupName}))
	_, err := l.home.CreateTrail(awstest.CreateTrailInput{
		Name: "org", S3BucketName: "b", IsMultiRegionTrail: true, IsOrganizationTrail: true,
		CloudWatchLogsLogGroupARN: "arn:aws:logs:eu-central-1:111122223333:log-group:" + groupName + ":*", CloudWatchLogsRoleARN: "arn:aws:iam::111122223333:role/r",
	})
	l.must(err)
	l.must(l.home.StartLogging("org"))
	l.must(member.Region(homeRegion).CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: groupName}))
	l.login(member)
	l.cloud.Fault(awstest.Fault{Operation: "cloudtrail:GetTrailStatus", Account: "444455556666", Kind: awstest.Denied})

	a := l.collect(Options{}).Accounts[0]
	if a.ID != "444455556666" || len(a.Trails) != 1 {
		t.Fatalf("account %s, trails %+v", a.ID, a.Trails)
	}
	tr := a.Trails[0]
	if !tr.Organization || tr.ARN != "arn:aws:cloudtrail:eu-central-1:111122223333:trail/org" || tr.HomeRegion != homeRegion {
		t.Errorf("trail: %+v", tr)
	}
	if f := tr.Status.Failed(); f == nil || f.Operation != "cloudtrail:GetTrailStatus" || f.Code != "AccessDeniedException" {
		t.Errorf("status: %+v, want the recorded denial", tr.Status)
	}
	if r := a.Region(homeRegion); r.LogGroups != nil || r.MetricFilters != nil || r.Alarms != nil {
		t.Errorf("something local was taken for the management account's: %+v", r)
	}
	for _, name := range threeRegions {
		if list, ok := a.Region(name).Trails.Got(); !ok || len(list) != 1 {
			t.Errorf("region %s shows %v", name, list)
		}
	}
}

// What stands under our names is read with its tags, and only that.
func TestOwnNames(t *testing.T) {
	l := newLab(t, awstest.Options{})
	topic := l.common()
	own, err := l.home.CreateTopic(awstest.CreateTopicInput{Name: "monitorctl-alerts", Tags: []awstest.Tag{{Key: "monitorctl:managed", Value: "true"}}})
	l.must(err)
	one := 1.0
	l.must(l.home.PutMetricAlarm(awstest.PutMetricAlarmInput{
		AlarmName: "Mine", Namespace: namespace, MetricName: "Other", Statistic: "Sum", Period: 60, EvaluationPeriods: 1, Threshold: &one,
		ComparisonOperator: "GreaterThanThreshold", Tags: []awstest.Tag{{Key: "monitorctl:managed", Value: "true"}, {Key: "k", Value: "v"}},
	}))
	l.must(l.home.PutCompositeAlarm(awstest.PutCompositeAlarmInput{AlarmName: "Composite", AlarmRule: "FALSE"}))

	snap := l.collect(Options{Own: &Own{Alarms: []string{"Mine", "Composite", "Missing"}, Topics: []string{"monitorctl-alerts"}}})
	r := l.region(snap, homeRegion)
	diff(t, "alarm tags", r.AlarmTags, map[string]*account.Read[map[string]string]{
		"Composite": {}, "Mine": {Value: map[string]string{"monitorctl:managed": "true", "k": "v"}},
	})
	if tags, ok := r.Topics[own].Tags.Got(); !ok || tags["monitorctl:managed"] != "true" {
		t.Errorf("tags of our topic: %+v", r.Topics[own])
	}
	if r.Topics[topic].Tags != nil {
		t.Error("tags of a topic that is not ours were read")
	}
	// filters carry no tags: those of every alarm on the metric of one of ours are read
	l.must(l.home.PutMetricFilter(awstest.PutMetricFilterInput{
		LogGroupName: groupName, FilterName: "OursSupplement1", FilterPattern: "x",
		MetricTransformations: []awstest.MetricTransformation{{MetricName: "Fed", MetricNamespace: namespace, MetricValue: "1"}},
	}))
	for name, metric := range map[string]string{"Theirs": "Fed", "Elsewhere": "NotFed"} {
		l.must(l.home.PutMetricAlarm(awstest.PutMetricAlarmInput{
			AlarmName: name, Namespace: namespace, MetricName: metric, Statistic: "Sum", Period: 60, EvaluationPeriods: 1, Threshold: &one,
			ComparisonOperator: "GreaterThanThreshold", Tags: []awstest.Tag{{Key: "owner", Value: "them"}},
		}))
	}
	r = l.region(l.collect(Options{Own: &Own{Filters: []string{"Ours"}}}), homeRegion)
	diff(t, "tags of alarms on our filters' metrics", r.AlarmTags, map[string]*account.Read[map[string]string]{"Theirs": {Value: map[string]string{"owner": "them"}}})
	if r := l.region(l.collect(Options{}), homeRegion); r.AlarmTags != nil || r.Topics[own] != nil {
		t.Errorf("an audit read what only plan needs: %+v", r)
	}

	l.must(l.home.DeleteTopic(own))
	r = l.region(l.collect(Options{Own: &Own{Topics: []string{"monitorctl-alerts"}}}), homeRegion)
	if x, ok := r.Topics[own].Attributes.Got(); !ok || x != nil {
		t.Errorf("our topic, which is not there: %+v", r.Topics[own])
	}
}

// Topics that the caller names are read wherever they are, with their keys.
func TestTopicsAskedFor(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.common()
	far := l.acct.Region("us-east-1")
	arn := l.topic(far, "far", confirmed)
	_, key := far.CreateKey(awstest.KeyOptions{})
	l.must(far.SetTopicAttribute(arn, "KmsMasterKeyId", key))
	snap := l.collect(Options{Regions: []string{homeRegion}, Topics: []string{arn, "junk", "arn:aws:sqs:us-east-1:111122223333:q"}})
	r := l.region(snap, "us-east-1")
	if len(r.Topics) != 1 || len(r.Topics[arn].Subscriptions.Value) != 1 || r.Trails != nil {
		t.Errorf("region of the topic: %+v", r)
	}
	if p, ok := r.Keys[key].Policy.Got(); !ok || !strings.Contains(p, "kms:*") {
		t.Errorf("key of the topic: %+v", r.Keys[key])
	}
}

// A key that another account's topic names by alias is asked for there.
func TestForeignTopicsKey(t *testing.T) {
	l := newLab(t, awstest.Options{})
	other := l.cloud.Account("444455556666", awstest.AccountOptions{Regions: threeRegions}).Region(homeRegion)
	arn := l.topic(other, "central", confirmed)
	_, key := other.CreateKey(awstest.KeyOptions{
		Alias:  "alias/k",
		Policy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}`,
	})
	l.must(other.SetTopicAttribute(arn, "KmsMasterKeyId", "alias/k"))
	l.must(other.SetTopicAttribute(arn, "Policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"SNS:*","Resource":"`+arn+`"}]}`))
	l.home.CreateKey(awstest.KeyOptions{Alias: "alias/k"}) // ours of the same name is another
	l.chain(l.home, "g", arn)
	r := l.region(l.collect(Options{}), homeRegion)
	const name = "arn:aws:kms:eu-central-1:444455556666:alias/k"
	if x, _ := r.Topics[arn].Attributes.Got(); x == nil || x.KeyID != name {
		t.Fatalf("topic: %+v", r.Topics[arn].Attributes)
	}
	if m, _ := r.Keys[name].Metadata.Got(); m == nil || m.ARN != key {
		t.Errorf("key: %+v, want %s", r.Keys[name].Metadata, key)
	}
}

// A role is assumed with the id that it asks for, and the account behind it is
// the one that is read.
func TestAssumedRole(t *testing.T) {
	l := newLab(t, awstest.Options{})
	other := l.cloud.Account("444455556666", awstest.AccountOptions{Regions: []string{"us-west-2"}})
	role := other.Role("auditor", awstest.RoleOptions{ExternalID: "secret-id"})
	snap := l.collectWith(l.session(Config{RoleARN: role, ExternalID: "secret-id"}), Options{})
	if a := snap.Accounts[0]; a.ID != "444455556666" || !slices.Equal(a.Scope, []string{"us-west-2"}) {
		t.Errorf("read account %s, scope %v", a.ID, a.Scope)
	}
	s := l.session(Config{RoleARN: role, ExternalID: "wrong"})
	_, err := s.Caller(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "finding credentials: assuming role "+role+": sts:AssumeRole: AccessDenied: ") || strings.Contains(err.Error(), "wrong") {
		t.Errorf("with the wrong external id: %v", err)
	}
}
