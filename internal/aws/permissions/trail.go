package permissions

import (
	"cmp"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
)

// What a trail and its parts are to IAM.
const (
	AnyTrail   Resource = "trails"                    // of the account
	OwnTrail   Resource = "monitorctl's trail"        // or that of --trail
	TrailGroup Resource = "monitorctl's log group"    // of the trail
	OwnBucket  Resource = "monitorctl's bucket"       // of the trail
	TrailRole  Resource = "monitorctl's trail role"   // by which the trail delivers
	LinkedRole Resource = "CloudTrail's service role" // in the organization
)

// ToCloudTrail narrows a role that is passed on.
const ToCloudTrail Condition = "passed to CloudTrail only" // iam:PassedToService

// The occasions of a trail.
const (
	CreatesTrail      When = "with --create-trail"
	OrganizationTrail When = "with --create-trail and --organization"
)

// trailTable are the operations that --create-trail adds. Roles are read and written by
// those of the table, whose resource is the trail's role then.
var trailTable = []Operation{
	{Name: "cloudtrail:GetTrail", Actions: []string{"cloudtrail:GetTrail"}, On: AnyTrail, When: CreatesTrail, From: Plan, Sid: "ReadOwnTrails", Source: srcTrails},
	{Name: "cloudtrail:ListTags", Actions: []string{"cloudtrail:ListTags"}, On: AnyTrail, When: CreatesTrail, From: Plan, Sid: "ReadOwnTrails", Source: srcTrails},
	{Name: "logs:ListTagsForResource", Actions: []string{"logs:ListTagsForResource"}, On: TrailGroup, When: CreatesTrail, From: Plan, Sid: "ReadLogGroupTags", Source: srcLogs},
	{Name: "s3:HeadBucket", Actions: []string{"s3:ListBucket"}, On: OwnBucket, When: CreatesTrail, From: Plan, Sid: "ReadBucket", Source: srcS3},
	{Name: "s3:GetBucketTagging", Actions: []string{"s3:GetBucketTagging"}, On: OwnBucket, When: CreatesTrail, From: Plan, Sid: "ReadBucket", Source: srcS3},
	{Name: "s3:GetPublicAccessBlock", Actions: []string{"s3:GetBucketPublicAccessBlock"}, On: OwnBucket, When: CreatesTrail, From: Plan, Sid: "ReadBucket", Source: srcS3},
	{Name: "s3:GetBucketOwnershipControls", Actions: []string{"s3:GetBucketOwnershipControls"}, On: OwnBucket, When: CreatesTrail, From: Plan, Sid: "ReadBucket", Source: srcS3},
	{Name: "s3:GetBucketVersioning", Actions: []string{"s3:GetBucketVersioning"}, On: OwnBucket, When: CreatesTrail, From: Plan, Sid: "ReadBucket", Source: srcS3},
	{Name: "s3:GetBucketEncryption", Actions: []string{"s3:GetEncryptionConfiguration"}, On: OwnBucket, When: CreatesTrail, From: Plan, Sid: "ReadBucket", Source: srcS3},
	{Name: "s3:GetBucketPolicy", Actions: []string{"s3:GetBucketPolicy"}, On: OwnBucket, When: CreatesTrail, From: Plan, Sid: "ReadBucket", Source: srcS3},
	{Name: "organizations:ListAWSServiceAccessForOrganization", Actions: []string{"organizations:ListAWSServiceAccessForOrganization"}, On: Everything, When: OrganizationTrail, From: Plan, Sid: "ReadOrganization", Source: srcOrgs},

	// Tags at creation need logs:TagResource.
	{Name: "logs:CreateLogGroup", Actions: []string{"logs:CreateLogGroup", "logs:TagResource"}, On: TrailGroup, When: CreatesTrail, From: Apply, Sid: "WriteLogGroup", Source: srcLogs},
	{Name: "logs:PutRetentionPolicy", Actions: []string{"logs:PutRetentionPolicy"}, On: TrailGroup, When: CreatesTrail, From: Apply, Sid: "WriteLogGroup", Source: srcLogs},
	// No call: CreateTrail and UpdateTrail with a role need it.
	{Name: "iam:PassRole", Actions: []string{"iam:PassRole"}, On: TrailRole, If: ToCloudTrail, When: CreatesTrail, From: Apply, Sid: "PassTrailRole", Source: srcIAM},
	// Tags at creation need s3:TagResource.
	{Name: "s3:CreateBucket", Actions: []string{"s3:CreateBucket", "s3:TagResource"}, On: OwnBucket, When: CreatesTrail, From: Apply, Sid: "WriteBucket", Source: srcS3},
	{Name: "s3:PutBucketTagging", Actions: []string{"s3:PutBucketTagging"}, On: OwnBucket, When: CreatesTrail, From: Apply, Sid: "WriteBucket", Source: srcS3},
	{Name: "s3:PutPublicAccessBlock", Actions: []string{"s3:PutBucketPublicAccessBlock"}, On: OwnBucket, When: CreatesTrail, From: Apply, Sid: "WriteBucket", Source: srcS3},
	{Name: "s3:PutBucketOwnershipControls", Actions: []string{"s3:PutBucketOwnershipControls"}, On: OwnBucket, When: CreatesTrail, From: Apply, Sid: "WriteBucket", Source: srcS3},
	{Name: "s3:PutBucketVersioning", Actions: []string{"s3:PutBucketVersioning"}, On: OwnBucket, When: CreatesTrail, From: Apply, Sid: "WriteBucket", Source: srcS3},
	{Name: "s3:PutBucketEncryption", Actions: []string{"s3:PutEncryptionConfiguration"}, On: OwnBucket, When: CreatesTrail, From: Apply, Sid: "WriteBucket", Source: srcS3},
	{Name: "s3:PutBucketPolicy", Actions: []string{"s3:PutBucketPolicy"}, On: OwnBucket, When: CreatesTrail, From: Apply, Sid: "WriteBucket", Source: srcS3},
	// Tags at creation need cloudtrail:AddTags.
	{Name: "cloudtrail:CreateTrail", Actions: []string{"cloudtrail:CreateTrail", "cloudtrail:AddTags"}, On: OwnTrail, When: CreatesTrail, From: Apply, Sid: "WriteTrail", Source: srcTrails},
	{Name: "cloudtrail:UpdateTrail", Actions: []string{"cloudtrail:UpdateTrail"}, On: OwnTrail, When: CreatesTrail, From: Apply, Sid: "WriteTrail", Source: srcTrails},
	{Name: "cloudtrail:PutEventSelectors", Actions: []string{"cloudtrail:PutEventSelectors"}, On: OwnTrail, When: CreatesTrail, From: Apply, Sid: "WriteTrail", Source: srcTrails},
	{Name: "cloudtrail:StartLogging", Actions: []string{"cloudtrail:StartLogging"}, On: OwnTrail, When: CreatesTrail, From: Apply, Sid: "WriteTrail", Source: srcTrails},
	// An unfinished trail is taken back.
	{Name: "cloudtrail:DeleteTrail", Actions: []string{"cloudtrail:DeleteTrail"}, On: OwnTrail, When: CreatesTrail, From: Apply, Sid: "WriteTrail", Source: srcTrails},
	// No call: CloudTrail makes its role in the organization on behalf of the caller.
	{Name: "iam:CreateServiceLinkedRole", Actions: []string{"iam:CreateServiceLinkedRole"}, On: LinkedRole, When: OrganizationTrail, From: Apply, Sid: "LinkedRole", Source: srcIAM},

	{Name: "cloudtrail:StopLogging", Actions: []string{"cloudtrail:StopLogging"}, On: OwnTrail, When: CreatesTrail, From: Undo, Sid: "DeleteTrail", Source: srcTrails},
	{Name: "logs:DescribeLogStreams", Actions: []string{"logs:DescribeLogStreams"}, On: TrailGroup, When: CreatesTrail, From: Undo, Sid: "DeleteLogGroup", Source: srcLogs},
	{Name: "logs:DeleteLogGroup", Actions: []string{"logs:DeleteLogGroup"}, On: TrailGroup, When: CreatesTrail, From: Undo, Sid: "DeleteLogGroup", Source: srcLogs},
	{Name: "s3:ListObjectVersions", Actions: []string{"s3:ListBucketVersions"}, On: OwnBucket, When: CreatesTrail, From: Undo, Sid: "DeleteBucket", Source: srcS3},
	{Name: "s3:DeleteBucket", Actions: []string{"s3:DeleteBucket"}, On: OwnBucket, When: CreatesTrail, From: Undo, Sid: "DeleteBucket", Source: srcS3},
}

// createsTrail reports whether a trail is asked for.
func (r *Request) createsTrail() bool { return r.Wishes.Bootstrap != nil }

// ofTrail returns the patterns of a trail and its parts.
func (s Scope) ofTrail(on Resource, r Request) []string {
	b := r.Wishes.Bootstrap
	id := cmp.Or(s.Account, "*")
	global := func(service, account, resource string) []string {
		return []string{"arn:" + s.Partition + ":" + service + "::" + account + ":" + resource}
	}
	wide := s
	wide.Regions = nil // a trail that is there keeps its home, and a new one is made where none was read
	switch on {
	case AnyTrail:
		return wide.arns("cloudtrail", "trail/*")
	case OwnTrail:
		return wide.arns("cloudtrail", "trail/"+literal(b.TrailName()))
	case TrailGroup:
		name := "log-group:" + literal(b.GroupName())
		return append(wide.arns("logs", name), wide.arns("logs", name+":*")...)
	case TrailRole:
		return global("iam", id, "role/"+literal(b.RoleName()))
	case LinkedRole:
		return global("iam", id, "role/aws-service-role/cloudtrail.amazonaws.com/*")
	}
	name := literal(b.Bucket)
	if b.Bucket == "" {
		name = desired.TrailBucket(id, cmp.Or(b.Home, "*"))
	}
	return []string{"arn:" + s.Partition + ":s3:::" + name}
}

// toCloudTrail is the condition of a role that is passed to CloudTrail.
func toCloudTrail() map[string]map[string][]string {
	return map[string]map[string][]string{"StringEquals": {"iam:PassedToService": {policy.CloudTrail}}}
}
