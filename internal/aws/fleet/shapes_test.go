package fleet

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// A shape is a small organization of some kind, with one control.
type shape struct{ *lab }

// Accounts of a shape beside those of the lab.
const (
	first  = "300000000001"
	second = "300000000002"
)

func newShape(t *testing.T) *shape {
	l := newLab(t, 1, 0)
	l.controls = l.controls[:1]
	all := []*awstest.Account{l.accounts[logs], l.accounts[notify]}
	for _, id := range []string{first, second} {
		a := l.cloud.Account(id, awstest.AccountOptions{Regions: regions})
		a.Role("audit", awstest.RoleOptions{})
		l.accounts[id] = a
		all = append(all, a)
	}
	l.cloud.NamedOrganization("o-fleet00001", l.accounts[management], all...)
	return &shape{l}
}

// trail makes a trail of an account that delivers to a log group of an owner, which it
// makes if it is not there.
func (s *shape) trail(of, name, owner, group string, organization bool) {
	s.t.Helper()
	r := s.accounts[owner].Region(home)
	r.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: group}) //nolint:errcheck // it may be there
	_, err := s.accounts[of].Region(home).CreateTrail(awstest.CreateTrailInput{
		Name: name, S3BucketName: "b", IsMultiRegionTrail: true, IsOrganizationTrail: organization,
		CloudWatchLogsLogGroupARN: "arn:aws:logs:" + home + ":" + owner + ":log-group:" + group + ":*", CloudWatchLogsRoleARN: "arn:aws:iam::" + owner + ":role/ct",
	})
	s.must(err)
	by := of
	if organization { // whoever makes it, it belongs to the management account
		by = management
	}
	s.must(s.accounts[by].Region(home).StartLogging(name))
}

// alerts makes a chain on a log group of an account.
func (s *shape) alerts(owner, group string) {
	s.t.Helper()
	s.chain(s.accounts[owner].Region(home), s.controls[0], group, false)
}

// ownChains gives two members a trail and a chain of their own, whose alarms notify a topic
// of another account.
func (s *shape) ownChains() {
	s.t.Helper()
	for _, id := range []string{first, second} {
		s.trail(id, "own", id, "own", false)
		s.chain(s.accounts[id].Region(home), s.controls[0], "own", true)
	}
	topic := "arn:aws:sns:" + home + ":" + notify + ":alerts" // which nobody else may look at
	s.must(s.accounts[notify].Region(home).SetTopicAttribute(topic, "Policy",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":"sns:Publish","Resource":"`+topic+`"}]}`))
}

// monitored makes a filter without alarm in the account of the log group, which another one
// monitors; there the alarm may be.
func (s *shape) monitored(shared string, alarm bool) {
	s.t.Helper()
	s.trail(management, "org", logs, "central", true)
	r, c := s.accounts[logs].Region(home), s.controls[0]
	s.must(r.PutMetricFilter(awstest.PutMetricFilterInput{
		LogGroupName: "central", FilterName: c.ID, FilterPattern: c.Writes(catalog.DefaultBenchmark).Text,
		MetricTransformations: []awstest.MetricTransformation{{MetricName: c.ID, MetricNamespace: "Fleet", MetricValue: "1"}},
	}))
	r.LinkTo(s.accounts[notify], shared)
	if !alarm {
		return
	}
	there, one := s.accounts[notify].Region(home), 1.0
	topic := s.topic(there, "cloudwatch.amazonaws.com")
	s.must(there.PutMetricAlarm(awstest.PutMetricAlarmInput{
		AlarmName: c.ID, AlarmActions: []string{topic}, EvaluationPeriods: 1, Threshold: &one,
		ComparisonOperator: "GreaterThanOrEqualToThreshold", TreatMissingData: "notBreaching",
		Metrics: []awstest.MetricDataQuery{{ID: "m", AccountID: logs, MetricStat: &awstest.MetricStat{
			Metric: awstest.Metric{Namespace: "Fleet", MetricName: c.ID}, Stat: "Sum", Period: 300,
		}}},
	}))
}

// audited audits the organization with the credentials of an account, into a store that may
// be nil. The cloud counts the calls from when the world has been read.
func (s *shape) audited(base string, store Store) map[string]Outcome {
	s.t.Helper()
	ctx := context.Background()
	id, secret := s.accounts[base].Credentials()
	session, err := collect.Connect(ctx, collect.Config{EndpointURL: s.url, Protocol: collect.CBOR, Keys: &collect.Keys{ID: id, Secret: secret}})
	s.must(err)
	f, err := New(ctx, session, session, collect.DefaultConnections, s.options(), store)
	s.must(err)
	defer f.Close()
	s.must(f.ReadWorld(ctx))
	s.cloud.ResetCalls()
	sink := &outcomes{of: map[string]Outcome{}}
	s.must(f.Run(ctx, f.Directory().Accounts(ctx), sink))
	return sink.of
}

// verdicts audits the organization with the credentials of an account: for each account the
// status, the code of the first reason, and what the verdict rests on.
func (s *shape) verdicts(base string) map[string]string {
	s.t.Helper()
	read := s.audited(base, nil)
	got := map[string]string{}
	for id, out := range read {
		x := out.findings()[0]
		words := []string{string(x.Status)}
		if x.Status != "pass" && len(x.Reasons) > 0 {
			words = append(words, string(x.Reasons[0].Code))
		}
		if out.Basis != Read {
			words = append(words, string(out.Basis))
		}
		got[id] = strings.Join(words, " ")
	}
	return got
}

// TestShapes audits the organizations that landing zones and people make, each beside one
// in which the decisive link is missing.
func TestShapes(t *testing.T) {
	everyone := func(text string, but ...string) map[string]string {
		m := map[string]string{management: text, logs: text, notify: text, first: text, second: text}
		for i := 0; i < len(but); i += 2 {
			m[but[i]] = but[i+1]
		}
		return m
	}
	owned := func(owner string) map[string]string {
		return everyone("pass covered", management, "pass", owner, "pass")
	}
	tests := []struct {
		name string
		base string // "" is the management account
		make func(*shape)
		want map[string]string
	}{
		{"Control Tower since 3.0", "", func(s *shape) {
			s.trail(management, "aws-controltower-BaselineCloudTrail", management, "aws-controltower/CloudTrailLogs", true)
			s.alerts(management, "aws-controltower/CloudTrailLogs")
		}, owned(management)},
		{"Control Tower 4.0, whose log group has a suffix", "", func(s *shape) {
			s.trail(management, "aws-controltower-BaselineCloudTrail", management, "aws-controltower/CloudTrailLogs-a1b2c3", true)
			s.alerts(management, "aws-controltower/CloudTrailLogs-a1b2c3")
		}, owned(management)},
		{"the alarms are on the log group that Control Tower had before", "", func(s *shape) {
			s.trail(management, "aws-controltower-BaselineCloudTrail", management, "aws-controltower/CloudTrailLogs-a1b2c3", true)
			s.must(s.accounts[management].Region(home).CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "aws-controltower/CloudTrailLogs"}))
			s.alerts(management, "aws-controltower/CloudTrailLogs")
		}, everyone("fail no-filter")},
		{"Control Tower before 3.0: each account has a trail", "", func(s *shape) {
			for id := range s.accounts {
				s.trail(id, "aws-controltower-BaselineCloudTrail", id, "aws-controltower/CloudTrailLogs", false)
			}
			s.alerts(first, "aws-controltower/CloudTrailLogs")
		}, everyone("fail no-filter", first, "pass")},
		{"the accelerator's second copy, with the alarms on it", "", func(s *shape) {
			s.trail(management, "aws-controltower-BaselineCloudTrail", management, "aws-controltower/CloudTrailLogs", true)
			s.trail(management, "AWSAccelerator-Organizations-CloudTrail", management, "aws-accelerator-cloudtrail-logs", true)
			s.alerts(management, "aws-accelerator-cloudtrail-logs")
		}, owned(management)},
		{"a delegated administrator has the log group, and the management account lets nobody in", logs, func(s *shape) {
			s.accounts[logs].Delegate()
			s.trail(logs, "org", logs, "central", true)
			s.alerts(logs, "central")
			s.accounts[management].Role("audit", awstest.RoleOptions{Trusted: []string{management}})
		}, everyone("pass covered", logs, "pass", management, "unknown account-unreadable")},
		{"the management account has the log group, and lets nobody in", logs, func(s *shape) {
			s.accounts[logs].Delegate()
			s.trail(management, "org", management, "central", true)
			s.alerts(management, "central")
			s.accounts[management].Role("audit", awstest.RoleOptions{Trusted: []string{management}})
		}, everyone("unknown judged-elsewhere", management, "unknown account-unreadable")},
		{"a delegated administrator's trail is stopped, and the management account lets nobody in", logs, func(s *shape) {
			s.accounts[logs].Delegate()
			s.trail(logs, "org", logs, "central", true)
			s.must(s.accounts[management].Region(home).StopLogging("org"))
			s.alerts(logs, "central")
			s.accounts[management].Role("audit", awstest.RoleOptions{Trusted: []string{management}})
		}, everyone("fail trail-not-logging", management, "unknown account-unreadable")},
		{"a member's own trail beside the organization's", "", func(s *shape) {
			s.trail(management, "org", logs, "central", true)
			s.alerts(logs, "central")
			s.trail(first, "own", first, "own", false)
		}, everyone("pass covered", management, "pass", logs, "pass", first, "pass")},
		{"a member's own trail has the only alarms", "", func(s *shape) {
			s.trail(management, "org", logs, "central", true)
			s.trail(first, "own", first, "own", false)
			s.alerts(first, "own")
		}, everyone("fail no-filter", first, "pass")},
		{"an account that monitors the log group's has the alarm", "", func(s *shape) { s.monitored(awstest.LinkMetrics, true) }, everyone("pass covered", management, "pass", logs, "pass", notify, "pass")},
		{"an account that monitors the log group's has no alarm", "", func(s *shape) { s.monitored(awstest.LinkMetrics, false) }, everyone("fail no-alarm")},
		{"members' own alarms notify a topic of an account that nobody else names", "", func(s *shape) { s.ownChains() },
			everyone("fail no-trail", first, "pass", second, "pass")},
		{"the account of the topic lets nobody in", "", func(s *shape) {
			s.ownChains()
			s.accounts[notify].Role("audit", awstest.RoleOptions{Trusted: []string{notify}})
		}, everyone("fail no-trail", first, "unknown topic-unreadable", second, "unknown topic-unreadable", notify, "unknown account-unreadable")},
		{"the account of the topic has left the organization", "", func(s *shape) {
			s.ownChains()
			s.accounts[notify].LeaveOrganization()
		}, map[string]string{management: "fail no-trail", logs: "fail no-trail", first: "unknown topic-unreadable", second: "unknown topic-unreadable"}},
		{"an account that monitors logs only", "", func(s *shape) { s.monitored("AWS::Logs::LogGroup", true) }, everyone("fail no-alarm")},
		{"an account that monitors the log group's lets nobody in", "", func(s *shape) {
			s.monitored(awstest.LinkMetrics, true)
			s.accounts[notify].Role("audit", awstest.RoleOptions{Trusted: []string{notify}})
		}, everyone("unknown judged-elsewhere", notify, "unknown account-unreadable")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newShape(t)
			tt.make(s)
			base := tt.base
			if base == "" {
				base = management
			}
			if diff := cmp.Diff(tt.want, s.verdicts(base)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
