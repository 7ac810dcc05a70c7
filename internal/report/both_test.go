package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// bothClouds is a report about an account of AWS and a subscription of Azure.
func bothClouds() finding.Report {
	r := finding.Report{
		Benchmark: "cis-5.0.0", Checked: catalog.Checked{Set: "core", Benchmark: "cis-5.0.0", Numbered: 3, Total: 15}, Regions: []string{"eu-central-1"}, Controls: []string{"nacl-changes"},
		Accounts: []finding.AccountRef{{ID: "111122223333", Home: "eu-central-1", Trail: "org-trail (multi-region, logging)"}},
		Findings: []finding.Finding{{
			ID: "cd34", Control: "nacl-changes", Title: "NACL changes", Severity: catalog.Medium, Number: "3.11", Account: "111122223333", Status: finding.Fail, Transport: finding.EventBridge,
			Reasons: []finding.Reason{{Code: "no-filter", Status: finding.Fail, Link: finding.LinkFilter, Message: "no metric filter matches"}},
			Missed:  []finding.MissedEvent{{Source: "ec2.amazonaws.com", Event: "CreateNetworkAcl", Regions: []string{"eu-central-1"}}},
			Stages:  finding.Stages{Trail: finding.StateOK, Filter: finding.StateNone},
		}},
	}
	azure := oneSubscription()
	azure.Benchmark = "cis-azure-1.4.0"
	azure.Checked = catalog.Checked{Set: "cis", Benchmark: azure.Benchmark, Numbered: 5, Total: 5}
	azure.Findings[0].Peers = []finding.Opinion{{Peer: "Prowler", Passes: []string{"a/write"}}, {Peer: "cloudbeat", Fails: []string{"a/write", "a/delete"}}}
	r.GeneratedAt = azure.GeneratedAt
	r.Join(azure)
	return r
}

// TestBothClouds sees that every format has the findings of both clouds, each with its
// own benchmark and its own share in what was checked.
func TestBothClouds(t *testing.T) {
	shares := []string{"3 of the 15 metric-filter controls of CIS AWS Foundations 5.0.0", "all 5 activity log alert controls of CIS Azure Foundations 1.4.0"}
	wants := map[string][]string{
		"csv":      append([]string{"cis-5.0.0,3.11", `cis-azure-1.4.0,"6.1.2.3, 6.1.2.4"`}, shares...),
		"github":   shares,
		"gitlab":   shares,
		"html":     append([]string{"CloudTrail alarm and Azure alert audit", "CIS AWS Foundations 5.0.0 and CIS Azure Foundations 1.4.0"}, shares...),
		"json":     append([]string{`"id": "cis-5.0.0"`, `"id": "cis-azure-1.4.0"`, `"benchmark": "cis-azure-1.4.0"`}, shares...),
		"jsonl":    append([]string{`"id":"cis-5.0.0"`, `"id":"cis-azure-1.4.0"`, `"azure":{"benchmark":"cis-azure-1.4.0"`}, shares...),
		"junit":    append([]string{`name="benchmark" value="cis-5.0.0"`, `name="benchmark" value="cis-azure-1.4.0"`, `name="regions" value="eu-central-1"`}, shares...),
		"markdown": {"CIS AWS Foundations `5.0.0` and CIS Azure Foundations `1.4.0`", ", 1 region\n", "3 of the 15 metric-filter", "all 5 activity log alert controls"},
		"ocsf":     append([]string{"CIS AWS Foundations 5.0.0/3.11", "CIS Azure Foundations 1.4.0/6.1.2.3, 6.1.2.4"}, shares...),
		"sarif":    shares,
		"table":    append([]string{"CONTROL       CIS   SEVERITY  STATUS  VIA   TRAIL", "CONTROL      CIS          SEVERITY  STATUS  RULE", "Checked: core", "Checked: cis"}, shares...),
	}
	for _, name := range Formats() {
		format, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		err = format.Write(&b, bothClouds(), Options{Version: "1.0.0"})
		if name == "asff" {
			if err == nil {
				t.Error("asff is AWS's own format")
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if wants[name] == nil {
			t.Errorf("the test knows no format %s", name)
		}
		for _, want := range append(wants[name], "111122223333", azureID, "nacl-changes", "nsg-changes") {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s has no %q:\n%s", name, want, b.String())
			}
		}
	}
}

// TestBothCloudsQuiet has the rows of each cloud in columns of their own.
func TestBothCloudsQuiet(t *testing.T) {
	var b bytes.Buffer
	if err := Table(&b, bothClouds(), Options{Quiet: true}); err != nil {
		t.Fatal(err)
	}
	want := "111122223333  nacl-changes  3.11  medium  FAIL  ok  none  -  -  no metric filter matches\n" +
		azureID + "  nsg-changes  6.1.2.3, .4  high  FAIL  gap  ok  ok  no alert rule matches securityRules/write\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// TestBothCloudsJSON holds the JSON to its schema and reads it back as it was.
func TestBothCloudsJSON(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, bothClouds(), Options{Version: "1.0.0"}); err != nil {
		t.Fatal(err)
	}
	for _, closed := range []bool{false, true} {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if err := compileSchemas(t, closed)["audit"].Validate(v); err != nil {
			t.Errorf("closed: %t: %v", closed, err)
		}
	}
	got, err := ReadJSON(&b)
	if err != nil {
		t.Fatal(err)
	}
	want := bothClouds()
	if got.Benchmark != want.Benchmark || got.Azure.Benchmark != want.Azure.Benchmark || got.Checked.String() != want.Checked.String() || got.Azure.Checked.String() != want.Azure.Checked.String() {
		t.Errorf("read back: %+v", got)
	}
	if !slices.EqualFunc(got.Findings[1].Peers, want.Findings[1].Peers, func(a, b finding.Opinion) bool {
		return a.Peer == b.Peer && slices.Equal(a.Passes, b.Passes) && slices.Equal(a.Fails, b.Fails)
	}) {
		t.Errorf("read back: %+v", got.Findings[1].Peers)
	}
}
