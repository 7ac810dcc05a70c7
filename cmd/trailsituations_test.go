package cmd

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// bucketOfDemo is what the bucket is called by default.
const bucketOfDemo = "monitorctl-cloudtrail-" + demoAccount + "-" + demoRegion

// ourTag is the tag of what monitorctl keeps.
var ourTag = awstest.Tag{Key: "monitorctl:managed", Value: "true"}

// deliverable makes the bucket and the policy that let a trail of that name be changed
// over the wire.
func (l *cmdLab) deliverable(trail string) {
	l.t.Helper()
	l.region.Bucket("logs-of-acme", "", nil)
	arn := "arn:aws:cloudtrail:" + demoRegion + ":" + demoAccount + ":trail/" + trail
	l.must(l.region.SetBucket("logs-of-acme", fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":["s3:GetBucketAcl","s3:PutObject"],`+
		`"Resource":["arn:aws:s3:::logs-of-acme","arn:aws:s3:::logs-of-acme/*"],"Condition":{"StringEquals":{"aws:SourceArn":%q}}}]}`, arn), "", false, nil))
}

// trail makes a trail of that bucket, as someone else would, or with the tags of ours.
func (l *cmdLab) trail(in awstest.CreateTrailInput, logging bool) {
	l.t.Helper()
	l.deliverable(in.Name)
	in.S3BucketName = "logs-of-acme"
	_, err := l.region.CreateTrail(in)
	l.must(err)
	if logging {
		l.must(l.region.StartLogging(in.Name))
	}
}

// deliverRole makes a role by which CloudTrail may write into any log group.
func deliverRole(l *cmdLab, name string) {
	l.cloud.Account(demoAccount, awstest.AccountOptions{}).Role(name, awstest.RoleOptions{
		TrustedServices: []string{"cloudtrail.amazonaws.com"}, Policies: map[string]string{"p": `{"Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}`},
	})
}

// The situations in which --create-trail finds an account: what is written, and what is
// said.
func TestTrailSituations(t *testing.T) {
	multi := awstest.CreateTrailInput{Name: "acme", IsMultiRegionTrail: true}
	ours := multi
	ours.Name, ours.TagsList = "monitorctl", []awstest.Tag{ourTag}
	group := func(l *cmdLab, name string) {
		l.must(l.region.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: name}))
	}
	tests := []struct {
		name  string
		make  func(l *cmdLab)
		flags []string
		lines string // of the plan: each must be there; with ! in front it must not
	}{
		{"a good trail of others without log group", func(l *cmdLab) { l.trail(multi, true) }, nil,
			"+ trail monitorctl\n(a further copy)\ntrail acme has no log group\n--trail acme connects it\n!~ connect trail"},
		{"the same, named", func(l *cmdLab) { l.trail(multi, true) }, []string{"--trail", "acme"},
			"+ log group /aws/cloudtrail/monitorctl\n+ role\n~ connect trail acme\n!+ trail\n!+ bucket"},
		{"ours without log group", func(l *cmdLab) { l.trail(ours, true) }, nil, "~ connect trail monitorctl\n!+ trail\n!+ bucket"},
		{"a log group that is gone", func(l *cmdLab) {
			l.must2(l.region.Trail("org-trail", "/acme/trail"))
			l.must(l.region.DeleteLogGroup("/acme/trail"))
			deliverRole(l, "cloudtrail-to-logs")
		}, nil, "+ log group /acme/trail\n!+ role\n!~ connect trail\n!+ trail"},
		{"a log group and a role that are gone", func(l *cmdLab) {
			group(l, "/acme/trail")
			in := multi
			in.CloudWatchLogsLogGroupARN = "arn:aws:logs:" + demoRegion + ":" + demoAccount + ":log-group:/acme/trail:*"
			in.CloudWatchLogsRoleARN = "arn:aws:iam::" + demoAccount + ":role/gone"
			l.trail(in, true)
			l.must(l.region.DeleteLogGroup("/acme/trail"))
		}, []string{"--trail", "acme"}, "+ log group /acme/trail\n+ role\n~ connect trail acme\n!+ trail"},
		{"ours, stopped", func(l *cmdLab) {
			in := ours
			group(l, "/aws/cloudtrail/monitorctl")
			in.CloudWatchLogsLogGroupARN = "arn:aws:logs:" + demoRegion + ":" + demoAccount + ":log-group:/aws/cloudtrail/monitorctl:*"
			in.CloudWatchLogsRoleARN = "arn:aws:iam::" + demoAccount + ":role/x"
			deliverRole(l, "x")
			l.trail(in, false)
		}, nil, "start trail monitorctl\n!+ trail\n!+ role"},
		{"another one, stopped", func(l *cmdLab) {
			l.must2(l.region.Trail("org-trail", "/acme/trail"))
			l.must(l.region.StopLogging("org-trail"))
		}, nil, "+ trail monitorctl\ntrail org-trail is stopped\n--trail org-trail starts it\n!start trail"},
		{"the same, named", func(l *cmdLab) {
			l.must2(l.region.Trail("org-trail", "/acme/trail"))
			l.must(l.region.StopLogging("org-trail"))
			deliverRole(l, "cloudtrail-to-logs")
		}, []string{"--trail", "org-trail"}, "start trail org-trail\n!+ log group\n!+ role"},
		{"a trail of one region", func(l *cmdLab) { l.trail(awstest.CreateTrailInput{Name: "small"}, true) }, nil, "+ trail monitorctl\n(a further copy)\n!trail small has no log group"},
		{"a usable trail", func(l *cmdLab) { l.must2(l.region.Trail("org-trail", "/acme/trail")) }, nil, "trail org-trail carries every required event: --create-trail has nothing to create\n!+ trail\n!+ log group"},
		{"a log group of others, which no trail feeds", func(l *cmdLab) { group(l, "/aws/cloudtrail/monitorctl") }, nil, "log group /aws/cloudtrail/monitorctl exists\n+ trail\n!+ log group"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newEmptyLab(t, awstest.Options{})
			tt.make(l)
			before := l.everything()
			wishes := append([]string{"security-group-changes", "--create-trail", "--home-region", demoRegion, "--subscribe", "sms:+4915112345678"}, tt.flags...)
			shown := l.want(exit.Done, append([]string{"plan"}, wishes...)...)
			text := strings.Join(strings.Fields(shown.all()), " ")
			for _, line := range strings.Split(tt.lines, "\n") {
				line, not := strings.CutPrefix(line, "!")
				if strings.Contains(text, line) == not {
					t.Errorf("the plan has %q: %v, want %v:\n%s", line, not, !not, shown.all())
				}
			}
			journal := filepath.Join(t.TempDir(), "journal")
			done := l.want(exit.Done, append([]string{"apply", "--yes", "--no-wait", "--journal", journal}, wishes...)...)
			if strings.Contains(done.all(), "the plan predicted") {
				t.Errorf("not as predicted:\n%s", done.all())
			}
			l.want(exit.Done, append([]string{"plan", "--exit-code"}, wishes...)...)
			undone := l.run("undo", "--yes", journal)
			left := ""
			switch {
			case strings.Contains(done.out, "start trail org-trail"):
				left = "does not stop other people's trails"
			case strings.Contains(done.out, "connect trail acme to log group /acme/trail"):
				left = "AWS does not accept"
			}
			if left != "" {
				if undone.code != exit.Failed || !strings.Contains(strings.Join(strings.Fields(undone.all()), " "), left) {
					t.Errorf("undo exits with %d:\n%s", undone.code, undone.all())
				}
				return
			}
			if d := cmp.Diff(before, l.everything()); undone.code != exit.Done || d != "" {
				t.Errorf("undo exits with %d (-before +undone):\n%s\n%s", undone.code, d, undone.all())
			}
		})
	}
}

func (l *cmdLab) must2(_ string, err error) {
	l.t.Helper()
	l.must(err)
}

// What is refused, with its code and exit code, and nothing is written.
func TestTrailRefusals(t *testing.T) {
	otherKey := `{"Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"kms:*","Resource":"*"}]}`
	tests := []struct {
		name  string
		make  func(l *cmdLab) (flags []string)
		code  int
		words string // each line has to be there
	}{
		{"the bucket belongs to another account", func(l *cmdLab) []string {
			l.cloud.Account("444455556666", awstest.AccountOptions{}).Region(demoRegion).Bucket(bucketOfDemo, "", nil)
			return nil
		}, exit.Failed, "bucket-taken\nbelongs to another account: choose another name with --bucket"},
		{"a bucket without our tag", func(l *cmdLab) []string { l.region.Bucket(bucketOfDemo, "", nil); return nil }, exit.Failed, "bucket-foreign\nversioning Enabled\nname one with --bucket"},
		{"our bucket with another policy", func(l *cmdLab) []string {
			l.region.Bucket(bucketOfDemo, "", nil)
			l.must(l.region.SetBucket(bucketOfDemo, `{"Version":"2012-10-17","Statement":[]}`, "", false, map[string]string{"monitorctl:managed": "true"}))
			return nil
		}, exit.Failed, "bucket-foreign\npolicy.Statement"},
		{"a role with another trust", func(l *cmdLab) []string {
			l.cloud.Account(demoAccount, awstest.AccountOptions{}).Role("monitorctl-cloudtrail-to-logs", awstest.RoleOptions{})
			return nil
		}, exit.Failed, "role-foreign\ntrust.Statement.0"},
		{"our role with another policy", func(l *cmdLab) []string {
			l.cloud.Account(demoAccount, awstest.AccountOptions{}).Role("monitorctl-cloudtrail-to-logs", awstest.RoleOptions{
				TrustPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sts:AssumeRole"}]}`,
				Policies:    map[string]string{"deliver": `{"Version":"2012-10-17","Statement":[]}`}, Tags: map[string]string{"monitorctl:managed": "true"},
			})
			return nil
		}, exit.Failed, "role-foreign\ndeliver.Statement"},
		{"a log group of another class", func(l *cmdLab) []string {
			l.must(l.region.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "/aws/cloudtrail/monitorctl", LogGroupClass: "INFREQUENT_ACCESS"}))
			return nil
		}, exit.Failed, "log-group-foreign\nINFREQUENT_ACCESS"},
		{"a log group that a trail feeds", func(l *cmdLab) []string {
			l.must(l.region.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: "/aws/cloudtrail/monitorctl"}))
			_, err := l.region.CreateTrail(awstest.CreateTrailInput{
				Name: "small", S3BucketName: "b", CloudWatchLogsLogGroupARN: "arn:aws:logs:" + demoRegion + ":" + demoAccount + ":log-group:/aws/cloudtrail/monitorctl:*", CloudWatchLogsRoleARN: "arn:aws:iam::" + demoAccount + ":role/r",
			})
			l.must(err)
			return nil
		}, exit.Failed, "log-group-foreign\ntrail small delivers"},
		{"a trail of that name, of one region", func(l *cmdLab) []string {
			l.trail(awstest.CreateTrailInput{Name: "monitorctl"}, true)
			return nil
		}, exit.Failed, "trail-foreign\nchoose another name with --trail"},
		{"five trails", func(l *cmdLab) []string {
			for i := range 5 {
				l.trail(awstest.CreateTrailInput{Name: fmt.Sprintf("small-%d", i)}, false)
			}
			return nil
		}, exit.Failed, "trail-quota\nMaximumNumberOfTrailsExceededException"},
		{"a trail of Control Tower", func(l *cmdLab) []string {
			l.trail(awstest.CreateTrailInput{Name: "aws-controltower-BaselineCloudTrail"}, true)
			return nil
		}, exit.WrongUsage, "control-tower"},
		{"a name of Control Tower", func(*cmdLab) []string { return []string{"--trail", "aws-controltower-x"} }, exit.WrongUsage, "control-tower"},
		{"a trail of the organization, in a member", func(l *cmdLab) []string {
			main := l.cloud.Account("999988887777", awstest.AccountOptions{})
			l.cloud.Organization(main, l.cloud.Account(demoAccount, awstest.AccountOptions{}))
			_, err := main.Region(demoRegion).CreateTrail(awstest.CreateTrailInput{Name: "org", S3BucketName: "b", IsMultiRegionTrail: true, IsOrganizationTrail: true})
			l.must(err)
			return nil
		}, exit.WrongUsage, "trail-organization\nask the management account 999988887777"},
		{"--organization in a member", func(l *cmdLab) []string {
			l.cloud.Organization(l.cloud.Account("999988887777", awstest.AccountOptions{}), l.cloud.Account(demoAccount, awstest.AccountOptions{}))
			return []string{"--organization"}
		}, exit.WrongUsage, "trail-organization\nask the management account 999988887777"},
		{"--organization without one", func(*cmdLab) []string { return []string{"--organization"} }, exit.WrongUsage, "trail-organization\nbelongs to no organization"},
		{"--organization without trusted access", func(l *cmdLab) []string {
			l.cloud.Organization(l.cloud.Account(demoAccount, awstest.AccountOptions{}))
			return []string{"--organization"}
		}, exit.WrongUsage, "trail-organization\nenable-aws-service-access"},
		{"a key of another region", func(*cmdLab) []string {
			return []string{"--key", "arn:aws:kms:us-east-1:" + demoAccount + ":key/k"}
		}, exit.WrongUsage, "key-unusable\nit is in us-east-1"},
		{"a disabled key", func(l *cmdLab) []string {
			_, arn := l.region.CreateKey(awstest.KeyOptions{State: "Disabled"})
			return []string{"--key", arn}
		}, exit.WrongUsage, "key-unusable\nit is Disabled"},
		{"a key that lets CloudTrail in only", func(l *cmdLab) []string {
			_, arn := l.region.CreateKey(awstest.KeyOptions{Policy: otherKey})
			return []string{"--key", arn}
		}, exit.WrongUsage, "key-unusable\nlogs.eu-central-1.amazonaws.com"},
		{"a key that is not there", func(*cmdLab) []string {
			return []string{"--key", "arn:aws:kms:" + demoRegion + ":" + demoAccount + ":key/k"}
		}, exit.WrongUsage, "key-unusable\ndoes not exist"},
		{"a retention that AWS does not have", func(*cmdLab) []string { return []string{"--retention", "366"} }, exit.WrongUsage, "365 400"},
		{"a bucket name", func(*cmdLab) []string { return []string{"--bucket", "My_Bucket"} }, exit.WrongUsage, "3 to 63"},
		{"a short bucket name", func(*cmdLab) []string { return []string{"--bucket", "ab"} }, exit.WrongUsage, "3 to 63"},
		{"a trail name", func(*cmdLab) []string { return []string{"--trail", "ab"} }, exit.WrongUsage, "3 to 128"},
		{"what has no meaning without it", func(*cmdLab) []string { return []string{"--create-trail=false", "--bucket", "abc"} }, exit.WrongUsage, "--bucket needs --create-trail"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newEmptyLab(t, awstest.Options{})
			flags := tt.make(l)
			for _, command := range []string{"plan", "apply"} {
				args := append([]string{command, "security-group-changes", "--create-trail", "--home-region", demoRegion, "--subscribe", "sms:+4915112345678"}, flags...)
				if command == "apply" {
					args = append(args, "--yes")
				}
				r := l.run(args...)
				said := r.all() + hintFor(l.lastError(args))
				for _, text := range strings.Split(tt.words, "\n") {
					if !strings.Contains(strings.Join(strings.Fields(said), " "), text) {
						t.Errorf("%s does not say %q:\n%s", command, text, said)
					}
				}
				if r.code != tt.code || len(l.writes()) > 0 {
					t.Errorf("%s exits with %d, want %d, after the writes %v:\n%s", command, r.code, tt.code, l.writes(), said)
				}
			}
		})
	}
}

// lastError is the error of a command line, with its hint.
func (l *cmdLab) lastError(args []string) error {
	root := newRoot(l.env)
	root.SetArgs(args)
	return root.ExecuteContext(l.t.Context())
}

// A service control policy that forbids the trail, and a trail that cannot be started: what
// was made is said, the unfinished trail is taken back, and a repeated run goes on.
func TestTrailFailsHalfway(t *testing.T) {
	l := newEmptyLab(t, awstest.Options{})
	before := l.everything()
	l.cloud.Fault(awstest.Fault{Operation: "cloudtrail:CreateTrail", Kind: awstest.ErrorCode, Code: "AccessDeniedException",
		Text: "User: arn:aws:iam::111122223333:user/x is not authorized to perform: cloudtrail:CreateTrail with an explicit deny in a service control policy"})
	journal := filepath.Join(t.TempDir(), "journal")
	args := append(trailApply(journal), "--subscribe", "sms:+4915112345678")
	r := l.want(exit.Failed, args...)
	if said := r.all() + hintFor(l.lastError(args)); !strings.Contains(said, "denied-by-scp") || !strings.Contains(said, "ask the organization's management account") {
		t.Errorf("a service control policy:\n%s", said)
	}
	l.cloud.ClearFaults()
	l.cloud.Fault(awstest.Fault{Operation: "cloudtrail:StartLogging", Kind: awstest.Denied})
	r = l.want(exit.Failed, args...)
	if !strings.Contains(r.all(), "the trail was created and removed again") || strings.Contains(l.everything(), "delete-trail") {
		t.Errorf("a trail that cannot be started:\n%s", r.all())
	}
	l.cloud.ClearFaults()
	l.want(exit.Done, args...)
	l.want(exit.Done, "undo", "--yes", journal)
	if d := cmp.Diff(before, l.everything()); d != "" {
		t.Errorf("account (-before +undone):\n%s", d)
	}
}

// CreateTrail is tried for two minutes while what it needs has not arrived, and only then;
// anything else ends it at once.
func TestTrailRetries(t *testing.T) {
	l := newEmptyLab(t, awstest.Options{Propagation: 3 * time.Minute})
	r := l.want(exit.Failed, trailApply("")...)
	if n := l.cloud.CallCounts()["cloudtrail:CreateTrail"]; n != 25 || !strings.Contains(r.all(), "gave up after two minutes") {
		t.Errorf("%d calls:\n%s", n, r.all())
	}
	l = newEmptyLab(t, awstest.Options{})
	l.cloud.Fault(awstest.Fault{Operation: "cloudtrail:CreateTrail", Kind: awstest.ErrorCode, Code: "InvalidCloudWatchLogsLogGroupArnException", Text: "CloudTrail cannot validate the specified log group ARN"})
	l.want(exit.Failed, trailApply("")...)
	if n := l.cloud.CallCounts()["cloudtrail:CreateTrail"]; n != 1 {
		t.Errorf("%d calls for an error that does not pass", n)
	}
}

// A trail that has not delivered within a quarter of an hour is said, and is no failure.
func TestTrailNoDeliveryYet(t *testing.T) {
	l := newEmptyLab(t, awstest.Options{DeliveryDelay: time.Hour})
	args := slices.DeleteFunc(trailApply(""), func(a string) bool { return a == "--no-wait" })
	args[slices.Index(args, "email:security@example.com")] = "sms:+4915112345678"
	r := l.want(exit.Done, args...)
	if !strings.Contains(r.err, "trail-no-delivery-yet") {
		t.Errorf("no warning:\n%s", r.all())
	}
}

// A snapshot lacks what a trail needs: the plan predicts, and says so.
func TestTrailOfSnapshot(t *testing.T) {
	l := newEmptyLab(t, awstest.Options{})
	file := filepath.Join(t.TempDir(), "account.json")
	l.want(exit.Done, "snapshot", "--file", file)
	r := l.want(exit.Done, "plan", "--snapshot", file, "--create-trail", "--home-region", demoRegion, "--subscribe", "sms:+4915112345678", "-o", "json")
	for _, text := range []string{"create-trail", `"code": "unread"`, "whether bucket " + bucketOfDemo + " exists: the plan assumes that it does not", `"after": "pass"`} {
		if !strings.Contains(r.out, text) {
			t.Errorf("the plan lacks %q:\n%s", text, r.out)
		}
	}
}

// A saved plan carries the trail, and is refused when something appeared under its names.
func TestTrailSaved(t *testing.T) {
	l := newEmptyLab(t, awstest.Options{})
	file := filepath.Join(t.TempDir(), "plan.json")
	wishes := []string{"security-group-changes", "--create-trail", "--home-region", demoRegion, "--retention", "90", "--bucket", "acme-logs", "--subscribe", "sms:+4915112345678"}
	l.want(exit.Done, append([]string{"plan", "--save", file}, wishes...)...)
	l.region.Bucket("acme-logs", "", nil)
	if r := l.want(exit.Failed, "apply", "--yes", "--plan", file); len(l.writes()) > 0 || !strings.Contains(r.all(), "bucket acme-logs") {
		t.Errorf("a bucket that appeared, after %v:\n%s", l.writes(), r.all())
	}
	l = newEmptyLab(t, awstest.Options{})
	l.want(exit.Done, "apply", "--yes", "--no-wait", "--plan", file)
	if text := l.everything(); !strings.Contains(text, "90 days") || !strings.Contains(text, "acme-logs") {
		t.Errorf("not as wished:\n%s", text)
	}
}

// With a key and for an organization: awstest holds policies of key, bucket and role to what
// CloudTrail asks for.
func TestTrailOfOrganization(t *testing.T) {
	l := newEmptyLab(t, awstest.Options{})
	acct := l.cloud.Account(demoAccount, awstest.AccountOptions{})
	l.cloud.Organization(acct, l.cloud.Account("444455556666", awstest.AccountOptions{Regions: []string{demoRegion}}))
	l.cloud.TrustService(acct, "cloudtrail.amazonaws.com")
	_, key := l.region.CreateKey(awstest.KeyOptions{Policy: fmt.Sprintf(`{"Version":"2012-10-17","Statement":[`+
		`{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":["kms:GenerateDataKey*","kms:DescribeKey"],"Resource":"*","Condition":{"StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:%s:trail/*"}}},`+
		`{"Effect":"Allow","Principal":{"Service":"logs.%s.amazonaws.com"},"Action":["kms:Encrypt*","kms:Decrypt*","kms:ReEncrypt*","kms:GenerateDataKey*","kms:Describe*"],"Resource":"*"}]}`, demoAccount, demoRegion)})
	args := []string{"security-group-changes", "--create-trail", "--home-region", demoRegion, "--organization", "--key", key, "--subscribe", "sms:+4915112345678"}
	l.want(exit.Done, append([]string{"apply", "--yes", "--no-wait"}, args...)...)
	l.want(exit.Done, append([]string{"plan", "--exit-code"}, args...)...)
	text := l.everything()
	for _, part := range []string{"CloudTrailWriteOrganization", "log-stream:o-test", key} {
		if !strings.Contains(text, part) {
			t.Errorf("no %s:\n%s", part, text)
		}
	}
}
