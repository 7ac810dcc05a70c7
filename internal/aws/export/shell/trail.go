package shell

import (
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
	"github.com/monitorctl/monitorctl/internal/shellword"
)

// lookTrail looks at a trail of ours and what it needs, unless code keeps them.
func (w *writer) lookTrail() {
	set := w.list.Trail
	if x := set.Group; x != nil {
		w.lookGroup(*x)
	}
	if x := set.Role; x != nil && x.State != desired.Kept {
		w.lookRole("trail", *x)
	}
	if x := set.Bucket; x != nil && x.State != desired.Kept {
		w.lookBucket(*x)
	}
	if x := set.Trail; x != nil && x.State != desired.Kept {
		w.lookOwnTrail(*x)
	}
}

// writeTrail writes what is missing of them, the trail behind what it needs.
func (w *writer) writeTrail() {
	set := w.list.Trail
	if x := set.Group; x != nil && x.State != desired.Kept {
		w.writeGroup(*x)
	}
	if x := set.Role; x != nil && x.State != desired.Kept {
		w.writeRole("trail", *x)
	}
	if x := set.Bucket; x != nil && x.State != desired.Kept {
		w.writeBucket(*x)
	}
	if x := set.Trail; x != nil && x.State != desired.Kept {
		w.writeOwnTrail(*x)
	}
}

// lookGroup sets trailgroup to same or new, and trailkeeps to how long it keeps events: null
// for one that was made and not finished.
func (w *writer) lookGroup(x desired.TrailGroup) {
	g := x.Group
	name := condition{"logGroupName", g.Name}
	w.line("\n# %s", export.Comment("Log group "+g.Name))
	alike := same("logGroups", name, condition{"kmsKeyId", optional(g.KeyID)})
	w.line("answer=$(call logs describe-log-groups --cli-input-json %s --query %s)", input(map[string]any{"logGroupNamePrefix": g.Name}), shellword.Quote("join(`\" \"`, [\n    "+inWords(same("logGroups", name), alike)+",\n    to_string((logGroups || `[]`)[?logGroupName=="+literal(g.Name)+"].retentionInDays | [0])\n  ])"))
	w.line("answer=${answer#\\\"}\nanswer=${answer%%\\\"}\nIFS=' ' read -r trailgroup trailkeeps <<EOF\n$answer\nEOF")
	w.line("case $trailgroup in\nnew) ;;\nsame)")
	w.line("  answer=$(call logs list-tags-for-resource --cli-input-json %s --query %s)", input(map[string]any{"resourceArn": g.ARN}), shellword.Quote(fmt.Sprintf("tags.%s", literalKey(desired.ManagedTag))))
	if x.State == desired.Kept {
		w.line("  ;;")
	} else {
		w.line("  [ \"$answer\" = %s ] || refuse %s\n  ;;", shellword.Quote(ascii(string(desired.Monitorctl))), shown("log group %s exists and was not created by monitorctl", g.Name))
	}
	w.line("other) refuse %s ;;\n*) cut \"$trailgroup\" ;;\nesac", shown("log group %s exists with another key", g.Name))
}

// literalKey is a name in a query, in double quotes.
func literalKey(name string) string { return ascii(name) }

func (w *writer) writeGroup(x desired.TrailGroup) {
	g := x.Group
	create := map[string]any{"logGroupName": g.Name, "tags": g.Tags}
	if g.Class != "" {
		create["logGroupClass"] = g.Class
	}
	if g.KeyID != "" {
		create["kmsKeyId"] = g.KeyID
	}
	w.add("trailgroup", export.Comment("Log group "+g.Name), "logs create-log-group", create)
	if g.Retention > 0 {
		w.line("if [ \"$trailgroup\" = new ] || [ \"$trailkeeps\" = null ]; then\n  call logs put-retention-policy --cli-input-json %s\nfi", input(map[string]any{"logGroupName": g.Name, "retentionInDays": g.Retention}))
	}
}

// owned is what every call about a bucket is given: a bucket of that name may be someone
// else's.
func (w *writer) owned(bucket string, more map[string]any) map[string]any {
	in := map[string]any{"Bucket": bucket, "ExpectedBucketOwner": w.list.Home.Account}
	for key, value := range more {
		in[key] = value
	}
	return in
}

// lookBucket sets trailbucket to same or new, and trailbucketpolicy likewise: the policy is
// written last, so that a bucket without one was not finished.
func (w *writer) lookBucket(x desired.LogBucket) {
	b := x.Bucket
	taken := shown("bucket %s belongs to another account, or s3:ListBucket is not allowed", b.Name)
	w.line("\n# %s\ntrailbucket=new\ntrailbucketpolicy=new", export.Comment("Bucket "+b.Name))
	w.line("if call s3api head-bucket --cli-input-json %s >/dev/null 2>\"$scratch\"; then\n  trailbucket=same", input(w.owned(b.Name, nil)))
	w.line("  answer=$(call s3api get-bucket-tagging --cli-input-json %s --query %s 2>\"$scratch\") || answer=0 # one without tags is an error", input(w.owned(b.Name, nil)), shellword.Quote(isOurs("TagSet")))
	w.line("  [ \"$answer\" = 1 ] || refuse %s", shown("bucket %s exists and was not created by monitorctl", b.Name))
	if b.Settings.Policy != "" {
		w.line("  if answer=$(call s3api get-bucket-policy --cli-input-json %s --query Policy 2>\"$scratch\"); then", input(w.owned(b.Name, nil)))
		w.line("    trailbucketpolicy=same\n    [ \"$answer\" = %s ] || refuse %s", shellword.Quote(ascii(b.Settings.Policy)), shown("bucket %s exists with another policy", b.Name))
		w.line("  else\n    absent %s\n  fi", shown("the policy of bucket %s", b.Name))
	}
	w.line("else\n  case $(cat \"$scratch\") in\n  *'(403)'*) refuse %s ;;\n  esac\n  absent %s\nfi", taken, shown("bucket %s", b.Name))
}

func (w *writer) writeBucket(x desired.LogBucket) {
	b, s := x.Bucket, x.Bucket.Settings
	create := map[string]any{"Bucket": b.Name}
	const unconstrained = "us-east-1" // the one region that is no location to CreateBucket
	if w.list.Home.Region != unconstrained {
		create["CreateBucketConfiguration"] = map[string]any{"LocationConstraint": w.list.Home.Region}
	}
	w.add("trailbucket", export.Comment("Bucket "+b.Name), "s3api create-bucket", create)
	// In us-east-1 CreateBucket succeeds for a bucket that the account has already.
	w.line("if [ \"$trailbucket\" = new ]; then\n  call s3api put-bucket-tagging --cli-input-json %s\nfi", input(w.owned(b.Name, map[string]any{"Tagging": map[string]any{"TagSet": tags(b.Tags)}})))
	w.line("if [ \"$trailbucketpolicy\" = new ]; then")
	put := func(call string, more map[string]any) {
		w.line("  call s3api %s --cli-input-json %s", call, input(w.owned(b.Name, more)))
	}
	if s.BlockPublic {
		put("put-public-access-block", map[string]any{"PublicAccessBlockConfiguration": map[string]any{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true}})
	}
	if s.Ownership != "" {
		put("put-bucket-ownership-controls", map[string]any{"OwnershipControls": map[string]any{"Rules": []any{map[string]any{"ObjectOwnership": s.Ownership}}}})
	}
	if s.Versioning != "" {
		put("put-bucket-versioning", map[string]any{"VersioningConfiguration": map[string]any{"Status": s.Versioning}})
	}
	if s.Encryption != "" {
		put("put-bucket-encryption", map[string]any{"ServerSideEncryptionConfiguration": map[string]any{"Rules": []any{map[string]any{"ApplyServerSideEncryptionByDefault": map[string]any{"SSEAlgorithm": s.Encryption}}}}})
	}
	if s.Policy != "" {
		put("put-bucket-policy", map[string]any{"Policy": s.Policy})
	}
	w.line("fi")
}

// lookOwnTrail sets trail to new or same, and traillogs to whether it records.
func (w *writer) lookOwnTrail(x desired.OwnTrail) {
	t := x.Trail
	w.line("\n# %s\ntraillogs=false", export.Comment("Trail "+t.Name))
	arn := condition{"TrailARN", t.ARN}
	alike := same("trailList", arn, condition{"S3BucketName", t.Bucket}, condition{"IsMultiRegionTrail", t.MultiRegion}, condition{"IncludeGlobalServiceEvents", t.Global},
		condition{"LogFileValidationEnabled", t.Validation}, condition{"CloudWatchLogsLogGroupArn", optional(t.Delivery.LogGroupARN)}, condition{"CloudWatchLogsRoleArn", optional(t.Delivery.RoleARN)},
		condition{"KmsKeyId", optional(t.KeyID)})
	w.words("trail", "cloudtrail describe-trails --cli-input-json "+input(map[string]any{"trailNameList": []string{t.ARN}, "includeShadowTrails": false}), []string{inWords(same("trailList", arn), alike)}, []int{0})
	w.line("trail=$trail%d", w.n(0))
	w.line("case $trail in\nnew) ;;\nsame)")
	w.line("  answer=$(call cloudtrail list-tags --cli-input-json %s --query %s)", input(map[string]any{"ResourceIdList": []string{t.ARN}}), shellword.Quote(isOurs("ResourceTagList[0].TagsList")))
	w.line("  [ \"$answer\" = 1 ] || refuse %s", shown("trail %s exists and was not created by monitorctl", t.Name))
	w.line("  traillogs=$(call cloudtrail get-trail-status --cli-input-json %s --query IsLogging)\n  ;;", input(map[string]any{"Name": t.Name}))
	w.line("other) refuse %s ;;\n*) cut \"$trail\" ;;\nesac", shown("trail %s exists with other settings", t.Name))
}

// createTrail is the function of the script that creates the trail. CloudTrail sees a role
// and a bucket policy that were made a moment ago only after a while: the errors that mean so
// are waited for, two minutes long.
const createTrail = `
tries=0
until call cloudtrail create-trail --cli-input-json %s >/dev/null 2>"$scratch"; do
  tries=$((tries + 1))
  case $(cat "$scratch") in
  *InvalidCloudWatchLogs*'Access denied'* | *InsufficientS3BucketPolicy*) ;;
  *) tries=99 ;;
  esac
  if [ "$tries" -gt 24 ]; then
    cat "$scratch" >&2
    exit 1
  fi
  sleep 5
done`

func (w *writer) writeOwnTrail(x desired.OwnTrail) {
	t := x.Trail
	create := map[string]any{
		"Name": t.Name, "S3BucketName": t.Bucket, "IncludeGlobalServiceEvents": t.Global, "IsMultiRegionTrail": t.MultiRegion,
		"EnableLogFileValidation": t.Validation, "IsOrganizationTrail": t.Org, "TagsList": tags(t.Tags),
	}
	if t.Delivery.LogGroupARN != "" {
		create["CloudWatchLogsLogGroupArn"], create["CloudWatchLogsRoleArn"] = t.Delivery.LogGroupARN, t.Delivery.RoleARN
	}
	if t.KeyID != "" {
		create["KmsKeyId"] = t.KeyID
	}
	w.line("\n# %s\nif [ \"$trail\" = new ]; then", export.Comment("Trail "+t.Name))
	w.line(createTrail, input(create))
	w.line("  written=$((written + 1))\nelse\n  there=$((there + 1))\nfi")
	var selectors []any
	for _, s := range t.Selectors.Basic {
		selectors = append(selectors, map[string]any{"ReadWriteType": s.ReadWriteType, "IncludeManagementEvents": s.ManagementEvents})
	}
	w.line("# A trail that was created and not finished does not record yet.\nif [ \"$traillogs\" != true ]; then")
	if len(selectors) > 0 {
		w.line("  call cloudtrail put-event-selectors --cli-input-json %s >/dev/null", input(map[string]any{"TrailName": t.Name, "EventSelectors": selectors}))
	}
	w.line("  call cloudtrail start-logging --cli-input-json %s\nfi\n", input(map[string]any{"Name": t.Name}))
}
