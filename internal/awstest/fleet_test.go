package awstest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// A fleet is an organization whose management account is 100000000000.
func fleet(t *testing.T, members int) (c *Cloud, management *Account, list []*Account) {
	t.Helper()
	c = New(Options{Start: time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)})
	management = c.Account("100000000000", AccountOptions{Regions: []string{"us-east-1", "eu-central-1"}})
	for i := range members {
		list = append(list, c.Account(fmt.Sprintf("1%011d", i+1), AccountOptions{Regions: []string{"us-east-1", "eu-central-1"}}))
	}
	c.NamedOrganization("o-fleet00001", management, list...)
	return c, management, list
}

// ask runs an operation as an account, past the wire; the error is of the service.
func ask[Out any](c *Cloud, by principal, svc *service, op string, in any) (*Out, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	req := &request{svc: svc, op: op, principal: by, region: by.account.regionOr("us-east-1"), input: in}
	if err := c.permit(req, req.action()); err != nil {
		return nil, err
	}
	out, err := perform(c.callFor(req, req.region), svc, svc.ops[op], in)
	if err != nil {
		return nil, err
	}
	return out.(*Out), nil
}

func as(a *Account) principal {
	return principal{account: a, arn: "arn:aws:iam::" + a.id + ":user/tester"}
}

func codeOf(err error) string {
	var api *APIError
	if errors.As(err, &api) {
		return api.Code
	}
	return fmt.Sprint(err)
}

// TestListAccounts reads all pages, empty ones too, and finds what each account
// was made with.
func TestListAccounts(t *testing.T) {
	c, management, list := fleet(t, 57)
	ou := management.Unit("", "Workloads")
	inner := management.Unit(ou, "Prod")
	joined := time.Date(2026, 11, 29, 0, 0, 0, 0, time.UTC)
	list[3].Member(MemberOptions{Name: "dev-emea", OU: inner, Joined: joined, State: "SUSPENDED", Tags: map[string]string{"team": "a"}})
	management.Listing(ListingOptions{EmptyEvery: 2})
	var got []organizationAccount
	pages, empty, token := 0, 0, ""
	for {
		out, err := ask[listAccountsOutput](c, as(management), organizationsService, "ListAccounts", &listAccountsInput{NextToken: token})
		if err != nil {
			t.Fatal(err)
		}
		pages++
		if len(out.Accounts) == 0 {
			empty++
		}
		got = append(got, out.Accounts...)
		if token = out.NextToken; token == "" {
			break
		}
	}
	if len(got) != 58 || pages != 4 || empty != 1 {
		t.Fatalf("%d accounts on %d pages, %d of them empty; want 58 on 4, 1 empty", len(got), pages, empty)
	}
	want := organizationAccount{ID: "100000000004", ARN: "arn:aws:organizations::100000000000:account/o-fleet00001/100000000004", Name: "dev-emea", Email: "100000000004@example.com",
		Status: "SUSPENDED", State: "SUSPENDED", Paths: []string{"o-fleet00001/r-0001/" + ou + "/" + inner + "/"}, Joined: &timestamp{joined}}
	if text(got[4]) != text(want) {
		t.Errorf("got  %s\nwant %s", text(got[4]), text(want))
	}
	if text(got[5].Paths) != `["o-fleet00001/r-0001/"]` || got[5].State != "ACTIVE" {
		t.Errorf("an account of the root: %s", text(got[5]))
	}

	if _, err := ask[listAccountsOutput](c, as(list[0]), organizationsService, "ListAccounts", &listAccountsInput{}); codeOf(err) != "AccessDeniedException" {
		t.Errorf("a member lists accounts: %v", err)
	}
	list[0].Delegate()
	if _, err := ask[listAccountsOutput](c, as(list[0]), organizationsService, "ListAccounts", &listAccountsInput{}); err != nil {
		t.Errorf("a delegated administrator: %v", err)
	}
	below, err := ask[listAccountsOutput](c, as(list[0]), organizationsService, "ListAccountsForParent", &parentInput{ParentID: inner})
	if err != nil || len(below.Accounts) != 1 {
		t.Errorf("accounts of a unit: %+v, %v", below, err)
	}
	units, err := ask[listUnitsOutput](c, as(management), organizationsService, "ListOrganizationalUnitsForParent", &parentInput{ParentID: "r-0001"})
	if err != nil || len(units.OrganizationalUnits) != 1 || units.OrganizationalUnits[0].Name != "Workloads" {
		t.Errorf("units of the root: %+v, %v", units, err)
	}
	tags, err := ask[organizationTagsOutput](c, as(management), organizationsService, "ListTagsForResource", &organizationTagsInput{ResourceID: list[3].id})
	if err != nil || text(tags.Tags) != `[{"Key":"team","Value":"a"}]` {
		t.Errorf("tags: %+v, %v", tags, err)
	}
	list[3].LeaveOrganization()
	if _, err := ask[describeAccountOutput](c, as(management), organizationsService, "DescribeAccount", &accountIDInput{list[3].id}); codeOf(err) != "AccountNotFoundException" {
		t.Errorf("an account that left: %v", err)
	}
}

func text(v any) string {
	data, _ := json.Marshal(v)
	return string(data)
}

// TestSessions holds what AssumeRole grants: the intersection with the session policy, and
// an hour at most for chained roles.
func TestSessions(t *testing.T) {
	c, management, list := fleet(t, 2)
	arn := list[0].Role("audit", RoleOptions{MaxSession: 7200})
	list[1].Role("second", RoleOptions{MaxSession: 7200})
	assume := func(by principal, in assumeRoleInput) (principal, error) {
		in.RoleSessionName = "test"
		out, err := ask[assumeRoleOutput](c, by, stsService, "AssumeRole", &in)
		if err != nil {
			return principal{}, err
		}
		return c.keys[out.Credentials.AccessKeyID], nil
	}
	const policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["cloudtrail:Describe*","sts:AssumeRole"],"Resource":"*"}]}`
	clipped, err := assume(as(management), assumeRoleInput{RoleARN: arn, Policy: policy, DurationSeconds: 7200})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ask[describeTrailsOutput](c, clipped, cloudtrailService, "DescribeTrails", &describeTrailsInput{}); err != nil {
		t.Errorf("what the session policy allows: %v", err)
	}
	if _, err := ask[listTrailsOutput](c, clipped, cloudtrailService, "ListTrails", &listTrailsInput{}); codeOf(err) != "AccessDeniedException" {
		t.Errorf("what the session policy does not allow: %v", err)
	}
	c.Deny("cloudtrail:*")
	if _, err := ask[describeTrailsOutput](c, clipped, cloudtrailService, "DescribeTrails", &describeTrailsInput{}); codeOf(err) != "AccessDeniedException" {
		t.Errorf("a session policy gives nothing that its role lacks: %v", err)
	}
	c.AllowAll()
	if _, err := assume(clipped, assumeRoleInput{RoleARN: "arn:aws:iam::100000000002:role/second", DurationSeconds: 3601}); codeOf(err) != "ValidationError" {
		t.Errorf("a chained role for more than an hour: %v", err)
	}
	if _, err := assume(clipped, assumeRoleInput{RoleARN: "arn:aws:iam::100000000002:role/second", DurationSeconds: 3600}); err != nil {
		t.Errorf("a chained role for an hour: %v", err)
	}
	long := policy + strings.Repeat(" ", 2049-len(policy))
	if _, err := assume(as(management), assumeRoleInput{RoleARN: arn, Policy: long}); codeOf(err) != "ValidationError" {
		t.Errorf("a policy of 2,049 characters: %v", err)
	}
}

// TestServiceControlPolicy denies a region, in AWS's words, but not to the management
// account.
func TestServiceControlPolicy(t *testing.T) {
	c, management, list := fleet(t, 1)
	const document = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":["sts:*","organizations:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"eu-central-1"}}}]}`
	for _, a := range []*Account{management, list[0]} {
		if err := a.ServiceControlPolicy(document); err != nil {
			t.Fatal(err)
		}
	}
	_, err := ask[describeTrailsOutput](c, as(list[0]), cloudtrailService, "DescribeTrails", &describeTrailsInput{})
	if codeOf(err) != "AccessDeniedException" || !strings.Contains(err.Error(), "with an explicit deny in a service control policy") {
		t.Errorf("a member in a denied region: %v", err)
	}
	if _, err := ask[callerIdentity](c, as(list[0]), stsService, "GetCallerIdentity", &none{}); err != nil {
		t.Errorf("what is spared: %v", err)
	}
	if _, err := ask[describeTrailsOutput](c, as(management), cloudtrailService, "DescribeTrails", &describeTrailsInput{}); err != nil {
		t.Errorf("the management account: %v", err)
	}
}

// TestDelegatedTrail makes a trail as a delegated administrator: it belongs to the
// management account, and shows up in members when their time has come.
func TestDelegatedTrail(t *testing.T) {
	c, management, list := fleet(t, 3)
	home := list[0].Region("eu-central-1")
	if err := home.CreateLogGroup(CreateLogGroupInput{LogGroupName: "ct"}); err != nil {
		t.Fatal(err)
	}
	in := CreateTrailInput{Name: "org", S3BucketName: "b", IsMultiRegionTrail: true, IsOrganizationTrail: true,
		CloudWatchLogsLogGroupARN: "arn:aws:logs:eu-central-1:100000000001:log-group:ct:*", CloudWatchLogsRoleARN: "arn:aws:iam::100000000001:role/ct"}
	if _, err := home.CreateTrail(in); codeOf(err) != "NotOrganizationMasterAccountException" {
		t.Errorf("a plain member makes a trail of the organization: %v", err)
	}
	list[0].Delegate()
	arn, err := home.CreateTrail(in)
	if err != nil || arn != "arn:aws:cloudtrail:eu-central-1:100000000000:trail/org" {
		t.Fatalf("got %s, %v", arn, err)
	}
	if err := management.Region("eu-central-1").StartLogging("org"); err != nil {
		t.Fatal(err)
	}
	list[2].Member(MemberOptions{ShadowFrom: c.Now().Add(time.Hour)})
	shows := func(a *Account) int {
		out, err := ask[describeTrailsOutput](c, as(a), cloudtrailService, "DescribeTrails", &describeTrailsInput{})
		if err != nil {
			t.Fatal(err)
		}
		return len(out.TrailList)
	}
	if shows(list[1]) != 1 || shows(list[2]) != 0 {
		t.Errorf("shadows: %d and %d, want 1 and 0", shows(list[1]), shows(list[2]))
	}
	c.Advance(time.Hour)
	if shows(list[2]) != 1 {
		t.Error("the shadow does not come")
	}
}
