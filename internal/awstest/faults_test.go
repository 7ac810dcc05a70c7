package awstest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/smithy-go"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

// TestFaultKinds arms each fault on a write and sees what the client gets and
// whether the write happened.
func TestFaultKinds(t *testing.T) {
	tests := []struct {
		name    string
		fault   awstest.Fault
		want    string // error code; "" for an error without code
		written bool
	}{
		{"throttle", awstest.Fault{Kind: awstest.Throttle}, "ThrottlingException", false},
		{"500", awstest.Fault{Kind: awstest.ServerError}, "InternalFailure", false},
		{"500 after the write", awstest.Fault{Kind: awstest.ServerError, Applied: true}, "InternalFailure", true},
		{"503", awstest.Fault{Kind: awstest.Unavailable}, "ServiceUnavailableException", false},
		{"denied", awstest.Fault{Kind: awstest.Denied}, "AccessDeniedException", false},
		{"expired", awstest.Fault{Kind: awstest.Expired}, "ExpiredTokenException", false},
		{"a given code", awstest.Fault{Kind: awstest.ErrorCode, Code: "OperationAbortedException"}, "OperationAbortedException", false},
		{"HTML", awstest.Fault{Kind: awstest.HTMLError}, "", false},
		{"reset", awstest.Fault{Kind: awstest.Reset}, "", true},
		{"truncate", awstest.Fault{Kind: awstest.Truncate}, "", true},
		{"timeout", awstest.Fault{Kind: awstest.Timeout}, "", false},
		{"timeout after the write", awstest.Fault{Kind: awstest.Timeout, Applied: true}, "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, client := newLogsLab(t, awstest.Options{})
			tt.fault.Operation = "logs:PutMetricFilter"
			l.cloud.Fault(tt.fault)
			short, cancel := context.WithTimeout(ctx, 5*time.Second)
			defer cancel()
			if tt.fault.Kind == awstest.Timeout {
				go func() { // the client gives up once the server holds the request
					for l.cloud.CallCounts()["logs:PutMetricFilter"] == 0 {
						runtime.Gosched()
					}
					cancel()
				}()
			}
			_, err := client.PutMetricFilter(short, putFilter("f"))
			if tt.want != "" {
				wantCode(t, err, tt.want)
			} else if api := smithy.APIError(nil); err == nil || (errors.As(err, &api) && tt.fault.Kind != awstest.HTMLError) {
				t.Errorf("got %v, want an error that is not AWS's", err)
			}
			l.cloud.ClearFaults()
			out := get(client.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{}))(t)
			if got := len(out.MetricFilters) == 1; got != tt.written {
				t.Errorf("written: %v, want %v", got, tt.written)
			}
		})
	}
}

func TestFaultsOnReads(t *testing.T) {
	l := newProbeLab(t)
	cfg := l.config(l.acct, "us-east-1")
	for _, kind := range []awstest.FaultKind{awstest.Reset, awstest.Truncate, awstest.HTMLError, awstest.ServerError, awstest.Unavailable} {
		for name, probe := range probes {
			l.cloud.Fault(awstest.Fault{Operation: name + ":*", Kind: kind})
			if err := probe(cfg); err == nil {
				t.Errorf("fault %d on %s: no error", kind, name)
			}
			l.cloud.ClearFaults()
			must(t, probe(cfg))
		}
	}
}

func TestFaultSelectors(t *testing.T) {
	l, client := newLogsLab(t, awstest.Options{})
	must(t, l.acct.Region("us-east-1").CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "g"}))
	other := l.cloud.Account("444455556666", awstest.AccountOptions{Regions: []string{home}})
	must(t, other.Region(home).CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "g"}))
	put := func(client *cloudwatchlogs.Client, name string) bool {
		_, err := client.PutMetricFilter(ctx, putFilter(name))
		return err == nil
	}
	fault := func(f awstest.Fault) {
		f.Kind = awstest.Throttle
		l.cloud.ClearFaults()
		l.cloud.Fault(f)
	}
	fault(awstest.Fault{Operation: "logs:*", After: 1, Times: 2})
	if got := []bool{put(client, "a"), put(client, "a"), put(client, "a"), put(client, "a")}; fmt.Sprint(got) != "[true false false true]" {
		t.Errorf("after 1, times 2: %v", got)
	}
	fault(awstest.Fault{Resource: "needle"})
	if put(client, "a-needle-b") || !put(client, "hay") {
		t.Error("the fault did not follow the resource")
	}
	fault(awstest.Fault{Account: "444455556666"})
	if put(cloudwatchlogs.NewFromConfig(l.config(other, home)), "a") || !put(client, "a") {
		t.Error("the fault did not follow the account")
	}
	fault(awstest.Fault{Region: "us-east-1"})
	if put(cloudwatchlogs.NewFromConfig(l.config(l.acct, "us-east-1")), "a") || !put(client, "a") {
		t.Error("the fault did not follow the region")
	}
	fault(awstest.Fault{Operation: "logs:DescribeLogGroups"})
	if !put(client, "a") {
		t.Error("the fault did not follow the operation")
	}
}

// TestFaultDo: the hook of a fault finds the operation done, or not, and may use
// the Cloud.
func TestFaultDo(t *testing.T) {
	for _, applied := range []bool{false, true} {
		l, client := newLogsLab(t, awstest.Options{})
		filters := -1
		l.cloud.Fault(awstest.Fault{Writes: true, After: 1, Times: 1, Kind: awstest.ServerError, Applied: applied, Do: func() {
			out := get(client.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{}))(t)
			filters = len(out.MetricFilters)
		}})
		get(client.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{}))(t)
		get(client.PutMetricFilter(ctx, putFilter("a")))(t)
		_, err := client.PutMetricFilter(ctx, putFilter("b"))
		wantCode(t, err, "InternalFailure")
		if want := map[bool]int{false: 1, true: 2}[applied]; filters != want {
			t.Errorf("applied %v: the hook saw %d filters, want %d", applied, filters, want)
		}
	}
}

func TestStaleReads(t *testing.T) {
	l, client := newLogsLab(t, awstest.Options{})
	count := func() int {
		return len(get(client.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{}))(t).MetricFilters)
	}
	for _, name := range []string{"a", "b", "c"} {
		get(client.PutMetricFilter(ctx, putFilter(name)))(t)
	}
	l.cloud.Fault(awstest.Fault{Operation: "logs:Describe*", Kind: awstest.Delay, Stale: 2, Times: 1})
	if got := count(); got != 1 {
		t.Errorf("two writes back there are %d filters, want 1", got)
	}
	if got := count(); got != 3 {
		t.Errorf("then there are %d filters, want 3", got)
	}
	l.cloud.ClearFaults()
	l.cloud.Fault(awstest.Fault{Kind: awstest.Delay, Stale: 1000})
	if got := count(); got != 0 {
		t.Errorf("at the beginning there are %d filters, want 0", got)
	}
	get(client.PutMetricFilter(ctx, putFilter("d")))(t) // writes see the truth
	l.cloud.ClearFaults()
	if got := count(); got != 4 {
		t.Errorf("in the end there are %d filters, want 4", got)
	}
}

// TestDelay: a reply that is held back does not reach a client that gives up,
// and reaches one that waits.
func TestDelay(t *testing.T) {
	l, client := newLogsLab(t, awstest.Options{})
	l.cloud.Fault(awstest.Fault{Kind: awstest.Delay, Delay: time.Hour, Times: 1})
	short, cancel := context.WithCancel(ctx)
	go func() {
		for len(l.cloud.Calls()) == 0 {
			runtime.Gosched()
		}
		cancel()
	}()
	if _, err := client.DescribeLogGroups(short, &cloudwatchlogs.DescribeLogGroupsInput{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want a cancelled call", err)
	}
	l.cloud.ClearFaults()
	l.cloud.Fault(awstest.Fault{Kind: awstest.Delay, Delay: time.Millisecond})
	get(client.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{}))(t)
}

func TestCallLog(t *testing.T) {
	l, client := newLogsLab(t, awstest.Options{})
	get(client.PutMetricFilter(ctx, putFilter("f")))(t)
	_, err := client.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String("x")})
	wantCode(t, err, "ResourceNotFoundException")
	get(l.cloudwatch().DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{}))(t)
	get(l.sns().ListTopics(ctx, &sns.ListTopicsInput{}))(t)
	var got []string
	for _, c := range l.cloud.Calls() {
		got = append(got, fmt.Sprintf("%s %s %s %s %v %s", c.Operation, c.Account, c.Region, c.Protocol, c.Read, c.Error))
	}
	want := []string{
		"logs:PutMetricFilter 111122223333 eu-central-1 json false ",
		"logs:DescribeMetricFilters 111122223333 eu-central-1 json true ResourceNotFoundException",
		"cloudwatch:DescribeAlarms 111122223333 eu-central-1 cbor true ",
		"sns:ListTopics 111122223333 eu-central-1 query true ",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got calls\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if in := l.cloud.Calls()[0].Input; !strings.Contains(in, `"filterName":"f"`) {
		t.Errorf("got input %s", in)
	}
	l.cloud.ResetCalls()
	if len(l.cloud.CallCounts()) != 0 {
		t.Error("calls survive ResetCalls")
	}
}

func TestQuotas(t *testing.T) {
	l, client := newLogsLab(t, awstest.Options{})
	now := start
	l.cloud.EnforceQuotas(func() time.Time { return now })
	put := func() error {
		_, err := client.PutMetricFilter(ctx, putFilter("f"))
		return err
	}
	for range 5 { // 5 a second
		must(t, put())
	}
	wantCode(t, put(), "ThrottlingException")
	get(client.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{}))(t) // has its own quota
	now = now.Add(200 * time.Millisecond)
	must(t, put())
	wantCode(t, put(), "ThrottlingException")
}

// TestRawRequests sends what the SDK would not send.
func TestRawRequests(t *testing.T) {
	l := newLab(t, awstest.Options{})
	key, _ := l.acct.Credentials()
	scope := func(service string) string {
		return "AWS4-HMAC-SHA256 Credential=" + key + "/20260105/eu-central-1/" + service + "/aws4_request, SignedHeaders=host, Signature=0"
	}
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
	json := func(target string) map[string]string {
		return map[string]string{"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
	}
	tests := []struct {
		name, path, authorization string
		header                    map[string]string
		body                      string
		status                    int
		want                      string // in the reply
	}{
		{name: "no signature", header: form, body: "Action=ListTopics&Version=2010-03-31", status: 403, want: "<Code>MissingAuthenticationToken</Code>"},
		{name: "broken signature", header: form, authorization: "AWS4-HMAC-SHA256 Credential=a/b", body: "Action=ListTopics&Version=2010-03-31", status: 403, want: "MissingAuthenticationToken"},
		{name: "scope of another service", header: form, authorization: scope("logs"), body: "Action=ListTopics&Version=2010-03-31", status: 403, want: "SignatureDoesNotMatch"},
		{name: "unknown member", header: json("Logs_20140328.DescribeLogGroups"), authorization: scope("logs"), body: `{"logGroupName":"x","nonsense":1}`, status: 400, want: `"__type":"SerializationException"`},
		{name: "unknown parameter", header: form, authorization: scope("sns"), body: "Action=ListTopics&Version=2010-03-31&Nonsense=1", status: 400, want: "unknown parameter Nonsense"},
		{name: "broken JSON", header: json("Logs_20140328.DescribeLogGroups"), authorization: scope("logs"), body: `{`, status: 400, want: "SerializationException"},
		{name: "data behind JSON", header: json("Logs_20140328.DescribeLogGroups"), authorization: scope("logs"), body: `{}{}`, status: 400, want: "SerializationException"},
		{name: "wrong type", header: json("Logs_20140328.DescribeLogGroups"), authorization: scope("logs"), body: `{"limit":"x"}`, status: 400, want: "SerializationException"},
		{name: "long target", header: json("com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.DescribeTrails"), authorization: scope("cloudtrail"), body: `{}`, status: 200, want: `{"trailList":[]}`},
		{name: "unknown target", header: json("DynamoDB_20120810.ListTables"), authorization: scope("dynamodb"), body: `{}`, status: 400, want: "UnknownOperationException"},
		{name: "unknown version", header: form, authorization: scope("sqs"), body: "Action=ListQueues&Version=2012-11-05", status: 400, want: "InvalidAction"},
		{name: "unknown path", path: "/2015-03-31/functions", authorization: scope("lambda"), status: 400, want: "does not know the operation"},
		{name: "broken CBOR", path: "/service/GraniteServiceVersion20100801/operation/DescribeAlarms", header: map[string]string{"Smithy-Protocol": "rpc-v2-cbor"}, authorization: scope("monitoring"), body: "\xff", status: 400, want: "SerializationException"},
		{name: "EC2 regions", header: form, authorization: scope("ec2"), body: "Action=DescribeRegions&Version=2016-11-15&Filter.1.Name=opt-in-status&Filter.1.Value.1=opt-in-not-required&Filter.1.Value.2=opted-in", status: 200,
			want: "<item><regionName>eu-west-1</regionName><regionEndpoint>ec2.eu-west-1.amazonaws.com</regionEndpoint><optInStatus>opt-in-not-required</optInStatus></item>"},
		{name: "EC2 error", header: form, authorization: scope("ec2"), body: "Action=RunInstances&Version=2016-11-15", status: 400, want: "<Response><Errors><Error><Code>InvalidAction</Code>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequest(http.MethodPost, l.url+tt.path, strings.NewReader(tt.body))
			must(t, err)
			for k, v := range tt.header {
				req.Header.Set(k, v)
			}
			req.Header.Set("Authorization", tt.authorization)
			resp := get(http.DefaultClient.Do(req))(t)
			defer resp.Body.Close()
			body := string(get(io.ReadAll(resp.Body))(t))
			if resp.StatusCode != tt.status || !strings.Contains(body, tt.want) {
				t.Errorf("got %d %s, want %d with %s", resp.StatusCode, body, tt.status, tt.want)
			}
			if resp.Header.Get("X-Amzn-Requestid") == "" {
				t.Error("the reply has no request id")
			}
		})
	}
}

// TestSeedingIsChecked sees that seeding goes through the operations' checks.
func TestSeedingIsChecked(t *testing.T) {
	l := newLab(t, awstest.Options{})
	wantAPI := func(err error, code string) {
		t.Helper()
		var api *awstest.APIError
		if !errors.As(err, &api) || api.Code != code {
			t.Errorf("got %v, want %s", err, code)
		}
	}
	wantAPI(l.home.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "a b"}), "InvalidParameterException")
	wantAPI(l.home.PutMetricFilter(awstest.PutMetricFilterInput{LogGroupName: "x"}), "InvalidParameterException")
	wantAPI(l.home.PutMetricAlarm(awstest.PutMetricAlarmInput{AlarmName: "a"}), "ValidationError")
	_, err := l.home.CreateTrail(awstest.CreateTrailInput{Name: "x"})
	wantAPI(err, "ValidationException")
	if len(l.cloud.Calls()) != 0 {
		t.Error("seeding is in the call log")
	}
	get(l.trails("eu-west-1").DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{}))(t)
	if len(l.cloud.Calls()) != 1 {
		t.Error("a request is not in the call log")
	}
}
