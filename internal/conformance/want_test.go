package conformance

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	alarmtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	topictypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// A wish is what apply promises to create for a control, and how many events
// the default benchmark requires of it (0: it states a condition instead).
type wish struct {
	filter, metric, description string
	events                      int
}

// wishes repeats the names and texts of the catalog, so that a change there has
// to be meant: objects under the old names stay behind in users' accounts.
var wishes = map[string]wish{
	"network-gateway-changes":    {"VPCGatewayConfigChanges", "GatewayEventCount", "Triggered by VPC Customer/Internet Gateway changes.", 6},
	"security-group-changes":     {"SecurityGroupConfigChanges", "SecurityGroupEventCount", "Triggered by security group changes.", 6},
	"nacl-changes":               {"NetworkAclConfigChanges", "NetworkAclEventCount", "Triggered by network ACL changes.", 6},
	"guardduty-changes":          {"GuardDutyConfigChanges", "GuardDutyEventCount", "Triggered by GuardDuty configuration changes.", 23},
	"route-table-changes":        {"RouteTableConfigChanges", "RouteTableEventCount", "Triggered by route table changes.", 7},
	"vpc-changes":                {"VPCConfigChanges", "VPCEventCount", "Triggered by VPC changes.", 11},
	"organizations-changes":      {"OrganizationsConfigChanges", "OrganizationsEventCount", "Triggered by AWS Organizations changes.", 18},
	"iam-policy-changes":         {"IAMPolicyConfigChanges", "IAMPolicyEventCount", "Triggered by IAM policy changes.", 16},
	"cloudtrail-config-changes":  {"CloudTrailConfigChanges", "CloudTrailEventCount", "Triggered by CloudTrail configuration changes.", 5},
	"kms-cmk-disable-or-delete":  {"KMSKeyDisableOrDelete", "KMSKeyEventCount", "Triggered by disabling or scheduled deletion of customer keys.", 2},
	"s3-bucket-policy-changes":   {"S3BucketConfigChanges", "S3BucketEventCount", "Triggered by S3 bucket policy changes.", 9},
	"config-changes":             {"ConfigServiceChanges", "ConfigEventCount", "Triggered by AWS Config changes.", 4},
	"unauthorized-api-calls":     {"UnauthorizedApiCalls", "UnauthorizedApiCallCount", "Triggered by unauthorized API calls.", 0},
	"console-signin-without-mfa": {"ConsoleSignInWithoutMFA", "ConsoleSignInWithoutMFACount", "Triggered by console sign-in without MFA.", 0},
	"root-usage":                 {"RootAccountUsage", "RootAccountUsageCount", "Triggered by use of the root user.", 0},
	"console-auth-failures":      {"ConsoleSignInFailures", "ConsoleSignInFailureCount", "Triggered by console sign-in failures.", 0},
}

// unseen is what an audit says about the control where no filter exists.
func (w wish) unseen() judgement {
	why := "no metric filter matches what the control asks for"
	if w.events > 0 {
		why = fmt.Sprintf("no metric filter matches any of its %d events", w.events)
	}
	return judgement{"fail", "no-filter", why}
}

const namespace = "CloudTrailMetrics"

func managed() map[string]string { return map[string]string{"monitorctl:managed": "true"} }

func topicARN(account string) string {
	return "arn:aws:sns:" + home + ":" + account + ":monitorctl-alerts"
}

// wanted is what stands in an account that was empty and whose controls were
// repaired.
func wanted(t *testing.T, account string, controls []catalog.Control) contents {
	t.Helper()
	arn := topicARN(account)
	c := contents{Tags: map[string]map[string]string{}, Topics: []topic{{
		ARN: arn, Tags: managed(),
		Subscriptions: []topictypes.Subscription{{
			TopicArn: aws.String(arn), Owner: aws.String(account), Protocol: aws.String("email"), Endpoint: aws.String(subscriber),
		}},
	}}}
	for _, control := range controls {
		w, ok := wishes[control.ID]
		if !ok {
			t.Fatalf("the table of wishes lacks control %s", control.ID)
		}
		c.Filters = append(c.Filters, logtypes.MetricFilter{
			FilterName: aws.String(w.filter), LogGroupName: aws.String(group),
			FilterPattern: aws.String(control.Writes(benchmark).Text),
			MetricTransformations: []logtypes.MetricTransformation{{
				MetricNamespace: aws.String(namespace), MetricName: aws.String(w.metric),
				MetricValue: aws.String("1"), DefaultValue: aws.Float64(0), Unit: logtypes.StandardUnitNone,
			}},
		})
		name := w.filter + "Alarm"
		c.Alarms = append(c.Alarms, alarmtypes.MetricAlarm{
			AlarmName: aws.String(name), AlarmArn: aws.String("arn:aws:cloudwatch:" + home + ":" + account + ":alarm:" + name),
			AlarmDescription: aws.String(w.description),
			Namespace:        aws.String(namespace), MetricName: aws.String(w.metric),
			Statistic: alarmtypes.StatisticSum, Period: aws.Int32(300), EvaluationPeriods: aws.Int32(1), DatapointsToAlarm: aws.Int32(1),
			ComparisonOperator: alarmtypes.ComparisonOperatorGreaterThanOrEqualToThreshold, Threshold: aws.Float64(1),
			TreatMissingData: aws.String("notBreaching"), ActionsEnabled: aws.Bool(true), AlarmActions: []string{arn},
		})
		c.Tags[name] = managed()
	}
	return c
}

// everyField compares contents in every field of the SDK's types, those that
// stay empty included, but for what the service itself writes there.
var everyField = cmp.Options{
	cmpopts.EquateEmpty(),
	cmpopts.IgnoreUnexported(logtypes.MetricFilter{}, logtypes.MetricTransformation{}, alarmtypes.MetricAlarm{}, topictypes.Subscription{}),
	cmpopts.IgnoreFields(alarmtypes.MetricAlarm{}, "StateValue", "StateReason", "StateReasonData",
		"StateUpdatedTimestamp", "AlarmConfigurationUpdatedTimestamp"),
	cmpopts.IgnoreFields(topictypes.Subscription{}, "SubscriptionArn"),
	cmpopts.IgnoreFields(topic{}, "Attributes"), // checkTopic
	cmpopts.SortSlices(func(a, b logtypes.MetricFilter) bool { return aws.ToString(a.FilterName) < aws.ToString(b.FilterName) }),
	cmpopts.SortSlices(func(a, b alarmtypes.MetricAlarm) bool { return aws.ToString(a.AlarmName) < aws.ToString(b.AlarmName) }),
}

// checkContents holds what stands in the account against the wishes.
func checkContents(t *testing.T, a tenant, controls []catalog.Control) contents {
	t.Helper()
	got := a.contents(t)
	if diff := cmp.Diff(wanted(t, a.id, controls), got, everyField); diff != "" {
		t.Fatalf("account %s is not as apply promises (-want +got):\n%s", a.id, diff)
	}
	for _, one := range got.Topics {
		checkTopic(t, a.id, one)
	}
	if elsewhere := a.in("us-east-1").contents(t); !cmp.Equal(contents{}, elsewhere, everyField) {
		t.Errorf("apply wrote to another region than the trail's: %+v", elsewhere)
	}
	return got
}

// topicPolicy lets the account's own users and its CloudWatch alarms use the
// topic; %[1]s is the topic's ARN, %[2]s the account.
const topicPolicy = `{
	"Version": "2012-10-17",
	"Statement": [
		{
			"Sid": "Owner", "Effect": "Allow", "Principal": {"AWS": "*"},
			"Action": ["SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:RemovePermission",
				"SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish"],
			"Resource": "%[1]s", "Condition": {"StringEquals": {"AWS:SourceOwner": "%[2]s"}}
		},
		{
			"Sid": "CloudWatchAlarms", "Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"},
			"Action": ["sns:Publish"], "Resource": "%[1]s",
			"Condition": {
				"StringEquals": {"aws:SourceAccount": "%[2]s"},
				"ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:` + home + `:%[2]s:alarm:*"}
			}
		}
	]
}`

func checkTopic(t *testing.T, account string, one topic) {
	t.Helper()
	var want, got any
	decode(t, fmt.Sprintf(topicPolicy, one.ARN, account), &want)
	decode(t, one.Attributes["Policy"], &got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("policy of topic %s (-want +got):\n%s", one.ARN, diff)
	}
	if key := one.Attributes["KmsMasterKeyId"]; key != "" {
		t.Errorf("topic %s is encrypted with %s, which CloudWatch could not use", one.ARN, key)
	}
	for _, s := range one.Subscriptions {
		if arn := aws.ToString(s.SubscriptionArn); len(arn) <= len(one.ARN) || arn[:len(one.ARN)] != one.ARN {
			t.Errorf("topic %s: subscription %q is not one of its own", one.ARN, arn)
		}
	}
}

// checkUntouched demands that an account holds what it held, to the timestamps.
func checkUntouched(t *testing.T, a tenant, before contents) {
	t.Helper()
	text := func(c contents) string {
		out, err := json.MarshalIndent(c, "", "  ")
		must(t, err)
		return string(out)
	}
	if diff := cmp.Diff(text(before), text(a.contents(t))); diff != "" {
		t.Errorf("account %s was written to (-before +after):\n%s", a.id, diff)
	}
}
