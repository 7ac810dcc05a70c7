package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestFleetSignals interrupts the program itself. The first signal lets the accounts under
// way end and the report be written; the second one ends it at once.
func TestFleetSignals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGINT for another process: this test interrupts the program")
	}
	l := newFleetLab(t, 30)
	for _, second := range []bool{false, true} {
		l.cloud.ClearFaults()
		var out, errs bytes.Buffer
		p := l.process("audit", "--org", "--account-role", "audit", "nacl-changes", "--parallel", "2", "-o", "jsonl")
		p.Stdout, p.Stderr = &out, &errs
		delay := 200 * time.Millisecond
		if second {
			delay = 20 * time.Second
		}
		var once sync.Once // two calls are delayed
		running := make(chan struct{})
		l.cloud.Fault(awstest.Fault{Kind: awstest.Delay, Operation: "sts:AssumeRole", After: 8, Times: 2, Delay: delay, Do: func() {
			once.Do(func() {
				<-running
				p.Process.Signal(os.Interrupt) //nolint:errcheck // it may be over
				if second {
					time.Sleep(200 * time.Millisecond)
					p.Process.Signal(os.Interrupt) //nolint:errcheck // it may be over
				}
			})
		}})
		l.must(p.Start())
		close(running)
		started := time.Now()
		err := p.Wait()
		if took := time.Since(started); took > 9*time.Second {
			t.Errorf("second %v: it took %s", second, took)
		}
		code := p.ProcessState.ExitCode()
		if written := strings.Contains(out.String(), `"complete":false`) && strings.Contains(out.String(), `"why":"interrupted`); written == second || !second && code != exit.Interrupted || second && code == exit.Done {
			t.Errorf("second %v: %v, exit %d, %s\n%.2000s", second, err, code, errs.String(), out.String())
		}
	}
}

// TestFleetTimeout writes the report of a run whose time is over, and says that it is not
// complete.
func TestFleetTimeout(t *testing.T) {
	l := newFleetLab(t, 12)
	l.cloud.Fault(awstest.Fault{Kind: awstest.Delay, Operation: "sts:AssumeRole", After: 4, Delay: 400 * time.Millisecond})
	ran := l.audit(exit.Failed, "nacl-changes", "--parallel", "1", "--timeout", "600ms", "-o", "json")
	if r := readFleet(t, ran); r.Complete || !strings.Contains(r.Incomplete, "600ms") || r.Summary["pass"] < 5 {
		t.Errorf("complete %v, %q, %v", r.Complete, r.Incomplete, r.Summary)
	}
}

// TestFleetLeft skips an account that leaves the organization while it is listed, and not one
// that only refuses.
func TestFleetLeft(t *testing.T) {
	l := newFleetLab(t, 4)
	gone, refuses := l.members[1], l.members[2]
	l.cloud.Fault(awstest.Fault{Kind: awstest.Denied, Operation: "sts:AssumeRole", Resource: gone.ID(), Times: 1, Do: gone.LeaveOrganization})
	l.cloud.Fault(awstest.Fault{Kind: awstest.Denied, Operation: "sts:AssumeRole", Resource: refuses.ID()})
	r := readFleet(t, l.audit(exit.Failed, "nacl-changes", "-o", "json"))
	if got := r.by(); got[gone.ID()] != "" || got[refuses.ID()] != "unknown" || len(got) != 5 {
		t.Errorf("%v", got)
	}
	for _, a := range r.Scope.Accounts {
		if (a.Skipped == "left the organization") != (a.ID == gone.ID()) {
			t.Errorf("%+v", a)
		}
	}
}

// TestFleetOldEndpoint lists an organization whose pages are partly empty, and come without
// states and paths: the filters find the same accounts.
func TestFleetOldEndpoint(t *testing.T) {
	l := newFleetLab(t, 50)
	ou := l.management.Unit("", "Workloads")
	for i, m := range l.members {
		o := awstest.MemberOptions{}
		if i%5 == 0 {
			o.OU = ou
		}
		if i%10 == 0 {
			o.State = "SUSPENDED"
		}
		m.Member(o)
	}
	var want map[string]string
	for _, o := range []awstest.ListingOptions{{}, {EmptyEvery: 2}, {NoPaths: true, EmptyEvery: 3}} {
		l.management.Listing(o)
		all := readFleet(t, l.audit(exit.Done, "nacl-changes", "-o", "json"))
		got := readFleet(t, l.audit(exit.Done, "nacl-changes", "-o", "json", "--ou", ou)).by()
		if len(all.Findings) != 47 || len(got) != 5 {
			t.Errorf("%+v: %d and %d accounts", o, len(all.Findings), len(got))
		}
		if want != nil && !cmp.Equal(want, got) {
			t.Errorf("%+v: %s", o, cmp.Diff(want, got))
		}
		want = got
	}
}

// TestFleetSessionPolicy limits the roles that are administrators, and no others, unless told.
func TestFleetSessionPolicy(t *testing.T) {
	l := newFleetLab(t, 2)
	for _, a := range append(l.members, l.log) {
		a.Role("OrganizationAccountAccessRole", awstest.RoleOptions{})
		a.Role("AWSControlTowerExecution", awstest.RoleOptions{})
		a.Role("MyOrganizationAccountAccessRole", awstest.RoleOptions{})
	}
	for args, clipped := range map[string]bool{
		"OrganizationAccountAccessRole": true, "arn:aws:iam::{Id}:role/AWSControlTowerExecution": true, "audit": false, "MyOrganizationAccountAccessRole": false,
		"OrganizationAccountAccessRole --session-policy off": false, "audit --session-policy on": true,
	} {
		l.cloud.ResetCalls()
		l.want(exit.Done, slices.Concat([]string{"audit", "--org", "nacl-changes", "--account-role"}, strings.Fields(args))...)
		n := 0
		for _, c := range l.cloud.Calls() {
			if c.Operation != "sts:AssumeRole" {
				continue
			}
			n++
			if strings.Contains(c.Input, `"Policy"`) != clipped || !strings.Contains(c.Input, `"DurationSeconds":900`) {
				t.Errorf("%s: %s", args, c.Input)
			}
		}
		if n != 3 {
			t.Errorf("%s: %d roles", args, n)
		}
	}
}

// TestFleetMergeTwice puts two whole readings together: the newer one of each account counts,
// and that is said.
func TestFleetMergeTwice(t *testing.T) {
	l := newFleetLab(t, 3)
	dirs := []string{filepath.Join(t.TempDir(), "old"), filepath.Join(t.TempDir(), "new")}
	l.audit(exit.Done, "nacl-changes", "--dir", dirs[0])
	l.must(l.region.DeleteAlarms("nacl-changes"))
	l.cloud.Advance(time.Minute)
	l.audit(exit.ControlsFailed, "nacl-changes", "--dir", dirs[1])
	for range 2 {
		r := l.want(exit.ControlsFailed, append([]string{"merge", "-o", "json"}, dirs...)...)
		if f := readFleet(t, r); f.Summary["fail"] != 5 || !strings.Contains(r.err, "5 accounts in several folders; the newer reading of each counts") {
			t.Errorf("%v, %s", f.Summary, r.err)
		}
		slices.Reverse(dirs)
	}
}
