package cmd

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestFleetInterrupted ends a run in its middle: the report comes in every format, says
// that it is not complete, and the exit code is 130.
func TestFleetInterrupted(t *testing.T) {
	l := newFleetLab(t, 30)
	for format, want := range map[string]string{
		"table": "accounts checked: interrupted.", "csv": "no: interrupted", "json": `"incomplete": "interrupted"`, "jsonl": `"why":"interrupted"`,
		"ocsf": `"incomplete":"interrupted"`, "asff": `"monitorctl/incomplete":"interrupted"`, "sarif": `"executionSuccessful": false`,
		"junit": `type="incomplete"`, "gitlab": "monitorctl-incomplete", "markdown": "accounts checked: interrupted.",
		"html": "interrupted", "github": "::error title=monitorctl%3A not complete::",
	} {
		l.cloud.ClearFaults()
		ctx, cancel := context.WithCancelCause(context.Background())
		l.cloud.Fault(awstest.Fault{Kind: awstest.Delay, Operation: "sts:AssumeRole", After: 8, Times: 1, Do: func() { cancel(&stopError{"interrupted"}) }})
		var out, errs bytes.Buffer
		root := newRoot(l.env.at(&out, &errs))
		root.SetArgs([]string{"audit", "--org", "--account-role", "audit", "nacl-changes", "--parallel", "2", "-o", format})
		if code := exit.Code(root.ExecuteContext(ctx)); code != exit.Interrupted || !strings.Contains(out.String(), want) {
			t.Errorf("-o %s: exit %d, no %q in\n%.600s", format, code, want, out.String())
		}
	}
}

// TestFleetExits holds the table of exit codes of docs/fleet.md.
func TestFleetExits(t *testing.T) {
	l := newFleetLab(t, 4)
	l.env.run.Embedded.Retries.Attempts = 1
	bad := l.members[0].ID()
	refuse := func(id string) {
		l.cloud.Fault(awstest.Fault{Kind: awstest.Denied, Operation: "sts:AssumeRole", Resource: id})
	}
	config := func(entry string) string {
		file := filepath.Join(t.TempDir(), "monitorctl.yaml")
		l.must(os.WriteFile(file, []byte("unreadable:\n  - {account: \""+bad+"\", reason: forensics, expires: "+entry+"}\n"), 0o600))
		return file
	}
	good := []string{"nacl-changes"}
	fails := []string{"vpc-changes"}
	l.audit(exit.Done, good...)
	if r := l.audit(exit.Done, slices.Concat(good, []string{"--config", config("2099-01-01")})...); !strings.Contains(r.err, "could be read: the entry can be removed") {
		t.Errorf("an entry that nothing needs: %s", r.err)
	}
	refuse(bad)
	l.audit(exit.ControlsFailed, fails...)
	l.audit(exit.Failed, good...)
	l.audit(exit.Done, slices.Concat(good, []string{"--allow-unreadable", "1"})...)
	r := readFleet(t, l.audit(exit.Done, slices.Concat(good, []string{"--config", config("2099-01-01"), "-o", "json"})...))
	if r.by()[bad] != "unknown" {
		t.Errorf("an account that may be unreadable is %s", r.by()[bad])
	}
	if r := l.audit(exit.Failed, slices.Concat(good, []string{"--config", config("2020-01-01")})...); !strings.Contains(r.err, "held until 2020-01-01") {
		t.Errorf("an entry that is over: %s", r.err)
	}
	refuse(l.members[1].ID())
	l.audit(exit.Failed, slices.Concat(good, []string{"--config", config("2099-01-01")})...)
	l.audit(exit.Done, slices.Concat(good, []string{"--config", config("2099-01-01"), "--allow-unreadable", "1"})...)
	l.cloud.ClearFaults()
	l.members[0].Member(awstest.MemberOptions{State: "SUSPENDED"})
	l.audit(exit.Done, good...)
	l.cloud.Fault(awstest.Fault{Kind: awstest.Denied, Operation: "organizations:ListAccounts"})
	l.audit(exit.Failed, good...)
	l.cloud.ClearFaults()
	l.audit(exit.WrongUsage, "nacl-changes", "--denied-regions", "never")
}

// TestFleetDeniedRegions has an account without a multi-region trail in whose second region
// a service control policy denies everything.
func TestFleetDeniedRegions(t *testing.T) {
	l := newFleetLab(t, 3)
	a := l.members[1]
	a.Member(awstest.MemberOptions{ShadowFrom: l.cloud.Now().AddDate(0, 0, 1)})
	l.own(a, fleetControls[0])
	l.must(a.Region(demoRegion).UpdateTrail(awstest.UpdateTrailInput{Name: "own", IsMultiRegionTrail: new(bool)}))
	l.must(a.ServiceControlPolicy(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":["sts:*","organizations:*","account:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"` + demoRegion + `"}}}]}`))
	r := readFleet(t, l.audit(exit.Failed, fleetControls[0], "-o", "json"))
	if r.by()[a.ID()] != "unknown" {
		t.Fatalf("got %v", r.by())
	}
	for _, f := range r.Findings {
		if f.Account == a.ID() && (f.Reasons[0].Code != "not-readable" || !strings.Contains(f.Reasons[0].Message, "service control policy")) {
			t.Errorf("%+v", f.Reasons)
		}
	}
	dir := filepath.Join(t.TempDir(), "d")
	if out := l.audit(exit.Done, fleetControls[0], "--denied-regions", "skip", "--dir", dir).out; !strings.Contains(out, "Regions left out, because a service control policy denies them: us-east-1 (1 account)") {
		t.Errorf("the table does not say what was left out:\n%s", out)
	}
	if out := l.want(exit.Done, "audit", fleetControls[0], "--snapshot", dir, "-o", "json").out; !strings.Contains(out, `"deniedRegions":["us-east-1"]`) {
		t.Errorf("judged again:\n%.2000s", out)
	}
}

// TestFleetCallsThatFail has each call fail that is made for the fleet and not for one
// account: once, which changes nothing, and for good.
func TestFleetCallsThatFail(t *testing.T) {
	l := newFleetLab(t, 3)
	ou := l.management.Unit("", "Sandbox")
	for _, a := range l.members {
		a.Member(awstest.MemberOptions{OU: ou, Tags: map[string]string{"team": "a"}})
	}
	l.cloud.Fault(awstest.Fault{Kind: awstest.Denied, Operation: "sts:AssumeRole", Resource: l.members[0].ID()})
	args := []string{"nacl-changes", "-o", "jsonl", "--ou", "/Sandbox", "--account-tag", "team=a", "--allow-unreadable", "1"}
	want := l.audit(exit.Done, args...).out
	for operation, says := range map[string]string{
		"organizations:DescribeOrganization":             "asking for the organization: organizations:DescribeOrganization",
		"organizations:ListAccounts":                     "organizations:ListAccounts",
		"organizations:ListRoots":                        "organizations:ListRoots",
		"organizations:ListOrganizationalUnitsForParent": "organizations:ListOrganizationalUnitsForParent",
		"organizations:ListTagsForResource":              "organizations:ListTagsForResource",
		"organizations:DescribeAccount":                  "", // the account may as well have left: it stays unreadable
		"oam:ListLinks":                                  "", // an alarm is found without it
		"cloudwatch:DescribeAlarmHistory":                "", // a note
		"cloudtrail:GetTrailStatus":                      "could not be checked",
		"logs:DescribeMetricFilters":                     "could not be checked",
		"sts:GetCallerIdentity":                          "asking who is calling",
	} {
		kind := []awstest.FaultKind{awstest.Throttle, awstest.ServerError, awstest.Reset}[len(operation)%3]
		l.cloud.Fault(awstest.Fault{Kind: kind, Operation: operation, Times: 1})
		if r := l.audit(exit.Done, args...); r.out != want {
			t.Errorf("%s fails once, by %d: another report", operation, kind)
		}
		l.cloud.ClearFaults()
		l.cloud.Fault(awstest.Fault{Kind: awstest.Denied, Operation: "sts:AssumeRole", Resource: l.members[0].ID()})
		l.cloud.Fault(awstest.Fault{Kind: awstest.Denied, Operation: operation})
		code := exit.Failed
		if says == "" {
			code = exit.Done
		}
		if r := l.audit(code, args...); !strings.Contains(r.err, says) || says == "" && r.out == "" {
			t.Errorf("%s is denied: %s", operation, r.err)
		}
		l.cloud.ClearFaults()
		l.cloud.Fault(awstest.Fault{Kind: awstest.Denied, Operation: "sts:AssumeRole", Resource: l.members[0].ID()})
	}
}
