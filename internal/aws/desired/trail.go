package desired

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// What a trail of ours and its parts are called unless the user wishes otherwise.
const (
	DefaultTrailName = "monitorctl"
	DefaultTrailLogs = "/aws/cloudtrail/monitorctl"
	DefaultTrailRole = "monitorctl-cloudtrail-to-logs"
	trailBucket      = "monitorctl-cloudtrail-"

	// DeliverPolicy is the name of the one inline policy of the trail's role.
	DeliverPolicy = "deliver"
)

// DefaultRetention is how long our log group keeps events, in days.
const DefaultRetention = 365

// Retentions are the days that a log group can keep its events. Source: the API model of
// PutRetentionPolicy.
var Retentions = []int32{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// A Trail holds the wishes that decide what a trail of ours looks like.
type Trail struct {
	Name, Bucket, LogGroup, Role string // "" for what they are called by default

	Retention    int32  // in days; 0 for DefaultRetention
	KeyARN       string // KMS key of log group and log files; "" for none
	Organization string // id of the organization whose accounts it records; "" for this account alone
}

// TrailName is the name of the trail.
func (t Trail) TrailName() string { return cmp.Or(t.Name, DefaultTrailName) }

// GroupName is the name of its log group.
func (t Trail) GroupName() string { return cmp.Or(t.LogGroup, DefaultTrailLogs) }

// RoleName is the name of the role by which CloudTrail writes into the log group.
func (t Trail) RoleName() string { return cmp.Or(t.Role, DefaultTrailRole) }

// BucketName is the name of the bucket of its log files. Names of buckets are unique in
// all of AWS: without a wish it holds the account and the region.
func (t Trail) BucketName(h Home) string { return cmp.Or(t.Bucket, TrailBucket(h.Account, h.Region)) }

// TrailBucket is what a bucket is called by default, of at most 49 characters.
func TrailBucket(id, region string) string { return trailBucket + id + "-" + region }

// Days is how long the log group keeps events.
func (t Trail) Days() int32 { return cmp.Or(t.Retention, DefaultRetention) }

// ARN is the ARN of the trail.
func (t Trail) ARN(h Home) string { return h.arn("cloudtrail", "trail/"+t.TrailName()) }

// GroupARN is the ARN of a log group, without ":*".
func GroupARN(name string, h Home) string { return h.arn("logs", "log-group:"+name) }

// RoleARN is the ARN of the role.
func (t Trail) RoleARN(h Home) string {
	return account.ARN{Partition: h.Partition, Service: "iam", Account: h.Account, Resource: "role/" + t.RoleName()}.String()
}

func (h Home) arn(service, resource string) string {
	return account.ARN{Partition: h.Partition, Service: service, Region: h.Region, Account: h.Account, Resource: resource}.String()
}

// TrailTrust is the trust policy of the role.
func TrailTrust() string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
}

// DeliverDocument lets CloudTrail write its streams into a log group, those of an
// organization too. Source: CloudTrail user guide, "Role policy document for CloudTrail to
// use CloudWatch Logs for monitoring"; it supports neither aws:SourceArn nor
// aws:SourceAccount.
func (t Trail) DeliverDocument(group string, h Home) string {
	stream := GroupARN(group, h) + ":log-stream:"
	resources := fmt.Sprintf("%q", stream+h.Account+"_CloudTrail_"+h.Region+"*")
	if t.Organization != "" {
		resources = fmt.Sprintf("[%s,%q]", resources, stream+t.Organization+"_*")
	}
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":` + resources + `}]}`
}

// BucketPolicy lets CloudTrail write log files of this trail, and nobody come in without
// TLS. Source: CloudTrail user guide, "Amazon S3 bucket policy for CloudTrail".
func (t Trail) BucketPolicy(h Home) string {
	bucket := "arn:" + h.Partition + ":s3:::" + t.BucketName(h)
	source := fmt.Sprintf(`"aws:SourceArn":%q`, t.ARN(h))
	write := func(sid, folder string) string {
		return fmt.Sprintf(`{"Sid":%q,"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":%q,`+
			`"Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control",%s}}}`, sid, bucket+"/AWSLogs/"+folder+"/*", source)
	}
	statements := []string{
		fmt.Sprintf(`{"Sid":"CloudTrailAclCheck","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:GetBucketAcl","Resource":%q,`+
			`"Condition":{"StringEquals":{%s}}}`, bucket, source),
		write("CloudTrailWrite", h.Account),
	}
	if t.Organization != "" {
		statements = append(statements, write("CloudTrailWriteOrganization", t.Organization))
	}
	statements = append(statements, fmt.Sprintf(`{"Sid":"TLSOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":[%q,%q],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`, bucket, bucket+"/*"))
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// BucketSettings are the settings of the bucket. With a key the log files are encrypted by
// the trail; the bucket's own encryption is S3's.
func (t Trail) BucketSettings(h Home) account.BucketSettings {
	return account.BucketSettings{BlockPublic: true, Ownership: "BucketOwnerEnforced", Versioning: "Enabled", Encryption: "AES256", Policy: t.BucketPolicy(h)}
}

// Delivery is where the trail delivers to; the ARN of its log group ends in ":*".
func (t Trail) Delivery(group string, h Home) account.TrailDelivery {
	return account.TrailDelivery{LogGroupARN: GroupARN(group, h) + ":*", RoleARN: t.RoleARN(h)}
}

// Trail is the trail as it is when it records, with these tags.
func (t Trail) Trail(h Home, tags map[string]string) account.OwnTrail {
	return account.OwnTrail{
		Name: t.TrailName(), ARN: t.ARN(h), Bucket: t.BucketName(h), KeyID: t.KeyARN, MultiRegion: true, Global: true, Validation: true,
		Org: t.Organization != "", Delivery: t.Delivery(t.GroupName(), h), Selectors: account.AllManagement(), Logging: true, Tags: tags,
	}
}
