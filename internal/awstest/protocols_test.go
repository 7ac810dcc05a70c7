package awstest_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	accounttypes "github.com/aws/aws-sdk-go-v2/service/account/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
	"github.com/aws/smithy-go/transport/http/protocol/awsquery"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

// cloudwatchProtocols are the three that AWS offers.
func cloudwatchProtocols(l *lab) map[string]*cloudwatch.Client {
	with := func(p smithyhttp.ClientProtocol) *cloudwatch.Client {
		return cloudwatch.NewFromConfig(l.config(l.acct, home), func(o *cloudwatch.Options) { o.Protocol = p })
	}
	return map[string]*cloudwatch.Client{
		"cbor":  l.cloudwatch(),
		"json":  with(awsjson.New10(schemas.GraniteServiceVersion20100801)),
		"query": with(awsquery.New(schemas.GraniteServiceVersion20100801)),
	}
}

// validationCode is what the SDK makes of ValidationError: with Query it shows
// the name of the type, otherwise the code of Query.
var validationCode = map[string]string{"cbor": "ValidationError", "json": "ValidationError", "query": "ValidationException"}

func TestCloudWatchInEveryProtocol(t *testing.T) {
	l := newLab(t, awstest.Options{PageSize: 1})
	for name, client := range cloudwatchProtocols(l) {
		t.Run(name, func(t *testing.T) {
			for _, alarm := range []string{name + "-b", name + "-a"} {
				_, err := client.PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{
					AlarmName: aws.String(alarm), AlarmDescription: aws.String("it's <so> & so"), Namespace: aws.String("N"), MetricName: aws.String("M"),
					Dimensions: []cwtypes.Dimension{{Name: aws.String("k"), Value: aws.String("v")}},
					Statistic:  cwtypes.StatisticSum, Period: aws.Int32(300), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1.5),
					ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanOrEqualToThreshold, TreatMissingData: aws.String("notBreaching"),
					AlarmActions: []string{"arn:aws:sns:eu-central-1:111122223333:t"}, ActionsEnabled: aws.Bool(false),
					Tags: []cwtypes.Tag{{Key: aws.String("team"), Value: aws.String("sec")}},
				})
				must(t, err)
			}
			var names []string
			pages := cloudwatch.NewDescribeAlarmsPaginator(client, &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String(name)})
			for pages.HasMorePages() {
				out := get(pages.NextPage(ctx))(t)
				if len(out.MetricAlarms) != 1 {
					t.Fatalf("page of %d alarms, want 1", len(out.MetricAlarms))
				}
				a := out.MetricAlarms[0]
				names = append(names, *a.AlarmName)
				if *a.Threshold != 1.5 || *a.Period != 300 || a.StateValue != "INSUFFICIENT_DATA" || *a.ActionsEnabled || *a.AlarmDescription != "it's <so> & so" ||
					!a.StateUpdatedTimestamp.Equal(start) || a.AlarmActions[0] != "arn:aws:sns:eu-central-1:111122223333:t" || *a.Dimensions[0].Value != "v" {
					t.Errorf("alarm came back as %+v", a)
				}
			}
			if len(names) != 2 || names[0] != name+"-a" {
				t.Errorf("got alarms %v, want two in the order of their names", names)
			}
			tags := get(client.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: aws.String("arn:aws:cloudwatch:eu-central-1:111122223333:alarm:" + name + "-a")}))(t)
			if len(tags.Tags) != 1 || *tags.Tags[0].Value != "sec" {
				t.Errorf("got tags %v", tags.Tags)
			}
			_, err := client.SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{AlarmName: aws.String("nosuch"), StateValue: "OK", StateReason: aws.String("x")})
			wantCode(t, err, "ResourceNotFound")
			_, err = client.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{NextToken: aws.String("junk")})
			wantCode(t, err, "InvalidNextToken")
			_, err = client.SetAlarmState(ctx, &cloudwatch.SetAlarmStateInput{AlarmName: aws.String(name + "-a"), StateValue: "BAD", StateReason: aws.String("x")})
			wantCode(t, err, validationCode[name])
			_, err = client.ListDashboards(ctx, &cloudwatch.ListDashboardsInput{})
			wantCode(t, err, "InvalidAction")
			history := get(client.DescribeAlarmHistory(ctx, &cloudwatch.DescribeAlarmHistoryInput{AlarmName: aws.String(name + "-a"), StartDate: aws.Time(start)}))(t)
			if len(history.AlarmHistoryItems) != 1 || !history.AlarmHistoryItems[0].Timestamp.Equal(start) {
				t.Errorf("got history %v", history.AlarmHistoryItems)
			}
		})
	}
}

func TestJSONErrors(t *testing.T) {
	l := newLab(t, awstest.Options{})
	_, err := l.logs().DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String("nosuch")})
	wantCode(t, err, "ResourceNotFoundException")
	_, err = l.logs().DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String("bad name")})
	wantCode(t, err, "InvalidParameterException")
	_, err = l.logs().DescribeQueries(ctx, &cloudwatchlogs.DescribeQueriesInput{})
	wantCode(t, err, "UnknownOperationException")
	_, err = l.trails(home).GetTrail(ctx, &cloudtrail.GetTrailInput{Name: aws.String("nosuch")})
	wantCode(t, err, "TrailNotFoundException")
	_, err = organizations.NewFromConfig(l.config(l.acct, "us-east-1")).DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
	wantCode(t, err, "AWSOrganizationsNotInUseException")
}

func TestQueryRoundTrip(t *testing.T) {
	l := newLab(t, awstest.Options{})
	out := get(l.sns().CreateTopic(ctx, &sns.CreateTopicInput{
		Name: aws.String("t"), Attributes: map[string]string{"DisplayName": `<"&'>`},
		Tags: []snstypes.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("")}},
	}))(t)
	attributes := get(l.sns().GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: out.TopicArn}))(t).Attributes
	if attributes["DisplayName"] != `<"&'>` || attributes["SubscriptionsConfirmed"] != "0" {
		t.Errorf("got attributes %v", attributes)
	}
	tags := get(l.sns().ListTagsForResource(ctx, &sns.ListTagsForResourceInput{ResourceArn: out.TopicArn}))(t).Tags
	if len(tags) != 2 || *tags[1].Key != "b" {
		t.Errorf("got tags %v", tags)
	}
	_, err := l.sns().GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: aws.String(*out.TopicArn + "2")})
	wantCode(t, err, "NotFound")
	_, err = l.sns().CheckIfPhoneNumberIsOptedOut(ctx, &sns.CheckIfPhoneNumberIsOptedOutInput{PhoneNumber: aws.String("+1")})
	wantCode(t, err, "InvalidAction")
}

func TestAccountServices(t *testing.T) {
	l := newLab(t, awstest.Options{PageSize: 2})
	cfg := l.config(l.acct, "us-east-1")
	who := get(sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}))(t)
	if *who.Account != acctID || *who.Arn != "arn:aws:iam::111122223333:user/tester" {
		t.Errorf("got %s, %s", *who.Account, *who.Arn)
	}
	aliases := get(iam.NewFromConfig(cfg).ListAccountAliases(ctx, &iam.ListAccountAliasesInput{}))(t)
	if len(aliases.AccountAliases) != 1 || aliases.AccountAliases[0] != "acme" {
		t.Errorf("got aliases %v", aliases.AccountAliases)
	}
	var names []string
	pages := account.NewListRegionsPaginator(account.NewFromConfig(cfg), &account.ListRegionsInput{RegionOptStatusContains: []accounttypes.RegionOptStatus{"ENABLED", "ENABLED_BY_DEFAULT"}})
	for pages.HasMorePages() {
		for _, r := range get(pages.NextPage(ctx))(t).Regions {
			names = append(names, *r.RegionName)
		}
	}
	if len(names) != 3 || names[0] != "eu-central-1" || names[2] != "us-east-1" {
		t.Errorf("got regions %v", names)
	}
}
