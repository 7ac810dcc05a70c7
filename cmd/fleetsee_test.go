package cmd

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// words is a text with one blank between words, as it reads on a terminal of any width.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }

// hasAll reports what a text lacks.
func hasAll(t *testing.T, what, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(words(text), want) {
			t.Errorf("%s lacks %q:\n%s", what, want, text)
		}
	}
}

// TestFleetSeen reads a fleet into a folder, judges that, and explains one account and one
// cause, from the folder and from the accounts themselves.
func TestFleetSeen(t *testing.T) {
	l := newFleetLab(t, 5)
	l.own(l.members[1], "vpc-changes")
	l.members[2].Member(awstest.MemberOptions{Name: "sandbox-1", OU: l.management.Unit("", "Sandbox")})
	l.members[3].Member(awstest.MemberOptions{State: "SUSPENDED"})
	dir := filepath.Join(t.TempDir(), "fleet")
	org := []string{"--org", "--account-role", "audit"}
	read := l.want(exit.Done, slices.Concat([]string{"snapshot", "--dir", dir}, org)...)
	hasAll(t, "snapshot", read.err, "6 accounts read, 1 skipped; 'monitorctl audit --snapshot "+dir+"' judges it")
	if read.out != "" {
		t.Errorf("snapshot writes to standard output: %s", read.out)
	}
	l.cloud.ResetCalls()
	saved := []string{"--snapshot", dir}
	hasAll(t, "the table", l.want(exit.ControlsFailed, append([]string{"audit", "nacl-changes", "vpc-changes"}, saved...)...).out, "6 accounts: 6 judged; 1 skipped (1 suspended)", "1 FAIL 5 1 "+fleetLog)
	units := l.want(exit.ControlsFailed, append([]string{"audit", "vpc-changes", "--by", "ou", "--worst", "1"}, saved...)...).out
	hasAll(t, "--by ou", units, "UNIT PASS WARN FAIL", "and 1 more: --worst N shows N")

	one := []string{"explain", "vpc-changes", "--account", l.members[2].ID()}
	path := l.want(exit.ControlsFailed, append(one, saved...)...).out
	hasAll(t, "the path of a member", path, l.members[2].ID()+" sandbox-1", "FAIL vpc-changes", "trail arn:aws:cloudtrail:"+demoRegion+":"+fleetManagement+":trail/org-trail", "log group "+fleetGroup)
	cause := l.want(exit.ControlsFailed, append([]string{"explain", "vpc-changes", "--cause", "1"}, saved...)...).out
	hasAll(t, "a cause", cause, "Cause 1 of 1: FAIL", "Fix in: "+fleetLog, "The chain, as account "+fleetLog, "ACCOUNTS (5)", l.members[2].ID()+" sandbox-1")
	if strings.Contains(cause, l.members[1].ID()) {
		t.Errorf("an account with a chain of its own is among those of the cause:\n%s", cause)
	}
	hasAll(t, "a cause of a whole folder", l.want(exit.ControlsFailed, append([]string{"explain", "--cause", "1"}, saved...)...).out, "Cause 1 of ")
	if n := len(l.cloud.Calls()); n > 0 {
		t.Errorf("a saved fleet takes %d calls", n)
	}
	live := l.want(exit.ControlsFailed, append(one, org...)...).out
	if live != path {
		t.Errorf("the path is another one from the account itself:\n%s\n%s", live, path)
	}
	if roles := l.cloud.CallCounts()["sts:AssumeRole"]; roles != 2 { // the owner of the log group, and the member
		t.Errorf("%d roles are assumed for one account", roles)
	}
	if live := l.want(exit.ControlsFailed, append([]string{"explain", "vpc-changes", "--cause", "1"}, org...)...).out; live != cause {
		t.Errorf("the cause is another one from the accounts themselves:\n%s\n%s", live, cause)
	}
	f := readFleet(t, l.want(exit.ControlsFailed, append([]string{"explain", "vpc-changes", "--cause", "1", "-o", "json"}, saved...)...))
	if len(f.Findings) != 5 || len(f.Causes) != 1 {
		t.Errorf("%d findings, %d causes in JSON", len(f.Findings), len(f.Causes))
	}
}

// TestFleetSeenUsage refuses what makes no sense before the first call.
func TestFleetSeenUsage(t *testing.T) {
	l := newFleetLab(t, 1)
	dir := filepath.Join(t.TempDir(), "fleet")
	l.audit(exit.Done, "nacl-changes", "--dir", dir)
	l.cloud.ResetCalls()
	for line, want := range map[string]string{
		"audit --worst 3": "--worst is about many accounts",
		"audit --org --account-role audit --worst -1":                          "--worst takes a number above 0",
		"audit --org --account-role audit --by team":                           `--by "team": expected one of ou, account, control, cause`,
		"explain nacl-changes --account 300000000001":                          "no flag names them",
		"explain --cause 1":                                                    "no flag names them",
		"explain nacl-changes --org --account-role audit":                      "the flags name many accounts",
		"explain nacl-changes --snapshot DIR --account 3":                      "is not a 12-digit account id",
		"explain nacl-changes --snapshot DIR --cause 1":                        "there is no cause 1: nothing is wrong",
		"explain --snapshot DIR --account 300000000001":                        "takes one control",
		"explain nacl-changes --snapshot DIR --account " + "999999999999":      "account 999999999999 is not among the accounts",
		"explain nacl-changes --snapshot DIR --account 300000000001 --cause 1": "give one of them",
		"snapshot --org --account-role audit":                                  "needs --dir",
		"snapshot --org --account-role audit --file x.json":                    "--file holds one account",
		"snapshot --dir DIR":                                                   "--dir is about many accounts",
	} {
		args := strings.Fields(strings.ReplaceAll(line, "DIR", dir))
		if r := l.want(exit.WrongUsage, args...); !strings.Contains(r.err, want) {
			t.Errorf("%s: %s", line, r.err)
		}
	}
	if n := len(l.cloud.Calls()); n > 0 {
		t.Errorf("%d calls", n)
	}
}
