package audit_test

import (
	"slices"
	"testing"

	"github.com/monitorctl/monitorctl/internal/azure/audit"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// TestCauses sees in every judged situation that what is wrong has a name: a status has
// a reason of that status, codes are in the table, no two reasons are the same cause,
// the conditions of a narrowing are those that the finding lists, and what no rule
// matches is named as it is missed.
func TestCauses(t *testing.T) {
	cat := loadCatalog(t)
	known := map[finding.Code]bool{}
	for _, info := range finding.AllCodes() {
		known[info.Code] = true
	}
	conditions := 0
	for _, file := range situationFiles(t) {
		s := readSituation(t, file)
		f := s.judge(t, cat)
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
			conditions += len(r.Conditions)
			for _, text := range r.Conditions {
				if !isNamed(&f, r, text) {
					t.Errorf("%s: %s has the condition %q, which the finding does not list: narrowed %+v, missed %+v", file, r.Code, text, f.Narrowed, f.Missed)
				}
			}
			if (r.Code == audit.CodeRuleNarrowed || r.Code == audit.CodeNoRule || r.Code == audit.CodeRuleMissesOperation) && len(r.Conditions) == 0 {
				t.Errorf("%s: %s names no condition", file, r.Code)
			}
		}
	}
	if conditions < 60 {
		t.Errorf("only %d conditions were looked at", conditions)
	}
}

// isNamed reports whether a finding lists the condition of one of its reasons. What
// nobody knows is not missed.
func isNamed(f *finding.Finding, r finding.Reason, text string) bool {
	if r.Code == audit.CodeRuleNarrowed {
		return slices.ContainsFunc(f.Narrowed, func(n finding.Narrowing) bool { return n.Text == text })
	}
	name := func(m finding.MissedEvent) bool { return m.Event == text || "Service Health: "+m.Event == text }
	return r.Status == finding.Unknown || slices.ContainsFunc(f.Missed, name)
}

// TestAccept sets causes of a subscription aside: one operation more that no rule
// matches, or one condition more, is a new cause.
func TestAccept(t *testing.T) {
	cat := loadCatalog(t)
	caller := ruleText{Name: "r", AllOf: []any{"category = Administrative", "operationName in @write | @delete | @ruleWrite | @ruleDelete", "caller = alice@example.com"}}
	entry := finding.Accept{
		Control: "nsg-changes", Account: "11111111-2222-3333-4444-555555555555", Code: audit.CodeRuleNarrowed, Where: "not caller = alice@example.com",
		Resource: "/SUBSCRIPTIONS/*/activitylogalerts/R", Reason: "alice alone may", Expires: judgedAt.AddDate(1, 0, 0),
	}
	tests := []struct {
		name  string
		rules []ruleText
		want  finding.Status
	}{
		{"the one cause", []ruleText{caller}, finding.Waived},
		{"another condition", []ruleText{{Name: "r", AllOf: append(slices.Clone(caller.AllOf), "resourceGroup = prod")}}, finding.Fail},
		{"an operation that no rule matches", []ruleText{{Name: "r", AllOf: []any{"category = Administrative", "operationName in @write | @delete | @ruleWrite", "caller = alice@example.com"}}}, finding.Fail},
		{"another rule", []ruleText{{Name: "q", AllOf: caller.AllOf}}, finding.Fail},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := situation{Control: "nsg-changes", Benchmark: "cis-azure-6.0.0", State: "Enabled", Rules: tt.rules}
			f := s.judge(t, cat)
			p := finding.Policy{Accepts: []finding.Accept{entry}}
			if got := p.Apply(f, judgedAt); got.Status != tt.want {
				t.Errorf("%s, want %s: %+v", got.Status, tt.want, got.Reasons)
			}
		})
	}
}
