package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/console"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/journal"
)

// A fleetPlan is what the tests read of a JSON plan for many accounts.
type fleetPlan struct {
	Accounts, Unreadable       int
	Owners, Members            []fleetPlanned
	FixedByOwners              int
	NeedWriteAccounts          int
	Left                       []struct{ Text string }
	FailingAfter               []string
	Mails                      struct{ Accounts, Addresses, Confirmations int }
	Next                       []string
	Predicted                  []fleetPrediction
	Organization, Schema, Tool any
}

type fleetPlanned struct {
	Accounts  []struct{ ID string }
	Actions   []struct{ Kind, Account, Name string }
	Conflicts []struct{ Account, Reason string }
}

type fleetPrediction struct {
	Control                           string
	Now, OwnersDone, After, Confirmed map[string]int
}

// fleetWishes are what the tests plan for: one control that the shared chain has, one that it
// lacks.
var fleetWishes = []string{"nacl-changes", "vpc-changes", "--subscribe", "sms:+4915112345678"}

// newWriteLab is a fleet with one covered account. Of the others, so many have a
// trail with a log group of their own, and one has none.
func newWriteLab(t *testing.T, own int) *fleetLab {
	t.Helper()
	l := newFleetLab(t, own+2)
	l.env.run.Pause = func(context.Context, time.Duration) error { return nil }
	for i, m := range l.members[1:] {
		m.Member(awstest.MemberOptions{ShadowFrom: l.cloud.Now().AddDate(1, 0, 0)})
		if i < own {
			l.own(m)
		}
	}
	return l
}

func (l *fleetLab) fleet(code int, verb string, args ...string) ran {
	l.t.Helper()
	return l.want(code, slices.Concat([]string{verb, "--org", "--account-role", "audit"}, args)...)
}

func (l *fleetLab) planned(code int, args ...string) fleetPlan {
	l.t.Helper()
	r := l.fleet(code, "plan", slices.Concat(args, []string{"-o", "json"})...)
	var p fleetPlan
	if err := json.Unmarshal([]byte(r.out), &p); err != nil {
		l.t.Fatalf("%v\n%s", err, r.all())
	}
	return p
}

// saved plans and saves, and returns the folder with the plan.
func (l *fleetLab) saved(args ...string) (string, fleetPlan) {
	l.t.Helper()
	dir := filepath.Join(l.t.TempDir(), "plans")
	return dir, l.planned(exit.Done, slices.Concat(args, []string{"--save", dir, "--quiet"})...)
}

// applied carries a folder out.
func (l *fleetLab) applied(code int, dir string, args ...string) ran {
	l.t.Helper()
	return l.want(code, slices.Concat([]string{"apply", "--plan", dir, "--account-role", "audit", "--yes"}, args)...)
}

// state is what all accounts hold.
func (l *fleetLab) state() map[string]string {
	l.t.Helper()
	embedded := *l.env.run.Embedded
	defer func() { *l.env.run.Embedded = embedded }()
	out := map[string]string{}
	for _, a := range slices.Concat(l.members, []*awstest.Account{l.log, l.management}) {
		l.env.run.Embedded.KeyID, l.env.run.Embedded.Secret = a.Credentials()
		out[a.ID()] = l.account()
	}
	return out
}

// writesBy counts the writes by account since the calls were reset.
func (l *fleetLab) writesBy() map[string]int {
	out := map[string]int{}
	for _, c := range l.cloud.Calls() {
		if !c.Read && c.Error == "" && !strings.HasPrefix(c.Operation, "sts:") {
			out[c.Account]++
		}
	}
	return out
}

// counts sums the findings of an audit up: the accounts of each control by status.
func (r fleetReport) counts() map[string]map[string]int {
	out := map[string]map[string]int{}
	for _, f := range r.Findings {
		if out[f.Control] == nil {
			out[f.Control] = map[string]int{}
		}
		out[f.Control][f.Status]++
	}
	return out
}

// TestFleetPlan plans the owner first and then what it does not fix, shows identical plans
// once, and writes to nobody. A folder gives the same plan without a call.
func TestFleetPlan(t *testing.T) {
	l := newWriteLab(t, 3)
	p := l.planned(exit.Done, fleetWishes...)
	if len(p.Owners) != 1 || p.Owners[0].Accounts[0].ID != fleetLog || len(p.Owners[0].Actions) != 4 || p.FixedByOwners != 3 {
		t.Errorf("owners: %+v, %d fixed", p.Owners, p.FixedByOwners)
	}
	if len(p.Members) != 1 || len(p.Members[0].Accounts) != 3 || p.NeedWriteAccounts != 3 || len(p.Members[0].Actions) != 6 {
		t.Errorf("members: %+v", p.Members)
	}
	for _, a := range slices.Concat(p.Owners[0].Actions, p.Members[0].Actions) {
		if strings.Contains(a.Kind, "trail") {
			t.Errorf("a trail is planned: %+v", a)
		}
	}
	if none := l.members[4].ID(); !cmp.Equal(p.FailingAfter, []string{none}) || len(p.Left) == 0 {
		t.Errorf("left: %+v, failing %v", p.Left, p.FailingAfter)
	}
	if got := p.Predicted[1]; got.Now["fail"] != 7 || got.OwnersDone["fail"] != 4 || got.After["fail"] != 1 || got.Confirmed["pass"] != 6 {
		t.Errorf("predicted: %+v", got)
	}
	if len(l.writesBy()) > 0 {
		t.Errorf("planning writes: %v", l.writesBy())
	}
	text := l.fleet(exit.Done, "plan", fleetWishes...).out
	for _, want := range []string{"Owner of the log group, " + fleetLog + ": fixes 3 accounts", "3 accounts with the same plan, as in 300000000002", "3 accounts need --write-accounts"} {
		if !strings.Contains(text, want) {
			t.Errorf("the plan lacks %q:\n%s", want, text)
		}
	}
	dir := filepath.Join(t.TempDir(), "read")
	l.fleet(exit.Done, "plan", slices.Concat(fleetWishes, []string{"--dir", dir})...)
	l.cloud.ResetCalls()
	again := l.want(exit.Done, slices.Concat([]string{"plan", "--snapshot", dir}, fleetWishes)...)
	if diff := cmp.Diff(text, again.out); diff != "" || len(l.cloud.Calls()) > 0 {
		t.Errorf("from the folder, with %d calls: %s", len(l.cloud.Calls()), diff)
	}
	l.fleet(exit.ControlsFailed, "plan", append(fleetWishes, "--exit-code")...)
}

// TestFleetPlanForMembers fixes at the owner what only other accounts lack: a filter leaves
// one of them out, and the owner passes.
func TestFleetPlanForMembers(t *testing.T) {
	l := newFleetLab(t, 4)
	text := strings.Replace(strings.TrimSuffix(strings.TrimSpace(l.texts["vpc-changes"]), "}")+`) && ($.recipientAccountId != "300000000002") }`, "{", "{ (", 1)
	l.chain(l.region, "vpc-changes", text)
	p := l.planned(exit.Done, fleetWishes...)
	if len(p.Owners[0].Actions) != 4 || p.FixedByOwners != 1 || len(p.Members) != 0 || len(p.FailingAfter) != 0 {
		t.Fatalf("%+v", p)
	}
	l.fleet(exit.Done, "apply", append(fleetWishes, "--yes", "--expect-accounts", "1")...)
	if r := readFleet(t, l.audit(exit.Done, "nacl-changes", "vpc-changes", "-o", "json")); r.Summary["pass"] != 12 {
		t.Errorf("%v", r.Summary)
	}
}

// TestFleetApplyOwner writes to the owner alone, and says what is left.
func TestFleetApplyOwner(t *testing.T) {
	l := newWriteLab(t, 2)
	before := l.state()
	want := l.planned(exit.Done, fleetWishes...)
	l.cloud.ResetCalls()
	journals := filepath.Join(t.TempDir(), "journals")
	r := l.fleet(exit.ControlsFailed, "apply", append(fleetWishes, "--yes", "--expect-accounts", "1", "--journal-dir", journals)...)
	if !strings.Contains(r.err, "2 accounts need --write-accounts") {
		t.Error(r.all())
	}
	if w := l.writesBy(); len(w) != 1 || w[fleetLog] == 0 {
		t.Errorf("writes: %v", w)
	}
	after := readFleet(t, l.audit(exit.ControlsFailed, "nacl-changes", "vpc-changes", "-o", "json")).counts()
	for _, p := range want.Predicted {
		if diff := cmp.Diff(p.OwnersDone, after[p.Control]); diff != "" {
			t.Errorf("%s, as planned and as it is: %s", p.Control, diff)
		}
	}
	l.cloud.ResetCalls()
	l.fleet(exit.ControlsFailed, "apply", append(fleetWishes, "--yes", "--expect-accounts", "1")...)
	if w := l.writesBy(); len(w) > 0 {
		t.Errorf("the second apply writes: %v", w)
	}
	l.want(exit.Done, "undo", "--journal-dir", journals, "--account-role", "audit", "--yes", "--expect-accounts", "1")
	if diff := cmp.Diff(before, l.state()); diff != "" {
		t.Errorf("taken back: %s", diff)
	}
}

// TestFleetApplyWrongUsage writes nothing, and calls nobody where the command line is wrong.
func TestFleetApplyWrongUsage(t *testing.T) {
	l := newWriteLab(t, 2)
	dir, _ := l.saved(fleetWishes...)
	org := []string{"apply", "--org", "--account-role", "audit", "nacl-changes"}
	plan := []string{"apply", "--plan", dir, "--account-role", "audit"}
	l.cloud.ResetCalls()
	for _, args := range [][]string{
		append(org, "--write-accounts", "all", "--yes", "--expect-accounts", "1"),
		append(org, "--yes"),
		append(org, "--expect-accounts", "3"),
		append(org, "--yes", "--expect-accounts", "1", "--create-trail"),
		append(org, "--yes", "--expect-accounts", "1", "--transport", "eventbridge"),
		append(org, "--yes", "--expect-accounts", "1", "--transport", "both"),
		append(org, "--yes", "--expect-accounts", "1", "--journal", "j"),
		append(plan, "--yes"),
		append(plan, "--yes", "--expect-accounts", "3", "--write-accounts", "999999999999"),
		append(plan, "--yes", "--expect-accounts", "3", "--write-accounts", "ou-none"),
		append(plan, "--yes", "--expect-accounts", "3", "--write-accounts", "all", "--waves", "1"),
		append(plan, "--yes", "--expect-accounts", "3", "--write-accounts", "all", "--waves", "0"),
		append(plan, "--yes", "--expect-accounts", "3", "--subscribe", "sms:+4915112345679"),
		{"apply", "--plan", filepath.Join(dir, "none"), "--account-role", "audit", "--yes", "--waves", "1"},
		{"apply", "--waves", "1", "--yes"},
		{"undo", "--journal-dir", dir, "--account-role", "audit", "--yes"},
		{"undo", "file", "--waves", "1", "--yes"},
	} {
		r := l.run(args...)
		if len(l.cloud.Calls()) > 0 {
			t.Errorf("%v makes calls: %v", args, l.cloud.CallCounts())
			l.cloud.ResetCalls()
		}
		if r.code != exit.WrongUsage {
			t.Errorf("%v exits with %d: %s", args, r.code, r.all())
		}
	}
	if r := l.applied(exit.Failed, dir, "--write-accounts", "all", "--expect-accounts", "4"); !strings.Contains(r.err, "3 accounts would be written to, but --expect-accounts expects 4") || len(l.cloud.Calls()) > 0 {
		t.Errorf("%s, %v", r.all(), l.cloud.CallCounts())
	}
	release, err := journal.Lock(filepath.Join(dir, "lock"))
	l.must(err)
	l.must(os.Mkdir(filepath.Join(dir, "journal"), 0o700))
	if r := l.applied(exit.Failed, dir, "--expect-accounts", "1"); !strings.Contains(r.err, "another run") && runtime.GOOS != "windows" || len(l.cloud.Calls()) > 0 {
		t.Errorf("a folder that another run writes: %s", r.all())
	}
	l.must(release())
	for file, old := range map[string]string{"plan.json": fleetLog, "accounts/300000000002.json": "vpc-changes"} {
		path := filepath.Join(dir, file)
		data, err := os.ReadFile(path)
		l.must(err)
		l.must(os.WriteFile(path, bytes.ReplaceAll(data, []byte(old), []byte(old[1:]+"0")), 0o600))
		l.applied(exit.Failed, dir, "--write-accounts", "all", "--expect-accounts", "3")
		l.must(os.WriteFile(path, data, 0o600))
	}
	for id, n := range l.writesBy() {
		if id != fleetLog { // whose plan was whole
			t.Errorf("%d writes to %s", n, id)
		}
	}
}

// TestFleetAgree goes on for the number of accounts, and for no other answer.
func TestFleetAgree(t *testing.T) {
	for answer, code := range map[string]int{"13": exit.Done, "1": exit.Failed, "yes": exit.Failed, "": exit.Failed, "130": exit.Failed} {
		var asked bytes.Buffer
		e := newEnv(console.New(context.Background(), strings.NewReader(answer+"\n"), io.Discard, &asked, nil))
		err := new(fleetWriteFlags).agree(e, false, "26 filters in 13 accounts", 13, nil)
		if exit.Code(err) != code || !strings.Contains(asked.String(), "26 filters in 13 accounts. Type 13 to continue: ") {
			t.Errorf("%q: %v, %s", answer, err, asked.String())
		}
	}
}

// TestFleetApplyMembers writes to the owner and then in waves, and takes all of it back.
func TestFleetApplyMembers(t *testing.T) {
	l := newWriteLab(t, 3)
	before := l.state()
	dir, want := l.saved(fleetWishes...)
	l.cloud.ResetCalls()
	r := l.applied(exit.ControlsFailed, dir, "--write-accounts", "300000000003", "--expect-accounts", "2", "--session-policy", "on")
	if w := l.writesBy(); len(w) != 2 || w["300000000003"] == 0 || !strings.Contains(r.err, "2 accounts need --write-accounts") {
		t.Errorf("writes: %v\n%s", w, r.all())
	}
	r = l.applied(exit.ControlsFailed, dir, "--write-accounts", "all", "--waves", "1,100%", "--expect-accounts", "4")
	if !strings.Contains(r.all(), "wave 1 of 2: 1 account") || !strings.Contains(r.all(), "wave 2 of 2: 2 accounts") {
		t.Error(r.all())
	}
	after := readFleet(t, l.audit(exit.ControlsFailed, "nacl-changes", "vpc-changes", "-o", "json")).counts()
	for _, p := range want.Predicted {
		if diff := cmp.Diff(p.After, after[p.Control]); diff != "" {
			t.Errorf("%s, as planned and as it is: %s", p.Control, diff)
		}
	}
	last := l.cloud.Calls()
	l.cloud.ResetCalls()
	l.want(exit.Done, "undo", "--journal-dir", dir, "--account-role", "audit", "--yes", "--expect-accounts", "4", "--session-policy", "on")
	if diff := cmp.Diff(before, l.state()); diff != "" {
		t.Errorf("taken back: %s", diff)
	}
	for _, c := range [][]awstest.Call{last, l.cloud.Calls()} {
		seen := map[string]bool{}
		for _, x := range c {
			if !x.Read && x.Error == "" && !strings.HasPrefix(x.Operation, "sts:") {
				seen[x.Account] = true
			}
		}
		if len(seen) > 4 || seen[fleetManagement] || seen["300000000001"] || seen["300000000005"] {
			t.Errorf("writes to %v", seen)
		}
	}
}

// TestFleetApplyStops begins no further account once one has failed, or has changed since the
// plan was made, unless more may.
func TestFleetApplyStops(t *testing.T) {
	for _, tt := range []struct {
		name, args string
		change     func(*fleetLab)
		written    int
	}{
		{"refused", "", func(l *fleetLab) {
			l.cloud.Fault(awstest.Fault{Kind: awstest.Denied, Operation: "cloudwatch:PutMetricAlarm", Account: "300000000002"})
		}, 1},
		{"changed", "", func(l *fleetLab) { l.chain(l.members[1].Region(demoRegion), "nacl-changes", l.texts["nacl-changes"]) }, 1},
		{"one may fail", "--max-failures 1", func(l *fleetLab) {
			l.cloud.Fault(awstest.Fault{Kind: awstest.Denied, Operation: "cloudwatch:PutMetricAlarm", Account: "300000000002"})
		}, 3},
		{"owner", "", func(l *fleetLab) {
			l.cloud.Fault(awstest.Fault{Kind: awstest.Denied, Operation: "logs:PutMetricFilter", Account: fleetLog})
		}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newWriteLab(t, 3)
			dir, _ := l.saved(fleetWishes...)
			tt.change(l)
			l.cloud.ResetCalls()
			r := l.applied(exit.Failed, dir, slices.Concat([]string{"--write-accounts", "all", "--expect-accounts", "4"}, strings.Fields(tt.args))...)
			if want := fmt.Sprintf("1 account failed, %d written, %d not started", tt.written, 3-tt.written); !strings.Contains(r.err, want) {
				t.Errorf("not %q:\n%s", want, r.all())
			}
			if w := l.writesBy(); tt.args == "" && (w["300000000003"] > 0 || w["300000000004"] > 0) {
				t.Errorf("writes: %v", w)
			}
			l.cloud.ClearFaults()
			if tt.name == "refused" {
				l.applied(exit.ControlsFailed, dir, "--write-accounts", "all", "--expect-accounts", "4")
			}
		})
	}
}

// TestFleetMails counts the confirmations that e-mail subscribers have to make, and offers
// the template first where many accounts would be written to.
func TestFleetMails(t *testing.T) {
	l := newWriteLab(t, 11)
	p := l.planned(exit.Done, "vpc-changes", "--subscribe", "email:a@example.com", "--subscribe", "email:b@example.com")
	if m := p.Mails; m.Accounts != 12 || m.Addresses != 2 || m.Confirmations != 24 {
		t.Errorf("%+v", m)
	}
	next := strings.Join(p.Next, "\n")
	for _, want := range []string{"24 confirmations to make (12 accounts, 2 addresses)", "aws:SourceOrgID o-fleet00001", "export cloudformation --stackset", "11 accounts need --write-accounts"} {
		if !strings.Contains(next, want) {
			t.Errorf("%q is not said:\n%s", want, next)
		}
	}
	if strings.Index(next, "stackset") > strings.Index(next, "need --write-accounts") {
		t.Errorf("the template is not offered first:\n%s", next)
	}
	if got := p.Predicted[0]; got.After["fail"] != 15 || got.Confirmed["fail"] != 1 {
		t.Errorf("%+v", got) // everybody but the account without a trail waits for a confirmation
	}
}

// TestFleetCentralTopic lets the alarms of all accounts notify one topic of the owner, which
// needs no confirmation in any of them.
func TestFleetCentralTopic(t *testing.T) {
	l := newWriteLab(t, 2)
	topic, err := l.region.CreateTopic(awstest.CreateTopicInput{Name: "central"})
	l.must(err)
	_, err = l.region.Subscribe(awstest.SubscribeInput{TopicARN: topic, Protocol: "sms", Endpoint: "+4915112345678"})
	l.must(err)
	l.must(l.region.SetTopicAttribute(topic, "Policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":"sns:Publish","Resource":"`+topic+
		`","Condition":{"StringEquals":{"aws:SourceOrgID":"o-fleet00001"}}},{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::`+fleetLog+`:root"},"Action":"sns:*","Resource":"`+topic+`"}]}`))
	wishes := []string{"vpc-changes", "--topic-arn", topic}
	dir, p := l.saved(wishes...)
	if len(p.Members) != 1 || len(p.Members[0].Actions) != 2 || p.Mails.Confirmations != 0 || p.Predicted[0].After["fail"] != 1 {
		t.Fatalf("%+v", p)
	}
	for _, c := range l.cloud.Calls() {
		if c.Error != "" {
			t.Errorf("%s in %s: %s", c.Operation, c.Account, c.Error)
		}
	}
	l.applied(exit.ControlsFailed, dir, "--write-accounts", "all", "--expect-accounts", "3")
	if after := readFleet(t, l.audit(exit.ControlsFailed, "vpc-changes", "-o", "json")).counts(); after["vpc-changes"]["fail"] != 1 {
		t.Errorf("%v", after)
	}
}

// TestFleetApplyCutOff ends an apply before each of its writes; run again it comes to what an
// undisturbed one does, nothing is there twice.
func TestFleetApplyCutOff(t *testing.T) {
	clean := newWriteLab(t, 1)
	dir, _ := clean.saved(fleetWishes...)
	clean.cloud.ResetCalls()
	clean.applied(exit.ControlsFailed, dir, "--write-accounts", "all", "--expect-accounts", "2")
	writes, want := 0, clean.state()
	for _, n := range clean.writesBy() {
		writes += n
	}
	for n := 1; n < writes; n += 4 {
		l := newWriteLab(t, 1)
		dir, _ := l.saved(fleetWishes...)
		ctx, cancel := context.WithCancel(context.Background())
		l.cloud.Fault(awstest.Fault{Writes: true, After: n, Times: 1, Kind: awstest.Reset, Do: cancel})
		root := newRoot(l.env.at(io.Discard, io.Discard))
		args := []string{"apply", "--plan", dir, "--account-role", "audit", "--yes", "--write-accounts", "all", "--expect-accounts", "2"}
		root.SetArgs(args)
		if err := root.ExecuteContext(ctx); exit.Code(err) != exit.Interrupted {
			t.Errorf("cut off at write %d: %v", n, err)
		}
		cancel()
		l.cloud.ClearFaults()
		l.want(exit.ControlsFailed, args...)
		if diff := cmp.Diff(want, l.state()); diff != "" {
			t.Errorf("cut off at write %d, run again: %s", n, diff)
		}
	}
}

// TestFleetApplyIsKilled kills the program again and again, each time after a few writes, and
// so the undo. A folder is for one run at a time.
func TestFleetApplyIsKilled(t *testing.T) {
	needsSIGKILL(t)
	clean := newWriteLab(t, 2)
	before := clean.state()
	dir, _ := clean.saved(fleetWishes...)
	clean.applied(exit.ControlsFailed, dir, "--write-accounts", "all", "--expect-accounts", "3")
	want := clean.state()

	l := newWriteLab(t, 2)
	dir, _ = l.saved(fleetWishes...)
	args := []string{"apply", "--plan", dir, "--account-role", "audit", "--yes", "--write-accounts", "all", "--expect-accounts", "3", "--quiet"}
	lives := 0
	for ; l.killed(args, 5, lives%2 == 1); lives++ {
		if lives > 20 {
			t.Fatal("the accounts are not done")
		}
	}
	if lives < 2 {
		t.Errorf("%d lives: the processes were not killed", lives)
	}
	if diff := cmp.Diff(want, l.state()); diff != "" {
		t.Errorf("in %d lives: %s", lives+1, diff)
	}
	for _, id := range []string{fleetLog, "300000000002", "300000000003"} {
		if _, err := os.Stat(filepath.Join(dir, "journal", id+".jsonl")); err != nil {
			t.Error(err)
		}
	}
	l.want(exit.Done, "undo", "--journal-dir", dir, "--account-role", "audit", "--yes", "--expect-accounts", "3")
	if diff := cmp.Diff(before, l.state()); diff != "" {
		t.Errorf("taken back: %s", diff)
	}
}

// TestFleetPlanPredicts plans random fleets: the audit after the apply has exactly what the
// plan predicted.
func TestFleetPlanPredicts(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 16))
			own := 1 + random.IntN(2)
			l := newWriteLab(t, own)
			for _, m := range l.members[1 : own+1] {
				for _, control := range []string{"nacl-changes", "vpc-changes", "route-table-changes"} {
					if random.IntN(3) == 0 {
						l.chain(m.Region(demoRegion), control, l.texts[control])
					}
				}
				if random.IntN(3) == 0 { // back under the organization's trail
					m.Member(awstest.MemberOptions{})
				}
			}
			if random.IntN(2) == 0 {
				text := strings.Replace(strings.TrimSuffix(strings.TrimSpace(l.texts["vpc-changes"]), "}")+`) && ($.recipientAccountId != "300000000001") }`, "{", "{ (", 1)
				l.chain(l.region, "vpc-changes", text)
			}
			endpoint := []string{"sms:+4915112345678", "email:a@example.com"}[random.IntN(2)]
			wishes := []string{"nacl-changes", "vpc-changes", "route-table-changes", "organizations-changes", "--subscribe", endpoint}
			dir, want := l.saved(wishes...)
			written := want.NeedWriteAccounts
			for _, o := range want.Owners {
				if len(o.Actions) > 0 {
					written++
				}
			}
			if r := l.run("apply", "--plan", dir, "--account-role", "audit", "--yes", "--write-accounts", "all", "--expect-accounts", fmt.Sprint(written)); r.code != exit.Done && r.code != exit.ControlsFailed {
				t.Fatal(r.all())
			}
			after := readFleet(t, l.run("audit", "--org", "--account-role", "audit", "nacl-changes", "vpc-changes", "route-table-changes", "organizations-changes", "-o", "json")).counts()
			for _, p := range want.Predicted {
				if diff := cmp.Diff(p.After, after[p.Control]); diff != "" {
					t.Errorf("%s, as planned and as it is: %s", p.Control, diff)
				}
			}
		})
	}
}

// TestFleetExport writes a template for each group of accounts that lack the same, leaves
// out those with conflicts, and can be done again.
func TestFleetExport(t *testing.T) {
	l := newWriteLab(t, 5)
	one := 1.0
	l.chain(l.members[2].Region(demoRegion), "nacl-changes", l.texts["nacl-changes"])  // lacks less
	l.must(l.members[3].Region(demoRegion).PutMetricAlarm(awstest.PutMetricAlarmInput{ // in the way
		AlarmName: "VPCConfigChangesAlarm", MetricName: "x", Namespace: "X", Statistic: "Sum", Period: 300, EvaluationPeriods: 1, Threshold: &one, ComparisonOperator: "GreaterThanOrEqualToThreshold",
	}))
	dir := filepath.Join(t.TempDir(), "sets")
	args := slices.Concat([]string{"export", "cloudformation", "--org", "--account-role", "audit", "--dir", dir}, fleetWishes)
	l.want(exit.WrongUsage, args...)
	args = append(args, "--stackset")
	l.want(exit.Done, args...)
	r := l.want(exit.Done, args...)
	if len(l.writesBy()) > 0 {
		t.Errorf("an export writes: %v", l.writesBy())
	}
	if !strings.Contains(r.err, "account 300000000004 gets no stack: ") {
		t.Error(r.all())
	}
	var list struct {
		Groups []struct {
			Template, Region, LogGroup string
			Accounts                   []string
		}
		LeftOut []struct{ ID, Why string }
	}
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, name))
		l.must(err)
		return data
	}
	l.must(json.Unmarshal(read("accounts.json"), &list))
	if len(list.Groups) != 2 || !slices.Equal(list.Groups[0].Accounts, []string{"300000000002", "300000000005", "300000000006"}) || !slices.Equal(list.Groups[1].Accounts, []string{"300000000003"}) {
		t.Errorf("%+v", list)
	}
	if len(list.LeftOut) != 1 || !strings.Contains(list.LeftOut[0].Why, "VPCConfigChangesAlarm") {
		t.Errorf("%+v", list.LeftOut)
	}
	var template struct {
		Resources map[string]struct{ Type string }
	}
	l.must(json.Unmarshal(read("template-1.json"), &template))
	types := map[string]int{}
	for _, x := range template.Resources {
		types[x.Type]++
	}
	if types["AWS::Logs::MetricFilter"] != 2 || types["AWS::CloudWatch::Alarm"] != 2 || types["AWS::SNS::Topic"] != 1 || types["AWS::SNS::TopicPolicy"] != 1 {
		t.Errorf("%v", types)
	}
	if bytes.Contains(read("template-1.json"), []byte("300000000002")) || bytes.Contains(read("stack-set-1.sh"), []byte("+4915112345678")) {
		t.Error("a template names an account, or a script has a secret")
	}
	var targets struct {
		AccountFilterType               string
		Accounts, OrganizationalUnitIds []string
	}
	l.must(json.Unmarshal(read("targets-1.json"), &targets))
	if targets.AccountFilterType != "INTERSECTION" || !slices.Equal(targets.Accounts, list.Groups[0].Accounts) || len(targets.OrganizationalUnitIds) != 1 || !strings.HasPrefix(targets.OrganizationalUnitIds[0], "r-") {
		t.Errorf("%+v", targets)
	}
	for _, want := range []string{"SERVICE_MANAGED", "FailureToleranceCount=0", "STRICT_FAILURE_TOLERANCE", "ParameterKey=LogGroupName,ParameterValue='ct'", "file://targets-1.json"} {
		if !bytes.Contains(read("stack-set-1.sh"), []byte(want)) {
			t.Errorf("the script lacks %q:\n%s", want, read("stack-set-1.sh"))
		}
	}
	l.must(os.WriteFile(filepath.Join(dir, "mine.txt"), nil, 0o600))
	l.want(exit.WrongUsage, args...)
}
