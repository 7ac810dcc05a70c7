package permissions

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
)

func controls(t *testing.T, names ...string) []catalog.Control {
	t.Helper()
	c, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.Select(names, "all", catalog.DefaultBenchmark)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestForReplay: what replay needs beside an audit, on the places that are given and on
// nothing else.
func TestForReplay(t *testing.T) {
	p := EmptyPolicy()
	p.ForReplay([]Place{{"trail", ""}, {"other*", "a/AWSLogs/"}}, Scope{Partition: "aws-cn"})
	for sid, want := range map[string]string{
		"ListLogs":            "s3:ListBucket on arn:aws-cn:s3:::trail",
		"ReadLogs":            "s3:GetObject on arn:aws-cn:s3:::trail/*",
		"ListLogs2":           "s3:ListBucket on arn:aws-cn:s3:::other${*} if {\"StringLike\":{\"s3:prefix\":[\"a/AWSLogs/*\"]}}",
		"ReadLogs2":           "s3:GetObject on arn:aws-cn:s3:::other${*}/a/AWSLogs/*",
		"OptionalDecryptLogs": "kms:Decrypt on arn:aws-cn:kms:*:*:key/* if {\"StringLike\":{\"kms:ViaService\":[\"s3.*.amazonaws.com.cn\"]}}",
	} {
		if got := statement(t, p, sid); got != want {
			t.Errorf("%s: %s, want %s", sid, got, want)
		}
	}
	if len(p.Statement) != 5 {
		t.Errorf("%d statements, want 5", len(p.Statement))
	}
}

var sidForm = regexp.MustCompile(`^(Optional)?[A-Z][A-Za-z0-9]*$`)

// TestTable holds what the rest relies on.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range Table() {
		key := o.Name + " " + string(o.If) // a role is passed to more than one service
		if seen[key] {
			t.Errorf("%s stands twice", key)
		}
		seen[key] = true
		if o.Source == "" || o.On == "" {
			t.Errorf("%s: source %q, resource %q", o.Name, o.Source, o.On)
		}
		if len(o.Actions) == 0 {
			continue
		}
		if !slices.Contains(o.Actions, o.Name) && o.Source != srcS3 { // whose actions have other names
			t.Errorf("%s: its actions %v lack its own", o.Name, o.Actions)
		}
		if !sidForm.MatchString(o.Sid) || strings.HasPrefix(o.Sid, "Optional") != o.Optional() {
			t.Errorf("%s: statement %q, without it: %q", o.Name, o.Sid, o.Without)
		}
	}
}

// iamReads are what may be asked of IAM.
var iamReads = []string{"ListAccountAliases", "GetRole", "ListRolePolicies", "GetRolePolicy", "ListAttachedRolePolicies"}

// TestNeverForbidden: what an account is never asked for, whatever is wished.
func TestNeverForbidden(t *testing.T) {
	r := Request{Command: Apply, Controls: controls(t), Wishes: plan.Options{Subscribers: []plan.Subscriber{{Protocol: "email", Endpoint: "a@example.com"}}}}
	p := For(r, Scope{Partition: "aws"})
	for _, a := range p.Actions() {
		service, name, _ := strings.Cut(a, ":")
		if slices.Contains([]string{"s3", "ssm"}, service) || service == "iam" && !slices.Contains(iamReads, name) ||
			slices.Contains([]string{"CreateGrant", "PutKeyPolicy", "CreateLogGroup", "*"}, name) || strings.ContainsAny(a, "*?") {
			t.Errorf("the policy allows %s", a)
		}
	}
	for _, s := range p.Statement {
		reads := !slices.ContainsFunc(s.Action, func(a string) bool {
			return !regexp.MustCompile(`:(Get|List|Describe|Lookup|Test)`).MatchString(a)
		})
		if slices.Contains(s.Resource, "*") && !reads {
			t.Errorf("statement %s writes to everything", s.Sid)
		}
	}
	if n := p.Size(); n > ManagedSize {
		t.Errorf("the policy for all controls has %d characters, a managed policy has at most %d", n, ManagedSize)
	}
}

// statement returns the statement of a policy as one line, "" when there is
// none.
func statement(t *testing.T, p Policy, sid string) string {
	t.Helper()
	i := slices.IndexFunc(p.Statement, func(s Statement) bool { return s.Sid == sid })
	if i < 0 {
		return ""
	}
	s := p.Statement[i]
	text := strings.Join(s.Action, ",") + " on " + strings.Join(s.Resource, ",")
	if s.Condition != nil {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(s.Condition); err != nil {
			t.Fatal(err)
		}
		text += " if " + strings.TrimSpace(b.String())
	}
	return text
}

func TestFor(t *testing.T) {
	list := controls(t, "security-group-changes")
	one := Scope{Partition: "aws", Account: "111122223333", Regions: []string{"eu-central-1"}, LogGroup: "arn:aws:logs:eu-central-1:111122223333:log-group:/trail"}
	email := plan.Subscriber{Protocol: "email", Endpoint: "a@example.com"}
	tests := []struct {
		name    string
		request Request
		scope   Scope
		sid     string
		want    string
	}{
		{"nothing known", Request{Command: Apply, Controls: list}, Scope{Partition: "aws"}, "WriteFilters",
			"logs:PutMetricFilter on arn:aws:logs:*:*:log-group:*"},
		{"an audit writes nothing", Request{Command: Audit, Controls: list}, one, "WriteFilters", ""},
		{"a plan writes nothing", Request{Command: Plan, Controls: list}, one, "WriteAlarms", ""},
		{"the very log group", Request{Command: Apply, Controls: list}, one, "WriteFilters",
			"logs:PutMetricFilter on arn:aws:logs:eu-central-1:111122223333:log-group:/trail:*"},
		{"our alarms to our topic", Request{Command: Apply, Controls: list}, one, "WriteAlarms",
			`cloudwatch:PutMetricAlarm,cloudwatch:TagResource on arn:aws:cloudwatch:eu-central-1:111122223333:alarm:SecurityGroupConfigChangesAlarm` +
				` if {"ForAllValues:StringEquals":{"cloudwatch:AlarmActions":["arn:aws:sns:eu-central-1:111122223333:monitorctl-alerts"]}}`},
		{"our alarms under a prefix to a given topic", Request{Command: Apply, Controls: list, Wishes: plan.Options{NamePrefix: "x-", TopicARN: "arn:aws:sns:eu-central-1:111122223333:t"}}, one, "WriteAlarms",
			`cloudwatch:PutMetricAlarm,cloudwatch:TagResource on arn:aws:cloudwatch:eu-central-1:111122223333:alarm:x-SecurityGroupConfigChangesAlarm` +
				` if {"ForAllValues:StringEquals":{"cloudwatch:AlarmActions":["arn:aws:sns:eu-central-1:111122223333:t"]}}`},
		{"a given topic is not made", Request{Command: Apply, Controls: list, Wishes: plan.Options{TopicARN: "arn:aws:sns:eu-central-1:111122223333:t"}}, one, "WriteTopic", ""},
		{"a topic of another name", Request{Command: Apply, Controls: list, Wishes: plan.Options{TopicName: "t"}}, one, "WriteTopic",
			"sns:CreateTopic,sns:TagResource,sns:SetTopicAttributes on arn:aws:sns:eu-central-1:111122223333:t"},
		{"nobody to tell", Request{Command: Apply, Controls: list}, one, "Subscribe", ""},
		{"someone to tell", Request{Command: Apply, Controls: list, Wishes: plan.Options{Subscribers: []plan.Subscriber{email}}}, one, "Subscribe",
			`sns:Subscribe on arn:aws:sns:eu-central-1:111122223333:monitorctl-alerts if {"StringEquals":{"sns:Endpoint":["a@example.com"],"sns:Protocol":["email"]}}`},
		{"topics of the account to tell", Request{Command: Apply, Controls: list, Wishes: plan.Options{Subscribers: []plan.Subscriber{email}}},
			with(one, func(s *Scope) {
				s.Topics = []string{"arn:aws:sns:eu-central-1:111122223333:theirs", "arn:aws:sns:eu-central-1:999900001111:foreign"}
			}), "Subscribe",
			`sns:Subscribe on arn:aws:sns:eu-central-1:111122223333:monitorctl-alerts,arn:aws:sns:eu-central-1:111122223333:theirs if {"StringEquals":{"sns:Endpoint":["a@example.com"],"sns:Protocol":["email"]}}`},
		{"the second to tell", Request{Command: Apply, Controls: list, Wishes: plan.Options{Subscribers: []plan.Subscriber{email, {Protocol: "https", Endpoint: "https://h/${aws:userid}?a=*"}}}}, Scope{Partition: "aws"}, "Subscribe2",
			`sns:Subscribe on arn:aws:sns:*:*:* if {"StringEquals":{"sns:Endpoint":["https://h/${$}{aws:userid}?a=*"],"sns:Protocol":["https"]}}`},
		{"a region is given", Request{Controls: list, Regions: true}, Scope{Partition: "aws"}, "OptionalRegions", ""},
		{"no region is given", Request{Controls: list}, Scope{Partition: "aws"}, "OptionalRegions", "account:ListRegions,ec2:DescribeRegions on *"},
		{"whatever the controls, a policy may ask for the organization", Request{Controls: list}, Scope{Partition: "aws"}, "OptionalOrganization", "organizations:DescribeOrganization on *"},
		{"China", Request{Controls: list}, Scope{Partition: "aws-cn", Account: "111122223333"}, "ReadTopics",
			"sns:GetTopicAttributes,sns:ListSubscriptionsByTopic on arn:aws-cn:sns:*:111122223333:*"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := statement(t, For(tt.request, tt.scope), tt.sid); got != tt.want {
				t.Errorf("statement %s\ngot  %s\nwant %s", tt.sid, got, tt.want)
			}
		})
	}
}

func with(s Scope, change func(*Scope)) Scope {
	change(&s)
	return s
}

// theAccount has a trail whose log group can have filters, an encrypted topic
// and hostile names.
func theAccount() account.Account {
	const arn = "arn:aws-us-gov:cloudtrail:us-gov-west-1:111122223333:trail/org*${aws:username}"
	return account.Account{
		ID: "111122223333", Partition: "aws-us-gov", Scope: []string{"us-gov-west-1"},
		Trails: []account.Trail{{
			ARN: arn, Name: "org", HomeRegion: "us-gov-west-1", MultiRegion: true, GlobalServiceEvents: true,
			LogGroupARN: "arn:aws-us-gov:logs:us-gov-west-1:111122223333:log-group:/trail:*",
			Status:      &account.Read[account.TrailStatus]{Value: account.TrailStatus{Logging: true, LatestLogsDeliveryTime: ptr(noon())}},
			Selectors:   &account.Read[account.Selectors]{Value: account.Selectors{Basic: []account.EventSelector{{ManagementEvents: true, ReadWriteType: "All"}}}},
		}, {ARN: "arn:aws-us-gov:cloudtrail:us-gov-west-1:111122223333:trail/to-s3", HomeRegion: "us-gov-west-1"}},
		Regions: []account.Region{{
			Name:   "us-gov-west-1",
			Trails: &account.Read[[]string]{Value: []string{arn}},
			LogGroups: map[string]*account.Read[*account.LogGroup]{
				"/trail": {Value: &account.LogGroup{Name: "/trail", ARN: "arn:aws-us-gov:logs:us-gov-west-1:111122223333:log-group:/trail", Class: "STANDARD"}},
			},
			MetricFilters: &account.Read[[]account.MetricFilter]{}, Alarms: &account.Read[account.Alarms]{},
			Topics: map[string]*account.Topic{"arn:aws-us-gov:sns:us-gov-west-1:111122223333:alerts": {}},
			Keys: map[string]*account.Key{
				"alias/known":   {Metadata: &account.Read[*account.KeyMetadata]{Value: &account.KeyMetadata{ARN: "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/1"}}},
				"alias/unknown": {Metadata: &account.Read[*account.KeyMetadata]{Failure: &account.Failure{Operation: "kms:DescribeKey", Code: "AccessDeniedException"}}},
				"2":             {},
				"arn:aws-us-gov:kms:us-gov-west-1:999900001111:alias/x": {},
			},
		}},
	}
}

func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func ptr[T any](v T) *T { return &v }

func TestScopeOf(t *testing.T) {
	a := theAccount()
	list := controls(t, "security-group-changes")
	o := plan.Options{Audit: audit.Options{Benchmark: catalog.DefaultBenchmark, Now: noon()}}
	s, err := ScopeOf(&a, Apply, list, o)
	if err != nil {
		t.Fatal(err)
	}
	want := Scope{
		Partition: "aws-us-gov", Account: "111122223333", Regions: []string{"us-gov-west-1"},
		LogGroup: "arn:aws-us-gov:logs:us-gov-west-1:111122223333:log-group:/trail",
		Trails:   []string{"arn:aws-us-gov:cloudtrail:us-gov-west-1:111122223333:trail/org${*}${$}{aws:username}"},
		Topics:   []string{"arn:aws-us-gov:sns:us-gov-west-1:111122223333:alerts"},
		Keys: []string{
			"arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/*",
			"arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/1",
			"arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/2",
			"arn:aws-us-gov:kms:us-gov-west-1:999900001111:key/*",
		},
	}
	if d := cmp.Diff(want, s); d != "" {
		t.Errorf("scope (-want +got):\n%s", d)
	}
	p := For(Request{Command: Apply, Controls: list}, s)
	if got, want := statement(t, p, "ReadTopics"), "sns:GetTopicAttributes,sns:ListSubscriptionsByTopic on arn:aws-us-gov:sns:us-gov-west-1:111122223333:alerts,arn:aws-us-gov:sns:us-gov-west-1:111122223333:monitorctl-alerts"; got != want {
		t.Errorf("topics to read\ngot  %s\nwant %s", got, want)
	}

	// The key of --kms-key is looked at before any topic has it.
	o.KeyARN = "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/wished"
	if s, err := ScopeOf(&a, Apply, list, o); err != nil || !slices.Contains(s.Keys, o.KeyARN) {
		t.Errorf("with --kms-key: %v, %v", s.Keys, err)
	}
	o.KeyARN = ""

	a.Regions[0].LogGroups["/trail"].Value.Class = "INFREQUENT_ACCESS"
	if _, err := ScopeOf(&a, Apply, list, o); err == nil || !strings.Contains(err.Error(), "no trail there delivers") {
		t.Errorf("a log group without filters: got %v", err)
	}
	if _, err := ScopeOf(&a, Audit, list, o); err != nil {
		t.Errorf("an audit needs no log group that can have filters: %v", err)
	}
	o.Region = "us-gov-east-1"
	if _, err := ScopeOf(&a, Apply, list, o); err == nil || !strings.Contains(err.Error(), "us-gov-east-1") {
		t.Errorf("a region without trail: got %v", err)
	}
}
