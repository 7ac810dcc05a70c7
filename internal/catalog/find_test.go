package catalog_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/spelling"
)

func TestFind(t *testing.T) {
	tests := []struct {
		name      string
		benchmark catalog.Benchmark
		want      string
	}{
		{"security-group-changes", "cis-3.0.0", "security-group-changes"},
		{"4.10", "cis-3.0.0", "security-group-changes"},
		{"3.10", "cis-1.2.0", "security-group-changes"},
		{"5.10", "cis-7.0.0", "security-group-changes"},
		{"4.1", "cis-3.0.0", "unauthorized-api-calls"},
		{"organizations-changes", "cis-1.2.0", "organizations-changes"},
	}
	for _, test := range tests {
		got, err := load(t).Find(test.name, test.benchmark)
		if err != nil || got.ID != test.want {
			t.Errorf("Find(%q, %s) = %q, %v; want %q", test.name, test.benchmark, got.ID, err, test.want)
		}
	}
}

func TestFindUnknown(t *testing.T) {
	tests := []struct{ name, nearest string }{
		{"nalc-changes", "nacl-changes"},
		{"nacl", "nacl-changes"},
		{"NACL-Changes", "nacl-changes"},
		{"securitygroup", "security-group-changes"},
		{"gateway", ""}, // of four kinds
		{"bucket", "s3-bucket-policy-changes"},
		{"networkgateway", "network-gateway-changes"},
		{"nat", "nat-gateway-changes"},
		{"vpc", "vpc-changes"},             // the shortest of three
		{"3.10", "security-group-changes"}, // its number in 1.2.0
		{"5.15", "organizations-changes"},
		{"changes", ""},
		{"x", ""},
		{"", ""},
		{strings.Repeat("nacl-changes", 100), ""},
	}
	c := load(t)
	for _, test := range tests {
		_, err := c.Find(test.name, catalog.DefaultBenchmark)
		var e *spelling.UnknownError
		if !errors.As(err, &e) {
			t.Errorf("Find(%q): error %v", test.name, err)
			continue
		}
		if e.Kind != "control" || e.Name != test.name || e.Nearest != test.nearest || len(e.Known) != len(c.Controls) {
			t.Errorf("Find(%q) = %+v, want nearest %q", test.name, e, test.nearest)
		}
	}
}

func TestParseBenchmark(t *testing.T) {
	for _, text := range []string{"cis-3.0.0", "3.0.0"} {
		if b, err := catalog.ParseBenchmark(text); b != "cis-3.0.0" || err != nil {
			t.Errorf("ParseBenchmark(%q) = %q, %v", text, b, err)
		}
	}
	for text, nearest := range map[string]string{
		"cis-3.0":    "cis-3.0.0",
		"3":          "cis-3.0.0",
		"4.0.0":      "cis-4.0.1",
		"CIS v5.0.0": "cis-5.0.0",
		"cis_1.4":    "cis-1.4.0",
		"cis-9.0.0":  "",
		"":           "",
		"nist":       "",
	} {
		b, err := catalog.ParseBenchmark(text)
		var e *spelling.UnknownError
		if !errors.As(err, &e) || b != "" || e.Kind != "benchmark" || e.Nearest != nearest || len(e.Known) != 10 {
			t.Errorf("ParseBenchmark(%q) = %q, %+v; want nearest %q", text, b, err, nearest)
		}
	}
}

func TestBenchmark(t *testing.T) {
	if got, want := catalog.DefaultBenchmark.Title(), "CIS AWS Foundations 3.0.0"; got != want {
		t.Errorf("title %q, want %q", got, want)
	}
	list := catalog.Benchmarks()
	if len(list) != 10 || list[0] != "cis-1.2.0" || list[9] != "cis-7.0.0" || !slices.Contains(list, catalog.DefaultBenchmark) {
		t.Errorf("benchmarks %q", list)
	}
	list[0] = "changed"
	if catalog.Benchmarks()[0] != "cis-1.2.0" {
		t.Error("the list is shared")
	}
}

func TestSelect(t *testing.T) {
	core := []string{"network-gateway-changes", "security-group-changes", "nacl-changes", "guardduty-changes"}
	var all, network []string
	for _, c := range load(t).Controls {
		all = append(all, c.ID)
		if slices.Contains(c.Sets, "network") {
			network = append(network, c.ID)
		}
	}
	if !slices.Contains(network, "nat-gateway-changes") || slices.Contains(network, "guardduty-changes") {
		t.Errorf("the set network has %q", network)
	}
	tests := []struct {
		names []string
		set   string
		want  []string
	}{
		{set: "", want: core},
		{set: "core", want: core},
		{set: "cis", want: all[:15]},
		{set: "all", want: all},
		{set: "network", want: network},
		{names: []string{"nacl-changes", "4.10", "nacl-changes", "4.11"}, set: "cis", want: []string{"nacl-changes", "security-group-changes"}},
	}
	for _, test := range tests {
		selected, err := load(t).Select(test.names, test.set, catalog.DefaultBenchmark)
		var got []string
		for _, c := range selected {
			got = append(got, c.ID)
		}
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("Select(%q, %q): %v (-want +got):\n%s", test.names, test.set, err, diff)
		}
	}
}

func TestSelectUnknown(t *testing.T) {
	tests := []struct {
		names []string
		set   string
		kind  string
		near  string
	}{
		{set: "cor", kind: "set", near: "core"},
		{names: []string{"nacl-changes", "vpc-chagnes"}, kind: "control", near: "vpc-changes"},
	}
	for _, test := range tests {
		_, err := load(t).Select(test.names, test.set, catalog.DefaultBenchmark)
		var e *spelling.UnknownError
		if !errors.As(err, &e) || e.Kind != test.kind || e.Nearest != test.near {
			t.Errorf("Select(%q, %q): %+v", test.names, test.set, err)
		}
	}
	if want := []string{"core", "cis", "network", "all"}; !slices.Equal(catalog.Sets(), want) {
		t.Errorf("sets %q, want %q", catalog.Sets(), want)
	}
}

func TestSeverity(t *testing.T) {
	for s, name := range map[catalog.Severity]string{catalog.Low: "low", catalog.Medium: "medium", catalog.High: "high", catalog.Critical: "critical"} {
		parsed, err := catalog.ParseSeverity(name)
		if text, _ := s.MarshalText(); parsed != s || err != nil || s.String() != name || string(text) != name {
			t.Errorf("%s: %v, %v, %q", name, parsed, err, text)
		}
		var read catalog.Severity
		if err := read.UnmarshalText([]byte(name)); err != nil || read != s {
			t.Errorf("%s: read as %v, %v", name, read, err)
		}
	}
	for _, name := range []string{"", "hgih", "High"} {
		_, err := catalog.ParseSeverity(name)
		var e *spelling.UnknownError
		if !errors.As(err, &e) || name != "" && e.Nearest != "high" {
			t.Errorf("ParseSeverity(%q): %+v", name, err)
		}
	}
	if none := catalog.Severity(0).String() + catalog.Severity(9).String(); none != "" {
		t.Errorf("no severity is called %q", none)
	}
	if !(catalog.Low < catalog.Medium && catalog.Medium < catalog.High && catalog.High < catalog.Critical) {
		t.Error("severities do not rise")
	}
}
