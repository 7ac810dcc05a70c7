package audit_test

import (
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// TestUnread has the reads that had no answer named by reasons, and what to do after the
// cause: a role helps nobody who was throttled.
func TestUnread(t *testing.T) {
	cat := loadCatalog(t)
	none := []string{}
	lists := map[string]string{
		"activityLogAlerts": "Microsoft.Insights/activityLogAlerts/read", "actionGroups": "Microsoft.Insights/actionGroups/read", "actionRules": "Microsoft.AlertsManagement/actionRules/read",
	}
	for code, want := range map[string]string{
		"AuthorizationFailed": "the role Monitoring Reader", "TooManyRequests": "Azure throttled it", "Timeout": "check the network", "ForeignNextLink": "check the network",
		"InvalidAuthenticationTokenTenant": "--tenant", "": "save a new snapshot", "SubscriptionNotFound": "see why",
	} {
		for list, operation := range lists {
			s := situation{Control: "nsg-changes", Benchmark: "cis-azure-6.0.0", State: "Enabled", Unread: map[string]string{list: code}}
			if list == "actionRules" { // which decides only where a rule has no group
				s.Rules = []ruleText{{Name: "r", AllOf: defaultRule.AllOf, Groups: &none}}
			}
			f := s.judge(t, cat)
			if f.Status != finding.Unknown || !strings.Contains(f.Remediation, want) {
				t.Errorf("%s of %s: %s, %q, want %q", code, list, f.Status, f.Remediation, want)
			}
			call := f.Reasons[0].Call
			if call == nil || code != "" && call.Code != code || code == "" && (call.Code != finding.CallNotAsked || call.Operation != operation) {
				t.Errorf("%s of %s: the reason is about the call %+v", code, list, call)
			}
		}
	}
}
