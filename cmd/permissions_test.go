package cmd

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// An effect is what a read that is not allowed does to a healthy account's
// verdicts (docs/judging.md, section 8).
type effect int

const (
	runFails     effect = iota + 1 // nothing can be judged: exit 1, naming the call
	unreadable                     // unknown, not-readable
	missingProof                   // warn, evidence-missing
	noted                          // the verdicts stay; something says what was not seen
	unneeded                       // nothing is lost: another call answers, or this account takes no such call
)

// effectsOfReads says for every permission of an audit what its absence does.
var effectsOfReads = map[string]effect{
	"cloudtrail:DescribeTrails":                       runFails,
	"cloudtrail:GetTrailStatus":                       unreadable,
	"cloudtrail:GetEventSelectors":                    unreadable,
	"logs:DescribeLogGroups":                          missingProof,
	"logs:DescribeMetricFilters":                      unreadable,
	"cloudwatch:DescribeAlarms":                       unreadable,
	"sns:GetTopicAttributes":                          unreadable,
	"sns:ListSubscriptionsByTopic":                    unreadable,
	"kms:DescribeKey":                                 unreadable,
	"kms:GetKeyPolicy":                                unreadable,
	"account:ListRegions":                             unneeded, // by ec2:DescribeRegions
	"ec2:DescribeRegions":                             unneeded, // never asked while account:ListRegions answers
	"logs:GetTransformer":                             unneeded, // no filter reads transformed logs
	"logs:DescribeAccountPolicies":                    unneeded,
	"events:ListRules":                                unneeded, // alarms carry everything
	"events:ListTargetsByRule":                        unneeded, // and no rule has to be followed
	"events:ListEventBuses":                           unneeded,
	"events:DescribeEventBus":                         unneeded,
	"events:DescribeApiDestination":                   unneeded,
	"events:DescribeConnection":                       unneeded,
	"iam:GetRole":                                     unneeded,
	"iam:ListRolePolicies":                            unneeded,
	"iam:GetRolePolicy":                               unneeded,
	"iam:ListAttachedRolePolicies":                    unneeded,
	"chatbot:DescribeSlackChannelConfigurations":      unneeded, // no topic sends to a chat
	"chatbot:ListMicrosoftTeamsChannelConfigurations": unneeded,
	"iam:ListAccountAliases":                          noted,
	"organizations:DescribeOrganization":              noted,
	"sns:GetSubscriptionAttributes":                   noted,
	"cloudwatch:DescribeAlarmHistory":                 noted,
	"cloudwatch:ListAlarmMuteRules":                   noted,
	"cloudwatch:GetAlarmMuteRule":                     noted,
}

// TestAuditPermissions drives audit and explain with exactly the printed
// permissions, and with each of them removed.
func TestAuditPermissions(t *testing.T) {
	l := newCmdLab(t)
	l.healthy()
	audit := append([]string{"audit", "-o", "json"}, judged...)
	healthy := statuses(verdicts(t, l.want(exit.Done, audit...)))
	if slices.Contains(slices.Collect(maps.Values(healthy)), "fail") || len(healthy) != len(judged) {
		t.Fatalf("the account is not healthy: %v", healthy)
	}
	wide := l.permissionsFor(append([]string{"audit"}, judged...)...)
	scoped := l.permissionsFor(append([]string{"audit", "--scoped"}, judged...)...)
	for name, g := range map[string]grant{"wide": wide, "scoped": scoped} {
		l.allow(g, "")
		if d := cmp.Diff(healthy, statuses(verdicts(t, l.want(exit.Done, audit...)))); d != "" {
			t.Errorf("with exactly the %s permissions (-everything allowed +these):\n%s", name, d)
		}
	}
	called := l.cloud.CallCounts()
	for _, a := range scoped.actions() {
		if called[a] == 0 && effectsOfReads[a] != unneeded {
			t.Errorf("the policy allows %s, which the audit does not call", a)
		}
	}
	for _, a := range scoped.actions() {
		t.Run(a, func(t *testing.T) {
			l.t = t
			l.allow(scoped, a)
			r := l.run(audit...)
			switch want := effectsOfReads[a]; want {
			case runFails:
				if r.code != exit.Failed || !strings.Contains(r.err, a) || r.out != "" {
					t.Errorf("exit %d, want a run that fails and names %s:\n%s", r.code, a, r.all())
				}
				return
			case unreadable, missingProof:
				wantEveryVerdict(t, r, a, want, healthy)
			case noted:
				if d := cmp.Diff(healthy, statuses(verdicts(t, r))); d != "" || r.code != exit.Done {
					t.Errorf("exit %d; verdicts (-healthy +denied):\n%s", r.code, d)
				}
				if !strings.Contains(r.all(), a) {
					t.Errorf("nothing says that %s was denied:\n%s", a, r.err)
				}
			case unneeded:
				if d := cmp.Diff(healthy, statuses(verdicts(t, r))); d != "" || r.code != exit.Done || strings.Contains(r.all(), a) {
					t.Errorf("exit %d; verdicts (-healthy +denied):\n%s%s", r.code, d, r.err)
				}
			default:
				t.Fatal("what its absence does to an audit is not written down")
			}
			x := l.run("explain", judged[0])
			if x.code != r.code || r.code == exit.Failed && !strings.Contains(x.all(), a) {
				t.Errorf("explain exits with %d where audit exits with %d:\n%s", x.code, r.code, x.all())
			}
		})
	}
}

// wantEveryVerdict demands that no control passes for want of data, and that
// each finding names the call.
func wantEveryVerdict(t *testing.T, r ran, action string, want effect, healthy map[string]string) {
	t.Helper()
	status, code, exits := "unknown", "not-readable", exit.Failed
	if want == missingProof {
		status, code, exits = "warn", "evidence-missing", exit.Done
	}
	if r.code != exits {
		t.Errorf("exit %d, want %d", r.code, exits)
	}
	for _, v := range verdicts(t, r) {
		if healthy[v.Control] == "not-applicable" {
			continue
		}
		named := false
		for _, reason := range v.Reasons {
			named = named || reason.Code == code && strings.Contains(reason.Message, action)
		}
		if v.Status != status || !named {
			t.Errorf("%s: %s, want %s with reason %s that names %s: %+v", v.Control, v.Status, status, code, action, v.Reasons)
		}
	}
}

func statuses(list []verdict) map[string]string {
	m := map[string]string{}
	for _, v := range list {
		m[v.Control] = v.Status
	}
	return m
}

// Without both lists of regions the built-in one is read, and that is said.
func TestNoListOfRegions(t *testing.T) {
	l := newCmdLab(t)
	l.cloud.Deny("account:ListRegions", "ec2:DescribeRegions")
	r := l.run("audit")
	for _, text := range []string{"account:ListRegions", "ec2:DescribeRegions", "only the regions that are enabled by default"} {
		if !strings.Contains(r.err, text) {
			t.Errorf("stderr lacks %q:\n%s", text, r.err)
		}
	}
	if r := l.run("audit", "--quiet"); !strings.Contains(r.err, "account:ListRegions") {
		t.Errorf("a scope that was guessed is said even with --quiet:\n%s", r.err)
	}
}

// TestPlanPermissions drives plan and snapshot: whatever is not allowed, no
// action is planned for want of data.
func TestPlanPermissions(t *testing.T) {
	l := newCmdLab(t)
	l.healthy()
	g := l.permissionsFor(append([]string{"plan", "--scoped"}, judged...)...)
	actions := g.actions()
	plan := append([]string{"plan", "--exit-code"}, judged...)
	file := filepath.Join(t.TempDir(), "account.json")
	l.allow(g, "")
	l.want(exit.Done, plan...)
	l.want(exit.Done, "snapshot", "--file", file)
	for op := range l.cloud.CallCounts() {
		// A snapshot is for every control, also those that are not checked here.
		if op != "sts:GetCallerIdentity" && op != "securityhub:DescribeHub" && !slices.Contains(actions, op) {
			t.Errorf("plan and snapshot call %s, which their permissions lack", op)
		}
	}
	for _, a := range actions {
		t.Run(a, func(t *testing.T) {
			l.t = t
			l.allow(g, a)
			r := l.run(plan...)
			if effectsOfReads[a] == runFails {
				if r.code != exit.Failed || !strings.Contains(r.err, a) {
					t.Errorf("plan exits with %d:\n%s", r.code, r.all())
				}
			} else if r.code == exit.ControlsFailed {
				t.Errorf("without %s a change is planned:\n%s", a, r.all())
			}
			r = l.run("snapshot", "--file", file)
			if effectsOfReads[a] == runFails {
				if r.code != exit.Failed || !strings.Contains(r.err, a) {
					t.Errorf("snapshot exits with %d:\n%s", r.code, r.all())
				}
				return
			}
			snap, err := collect.Load(context.Background(), file, nil)
			l.must(err)
			if r.code != exit.Done || len(snap.Accounts) != 1 {
				t.Errorf("snapshot exits with %d:\n%s", r.code, r.all())
			}
		})
	}
}

// TestApplyPermissions drives apply on an account that lacks everything: with
// exactly the permissions it comes to the end, without one of them it does, or it
// says which is missing and leaves nothing that the next run could not finish.
func TestApplyPermissions(t *testing.T) {
	wishes := []string{"security-group-changes", "nacl-changes", "--complete", "--subscribe", "sms:+4915112345678"}
	apply := append(append([]string{"apply"}, wishes...), "--yes")
	done := newCmdLab(t)
	wide := done.permissionsFor(append([]string{"apply"}, wishes...)...)
	scoped := done.permissionsFor(append([]string{"apply", "--scoped"}, wishes...)...)
	done.allow(scoped, "")
	done.want(exit.Done, apply...)
	called := done.cloud.CallCounts()
	want := done.account()
	for _, a := range scoped.actions() {
		t.Run(a, func(t *testing.T) {
			l := newCmdLab(t)
			l.allow(scoped, a)
			r := l.run(apply...)
			wrote := l.writes()
			switch {
			case r.code == exit.Done:
				if called[a] > 0 && (!isRead(a) || effectsOfReads[a] == unreadable) {
					t.Errorf("apply calls %s, yet it ended well without", a)
				}
			case r.code == exit.Interrupted, r.code == exit.WrongUsage, !strings.Contains(strings.ToLower(r.all()), strings.ToLower(a)):
				t.Errorf("apply exits with %d and does not say what is missing:\n%s", r.code, r.all())
			case isRead(a) && len(wrote) > 0 && l.account() != want:
				t.Errorf("without the read %s it wrote %v", a, wrote)
			}
			l.allow(wide, "")
			l.want(exit.Done, apply...)
			if d := cmp.Diff(want, l.account()); d != "" {
				t.Errorf("after the next run (-undisturbed +this):\n%s", d)
			}
		})
	}
}

// TestUndoPermissions drives undo and destroy with exactly their permissions: all
// that apply made goes. Without one of them something is left, and that is said.
func TestUndoPermissions(t *testing.T) {
	apply := []string{"apply", "nacl-changes", "--subscribe", "sms:+4915112345678", "--yes"}
	made := func(t *testing.T) (l *cmdLab, journal, before string) {
		l = newCmdLab(t)
		before = l.account()
		journal = filepath.Join(t.TempDir(), "journal")
		l.want(exit.Done, append(apply, "--journal", journal)...)
		return l, journal, before
	}
	l, journal, before := made(t)
	g := l.permissionsFor("undo", "nacl-changes")
	l.allow(g, "")
	l.want(exit.Done, "undo", journal, "--yes")
	called := l.cloud.CallCounts()
	if d := cmp.Diff(before, l.account()); d != "" {
		t.Errorf("account (-before apply +after undo):\n%s", d)
	}
	for _, a := range g.actions() {
		if called[a] == 0 {
			continue // for destroy, or for what this apply did not do
		}
		t.Run(a, func(t *testing.T) {
			l, journal, before := made(t)
			l.allow(g, a)
			r := l.run("undo", journal, "--yes")
			if left := l.account() != before; left && (r.code == exit.Done || !strings.Contains(r.all(), a)) {
				t.Errorf("undo exits with %d and leaves something, and does not say why:\n%s", r.code, r.all())
			}
			l.allow(g, "")
			l.want(exit.Done, "undo", journal, "--yes")
			if d := cmp.Diff(before, l.account()); d != "" {
				t.Errorf("account (-before apply +after the second undo):\n%s", d)
			}
		})
	}
	l, _, before = made(t)
	l.allow(g, "")
	l.want(exit.Done, "destroy", "--yes", "nacl-changes")
	if d := cmp.Diff(before, l.account()); d != "" {
		t.Errorf("account (-before apply +after destroy):\n%s", d)
	}
}

func isRead(action string) bool {
	_, name, _ := strings.Cut(action, ":")
	for _, verb := range []string{"Get", "List", "Describe", "Test"} {
		if strings.HasPrefix(name, verb) {
			return true
		}
	}
	return false
}

// TestReplayPermissions drives replay of a bucket with exactly the printed permissions, and
// with each of those that it has beside an audit removed.
func TestReplayPermissions(t *testing.T) {
	l := newCmdLab(t)
	_, key := l.region.CreateKey(awstest.KeyOptions{})
	const name = "copies/AWSLogs/" + demoAccount + "/CloudTrail/" + demoRegion + "/2026/11/30/" + demoAccount + "_CloudTrail_" + demoRegion + "_20261130T0905Z_a.json"
	record := `{"Records":[{"eventTime":"2026-11-30T09:00:10Z","eventID":"1","eventName":"CreateSecurityGroup","eventSource":"ec2.amazonaws.com","eventType":"AwsApiCall","awsRegion":"` + demoRegion + `","recipientAccountId":"` + demoAccount + `"}]}`
	l.region.Bucket("trail", key, map[string][]byte{name: []byte(record), "other/" + name: []byte("not for us")})
	place := "s3://trail/copies"
	for _, more := range [][]string{{"--patterns-only"}, nil} {
		replay := append([]string{"replay", place, "--control", "security-group-changes", "-o", "json"}, more...)
		l.cloud.AllowAll()
		free := l.want(exit.Done, replay...).out
		if !strings.Contains(free, `"events": 1,`) || !strings.Contains(free, "CreateSecurityGroup") {
			t.Fatalf("nothing is replayed: %s", free)
		}
		g := l.permissionsFor(append([]string{"replay", place}, more...)...)
		l.allow(g, "")
		if got := l.want(exit.Done, replay...).out; got != free {
			t.Errorf("%v: with exactly its permissions:\n%s\nwant\n%s", more, got, free)
		}
		for _, c := range l.cloud.Calls() {
			if c.Error != "" && c.Error != "PermanentRedirect" || len(more) > 0 && !strings.HasPrefix(c.Operation, "s3:") {
				t.Errorf("%v: %s was called: %s", more, c.Operation, c.Error)
			}
		}
		for action, want := range map[string]string{"s3:ListBucket": "s3:ListBucket", "s3:GetObject": "s3:GetObject", "kms:Decrypt": "kms:Decrypt"} {
			l.allow(g, action)
			r := l.run(append(replay, "-o", "table="+filepath.Join(t.TempDir(), "table"), "--show-unreadable")...)
			if r.code != exit.Failed || !strings.Contains(r.all(), want) {
				t.Errorf("%v without %s: exit %d, %s", more, action, r.code, r.all())
			}
		}
		if got := l.permissionsFor(append([]string{"replay", "s3://trail/elsewhere"}, more...)...); got.actions() == nil {
			t.Error("no permissions are printed")
		} else {
			l.allow(got, "")
			if r := l.run(replay...); r.code != exit.Failed || !strings.Contains(r.all(), "s3:ListBucket") {
				t.Errorf("with the permissions of another prefix: exit %d, %s", r.code, r.all())
			}
		}
	}
}
