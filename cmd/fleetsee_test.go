package cmd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
	hasAll(t, "snapshot", read.err, "6 accounts read, 1 skipped; 'monitorctl audit --snapshot "+dir+"' checks it")
	if read.out != "" {
		t.Errorf("snapshot writes to standard output: %s", read.out)
	}
	l.cloud.ResetCalls()
	saved := []string{"--snapshot", dir}
	hasAll(t, "the table", l.want(exit.ControlsFailed, append([]string{"audit", "nacl-changes", "vpc-changes"}, saved...)...).out, "6 accounts: 6 checked; 1 skipped (1 suspended)", "1 FAIL 5 1 "+fleetLog)
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
	config := filepath.Join(t.TempDir(), "monitorctl.yaml")
	l.must(os.WriteFile(config, []byte("central: ["+filepath.Join(dir, "central", fleetLog+".json")+"]\n"), 0o600))
	member := []string{"--snapshot", filepath.Join(dir, "accounts", l.members[2].ID()+".json"), "--config", config}
	plan := l.run(append([]string{"plan", "vpc-changes"}, member...)...).out
	hasAll(t, "the plan of a member whose central chain fails", plan, "Nothing can be planned in this account: the chain is fixed in account "+fleetLog, "in account "+fleetLog+": add a metric filter", "with the credentials of account "+fleetLog+", or plan --org")
	if strings.Contains(plan, "Nothing to do") {
		t.Errorf("the plan of a member says that there is nothing to do:\n%s", plan)
	}
	hasAll(t, "the path of a member", path, "What to do: in account "+fleetLog+": add a metric filter")
	f := readFleet(t, l.want(exit.ControlsFailed, append([]string{"explain", "vpc-changes", "--cause", "1", "-o", "json"}, saved...)...))
	if len(f.Findings) != 5 || len(f.Causes) != 1 {
		t.Errorf("%d findings, %d causes in JSON", len(f.Findings), len(f.Causes))
	}
}

// TestFleetASFFFolder writes findings in the files that Security Hub takes, into a folder
// that has nothing else in it.
func TestFleetASFFFolder(t *testing.T) {
	l := newFleetLab(t, 2)
	folder := filepath.Join(t.TempDir(), "hub")
	l.audit(exit.Done, "nacl-changes", "-o", "asff="+folder+"/", "-o", "table")
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 4 || entries[3].Name() != l.members[1].ID()+"-1.json" {
		t.Errorf("%v, %v", entries, err)
	}
	l.cloud.ResetCalls()
	for line, want := range map[string]string{"asff=" + folder + "/": "is not empty", "csv=" + folder + "x/": "needs a file, not a folder"} {
		if r := l.audit(exit.WrongUsage, "nacl-changes", "-o", line); !strings.Contains(r.err, want) {
			t.Errorf("-o %s: %s", line, r.err)
		}
	}
	if n := len(l.cloud.Calls()); n > 0 {
		t.Errorf("%d calls", n)
	}
}

// TestFleetSeenUsage refuses what makes no sense before the first call.
func TestFleetSeenUsage(t *testing.T) {
	l := newFleetLab(t, 1)
	dir := filepath.Join(t.TempDir(), "fleet")
	l.audit(exit.Done, "nacl-changes", "--dir", dir)
	l.cloud.ResetCalls()
	for line, want := range map[string]string{
		"audit --worst 3": "--worst is for many accounts",
		"audit --org --account-role audit --worst -1":                          "--worst takes a number above 0",
		"audit --org --account-role audit --by team":                           `--by "team": expected one of ou, account, control, cause`,
		"explain nacl-changes --account 300000000001":                          "no flag names any",
		"explain --cause 1":                                                    "no flag names any",
		"explain nacl-changes --org --account-role audit":                      "the flags name many accounts",
		"explain nacl-changes --snapshot DIR --account 3":                      "is not a 12-digit account id",
		"explain nacl-changes --snapshot DIR --cause 1":                        "no cause 1: nothing is wrong",
		"explain --snapshot DIR --account 300000000001":                        "takes one control",
		"explain nacl-changes --snapshot DIR --account " + "999999999999":      "account 999999999999 is not one of the accounts",
		"explain nacl-changes --snapshot DIR --account 300000000001 --cause 1": "cannot be combined",
		"snapshot --org --account-role audit":                                  "needs --dir",
		"snapshot --org --account-role audit --file x.json":                    "--file holds one account",
		"snapshot --dir DIR":                                                   "--dir is for many accounts",
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

// TestFleetConfiguration waives and asks by where accounts stand: the narrowest waiver and
// the nearest scope win, and what is used by nobody is noted.
func TestFleetConfiguration(t *testing.T) {
	l := newFleetLab(t, 5)
	inner := l.sandbox()
	file := filepath.Join(t.TempDir(), "monitorctl.yaml")
	l.must(os.WriteFile(file, []byte(`
waivers:
  - {control: vpc-changes, ou: /Sandbox, reason: outer, expires: 2099-12-31}
  - {control: vpc-changes, ou: `+inner+`, reason: inner, expires: 2099-12-31}
  - {control: vpc-changes, account: "`+l.members[2].ID()+`", reason: alone, expires: 2099-12-31}
  - {control: vpc-changes, tag: stage=dev, reason: tagged, expires: 2099-12-31}
  - {control: nacl-changes, ou: /Sandbox, reason: nobody, expires: 2099-12-31}
  - {control: vpc-changes, ou: /Nowhere, reason: nobody, expires: 2099-12-31}
  - {control: root-usage, ou: /Nowhere, reason: another control, expires: 2099-12-31}
`), 0o600))
	for from, r := range l.liveAndSaved("nacl-changes", "vpc-changes", "--config", file) {
		got := map[string]string{}
		for _, f := range r.Findings {
			if f.Control == "vpc-changes" {
				got[f.Account] = f.Status
				if f.Waiver != nil {
					got[f.Account] = f.Waiver.Reason
				}
			}
		}
		want := map[string]string{fleetManagement: "fail", fleetLog: "fail", l.members[0].ID(): "outer", l.members[1].ID(): "inner", l.members[2].ID(): "alone", l.members[3].ID(): "tagged", l.members[4].ID(): "fail"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", from, diff)
		}
		if len(r.Notes) != 2 || r.Notes[0].Code != "waiver-unused" || !strings.HasPrefix(r.Notes[0].Message, "the waiver of nacl-changes in /Sandbox until ") || !strings.HasPrefix(r.Notes[1].Message, "the waiver of vpc-changes in /Nowhere until ") {
			t.Errorf("%s: notes %v", from, r.Notes)
		}
	}

	l.must(os.WriteFile(file, []byte(`
set: network
scopes:
  - {match: {ou: /Sandbox}, set: core, regions: [us-east-1]}
  - {match: {ou: `+inner+`}, set: cis}
  - {match: {ou: /Nowhere}, set: all}
`), 0o600))
	r := readFleet(t, l.audit(exit.ControlsFailed, "-o", "json", "--config", file))
	counts, scopes := map[string]int{}, map[string]string{}
	for _, f := range r.Findings {
		counts[f.Account]++
	}
	for _, a := range r.Scope.Accounts {
		scopes[a.ID] = a.Scope
	}
	core, cis, network := len(controlsOf(t, l, "core")), len(controlsOf(t, l, "cis")), len(controlsOf(t, l, "network"))
	want := map[string]int{fleetManagement: network, fleetLog: network, l.members[0].ID(): core, l.members[1].ID(): cis, l.members[2].ID(): cis, l.members[3].ID(): network, l.members[4].ID(): network}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Error(diff)
	}
	if scopes[l.members[0].ID()] != "set core of /Sandbox; us-east-1 of /Sandbox" || scopes[l.members[1].ID()] != "set cis of "+inner+"; us-east-1 of /Sandbox" || scopes[fleetLog] != "" {
		t.Errorf("scopes %v", scopes)
	}
	table := l.audit(exit.ControlsFailed, "--config", file).out
	hasAll(t, "the table", table, "Scope set cis of "+inner+"; us-east-1 of /Sandbox · 2 accounts", "Scope set core of /Sandbox; us-east-1 of /Sandbox · 1 account")
	named := readFleet(t, l.audit(exit.Done, "nacl-changes", "-o", "json", "--config", file))
	if len(named.Findings) != 7 {
		t.Errorf("a control of the command line: %d findings", len(named.Findings))
	}
}

// controlsOf are the ids of a set.
func controlsOf(t *testing.T, l *fleetLab, set string) []string {
	t.Helper()
	var ids []string
	for _, f := range readFleet(t, l.run("audit", "--org", "--account-role", "audit", "--ou", "/", "--exclude", "/Sandbox", "--set", set, "-o", "json")).Findings {
		if f.Account == fleetLog {
			ids = append(ids, f.Control)
		}
	}
	return ids
}

// TestFleetOverTime holds a fleet against an earlier report, and compares both: from JSON,
// from lines and from folders.
func TestFleetOverTime(t *testing.T) {
	l := newFleetLab(t, 4)
	l.own(l.members[1], "vpc-changes")
	at := func(name string) string { return filepath.Join(t.TempDir(), name) }
	old, lines, dir := at("old.json"), at("old.jsonl"), at("old")
	controls := []string{"nacl-changes", "vpc-changes"}
	l.audit(exit.ControlsFailed, slices.Concat(controls, []string{"-o", "json=" + old, "-o", "jsonl=" + lines, "--dir", dir})...)
	for _, baseline := range []string{old, lines, dir} {
		hasAll(t, "the table", l.audit(exit.Done, slices.Concat(controls, []string{"--baseline", baseline})...).out, "5 failures are known from the baseline "+baseline, "known: no metric filter matches")
		hasAll(t, "diff", l.want(exit.Done, append([]string{"diff", baseline}, baseline)...).out, "12 unchanged. Nothing got worse.")
	}

	l.must(l.region.DeleteAlarms("nacl-changes"))
	l.members[2].LeaveOrganization()
	l.cloud.Advance(time.Hour)
	now := at("now")
	later := l.audit(exit.ControlsFailed, slices.Concat(controls, []string{"--baseline", lines, "--dir", now})...).out
	hasAll(t, "the table", later, "known: no metric filter matches", "nacl-changes 4.11 - - 5")
	for _, pair := range [][2]string{{old, now}, {lines, now}, {dir, now}} {
		d := l.want(exit.ControlsFailed, "diff", pair[0], pair[1]).out
		hasAll(t, "diff "+pair[0], d, "Causes: NEW (5 accounts) (worse): FAIL", "SHRANK (5 -> 4 accounts)", "Gone, which fixes nothing: 1 account "+l.members[2].ID(), "nacl-changes (CIS 4.11) in 5 accounts", "5 new failures, 2 checked in OLD only, 5 unchanged. It got worse.")
		if strings.Contains(d, "Fixed:") {
			t.Errorf("an account that left is taken for fixed:\n%s", d)
		}
	}
	if r := l.want(exit.WrongUsage, "diff", dir, "-"); !strings.Contains(r.err, "with standard input") {
		t.Error(r.err)
	}
	if r := l.want(exit.Failed, "audit", "--org", "--account-role", "audit", "--baseline", at("none")); !strings.Contains(r.err, "reading "+filepath.Dir(l.t.TempDir())) && !strings.Contains(r.err, "no such file") {
		t.Error(r.err)
	}
}

// liveAndSaved is what a failing audit reports, and what it reports of the folder that it read
// the accounts into.
func (l *fleetLab) liveAndSaved(args ...string) map[string]fleetReport {
	l.t.Helper()
	dir := filepath.Join(l.t.TempDir(), "fleet")
	args = append(args, "-o", "json")
	live := l.audit(exit.ControlsFailed, slices.Concat(args, []string{"--dir", dir})...)
	saved := l.want(exit.ControlsFailed, slices.Concat([]string{"audit", "--snapshot", dir}, args)...)
	return map[string]fleetReport{"live": readFleet(l.t, live), "saved": readFleet(l.t, saved)}
}

// sandbox puts the first member into the unit Sandbox, the next two into one below it, whose id
// it returns, and tags the fourth.
func (l *fleetLab) sandbox() (inner string) {
	sandbox := l.management.Unit("", "Sandbox")
	inner = l.management.Unit(sandbox, "Inner")
	l.members[0].Member(awstest.MemberOptions{OU: sandbox})
	l.members[1].Member(awstest.MemberOptions{OU: inner})
	l.members[2].Member(awstest.MemberOptions{OU: inner})
	l.members[3].Member(awstest.MemberOptions{Tags: map[string]string{"stage": "dev"}})
	return inner
}
