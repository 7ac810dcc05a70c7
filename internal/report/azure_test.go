package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

const (
	azureID   = "11111111-2222-3333-4444-555555555555"
	azureRule = "/subscriptions/" + azureID + "/resourceGroups/monitoring/providers/Microsoft.Insights/activityLogAlerts/groups"
)

// oneSubscription is a report on Azure alone.
func oneSubscription() finding.Report {
	return finding.Report{
		Benchmark: catalog.DefaultAzureBenchmark, GeneratedAt: time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC),
		Accounts: []finding.AccountRef{{Cloud: catalog.Azure, ID: azureID, Alias: "acme-prod", Header: []string{"tenant 9999"}}},
		Controls: []string{"nsg-changes"},
		Findings: []finding.Finding{{
			Cloud: catalog.Azure, ID: "ab12", Control: "nsg-changes", Title: "Network security group changes", Severity: catalog.High, Number: "6.1.2.3, 6.1.2.4", Account: azureID, Status: finding.Fail,
			Reasons: []finding.Reason{{Code: "rule-misses-operation", Status: finding.Fail, Link: finding.LinkAlertRule, Message: "no alert rule matches securityRules/write"}},
			Missed:  []finding.MissedEvent{{Source: "Microsoft.Network", Event: "Microsoft.Network/networkSecurityGroups/securityRules/write"}},
			Columns: []finding.Stage{{Name: "RULE", State: finding.StateGap}, {Name: "GROUP", State: finding.StateOK}, {Name: "NOTIFY", State: finding.StateOK}},
			Chain: []finding.Link{
				{Kind: finding.LinkAlertRule, Resource: azureRule, State: finding.StateGap, Detail: "matches 2 of 4 operations"},
				{Kind: finding.LinkActionGroup, Depth: 1, Resource: "/subscriptions/" + azureID + "/resourceGroups/monitoring/providers/Microsoft.Insights/actionGroups/ops", State: finding.StateOK, Detail: "action group ops"},
			},
			Remediation: "add an alert rule",
		}},
	}
}

// TestAzureFormats sees that every format speaks of subscriptions, operations and
// Azure's links, and of nothing that is AWS's.
func TestAzureFormats(t *testing.T) {
	control := catalog.Control{Cloud: catalog.Azure, ID: "nsg-changes", Title: "Network security group changes", Type: catalog.Events, Severity: catalog.High,
		Operations: []catalog.Operation{{Name: "Microsoft.Network/networkSecurityGroups/securityRules/write", Required: true}}}
	for _, name := range Formats() {
		format, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		err = format.Write(&b, oneSubscription(), Options{Version: "1.0.0", Controls: []catalog.Control{control}})
		if format.AWSOnly {
			if err == nil || !strings.Contains(err.Error(), "is not an AWS account") {
				t.Errorf("asff is AWS's own format: %v", err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		text := b.String()
		for _, want := range []string{azureID, "nsg-changes"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not name %s:\n%s", name, want, text)
			}
		}
		for _, alien := range []string{"AWS", "CloudTrail", "no trail", "TRAIL", "in no region", "0 regions", "eu-", "us-east-1", "arn:aws", "Trail", "monitorctl plan"} {
			if strings.Contains(text, alien) {
				t.Errorf("%s speaks of %q:\n%s", name, alien, text)
			}
		}
	}
}

func TestAzureTable(t *testing.T) {
	var b bytes.Buffer
	if err := Table(&b, oneSubscription(), Options{}); err != nil {
		t.Fatal(err)
	}
	want := `Subscription acme-prod (` + azureID + `) · tenant 9999 · CIS Azure Foundations 6.0.0

CONTROL      CIS          SEVERITY  STATUS  RULE  GROUP  NOTIFY  WHY
nsg-changes  6.1.2.3, .4  high      FAIL    gap   ok     ok      no alert rule matches securityRules/write
`
	if !strings.HasPrefix(b.String(), want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// TestAzureSchema holds the JSON of Azure to the published schemas.
func TestAzureSchema(t *testing.T) {
	for _, closed := range []bool{false, true} {
		var b bytes.Buffer
		if err := JSON(&b, oneSubscription(), Options{Version: "1.0.0"}); err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(&b)
		if err != nil {
			t.Fatal(err)
		}
		if err := compileSchemas(t, closed)["audit"].Validate(v); err != nil {
			t.Errorf("closed: %t: %v", closed, err)
		}
	}
}

// TestAzureJSON reads a report back as it was, columns aside, which JSON does not hold.
func TestAzureJSON(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, oneSubscription(), Options{}); err != nil {
		t.Fatal(err)
	}
	var raw struct {
		Scope    struct{ Accounts []map[string]string }
		Findings []map[string]any
	}
	if err := json.Unmarshal(b.Bytes(), &raw); err != nil {
		t.Fatal(err)
	}
	if raw.Scope.Accounts[0]["cloud"] != "azure" || raw.Findings[0]["cloud"] != "azure" {
		t.Errorf("the cloud is missing: %s", b.String())
	}
	r, err := ReadJSON(&b)
	if err != nil {
		t.Fatal(err)
	}
	f := r.Findings[0]
	if f.Cloud != catalog.Azure || f.Number != "6.1.2.3, 6.1.2.4" || f.Chain[0].Kind != finding.LinkAlertRule || r.Benchmark != catalog.DefaultAzureBenchmark || r.Accounts[0].Cloud != catalog.Azure {
		t.Errorf("read back: %+v", r)
	}
}
