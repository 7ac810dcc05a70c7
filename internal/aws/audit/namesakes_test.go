package audit_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns"
)

// Events of the same names of another service are noted in the chain, and only
// there.
func TestNamesakesAreNoted(t *testing.T) {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]bool{
		"baseline-security-group": true, // the benchmark's text names no source
		"baseline-guardduty":      false,
		"filter-wildcard":         false,
	} {
		f := judgedFile(t, cat, filepath.Join(judgingDir, file+".yaml")).finding
		noted := slices.ContainsFunc(f.Chain, func(l finding.Link) bool {
			return l.Kind == finding.LinkFilter && strings.Contains(l.Detail, "of these names of other services")
		})
		if noted != want || f.Status != finding.Pass || len(f.Reasons) > 0 {
			t.Errorf("%s: noted %v, want %v; %s %v", file, noted, want, f.Status, f.Reasons)
		}
	}
}
