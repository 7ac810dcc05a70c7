package awstest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// cloudtrailPrincipal is CloudTrail in policies.
const cloudtrailPrincipal = "cloudtrail.amazonaws.com"

// checkTrailAccess refuses a trail that CloudTrail could not deliver: to its bucket, by its
// role to its log group, with its key. Sources: CreateTrail (errors), CloudTrail user
// guide, "Amazon S3 bucket policy for CloudTrail", "Role policy document for CloudTrail to
// use CloudWatch Logs for monitoring".
func (c *call) checkTrailAccess(t *trail) error {
	if err := c.checkTrailBucket(t); err != nil {
		return err
	}
	if err := c.checkTrailKey(t); err != nil || t.CloudWatchLogsRoleARN == "" {
		return err
	}
	if !c.allows("iam:PassRole") {
		return errorWithStatus(400, "AccessDeniedException", "User: %s is not authorized to perform: iam:PassRole on resource: %s", c.by.arn, t.CloudWatchLogsRoleARN)
	}
	if !strings.HasSuffix(t.CloudWatchLogsLogGroupARN, ":*") {
		return apiError("InvalidCloudWatchLogsLogGroupArnException", "CloudTrail cannot validate the specified log group ARN: %s", t.CloudWatchLogsLogGroupARN)
	}
	return c.checkTrailRole(t)
}

func (c *call) checkTrailBucket(t *trail) error {
	owner := c.ownerOfBucket(t.S3BucketName)
	if owner == nil {
		return apiError("S3BucketDoesNotExistException", "S3 bucket %s does not exist!", t.S3BucketName)
	}
	b := owner.buckets[t.S3BucketName]
	refused := apiError("InsufficientS3BucketPolicyException", "Incorrect S3 bucket policy is detected for bucket: %s", t.S3BucketName)
	doc, err := parsePolicy(b.settings.policy)
	if err != nil || c.now.Sub(b.settings.changed) < c.opts.Propagation {
		return refused
	}
	arn := "arn:" + c.account.partition + ":s3:::" + t.S3BucketName
	context := map[string]string{"aws:sourcearn": t.TrailARN, "aws:securetransport": "true", "aws:sourceaccount": c.account.id}
	prefix := "/AWSLogs/"
	if t.S3KeyPrefix != "" {
		prefix = "/" + t.S3KeyPrefix + prefix
	}
	folders := []string{c.account.id}
	if org := c.organizationOf(c.account.id); t.IsOrganizationTrail && org != nil {
		folders = append(folders, org.id)
	}
	if ok, _ := doc.decide(access{service: cloudtrailPrincipal, action: "s3:GetBucketAcl", resource: arn, context: context}); !ok {
		return refused
	}
	write := maps.Clone(context)
	write["s3:x-amz-acl"] = "bucket-owner-full-control"
	for _, folder := range folders {
		if ok, _ := doc.decide(access{service: cloudtrailPrincipal, action: "s3:PutObject", resource: arn + prefix + folder + "/x", context: write}); !ok {
			return refused
		}
	}
	return nil
}

func (c *call) checkTrailKey(t *trail) error {
	if t.KmsKeyID == "" {
		return nil
	}
	k := c.keyAnywhere(c.region, t.KmsKeyID)
	switch {
	case k == nil:
		return apiError("KmsKeyNotFoundException", "The KMS key %s was not found", t.KmsKeyID)
	case k.state != "Enabled":
		return apiError("KmsKeyDisabledException", "The KMS key %s is disabled", t.KmsKeyID)
	case !k.lets(cloudtrailPrincipal, "kms:GenerateDataKey", map[string]string{"kms:encryptioncontext:aws:cloudtrail:arn": t.TrailARN, "aws:sourcearn": t.TrailARN}):
		return apiError("InsufficientEncryptionPolicyException", "Insufficient permissions to access S3 bucket %s or KMS key %s.", t.S3BucketName, t.KmsKeyID)
	}
	return nil
}

// lets reports whether the policy of an enabled key lets a service do something.
func (k *key) lets(service, action string, context map[string]string) bool {
	p, err := parsePolicy(k.policy)
	if err != nil || k.state != "Enabled" {
		return false
	}
	if context == nil {
		context = map[string]string{}
	}
	ok, _ := p.decide(access{service: service, action: action, resource: k.arn, context: context})
	return ok
}

// checkTrailRole refuses a role by which CloudTrail could not write into the log group.
func (c *call) checkTrailRole(t *trail) error {
	_, name, _ := strings.Cut(t.CloudWatchLogsRoleARN, ":role/")
	role, ok := c.account.roles[name]
	if !ok || !role.trustsService(cloudtrailPrincipal) || c.now.Sub(role.changed) < c.opts.Propagation {
		return apiError("InvalidCloudWatchLogsRoleArnException", "Access denied. Verify in IAM that the role has adequate permissions.")
	}
	stream := strings.TrimSuffix(t.CloudWatchLogsLogGroupARN, ":*") + ":log-stream:"
	streams := []string{stream + c.account.id + "_CloudTrail_" + c.region.name}
	if org := c.organizationOf(c.account.id); t.IsOrganizationTrail && org != nil {
		streams = append(streams, stream+org.id+"_CloudTrail_"+c.region.name)
	}
	for _, stream := range streams {
		for _, action := range []string{"logs:CreateLogStream", "logs:PutLogEvents"} {
			if !role.may(action, stream) {
				return apiError("InvalidCloudWatchLogsLogGroupArnException", "Access denied. Check the permissions for your role.")
			}
		}
	}
	return nil
}

// may reports whether one of the inline policies of a role allows an action.
func (o RoleOptions) may(action, resource string) bool {
	for _, text := range o.Policies {
		p, err := parsePolicy(text)
		if err != nil {
			continue
		}
		for i := range p.Statement {
			p.Statement[i].Principal = &principals{everyone: true}
		}
		if ok, _ := p.decide(access{action: action, resource: resource, context: map[string]string{}}); ok {
			return true
		}
	}
	return false
}

// leaveTraces notes what a delivery leaves behind: a stream in the log group, a file in the
// bucket.
func (c *Cloud) leaveTraces(t *trail) {
	account, region := t.home.account, t.home.name
	if g, r, why := c.reach(t.CloudWatchLogsLogGroupARN); why == "" {
		if name := account.id + "_CloudTrail_" + region; !slices.Contains(g.streams, name) {
			next := *g
			next.streams = append(slices.Clone(g.streams), name)
			r.groups[g.name] = &next
		}
	}
	owner := c.ownerOfBucket(t.S3BucketName)
	if owner == nil {
		return
	}
	old := owner.buckets[t.S3BucketName]
	b := *old
	b.objects = maps.Clone(old.objects)
	if b.objects == nil {
		b.objects = map[string][]byte{}
	}
	key := fmt.Sprintf("AWSLogs/%s/CloudTrail/%s/%s/%s_CloudTrail_%s_%s.json.gz", account.id, region, c.now.Format("2006/01/02"), account.id, region, c.now.Format("20060102T1504Z"))
	b.objects[key] = emptyLogFile()
	owner.buckets[t.S3BucketName] = &b
}

// emptyLogFile is a log file without records: what they say is in the log group.
func emptyLogFile() []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(`{"Records":[]}`)) // into memory
	_ = w.Close()
	return b.Bytes()
}

type listTrailTagsInput struct {
	ResourceIDList []string `json:"ResourceIdList,omitempty" required:""`
	NextToken      string   `json:"NextToken,omitempty"`
}

type listTrailTagsOutput struct {
	ResourceTagList []resourceTags `json:"ResourceTagList"`
}

type resourceTags struct {
	ResourceID string `json:"ResourceId"`
	TagsList   []Tag  `json:"TagsList"`
}

// listTrailTags returns the tags of trails of the account.
func listTrailTags(c *call, in *listTrailTagsInput) (*listTrailTagsOutput, error) {
	out := &listTrailTagsOutput{ResourceTagList: []resourceTags{}}
	for _, arn := range in.ResourceIDList {
		t, err := c.find(arn)
		if err != nil {
			return nil, err
		}
		out.ResourceTagList = append(out.ResourceTagList, resourceTags{arn, append([]Tag{}, t.tags...)})
	}
	return out, nil
}
