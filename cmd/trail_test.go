package cmd

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/run"
)

// newEmptyLab is an account in which nothing was made yet.
func newEmptyLab(t *testing.T, opts awstest.Options) *cmdLab {
	t.Helper()
	opts.Start = demoStart
	cloud := awstest.New(opts)
	acct := cloud.Account(demoAccount, awstest.AccountOptions{Alias: demoAlias, Regions: []string{demoRegion, "us-east-1"}})
	url, stop, err := cloud.Server()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	l := &cmdLab{t: t, cloud: cloud, region: acct.Region(demoRegion), env: testEnv(io.Discard, io.Discard)}
	l.env.run.Now = cloud.Now
	l.env.run.Pause = func(_ context.Context, d time.Duration) error { cloud.Advance(d); return nil }
	l.env.run.Embedded = &run.Embedded{URL: url}
	l.env.run.Embedded.KeyID, l.env.run.Embedded.Secret = acct.Credentials()
	return l
}

// trailApply repairs an empty account: every kind of write of a bootstrap.
func trailApply(journal string, more ...string) []string {
	args := append([]string{"apply", "security-group-changes", "--create-trail", "--home-region", demoRegion, "--subscribe", "email:security@example.com", "--yes", "--quiet", "--no-wait"}, more...)
	if journal != "" {
		args = append(args, "--journal", journal)
	}
	return args
}

// everything is the account with what stands under the names of a trail.
func (l *cmdLab) everything() string {
	l.t.Helper()
	text := l.account()
	plan := l.run("destroy", "--create-trail", "--home-region", demoRegion, "--dry-run", "-o", "json")
	return text + plan.out
}

// From an empty account to a passing audit in one run, as planned; a second run has nothing
// to do, and what is made can be taken back.
func TestTrailFromNothing(t *testing.T) {
	for _, set := range []string{"core", "cis"} {
		t.Run(set, func(t *testing.T) {
			l := newEmptyLab(t, awstest.Options{Propagation: 17 * time.Second})
			before := l.everything()
			args := []string{"--set", set, "--create-trail", "--home-region", demoRegion, "--subscribe", "sms:+4915112345678"}
			journal := filepath.Join(t.TempDir(), "journal")
			r := l.want(exit.Done, append([]string{"apply", "--yes", "--journal", journal}, args...)...)
			if strings.Contains(r.all(), "the plan predicted") || !strings.Contains(r.all(), "trail monitorctl has delivered to its log group") {
				t.Errorf("not as predicted:\n%s", r.all())
			}
			for _, v := range verdicts(t, l.want(exit.Done, "audit", "--set", set, "-o", "json")) {
				if v.Status != "pass" && v.Status != "not-applicable" {
					t.Errorf("%s: %s %+v", v.Control, v.Status, v.Reasons)
				}
			}
			again := l.want(exit.Done, append([]string{"plan", "--exit-code"}, args...)...)
			if !strings.Contains(again.out, "--create-trail has nothing to create") {
				t.Errorf("no note that the trail is there:\n%s", again.out)
			}
			// It has delivered: what holds evidence is kept, and that is as wanted.
			undone := l.want(exit.Done, "undo", "--yes", journal)
			for _, text := range []string{"log files, which are evidence", "events, which are evidence"} {
				if !strings.Contains(undone.out, text) {
					t.Errorf("undo does not say %q:\n%s", text, undone.out)
				}
			}
			if now := l.everything(); now == before || strings.Contains(now, ":trail/monitorctl") {
				t.Errorf("after undo:\n%s", now)
			}
		})
	}
}

// TestTrailKilledAnywhere kills a bootstrap before and after each of its writes. The next
// one brings the account to where an undisturbed one does.
func TestTrailKilledAnywhere(t *testing.T) {
	needsSIGKILL(t)
	clean := newEmptyLab(t, awstest.Options{})
	clean.want(exit.ControlsFailed, trailApply("")...) // the subscriber has to confirm
	writes := clean.writes()
	want := clean.everything()
	for _, call := range []string{"logs:CreateLogGroup", "logs:PutRetentionPolicy", "iam:CreateRole", "iam:PutRolePolicy", "s3:CreateBucket", "s3:PutBucketVersioning", "s3:PutBucketPolicy", "cloudtrail:CreateTrail", "cloudtrail:StartLogging", "logs:PutMetricFilter"} {
		if !slices.Contains(writes, call) {
			t.Fatalf("a bootstrap does not call %s: %v", call, writes)
		}
	}
	for n := range writes {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d of %d, done %v", n+1, len(writes), done), func(t *testing.T) {
				l := newEmptyLab(t, awstest.Options{})
				if !l.killed(trailApply(""), n, done) {
					t.Fatal("it ended before")
				}
				l.want(exit.ControlsFailed, trailApply("")...)
				if d := cmp.Diff(want, l.everything()); d != "" {
					t.Errorf("account (-undisturbed +killed):\n%s", d)
				}
			})
		}
	}
}

// TestTrailKilledRepeatedAndUndone kills a bootstrap at each of its writes, repeats it with
// the same journal, kills the undo, and undoes: the account is as it was, with nothing left
// of the empty bucket and log group.
func TestTrailKilledRepeatedAndUndone(t *testing.T) {
	needsSIGKILL(t)
	clean := newEmptyLab(t, awstest.Options{})
	before := clean.everything()
	clean.want(exit.ControlsFailed, trailApply("")...)
	writes := len(clean.writes())
	for n := range writes {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d of %d, done %v", n+1, writes, done), func(t *testing.T) {
				l := newEmptyLab(t, awstest.Options{})
				journal := filepath.Join(t.TempDir(), "journal")
				if !l.killed(trailApply(journal), n, done) {
					t.Fatal("it ended before")
				}
				if n%2 == 0 {
					l.want(exit.ControlsFailed, trailApply(journal)...)
					l.killedUndo(journal, n/2, done)
				}
				if r := l.run("undo", "--yes", journal); r.code != exit.Done {
					t.Errorf("undo exits with %d:\n%s", r.code, r.all())
				}
				if d := cmp.Diff(before, l.everything()); d != "" {
					t.Errorf("account (-before +undone):\n%s", d)
				}
			})
		}
	}
}

// destroy takes a trail away only if it is asked for.
func TestTrailDestroyed(t *testing.T) {
	l := newEmptyLab(t, awstest.Options{})
	before := l.everything()
	l.want(exit.ControlsFailed, trailApply("")...)
	l.want(exit.Done, "destroy", "--yes")
	if !strings.Contains(l.everything(), ":trail/monitorctl") {
		t.Error("destroy needs --create-trail took the trail away")
	}
	l.want(exit.Done, "destroy", "--yes", "--create-trail") // the home region is that of the trail
	if d := cmp.Diff(before, l.everything()); d != "" {
		t.Errorf("account (-before +destroyed):\n%s", d)
	}
}
