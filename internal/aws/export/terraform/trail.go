package terraform

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/export"
)

// trail writes a trail of ours and what it needs.
func (w *writer) trail() error {
	set := w.list.Trail
	if g := set.Group; g != nil {
		name := quote(g.Group.Name)
		if g.Group.Name == w.list.LogGroup {
			name = "local.log_group"
		}
		w.line("# The events are evidence: a destroy leaves the log group.\nresource \"aws_cloudwatch_log_group\" \"trail\" {\nname = %s", name)
		if g.Group.Retention > 0 {
			w.line("retention_in_days = %d", g.Group.Retention)
		}
		w.optional("kms_key_id", g.Group.KeyID)
		w.line("skip_destroy = true\ntags = %s\n}\n", object(g.Group.Tags))
	}
	if set.Role != nil {
		if err := w.role(*set.Role); err != nil {
			return err
		}
	}
	if err := w.bucket(); err != nil {
		return err
	}
	w.ownTrail()
	return nil
}

// optional writes an argument of text; "" leaves it out.
func (w *writer) optional(name, text string) {
	if text != "" {
		w.line("%s = %s", name, quote(text))
	}
}

// bucket writes the bucket of the log files and its settings, the policy last.
func (w *writer) bucket() error {
	if w.list.Trail.Bucket == nil {
		return nil
	}
	b := w.list.Trail.Bucket.Bucket
	part := func(kind, body string) {
		w.line("resource \"aws_s3_bucket_%s\" \"trail\" {\nbucket = aws_s3_bucket.trail.id\n%s\n}\n", kind, body)
	}
	w.line("# The log files are evidence: without force_destroy a destroy fails while there are some.\nresource \"aws_s3_bucket\" \"trail\" {\nbucket = %s\ntags = %s\n}\n", quote(b.Name), object(b.Tags))
	if b.Settings.BlockPublic {
		part("public_access_block", "block_public_acls = true\nblock_public_policy = true\nignore_public_acls = true\nrestrict_public_buckets = true")
	}
	if b.Settings.Ownership != "" {
		part("ownership_controls", fmt.Sprintf("\nrule {\nobject_ownership = %s\n}", quote(b.Settings.Ownership)))
	}
	if b.Settings.Versioning != "" {
		part("versioning", fmt.Sprintf("\nversioning_configuration {\nstatus = %s\n}", quote(b.Settings.Versioning)))
	}
	if b.Settings.Encryption != "" {
		part("server_side_encryption_configuration", fmt.Sprintf("\nrule {\napply_server_side_encryption_by_default {\nsse_algorithm = %s\n}\n}", quote(b.Settings.Encryption)))
	}
	if b.Settings.Policy == "" {
		return nil
	}
	doc, err := export.ParseJSON(b.Settings.Policy)
	if err != nil {
		return fmt.Errorf("reading the policy of bucket %s: %w", b.Name, err)
	}
	waits := ""
	if b.Settings.BlockPublic {
		waits = "\n\n# S3 takes one change of a bucket's access at a time.\ndepends_on = [aws_s3_bucket_public_access_block.trail]"
	}
	part("policy", "policy = jsonencode("+w.expression(doc)+")"+waits)
	return nil
}

// ownTrail writes the trail.
func (w *writer) ownTrail() {
	set := w.list.Trail
	if set.Trail == nil {
		return
	}
	t := set.Trail.Trail
	var waits []string
	bucket, group, role := quote(t.Bucket), quote(t.Delivery.LogGroupARN), w.arn(t.Delivery.RoleARN)
	if set.Bucket != nil {
		bucket = "aws_s3_bucket.trail.id"
		waits = append(waits, "aws_s3_bucket_policy.trail")
	}
	if set.Group != nil {
		group = "\"${aws_cloudwatch_log_group.trail.arn}:*\""
	}
	if set.Role != nil {
		waits = append(waits, "aws_iam_role_policy.trail")
	}
	w.line("resource \"aws_cloudtrail\" \"trail\" {\nname = %s\ns3_bucket_name = %s", quote(t.Name), bucket)
	w.line("is_multi_region_trail = %t\ninclude_global_service_events = %t\nenable_log_file_validation = %t\nis_organization_trail = %t\nenable_logging = %t", t.MultiRegion, t.Global, t.Validation, t.Org, t.Logging)
	if t.Delivery.LogGroupARN != "" {
		w.line("cloud_watch_logs_group_arn = %s\ncloud_watch_logs_role_arn = %s", group, role)
	}
	w.optional("kms_key_id", t.KeyID)
	w.line("tags = %s", object(t.Tags))
	for _, s := range t.Selectors.Basic {
		w.line("\nevent_selector {\nread_write_type = %s\ninclude_management_events = %t\n}", quote(s.ReadWriteType), s.ManagementEvents)
	}
	if len(waits) > 0 {
		w.line("\n# CloudTrail tries at once whether it may write.\ndepends_on = [%s]", strings.Join(waits, ", "))
	}
	w.line("}\n")
}

// trailImports takes over a trail and what it needs.
func (w *writer) trailImports(block func(to, id string)) {
	set := w.list.Trail
	if set.Group != nil && exists(set.Group.State) {
		block("aws_cloudwatch_log_group.trail", set.Group.Group.Name)
	}
	if r := set.Role; r != nil && exists(r.State) {
		block("aws_iam_role.trail", r.Name)
		block("aws_iam_role_policy.trail", r.Name+":"+r.Inline)
	}
	if b := set.Bucket; b != nil && exists(b.State) {
		s := b.Bucket.Settings
		block("aws_s3_bucket.trail", b.Bucket.Name)
		for _, part := range []struct {
			kind string
			is   bool
		}{
			{"public_access_block", s.BlockPublic},
			{"ownership_controls", s.Ownership != ""},
			{"versioning", s.Versioning != ""},
			{"server_side_encryption_configuration", s.Encryption != ""},
			{"policy", s.Policy != ""},
		} {
			if part.is {
				block("aws_s3_bucket_"+part.kind+".trail", b.Bucket.Name)
			}
		}
	}
	if t := set.Trail; t != nil && exists(t.State) {
		block("aws_cloudtrail.trail", t.Trail.ARN)
	}
}
