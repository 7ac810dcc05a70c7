package report

import (
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
)

// someControls are the catalog's entries of two controls of everyStatus; of the
// others the formats know what the findings say.
func someControls() []catalog.Control {
	event := func(name, risk string, versions ...catalog.Benchmark) catalog.Event {
		return catalog.Event{Source: "ec2.amazonaws.com", Name: name, Risk: risk, Core: true, Versions: versions}
	}
	return []catalog.Control{
		{
			ID: "security-group-changes", Title: "Changes to security groups reach a person", Severity: catalog.High,
			Why:  "A single rule can expose a private service to the whole internet within seconds.",
			Type: catalog.Events, Sets: []string{"core", "cis", "network"},
			Mappings: map[string][]string{"nist-800-53-r5": {"AU-6(1)", "SI-4(12)"}, "soc-2": {"CC7.2"}},
			Numbers:  map[catalog.Benchmark]catalog.Number{"cis-3.0.0": {Number: "4.10", Level: 2, Title: "Ensure security group changes are monitored"}},
			Events: []catalog.Event{
				event("CreateSecurityGroup", "medium", "cis-3.0.0"),
				event("DeleteSecurityGroup", "medium", "cis-3.0.0"),
				event("ModifySecurityGroupRules", "high"),
			},
		},
		{
			ID: "root-usage", Title: "Use of the root user reaches a person", Severity: catalog.High,
			Why:  "Nothing limits the root user.",
			Type: catalog.Condition, Sets: []string{"core", "cis"},
			Numbers: map[catalog.Benchmark]catalog.Number{"cis-3.0.0": {Number: "4.3", Level: 1, Title: "Ensure usage of the root account is monitored"}},
		},
	}
}

// shippedControls is the catalog as it is embedded.
func shippedControls(t *testing.T) []catalog.Control {
	t.Helper()
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	return cat.Controls
}
