package cmd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestFleetPlanTerms plans an account for what is asked of it: what is waived where it stands
// is not repaired, what its scope leaves out neither, and apply finds the same again.
func TestFleetPlanTerms(t *testing.T) {
	l := newWriteLab(t, 4)
	sandbox, inner := l.management.Unit("", "Sandbox"), l.management.Unit("", "Inner")
	waived, tagged, scoped, plain := l.members[1], l.members[2], l.members[3], l.members[4]
	alone := l.cloud.Now().AddDate(1, 0, 0) // the organization's trail does not reach them
	waived.Member(awstest.MemberOptions{OU: sandbox, ShadowFrom: alone})
	tagged.Member(awstest.MemberOptions{Tags: map[string]string{"stage": "dev"}, ShadowFrom: alone})
	scoped.Member(awstest.MemberOptions{OU: inner, ShadowFrom: alone})
	file := filepath.Join(t.TempDir(), "monitorctl.yaml")
	l.must(os.WriteFile(file, []byte("set: core\nscopes:\n  - {match: {ou: "+inner+"}, set: cis, regions: [eu-central-1]}\n"+
		"waivers:\n"+
		"  - {control: nacl-changes, ou: /Sandbox, reason: sandbox, expires: 2099-12-31}\n"+
		"  - {control: network-gateway-changes, ou: /Sandbox, reason: sandbox, expires: 2099-12-31}\n"+
		"  - {control: network-gateway-changes, tag: stage=dev, reason: dev, expires: 2099-12-31}\n"), 0o600))
	dir, p := l.saved("--config", file, "--subscribe", "sms:+4915112345678")
	got := map[string][]string{}
	for _, m := range p.Members {
		for _, a := range m.Accounts {
			for _, x := range m.Actions {
				if x.Kind == "put-metric-filter" {
					got[a.ID] = append(got[a.ID], x.Name)
				}
			}
		}
	}
	const gateways, groups, acls, guard = "VPCGatewayConfigChanges", "SecurityGroupConfigChanges", "NetworkAclConfigChanges", "GuardDutyConfigChanges"
	if n := len(got[scoped.ID()]); n < 12 || slices.Contains(got[scoped.ID()], guard) {
		t.Errorf("the set of its unit: %q", got[scoped.ID()])
	}
	delete(got, scoped.ID())
	if diff := cmp.Diff(map[string][]string{waived.ID(): {groups, guard}, tagged.ID(): {groups, acls, guard}, plain.ID(): {gateways, groups, acls, guard}}, got); diff != "" {
		t.Errorf("filters planned: %s", diff)
	}
	if i := slices.IndexFunc(p.Owners[0].Actions, func(x struct{ Kind, Account, Name string }) bool { return x.Name == gateways }); i < 0 {
		t.Error("what is waived in some accounts is needed by the others, and not planned for the owner")
	}

	l.cloud.ResetCalls()
	l.applied(exit.ControlsFailed, dir, "--config", file, "--write-accounts", "all", "--expect-accounts", "5")
	for _, c := range l.cloud.Calls() {
		if c.Account == scoped.ID() && c.Region != "eu-central-1" && strings.HasPrefix(c.Operation, "logs:") {
			t.Errorf("%s in %s, which its scope leaves out", c.Operation, c.Region)
		}
	}
	r := readFleet(t, l.audit(exit.ControlsFailed, "--config", file, "-o", "json"))
	for _, f := range r.Findings { // the last member has no trail
		if f.Status == "fail" && f.Account != l.members[5].ID() && (f.Account != scoped.ID() || f.Control != "security-hub-enabled") {
			t.Errorf("%s of %s still fails", f.Control, f.Account)
		}
	}
	if r.Summary["waived"] != 3 {
		t.Errorf("%v", r.Summary)
	}
}
