package audit_test

import (
	"slices"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/patterns"
)

// TestCauses sees in every judged situation that what is wrong has a name: a status
// has a reason of that status, codes are in the table, no two reasons are the same
// cause, and the conditions of a narrowing are those that the finding lists.
func TestCauses(t *testing.T) {
	cat, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	known := map[finding.Code]bool{}
	for _, info := range finding.Codes() {
		known[info.Code] = true
	}
	conditions := 0
	for _, file := range caseFiles(t) {
		f := judgedFile(t, cat, file).finding
		if f.Waiver != nil {
			continue
		}
		if f.Status != finding.Pass && f.Status != finding.NotApplicable && !slices.ContainsFunc(f.Reasons, func(r finding.Reason) bool { return r.Status == f.Status }) {
			t.Errorf("%s: it is %s, and no reason is", file, f.Status)
		}
		seen := map[finding.Cause]bool{}
		for _, r := range f.Reasons {
			if !known[r.Code] {
				t.Errorf("%s: code %s is not in the table of codes", file, r.Code)
			}
			for _, c := range f.CausesOf(r) {
				if r.Status == finding.Fail && seen[c] {
					t.Errorf("%s: two reasons are the cause %+v", file, c)
				}
				seen[c] = true
			}
			if r.Code != "filter-narrowed" && r.Code != "filter-excludes" || r.Status == finding.Pass {
				continue
			}
			if len(r.Conditions) == 0 {
				t.Errorf("%s: %s has no condition", file, r.Code)
			}
			for _, text := range r.Conditions {
				conditions++
				if text != finding.Unlisted && !slices.ContainsFunc(f.Narrowed, func(n finding.Narrowing) bool { return n.Text == text }) {
					t.Errorf("%s: condition %q is not among those that the finding lists", file, text)
				}
			}
		}
	}
	if conditions < 10 {
		t.Errorf("only %d conditions: the test shows little", conditions)
	}
}
