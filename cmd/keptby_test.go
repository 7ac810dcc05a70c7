package cmd

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	alarms "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/monitorctl/monitorctl/internal/exit"
)

// as is the configuration of a tool that says who it is.
func (l *cmdLab) as(tool, version string) aws.Config {
	e := l.env.run.Embedded
	c := aws.Config{Region: demoRegion, BaseEndpoint: &e.URL, Credentials: credentials.NewStaticCredentialsProvider(e.KeyID, e.Secret, "")}
	c.APIOptions = append(c.APIOptions, middleware.AddUserAgentKeyValue(tool, version))
	return c
}

// foreignAlarm has a tool make an alarm with one of our names.
func (l *cmdLab) foreignAlarm(name, tool, version string, tags ...alarms.Tag) {
	l.t.Helper()
	_, err := cloudwatch.NewFromConfig(l.as(tool, version)).PutMetricAlarm(context.Background(), &cloudwatch.PutMetricAlarmInput{
		AlarmName: &name, Namespace: aws.String("Other"), MetricName: aws.String("m"), Statistic: alarms.StatisticSum, Period: aws.Int32(60), EvaluationPeriods: aws.Int32(1),
		Threshold: aws.Float64(1), ComparisonOperator: alarms.ComparisonOperatorGreaterThanThreshold, Tags: tags,
	})
	l.must(err)
}

// TestKeptBy: plan tells which tool keeps what is in its way, by the user agent of the call
// that wrote it last, asks once for each kind of object, and says so where it may not.
func TestKeptBy(t *testing.T) {
	const name = "SecurityGroupConfigChangesAlarm"
	for _, tt := range []struct{ tool, version, want, way string }{
		{"terraform-provider-aws", "5.100.0", "is kept by Terraform, which wrote it last on ", "'monitorctl export terraform' writes the repair as code"},
		{"Pulumi", "3.1", "is kept by Pulumi", "pulumi convert --from terraform"},
		{"cloudformation.amazonaws.com", "1", "is kept by CloudFormation", "'monitorctl export cloudformation' writes the repair"},
		{"monitorctl", "1.0", "was last written by monitorctl", ""},
		{"aws-cli", "2.1", "", ""},
	} {
		t.Run(tt.tool, func(t *testing.T) {
			l := newCmdLab(t)
			l.foreignAlarm(name, "aws-cli", "1.0") // what came before does not count
			l.cloud.Advance(time.Hour)
			l.foreignAlarm(name, tt.tool, tt.version)
			l.cloud.ResetCalls()
			r := l.want(exit.Failed, "plan", "security-group-changes", "nacl-changes")
			flat := strings.Join(strings.Fields(r.out), " ")
			if tt.want == "" && strings.Contains(flat, "kept by") || !strings.Contains(flat, tt.want) || !strings.Contains(flat, tt.way) {
				t.Errorf("plan: %s", r.out)
			}
			if n := l.cloud.CallCounts()["cloudtrail:LookupEvents"]; n != 1 {
				t.Errorf("%d lookups", n)
			}
			json := l.want(exit.Failed, "plan", "security-group-changes", "-o", "json")
			if has := strings.Contains(json.out, `"code": "kept-by"`); has != (tt.want != "") {
				t.Errorf("JSON: %s", json.out)
			}
			l.cloud.Deny("cloudtrail:LookupEvents")
			denied := l.want(exit.Failed, "plan", "security-group-changes")
			if !strings.Contains(strings.Join(strings.Fields(denied.out), " "), "could not find out which tool keeps what is in the way: cloudtrail:LookupEvents failed: AccessDenied") {
				t.Errorf("without the permission: %s", denied.out)
			}
		})
	}
}

// TestKeptByStack: the tag of CloudFormation tells which stack, and nobody is asked.
func TestKeptByStack(t *testing.T) {
	l := newCmdLab(t)
	l.foreignAlarm("SecurityGroupConfigChangesAlarm", "aws-cli", "1", alarms.Tag{Key: aws.String("aws:cloudformation:stack-name"), Value: aws.String("acme-alarms")})
	r := l.want(exit.Failed, "plan", "security-group-changes")
	if !strings.Contains(strings.Join(strings.Fields(r.out), " "), "SecurityGroupConfigChangesAlarm in "+demoRegion+" is kept by the CloudFormation stack acme-alarms") {
		t.Errorf("plan: %s", r.out)
	}
	if n := l.cloud.CallCounts()["cloudtrail:LookupEvents"]; n != 0 {
		t.Errorf("%d lookups", n)
	}
}

// TestSinceOfHistory: since when somebody is pending is what the event history says, where
// no journal does.
func TestSinceOfHistory(t *testing.T) {
	l := newCmdLab(t)
	l.want(exit.ControlsFailed, "apply", "--yes", "security-group-changes", "--subscribe", "email:first@example.com")
	at := l.cloud.Now().UTC()
	l.cloud.Advance(time.Hour)
	arn := fmt.Sprintf("arn:aws:sns:%s:%s:monitorctl-alerts", demoRegion, demoAccount)
	_, err := sns.NewFromConfig(l.as("aws-cli", "1")).Subscribe(context.Background(), &sns.SubscribeInput{TopicArn: &arn, Protocol: aws.String("email"), Endpoint: aws.String("second@example.com")})
	l.must(err)
	row := func(endpoint string) string {
		t.Helper()
		for _, line := range strings.Split(l.run("subscribers", "security-group-changes").out, "\n") {
			if strings.Contains(line, endpoint) {
				return line
			}
		}
		t.Fatalf("no row of %s", endpoint)
		return ""
	}
	if line := row("f***@example.com"); !strings.Contains(line, at.Format("2006-01-02")) || !strings.Contains(line, "pending") {
		t.Errorf("row %q", line)
	}
	l.cloud.Advance(46 * time.Hour)
	if line := row("s***@example.com"); !strings.Contains(line, "pending") || !strings.Contains(line, at.Add(time.Hour).Format("2006-01-02")) {
		t.Errorf("row %q", line)
	}
	l.cloud.Deny("cloudtrail:LookupEvents")
	if r := l.run("subscribers", "security-group-changes"); !strings.Contains(r.err, "could not find out since when f***@example.com has been subscribed: cloudtrail:LookupEvents failed: AccessDenied") {
		t.Errorf("without the permission: %s", r.all())
	}
}
