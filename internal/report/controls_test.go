package report

import (
	"bytes"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
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
