package cmd

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/azuretest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestAzureDemo breaks each link of the repaired chain in turn: the story must change,
// and nobody may be told.
func TestAzureDemo(t *testing.T) {
	home := "/subscriptions/" + demoSubscription + "/resourceGroups/" + demoResourceGroup + "/providers/"
	rule := home + azuretest.AlertRules + "/NetworkSecurityGroupRuleWrite"
	group := home + azuretest.ActionGroups + "/monitorctl-alerts"
	tests := []struct {
		name   string
		broken func(*azuretest.Cloud) error
		audit  string // part of the second audit
	}{
		{"nothing", nil, "1 passed"},
		{"rule", func(c *azuretest.Cloud) error { c.Remove(rule); return nil }, "no alert rule matches Microsoft.Network/networkSecurityGroups/securityRules/write"},
		{"group", func(c *azuretest.Cloud) error { c.Remove(group); return nil }, "action group monitorctl-alerts does not exist"},
		{"receiver", func(c *azuretest.Cloud) error { return c.SetStatus(group, demoSubscriber, "Disabled") }, "is disabled: its owner unsubscribed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			d, err := newAzureDemo(testEnv(&out, &errs), true)
			if err != nil {
				t.Fatal(err)
			}
			d.broken = tt.broken
			err = d.run(context.Background())
			_, second, _ := strings.Cut(out.String(), "Azure sends a code to a new e-mail address")
			if !strings.Contains(second, tt.audit) {
				t.Errorf("the second audit does not say %q:\n%s", tt.audit, second)
			}
			if tt.broken == nil {
				if err != nil || !strings.Contains(second, demoSubscriber+" gets 2 messages") {
					t.Errorf("nobody was alerted: %v\n%s", err, second)
				}
				return
			}
			if err == nil || exit.Code(err) != exit.Failed || !strings.Contains(err.Error(), "nobody was alerted") {
				t.Errorf("error %v, want that nobody was alerted", err)
			}
		})
	}
}
