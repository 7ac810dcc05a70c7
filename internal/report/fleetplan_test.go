package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// fleetRepair is a plan for many accounts, with all that one may hold.
func fleetRepair() FleetPlan {
	owner, member := repair(), blocked()
	ref := func(p string, name string) FleetRef {
		return FleetRef{ID: p, Name: name, OUPath: "o-a/r-b/ou-c/", OUNames: "/Sandbox"}
	}
	id := owner.Before.Accounts[0].ID
	return FleetPlan{
		Name:     "acme",
		Header:   FleetHeader{Report: owner.Before, Organization: "o-a1b2c3d4e5", Trails: []FleetTrail{{Name: "t", Account: "100000000000", LogGroup: "ct", Owner: id, Region: "eu-central-1"}}},
		Accounts: 30, Unreadable: 1, Skipped: 2, Fixed: 12,
		Owners: []FleetPlanned{{Accounts: []FleetRef{ref(id, "log")}, Plan: owner}},
		Members: []FleetPlanned{
			{Accounts: []FleetRef{ref(id, "a"), ref("300000000002", "b\x1b[2J")}, Plan: owner},
			{Accounts: []FleetRef{ref(id, "c")}, Plan: member},
		},
		Left:    []FleetLeft{{Text: "no trail", Accounts: []FleetRef{ref("300000000003", "")}}},
		Failing: []string{"300000000003"},
		Rows:    []FleetPredicted{{Control: "vpc-changes", Number: "4.14", Now: map[finding.Status]int{finding.Fail: 15, finding.Pass: 15}, Owners: map[finding.Status]int{finding.Fail: 3}}},
		Mails:   FleetMails{Accounts: 3, Addresses: 2, Confirmations: 6},
	}
}

// TestFleetPlan writes a plan for many accounts in the published form, and in words that are
// safe to show.
func TestFleetPlan(t *testing.T) {
	var b bytes.Buffer
	if err := FleetPlanJSON(&b, fleetRepair(), Options{Version: "1.2.3"}); err != nil {
		t.Fatal(err)
	}
	validate(t, compileSchemas(t, true)["fleet-plan"], b.Bytes())
	b.Reset()
	if err := FleetPlanText(&b, fleetRepair(), Options{Width: 200}); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{
		"Organization o-a1b2c3d4e5 (acme): 30 accounts checked, 1 of them unreadable; 2 skipped", "fixes 12 accounts", "2 accounts with the same plan",
		"E-mail: 6 confirmations to make (3 accounts, 2 addresses).", "aws:SourceOrgID o-a1b2c3d4e5", "2 accounts need --write-accounts", "1 account has a conflict",
		"no trail (1 account: 300000000003)",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the plan lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "\x1b") || strings.Contains(text, "stackset") {
		t.Errorf("the plan moves the cursor, or offers a template for two accounts:\n%s", text)
	}
	p := fleetRepair()
	p.Members[0].Accounts = append(p.Members[0].Accounts, make([]FleetRef, ManyMembers)...)
	if next := strings.Join(FleetNext(p), "\n"); !strings.Contains(next, "export cloudformation --stackset") {
		t.Errorf("no template is offered:\n%s", next)
	}
}
