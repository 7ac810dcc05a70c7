package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/run"
)

// The accounts of a fleet: who manages the organization and owns its trail, and who owns
// the log group and all that is behind it.
const (
	fleetManagement = "100000000000"
	fleetLog        = "200000000000"
	fleetGroup      = "ct"
)

// A fleetLab is an organization whose trail delivers to a log group of another account.
type fleetLab struct {
	*cmdLab
	management, log *awstest.Account
	members         []*awstest.Account
	texts           map[string]string // the benchmark's, by control
}

// newFleetLab makes so many members, each with a role "audit", and chains for the two
// controls fleetControls.
func newFleetLab(t *testing.T, members int) *fleetLab {
	t.Helper()
	l := &fleetLab{cmdLab: &cmdLab{t: t, cloud: awstest.New(awstest.Options{Start: demoStart}), env: testEnv(io.Discard, io.Discard)}}
	url, stop, err := l.cloud.Server()
	l.must(err)
	t.Cleanup(stop)
	l.env.run.Now = l.cloud.Now
	regions := []string{demoRegion, "us-east-1"}
	l.management = l.cloud.Account(fleetManagement, awstest.AccountOptions{Regions: regions})
	l.log = l.cloud.Account(fleetLog, awstest.AccountOptions{Regions: regions})
	all := []*awstest.Account{l.log}
	for i := range members {
		all = append(all, l.cloud.Account(fmt.Sprintf("3%011d", i+1), awstest.AccountOptions{Regions: regions}))
	}
	l.members = all[1:]
	for _, a := range all {
		a.Role("audit", awstest.RoleOptions{Trusted: []string{fleetManagement}})
	}
	l.cloud.NamedOrganization("o-fleet00001", l.management, all...)
	l.region = l.log.Region(demoRegion)
	l.env.run.Embedded = &run.Embedded{URL: url}
	l.env.run.Embedded.KeyID, l.env.run.Embedded.Secret = l.management.Credentials()
	l.must(l.region.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: fleetGroup}))
	home := l.management.Region(demoRegion)
	_, err = home.CreateTrail(awstest.CreateTrailInput{
		Name: "org-trail", S3BucketName: "b", IsMultiRegionTrail: true, IsOrganizationTrail: true,
		CloudWatchLogsLogGroupARN: "arn:aws:logs:" + demoRegion + ":" + fleetLog + ":log-group:" + fleetGroup + ":*", CloudWatchLogsRoleARN: "arn:aws:iam::" + fleetLog + ":role/ct",
	})
	l.must(err)
	l.must(home.StartLogging("org-trail"))
	l.texts, err = demoTexts()
	l.must(err)
	for _, control := range fleetControls {
		l.chain(l.region, control, l.texts[control])
	}
	return l
}

// fleetControls are the controls that the organization's log group has a chain for.
var fleetControls = []string{"nacl-changes", "route-table-changes"}

// chain makes a filter with an alarm and a subscriber, on the log group of the
// organization.
func (l *fleetLab) chain(r *awstest.Region, name, text string) {
	l.t.Helper()
	topic, err := r.CreateTopic(awstest.CreateTopicInput{Name: "alerts"})
	l.must(err)
	_, err = r.Subscribe(awstest.SubscribeInput{TopicARN: topic, Protocol: "sms", Endpoint: "+4915112345678"})
	l.must(err)
	one := 1.0
	l.must(r.PutMetricFilter(awstest.PutMetricFilterInput{
		LogGroupName: fleetGroup, FilterName: name, FilterPattern: text,
		MetricTransformations: []awstest.MetricTransformation{{MetricName: name, MetricNamespace: "Fleet", MetricValue: "1"}},
	}))
	l.must(r.PutMetricAlarm(awstest.PutMetricAlarmInput{
		AlarmName: name, AlarmActions: []string{topic}, MetricName: name, Namespace: "Fleet", Statistic: "Sum",
		Period: 300, EvaluationPeriods: 1, Threshold: &one, ComparisonOperator: "GreaterThanOrEqualToThreshold", TreatMissingData: "notBreaching",
	}))
}

// own gives an account a trail, a log group and chains of its own.
func (l *fleetLab) own(a *awstest.Account, controls ...string) {
	l.t.Helper()
	r := a.Region(demoRegion)
	_, err := r.Trail("own", fleetGroup)
	l.must(err)
	for _, control := range controls {
		l.chain(r, control, l.texts[control])
	}
}

// audit runs an audit of the organization.
func (l *fleetLab) audit(code int, args ...string) ran {
	l.t.Helper()
	return l.want(code, slices.Concat([]string{"audit", "--org", "--account-role", "audit"}, args)...)
}

// A fleetReport is what the tests read of a JSON report.
type fleetReport struct {
	Complete   bool
	Incomplete string
	Scope      struct {
		Accounts []struct{ ID, Name, Unreadable, Skipped, Scope string }
	}
	Notes  []struct{ Code, Message string }
	Causes []struct {
		Code, Text, Owner string
		Controls          []string
		Accounts          int
	}
	Findings []fleetFinding
	Summary  map[string]int
}

type fleetFinding struct {
	Account, Control, Status, Basis, Cause, Remediation string
	Reasons                                             []struct{ Code, Status, Message string }
	Waiver                                              *struct{ Reason string }
}

func readFleet(t *testing.T, r ran) fleetReport {
	t.Helper()
	var out fleetReport
	if err := json.Unmarshal([]byte(r.out), &out); err != nil {
		t.Fatalf("%v\n%s", err, r.all())
	}
	return out
}

// by sums the statuses up by account: "pass fail".
func (r fleetReport) by() map[string]string {
	out := map[string]string{}
	for _, f := range r.Findings {
		out[f.Account] = strings.TrimSpace(out[f.Account] + " " + f.Status)
	}
	return out
}

// TestFleetCalls holds what an audit of covered members costs: two calls each.
func TestFleetCalls(t *testing.T) {
	l := newFleetLab(t, 60)
	r := readFleet(t, l.audit(exit.Done, slices.Concat(fleetControls, []string{"-o", "json"})...))
	if len(r.Findings) != 2*62 || r.Summary["pass"] != 2*62 || !r.Complete {
		t.Fatalf("%d findings, %v, complete %v", len(r.Findings), r.Summary, r.Complete)
	}
	counts := map[string]int{}
	for _, c := range l.cloud.Calls() {
		if strings.HasPrefix(c.Account, "3") || c.Operation == "sts:AssumeRole" {
			counts[c.Operation]++
		}
		if c.Error != "" {
			t.Errorf("%s as %s: %s", c.Operation, c.Account, c.Error)
		}
	}
	if want := map[string]int{"sts:AssumeRole": 61, "cloudtrail:DescribeTrails": 60}; !cmp.Equal(counts, want) {
		t.Errorf("calls of members: %v, want %v", counts, want)
	}

	l.cloud.ResetCalls()
	trusted := readFleet(t, l.audit(exit.Done, slices.Concat(fleetControls, []string{"-o", "json", "--trust-org"})...))
	for _, c := range l.cloud.Calls() {
		if strings.HasPrefix(c.Account, "3") {
			t.Errorf("--trust-org calls %s in %s", c.Operation, c.Account)
		}
	}
	assumed := 0
	for _, f := range trusted.Findings {
		if f.Basis == "assumed" {
			assumed++
		}
	}
	if assumed != 120 || trusted.Summary["pass"] != 124 {
		t.Errorf("%d findings are assumed, %v", assumed, trusted.Summary)
	}
}

// TestFleetRescue reads those accounts in full that the organization's chain does not
// carry: one has a chain of its own, one has left the trail, and a control that the central
// chain lacks is missed by the others.
func TestFleetRescue(t *testing.T) {
	l := newFleetLab(t, 6)
	l.own(l.members[1], "nacl-changes", "vpc-changes")
	l.members[2].Member(awstest.MemberOptions{Name: "new", ShadowFrom: l.cloud.Now().AddDate(0, 0, 1), Joined: l.cloud.Now()})
	r := readFleet(t, l.audit(exit.ControlsFailed, "nacl-changes", "vpc-changes", "-o", "json"))
	want := map[string]string{
		fleetManagement: "pass fail", fleetLog: "pass fail",
		l.members[0].ID(): "pass fail", l.members[1].ID(): "pass pass", l.members[2].ID(): "fail fail",
		l.members[3].ID(): "pass fail", l.members[4].ID(): "pass fail", l.members[5].ID(): "pass fail",
	}
	if diff := cmp.Diff(want, r.by()); diff != "" {
		t.Error(diff)
	}
	if len(r.Causes) != 2 {
		t.Errorf("causes: %+v", r.Causes)
	}
	for _, c := range r.Causes {
		if c.Code == "no-trail" && (c.Accounts != 1 || c.Owner != "") || c.Code == "no-filter" && (c.Accounts != 6 || c.Owner != fleetLog) {
			t.Errorf("cause %+v", c)
		}
	}
	table := l.audit(exit.ControlsFailed, "nacl-changes", "vpc-changes").out
	for _, text := range []string{"Organization o-fleet00001 · 8 accounts: 8 checked", "Trail org-trail of 100000000000 · log group ct in 200000000000", "300000000003 new: 2 failed, joined the organization on"} {
		if !strings.Contains(table, text) {
			t.Errorf("the table lacks %q:\n%s", text, table)
		}
	}
}

// TestFleetByAccount judges a filter that looks at the account of the record for each
// account by itself.
func TestFleetByAccount(t *testing.T) {
	l := newFleetLab(t, 8)
	narrow := func(condition string) string {
		return strings.TrimSuffix(strings.TrimSpace(l.texts["vpc-changes"]), "}") + ") && " + condition + " }"
	}
	text := strings.Replace(narrow(`($.recipientAccountId != "300000000002") && ($.recipientAccountId != "*7")`), "{", "{ (", 1)
	l.chain(l.region, "vpc-changes", text)
	r := readFleet(t, l.audit(exit.ControlsFailed, "vpc-changes", "-o", "json"))
	for id, status := range r.by() {
		want := "pass"
		if id == "300000000002" || strings.HasSuffix(id, "7") {
			want = "fail"
		}
		if status != want {
			t.Errorf("account %s: %s, want %s", id, status, want)
		}
	}
	if len(r.Findings) != 10 {
		t.Errorf("%d findings", len(r.Findings))
	}
}

// TestFleetFaults has one bad account among 20, in every way of being bad: its findings are
// unknown, and those of the others are what they were, byte for byte.
func TestFleetFaults(t *testing.T) {
	bad := "300000000005"
	good := func(r ran) string {
		var kept []string
		for _, line := range strings.Split(r.out, "\n") {
			if strings.Contains(line, `"control":`) && !strings.Contains(line, bad) {
				kept = append(kept, strings.TrimSuffix(line, ","))
			}
		}
		return strings.Join(kept, "\n")
	}
	args := slices.Concat(fleetControls, []string{"-o", "json"})
	l := newFleetLab(t, 18)
	l.env.run.Embedded.Retries.Attempts = 2
	l.env.run.Embedded.Timeout = 1e9
	want := good(l.audit(exit.Done, args...))
	for _, kind := range []awstest.FaultKind{awstest.Throttle, awstest.ServerError, awstest.Unavailable, awstest.Denied, awstest.ErrorCode, awstest.Reset, awstest.Truncate, awstest.HTMLError} {
		for _, operation := range []string{"sts:AssumeRole", "*"} {
			t.Run(fmt.Sprintf("%d %s", kind, operation), func(t *testing.T) {
				f := awstest.Fault{Kind: kind, Code: "InternalFailure", Operation: operation}
				if operation == "*" {
					f.Account = bad
				} else {
					f.Resource = bad
				}
				l.cloud.Fault(f)
				defer l.cloud.ClearFaults()
				ran := l.audit(exit.Failed, args...)
				r := readFleet(t, ran)
				if got := r.by()[bad]; got != "unknown unknown" {
					t.Errorf("the bad account: %s", got)
				}
				if !r.Complete || r.Findings[0].Account != fleetManagement {
					t.Errorf("complete %v", r.Complete)
				}
				for _, f := range r.Findings {
					if f.Account == bad && (f.Reasons[0].Code != "account-unreadable" || f.Basis != "unreadable" || f.Remediation == "") {
						t.Errorf("%+v", f)
					}
				}
				if got := good(ran); got != want {
					t.Error("other accounts have other findings")
				}
			})
		}
	}
	l.cloud.Fault(awstest.Fault{Kind: awstest.Denied, Operation: "sts:AssumeRole", Resource: bad})
	l.audit(exit.Done, slices.Concat(args, []string{"--allow-unreadable", "1"})...)
	l.cloud.Account(bad, awstest.AccountOptions{}).LeaveOrganization()
}

// TestFleetBreaker stops a run with a wrong role after 25 refusals, unless it is told to
// go on.
func TestFleetBreaker(t *testing.T) {
	l := newFleetLab(t, 200)
	r := l.want(exit.Failed, "audit", "--org", "--account-role", "wrong", "nacl-changes", "--parallel", "4", "-o", "json")
	refused := l.cloud.CallCounts()["sts:AssumeRole"]
	if refused < 25 || refused > 25+4+1 {
		t.Errorf("%d calls of AssumeRole", refused)
	}
	if !strings.Contains(r.err, "role wrong: sts:AssumeRole: AccessDenied in 25 of 25 accounts; ") || !strings.Contains(r.err, "not tried") {
		t.Error(r.err)
	}
	if f := readFleet(t, r); f.Complete || f.Incomplete == "" {
		t.Error("the report is taken for complete")
	}
	l.cloud.ResetCalls()
	l.want(exit.Failed, "audit", "--org", "--account-role", "wrong", "nacl-changes", "--keep-going")
	if n := l.cloud.CallCounts()["sts:AssumeRole"]; n != 202 { // the log account once more, as an owner
		t.Errorf("%d calls of AssumeRole with --keep-going", n)
	}
}

// TestFleetStates leaves out accounts that cannot be used, and counts them.
func TestFleetStates(t *testing.T) {
	l := newFleetLab(t, 5)
	l.members[0].Member(awstest.MemberOptions{State: "SUSPENDED"})
	l.members[1].Member(awstest.MemberOptions{State: "PENDING_CLOSURE"})
	ou := l.management.Unit("", "Sandbox")
	l.members[2].Member(awstest.MemberOptions{OU: ou, Tags: map[string]string{"team": "a"}})
	l.members[3].Member(awstest.MemberOptions{OU: ou, Name: "dev"})
	judged := func(args ...string) string {
		r := readFleet(t, l.audit(exit.Done, slices.Concat([]string{"nacl-changes", "-o", "json"}, args)...))
		var list []string
		for _, f := range r.Findings {
			list = append(list, f.Account[:1]+f.Account[11:])
		}
		return strings.Join(list, " ")
	}
	for _, tt := range []struct{ args, want string }{
		{"", "10 20 33 34 35"},
		{"--include-suspended", "10 20 31 32 33 34 35"},
		{"--ou " + ou, "33 34"},
		{"--ou /Sandbox", "33 34"},
		{"--ou " + ou + " --exclude dev", "33"},
		{"--account-tag team=a", "33"},
		{"--exclude /Sandbox", "10 20 35"},
	} {
		if got := judged(strings.Fields(tt.args)...); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.args, got, tt.want)
		}
	}
	table := l.audit(exit.Done, "nacl-changes").out
	if !strings.Contains(table, "2 skipped (1 pending closure, 1 suspended)") {
		t.Error(table)
	}
	for _, bad := range []string{"--ou ou-none", "--exclude nobody", "--account-tag x=y", "--shard 3/2", "--accounts 12"} {
		args := slices.Concat([]string{"audit", "nacl-changes", "--account-role", "audit"}, strings.Fields(bad))
		l.cloud.ResetCalls()
		l.want(exit.WrongUsage, args...)
		if n := l.cloud.CallCounts()["sts:AssumeRole"]; n != 0 {
			t.Errorf("%s: %d roles were assumed", bad, n)
		}
	}
	if r := l.want(exit.WrongUsage, "audit", "--org", "--account-role", "audit", "-o", "postscript"); !strings.Contains(r.err, "output format") {
		t.Error(r.err)
	}
}

// TestFleetDir keeps what is read, judges it again without a call, goes on with it, and puts
// parts together: always with the same report.
func TestFleetDir(t *testing.T) {
	l := newFleetLab(t, 24)
	l.own(l.members[3], "vpc-changes")
	l.members[5].Member(awstest.MemberOptions{State: "SUSPENDED"})
	l.members[9].Member(awstest.MemberOptions{ShadowFrom: l.cloud.Now().AddDate(0, 0, 1)}) // it has no trail
	l.cloud.Fault(awstest.Fault{Kind: awstest.Denied, Operation: "sts:AssumeRole", Resource: l.members[7].ID()})
	args := []string{"nacl-changes", "vpc-changes", "-o", "jsonl"}
	dir := filepath.Join(t.TempDir(), "whole")
	whole := l.audit(exit.ControlsFailed, slices.Concat(args, []string{"--dir", dir})...)
	for _, name := range []string{"fleet.json", "accounts/" + l.members[3].ID() + ".json", "central/" + fleetLog + ".json", "findings.jsonl"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	l.cloud.ResetCalls()
	saved := l.want(exit.ControlsFailed, slices.Concat([]string{"audit", "--snapshot", dir}, args)...)
	if diff := cmp.Diff(whole.out, saved.out); diff != "" || len(l.cloud.Calls()) > 0 {
		t.Errorf("judged again, with %d calls: %s", len(l.cloud.Calls()), diff)
	}
	again := l.audit(exit.ControlsFailed, slices.Concat(args, []string{"--resume", dir})...)
	if diff := cmp.Diff(whole.out, again.out); diff != "" {
		t.Errorf("gone on with: %s", diff)
	}
	if n := l.cloud.CallCounts()["sts:AssumeRole"]; n != 1 { // the one that failed
		t.Errorf("%d roles were assumed again", n)
	}
	l.want(exit.WrongUsage, "audit", "--org", "--account-role", "audit", "vpc-changes", "--resume", dir)
	l.want(exit.WrongUsage, "audit", "--org", "--account-role", "audit", "vpc-changes", "--dir", dir)

	var parts []string
	for i := 1; i <= 3; i++ {
		part := filepath.Join(t.TempDir(), fmt.Sprint(i))
		l.run(slices.Concat([]string{"audit", "--org", "--account-role", "audit", "--dir", part, "--shard", fmt.Sprintf("%d/3", i)}, args)...)
		parts = append(parts, part)
	}
	merged := l.want(exit.ControlsFailed, slices.Concat([]string{"merge", "-o", "jsonl"}, parts)...)
	if diff := cmp.Diff(whole.out, merged.out); diff != "" {
		t.Errorf("put together: %s", diff)
	}
	l.checkPages(t, parts, l.members[9].ID()+".html")
	two := readFleet(t, l.want(exit.ControlsFailed, "merge", "-o", "json", parts[0], parts[2]))
	if two.Complete || !strings.Contains(two.Incomplete, "part 2/3 is missing") {
		t.Errorf("a part is missing: %q", two.Incomplete)
	}
	other := filepath.Join(t.TempDir(), "other")
	l.audit(exit.ControlsFailed, "nacl-changes", "--dir", other)
	l.want(exit.WrongUsage, "merge", parts[0], other)
}

// TestFleetResumesAfterAnyCall cuts a run off at each of its calls, goes on with the folder,
// and finds the report of a run that was left alone.
func TestFleetResumesAfterAnyCall(t *testing.T) {
	l := newFleetLab(t, 4)
	args := slices.Concat(fleetControls, []string{"-o", "jsonl", "--parallel", "2"})
	want := l.audit(exit.Done, args...).out
	calls := len(l.cloud.Calls())
	for n := 3; n < calls; n += 5 {
		dir := filepath.Join(t.TempDir(), "d")
		ctx, cancel := context.WithCancelCause(context.Background())
		l.cloud.Fault(awstest.Fault{Kind: awstest.Delay, After: n, Do: func() { cancel(&stopError{"interrupted"}) }})
		var out bytes.Buffer
		root := newRoot(l.env.at(&out, io.Discard))
		root.SetArgs(slices.Concat([]string{"audit", "--org", "--account-role", "audit", "--dir", dir}, args))
		err := root.ExecuteContext(ctx)
		l.cloud.ClearFaults()
		if err == nil && out.String() != want {
			t.Errorf("cut off at call %d: no error, and another report", n)
		}
		if out.Len() > 0 && err != nil && !strings.Contains(out.String(), `"complete":false`) {
			t.Errorf("cut off at call %d: the report is taken for complete:\n%s", n, out.String())
		}
		if _, err := os.Stat(filepath.Join(dir, "fleet.json")); err != nil {
			continue // it had not started
		}
		if got := l.audit(exit.Done, slices.Concat(args, []string{"--resume", dir})...).out; got != want {
			t.Errorf("cut off at call %d, gone on with: %s", n, cmp.Diff(want, got))
		}
	}
}

// TestFleetFormats holds every format of an interrupted run: each says that it is not
// complete.
func TestFleetFormats(t *testing.T) {
	l := newFleetLab(t, 50)
	for format, want := range map[string]string{
		"table": "Incomplete: 20 of 20 accounts checked:", "csv": "no: organizations:ListAccounts", "json": `"complete": false`, "jsonl": `"complete":false`,
		"ocsf": `"incomplete":"organizations:ListAccounts`, "asff": `"monitorctl/incomplete":"organizations:ListAccounts`, "sarif": `"executionSuccessful": false`,
		"markdown": "\nIncomplete: ", "junit": `name="complete"`, "gitlab": `"check_name": "incomplete"`, "github": "::error title=monitorctl%3A not complete::",
		"html": "organizations:ListAccounts",
	} {
		l.cloud.ClearFaults()
		l.cloud.Fault(awstest.Fault{Kind: awstest.Denied, Operation: "organizations:ListAccounts", After: 1})
		if r := l.audit(exit.Failed, "nacl-changes", "-o", format); !strings.Contains(r.out, want) {
			t.Errorf("-o %s does not say so:\n%.600s", format, r.out)
		}
	}
}

// TestFleetGivesBack looks for goroutines that outlive a run.
func TestFleetGivesBack(t *testing.T) {
	l := newFleetLab(t, 30)
	l.audit(exit.Done, fleetControls...)
	before := runtime.NumGoroutine()
	for range 3 {
		l.audit(exit.Done, fleetControls...)
	}
	for range 100 { // connections close behind the run
		if runtime.NumGoroutine() <= before {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if after := runtime.NumGoroutine(); after > before {
		t.Errorf("%d goroutines, then %d", before, after)
	}
}

// TestFleetPermissions audits with the policies that the program prints, and with a session
// policy, and is refused nothing.
func TestFleetPermissions(t *testing.T) {
	l := newFleetLab(t, 4)
	l.own(l.members[1], fleetControls[0])
	var template struct {
		Resources struct {
			AuditRole struct {
				Properties struct {
					RoleName string
					Policies []struct{ PolicyDocument json.RawMessage }
				}
			}
		}
	}
	scope := []string{"--set", "cis", "--role-name", "audit"}
	l.must(json.Unmarshal([]byte(l.want(exit.Done, append([]string{"permissions", "org"}, scope...)...).out), &template))
	role := template.Resources.AuditRole.Properties
	if role.RoleName != "audit" {
		t.Errorf("the role is %q", role.RoleName)
	}
	management := l.want(exit.Done, append([]string{"permissions", "org", "-o", "management"}, scope...)...).out
	l.must(l.cloud.AllowPolicy(fleetManagement, management))
	for _, a := range append(l.members, l.log) {
		l.must(l.cloud.AllowPolicy(a.ID(), string(role.Policies[0].PolicyDocument)))
	}
	l.audit(exit.ControlsFailed, "--set", "cis", "--ou", "/", "--exclude", l.members[3].ID(), "--session-policy", "on")
	for _, c := range l.cloud.Calls() {
		if c.Error != "" {
			t.Errorf("%s as %s: %s", c.Operation, c.Account, c.Error)
		}
	}
	for _, want := range []string{`"aws:PrincipalOrgID\" = var.organization_id`, `"aws_iam_role"`} {
		if out := l.want(exit.Done, append([]string{"permissions", "org", "-o", "terraform"}, scope...)...).out; !strings.Contains(out, want) {
			t.Errorf("the module lacks %s:\n%s", want, out)
		}
	}
	l.want(exit.WrongUsage, "permissions", "org", "--role-name", "a b")
}

// TestFleetLists takes accounts from files and ids, with roles of their own.
func TestFleetLists(t *testing.T) {
	l := newFleetLab(t, 5)
	l.members[0].Role("other", awstest.RoleOptions{ExternalID: "x-1"})
	l.members[1].Role("hop", awstest.RoleOptions{})
	l.members[2].Role("behind", awstest.RoleOptions{Trusted: []string{l.members[1].ID()}})
	file := filepath.Join(t.TempDir(), "accounts.yml")
	l.must(os.WriteFile(file, []byte(`accounts:
- account_id: "`+l.members[0].ID()+`"
  name: first
  role: arn:aws:iam::{account_id}:role/other
  external_id: x-1
  regions: [`+demoRegion+`]
- {account_id: "`+fleetLog+`", role: audit, tags: ["skip:yes"]}
- account_id: "`+l.members[2].ID()+`"
  role: ["arn:aws:iam::`+l.members[1].ID()+`:role/hop", behind]
`), 0o600))
	r := readFleet(t, l.want(exit.Done, "audit", "nacl-changes", "--accounts", file, "--exclude", fleetLog, "-o", "json"))
	if got := fmt.Sprint(r.by()); got != "map["+l.members[0].ID()+":pass "+l.members[2].ID()+":pass]" {
		t.Errorf("got %s", got)
	}
	r = readFleet(t, l.want(exit.Done, "audit", "nacl-changes", "--accounts", l.members[3].ID()+","+fleetLog, "--account-role", "audit", "-o", "json"))
	if len(r.Findings) != 2 {
		t.Errorf("%d findings", len(r.Findings))
	}
	if r := l.want(exit.Failed, "audit", "nacl-changes", "--accounts", l.members[3].ID()); !strings.Contains(r.out, "no role was given") {
		t.Error(r.all())
	}
}

// TestFleetIsKilled kills the program itself at some of its calls, goes on with the folder,
// and finds the report of a run that was left alone.
func TestFleetIsKilled(t *testing.T) {
	needsSIGKILL(t)
	l := newFleetLab(t, 6)
	args := slices.Concat([]string{"audit", "--org", "--account-role", "audit", "--quiet", "-o", "jsonl", "--parallel", "2"}, fleetControls)
	dated := regexp.MustCompile(`"generatedAt":"[^"]*"`)
	whole, err := l.process(args...).Output()
	l.must(err)
	want := dated.ReplaceAllString(string(whole), "")
	calls := len(l.cloud.Calls())
	for _, n := range []int{calls / 3, calls / 2, calls * 4 / 5, calls - 3} {
		dir := filepath.Join(t.TempDir(), "d")
		p := l.process(append(args, "--dir", dir)...)
		killed := make(chan struct{})
		l.cloud.Fault(awstest.Fault{Kind: awstest.Delay, After: n, Times: 1, Do: func() {
			close(killed)
			p.Process.Kill() //nolint:errcheck // it may be over
		}})
		l.must(p.Start())
		err := p.Wait()
		l.cloud.ClearFaults()
		select {
		case <-killed:
		default:
			t.Errorf("call %d did not come: %v", n, err)
			continue
		}
		again, err := l.process(append(args, "--resume", dir)...).Output()
		if err != nil {
			t.Errorf("killed at call %d, gone on with: %v", n, err)
		}
		if got := dated.ReplaceAllString(string(again), ""); got != want {
			t.Errorf("killed at call %d, gone on with: %s", n, cmp.Diff(want, got))
		}
	}
}
