package cloudformation

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/export"
)

// Logical ids of a trail and what it needs.
const (
	trailGroup  = "TrailLogGroup"
	trailRole   = "TrailRole"
	trailBucket = "TrailBucket"
	trailPolicy = "TrailBucketPolicy"
	trail       = "Trail"
)

// trail writes a trail of ours and what it needs. What it recorded is evidence: the stack
// leaves all of it behind.
func (w *writer) trail() error {
	set := w.list.Trail
	for _, id := range []string{trailGroup, trailRole, trailBucket, trailPolicy, trail} {
		w.ids[id] = true
	}
	if x := set.Group; x != nil {
		g, name := x.Group, w.spread(x.Group.Name)
		if g.Name == w.list.LogGroup {
			name = ref(logGroup)
		}
		p := dict{"LogGroupName": name, "LogGroupClass": g.Class, "RetentionInDays": g.Retention, "Tags": tags(g.Tags)}
		if g.Class == "" {
			delete(p, "LogGroupClass")
		}
		if g.Retention == 0 {
			delete(p, "RetentionInDays")
		}
		if g.KeyID != "" {
			p["KmsKeyId"] = w.arn(g.KeyID)
		}
		w.add(trailGroup, "AWS::Logs::LogGroup", retained(p), x.State, dict{"LogGroupName": g.Name})
	}
	if r := set.Role; r != nil {
		trust, policy, err := export.PoliciesOf(*r)
		if err != nil {
			return err
		}
		w.made[r.ARN] = trailRole
		w.add(trailRole, "AWS::IAM::Role", retained(dict{
			"RoleName": r.Name, "Description": r.Description, "AssumeRolePolicyDocument": w.value(trust), "Tags": tags(r.Tags),
			"Policies": []any{dict{"PolicyName": r.Inline, "PolicyDocument": w.spreadAll(policy)}},
		}), r.State, dict{"RoleName": r.Name})
	}
	if err := w.bucket(); err != nil {
		return err
	}
	w.ownTrail()
	return nil
}

// retained is a resource that outlives the stack.
func retained(properties dict) dict {
	return dict{"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": properties}
}

func (w *writer) bucket() error {
	x := w.list.Trail.Bucket
	if x == nil {
		return nil
	}
	b, s := x.Bucket, x.Bucket.Settings
	p := dict{"BucketName": w.spread(b.Name), "Tags": tags(b.Tags)}
	if s.BlockPublic {
		p["PublicAccessBlockConfiguration"] = dict{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true}
	}
	if s.Ownership != "" {
		p["OwnershipControls"] = dict{"Rules": []any{dict{"ObjectOwnership": s.Ownership}}}
	}
	if s.Versioning != "" {
		p["VersioningConfiguration"] = dict{"Status": s.Versioning}
	}
	if s.Encryption != "" {
		p["BucketEncryption"] = dict{"ServerSideEncryptionConfiguration": []any{dict{"ServerSideEncryptionByDefault": dict{"SSEAlgorithm": s.Encryption}}}}
	}
	w.add(trailBucket, "AWS::S3::Bucket", retained(p), x.State, dict{"BucketName": b.Name})
	if s.Policy == "" {
		return nil
	}
	doc, err := export.ParseJSON(s.Policy)
	if err != nil {
		return fmt.Errorf("reading the policy of bucket %s: %w", b.Name, err)
	}
	w.add(trailPolicy, "AWS::S3::BucketPolicy", retained(dict{"Bucket": ref(trailBucket), "PolicyDocument": w.spreadAll(doc)}), x.State, dict{"Bucket": b.Name})
	return nil
}

func (w *writer) ownTrail() {
	set := w.list.Trail
	if set.Trail == nil {
		return
	}
	t := set.Trail.Trail
	var waits []any
	p := dict{
		"TrailName": t.Name, "S3BucketName": w.spread(t.Bucket), "IsLogging": t.Logging, "IsMultiRegionTrail": t.MultiRegion, "IncludeGlobalServiceEvents": t.Global,
		"EnableLogFileValidation": t.Validation, "IsOrganizationTrail": t.Org, "Tags": tags(t.Tags),
	}
	if set.Bucket != nil {
		p["S3BucketName"] = ref(trailBucket)
		waits = append(waits, trailPolicy)
	}
	if t.Delivery.LogGroupARN != "" {
		p["CloudWatchLogsLogGroupArn"], p["CloudWatchLogsRoleArn"] = w.spread(t.Delivery.LogGroupARN), w.arn(t.Delivery.RoleARN)
		if set.Group != nil { // its ARN ends in ":*", as CloudTrail asks for
			p["CloudWatchLogsLogGroupArn"] = dict{"Fn::GetAtt": []any{trailGroup, "Arn"}}
		}
	}
	if t.KeyID != "" {
		p["KMSKeyId"] = w.arn(t.KeyID)
	}
	var selectors []any
	for _, s := range t.Selectors.Basic {
		selectors = append(selectors, dict{"ReadWriteType": s.ReadWriteType, "IncludeManagementEvents": s.ManagementEvents})
	}
	if len(selectors) > 0 {
		p["EventSelectors"] = selectors
	}
	resource := retained(p)
	if len(waits) > 0 {
		resource["DependsOn"] = waits
	}
	w.add(trail, "AWS::CloudTrail::Trail", resource, set.Trail.State, dict{"TrailName": t.Name})
}

// spreadAll is value with spread for its strings.
func (w *writer) spreadAll(v any) any {
	switch v := v.(type) {
	case export.Object:
		out := dict{}
		for _, m := range v {
			out[m.Key] = w.spreadAll(m.Value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = w.spreadAll(x)
		}
		return out
	case string:
		return w.spread(v)
	}
	return v
}

// spread is a text with references wherever it has the account, the region, the partition of
// an ARN, or the name of the log group: names and policies of a trail have them in the middle.
func (w *writer) spread(text string) any {
	h := w.list.Home
	var parts []any
	plain := ""
	flush := func() {
		if plain != "" {
			parts, plain = append(parts, plain), ""
		}
	}
	replace := func(found string, by any) bool {
		if found == "" || !strings.HasPrefix(text, found) {
			return false
		}
		flush()
		parts, text = append(parts, by), text[len(found):]
		return true
	}
	if arn := "arn:" + h.Partition + ":"; strings.HasPrefix(text, arn) {
		parts, text = append(parts, "arn:", ref("AWS::Partition")), text[len(arn)-1:]
	}
	const before = ":log-group:"
	for text != "" {
		if w.list.Trail.Makes(w.list.LogGroup) && strings.HasPrefix(text, before+w.list.LogGroup+":") {
			plain, text = plain+before, text[len(before):]
			replace(w.list.LogGroup, ref(logGroup))
			continue
		}
		if replace(h.Account, ref("AWS::AccountId")) || replace(h.Region, ref("AWS::Region")) {
			continue
		}
		plain, text = plain+text[:1], text[1:]
	}
	flush()
	if len(parts) == 0 {
		return ""
	}
	return join("", parts...)
}
