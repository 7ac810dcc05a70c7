package collect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

func ptr[T any](v T) *T { return &v }

// TestSnapshot holds every field that a common account has against what was put
// into the account.
func TestSnapshot(t *testing.T) {
	l := newLab(t, awstest.Options{})
	trail, err := l.home.Trail("org", groupName)
	l.must(err)
	topic := l.topic(l.home, "alerts", confirmed, [2]string{"email", "someone@example.com"})
	l.filter(l.home, groupName, "F", "M")
	l.alarm(l.home, "A", "M", topic)

	got := l.collect(Options{})
	home := l.region(got, homeRegion)
	attributes := home.Topics[topic].Attributes.Value
	if attributes == nil || !strings.Contains(attributes.Policy, "__default_policy_ID") {
		t.Fatalf("policy of the topic was not read: %+v", attributes)
	}
	subs, _ := home.Topics[topic].Subscriptions.Got()
	if len(subs) != 2 || !strings.HasPrefix(subs[1].ARN, topic+":") {
		t.Fatalf("subscriptions: %+v", subs)
	}

	everywhere := &account.Read[[]string]{Value: []string{trail}}
	want := account.Snapshot{
		Schema: account.SchemaV1, TakenAt: noon(), Salt: "5a17",
		Accounts: []account.Account{{
			ID: acct, Alias: "acme", Partition: "aws", Scope: threeRegions,
			Trails: []account.Trail{{
				ARN: trail, Name: "org", HomeRegion: homeRegion, MultiRegion: true, GlobalServiceEvents: true, Bucket: "trail-of-111122223333",
				LogGroupARN: "arn:aws:logs:eu-central-1:111122223333:log-group:/cloudtrail/org:*",
				Status:      &account.Read[account.TrailStatus]{Value: account.TrailStatus{Logging: true}},
				Selectors: &account.Read[account.Selectors]{Value: account.Selectors{
					Basic: []account.EventSelector{{ManagementEvents: true, ReadWriteType: "All"}},
				}},
			}},
			Regions: []account.Region{
				{
					Name: homeRegion, Trails: everywhere,
					LogGroups: map[string]*account.Read[*account.LogGroup]{groupName: {Value: &account.LogGroup{
						Name: groupName, ARN: "arn:aws:logs:eu-central-1:111122223333:log-group:/cloudtrail/org", Class: "STANDARD",
					}}},
					MetricFilters: &account.Read[[]account.MetricFilter]{Value: []account.MetricFilter{{
						LogGroup: groupName, Name: "F", Pattern: "{ $.eventName = CreateVpc }",
						Namespace: namespace, Metric: "M", Value: "1", Default: ptr(0.0),
					}}},
					Alarms: &account.Read[account.Alarms]{Value: account.Alarms{Metric: []account.MetricAlarm{{
						ARN:  "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:A",
						Name: "A", ActionsEnabled: true, AlarmActions: []string{topic},
						Namespace: namespace, Metric: "M", Statistic: "Sum", Period: 300, EvaluationPeriods: 1,
						Threshold: ptr(1.0), Comparison: "GreaterThanOrEqualToThreshold", MissingData: "notBreaching",
						State: "INSUFFICIENT_DATA", StateReason: home.Alarms.Value.Metric[0].StateReason,
						TransitionAt: ptr(noon()), UpdatedAt: ptr(noon()),
					}}}},
					MuteRules:     &account.Read[[]account.MuteRule]{},
					ActionHistory: &account.Read[account.ActionHistory]{},
					Topics: map[string]*account.Topic{topic: {
						ARN:        topic,
						Attributes: &account.Read[*account.TopicAttributes]{Value: &account.TopicAttributes{Owner: acct, Policy: attributes.Policy}},
						Subscriptions: &account.Read[[]account.Subscription]{Value: []account.Subscription{
							{
								State: account.Pending, Protocol: "email", Endpoint: "s***@example.com",
								EndpointHash: account.HashEndpoint("5a17", "email", "someone@example.com"),
							},
							{
								ARN: subs[1].ARN, State: account.Confirmed, Protocol: "sms", Endpoint: "+49***67",
								EndpointHash: account.HashEndpoint("5a17", "sms", "+491701234567"),
								Details:      &account.Read[account.SubscriptionDetails]{Value: account.SubscriptionDetails{Authenticated: "false"}},
							},
						}},
					}},
				},
				{Name: "eu-west-1", Trails: everywhere},
				{Name: "us-east-1", Trails: everywhere},
			},
		}},
	}
	diff(t, "snapshot", got, want)
}

// TestCallBudget is the promise of the documentation: one multi-region trail,
// the core controls, one topic with one subscriber.
func TestCallBudget(t *testing.T) {
	for name, encrypt := range map[string]bool{"plain topic": false, "encrypted topic": true} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, awstest.Options{})
			topic := l.common()
			if encrypt {
				_, key := l.home.CreateKey(awstest.KeyOptions{})
				l.must(l.home.SetTopicAttribute(topic, "KmsMasterKeyId", key))
			}
			s := l.session(Config{})
			l.collectWith(s, Options{})
			most := len(threeRegions) + 13
			if encrypt {
				most += 2
			}
			sent := 0
			for _, n := range l.cloud.CallCounts() {
				sent += n
			}
			if sent > most {
				t.Errorf("account saw %d calls, want at most %d: %v", sent, most, l.cloud.CallCounts())
			}
			diff(t, "calls counted by the session and by the account", s.Stats().Calls, l.cloud.CallCounts())
			if s.Stats().Total() != sent {
				t.Errorf("total is %d, account saw %d", s.Stats().Total(), sent)
			}
			for _, c := range l.cloud.Calls() {
				if !c.Read {
					t.Errorf("%s changes the account", c.Operation)
				}
			}
		})
	}
}

func TestGivenRegionsCostNoList(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.common()
	snap := l.collect(Options{Regions: []string{"us-east-1", "eu-west-1", "us-east-1"}})
	diff(t, "scope", snap.Accounts[0].Scope, []string{"eu-west-1", "us-east-1"})
	counts := l.cloud.CallCounts()
	if counts["account:ListRegions"]+counts["ec2:DescribeRegions"] != 0 || counts["cloudtrail:DescribeTrails"] != 2 {
		t.Errorf("calls: %v", counts)
	}
	// The trail's home is outside, and its chain is read there all the same.
	home := l.region(snap, homeRegion)
	if home.Trails != nil || len(home.MetricFilters.Value) != 4 {
		t.Errorf("home region outside the scope: %+v", home)
	}
}

func TestGlobalServicesBringTheirRegion(t *testing.T) {
	tests := []struct {
		name  string
		scope catalog.Scope
		want  []string
	}{
		{"regional", catalog.Regional, []string{"eu-west-1"}},
		{"global", catalog.Global, []string{"eu-west-1", "us-east-1"}},
		{"sign-in", catalog.SignIn, []string{"eu-west-1", "us-east-1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, awstest.Options{})
			snap := l.collect(Options{Regions: []string{"eu-west-1"}, Controls: []catalog.Control{{Scope: tt.scope}}})
			diff(t, "scope", snap.Accounts[0].Scope, []string{"eu-west-1"})
			var read []string
			for _, r := range snap.Accounts[0].Regions {
				read = append(read, r.Name)
			}
			diff(t, "regions read", read, tt.want)
		})
	}
}

func TestOtherPartitions(t *testing.T) {
	l := newLab(t, awstest.Options{})
	china := l.cloud.Account("444455556666", awstest.AccountOptions{Regions: []string{"cn-north-1", "cn-northwest-1"}})
	l.login(china)
	t.Setenv("AWS_REGION", "cn-north-1")
	snap := l.collect(Options{Regions: []string{"cn-north-1"}, Controls: []catalog.Control{{Scope: catalog.Global}}})
	a := snap.Accounts[0]
	if a.Partition != "aws-cn" || !slices.Equal(a.Scope, []string{"cn-north-1"}) || len(a.Regions) != 2 {
		t.Errorf("got partition %s, scope %v, %d regions", a.Partition, a.Scope, len(a.Regions))
	}
}

func TestRegionListFallsBack(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.common()
	want := l.collect(Options{})

	l.cloud.Deny("account:ListRegions")
	diff(t, "snapshot with EC2's list", l.collect(Options{}), want)

	l.cloud.Deny("ec2:DescribeRegions")
	a := l.collect(Options{}).Accounts[0]
	diff(t, "scope of the built-in list", a.Scope, defaultRegions["aws"])
	var codes []string
	for _, n := range a.Notes {
		codes = append(codes, n.Operation+" "+n.Code)
	}
	diff(t, "notes", codes, []string{"account:ListRegions AccessDeniedException", "ec2:DescribeRegions UnauthorizedOperation"})
}

func TestShortPages(t *testing.T) {
	build := func(opts awstest.Options) account.Snapshot {
		l := newLab(t, opts)
		topic := l.common()
		for i := range 5 {
			l.must(l.home.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: fmt.Sprintf("%s-%d", groupName, i)}))
			_, err := l.home.Subscribe(awstest.SubscribeInput{TopicARN: topic, Protocol: "email", Endpoint: fmt.Sprintf("%d@example.com", i)})
			l.must(err)
		}
		l.must(l.home.PutCompositeAlarm(awstest.PutCompositeAlarmInput{AlarmName: "B", AlarmRule: `ALARM("A1")`, AlarmActions: []string{topic}}))
		return l.collect(Options{})
	}
	want := build(awstest.Options{})
	got := build(awstest.Options{PageSize: 1})
	diff(t, "snapshot over pages of one", got, want)
	home := got.Accounts[0].Region(homeRegion)
	if f, a := len(home.MetricFilters.Value), home.Alarms.Value; f != 4 || len(a.Metric) != 4 || len(a.Composite) != 1 {
		t.Errorf("%d filters, %d metric alarms, %d composite alarms", f, len(a.Metric), len(a.Composite))
	}
}

func TestProtocolsAgree(t *testing.T) {
	l := newLab(t, awstest.Options{})
	topic := l.common()
	l.must(l.home.PutCompositeAlarm(awstest.PutCompositeAlarmInput{AlarmName: "B", AlarmRule: `ALARM("A1") AND NOT ALARM("A2")`, AlarmActions: []string{topic}}))
	l.must(l.home.PutMetricAlarm(awstest.PutMetricAlarmInput{
		AlarmName: "math", EvaluationPeriods: 3, DatapointsToAlarm: 2, Threshold: ptr(0.5), ComparisonOperator: "GreaterThanThreshold",
		Metrics: []awstest.MetricDataQuery{
			{ID: "e", Expression: "FILL(m, 0)"},
			{ID: "m", ReturnData: ptr(false), MetricStat: &awstest.MetricStat{
				Metric: awstest.Metric{Namespace: namespace, MetricName: "M1", Dimensions: []awstest.Dimension{{Name: "d", Value: "v"}}},
				Period: 60, Stat: "Sum", Unit: "Count",
			}},
		},
	}))
	want := l.collectWith(l.session(Config{Protocol: CBOR}), Options{})
	home := l.region(want, homeRegion)
	math := home.Alarms.Value.Metric[len(home.Alarms.Value.Metric)-1]
	diff(t, "metric math", math.Queries, []account.MetricQuery{
		{ID: "e", Expression: "FILL(m, 0)", ReturnData: true},
		{
			ID: "m", Namespace: namespace, Metric: "M1", Dimensions: map[string]string{"d": "v"},
			Statistic: "Sum", Unit: "Count", Period: 60,
		},
	})
	for _, p := range []Protocol{JSON, Query} {
		diff(t, "snapshot over "+string(p), l.collectWith(l.session(Config{Protocol: p}), Options{}), want)
		spoken := ""
		for _, c := range l.cloud.Calls() {
			if c.Operation == "cloudwatch:DescribeAlarms" {
				spoken = c.Protocol
			}
		}
		if spoken != string(p) {
			t.Errorf("the account was spoken to in %s, want %s", spoken, p)
		}
	}
}

func TestSameAccountSameSnapshot(t *testing.T) {
	l := newLab(t, awstest.Options{})
	topic := l.common()
	for i := range 8 {
		_, err := l.home.Subscribe(awstest.SubscribeInput{TopicARN: topic, Protocol: "email", Endpoint: fmt.Sprintf("%d@example.com", 7-i)})
		l.must(err)
	}
	l.cloud.Deny("cloudtrail:GetTrailStatus", "sns:GetSubscriptionAttributes", "iam:ListAccountAliases")
	want := encoded(t, l.collect(Options{}))
	for range 5 {
		diff(t, "snapshot", encoded(t, l.collect(Options{})), want)
	}
	loaded, err := account.Decode(strings.NewReader(want))
	l.must(err)
	diff(t, "snapshot from its file", loaded, l.collect(Options{}))
}

func encoded(t *testing.T, s account.Snapshot) string {
	t.Helper()
	var b bytes.Buffer
	if err := account.Encode(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestProgress(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.common()
	var calls []string
	s := l.session(Config{Observe: func(c Call) { calls = append(calls, c.Operation) }})
	var seen []int
	l.collectWith(s, Options{OnRegion: func(read, total int) {
		if total != len(threeRegions) {
			t.Errorf("%d regions of %d, want of %d", read, total, len(threeRegions))
		}
		seen = append(seen, read)
	}})
	diff(t, "regions reported", seen, []int{1, 2, 3})
	if len(calls) != s.Stats().Total() {
		t.Errorf("observed %d calls, counted %d", len(calls), s.Stats().Total())
	}
}

// TestCancelled ends the context after each call of a run in turn: no snapshot
// may come out, however much was read.
func TestCancelled(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.common()
	s := l.session(Config{})
	l.collectWith(s, Options{})
	total := s.Stats().Total()
	cause := errors.New("enough")
	for n := 1; n < total; n++ {
		ctx, cancel := context.WithCancelCause(context.Background())
		made := 0
		s := l.session(Config{Observe: func(Call) {
			if made++; made == n {
				cancel(cause)
			}
		}})
		_, err := Run(ctx, s, Options{Now: time.Now})
		if !errors.Is(err, cause) {
			t.Errorf("cancelled after %d of %d calls: got %v, want %v", n, total, err, cause)
		}
		cancel(nil)
	}
}
