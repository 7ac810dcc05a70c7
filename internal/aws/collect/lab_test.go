package collect

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/awstest"
)

const (
	homeRegion = "eu-central-1"
	groupName  = "/cloudtrail/org"
	namespace  = "CloudTrailMetrics"
)

// threeRegions keeps the tests' accounts small.
var threeRegions = []string{"eu-central-1", "eu-west-1", "us-east-1"}

// A lab is a test account behind a real HTTP endpoint.
type lab struct {
	t     *testing.T
	cloud *awstest.Cloud
	url   string
	acct  *awstest.Account
	home  *awstest.Region
}

// newLab starts an endpoint with one empty account whose credentials are in the
// environment.
func newLab(t *testing.T, opts awstest.Options) *lab {
	t.Helper()
	isolate(t)
	if opts.Start.IsZero() {
		opts.Start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	}
	l := &lab{t: t, cloud: awstest.New(opts)}
	url, stop, err := l.cloud.Server()
	l.must(err)
	t.Cleanup(stop)
	l.url = url
	l.acct = l.cloud.Account(acct, awstest.AccountOptions{Alias: "acme", Regions: threeRegions})
	l.home = l.acct.Region(homeRegion)
	l.login(l.acct)
	return l
}

func (l *lab) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// login puts an account's credentials into the environment.
func (l *lab) login(a *awstest.Account) {
	id, secret := a.Credentials()
	l.t.Setenv("AWS_ACCESS_KEY_ID", id)
	l.t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
}

// session connects as the command line does, but for the pauses between
// attempts.
func (l *lab) session(conf Config) *Session {
	l.t.Helper()
	conf.EndpointURL = l.url
	if conf.Protocol == "" {
		conf.Protocol = CBOR
	}
	if conf.Retries == (Retries{}) {
		conf.Retries = Retries{Attempts: 4, MaxBackoff: time.Nanosecond}
	}
	s, err := Connect(context.Background(), conf)
	l.must(err)
	return s
}

func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// collect reads the account; the options' clock and salt are filled in.
func (l *lab) collect(o Options) account.Snapshot {
	l.t.Helper()
	return l.collectWith(l.session(Config{}), o)
}

func (l *lab) collectWith(s *Session, o Options) account.Snapshot {
	l.t.Helper()
	o.Now, o.Salt = noon, "5a17"
	snap, err := Run(context.Background(), s, o)
	l.must(err)
	return snap
}

// filter puts a metric filter on a log group of the region.
func (l *lab) filter(r *awstest.Region, group, name, metric string) {
	l.t.Helper()
	zero := 0.0
	l.must(r.PutMetricFilter(awstest.PutMetricFilterInput{
		LogGroupName: group, FilterName: name, FilterPattern: "{ $.eventName = CreateVpc }",
		MetricTransformations: []awstest.MetricTransformation{{
			MetricName: metric, MetricNamespace: namespace, MetricValue: "1", DefaultValue: &zero,
		}},
	}))
}

// alarm puts an alarm on a metric of the region.
func (l *lab) alarm(r *awstest.Region, name, metric string, actions ...string) {
	l.t.Helper()
	one := 1.0
	l.must(r.PutMetricAlarm(awstest.PutMetricAlarmInput{
		AlarmName: name, Namespace: namespace, MetricName: metric, Statistic: "Sum", Period: 300, EvaluationPeriods: 1,
		Threshold: &one, ComparisonOperator: "GreaterThanOrEqualToThreshold", TreatMissingData: "notBreaching", AlarmActions: actions,
	}))
}

// topic makes a topic with subscribers, written as "protocol:endpoint".
func (l *lab) topic(r *awstest.Region, name string, subscribers ...[2]string) string {
	l.t.Helper()
	arn, err := r.CreateTopic(awstest.CreateTopicInput{Name: name})
	l.must(err)
	for _, s := range subscribers {
		_, err := r.Subscribe(awstest.SubscribeInput{TopicARN: arn, Protocol: s[0], Endpoint: s[1]})
		l.must(err)
	}
	return arn
}

// confirmed is a subscriber that SNS confirms by itself.
var confirmed = [2]string{"sms", "+491701234567"}

// common builds what a well-kept account has: one multi-region trail, four
// filters with an alarm each, one topic with one subscriber.
func (l *lab) common() (topic string) {
	l.t.Helper()
	_, err := l.home.Trail("org", groupName)
	l.must(err)
	topic = l.topic(l.home, "alerts", confirmed)
	for i := 1; i <= 4; i++ {
		metric := fmt.Sprintf("M%d", i)
		l.filter(l.home, groupName, fmt.Sprintf("F%d", i), metric)
		l.alarm(l.home, fmt.Sprintf("A%d", i), metric, topic)
	}
	return topic
}

// region returns what the snapshot holds of a region.
func (l *lab) region(s account.Snapshot, name string) account.Region {
	l.t.Helper()
	r := s.Accounts[0].Region(name)
	if r == nil {
		l.t.Fatalf("snapshot has no region %s", name)
	}
	return *r
}

func diff(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// failures lists the failures of a snapshot as "operation code", in the order
// of the snapshot, each once.
func failures(t *testing.T, s account.Snapshot) []string {
	t.Helper()
	var list []string
	seen := map[string]bool{}
	walk(t, s, func(operation, code string) {
		if f := operation + " " + code; !seen[f] {
			seen[f] = true
			list = append(list, f)
		}
	})
	return list
}
