package export_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export/cloudformation"
	"github.com/monitorctl/monitorctl/internal/aws/export/shell"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
)

// addTrail is add for a part of a trail.
func (s *stack) addTrail(r *result, x map[string]any) {
	if x["DeletionPolicy"] != "Retain" || x["UpdateReplacePolicy"] != "Retain" {
		s.problems = append(s.problems, "evidence that goes with the stack")
	}
	switch x["Type"] {
	case "AWS::Logs::LogGroup":
		var p struct {
			LogGroupName, LogGroupClass, KmsKeyID string
			RetentionInDays                       int32
			Tags                                  cfnTags
		}
		decodeProperties(s, x, &p)
		r.group(account.TrailGroup{Name: p.LogGroupName, Class: p.LogGroupClass, KeyID: p.KmsKeyID, Retention: p.RetentionInDays, Tags: p.Tags.tags()})
	case "AWS::S3::Bucket":
		s.addBucket(r, x)
	case "AWS::CloudTrail::Trail":
		var p struct {
			TrailName, S3BucketName, CloudWatchLogsLogGroupArn, CloudWatchLogsRoleArn, KMSKeyID                     string
			IsLogging, IsMultiRegionTrail, IncludeGlobalServiceEvents, EnableLogFileValidation, IsOrganizationTrail bool
			EventSelectors                                                                                          []struct {
				ReadWriteType           string
				IncludeManagementEvents bool
			}
			Tags cfnTags
		}
		decodeProperties(s, x, &p)
		t := account.OwnTrail{
			Name: p.TrailName, Bucket: p.S3BucketName, KeyID: p.KMSKeyID, MultiRegion: p.IsMultiRegionTrail, Global: p.IncludeGlobalServiceEvents, Validation: p.EnableLogFileValidation,
			Org: p.IsOrganizationTrail, Logging: p.IsLogging, Tags: p.Tags.tags(), Delivery: account.TrailDelivery{LogGroupARN: p.CloudWatchLogsLogGroupArn, RoleARN: p.CloudWatchLogsRoleArn},
		}
		for _, e := range p.EventSelectors {
			t.Selectors.Basic = append(t.Selectors.Basic, account.EventSelector{ManagementEvents: e.IncludeManagementEvents, ReadWriteType: e.ReadWriteType})
		}
		r.trail(t)
	}
}

func (s *stack) addBucket(r *result, x map[string]any) {
	var p struct {
		BucketName                     string
		PublicAccessBlockConfiguration struct{ BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls, RestrictPublicBuckets bool }
		OwnershipControls              struct {
			Rules []struct{ ObjectOwnership string }
		}
		VersioningConfiguration struct{ Status string }
		BucketEncryption        struct {
			ServerSideEncryptionConfiguration []struct {
				ServerSideEncryptionByDefault struct{ SSEAlgorithm string }
			}
		}
		Tags cfnTags
	}
	decodeProperties(s, x, &p)
	b := account.Bucket{Name: p.BucketName, Tags: p.Tags.tags(), Settings: account.BucketSettings{
		Ownership: p.OwnershipControls.Rules[0].ObjectOwnership, Versioning: p.VersioningConfiguration.Status, Encryption: p.BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.SSEAlgorithm,
	}}
	block := p.PublicAccessBlockConfiguration
	b.Settings.BlockPublic = block.BlockPublicAcls && block.BlockPublicPolicy && block.IgnorePublicAcls && block.RestrictPublicBuckets
	for _, y := range s.resources {
		if y.(map[string]any)["Type"] == "AWS::S3::BucketPolicy" {
			var q struct {
				Bucket         string
				PolicyDocument json.RawMessage
			}
			if decodeProperties(s, y.(map[string]any), &q); q.Bucket == b.Name {
				b.Settings.Policy = string(q.PolicyDocument)
			}
		}
	}
	r.bucket(b)
}

// trail is what the writes of a run would make of a trail.
func (r shellRun) trail(t *testing.T, out *result) {
	t.Helper()
	var g account.TrailGroup
	var b account.Bucket
	var x account.OwnTrail
	writes, _ := r.writes()
	for _, c := range writes {
		var in struct {
			LogGroupName, LogGroupClass, KmsKeyID string
			RetentionInDays                       int32
			Tags                                  any
			Bucket, ExpectedBucketOwner, Policy   string
			Tagging                               struct{ TagSet cfnTags }
			CreateBucketConfiguration             struct{ LocationConstraint string }
			PublicAccessBlockConfiguration        map[string]bool
			OwnershipControls                     struct {
				Rules []struct{ ObjectOwnership string }
			}
			VersioningConfiguration           struct{ Status string }
			ServerSideEncryptionConfiguration struct {
				Rules []struct {
					ApplyServerSideEncryptionByDefault struct{ SSEAlgorithm string }
				}
			}
			Name, TrailName, S3BucketName, CloudWatchLogsLogGroupArn, CloudWatchLogsRoleArn              string
			IsMultiRegionTrail, IncludeGlobalServiceEvents, EnableLogFileValidation, IsOrganizationTrail bool
			TagsList                                                                                     cfnTags
			EventSelectors                                                                               []struct {
				ReadWriteType           string
				IncludeManagementEvents bool
			}
		}
		if json.Unmarshal([]byte(c[3]), &in) != nil {
			continue // of another kind
		}
		if c[0] == "s3api" && c[1] != "create-bucket" && in.ExpectedBucketOwner != accountID {
			t.Errorf("%s does not say whose the bucket is", c[1])
		}
		switch c[1] {
		case "create-log-group":
			g = account.TrailGroup{Name: in.LogGroupName, Class: in.LogGroupClass, KeyID: in.KmsKeyID, Tags: map[string]string{}}
			for key, value := range in.Tags.(map[string]any) {
				g.Tags[key] = value.(string)
			}
		case "put-retention-policy":
			g.Retention = in.RetentionInDays
			out.group(g)
		case "create-bucket":
			if b.Name = in.Bucket; in.CreateBucketConfiguration.LocationConstraint != region {
				t.Errorf("bucket in %q", in.CreateBucketConfiguration.LocationConstraint)
			}
		case "put-bucket-tagging":
			b.Tags = in.Tagging.TagSet.tags()
		case "put-public-access-block":
			p := in.PublicAccessBlockConfiguration
			b.Settings.BlockPublic = p["BlockPublicAcls"] && p["BlockPublicPolicy"] && p["IgnorePublicAcls"] && p["RestrictPublicBuckets"]
		case "put-bucket-ownership-controls":
			b.Settings.Ownership = in.OwnershipControls.Rules[0].ObjectOwnership
		case "put-bucket-versioning":
			b.Settings.Versioning = in.VersioningConfiguration.Status
		case "put-bucket-encryption":
			b.Settings.Encryption = in.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm
		case "put-bucket-policy":
			b.Settings.Policy = in.Policy
			out.bucket(b)
		case "create-trail":
			x = account.OwnTrail{
				Name: in.Name, Bucket: in.S3BucketName, KeyID: in.KmsKeyID, MultiRegion: in.IsMultiRegionTrail, Global: in.IncludeGlobalServiceEvents, Validation: in.EnableLogFileValidation,
				Org: in.IsOrganizationTrail, Tags: in.TagsList.tags(), Delivery: account.TrailDelivery{LogGroupARN: in.CloudWatchLogsLogGroupArn, RoleARN: in.CloudWatchLogsRoleArn},
			}
		case "put-event-selectors":
			for _, e := range in.EventSelectors {
				x.Selectors.Basic = append(x.Selectors.Basic, account.EventSelector{ManagementEvents: e.IncludeManagementEvents, ReadWriteType: e.ReadWriteType})
			}
		case "start-logging":
			x.Logging = true
			out.trail(x)
		}
	}
}

// A template for a StackSet makes the trail in another account: its names follow.
func TestTrailElsewhere(t *testing.T) {
	template := templates(t, withTrail(t, ""), cloudformation.Options{StackSet: true})["template.json"]
	text, _ := json.Marshal(template)
	for _, own := range []string{accountID, region} {
		if strings.Contains(string(text), own) {
			t.Errorf("the template holds %s", own)
		}
	}
	elsewhere := desired.Home{Partition: "aws-us-gov", Account: "999988887777", Region: "us-gov-west-1"}
	stack := newStack(template, elsewhere, map[string]string{"LogGroupName": "/other", "SubscriberEmail": person.Endpoint})
	got := stack.result()
	wish := desired.Trail{LogGroup: "/other"}
	tags := map[string]string{"team": "a&b <c>", desired.ManagedTag: string(desired.CloudFormation)}
	var want result
	want.group(account.TrailGroup{Name: "/other", Class: "STANDARD", Retention: desired.DefaultRetention, Tags: tags})
	want.bucket(account.Bucket{Name: "monitorctl-cloudtrail-999988887777-us-gov-west-1", Settings: wish.BucketSettings(elsewhere), Tags: tags})
	want.trail(wish.Trail(elsewhere, tags))
	want.role(desired.Role{Name: wish.RoleName(), Description: got.description(), Trust: desired.TrailTrust(), Inline: desired.DeliverPolicy, Policy: wish.DeliverDocument("/other", elsewhere), Tags: tags})
	want.sort()
	if d := cmp.Diff(want, result{Trails: got.Trails, Roles: got.Roles}); d != "" || len(stack.problems) > 0 {
		t.Errorf("%v (-wanted +template):\n%s", stack.problems, d)
	}
}

// description is that of the one role.
func (r result) description() string {
	_, rest, _ := strings.Cut(r.Roles[0], ` ("`)
	text, _, _ := strings.Cut(rest, `")`)
	return text
}

// made is the account of a list with a trail once it is there, kept by someone.
func made(t testing.TB, k desired.Keeper) (account.Snapshot, plan.Options) {
	t.Helper()
	snap, o := bare(t), optionsFor(person)
	o.Bootstrap = &plan.Bootstrap{Home: region}
	withoutTrail(&snap, o)
	set := whole(t, snap, controls(t, "core", "nacl-changes"), o).KeptBy(k).Trail
	a := &snap.Accounts[0]
	x := set.Trail.Trail
	a.Trails = []account.Trail{{
		ARN: x.ARN, Name: x.Name, HomeRegion: region, MultiRegion: true, GlobalServiceEvents: true, LogGroupARN: x.Delivery.LogGroupARN, Bucket: x.Bucket,
		Status: &account.Read[account.TrailStatus]{Value: account.TrailStatus{Logging: true}}, Selectors: &account.Read[account.Selectors]{Value: x.Selectors},
	}}
	for i := range a.Regions {
		a.Regions[i].Trails = &account.Read[[]string]{Value: []string{x.ARN}}
	}
	g := set.Group.Group
	home(&snap).LogGroups = map[string]*account.Read[*account.LogGroup]{g.Name: {Value: &account.LogGroup{Name: g.Name, ARN: g.ARN, Class: g.Class}}}
	a.TrailParts.Groups[region].Value, a.TrailParts.Bucket.Value = &g, &set.Bucket.Bucket
	a.TrailParts.Trails[x.ARN] = &account.Read[*account.OwnTrail]{Value: &x}
	a.Roles = map[string]*account.Role{set.Role.ARN: {
		Trust: &account.Read[*string]{Value: &set.Role.Trust}, Tags: &account.Read[map[string]string]{Value: set.Role.Tags},
		Policies: &account.Read[[]string]{Value: []string{set.Role.Inline}}, Inline: map[string]*account.Read[string]{set.Role.Inline: {Value: set.Role.Policy}},
		Attached: &account.Read[[]string]{},
	}}
	return snap, o
}

// A trail that is there stays in the code: what monitorctl keeps is imported, and what
// Terraform keeps is written again as it is.
func TestTrailThatIsThere(t *testing.T) {
	snap, o := made(t, desired.Monitorctl)
	l := whole(t, snap, controls(t, "core", "nacl-changes"), o)
	c := evaluate(t, terraformOf(t, l), l.Home, secretsOf(l))
	bucket := "monitorctl-cloudtrail-111122223333-eu-central-1"
	want := map[string]string{
		"aws_cloudwatch_log_group.trail": "/aws/cloudtrail/monitorctl", "aws_iam_role.trail": "monitorctl-cloudtrail-to-logs", "aws_iam_role_policy.trail": "monitorctl-cloudtrail-to-logs:deliver",
		"aws_s3_bucket.trail": bucket, "aws_s3_bucket_public_access_block.trail": bucket, "aws_s3_bucket_ownership_controls.trail": bucket, "aws_s3_bucket_versioning.trail": bucket,
		"aws_s3_bucket_server_side_encryption_configuration.trail": bucket, "aws_s3_bucket_policy.trail": bucket,
		"aws_cloudtrail.trail": "arn:aws:cloudtrail:eu-central-1:111122223333:trail/monitorctl",
	}
	if d := cmp.Diff(want, c.imports); d != "" || len(c.problems) > 0 {
		t.Errorf("%v, imports (-want +got):\n%s", c.problems, d)
	}
	main := terraformOf(t, l)[1]
	snap, o = made(t, desired.Terraform)
	for _, role := range snap.Accounts[0].Roles { // Terraform sorts the members of policies
		trust := canonical(*role.Trust.Value)
		role.Trust.Value, role.Inline[desired.DeliverPolicy].Value = &trust, canonical(role.Inline[desired.DeliverPolicy].Value)
	}
	bucketNow := snap.Accounts[0].TrailParts.Bucket.Value
	bucketNow.Settings.Policy = canonical(bucketNow.Settings.Policy)
	l = whole(t, snap, controls(t, "core", "nacl-changes"), o)
	c = evaluate(t, terraformOf(t, l), l.Home, secretsOf(l))
	if len(c.imports) > 0 || len(l.Trail.States()) != 4 || len(c.result.Trails) != 3 {
		t.Errorf("imports %v, states %v, %v", c.imports, l.Trail.States(), c.result.Trails)
	}
	if d := cmp.Diff(string(main.Data), string(terraformOf(t, l)[1].Data)); d != "" {
		t.Errorf("written again (-first +again):\n%s", d)
	}
}

// Code takes over nothing that is not finished, and changes no trail of someone else.
func TestTrailRefused(t *testing.T) {
	for name, change := range map[string]func(*account.Snapshot, *plan.Options){
		"stopped": func(s *account.Snapshot, _ *plan.Options) {
			a := &s.Accounts[0]
			a.Trails[0].Status.Value.Logging = false
			for _, x := range a.TrailParts.Trails {
				x.Value.Logging = false
			}
		},
		"edited selectors": func(s *account.Snapshot, _ *plan.Options) {
			for _, x := range s.Accounts[0].TrailParts.Trails {
				x.Value.Selectors.Basic[0].ExcludeSources = []string{"kms.amazonaws.com"}
			}
		},
		"of someone else": func(s *account.Snapshot, o *plan.Options) {
			a := &s.Accounts[0]
			a.Trails[0].Status.Value.Logging = false
			for _, x := range a.TrailParts.Trails {
				x.Value.Logging, x.Value.Tags = false, nil
			}
			o.Bootstrap.Name = desired.DefaultTrailName // named, so that apply starts it
		},
	} {
		snap, o := made(t, desired.Monitorctl)
		change(&snap, &o)
		_, err := listOf(snap, controls(t, "core", "nacl-changes"), o)
		if e := new(plan.ElsewhereError); !errors.As(err, &e) || e.Way == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The script goes on with a log group, a bucket and a trail that an earlier run did not
// finish, and makes nothing of them a second time.
func TestTrailScriptGoesOn(t *testing.T) {
	r := runScript(t, "sh", withTrail(t, ""), strings.Join([]string{
		`describe-log-groups="same null"`, `list-tags-for-resource="true"`, "head-bucket={}", "get-bucket-tagging=1", `describe-trails="same"`, "list-tags=1", "get-trail-status=false",
	}, "\n"))
	var made []string
	writes, late := r.writes()
	for _, c := range writes {
		made = append(made, c[1])
	}
	for _, want := range []string{"put-retention-policy", "put-public-access-block", "put-bucket-policy", "put-event-selectors", "start-logging"} {
		if !slices.Contains(made, want) {
			t.Errorf("the script does not call %s: %v", want, made)
		}
	}
	for _, twice := range []string{"create-log-group", "create-bucket", "put-bucket-tagging", "create-trail"} {
		if slices.Contains(made, twice) {
			t.Errorf("the script calls %s for what exists", twice)
		}
	}
	if r.code != 0 || late {
		t.Errorf("exit %d, a look after a write: %t\n%s", r.code, late, r.output)
	}
}

// The script tries for two minutes to create a trail whose role or bucket policy CloudTrail
// does not see yet, and ends at once after any other error.
func TestTrailScriptRetries(t *testing.T) {
	for refusal, want := range map[string]int{
		"InvalidCloudWatchLogsRoleArnException: Access denied. Check the trust relationships for your role.": 25,
		"InsufficientS3BucketPolicyException: Incorrect S3 bucket policy":                                    25,
		"InvalidCloudWatchLogsRoleArnException: You must specify a role ARN as well as a log group.":         1,
		"MaximumNumberOfTrailsExceededException: 5":                                                          1,
	} {
		r := runScript(t, "sh", withTrail(t, ""), "create-trail=!An error occurred "+refusal)
		calls := 0
		for _, c := range r.calls {
			if c[1] == "create-trail" {
				calls++
			}
			if c[1] == "start-logging" {
				t.Errorf("%s: a trail that was not created is started", refusal)
			}
		}
		if r.code != 1 || calls != want || !strings.Contains(r.output, refusal) {
			t.Errorf("%s: exit %d after %d calls, want 1 after %d:\n%s", refusal, r.code, calls, want, r.output)
		}
	}
}

// The script ends before the first write where something is someone else's.
func TestTrailScriptRefuses(t *testing.T) {
	l := withTrail(t, "")
	for answer, want := range map[string]string{
		`describe-log-groups="other null"`: "log group /aws/cloudtrail/monitorctl exists with another key",
		`describe-log-groups="same 365"`:   "log group /aws/cloudtrail/monitorctl exists and was not created by monitorctl",
		`describe-trails="other"`:          "trail monitorctl exists with other settings",
		`describe-trails="same"`:           "trail monitorctl exists and was not created by monitorctl",
		"head-bucket=0":                    "exists and was not created by monitorctl",
		"get-role=false":                   "role monitorctl-cloudtrail-to-logs exists and was not created by monitorctl",
		"head-bucket=":                     "bucket monitorctl-cloudtrail-111122223333-eu-central-1 cannot be read",
	} {
		r := runScript(t, "sh", l, answer)
		if writes, _ := r.writes(); r.code == 0 || len(writes) > 0 || !strings.Contains(r.output, want) {
			t.Errorf("%s: exit %d, %d writes, want %q:\n%s", answer, r.code, len(writes), want, r.output)
		}
	}
	l.Trail.Trail.State = desired.Changed
	if _, err := shell.Files(l); !errors.As(err, new(*shell.ChangeError)) {
		t.Errorf("a trail that would be changed: %v", err)
	}
}
