package awstest_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/monitorctl/monitorctl/internal/awstest"
)

func (l *lab) s3(a *awstest.Account, region string) *s3.Client {
	return s3.NewFromConfig(l.config(a, region), func(o *s3.Options) { o.UsePathStyle = true })
}

func wantStatus(t *testing.T, err error, status int) {
	t.Helper()
	var reply *smithyhttp.ResponseError
	if !errors.As(err, &reply) || reply.HTTPStatusCode() != status {
		t.Errorf("got %v, want status %d", err, status)
	}
}

// Names of buckets belong to all of AWS, and only us-east-1 takes a second CreateBucket of
// the owner for a success.
func TestBuckets(t *testing.T) {
	l := newLab(t, awstest.Options{})
	other := l.cloud.Account("444455556666", awstest.AccountOptions{})
	mine, theirs, old := l.s3(l.acct, home), l.s3(other, home), l.s3(l.acct, "us-east-1")
	name, owner := aws.String("logs"), aws.String(acctID)
	there := &types.CreateBucketConfiguration{LocationConstraint: home, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}

	_, err := mine.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: name, ExpectedBucketOwner: owner})
	wantStatus(t, err, http.StatusNotFound)
	_, err = mine.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: name})
	wantCode(t, err, "IllegalLocationConstraintException")
	get(mine.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: name, CreateBucketConfiguration: there}))(t)
	_, err = mine.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: name, CreateBucketConfiguration: there})
	wantCode(t, err, "BucketAlreadyOwnedByYou")
	_, err = theirs.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: name, CreateBucketConfiguration: there})
	wantCode(t, err, "BucketAlreadyExists")
	_, err = theirs.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: name})
	wantStatus(t, err, http.StatusForbidden)
	_, err = mine.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: name, ExpectedBucketOwner: aws.String("444455556666")})
	wantStatus(t, err, http.StatusForbidden)
	get(old.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("old")}))(t)
	get(old.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("old")}))(t)

	tags := get(mine.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: name}))(t)
	if len(tags.TagSet) != 1 || *tags.TagSet[0].Key != "a" {
		t.Errorf("tags %+v", tags.TagSet)
	}
	block := get(mine.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: name}))(t).PublicAccessBlockConfiguration
	if !*block.BlockPublicAcls || !*block.RestrictPublicBuckets {
		t.Errorf("public access of a new bucket: %+v", block)
	}
	if v := get(mine.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: name}))(t); v.Status != "" {
		t.Errorf("versioning of a new bucket: %s", v.Status)
	}
	get(mine.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: name, VersioningConfiguration: &types.VersioningConfiguration{Status: "Enabled"}}))(t)
	if v := get(mine.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: name}))(t); v.Status != "Enabled" {
		t.Errorf("versioning: %s", v.Status)
	}
	_, err = mine.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: name})
	wantCode(t, err, "NoSuchBucketPolicy")
	_, err = mine.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: name, Policy: aws.String("{")})
	wantCode(t, err, "MalformedPolicy")
	const doc = `{"Version":"2012-10-17","Statement":[]}`
	get(mine.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: name, Policy: aws.String(doc)}))(t)
	if p := get(mine.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: name}))(t); *p.Policy != doc {
		t.Errorf("policy %s", *p.Policy)
	}
	get(mine.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: name}))(t)
	l.home.Bucket("logs", "", map[string][]byte{"x": nil})
	_, err = mine.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: name})
	wantCode(t, err, "BucketNotEmpty")
	if list := get(mine.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: name}))(t); len(list.Versions) != 1 {
		t.Errorf("%d versions", len(list.Versions))
	}
}

// CloudTrail makes no trail that it could not deliver: what it needs is looked at over the
// wire, and is seen some time after it was written.
func TestTrailAccess(t *testing.T) {
	l := newLab(t, awstest.Options{Propagation: 10 * time.Second})
	trails, roles, logs, files := cloudtrail.NewFromConfig(l.config(l.acct, home)), iam.NewFromConfig(l.config(l.acct, "us-east-1")), l.logs(), l.s3(l.acct, home)
	arn := func(service, resource string) *string {
		return aws.String("arn:aws:" + service + ":" + home + ":" + acctID + ":" + resource)
	}
	in := &cloudtrail.CreateTrailInput{
		Name: aws.String("main"), S3BucketName: aws.String("logs"), IsMultiRegionTrail: aws.Bool(true),
		CloudWatchLogsLogGroupArn: arn("logs", "log-group:g:*"), CloudWatchLogsRoleArn: aws.String("arn:aws:iam::" + acctID + ":role/r"),
	}
	refused := func(code string) {
		t.Helper()
		_, err := trails.CreateTrail(ctx, in)
		wantCode(t, err, code)
	}
	get(logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("g")}))(t)
	refused("S3BucketDoesNotExistException")
	get(files.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: in.S3BucketName, CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: home}}))(t)
	refused("InsufficientS3BucketPolicyException")
	get(files.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: in.S3BucketName, Policy: aws.String(fmt.Sprintf(
		`{"Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:SourceArn":%q}}}]}`, *arn("cloudtrail", "trail/main")))}))(t)
	refused("InsufficientS3BucketPolicyException") // not yet
	l.cloud.Advance(time.Minute)
	refused("InvalidCloudWatchLogsRoleArnException")
	get(roles.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: aws.String(
		`{"Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)}))(t)
	refused("InvalidCloudWatchLogsRoleArnException") // not yet
	l.cloud.Advance(time.Minute)
	refused("InvalidCloudWatchLogsLogGroupArnException") // it may not write
	get(roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("r"), PolicyName: aws.String("p"), PolicyDocument: aws.String(
		`{"Statement":[{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"` + *arn("logs", "log-group:g:log-stream:"+acctID+"_CloudTrail_"+home+"*") + `"}]}`)}))(t)
	l.cloud.Advance(time.Minute)
	in.CloudWatchLogsLogGroupArn = arn("logs", "log-group:g")
	refused("InvalidCloudWatchLogsLogGroupArnException") // without :*
	in.CloudWatchLogsLogGroupArn = arn("logs", "log-group:g:*")
	get(trails.CreateTrail(ctx, in))(t)
	get(trails.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: in.Name}))(t)
	l.cloud.Advance(time.Hour)
	streams := get(logs.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String("g")}))(t).LogStreams
	objects := get(files.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: in.S3BucketName}))(t).Versions
	if len(streams) != 1 || len(objects) == 0 {
		t.Errorf("an hour later: %d streams, %d objects", len(streams), len(objects))
	}
}
