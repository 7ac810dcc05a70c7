package export_test

import (
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// trail evaluates a part of a trail; false for what is none.
func (c *configuration) trail(b *hclsyntax.Block, get func(string) string) bool {
	inner := func(names ...string) *hclsyntax.Body {
		body := b.Body
		for _, name := range names {
			if body = body.Blocks[0].Body; len(b.Body.Blocks) != 1 {
				c.problem("%d blocks, and one %s is expected", len(b.Body.Blocks), name)
			}
		}
		return body
	}
	if kind, ok := strings.CutPrefix(b.Labels[0], "aws_s3_bucket_"); ok {
		x := c.buckets[get("bucket")]
		if x == nil {
			c.problem("no bucket %q", get("bucket"))
			return true
		}
		s := &x.Settings
		switch kind {
		case "public_access_block":
			s.BlockPublic = get("block_public_acls")+get("block_public_policy")+get("ignore_public_acls")+get("restrict_public_buckets") == "truetruetruetrue"
		case "ownership_controls":
			s.Ownership = c.text(inner("rule"), "object_ownership", nil)
		case "versioning":
			s.Versioning = c.text(inner("versioning_configuration"), "status", nil)
		case "server_side_encryption_configuration":
			s.Encryption = c.text(inner("rule", "apply_server_side_encryption_by_default"), "sse_algorithm", nil)
		case "policy":
			s.Policy = get("policy")
		default:
			return false
		}
		return true
	}
	switch b.Labels[0] {
	case "aws_s3_bucket":
		c.buckets[get("bucket")] = &account.Bucket{Name: get("bucket"), Tags: c.tags(b.Body, nil)}
	case "aws_cloudwatch_log_group":
		// The class is that of the provider, which is the standard one.
		c.result.group(account.TrailGroup{Name: get("name"), Class: "STANDARD", KeyID: get("kms_key_id"), Retention: int32Of(get("retention_in_days")), Tags: c.tags(b.Body, nil)})
	case "aws_cloudtrail":
		t := account.OwnTrail{
			Name: get("name"), Bucket: get("s3_bucket_name"), KeyID: get("kms_key_id"), MultiRegion: get("is_multi_region_trail") == "true", Global: get("include_global_service_events") == "true",
			Validation: get("enable_log_file_validation") == "true", Org: get("is_organization_trail") == "true", Logging: get("enable_logging") == "true", Tags: c.tags(b.Body, nil),
			Delivery: account.TrailDelivery{LogGroupARN: get("cloud_watch_logs_group_arn"), RoleARN: get("cloud_watch_logs_role_arn")},
		}
		for _, s := range b.Body.Blocks {
			t.Selectors.Basic = append(t.Selectors.Basic, account.EventSelector{ManagementEvents: c.text(s.Body, "include_management_events", nil) == "true", ReadWriteType: c.text(s.Body, "read_write_type", nil)})
		}
		c.result.trail(t)
	default:
		return false
	}
	return true
}
