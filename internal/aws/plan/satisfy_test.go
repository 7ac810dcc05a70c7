package plan_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/peers"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/patterns"
)

// bare is the baseline with a trail and nothing behind its log group.
func bare(t *testing.T) account.Snapshot {
	t.Helper()
	snap := baseline(t)
	home(&snap).MetricFilters.Value = nil
	home(&snap).Alarms.Value = account.Alarms{}
	a := &snap.Accounts[0] // the fewer regions, the faster
	a.Regions = slices.DeleteFunc(a.Regions, func(r account.Region) bool { return r.Name != testRegion && r.Name != "us-east-1" })
	a.Scope = []string{testRegion, "us-east-1"}
	return snap
}

// cis returns the controls of a version with these ids, without ids all.
func cis(t *testing.T, b catalog.Benchmark, names ...string) []catalog.Control {
	t.Helper()
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	controls, err := cat.Select(names, "cis", b)
	if err != nil {
		t.Fatal(err)
	}
	return controls
}

// disputed are controls for which peers want different texts. With
// unauthorized-api-calls, too, a plan would take thirty times as long.
var disputed = []string{"console-signin-without-mfa", "root-usage", "security-group-changes", "route-table-changes", "organizations-changes"}

// satisfying are the options that satisfy peers in a benchmark version.
func satisfying(b catalog.Benchmark, noise bool, peers ...catalog.Peer) plan.Options {
	o := plan.Options{Subscribers: []plan.Subscriber{person}, Satisfy: desired.Satisfy{Peers: peers, Noise: noise}}
	o.Audit.Benchmark, o.Audit.Peers = b, peers
	return o
}

// applied is a snapshot after a plan, which must have no conflicts.
func applied(t *testing.T, snap account.Snapshot, controls []catalog.Control, o plan.Options) (account.Snapshot, change.Plan) {
	t.Helper()
	p := planFor(t, snap, controls, o)
	for _, c := range p.Conflicts {
		t.Fatalf("%s: %s", c.Resource, c.Reason)
	}
	after, err := plan.Simulate(snap, p.Actions, true)
	if err != nil {
		t.Fatal(err)
	}
	return after, p
}

// opinions returns "PEER CONTROL" of each check that a snapshot fails in the eyes of
// peers, and how many each passes.
func opinions(t *testing.T, snap account.Snapshot, controls []catalog.Control, o plan.Options) (failed []string, passed map[string]int) {
	t.Helper()
	passed = map[string]int{}
	for _, c := range controls {
		for _, p := range peers.Opinions(&snap.Accounts[0], c, o.Audit.Benchmark, o.Audit.Peers) {
			switch {
			case p.Status == finding.Pass && p.Why == "":
				passed[p.Peer]++
			case p.Status == finding.Fail && p.Why != "":
				failed = append(failed, p.Peer+" "+c.ID)
			default:
				t.Errorf("%s of %s: %+v", p.Peer, c.ID, p)
			}
		}
	}
	return failed, passed
}

func patternsOf(snap account.Snapshot) []string {
	var out []string
	for _, f := range home(&snap).MetricFilters.Value {
		out = append(out, f.Name+" "+f.Pattern)
	}
	slices.Sort(out)
	return out
}

// The recipe: what each peer says after an apply of cis-3.0.0 for it, and how many
// filters that takes. 15 are those of the controls.
func TestSatisfy(t *testing.T) {
	const b = "cis-3.0.0"
	controls := cis(t, b)
	plain, _ := applied(t, bare(t), controls, satisfying(b, true))
	_, passed := opinions(t, plain, controls, satisfying(b, true, catalog.AllPeers()...))
	if got := fmt.Sprint(passed); got != "map[cloudsploit:10 custodian:14 powerpipe:14 prowler:14 security-hub:13]" {
		t.Errorf("without --satisfy: %s", got)
	}
	tests := []struct {
		peers   []catalog.Peer
		noise   bool
		filters int
		passed  map[string]int
		failed  string
	}{
		{[]catalog.Peer{"prowler", "security-hub"}, true, 17, map[string]int{"prowler": 15, "security-hub": 14}, ""},
		{catalog.AllPeers(), false, 19, map[string]int{"prowler": 15, "security-hub": 13, "powerpipe": 15, "cloudsploit": 12, "custodian": 14},
			"security-hub unauthorized-api-calls, cloudsploit unauthorized-api-calls, cloudsploit console-signin-without-mfa, cloudsploit route-table-changes, custodian route-table-changes"},
		{catalog.AllPeers(), true, 23, map[string]int{"prowler": 15, "security-hub": 14, "powerpipe": 15, "cloudsploit": 15, "custodian": 15}, ""},
	}
	for _, tt := range tests {
		o := satisfying(b, tt.noise, tt.peers...)
		after, p := applied(t, bare(t), controls, o)
		failed, passed := opinions(t, after, controls, o)
		if fmt.Sprint(passed) != fmt.Sprint(tt.passed) || strings.Join(failed, ", ") != tt.failed {
			t.Errorf("%v: passed %v, want %v; failed %q", tt.peers, passed, tt.passed, failed)
		}
		list := home(&after).MetricFilters.Value
		if len(list) != tt.filters {
			t.Errorf("%v: %d filters, want %d", tt.peers, len(list), tt.filters)
		}
		if alarms := len(home(&after).Alarms.Value.Metric); alarms != 15 {
			t.Errorf("%v: %d alarms: someone is notified twice", tt.peers, alarms)
		}
		if noted := len(p.Notes); noted != len(failed) {
			t.Errorf("%v: %d notes for %q: %v", tt.peers, noted, failed, p.Notes)
		}
		if tt.noise {
			heldByHub(t, after, 14)
		} else {
			heldByHub(t, after, 13)
		}
		if left := plan.Destroy(after, controls, o); len(left.Left) > 0 || len(left.Actions) != tt.filters+15+1 {
			t.Errorf("%v: destroy leaves %v", tt.peers, left.Left)
		}
		for _, f := range p.After.Findings {
			if f.Status == finding.Unknown || len(f.Peers) == 0 {
				t.Errorf("%s: %s, %d opinions", f.Control, f.Status, len(f.Peers))
			}
		}
	}
}

// hubTexts are the patterns that the user guide of Security Hub has for CloudWatch.1 to
// CloudWatch.14, as docs/peers.md compares them: white space aside.
var hubTexts = map[string]string{
	"root-usage":                 `{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}`,
	"unauthorized-api-calls":     `{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}`,
	"console-signin-without-mfa": `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }`,
	"iam-policy-changes":         any16(`DeleteGroupPolicy DeleteRolePolicy DeleteUserPolicy PutGroupPolicy PutRolePolicy PutUserPolicy CreatePolicy DeletePolicy CreatePolicyVersion DeletePolicyVersion AttachRolePolicy DetachRolePolicy AttachUserPolicy DetachUserPolicy AttachGroupPolicy DetachGroupPolicy`),
	"cloudtrail-config-changes":  any16(`CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging`),
	"console-auth-failures":      `{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}`,
	"kms-cmk-disable-or-delete":  `{($.eventSource=kms.amazonaws.com) && (($.eventName=DisableKey) || ($.eventName=ScheduleKeyDeletion))}`,
	"s3-bucket-policy-changes":   `{($.eventSource=s3.amazonaws.com) && (` + strings.Trim(any16(`PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication DeleteBucketPolicy DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication`), "{}") + `)}`,
	"config-changes":             `{($.eventSource=config.amazonaws.com) && (($.eventName=StopConfigurationRecorder) || ($.eventName=DeleteDeliveryChannel) || ($.eventName=PutDeliveryChannel) || ($.eventName=PutConfigurationRecorder))}`,
	"security-group-changes":     any16(`AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup`),
	"nacl-changes":               any16(`CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry ReplaceNetworkAclEntry ReplaceNetworkAclAssociation`),
	"network-gateway-changes":    any16(`CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway DeleteInternetGateway DetachInternetGateway`),
	"route-table-changes":        `{($.eventSource=ec2.amazonaws.com) && (` + strings.Trim(any16(`CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable DeleteRoute DisassociateRouteTable`), "{}") + `)}`,
	"vpc-changes":                any16(`CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection DeleteVpcPeeringConnection RejectVpcPeeringConnection AttachClassicLinkVpc DetachClassicLinkVpc DisableVpcClassicLink EnableVpcClassicLink`),
}

// any16 is the pattern of some names, written without blanks.
func any16(names string) string {
	return "{($.eventName=" + strings.Join(strings.Fields(names), ")||($.eventName=") + ")}"
}

// heldByHub holds an account to the patterns of the guide, which stand here and not in
// the catalog: how many have a filter, and one alarm on its metric.
func heldByHub(t *testing.T, snap account.Snapshot, want int) {
	t.Helper()
	blanks := strings.NewReplacer(" ", "", "\n", "")
	n := 0
	for _, text := range hubTexts {
		if slices.ContainsFunc(home(&snap).MetricFilters.Value, func(f account.MetricFilter) bool {
			watchers, _ := desired.Watchers(home(&snap), f)
			return blanks.Replace(f.Pattern) == blanks.Replace(text) && len(watchers) == 1
		}) {
			n++
		}
	}
	if n != want {
		t.Errorf("Security Hub passes %d of 14, want %d", n, want)
	}
}

// TestSatisfyInAnyOrder applies two versions for two lists of peers, in both orders: what
// each asked for holds in both, and nothing is left to do. What was satisfied stays so.
func TestSatisfyInAnyOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 7))
	versions := catalog.Benchmarks()
	some := func() plan.Options {
		var peers []catalog.Peer
		for _, p := range catalog.AllPeers() {
			if rng.IntN(2) == 0 {
				peers = append(peers, p)
			}
		}
		o := satisfying(versions[rng.IntN(len(versions))], true, peers...)
		o.Complete = rng.IntN(4) == 0
		return o
	}
	for i := range 3 {
		a, b := some(), some()
		name := fmt.Sprintf("%d: %s %v complete %v, %s %v complete %v", i, a.Audit.Benchmark, a.Satisfy.Peers, a.Complete, b.Audit.Benchmark, b.Satisfy.Peers, b.Complete)
		for _, order := range [][2]plan.Options{{a, b}, {b, a}} {
			snap := bare(t)
			for _, o := range order {
				snap, _ = applied(t, snap, cis(t, o.Audit.Benchmark, disputed...), o)
			}
			for _, o := range order {
				failed, _ := opinions(t, snap, cis(t, o.Audit.Benchmark, disputed...), o)
				for _, f := range failed {
					t.Errorf("%s: after %s and %s, %s", name, order[0].Audit.Benchmark, order[1].Audit.Benchmark, f)
				}
			}
			last := order[1]
			if p := planFor(t, snap, cis(t, last.Audit.Benchmark, disputed...), last); len(p.Actions) > 0 {
				t.Errorf("%s: left to do %v", name, lines(p.Actions))
			}
		}
	}
}

// The same wishes, one peer after the other or all at once, make the same filters.
func TestSatisfyOneByOne(t *testing.T) {
	const b = "cis-5.0.0"
	controls := cis(t, b, "security-group-changes", "route-table-changes", "organizations-changes")
	at, _ := applied(t, bare(t), controls, satisfying(b, true, catalog.AllPeers()...))
	for _, list := range [][]catalog.Peer{
		{"prowler", "security-hub", "powerpipe", "cloudsploit", "custodian"}, {"custodian", "cloudsploit", "powerpipe", "security-hub", "prowler"},
	} {
		snap := bare(t)
		for _, p := range list {
			snap, _ = applied(t, snap, controls, satisfying(b, true, p))
		}
		if got, want := patternsOf(snap), patternsOf(at); !slices.Equal(got, want) {
			t.Errorf("%v: got %s\nwant %s", list, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

// TestSatisfyNotes has what is said and not done.
func TestSatisfyNotes(t *testing.T) {
	const b = "cis-1.4.0"
	code := func(p change.Plan, code, text string) bool {
		return slices.ContainsFunc(p.Notes, func(m change.Manual) bool { return m.Code == code && strings.Contains(m.Text, text) })
	}
	p := planFor(t, bare(t), cis(t, b, "unauthorized-api-calls"), satisfying(b, true, "custodian"))
	if !code(p, plan.CodePeerUnsatisfiable, "cis-1.3-or") {
		t.Errorf("a tautology: %v", p.Notes)
	}
	for _, a := range p.Actions {
		if f, ok := a.(action.PutFilter); ok && strings.Contains(f.Filter.Pattern, `|| ($.eventName!="HeadBucket")`) {
			t.Errorf("%s is written", f.Filter.Pattern)
		}
	}
	p = planFor(t, bare(t), cis(t, b, disputed...), satisfying(b, false, "cloudsploit"))
	if !code(p, plan.CodePeerNoise, "federated and failed sign-ins count too; --satisfy-noise adds it") {
		t.Errorf("a price: %v", p.Notes)
	}
	if code(p, plan.CodeCustodianPage, "") {
		t.Errorf("Custodian was not asked for: %v", p.Notes)
	}
	snap := bare(t)
	for i := range 45 {
		home(&snap).MetricFilters.Value = append(home(&snap).MetricFilters.Value, account.MetricFilter{LogGroup: group, Name: fmt.Sprint("f", i), Pattern: `{ $.eventName = x }`, Metric: fmt.Sprint("m", i), Namespace: "n", Value: "1"})
	}
	const one = "cis-5.0.0"
	if p = planFor(t, snap, cis(t, one, "nacl-changes"), satisfying(one, false, "custodian")); !code(p, plan.CodeCustodianPage, "will have 46 metric filters") {
		t.Errorf("45 filters and 1: %v", p.Notes)
	}
	home(&snap).MetricFilters.Value = home(&snap).MetricFilters.Value[1:]
	if p = planFor(t, snap, cis(t, one, "nacl-changes"), satisfying(one, false, "custodian")); code(p, plan.CodeCustodianPage, "") {
		t.Errorf("44 filters and 1: %v", p.Notes)
	}
}

// A filter of someone else counts if an alarm watches its metric; one that no alarm
// watches does not.
func TestSatisfiedByOthers(t *testing.T) {
	const b = "cis-3.0.0"
	controls := cis(t, b, "organizations-changes")
	text := controls[0].Patterns[1].Text
	for _, watched := range []bool{true, false} {
		snap, _ := applied(t, bare(t), controls, satisfying(b, false))
		r := home(&snap)
		r.MetricFilters.Value = append(r.MetricFilters.Value, account.MetricFilter{LogGroup: group, Name: "theirs", Pattern: text, Namespace: "n", Metric: "m", Value: "1"})
		if watched {
			r.Alarms.Value.Metric = append(r.Alarms.Value.Metric, account.MetricAlarm{Name: "theirs", Namespace: "n", Metric: "m"})
		}
		p := planFor(t, snap, controls, satisfying(b, false, "prowler"))
		if got := len(p.Actions) == 0; got != watched {
			t.Errorf("watched %v: %v", watched, lines(p.Actions))
		}
	}
}
