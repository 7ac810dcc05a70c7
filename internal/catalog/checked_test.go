package catalog_test

import (
	"strconv"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

func TestChecked(t *testing.T) {
	cat := load(t)
	beyond := func(set string) string { // how many controls of a set no benchmark has
		n := 0
		for _, c := range cat.Controls {
			if _, numbered := c.Number("cis-3.0.0"); !numbered && (set == "all" || c.In(set)) || c.Type == catalog.State && set == "all" {
				n++
			}
		}
		return strconv.Itoa(n)
	}
	tests := []struct {
		names     []string
		set       string
		benchmark catalog.Benchmark
		want      string
	}{
		{set: "core", benchmark: "cis-3.0.0", want: "core: 3 of the 15 metric-filter controls of CIS AWS Foundations 3.0.0, and guardduty-changes; --set cis checks the rest"},
		{set: "cis", benchmark: "cis-3.0.0", want: "cis: all 15 metric-filter controls of CIS AWS Foundations 3.0.0"},
		{set: "network", benchmark: "cis-3.0.0", want: "network: 4 of the 15 metric-filter controls of CIS AWS Foundations 3.0.0, and " + beyond("network") + " other controls; --set cis checks the rest"},
		{set: "all", benchmark: "cis-3.0.0", want: "all: all 15 metric-filter controls of CIS AWS Foundations 3.0.0, and " + beyond("all") + " other controls"},
		{names: []string{"4.10"}, benchmark: "cis-3.0.0", want: "1 of the 15 metric-filter controls of CIS AWS Foundations 3.0.0; --set cis checks the rest"},
		{names: []string{"guardduty-changes", "security-hub-enabled"}, benchmark: "cis-3.0.0", want: "none of the 15 metric-filter controls of CIS AWS Foundations 3.0.0, and guardduty-changes, security-hub-enabled; --set cis checks the rest"},
		{names: []string{"nacl-changes", "4.10", "network-gateway-changes", "guardduty-changes"}, benchmark: "cis-3.0.0", want: "core: 3 of the 15 metric-filter controls of CIS AWS Foundations 3.0.0, and guardduty-changes; --set cis checks the rest"},
	}
	for _, tt := range tests {
		controls, err := cat.Select(tt.names, tt.set, tt.benchmark)
		if err != nil {
			t.Fatal(err)
		}
		if got := cat.Checked(controls, tt.benchmark).String(); got != tt.want {
			t.Errorf("%s%v:\ngot  %s\nwant %s", tt.set, tt.names, got, tt.want)
		}
	}
	if got := (catalog.Checked{}).String(); got != "" {
		t.Errorf("the zero value says %q", got)
	}
}
