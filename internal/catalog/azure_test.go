package catalog_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/yamlfile"
	"github.com/monitorctl/monitorctl/patterns"
	"github.com/monitorctl/monitorctl/patterns/azure"
)

func azureCatalog(t *testing.T) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Load(azure.FS)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestAzureNumbers holds the places of the controls in each version of the CIS
// Microsoft Azure Foundations Benchmark.
func TestAzureNumbers(t *testing.T) {
	c := azureCatalog(t)
	tests := []struct {
		control string
		want    map[string]string
	}{
		{"nsg-changes", map[string]string{"1.3.0": "5.2.3, 5.2.4, 5.2.5, 5.2.6", "1.4.0": "5.2.3, 5.2.4, 5.2.5, 5.2.6", "1.5.0": "5.2.3, 5.2.4", "2.0.0": "5.2.3, 5.2.4", "2.1.0": "5.2.3, 5.2.4", "3.0.0": "6.2.3, 6.2.4", "4.0.0": "7.1.2.3, 7.1.2.4", "5.0.0": "6.1.2.3, 6.1.2.4", "6.0.0": "6.1.2.3, 6.1.2.4"}},
		{"policy-assignment-changes", map[string]string{"1.3.0": "5.2.1, 5.2.2", "2.1.0": "5.2.1, 5.2.2", "3.0.0": "6.2.1, 6.2.2", "4.0.0": "7.1.2.1, 7.1.2.2", "6.0.0": "6.1.2.1, 6.1.2.2"}},
		{"security-solution-changes", map[string]string{"1.4.0": "5.2.7, 5.2.8", "1.5.0": "5.2.5, 5.2.6", "3.0.0": "6.2.5, 6.2.6", "4.0.0": "7.1.2.5, 7.1.2.6", "5.0.0": "6.1.2.5, 6.1.2.6"}},
		{"sql-firewall-changes", map[string]string{"1.3.0": "5.2.9", "1.5.0": "5.2.7, 5.2.8", "3.0.0": "6.2.7, 6.2.8", "4.0.0": "7.1.2.7, 7.1.2.8", "6.0.0": "6.1.2.7, 6.1.2.8"}},
		{"public-ip-changes", map[string]string{"1.4.0": "", "1.5.0": "5.2.9, 5.2.10", "3.0.0": "6.2.9, 6.2.10", "4.0.0": "7.1.2.9, 7.1.2.10", "5.0.0": "6.1.2.9, 6.1.2.10"}},
		{"service-health", map[string]string{"3.0.0": "", "4.0.0": "7.1.2.11", "5.0.0": "6.1.2.11", "6.0.0": "6.1.2.11"}},
		{"alerting-changes", map[string]string{"1.3.0": "", "6.0.0": ""}},
	}
	if len(tests) != len(c.Controls) {
		t.Errorf("%d controls, %d are tested", len(c.Controls), len(tests))
	}
	for _, tt := range tests {
		control, err := c.Find(tt.control, catalog.DefaultAzureBenchmark)
		if err != nil {
			t.Fatal(err)
		}
		for version, want := range tt.want {
			if got, _ := control.Number(catalog.Benchmark("cis-azure-" + version)); got != want {
				t.Errorf("%s in %s: got %q, want %q", tt.control, version, got, want)
			}
		}
	}
}

// TestAzureSelection selects by number, by set and by id, in the order of the
// benchmark.
func TestAzureSelection(t *testing.T) {
	c := azureCatalog(t)
	ids := func(names []string, set string, b catalog.Benchmark) string {
		list, err := c.Select(names, set, b)
		if err != nil {
			return err.Error()
		}
		var out []string
		for _, control := range list {
			out = append(out, control.ID)
		}
		return strings.Join(out, " ")
	}
	for _, tt := range []struct {
		names []string
		set   string
		b     catalog.Benchmark
		want  string
	}{
		{nil, "", "cis-azure-6.0.0", "nsg-changes"},
		{nil, "cis", "cis-azure-6.0.0", "policy-assignment-changes nsg-changes security-solution-changes sql-firewall-changes public-ip-changes service-health"},
		{nil, "network", "cis-azure-6.0.0", "nsg-changes public-ip-changes"},
		{nil, "all", "cis-azure-6.0.0", "policy-assignment-changes nsg-changes security-solution-changes sql-firewall-changes public-ip-changes service-health alerting-changes"},
		{[]string{"6.1.2.4", "6.1.2.3"}, "", "cis-azure-6.0.0", "nsg-changes"},
		{[]string{"5.2.6"}, "", "cis-azure-1.4.0", "nsg-changes"},
		{[]string{"5.2.6"}, "", "cis-azure-2.0.0", "security-solution-changes"},
	} {
		if got := ids(tt.names, tt.set, tt.b); got != tt.want {
			t.Errorf("%v %s %s: got %s, want %s", tt.names, tt.set, tt.b, got, tt.want)
		}
	}
}

func TestNSGOperations(t *testing.T) {
	c, err := azureCatalog(t).Find("nsg-changes", catalog.DefaultAzureBenchmark)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range c.RequiredOperations() {
		got = append(got, o.Name+" "+o.Spelling+" "+o.Rule)
	}
	want := []string{
		"Microsoft.Network/networkSecurityGroups/write Microsoft.Network/networkSecurityGroups/write NetworkSecurityGroupWrite",
		"Microsoft.Network/networkSecurityGroups/delete Microsoft.Network/networkSecurityGroups/delete NetworkSecurityGroupDelete",
		"Microsoft.Network/networkSecurityGroups/securityRules/write Microsoft.Network/networksecuritygroups/securityrules/write NetworkSecurityGroupRuleWrite",
		"Microsoft.Network/networkSecurityGroups/securityRules/delete Microsoft.Network/networksecuritygroups/securityrules/delete NetworkSecurityGroupRuleDelete",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(c.OtherOperations()) != 13 || c.OtherOperations()[0].Namespace() != "Microsoft.Network" {
		t.Errorf("blind spots: %+v", c.OtherOperations())
	}
}

// TestClouds keeps the controls of the clouds apart.
func TestClouds(t *testing.T) {
	both, err := catalog.Overlay(load(t), azure.FS)
	if err != nil {
		t.Fatal(err)
	}
	aws, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	if got := both.Of(catalog.AWS); len(got.Controls) != len(aws.Controls) || len(both.Of(catalog.Azure).Controls) != len(both.Controls)-len(aws.Controls) {
		t.Errorf("%d controls in all, %d of AWS", len(both.Controls), len(got.Controls))
	}
	for _, b := range catalog.BenchmarksOf(catalog.Azure) {
		if parsed, err := catalog.ParseBenchmark(string(b)); err != nil || parsed != b || b.Cloud() != catalog.Azure || !strings.HasPrefix(b.Title(), "CIS Azure Foundations ") {
			t.Errorf("%s: %v, %s", b, err, b.Title())
		}
	}
	if b, err := catalog.ParseBenchmark("cis-aws-3.0.0"); err != nil || b != "cis-3.0.0" || b.Cloud() != catalog.AWS {
		t.Errorf("cis-aws-3.0.0: %s, %v", b, err)
	}
	for _, name := range []string{"cis-azure-7.0.0", "cis-azure-4.0.1", "cis-aws-azure-6.0.0x", "cis-4.0.0"} {
		if b, err := catalog.ParseBenchmark(name); err == nil {
			t.Errorf("%s is none: %s", name, b)
		}
	}
}

func TestAzureFaults(t *testing.T) {
	const good = `cloud: azure
id: a
title: A
why: B
severity: low
operations:
  - name: Microsoft.Network/networkSecurityGroups/write
    rule: R
    description: D
    benchmarks:
      5.0.0..6.0.0: {number: "6.1.2.3", level: 1, title: T}
`
	tests := []struct{ old, new, want string }{
		{"write\n", "read\n", "is not an operation"},
		{"rule: R", "rule: R/S", "is not made of letters and digits"},
		{"rule: R\n", "rule: R\n    spelling: Microsoft.Network/other/write\n", "by more than its case"},
		{"6.1.2.3", "6", "is not of the form"},
		{"5.0.0..6.0.0", "5.0.0..7.0.0", "unknown benchmark version"},
		{"5.0.0..6.0.0", "6.0.0..5.0.0", "run backwards"},
		{"    description: D\n", "    incident: Incident\n    description: D\n", "a name or an incident"},
		{"severity: low", "severity: low\nscope: regional", "scope"},
		{"cloud: azure", "cloud: gcp", "cloud"},
	}
	if _, err := catalog.Load(fstest.MapFS{"a.yaml": {Data: []byte(good)}}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		_, err := catalog.Load(fstest.MapFS{"a.yaml": {Data: []byte(strings.Replace(good, tt.old, tt.new, 1))}})
		var place *yamlfile.Error
		if !errors.As(err, &place) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.new, err, tt.want)
		}
	}
	second := strings.Replace(good, "id: a", "id: b", 1)
	if _, err := catalog.Load(fstest.MapFS{"a.yaml": {Data: []byte(good)}, "b.yaml": {Data: []byte(second)}}); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("a number twice: %v", err)
	}
}

// A name that no provider has would be an operation that never comes.
func TestAzureOperationsExist(t *testing.T) {
	known := map[string]bool{}
	for _, line := range readLines(t, "../../testdata/operations-azure/operations.txt") {
		if !strings.HasPrefix(line, "#") {
			known[strings.ToLower(line)] = true
		}
	}
	named := map[string]bool{}
	for _, c := range azureCatalog(t).Controls {
		for _, o := range c.Operations {
			if o.Incident != "" {
				continue
			}
			named[strings.ToLower(o.Name)] = true
			if !known[strings.ToLower(o.Name)] {
				t.Errorf("%s: there is no operation %s", c.ID, o.Name)
			}
		}
	}
	for name := range known {
		if !named[name] {
			t.Errorf("no control names %s", name)
		}
	}
}
