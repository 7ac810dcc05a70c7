package pattern

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// benchPatterns are the CIS patterns for network gateways, security groups and
// network ACLs, and one for GuardDuty.
var benchPatterns = []string{
	`{ ($.eventName = CreateCustomerGateway) || ($.eventName = DeleteCustomerGateway) || ($.eventName = AttachInternetGateway) || ($.eventName = CreateInternetGateway) || ($.eventName = DeleteInternetGateway) || ($.eventName = DetachInternetGateway) }`,
	`{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) || ($.eventName = ModifySecurityGroupRules) }`,
	`{ ($.eventName = CreateNetworkAcl) || ($.eventName = CreateNetworkAclEntry) || ($.eventName = DeleteNetworkAcl) || ($.eventName = DeleteNetworkAclEntry) || ($.eventName = ReplaceNetworkAclEntry) || ($.eventName = ReplaceNetworkAclAssociation) }`,
	`{($.eventSource=guardduty.amazonaws.com)&&(($.eventName=AcceptInvitation)||($.eventName=ArchiveFindings)||($.eventName=CreateDetector)||($.eventName=CreateIPSet)||($.eventName=CreateMembers)||($.eventName=CreateSampleFindings)||($.eventName=CreateThreatIntelSet)||($.eventName=DeclineInvitations)||($.eventName=DeleteDetector)||($.eventName=DeleteIPSet)||($.eventName=DeleteInvitations)||($.eventName=DeleteMembers)||($.eventName=DeleteThreatIntelSet)||($.eventName=DisassociateFromMasterAccount)||($.eventName=DisassociateMembers)||($.eventName=InviteMembers)||($.eventName=StartMonitoringMembers)||($.eventName=StopMonitoringMembers)||($.eventName=UnarchiveFindings)||($.eventName=UpdateDetector)||($.eventName=UpdateFindingsFeedback)||($.eventName=UpdateIPSet)||($.eventName=UpdateThreatIntelSet))}`,
}

// recordCount is the number of records of the sample.
const recordCount = 2900

// readRecords returns the records of the CloudTrail sample, one message each.
func readRecords(tb testing.TB) [][]byte {
	tb.Helper()
	paths, err := filepath.Glob("../../testdata/cloudtrail/*.json*")
	if err != nil {
		tb.Fatal(err)
	}
	var records [][]byte
	for _, path := range paths {
		var file struct{ Records []json.RawMessage }
		if err := json.Unmarshal(readSample(tb, path), &file); err != nil {
			tb.Fatalf("%s: %v", path, err)
		}
		for _, r := range file.Records {
			records = append(records, r)
		}
	}
	if len(records) != recordCount {
		tb.Fatalf("%d records, want %d", len(records), recordCount)
	}
	return records
}

func readSample(tb testing.TB, path string) []byte {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			tb.Fatal(err)
		}
	}
	data, err := io.ReadAll(r)
	if err != nil {
		tb.Fatalf("%s: %v", path, err)
	}
	return data
}

// TestRecords compares matching the sample with a look at two fields of each
// record.
func TestRecords(t *testing.T) {
	var patterns []*Pattern
	var names []map[string]bool // the constants of each pattern
	for _, text := range benchPatterns {
		p := mustParse(t, text)
		constants := map[string]bool{}
		for _, c := range p.conditions() {
			constants[c.val.text] = true
		}
		patterns, names = append(patterns, p), append(names, constants)
	}
	matched := 0
	for _, r := range readRecords(t) {
		var record struct{ EventName, EventSource string }
		if err := json.Unmarshal(r, &record); err != nil {
			t.Fatal(err)
		}
		m := Decode(r)
		for i, p := range patterns {
			want := NoMatch
			anySource := !names[i]["guardduty.amazonaws.com"]
			if names[i][record.EventName] && (anySource || names[i][record.EventSource]) {
				want = Match
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
	records := readRecords(b)
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
			m := Decode(r)
			for _, p := range patterns {
				if p.MatchDecoded(m) == Match {
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
	var messages []*Message
	for _, r := range readRecords(b) {
		messages = append(messages, Decode(r))
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
