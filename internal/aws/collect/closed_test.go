package collect

import (
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

const onlyHome = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":["sts:*","organizations:*","iam:*","account:*"],"Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"` + homeRegion + `"}}}]}`

// A region that a service control policy denies gets one call and no more: what else is
// asked there has the same answer. It is left out where that is wanted, unless a
// multi-region trail records there.
func TestDeniedRegions(t *testing.T) {
	hub := []catalog.Control{{ID: "security-hub-enabled", Type: catalog.State, State: catalog.SecurityHub}}
	for _, tt := range []struct {
		name        string
		multiRegion bool
		skip        bool
		scope       []string
	}{
		{"unknown", false, false, threeRegions},
		{"left out", false, true, []string{homeRegion}},
		{"recorded all the same", true, true, threeRegions},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, awstest.Options{})
			l.must(l.home.CreateLogGroup(awstest.CreateLogGroupInput{LogGroupName: groupName}))
			l.trailTo(l.home, "own", groupName, tt.multiRegion)
			l.cloud.NamedOrganization("o-fleet00001", l.cloud.Account("100000000000", awstest.AccountOptions{}), l.acct)
			l.must(l.acct.ServiceControlPolicy(onlyHome))
			l.cloud.ResetCalls()
			a := l.collect(Options{Controls: hub, SkipDenied: tt.skip}).Accounts[0]
			for _, c := range l.cloud.Calls() {
				if slices.Contains([]string{"eu-west-1", "us-east-1"}, c.Region) && c.Operation != "cloudtrail:DescribeTrails" && regional(c.Operation) {
					t.Errorf("%s in %s", c.Operation, c.Region)
				}
			}
			if n := l.cloud.CallCounts()["cloudtrail:DescribeTrails"]; n != 3 {
				t.Errorf("%d calls of DescribeTrails", n)
			}
			if !slices.Equal(a.Scope, tt.scope) || len(a.DeniedRegions) != 3-len(tt.scope) {
				t.Errorf("scope %v, left out %v", a.Scope, a.DeniedRegions)
			}
			r := a.Region("eu-west-1")
			if tt.skip && !tt.multiRegion {
				if r != nil {
					t.Errorf("a region that was left out: %+v", r)
				}
				return
			}
			if f := r.SecurityHub.Failed(); f == nil || f.Operation != "securityhub:DescribeHub" || !strings.Contains(f.Message, "service control policy") {
				t.Errorf("the hub: %+v", f)
			}
		})
	}
}

// A refusal of another kind, or of another call, closes no region.
func TestOtherRefusalsCloseNoRegion(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.rich()
	l.cloud.Fault(awstest.Fault{Kind: awstest.ErrorCode, Code: "AccessDeniedException", Operation: "cloudtrail:GetTrailStatus", Text: "with an explicit deny in a service control policy"})
	l.cloud.ResetCalls()
	l.collect(Options{})
	if n := l.cloud.CallCounts()["logs:DescribeMetricFilters"]; n == 0 {
		t.Error("the filters are not read")
	}
}

func regional(operation string) bool {
	service, _, _ := strings.Cut(operation, ":")
	return slices.Contains(regionalServices, service)
}
