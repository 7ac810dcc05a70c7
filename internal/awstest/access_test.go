package awstest_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

// probes call one operation of each service.
var probes = map[string]func(aws.Config) error{
	"logs": func(cfg aws.Config) error {
		_, err := cloudwatchlogs.NewFromConfig(cfg).DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
		return err
	},
	"cloudtrail": func(cfg aws.Config) error {
		_, err := cloudtrail.NewFromConfig(cfg).DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
		return err
	},
	"cloudwatch": func(cfg aws.Config) error {
		_, err := cloudwatch.NewFromConfig(cfg).DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{})
		return err
	},
	"sns": func(cfg aws.Config) error {
		_, err := sns.NewFromConfig(cfg).ListTopics(ctx, &sns.ListTopicsInput{})
		return err
	},
	"kms": func(cfg aws.Config) error {
		_, err := kms.NewFromConfig(cfg).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String("alias/aws/sns")})
		return err
	},
	"iam": func(cfg aws.Config) error {
		_, err := iam.NewFromConfig(cfg).ListAccountAliases(ctx, &iam.ListAccountAliasesInput{})
		return err
	},
	"account": func(cfg aws.Config) error {
		_, err := account.NewFromConfig(cfg).ListRegions(ctx, &account.ListRegionsInput{})
		return err
	},
	"sts": func(cfg aws.Config) error {
		_, err := sts.NewFromConfig(cfg).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::111122223333:role/audit"), RoleSessionName: aws.String("s1")})
		return err
	},
	"organizations": func(cfg aws.Config) error {
		_, err := organizations.NewFromConfig(cfg).ListAccounts(ctx, &organizations.ListAccountsInput{})
		return err
	},
}

// newProbeLab is a lab in which every probe succeeds.
func newProbeLab(t *testing.T) *lab {
	l := newLab(t, awstest.Options{})
	l.acct.Role("audit", awstest.RoleOptions{})
	l.cloud.Organization(l.acct)
	for name, probe := range probes {
		if err := probe(l.config(l.acct, "us-east-1")); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return l
}

// TestCommonErrors checks the codes under which each service refuses callers.
func TestCommonErrors(t *testing.T) {
	tests := []struct{ service, denied, unknownKey, expired, throttled string }{
		{"logs", "AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException", "ThrottlingException"},
		{"cloudtrail", "AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException", "ThrottlingException"},
		{"kms", "AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException", "ThrottlingException"},
		{"organizations", "AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException", "TooManyRequestsException"},
		{"account", "AccessDeniedException", "UnrecognizedClientException", "ExpiredTokenException", "TooManyRequestsException"},
		{"cloudwatch", "AccessDenied", "InvalidClientTokenId", "ExpiredToken", "Throttling"},
		{"sns", "AuthorizationError", "InvalidClientTokenId", "ExpiredToken", "Throttling"},
		{"iam", "AccessDenied", "InvalidClientTokenId", "ExpiredToken", "Throttling"},
		{"sts", "AccessDenied", "InvalidClientTokenId", "ExpiredToken", "Throttling"},
	}
	l := newProbeLab(t)
	good := l.config(l.acct, "us-east-1")
	session := get(sts.NewFromConfig(good).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::111122223333:role/audit"), RoleSessionName: aws.String("s1"), DurationSeconds: aws.Int32(900)}))(t).Credentials
	old, unknown, tokenless := good.Copy(), good.Copy(), good.Copy()
	old.Credentials = credentials.NewStaticCredentialsProvider(*session.AccessKeyId, *session.SecretAccessKey, *session.SessionToken)
	unknown.Credentials = credentials.NewStaticCredentialsProvider("AKIANOBODY", "x", "")
	tokenless.Credentials = credentials.NewStaticCredentialsProvider(*session.AccessKeyId, *session.SecretAccessKey, "")
	l.cloud.Advance(14 * time.Minute)
	for name, probe := range probes {
		must(t, probe(old)) // still valid
		_ = name
	}
	l.cloud.Advance(time.Minute)
	for _, tt := range tests {
		t.Run(tt.service, func(t *testing.T) {
			probe := probes[tt.service]
			wantCode(t, probe(old), tt.expired)
			wantCode(t, probe(unknown), tt.unknownKey)
			wantCode(t, probe(tokenless), tt.unknownKey)
			away := good.Copy()
			away.Region = "ap-east-1" // not enabled
			if tt.service != "iam" && tt.service != "organizations" && tt.service != "account" && tt.service != "sts" {
				wantCode(t, probe(away), tt.unknownKey)
			}
			l.cloud.Deny(tt.service + ":*")
			wantCode(t, probe(good), tt.denied)
			l.cloud.AllowAll()
			l.cloud.Fault(awstest.Fault{Operation: tt.service + ":*", Kind: awstest.Throttle, Times: 1})
			wantCode(t, probe(good), tt.throttled)
			must(t, probe(good))
		})
	}
}

func TestAllowList(t *testing.T) {
	l := newProbeLab(t)
	cfg := l.config(l.acct, "us-east-1")
	l.cloud.Allow(acctID, "logs:Describe*")
	must(t, probes["logs"](cfg))
	wantCode(t, probes["cloudtrail"](cfg), "AccessDeniedException")
	get(sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}))(t) // needs no permission
	l.cloud.Allow(acctID, "cloudtrail:describetrails")
	must(t, probes["cloudtrail"](cfg))
}

// TestTagsNeedTheirOwnPermission: tags at creation need TagResource too.
func TestTagsNeedTheirOwnPermission(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.cloud.Allow(acctID, "sns:CreateTopic", "cloudwatch:PutMetricAlarm")
	topic := &sns.CreateTopicInput{Name: aws.String("t"), Tags: []snstypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}}}
	alarm := &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("a"), Namespace: aws.String("N"), MetricName: aws.String("M"), Statistic: cwtypes.StatisticSum, Period: aws.Int32(60),
		EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1), ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold,
		Tags: []cwtypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
	}
	_, err := l.sns().CreateTopic(ctx, topic)
	wantCode(t, err, "AuthorizationError")
	_, err = l.cloudwatch().PutMetricAlarm(ctx, alarm)
	wantCode(t, err, "AccessDenied")
	l.cloud.Allow(acctID, "sns:TagResource", "cloudwatch:TagResource")
	get(l.sns().CreateTopic(ctx, topic))(t)
	get(l.cloudwatch().PutMetricAlarm(ctx, alarm))(t)
}

func TestAssumeRole(t *testing.T) {
	l := newLab(t, awstest.Options{})
	other := l.cloud.Account("444455556666", awstest.AccountOptions{Regions: []string{home}})
	other.Role("audit", awstest.RoleOptions{ExternalID: "secret", Trusted: []string{acctID}})
	client := sts.NewFromConfig(l.config(l.acct, home))
	in := &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::444455556666:role/audit"), RoleSessionName: aws.String("audit-session"), ExternalId: aws.String("wrong")}
	_, err := client.AssumeRole(ctx, in)
	wantCode(t, err, "AccessDenied")
	in.ExternalId = aws.String("secret")
	out := get(client.AssumeRole(ctx, in))(t)
	if *out.AssumedRoleUser.Arn != "arn:aws:sts::444455556666:assumed-role/audit/audit-session" || !out.Credentials.Expiration.After(time.Now().Add(50*time.Minute)) {
		t.Errorf("got %s until %s", *out.AssumedRoleUser.Arn, out.Credentials.Expiration)
	}
	cfg := l.config(l.acct, home)
	cfg.Credentials = credentials.NewStaticCredentialsProvider(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	if who := get(sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{}))(t); *who.Account != "444455556666" {
		t.Errorf("the role belongs to %s", *who.Account)
	}
	_, err = sts.NewFromConfig(cfg).AssumeRole(ctx, in) // the role's account is not trusted
	wantCode(t, err, "AccessDenied")
	in.RoleArn = aws.String("arn:aws:iam::444455556666:role/nosuch")
	_, err = client.AssumeRole(ctx, in)
	wantCode(t, err, "AccessDenied")
	in.RoleArn = aws.String("arn:aws:iam::000000000000:user/nosuch")
	_, err = client.AssumeRole(ctx, in)
	wantCode(t, err, "ValidationError")
}

func TestKeys(t *testing.T) {
	l := newLab(t, awstest.Options{})
	id, arn := l.home.CreateKey(awstest.KeyOptions{Alias: "alias/topics", Policy: `{"Statement":[]}`})
	client := l.kms()
	for _, name := range []string{id, arn, "alias/topics", "arn:aws:kms:eu-central-1:111122223333:alias/topics"} {
		if m := get(client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &name}))(t).KeyMetadata; *m.Arn != arn || m.KeyManager != "CUSTOMER" || m.KeyState != "Enabled" || !m.Enabled {
			t.Errorf("%s: got %+v", name, m)
		}
	}
	if m := get(client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String("alias/aws/sns")}))(t).KeyMetadata; m.KeyManager != "AWS" {
		t.Errorf("alias/aws/sns is managed by %s", m.KeyManager)
	}
	if p := get(client.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: &arn}))(t); *p.Policy != `{"Statement":[]}` {
		t.Errorf("got policy %s", *p.Policy)
	}
	_, err := client.GetKeyPolicy(ctx, &kms.GetKeyPolicyInput{KeyId: aws.String("alias/topics")})
	wantCode(t, err, "InvalidArnException")
	_, err = client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String("alias/nosuch")})
	wantCode(t, err, "NotFoundException")
	must(t, l.home.SetKey(id, "PendingDeletion", ""))
	if m := get(client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &id}))(t).KeyMetadata; m.KeyState != "PendingDeletion" || m.Enabled {
		t.Errorf("got %+v", m)
	}
	other := l.cloud.Account("444455556666", awstest.AccountOptions{Regions: []string{home}})
	_, err = kms.NewFromConfig(l.config(other, home)).DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &arn})
	wantCode(t, err, "AccessDeniedException")
}

func TestOrganization(t *testing.T) {
	l := newLab(t, awstest.Options{PageSize: 1})
	member := l.cloud.Account("444455556666", awstest.AccountOptions{Regions: []string{home}})
	l.cloud.Organization(l.acct, member)
	client := organizations.NewFromConfig(l.config(l.acct, "us-east-1"))
	if o := get(client.DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{}))(t).Organization; *o.MasterAccountId != acctID {
		t.Errorf("got %+v", o)
	}
	ids := ""
	for p := organizations.NewListAccountsPaginator(client, &organizations.ListAccountsInput{}); p.HasMorePages(); {
		ids += *get(p.NextPage(ctx))(t).Accounts[0].Id + " "
	}
	if ids != "111122223333 444455556666 " {
		t.Errorf("got accounts %s", ids)
	}
	_, err := organizations.NewFromConfig(l.config(member, "us-east-1")).ListAccounts(ctx, &organizations.ListAccountsInput{})
	wantCode(t, err, "AccessDeniedException")
}

// TestAllowPolicy holds requests against the resources and conditions of an IAM
// policy.
func TestAllowPolicy(t *testing.T) {
	l, client := newLogsLab(t, awstest.Options{})
	const policy = `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"logs:PutMetricFilter","Resource":"arn:aws:logs:eu-central-1:111122223333:log-group:g:*"},
		{"Effect":"Allow","Action":["cloudwatch:PutMetricAlarm","cloudwatch:TagResource"],"Resource":"arn:aws:cloudwatch:*:*:alarm:A*",
		 "Condition":{"ForAllValues:StringLike":{"cloudwatch:AlarmActions":"arn:aws:sns:*:*:ours"}}},
		{"Effect":"Allow","Action":"sns:CreateTopic","Resource":"arn:aws:sns:eu-central-1:111122223333:ours"},
		{"Effect":"Allow","Action":"sns:Subscribe","Resource":"*","Condition":{"StringEquals":{"sns:Protocol":"email","sns:Endpoint":"a@example.com"}}}]}`
	ours := get(l.sns().CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("ours")}))(t).TopicArn
	must(t, l.cloud.AllowPolicy("111122223333", policy))
	alarm := func(name string, actions ...string) error {
		_, err := l.cloudwatch().PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{
			AlarmName: aws.String(name), Namespace: aws.String("n"), MetricName: aws.String("m"), Statistic: cwtypes.StatisticSum, Period: aws.Int32(60),
			EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1), ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold,
			AlarmActions: actions, Tags: []cwtypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
		})
		return err
	}
	subscribe := func(endpoint string) error {
		_, err := l.sns().Subscribe(ctx, &sns.SubscribeInput{TopicArn: ours, Protocol: aws.String("email"), Endpoint: aws.String(endpoint)})
		return err
	}
	create := func(name string) error {
		_, err := l.sns().CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String(name)})
		return err
	}
	filter := func(group string) error {
		in := putFilter("f")
		in.LogGroupName = aws.String(group)
		_, err := client.PutMetricFilter(ctx, in)
		return err
	}
	_, describe := client.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
	for name, err := range map[string]error{
		"our log group": filter("g"), "our alarm": alarm("A1", *ours), "alarm without action": alarm("A2"), "our topic": create("ours"), "our subscriber": subscribe("a@example.com"),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	wantCode(t, filter("h"), "AccessDeniedException")
	wantCode(t, alarm("B", *ours), "AccessDenied")
	wantCode(t, alarm("A1", *ours, "arn:aws:sns:eu-central-1:111122223333:theirs"), "AccessDenied")
	wantCode(t, create("theirs"), "AuthorizationError")
	wantCode(t, subscribe("b@example.com"), "AuthorizationError")
	wantCode(t, describe, "AccessDeniedException")
	l.cloud.AllowAll()
	must(t, filter("g"))

	for _, bad := range []string{"{", `{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"a${*}"}}`} {
		if l.cloud.AllowPolicy("111122223333", bad) == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}
