package audit_test

import (
	"cmp"
	"fmt"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/patterns"
)

// TestStages holds the four columns of situations: a stage behind a link that does
// not exist, or that nobody could see, is "-".
func TestStages(t *testing.T) {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"baseline-security-group":  "ok ok ok ok",
		"trail-none":               "none - - -",
		"trail-no-log-group":       "none - - -",
		"trail-stopped":            "none ok ok ok",
		"central-not-asked":        "unknown unknown - -",
		"filter-none":              "ok none - -",
		"filter-lower-case":        "ok none - -",
		"filter-gap":               "ok gap ok ok",
		"filter-root-sign-in-only": "ok gap ok ok",
		"alarm-none":               "ok ok none -",
		"alarm-other-namespace":    "ok ok none -",
		"alarm-other-region":       "ok ok none -",
		"alarm-dimensions":         "ok ok none -",
		"alarm-unit":               "ok ok none -",
		"alarms-denied":            "ok ok unknown -",
		"alarm-threshold-5":        "ok ok none ok",
		"alarm-no-action":          "ok ok ok none",
		"topic-missing":            "ok ok ok none",
		"topic-pending":            "ok ok ok none",
		"advanced-root-itself":     "none ok ok ok",
	} {
		s := judgedFile(t, cat, judgingDir+"/"+name+".yaml").finding.Stages
		dash := func(state finding.LinkState) string { return cmp.Or(string(state), "-") }
		if got := fmt.Sprint(dash(s.Trail), " ", dash(s.Filter), " ", dash(s.Alarm), " ", dash(s.Notify)); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
