package collect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/awstest"
	fleet "github.com/monitorctl/monitorctl/internal/fleet/targets"
)

// members makes an organization of the lab's account and so many others, each with a role
// "audit" and a trail of its own name.
func (l *lab) members(n int) []*awstest.Account {
	l.t.Helper()
	var list []*awstest.Account
	for i := range n {
		a := l.cloud.Account(fmt.Sprintf("2%011d", i), awstest.AccountOptions{Regions: threeRegions})
		a.Role("audit", awstest.RoleOptions{ExternalID: "x-1"})
		_, err := a.Region(homeRegion).CreateTrail(awstest.CreateTrailInput{Name: "trail-" + a.ID(), S3BucketName: "b"})
		l.must(err)
		list = append(list, a)
	}
	l.cloud.NamedOrganization("o-fleet00001", l.acct, list...)
	return list
}

// TestFleetDoesNotMixAccounts reads accounts of different content over shared clients,
// many at once, and finds in each what is there.
func TestFleetDoesNotMixAccounts(t *testing.T) {
	l := newLab(t, awstest.Options{})
	list := l.members(4)
	f := NewFleet(l.session(Config{}), 8)
	ctx := context.Background()
	base, err := f.Base(ctx)
	l.must(err)
	var wg sync.WaitGroup
	for i := range 400 {
		wg.Go(func() {
			id := list[i%len(list)].ID()
			s, err := f.Assume(ctx, base, Role{ARN: "arn:aws:iam::" + id + ":role/audit", ExternalID: "x-1"})
			if err != nil {
				t.Error(err)
				return
			}
			snap, err := Glance(ctx, s, homeRegion, threeRegions, nil, l.cloud.Now())
			if err != nil || snap.Accounts[0].ID != id || len(snap.Accounts[0].Trails) != 1 || snap.Accounts[0].Trails[0].Name != "trail-"+id {
				t.Errorf("account %s: %v, %+v", id, err, snap.Accounts)
			}
		})
	}
	wg.Wait()
	if _, err := f.shared.in(homeRegion).trails.DescribeTrails(ctx, nil); !errors.Is(err, errNobody) {
		t.Errorf("a call on behalf of nobody: %v", err)
	}
	if n := len(f.shared.pacer.limiters); n != 0 {
		t.Errorf("%d limiters outlive their accounts", n)
	}
	if c, _ := base.Caller(ctx); c.Account != acct {
		t.Errorf("the base is %s", c.Account)
	}
}

// TestAssume tells apart why there is no way in, and clips the session.
func TestAssume(t *testing.T) {
	l := newLab(t, awstest.Options{})
	list := l.members(1)
	f := NewFleet(l.session(Config{}), 8)
	ctx := context.Background()
	base, err := f.Base(ctx)
	l.must(err)
	arn := "arn:aws:iam::" + list[0].ID() + ":role/audit"
	_, err = f.Assume(ctx, base, Role{ARN: arn, ExternalID: "wrong"})
	var call *CallError
	if !errors.As(err, &call) || call.Operation != "sts:AssumeRole" || call.Code != "AccessDenied" {
		t.Errorf("a wrong external id: %v", err)
	}
	s, err := f.Assume(ctx, base, Role{ARN: arn, ExternalID: "x-1", Policy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}`})
	l.must(err)
	snap, err := Glance(ctx, s, homeRegion, threeRegions, nil, l.cloud.Now())
	l.must(err)
	if failed := snap.Accounts[0].Regions[0].Trails.Failed(); failed == nil || failed.Code != "AccessDeniedException" {
		t.Errorf("a clipped session reads trails: %+v", snap.Accounts[0].Regions[0].Trails)
	}
}

func TestRoleARN(t *testing.T) {
	for role, want := range map[string]string{
		"audit":                                "arn:aws:iam::111122223333:role/audit",
		"role/audit":                           "arn:aws:iam::111122223333:role/audit",
		"team/audit":                           "arn:aws:iam::111122223333:role/team/audit",
		"arn:aws:iam::{Id}:role/audit":         "arn:aws:iam::111122223333:role/audit",
		"arn:aws:iam::{account_id}:role/audit": "arn:aws:iam::111122223333:role/audit",
		"arn:aws-cn:iam::444455556666:role/x":  "arn:aws-cn:iam::444455556666:role/x",
		"arn:aws:iam::{Id}:user/audit":         "",
		"arn:aws:iam::{Name}:role/audit":       "",
		"":                                     "",
	} {
		got, err := RoleARN(role, "aws", "111122223333")
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v; want %q", role, got, err, want)
		}
	}
}

// TestDirectory lists an organization whose pages are partly empty, from both forms of the
// list.
func TestDirectory(t *testing.T) {
	for _, plain := range []bool{false, true} {
		l := newLab(t, awstest.Options{})
		list := l.members(45)
		ou := l.acct.Unit("", "Workloads")
		inner := l.acct.Unit(ou, "Prod")
		list[7].Member(awstest.MemberOptions{Name: "prod", OU: inner, State: "SUSPENDED", Tags: map[string]string{"team": "a"}})
		l.acct.Listing(awstest.ListingOptions{EmptyEvery: 2, NoPaths: plain})
		ctx := context.Background()
		d, err := OpenDirectory(ctx, l.session(Config{}))
		l.must(err)
		units, err := d.ReadUnits(ctx, plain)
		l.must(err)
		var got []fleet.Target
		for target, err := range d.Accounts(ctx) {
			l.must(err)
			units.Place(&target)
			got = append(got, target)
		}
		if len(got) != 46 {
			t.Fatalf("%d accounts", len(got))
		}
		i := slices.IndexFunc(got, func(t fleet.Target) bool { return t.ID == list[7].ID() })
		want := fleet.Target{ID: list[7].ID(), Name: "prod", Email: list[7].ID() + "@example.com", State: "SUSPENDED",
			Path: "o-fleet00001/r-0001/" + ou + "/" + inner + "/", Names: "/Workloads/Prod", Joined: l.cloud.Now().AddDate(-1, 0, 0)}
		if diff := cmp.Diff(want, got[i]); diff != "" {
			t.Errorf("plain %v: %s", plain, diff)
		}
		if got[0].Names != "/" {
			t.Errorf("an account of the root: %+v", got[0])
		}
		tags, err := d.Tags(ctx, list[7].ID())
		if err != nil || tags["team"] != "a" {
			t.Errorf("tags %v, %v", tags, err)
		}
		if d.Left(ctx, list[8].ID()) {
			t.Error("a member is taken for one that left")
		}
		list[8].LeaveOrganization()
		if !d.Left(ctx, list[8].ID()) {
			t.Error("an account that left is taken for a member")
		}
	}
}

// TestDirectoryErrors ends a list that fails with the error, once.
func TestDirectoryErrors(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.members(45)
	ctx := context.Background()
	d, err := OpenDirectory(ctx, l.session(Config{}))
	l.must(err)
	l.cloud.Fault(awstest.Fault{Operation: "organizations:ListAccounts", Kind: awstest.Denied, After: 1})
	n, failed := 0, 0
	for _, err := range d.Accounts(ctx) {
		if err != nil {
			failed++
			if !strings.Contains(err.Error(), "organizations:ListAccounts: AccessDenied") {
				t.Error(err)
			}
		} else {
			n++
		}
	}
	if n != 20 || failed != 1 {
		t.Errorf("%d accounts and %d errors", n, failed)
	}
}
