package collect

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/awstest"
)

// rich builds an account in which every read that this package knows is made.
func (l *lab) rich() (topic, key string, o Options) {
	l.t.Helper()
	topic = l.common()
	_, key = l.home.CreateKey(awstest.KeyOptions{Alias: "alias/alerts"})
	l.must(l.home.SetTopicAttribute(topic, "KmsMasterKeyId", key))
	_, err := l.home.CreateTopic(awstest.CreateTopicInput{Name: "own", Tags: []awstest.Tag{{Key: "k", Value: "v"}}})
	l.must(err)
	l.must(l.home.SetTransformer(groupName))
	l.must(l.home.PutMetricFilter(awstest.PutMetricFilterInput{
		LogGroupName: groupName, FilterName: "T", FilterPattern: "{ $.a = 1 }", ApplyOnTransformedLogs: true,
		MetricTransformations: []awstest.MetricTransformation{{MetricName: "T", MetricNamespace: namespace, MetricValue: "1"}},
	}))
	l.must(l.home.PutAlarmMuteRule(awstest.PutAlarmMuteRuleInput{
		Name: "m", MuteTargets: &awstest.MuteTargets{AlarmNames: []string{"A2", "A1"}},
		Rule: &awstest.MuteRule{Schedule: awstest.MuteSchedule{Expression: "cron(0 * * * *)", Duration: "PT1H", Timezone: "Europe/Berlin"}},
	}))
	return topic, key, Options{Own: &Own{Alarms: []string{"A1"}, Topics: []string{"own"}}}
}

const ownTopicARN = "arn:aws:sns:eu-central-1:111122223333:own"

// effects says for every read what a snapshot looks like when just that read
// fails: f stands where the answer would, what would have been asked next is
// not there, and nothing else is lost.
var effects = map[string]func(a *account.Account, topic, key string, f *account.Failure){
	"iam:ListAccountAliases": func(a *account.Account, _, _ string, f *account.Failure) {
		a.Alias, a.Notes = "", []account.Failure{*f}
	},
	"account:ListRegions": func(*account.Account, string, string, *account.Failure) {}, // EC2 is asked instead
	"cloudtrail:GetTrailStatus": func(a *account.Account, _, _ string, f *account.Failure) {
		a.Trails[0].Status = &account.Read[account.TrailStatus]{Failure: f}
	},
	"cloudtrail:GetEventSelectors": func(a *account.Account, _, _ string, f *account.Failure) {
		a.Trails[0].Selectors = &account.Read[account.Selectors]{Failure: f}
	},
	"logs:DescribeLogGroups": func(a *account.Account, _, _ string, f *account.Failure) {
		a.Region(homeRegion).LogGroups[groupName] = &account.Read[*account.LogGroup]{Failure: f}
	},
	"logs:DescribeMetricFilters": func(a *account.Account, topic, _ string, f *account.Failure) {
		r := a.Region(homeRegion)
		r.MetricFilters = &account.Read[[]account.MetricFilter]{Failure: f}
		delete(r.Topics, topic) // which alarms matter is not known
		r.Keys, r.MuteRules, r.ActionHistory, r.Transformers = nil, nil, nil, nil
	},
	"logs:GetTransformer": func(a *account.Account, _, _ string, f *account.Failure) {
		a.Region(homeRegion).Transformers[groupName] = &account.Read[*account.Transformer]{Failure: f}
	},
	"cloudwatch:DescribeAlarms": func(a *account.Account, topic, _ string, f *account.Failure) {
		r := a.Region(homeRegion)
		r.Alarms = &account.Read[account.Alarms]{Failure: f}
		r.AlarmTags = nil
		delete(r.Topics, topic)
		r.Keys, r.MuteRules, r.ActionHistory = nil, nil, nil
	},
	"cloudwatch:ListAlarmMuteRules": func(a *account.Account, _, _ string, f *account.Failure) {
		a.Region(homeRegion).MuteRules = &account.Read[[]account.MuteRule]{Failure: f}
	},
	"cloudwatch:GetAlarmMuteRule": func(a *account.Account, _, _ string, f *account.Failure) {
		a.Region(homeRegion).MuteRules.Value[0].Details = &account.Read[account.MuteDetails]{Failure: f}
	},
	"cloudwatch:DescribeAlarmHistory": func(a *account.Account, _, _ string, f *account.Failure) {
		a.Region(homeRegion).ActionHistory = &account.Read[account.ActionHistory]{Failure: f}
	},
	"cloudwatch:ListTagsForResource": func(a *account.Account, _, _ string, f *account.Failure) {
		a.Region(homeRegion).AlarmTags["A1"] = &account.Read[map[string]string]{Failure: f}
	},
	"sns:GetTopicAttributes": func(a *account.Account, _, _ string, f *account.Failure) {
		r := a.Region(homeRegion)
		for _, t := range r.Topics {
			t.Attributes = &account.Read[*account.TopicAttributes]{Failure: f}
		}
		r.Keys = nil
	},
	"sns:ListSubscriptionsByTopic": func(a *account.Account, _, _ string, f *account.Failure) {
		for _, t := range a.Region(homeRegion).Topics {
			t.Subscriptions = &account.Read[[]account.Subscription]{Failure: f}
		}
	},
	"sns:GetSubscriptionAttributes": func(a *account.Account, topic, _ string, f *account.Failure) {
		a.Region(homeRegion).Topics[topic].Subscriptions.Value[0].Details = &account.Read[account.SubscriptionDetails]{Failure: f}
	},
	"sns:ListTagsForResource": func(a *account.Account, _, _ string, f *account.Failure) {
		a.Region(homeRegion).Topics[ownTopicARN].Tags = &account.Read[map[string]string]{Failure: f}
	},
	"kms:DescribeKey": func(a *account.Account, _, key string, f *account.Failure) {
		a.Region(homeRegion).Keys[key] = &account.Key{Metadata: &account.Read[*account.KeyMetadata]{Failure: f}}
	},
	"kms:GetKeyPolicy": func(a *account.Account, _, key string, f *account.Failure) {
		a.Region(homeRegion).Keys[key].Policy = &account.Read[string]{Failure: f}
	},
}

// deniedAs is AWS's code for "denied", by service.
var deniedAs = map[string]string{
	"iam": "AccessDenied", "account": "AccessDeniedException", "cloudtrail": "AccessDeniedException",
	"logs": "AccessDeniedException", "cloudwatch": "AccessDenied", "sns": "AuthorizationError", "kms": "AccessDeniedException",
}

// TestEveryReadDenied denies each operation of a full reading in turn.
func TestEveryReadDenied(t *testing.T) {
	l := newLab(t, awstest.Options{})
	topic, key, o := l.rich()
	healthy := encoded(t, l.collect(o))
	for _, operation := range l.operations() {
		if operation == "sts:GetCallerIdentity" || operation == "cloudtrail:DescribeTrails" {
			continue // without them there is no snapshot: see below
		}
		t.Run(operation, func(t *testing.T) {
			l.t = t
			effect, known := effects[operation]
			if !known {
				t.Fatal("what its denial does to a snapshot is not written down")
			}
			l.cloud.Deny(operation)
			defer l.cloud.AllowAll()
			got := l.collect(o)

			service, _, _ := strings.Cut(operation, ":")
			f := &account.Failure{Operation: operation, Code: deniedAs[service], Message: deniedMessage(operation)}
			want := decoded(t, healthy)
			effect(&want.Accounts[0], topic, key, f)
			diff(t, "snapshot", got, want)
		})
	}
}

// operations are those that the account has seen, sorted.
func (l *lab) operations() []string {
	var names []string
	for name := range l.cloud.CallCounts() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func deniedMessage(operation string) string {
	return fmt.Sprintf("User: arn:aws:iam::111122223333:user/tester is not authorized to perform: %s because no identity-based policy allows the %s action", operation, operation)
}

func decoded(t *testing.T, text string) account.Snapshot {
	t.Helper()
	s, err := account.Decode(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNoRegionReadable(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.common()
	l.cloud.Deny("cloudtrail:DescribeTrails")
	_, err := Run(context.Background(), l.session(Config{}), Options{Now: noon})
	want := "no region is readable: cloudtrail:DescribeTrails in eu-central-1: AccessDeniedException: " + deniedMessage("cloudtrail:DescribeTrails")
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// One region that does not answer is recorded; a multi-region trail is seen in
// the others all the same.
func TestOneRegionUnreadable(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.common()
	want := decoded(t, encoded(t, l.collect(Options{})))
	l.cloud.Fault(awstest.Fault{Operation: "cloudtrail:DescribeTrails", Region: homeRegion, Kind: awstest.ErrorCode, Code: "UnrecognizedClientException"})
	got := l.collect(Options{})
	want.Accounts[0].Region(homeRegion).Trails = &account.Read[[]string]{Failure: &account.Failure{
		Operation: "cloudtrail:DescribeTrails", Code: "UnrecognizedClientException",
		Message: "the region is not enabled for this account, or the credentials are not valid there",
	}}
	diff(t, "snapshot", got, want)
}

// TestFaultsThatPass lets every operation fail twice before it answers: the
// snapshot must not show it.
func TestFaultsThatPass(t *testing.T) {
	kinds := map[string]awstest.Fault{
		"throttled":      {Kind: awstest.Throttle},
		"500":            {Kind: awstest.ServerError},
		"503":            {Kind: awstest.Unavailable},
		"proxy page":     {Kind: awstest.HTMLError},
		"reset midway":   {Kind: awstest.Reset},
		"reply cut half": {Kind: awstest.Truncate},
	}
	for _, p := range []Protocol{CBOR, JSON, Query} {
		for name, fault := range kinds {
			t.Run(string(p)+"/"+name, func(t *testing.T) {
				l := newLab(t, awstest.Options{})
				_, _, o := l.rich()
				want := l.collect(o)
				operations := l.operations()
				for _, operation := range operations {
					fault.Operation, fault.Times = operation, 2
					l.cloud.Fault(fault)
				}
				s := l.session(Config{Protocol: p, Retries: Retries{Attempts: 8, MaxBackoff: time.Nanosecond}})
				diff(t, "snapshot", l.collectWith(s, o), want)
				retries := s.Stats().Retries
				if n, want := s.Stats().Throttled, 2*len(operations); name == "throttled" && n != want || name != "throttled" && n != 0 {
					t.Errorf("%d requests were throttled, want %d or, where something else failed, none", n, want)
				}
				for _, operation := range operations {
					if retries[operation] != 2 {
						t.Errorf("%s was repeated %d times, want 2", operation, retries[operation])
					}
				}
			})
		}
	}
}

// EC2's list of regions has a retry loop of its own.
func TestRegionListOfEC2IsRepeated(t *testing.T) {
	for _, kind := range []awstest.FaultKind{awstest.Throttle, awstest.ServerError, awstest.HTMLError, awstest.Reset, awstest.Truncate} {
		l := newLab(t, awstest.Options{})
		l.cloud.Deny("account:ListRegions")
		l.cloud.Fault(awstest.Fault{Operation: "ec2:DescribeRegions", Kind: kind, Times: 2})
		s := l.session(Config{})
		a := l.collectWith(s, Options{}).Accounts[0]
		diff(t, "scope", a.Scope, threeRegions)
		if n := s.Stats().Retries["ec2:DescribeRegions"]; n != 2 || a.Notes != nil {
			t.Errorf("fault %v: %d retries, notes %v", kind, n, a.Notes)
		}
	}
}

// TestFaultsThatStay lets every operation fail for good: what comes out must be
// a failure with its operation and a code that says what happened.
func TestFaultsThatStay(t *testing.T) {
	kinds := map[string]struct {
		fault awstest.Fault
		codes []string // one of them
	}{
		"throttled": {awstest.Fault{Kind: awstest.Throttle}, []string{"ThrottlingException", "Throttling", "Throttled", "RequestLimitExceeded", "TooManyRequestsException"}},
		"500":       {awstest.Fault{Kind: awstest.ServerError}, []string{"InternalFailure", "InternalError", "InternalServiceException", "InternalServerException", "KMSInternalException", "ServiceFailure", "InternalServiceFault", "InternalServiceError"}},
		"page":      {awstest.Fault{Kind: awstest.HTMLError}, []string{CodeEmulatorGap}},
		"reset":     {awstest.Fault{Kind: awstest.Reset}, []string{CodeConnection}},
		"truncated": {awstest.Fault{Kind: awstest.Truncate}, []string{CodeConnection}},
		"expired":   {awstest.Fault{Kind: awstest.Expired}, []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired"}},
	}
	l := newLab(t, awstest.Options{})
	_, _, o := l.rich()
	l.collect(o)
	operations := l.operations()
	for name, kind := range kinds {
		for _, operation := range operations {
			t.Run(name+"/"+operation, func(t *testing.T) {
				l.t = t
				kind.fault.Operation = operation
				l.cloud.Fault(kind.fault)
				defer l.cloud.ClearFaults()
				o := o
				o.Now = noon
				snap, err := Run(context.Background(), l.session(Config{Retries: Retries{Attempts: 2, MaxBackoff: time.Nanosecond}}), o)
				if operation == "sts:GetCallerIdentity" || operation == "cloudtrail:DescribeTrails" {
					if err == nil || !strings.Contains(err.Error(), operation) || strings.Contains(err.Error(), "\n") {
						t.Fatalf("got %v, want one line that names the operation", err)
					}
					return
				}
				l.must(err)
				list := failures(t, snap)
				switch {
				case operation == "account:ListRegions":
					if len(list) != 0 {
						t.Errorf("failures %v, want none: EC2 answered", list)
					}
				case len(list) != 1 || !slices.Contains(kind.codes, strings.TrimPrefix(list[0], operation+" ")):
					t.Errorf("failures %v, want one of %s with a code of %v", list, operation, kind.codes)
				}
			})
		}
	}
}

func TestNoAnswerInTime(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.common()
	l.cloud.Fault(awstest.Fault{Operation: "cloudwatch:DescribeAlarms", Kind: awstest.Timeout})
	snap := l.collectWith(l.session(Config{Timeout: 500 * time.Millisecond, Retries: once}), Options{Regions: []string{homeRegion}})
	diff(t, "failures", failures(t, snap), []string{"cloudwatch:DescribeAlarms Timeout"})
}

// Against AWS's rates nothing is lost: what is throttled is sent again.
func TestQuotasEnforced(t *testing.T) {
	l := newLab(t, awstest.Options{})
	topic := l.common()
	// A clock that stands still allows one second's worth of calls, ever: the
	// common account must fit into that.
	l.cloud.EnforceQuotas(noon)
	s := l.session(Config{})
	snap := l.collectWith(s, Options{})
	if list := failures(t, snap); len(list) != 0 || len(s.Stats().Retries) != 0 {
		t.Errorf("failures %v, retries %v, want none", list, s.Stats().Retries)
	}
	if subs, _ := l.region(snap, homeRegion).Topics[topic].Subscriptions.Got(); len(subs) != 1 {
		t.Errorf("subscriptions: %+v", subs)
	}
}
