package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// profiles makes the command line use the shared AWS configuration, with a profile for each
// account, and no other credentials. A line "name account" of text is a profile; an account of
// "dead" has keys that nobody knows.
func (l *fleetLab) profiles(text ...string) {
	l.t.Helper()
	file := filepath.Join(l.t.TempDir(), "credentials")
	var b strings.Builder
	for _, line := range text {
		name, of, _ := strings.Cut(line, " ")
		id, secret := "AKIADEADDEADDEADDEAD", "none"
		if of != "dead" {
			id, secret = l.cloud.Account(of, awstest.AccountOptions{}).Credentials()
		}
		fmt.Fprintf(&b, "[%s]\naws_access_key_id=%s\naws_secret_access_key=%s\n", name, id, secret)
	}
	l.must(os.WriteFile(file, []byte(b.String()), 0o600))
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": l.env.run.Embedded.URL, "AWS_REGION": demoRegion, "AWS_EC2_METADATA_DISABLED": "true", "AWS_SHARED_CREDENTIALS_FILE": file,
		"AWS_CONFIG_FILE": file + ".none", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
	} {
		l.t.Setenv(name, value)
	}
	l.env.run.Embedded = nil
}

// TestFleetProfiles audits the accounts of profiles, with no other credentials: two profiles
// of one account are one, the account that owns the log group is found among them, and one
// that lets nobody in costs nobody else.
func TestFleetProfiles(t *testing.T) {
	l := newFleetLab(t, 3)
	own := l.members[0]
	l.own(own) // delivers to its own group, so that the first profile knows of no owner
	own.Member(awstest.MemberOptions{ShadowFrom: l.cloud.Now().AddDate(0, 0, 1)})
	l.profiles("acme-a "+own.ID(), "acme-b "+l.members[1].ID(), "acme-b2 "+l.members[1].ID(), "acme-log "+fleetLog, "acme-m "+fleetManagement, "other "+l.members[2].ID())
	r := readFleet(t, l.want(exit.ControlsFailed, "audit", "--profiles", "acme-*", "nacl-changes", "-o", "json"))
	want := map[string]string{own.ID(): "fail", l.members[1].ID(): "pass", fleetLog: "pass", fleetManagement: "pass"}
	if got := r.by(); fmt.Sprint(got) != fmt.Sprint(want) || !r.Complete {
		t.Errorf("%v, complete %v, want %v", got, r.Complete, want)
	}
	if n := l.cloud.CallCounts()["sts:AssumeRole"]; n != 0 {
		t.Errorf("%d roles are assumed", n)
	}
	for args, want := range map[string]string{
		"--profiles none-*": "matches no profile", "--profiles [": "syntax error in pattern", "--profiles acme-* --exclude nobody": "--exclude nobody matches no account",
		"--profiles acme-* --org": "--org and --profiles cannot be combined",
	} {
		if r := l.want(exit.WrongUsage, slices.Concat([]string{"audit", "nacl-changes"}, strings.Fields(args))...); !strings.Contains(r.err, want) {
			t.Errorf("%s: %s", args, r.err)
		}
	}
}

// TestFleetDeadProfile goes on where the keys of one profile are over, of the first too, and
// says that the report is not complete.
func TestFleetDeadProfile(t *testing.T) {
	l := newFleetLab(t, 2)
	l.profiles("a-dead dead", "a-m "+fleetManagement, "a-x "+l.members[1].ID(), "b-dead dead")
	for _, args := range []string{"", "--exclude " + l.members[1].ID()} {
		ran := l.want(exit.Failed, slices.Concat([]string{"audit", "--profiles", "a-*", "nacl-changes", "-o", "json"}, strings.Fields(args))...)
		r := readFleet(t, ran)
		if r.Complete || !strings.Contains(r.Incomplete, "profile a-dead: ") || len(r.by()) != 2-len(args)/20 {
			t.Errorf("%s: complete %v, %q, %v", args, r.Complete, r.Incomplete, r.by())
		}
	}
	if r := l.want(exit.Failed, "audit", "--profiles", "b-*", "nacl-changes"); !strings.Contains(r.err, "profile b-dead: ") {
		t.Error(r.err)
	}
	file := filepath.Join(t.TempDir(), "accounts.yml")
	l.must(os.WriteFile(file, []byte("accounts:\n- {account_id: \""+fleetLog+"\", role: audit}\n- {account_id: \""+l.members[0].ID()+"\", profile: b-dead}\n- {account_id: \""+l.members[1].ID()+"\", profile: a-x}\n"), 0o600))
	r := readFleet(t, l.want(exit.Failed, "audit", "--profile", "a-m", "--accounts", file, "nacl-changes", "-o", "json"))
	if got := r.by(); got[l.members[0].ID()] != "unknown" || got[l.members[1].ID()] != "pass" || !r.Complete {
		t.Errorf("complete %v, %v", r.Complete, got)
	}
}

// TestFleetManagement lists accounts with other credentials than those that assume roles:
// with a profile, and with a role. The management account is never entered by a role.
func TestFleetManagement(t *testing.T) {
	l := newFleetLab(t, 2)
	tool := l.members[1]
	for _, a := range []*awstest.Account{l.members[0], l.log} {
		a.Role("audit", awstest.RoleOptions{Trusted: []string{tool.ID()}})
	}
	l.management.Role("lists", awstest.RoleOptions{Trusted: []string{tool.ID()}})
	l.profiles("m "+fleetManagement, "tool "+tool.ID())
	args := []string{"audit", "--org", "--account-role", "audit", "--profile", "tool", "nacl-changes", "-o", "json"}
	if r := l.want(exit.Failed, args...); !strings.Contains(r.err, "organizations:ListAccounts") || !strings.Contains(r.err, "AccessDenied") {
		t.Errorf("a member lists accounts: %s", r.err)
	}
	for _, way := range [][]string{{"--management-profile", "m"}, {"--management-role", "arn:aws:iam::" + fleetManagement + ":role/lists"}} {
		l.cloud.ResetCalls()
		r := readFleet(t, l.want(exit.Done, append(args, way...)...))
		if got := fmt.Sprint(r.by()); got != "map["+fleetManagement+":pass "+fleetLog+":pass "+l.members[0].ID()+":pass "+tool.ID()+":pass]" {
			t.Errorf("%v: %s", way, got)
		}
		for _, c := range l.cloud.Calls() {
			if c.Error != "" || c.Operation == "organizations:ListAccounts" && c.Account != fleetManagement {
				t.Errorf("%v: %s as %s: %s", way, c.Operation, c.Account, c.Error)
			}
		}
	}
}

// TestFleetCredentialsEnd ends a run whose credentials are over in its middle: what was
// judged stays, nobody else is called unreadable, and --resume comes to the whole report.
func TestFleetCredentialsEnd(t *testing.T) {
	l := newFleetLab(t, 40)
	args := []string{"nacl-changes", "-o", "json", "--parallel", "4"}
	whole := readFleet(t, l.audit(exit.Done, args...)).by()
	dir := filepath.Join(t.TempDir(), "d")
	l.cloud.Fault(awstest.Fault{Kind: awstest.Expired, Operation: "sts:AssumeRole", After: 10})
	ran := l.audit(exit.Failed, append(args, "--dir", dir)...)
	r := readFleet(t, ran)
	if r.Complete || !strings.Contains(r.Incomplete, "the credentials of the run ended: sts:AssumeRole: ExpiredToken") || r.Summary["unknown"] != 0 || r.Summary["pass"] != 11 {
		t.Errorf("complete %v, %q, %v", r.Complete, r.Incomplete, r.Summary)
	}
	if n := l.cloud.CallCounts()["sts:AssumeRole"]; n > 41+10+4+1 {
		t.Errorf("%d calls of AssumeRole", n)
	}
	l.cloud.ClearFaults()
	if got := readFleet(t, l.audit(exit.Done, append(args, "--resume", dir)...)).by(); fmt.Sprint(got) != fmt.Sprint(whole) {
		t.Errorf("gone on with: %v", got)
	}
}

// TestFleetBreakerOfLists stops where each account of a list has the same role by its own
// ARN, and where one of them refuses in another way.
func TestFleetBreakerOfLists(t *testing.T) {
	l := newFleetLab(t, 60)
	var b strings.Builder
	b.WriteString("accounts:\n")
	for _, m := range l.members {
		fmt.Fprintf(&b, "- {account_id: \"%s\", role: \"arn:aws:iam::%s:role/wrong\", regions: [all]}\n", m.ID(), m.ID())
	}
	file := filepath.Join(t.TempDir(), "accounts.yml")
	l.must(os.WriteFile(file, []byte(b.String()), 0o600))
	l.cloud.Fault(awstest.Fault{Kind: awstest.ErrorCode, Code: "RegionDisabledException", Operation: "sts:AssumeRole", Resource: l.members[0].ID()})
	r := l.want(exit.Failed, "audit", "--accounts", file, "nacl-changes", "--parallel", "2")
	if n := l.cloud.CallCounts()["sts:AssumeRole"]; n < 26 || n > 26+3 {
		t.Errorf("%d calls of AssumeRole", n)
	}
	if !strings.Contains(r.err, "role arn:aws:iam::{Id}:role/wrong: sts:AssumeRole: AccessDenied in 25 of 26 accounts; ") {
		t.Error(r.err)
	}
	if strings.Contains(r.err, "without regions") {
		t.Errorf("a note about regions, which the list has: %s", r.err)
	}
}

// TestFleetListsFromElsewhere takes accounts from standard input in each form, and filters
// them by what the lists say.
func TestFleetListsFromElsewhere(t *testing.T) {
	l := newFleetLab(t, 4)
	a, b, c, d := l.members[0].ID(), l.members[1].ID(), l.members[2].ID(), l.members[3].ID()
	l.members[2].Role("hop", awstest.RoleOptions{ExternalID: "x-9"})
	l.members[3].Role("behind", awstest.RoleOptions{Trusted: []string{c}, ExternalID: "x-9"})
	for _, tt := range []struct{ input, args, want string }{
		{a + "\n" + b + "\n", "", a + " " + b},
		{`{"Accounts":[{"Id":"` + a + `","Name":"prod","Status":"ACTIVE"},{"Id":"` + b + `","Name":"old","State":"SUSPENDED"}]}`, "", a},
		{`{"Accounts":[{"Id":"` + a + `","Name":"prod","Status":"ACTIVE"},{"Id":"` + b + `","Name":"old","State":"SUSPENDED"}]}`, "--include-suspended --exclude prod", b},
		{"accounts:\n- account_id: '" + a + "'\n  tags: ['path:/A/B']\n- account_id: '" + b + "'\n  tags: ['path:/AB']\n", "--ou /A", a},
		{"accounts:\n- account_id: '" + a + "'\n  tags: ['team:a']\n- account_id: '" + b + "'\n", "--account-tag team=a", a},
		{"accounts:\n- account_id: '" + d + "'\n  external_id: x-9\n  role: ['arn:aws:iam::" + c + ":role/hop', behind]\n", "", d}, // each role of a chain gets the external id
	} {
		e := l.env.at(io.Discard, io.Discard)
		var out bytes.Buffer
		e.run.Console.In, e.run.Console.Out = strings.NewReader(tt.input), &out
		root := newRoot(e)
		root.SetArgs(slices.Concat([]string{"audit", "--accounts", "-", "--account-role", "audit", "nacl-changes", "-o", "json"}, strings.Fields(tt.args)))
		root.SetErr(io.Discard)
		if code := exit.Code(root.ExecuteContext(context.Background())); code != exit.Done {
			t.Errorf("%s %s: exit %d", tt.input, tt.args, code)
			continue
		}
		var ids []string
		for _, f := range readFleet(t, ran{out: out.String()}).Findings {
			ids = append(ids, f.Account)
		}
		if got := strings.Join(ids, " "); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.input, tt.args, got, tt.want)
		}
	}
}
