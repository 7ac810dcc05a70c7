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

// trailNeeds are the operations that --create-trail adds. Roles are read and written by
// those of the table, whose resource is the trail's role then.
var trailNeeds = []need{
	{Name: "cloudtrail:GetTrail", On: AnyTrail, When: CreatesTrail, From: Plan, Sid: "ReadOwnTrails"},
	{Name: "cloudtrail:ListTags", On: AnyTrail, When: CreatesTrail, From: Plan, Sid: "ReadOwnTrails"},
	{Name: "logs:ListTagsForResource", On: TrailGroup, When: CreatesTrail, From: Plan, Sid: "ReadLogGroupTags"},
	{Name: "s3:HeadBucket", On: OwnBucket, When: CreatesTrail, From: Plan, Sid: "ReadBucket"},
	{Name: "s3:GetBucketTagging", On: OwnBucket, When: CreatesTrail, From: Plan, Sid: "ReadBucket"},
	{Name: "s3:GetPublicAccessBlock", On: OwnBucket, When: CreatesTrail, From: Plan, Sid: "ReadBucket"},
	{Name: "s3:GetBucketOwnershipControls", On: OwnBucket, When: CreatesTrail, From: Plan, Sid: "ReadBucket"},
	{Name: "s3:GetBucketVersioning", On: OwnBucket, When: CreatesTrail, From: Plan, Sid: "ReadBucket"},
	{Name: "s3:GetBucketEncryption", On: OwnBucket, When: CreatesTrail, From: Plan, Sid: "ReadBucket"},
	{Name: "s3:GetBucketPolicy", On: OwnBucket, When: CreatesTrail, From: Plan, Sid: "ReadBucket"},
	{Name: "organizations:ListAWSServiceAccessForOrganization", On: Everything, When: OrganizationTrail, From: Plan, Sid: "ReadOrganization"},

	{Name: "logs:CreateLogGroup", On: TrailGroup, When: CreatesTrail, From: Apply, Sid: "WriteLogGroup"},
	{Name: "logs:PutRetentionPolicy", On: TrailGroup, When: CreatesTrail, From: Apply, Sid: "WriteLogGroup"},
	{Name: "iam:PassRole", On: TrailRole, If: ToCloudTrail, When: CreatesTrail, From: Apply, Sid: "PassTrailRole"},
	{Name: "s3:CreateBucket", On: OwnBucket, When: CreatesTrail, From: Apply, Sid: "WriteBucket"},
	{Name: "s3:PutBucketTagging", On: OwnBucket, When: CreatesTrail, From: Apply, Sid: "WriteBucket"},
	{Name: "s3:PutPublicAccessBlock", On: OwnBucket, When: CreatesTrail, From: Apply, Sid: "WriteBucket"},
	{Name: "s3:PutBucketOwnershipControls", On: OwnBucket, When: CreatesTrail, From: Apply, Sid: "WriteBucket"},
	{Name: "s3:PutBucketVersioning", On: OwnBucket, When: CreatesTrail, From: Apply, Sid: "WriteBucket"},
	{Name: "s3:PutBucketEncryption", On: OwnBucket, When: CreatesTrail, From: Apply, Sid: "WriteBucket"},
	{Name: "s3:PutBucketPolicy", On: OwnBucket, When: CreatesTrail, From: Apply, Sid: "WriteBucket"},
	{Name: "cloudtrail:CreateTrail", On: OwnTrail, When: CreatesTrail, From: Apply, Sid: "WriteTrail"},
	{Name: "cloudtrail:UpdateTrail", On: OwnTrail, When: CreatesTrail, From: Apply, Sid: "WriteTrail"},
	{Name: "cloudtrail:PutEventSelectors", On: OwnTrail, When: CreatesTrail, From: Apply, Sid: "WriteTrail"},
	{Name: "cloudtrail:StartLogging", On: OwnTrail, When: CreatesTrail, From: Apply, Sid: "WriteTrail"},
	// An unfinished trail is taken back.
	{Name: "cloudtrail:DeleteTrail", On: OwnTrail, When: CreatesTrail, From: Apply, Sid: "WriteTrail"},
	// No call: CloudTrail makes its role in the organization on behalf of the caller.
	{Name: "iam:CreateServiceLinkedRole", On: LinkedRole, When: OrganizationTrail, From: Apply, Sid: "LinkedRole"},

	{Name: "cloudtrail:StopLogging", On: OwnTrail, When: CreatesTrail, From: Undo, Sid: "DeleteTrail"},
	{Name: "logs:DescribeLogStreams", On: TrailGroup, When: CreatesTrail, From: Undo, Sid: "DeleteLogGroup"},
	{Name: "logs:DeleteLogGroup", On: TrailGroup, When: CreatesTrail, From: Undo, Sid: "DeleteLogGroup"},
	{Name: "s3:ListObjectVersions", On: OwnBucket, When: CreatesTrail, From: Undo, Sid: "DeleteBucket"},
	{Name: "s3:DeleteBucket", On: OwnBucket, When: CreatesTrail, From: Undo, Sid: "DeleteBucket"},
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
