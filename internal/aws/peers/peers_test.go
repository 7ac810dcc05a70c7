package peers_test

import (
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/peers"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/patterns"
)

const home = "eu-central-1"

// holding is an account with a trail into the log group "trail", and these filters.
func holding(filters ...account.MetricFilter) *account.Account {
	return &account.Account{
		ID:     "111122223333",
		Trails: []account.Trail{{ARN: "arn", LogGroupARN: "arn:aws:logs:eu-central-1:111122223333:log-group:trail:*"}},
		Regions: []account.Region{{
			Name: home, Trails: &account.Read[[]string]{Value: []string{"arn"}}, MetricFilters: &account.Read[[]account.MetricFilter]{Value: filters},
		}},
	}
}

func opinion(t *testing.T, a *account.Account, id string, p catalog.Peer, b catalog.Benchmark) finding.Opinion {
	t.Helper()
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	c, err := cat.Find(id, b)
	if err != nil {
		t.Fatal(err)
	}
	list := peers.Opinions(a, c, b, []catalog.Peer{p})
	if len(list) != 1 {
		t.Fatalf("%d opinions of %s", len(list), id)
	}
	return list[0]
}

func TestOpinions(t *testing.T) {
	const six = `{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }`
	on := func(group, text string) account.MetricFilter {
		return account.MetricFilter{LogGroup: group, Name: "sg", Pattern: text}
	}
	const id, b = "security-group-changes", catalog.Benchmark("cis-5.0.0")
	unread, denied, elsewhere := holding(), holding(), holding(on("trail", six))
	unread.Regions[0].MetricFilters = &account.Read[[]account.MetricFilter]{Failure: &account.Failure{Operation: "logs:DescribeMetricFilters", Code: "AccessDenied"}}
	denied.Regions[0].Trails = &account.Read[[]string]{Failure: &account.Failure{Operation: "cloudtrail:DescribeTrails", Code: "AccessDenied"}}
	elsewhere.Trails[0].LogGroupARN = "arn:aws:logs:eu-central-1:999988887777:log-group:trail:*"
	tests := []struct {
		name   string
		a      *account.Account
		peer   catalog.Peer
		status finding.Status
		why    string
	}{
		{"the six names", holding(on("trail", six)), catalog.SecurityHubPeer, finding.Pass, ""},
		{"on a log group that no trail feeds", holding(on("other", six)), catalog.SecurityHubPeer, finding.Fail, "looks for the text cis-6-events in its own filter"},
		{"on a log group of another account", elsewhere, catalog.SecurityHubPeer, finding.Fail, "looks for the text cis-6-events in its own filter"},
		{"one name less than wanted", holding(on("trail", six)), catalog.PowerpipePeer, finding.Fail,
			"looks for all of the text cis-7-events in one filter, and sg lacks $.eventName = ModifySecurityGroupRules"},
		{"nothing like it", holding(on("trail", "{ $.a = b }")), catalog.PowerpipePeer, finding.Fail, "looks for all of the text cis-7-events in one filter"},
		{"filters that could not be read", unread, catalog.ProwlerPeer, finding.Unknown, "the metric filters of eu-central-1 could not be read"},
		{"trails that could not be read", denied, catalog.ProwlerPeer, finding.Unknown, "the trails of eu-central-1 could not be read"},
	}
	for _, tt := range tests {
		if got := opinion(t, tt.a, id, tt.peer, b); got.Status != tt.status || got.Why != tt.why || got.Peer != string(tt.peer) {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
	if got := opinion(t, holding(), "unauthorized-api-calls", catalog.CustodianPeer, "cis-1.4.0"); got.Status != finding.Fail ||
		got.Why != "looks for the text cis-1.3-or, which monitorctl never writes: it matches nearly every event, and the alarm would never leave ALARM" {
		t.Errorf("a tautology: %+v", got)
	}
}
