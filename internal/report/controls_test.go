package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
)

func TestControlsGolden(t *testing.T) {
	controls := []catalog.Control{
		{
			ID: "security-group-changes", Title: "Changes to security groups reach a person", Severity: catalog.High,
			Sets: []string{"core", "cis", "network"}, Numbers: map[catalog.Benchmark]catalog.Number{"cis-3.0.0": {Number: "4.10"}},
		},
		{ID: "guardduty-changes", Title: "Changes to GuardDuty reach a person", Severity: catalog.Low, Sets: []string{"core"}},
		{ID: "mine", Title: "A control\nof a user's own", Severity: catalog.Critical},
	}
	for name, width := range map[string]int{"controls.txt": 0, "controls-60.txt": 60} {
		var b bytes.Buffer
		if err := Controls(&b, controls, "cis-3.0.0", Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
	}
	var b bytes.Buffer
	if err := Controls(&b, nil, "cis-3.0.0", Options{}); err != nil || b.Len() != 0 {
		t.Errorf("without controls: %q, error %v; want nothing", b.String(), err)
	}
}

func TestControlGolden(t *testing.T) {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, control string
		b             catalog.Benchmark
		width         int
	}{
		{"control.txt", "security-group-changes", "cis-3.0.0", 0},
		{"control-80.txt", "security-group-changes", "cis-7.0.0", 80},
		{"control-condition.txt", "unauthorized-api-calls", "cis-1.4.0", 0},
		{"control-state.txt", "security-hub-enabled", "cis-3.0.0", 80},
		{"control-beyond.txt", "nat-gateway-changes", "cis-3.0.0", 0},
	} {
		c, err := cat.Find(tt.control, tt.b)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := Control(&b, c, tt.b, Options{Width: tt.width}); err != nil {
			t.Fatal(err)
		}
		golden(t, tt.name, b.Bytes())
		for line := range strings.Lines(b.String()) {
			if w := twwidth.Width(strings.TrimSuffix(line, "\n")); tt.width > 0 && w > tt.width {
				t.Errorf("%s: a line has %d columns: %q", tt.name, w, line)
			}
		}
	}
}
