package cmd

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// killSet widens TestKilledAnywhere to a whole set, for whoever has the time:
// planning a whole benchmark takes seconds, and it is done three times for each
// write.
var killSet = flag.String("kill-set", "", "set of controls for TestKilledAnywhere")

// killApply is the command that is killed: every kind of write, several of each.
func killApply(journal string) []string {
	args := []string{"apply", "security-group-changes", "nacl-changes"}
	if *killSet != "" {
		args = []string{"apply", "--set", *killSet}
	}
	args = append(args, "--complete", "--subscribe", "email:security@example.com", "--yes", "--quiet")
	if journal != "" {
		args = append(args, "--journal", journal)
	}
	return args
}

// process makes a process of the real program, with the account's endpoint and
// keys in its environment.
func (l *cmdLab) process(args ...string) *exec.Cmd {
	l.t.Helper()
	self, err := os.Executable()
	l.must(err)
	dir := l.t.TempDir()
	c := exec.Command(self)
	c.Args = append([]string{"monitorctl"}, args...) // the name by which TestMain knows it
	c.Env = append(os.Environ(),
		"AWS_ENDPOINT_URL="+l.env.run.Embedded.URL, "AWS_ACCESS_KEY_ID="+l.env.run.Embedded.KeyID, "AWS_SECRET_ACCESS_KEY="+l.env.run.Embedded.Secret,
		"AWS_SESSION_TOKEN=", "AWS_PROFILE=", "AWS_REGION="+demoRegion, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE="+filepath.Join(dir, "none"), "AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(dir, "none"))
	return c
}

// needsSIGKILL skips a test that kills the program where the system cannot do that. What
// Windows does instead, TerminateProcess, ends writes in the same way.
func needsSIGKILL(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGKILL: this test kills the program in the middle of its writes")
	}
}

// TestKilledAnywhere kills the program before and after each of its writes. The
// next apply brings the account to where an undisturbed one does, nothing is
// there twice, and a further plan is empty.
func TestKilledAnywhere(t *testing.T) {
	needsSIGKILL(t)
	clean := newCmdLab(t)
	clean.want(exit.ControlsFailed, killApply("")...) // the subscriber has to confirm
	writes := len(clean.writes())
	want := clean.account()
	if writes < 8 {
		t.Fatalf("a full apply made %d writes only", writes)
	}
	for n := range writes {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d of %d, done %v", n+1, writes, done), func(t *testing.T) {
				l := newCmdLab(t)
				l.kill(n, done)
				if r := l.run(killApply("")...); r.code != exit.ControlsFailed {
					t.Errorf("the next apply exits with %d, want %d:\n%s", r.code, exit.ControlsFailed, r.all())
				}
				if d := cmp.Diff(want, l.account()); d != "" {
					t.Errorf("account (-undisturbed +killed):\n%s", d)
				}
				plan := append([]string{"plan", "--exit-code"}, killApply("")[1:]...)
				plan = plan[:len(plan)-2] // --yes --quiet
				l.want(exit.Done, plan...)
			})
		}
	}
}

// kill starts an apply and kills it at its n-th write, from 0: when the write
// has arrived and is not carried out, or when it is done and not answered.
func (l *cmdLab) kill(n int, done bool) {
	l.t.Helper()
	l.killWith(filepath.Join(l.t.TempDir(), "journal"), n, done)
}

// killWith is kill with a journal to look at afterwards.
func (l *cmdLab) killWith(journal string, n int, done bool) {
	l.t.Helper()
	if !l.killed(killApply(journal), n, done) {
		l.t.Fatalf("apply ended before its write %d", n+1)
	}
	if answered := len(l.writes()); answered != n {
		l.t.Fatalf("%d writes were answered before the process was killed, want %d", answered, n)
	}
	l.cloud.ResetCalls()
}

// TestKilledAgainAndAgain repairs an empty account for the whole benchmark with
// processes that are each killed after a few writes: in turn one that dies
// before its sixth, and one that dies after it. The account comes to the same as
// in one go.
func TestKilledAgainAndAgain(t *testing.T) {
	needsSIGKILL(t)
	whole := []string{"apply", "--set", "cis", "--complete", "--subscribe", "email:security@example.com", "--yes", "--quiet"}
	clean := newCmdLab(t)
	clean.want(exit.ControlsFailed, whole...)
	writes := len(clean.writes())

	l := newCmdLab(t)
	lives := 0
	for ; l.killed(whole, 5, lives%2 == 1); lives++ {
		if lives > writes {
			t.Fatalf("after %d processes the account is not done", lives)
		}
	}
	if lives < writes/6 {
		t.Errorf("%d writes in %d lives: the processes were not killed", writes, lives)
	}
	if d := cmp.Diff(clean.account(), l.account()); d != "" {
		t.Errorf("account (-in one go +in %d lives):\n%s", lives+1, d)
	}
	l.want(exit.Done, "plan", "--exit-code", "--set", "cis", "--complete", "--subscribe", "email:security@example.com")
}

// killed runs a command until its n-th write, from 0, and reports whether it came so
// far.
func (l *cmdLab) killed(args []string, n int, done bool) bool {
	l.t.Helper()
	p := l.process(args...)
	var errs strings.Builder
	p.Stderr = &errs
	now := make(chan struct{})
	l.cloud.Fault(awstest.Fault{Writes: true, After: n, Times: 1, Kind: awstest.Timeout, Applied: done, Do: func() { close(now) }})
	defer l.cloud.ClearFaults()
	l.must(p.Start())
	ended := make(chan error, 1)
	go func() { ended <- p.Wait() }()
	select {
	case <-now:
		l.must(p.Process.Kill())
		if err := <-ended; err == nil {
			l.t.Fatal("the process ended well although it was killed")
		}
		return true
	case err := <-ended:
		if code := p.ProcessState.ExitCode(); code != exit.ControlsFailed {
			l.t.Fatalf("the process ended with %v, want exit code %d:\n%s", err, exit.ControlsFailed, errs.String())
		}
		return false
	}
}

// TestTwoApplies: two processes that start at the same time leave what one does.
func TestTwoApplies(t *testing.T) {
	clean := newCmdLab(t)
	clean.want(exit.ControlsFailed, killApply("")...)
	want := clean.account()
	l := newCmdLab(t)
	var running []*exec.Cmd
	outputs := make([]strings.Builder, 2)
	for i := range outputs {
		p := l.process(killApply("")...)
		p.Stdout, p.Stderr = &outputs[i], &outputs[i]
		l.must(p.Start())
		running = append(running, p)
	}
	for i, p := range running {
		_ = p.Wait() // the exit code says it
		if code := p.ProcessState.ExitCode(); code != exit.ControlsFailed {
			t.Errorf("process %d exits with %d, want %d:\n%s", i+1, code, exit.ControlsFailed, outputs[i].String())
		}
	}
	if d := cmp.Diff(want, l.account()); d != "" {
		t.Errorf("account (-one apply +two):\n%s", d)
	}
}

// TestStaleApply: reads that lag behind the writes cause neither a duplicate nor
// a false alarm: the account is read again before anybody is told that it is not
// as planned.
func TestStaleApply(t *testing.T) {
	for subscriber, code := range map[string]int{"email:security@example.com": exit.ControlsFailed, "sms:+4915112345678": exit.Done} {
		apply := []string{"apply", "security-group-changes", "--subscribe", subscriber, "--yes"}
		clean := newCmdLab(t)
		clean.want(code, apply...)
		want := clean.account()

		l := newCmdLab(t)
		pauses := 0
		l.env.run.Pause = func(context.Context, time.Duration) error {
			if pauses++; pauses == 2 {
				l.cloud.ClearFaults()
			}
			return nil
		}
		// From the last write on, the list of alarms lags behind.
		l.cloud.Fault(awstest.Fault{Operation: "cloudwatch:PutMetricAlarm", Kind: awstest.Delay, Times: 1, Do: func() {
			l.cloud.Fault(awstest.Fault{Operation: "cloudwatch:DescribeAlarms", Kind: awstest.Delay, Stale: 1})
		}})
		r := l.run(apply...)
		if r.code != code || strings.Contains(r.all(), "the plan predicted") || strings.Contains(r.out, "no alarm") || pauses != 2 {
			t.Errorf("%s: exit %d after %d pauses:\n%s", subscriber, r.code, pauses, r.all())
		}
		if d := cmp.Diff(want, l.account()); d != "" {
			t.Errorf("%s: account (-undisturbed +stale):\n%s", subscriber, d)
		}
	}
}

// What stays worse than planned is reported, after the account has had its time.
func TestNotAsPlanned(t *testing.T) {
	l := newCmdLab(t)
	pauses := 0
	l.env.run.Pause = func(context.Context, time.Duration) error { pauses++; return nil }
	l.cloud.Fault(awstest.Fault{Operation: "cloudwatch:PutMetricAlarm", Kind: awstest.Delay, Times: 1, Do: func() {
		l.must(l.region.StopLogging("org-trail"))
	}})
	r := l.run("apply", "security-group-changes", "--subscribe", "sms:+4915112345678", "--yes")
	if r.code != exit.ControlsFailed || !strings.Contains(r.err, "the plan predicted pass, the account now gives fail") || pauses != 3 {
		t.Errorf("exit %d after %d pauses:\n%s", r.code, pauses, r.err)
	}
}
