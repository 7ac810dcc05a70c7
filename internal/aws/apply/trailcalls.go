package apply

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	trails "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	files "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
)

// Pause waits.
func (c calls) Pause(ctx context.Context, d time.Duration) error {
	if c.clients.pause != nil {
		return c.clients.pause(ctx, d)
	}
	if !wait(ctx, d) {
		return context.Cause(ctx)
	}
	return nil
}

// LogGroup calls logs:DescribeLogGroups, ListTagsForResource and DescribeLogStreams.
func (c calls) LogGroup(ctx context.Context, region, name string, contents bool) (*account.TrailGroup, error) {
	return collect.TrailGroup(ctx, c.clients.logs(region), name, contents)
}

// CreateLogGroup calls logs:CreateLogGroup.
func (c calls) CreateLogGroup(ctx context.Context, region string, g account.TrailGroup) error {
	_, err := c.clients.logs(region).CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{
		LogGroupName: aws.String(g.Name), LogGroupClass: logs.LogGroupClass(g.Class), KmsKeyId: text(g.KeyID), Tags: g.Tags,
	})
	return failedWrite("logs:CreateLogGroup", err)
}

// PutRetention calls logs:PutRetentionPolicy.
func (c calls) PutRetention(ctx context.Context, region, name string, days int32) error {
	_, err := c.clients.logs(region).PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String(name), RetentionInDays: aws.Int32(days)})
	return failedWrite("logs:PutRetentionPolicy", err)
}

// DeleteLogGroup calls logs:DeleteLogGroup.
func (c calls) DeleteLogGroup(ctx context.Context, region, name string) error {
	_, err := c.clients.logs(region).DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String(name)})
	return failedWrite("logs:DeleteLogGroup", err)
}

// Bucket calls s3:HeadBucket, then what reads each setting.
func (c calls) Bucket(ctx context.Context, region, name, owner string, contents bool) (*account.Bucket, error) {
	return collect.Bucket(ctx, c.clients.files(region), name, owner, contents)
}

// CreateBucket calls s3:CreateBucket. The region of S3's beginning must not be named.
func (c calls) CreateBucket(ctx context.Context, region, name string, tags map[string]string) error {
	conf := &files.CreateBucketConfiguration{Tags: bucketTags(tags)}
	if region != "us-east-1" {
		conf.LocationConstraint = files.BucketLocationConstraint(region)
	}
	_, err := c.clients.files(region).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(name), CreateBucketConfiguration: conf})
	return failedWrite("s3:CreateBucket", err)
}

func bucketTags(tags map[string]string) []files.Tag {
	var list []files.Tag
	for _, k := range sortedKeys(tags) {
		list = append(list, files.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
	}
	return list
}

// TagBucket calls s3:PutBucketTagging.
func (c calls) TagBucket(ctx context.Context, region, name, owner string, tags map[string]string) error {
	_, err := c.clients.files(region).PutBucketTagging(ctx, &s3.PutBucketTaggingInput{
		Bucket: aws.String(name), ExpectedBucketOwner: aws.String(owner), Tagging: &files.Tagging{TagSet: bucketTags(tags)},
	})
	return failedWrite("s3:PutBucketTagging", err)
}

// SetBucket makes the call that writes the part.
func (c calls) SetBucket(ctx context.Context, region, name, owner string, part action.BucketPart, to account.BucketSettings) error {
	api, bucket, expected := c.clients.files(region), aws.String(name), aws.String(owner)
	var err error
	switch part {
	case action.PublicAccess:
		_, err = api.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: bucket, ExpectedBucketOwner: expected, PublicAccessBlockConfiguration: &files.PublicAccessBlockConfiguration{
			BlockPublicAcls: &to.BlockPublic, IgnorePublicAcls: &to.BlockPublic, BlockPublicPolicy: &to.BlockPublic, RestrictPublicBuckets: &to.BlockPublic,
		}})
	case action.Ownership:
		_, err = api.PutBucketOwnershipControls(ctx, &s3.PutBucketOwnershipControlsInput{Bucket: bucket, ExpectedBucketOwner: expected, OwnershipControls: &files.OwnershipControls{
			Rules: []files.OwnershipControlsRule{{ObjectOwnership: files.ObjectOwnership(to.Ownership)}},
		}})
	case action.Versioning:
		_, err = api.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: bucket, ExpectedBucketOwner: expected, VersioningConfiguration: &files.VersioningConfiguration{
			Status: files.BucketVersioningStatus(to.Versioning),
		}})
	case action.Encryption:
		_, err = api.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: bucket, ExpectedBucketOwner: expected, ServerSideEncryptionConfiguration: &files.ServerSideEncryptionConfiguration{
			Rules: []files.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &files.ServerSideEncryptionByDefault{SSEAlgorithm: files.ServerSideEncryption(to.Encryption)}}},
		}})
	default:
		_, err = api.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: bucket, ExpectedBucketOwner: expected, Policy: aws.String(to.Policy)})
	}
	return failedWrite(part.Call(), err)
}

// DeleteBucket calls s3:DeleteBucket.
func (c calls) DeleteBucket(ctx context.Context, region, name, owner string) error {
	_, err := c.clients.files(region).DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: aws.String(name), ExpectedBucketOwner: aws.String(owner)})
	switch failed := failedWrite("s3:DeleteBucket", err); {
	case err == nil:
		return nil
	case collect.Code(err) == "BucketNotEmpty":
		return marked{failed, action.ErrNotEmpty}
	case collect.Code(err) == "NoSuchBucket":
		return marked{failed, action.ErrNotThere}
	default:
		return failed
	}
}

// Trail calls cloudtrail:GetTrail, ListTags, GetTrailStatus and GetEventSelectors.
func (c calls) Trail(ctx context.Context, region, arn string) (*account.OwnTrail, error) {
	return collect.Trail(ctx, c.clients.trails(region), arn)
}

// CreateTrail calls cloudtrail:CreateTrail.
func (c calls) CreateTrail(ctx context.Context, region string, t account.OwnTrail) error {
	in := &cloudtrail.CreateTrailInput{
		Name: aws.String(t.Name), S3BucketName: aws.String(t.Bucket), KmsKeyId: text(t.KeyID),
		IsMultiRegionTrail: aws.Bool(t.MultiRegion), IncludeGlobalServiceEvents: aws.Bool(t.Global), EnableLogFileValidation: aws.Bool(t.Validation),
		CloudWatchLogsLogGroupArn: text(t.Delivery.LogGroupARN), CloudWatchLogsRoleArn: text(t.Delivery.RoleARN),
	}
	if t.Org {
		in.IsOrganizationTrail = aws.Bool(true)
	}
	for _, k := range sortedKeys(t.Tags) {
		in.TagsList = append(in.TagsList, trails.Tag{Key: aws.String(k), Value: aws.String(t.Tags[k])})
	}
	_, err := c.clients.trails(region).CreateTrail(ctx, in)
	return trailWrite("cloudtrail:CreateTrail", err)
}

// trailName is the name of a trail, by which it is known at home. Emulators know nothing
// else.
func trailName(arn string) *string { return aws.String(arn[strings.LastIndexByte(arn, '/')+1:]) }

// SetDelivery calls cloudtrail:UpdateTrail; empty texts end the delivery.
func (c calls) SetDelivery(ctx context.Context, region, arn string, d account.TrailDelivery) error {
	_, err := c.clients.trails(region).UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{
		Name: trailName(arn), CloudWatchLogsLogGroupArn: aws.String(d.LogGroupARN), CloudWatchLogsRoleArn: aws.String(d.RoleARN),
	})
	return trailWrite("cloudtrail:UpdateTrail", err)
}

// trailWrite is the error of a write that needs what may not have reached CloudTrail yet:
// the role and its policy, and the policy of the bucket. Anything else that is wrong with
// the role or the log group is not worth waiting for.
func trailWrite(operation string, err error) error {
	failed := failedWrite(operation, err)
	if err == nil {
		return nil
	}
	switch collect.Code(err) {
	case "InsufficientS3BucketPolicyException":
		return marked{failed, action.ErrNotYet}
	case "InvalidCloudWatchLogsRoleArnException", "InvalidCloudWatchLogsLogGroupArnException":
		if strings.Contains(collect.Message(err), "Access denied") {
			return marked{failed, action.ErrNotYet}
		}
	case "TrailNotFoundException":
		return marked{failed, action.ErrNotThere}
	}
	return failed
}

// PutSelectors calls cloudtrail:PutEventSelectors.
func (c calls) PutSelectors(ctx context.Context, region, arn string, s account.Selectors) error {
	in := &cloudtrail.PutEventSelectorsInput{TrailName: trailName(arn)}
	for _, b := range s.Basic {
		in.EventSelectors = append(in.EventSelectors, trails.EventSelector{
			IncludeManagementEvents: aws.Bool(b.ManagementEvents), ReadWriteType: trails.ReadWriteType(b.ReadWriteType), ExcludeManagementEventSources: b.ExcludeSources,
		})
	}
	_, err := c.clients.trails(region).PutEventSelectors(ctx, in)
	return trailWrite("cloudtrail:PutEventSelectors", err)
}

// StartLogging calls cloudtrail:StartLogging.
func (c calls) StartLogging(ctx context.Context, region, arn string) error {
	_, err := c.clients.trails(region).StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: trailName(arn)})
	return trailWrite("cloudtrail:StartLogging", err)
}

// StopLogging calls cloudtrail:StopLogging.
func (c calls) StopLogging(ctx context.Context, region, arn string) error {
	_, err := c.clients.trails(region).StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: trailName(arn)})
	return trailWrite("cloudtrail:StopLogging", err)
}

// DeleteTrail calls cloudtrail:DeleteTrail.
func (c calls) DeleteTrail(ctx context.Context, region, arn string) error {
	_, err := c.clients.trails(region).DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: trailName(arn)})
	return trailWrite("cloudtrail:DeleteTrail", err)
}
