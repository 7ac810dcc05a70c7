package pattern

import (
	"encoding/json"
	"testing"

	"github.com/monitorctl/monitorctl/internal/pattern/match"
	"github.com/monitorctl/monitorctl/internal/pattern/patterntest"
	"github.com/monitorctl/monitorctl/internal/pattern/syntax"
)

// benchPatterns are the CIS patterns for network gateways, security groups and
// network ACLs, and one for GuardDuty.
var benchPatterns = []string{
	`{ ($.eventName = CreateCustomerGateway) || ($.eventName = DeleteCustomerGateway) || ($.eventName = AttachInternetGateway) || ($.eventName = CreateInternetGateway) || ($.eventName = DeleteInternetGateway) || ($.eventName = DetachInternetGateway) }`,
	`{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) || ($.eventName = ModifySecurityGroupRules) }`,
	`{ ($.eventName = CreateNetworkAcl) || ($.eventName = CreateNetworkAclEntry) || ($.eventName = DeleteNetworkAcl) || ($.eventName = DeleteNetworkAclEntry) || ($.eventName = ReplaceNetworkAclEntry) || ($.eventName = ReplaceNetworkAclAssociation) }`,
	`{($.eventSource=guardduty.amazonaws.com)&&(($.eventName=AcceptInvitation)||($.eventName=ArchiveFindings)||($.eventName=CreateDetector)||($.eventName=CreateIPSet)||($.eventName=CreateMembers)||($.eventName=CreateSampleFindings)||($.eventName=CreateThreatIntelSet)||($.eventName=DeclineInvitations)||($.eventName=DeleteDetector)||($.eventName=DeleteIPSet)||($.eventName=DeleteInvitations)||($.eventName=DeleteMembers)||($.eventName=DeleteThreatIntelSet)||($.eventName=DisassociateFromMasterAccount)||($.eventName=DisassociateMembers)||($.eventName=InviteMembers)||($.eventName=StartMonitoringMembers)||($.eventName=StopMonitoringMembers)||($.eventName=UnarchiveFindings)||($.eventName=UpdateDetector)||($.eventName=UpdateFindingsFeedback)||($.eventName=UpdateIPSet)||($.eventName=UpdateThreatIntelSet))}`,
}

// TestRecords compares matching the sample with a look at two fields of each
// record.
func TestRecords(t *testing.T) {
	var patterns []*Pattern
	var names []map[string]bool // the constants of each pattern
	for _, text := range benchPatterns {
		p := mustParse(t, text)
		constants := map[string]bool{}
		for _, c := range syntax.Conditions(p.root) {
			constants[c.Val.Text] = true
		}
		patterns, names = append(patterns, p), append(names, constants)
	}
	matched := 0
	for _, r := range patterntest.Records(t) {
		var record struct{ EventName, EventSource string }
		if err := json.Unmarshal(r, &record); err != nil {
			t.Fatal(err)
		}
		m := match.Decode(r)
		for i, p := range patterns {
			want := match.NoMatch
			anySource := !names[i]["guardduty.amazonaws.com"]
			if names[i][record.EventName] && (anySource || names[i][record.EventSource]) {
				want = match.Match
				matched++
			}
			if got := p.MatchDecoded(m); got != want {
				t.Fatalf("%.40s on %.200s: %v, want %v", p, r, got, want)
			}
		}
	}
	if matched == 0 {
		t.Error("no record matches")
	}
}

// BenchmarkMatch decodes each record once and matches four patterns with it.
func BenchmarkMatch(b *testing.B) {
	records := patterntest.Records(b)
	size := 0
	for _, r := range records {
		size += len(r)
	}
	var patterns []*Pattern
	for _, text := range benchPatterns {
		patterns = append(patterns, mustParse(b, text))
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	matches := 0
	for b.Loop() {
		matches = 0
		for _, r := range records {
			m := match.Decode(r)
			for _, p := range patterns {
				if p.MatchDecoded(m) == match.Match {
					matches++
				}
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(records)), "ns/record")
	b.ReportMetric(float64(matches), "matches")
}

// BenchmarkMatchOnly leaves the decoding out.
func BenchmarkMatchOnly(b *testing.B) {
	var messages []*match.Message
	for _, r := range patterntest.Records(b) {
		messages = append(messages, match.Decode(r))
	}
	var patterns []*Pattern
	for _, text := range benchPatterns {
		patterns = append(patterns, mustParse(b, text))
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, m := range messages {
			for _, p := range patterns {
				p.MatchDecoded(m)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(messages)), "ns/record")
}
