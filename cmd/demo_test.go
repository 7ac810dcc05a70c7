package cmd

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/awstest"
	"github.com/monitorctl/monitorctl/internal/exit"
)

const repaired = "SecurityGroupConfigChanges" // the filter that the demo's apply creates

// TestDemo breaks each link of the repaired chain in turn: the story must change,
// and nobody may be told.
func TestDemo(t *testing.T) {
	tests := []struct {
		name     string
		sabotage func(*awstest.Cloud, *awstest.Region) error
		audit    string // part of the second audit
		story    string // part of the story; "" means that someone is told
	}{
		{"nothing", nil, "4 passed", ""},
		{"trail", func(_ *awstest.Cloud, r *awstest.Region) error { return r.StopLogging("org-trail") },
			"trail org-trail is stopped", "org-trail"},
		{"filter", func(_ *awstest.Cloud, r *awstest.Region) error { return r.DeleteMetricFilter(demoGroup, repaired) },
			"DeleteSecurityGroup would go unseen", "none of the 4 metric filters"},
		{"alarm", func(_ *awstest.Cloud, r *awstest.Region) error { return r.DeleteAlarms(repaired + "Alarm") },
			"no alarm watches metric", "no alarm"},
		{"actions", func(_ *awstest.Cloud, r *awstest.Region) error { return r.DisableAlarmActions(repaired + "Alarm") },
			"its actions are disabled", "disabled"},
		{"topic", func(_ *awstest.Cloud, r *awstest.Region) error {
			return r.DeleteTopic("arn:aws:sns:" + demoRegion + ":" + demoAccount + ":monitorctl-alerts")
		}, "does not exist", "monitorctl-alerts"},
		{"subscriber", func(c *awstest.Cloud, _ *awstest.Region) error { return c.UnsubscribeEmail(demoSubscriber) },
			"no subscriber", "the subscription is deleted"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, errs bytes.Buffer
			d, err := newDemoRun(testEnv(&out, &errs), true)
			if err != nil {
				t.Fatal(err)
			}
			defer d.stop()
			d.sabotage = tt.sabotage
			err = d.run(context.Background())
			_, second, _ := strings.Cut(out.String(), "must confirm first")
			if !strings.Contains(second, tt.audit) {
				t.Errorf("the second audit does not say %q:\n%s", tt.audit, second)
			}
			if tt.story == "" {
				if err != nil || !strings.Contains(second, `Subject: ALARM: "SecurityGroupConfigChangesAlarm"`) {
					t.Errorf("nobody was alerted: %v\n%s", err, second)
				}
				_, rule, _ := strings.Cut(second, "An EventBridge")
				rule, others, _ := strings.Cut(rule, "\n== ")
				for _, want := range []string{
					"    monitorctl: DeleteSecurityGroup by arn:aws:sts::111122223333:assumed-role/admin/alice in 111122223333/eu-central-1 from 198.51.100.7 at 2026-",
					`"textType":"client-markdown"`, `"event_action":"trigger"`, `"dedup_key":"0a1b2c3d-0000-4000-8000-000000000002"`, `"severity":"error"`,
				} {
					if !strings.Contains(others, want) {
						t.Errorf("the other forms do not say %q:\n%s", want, others)
					}
				}
				for _, want := range []string{"was alerted at 09:30:02, 2s after the change", "DeleteSecurityGroup (ec2.amazonaws.com)", "assumed-role/admin/alice", "198.51.100.7", "/cloudtrailv2/home?region=eu-central-1#/events/0a1b2c3d"} {
					if !strings.Contains(rule, want) {
						t.Errorf("the rule's message does not say %q:\n%s", want, rule)
					}
				}
				if lines := strings.Count(rule, "\n"); lines > 24 {
					t.Errorf("the last step has %d lines, which no screen shows at once", lines)
				}
				return
			}
			if err == nil || exit.Code(err) != exit.Failed || !strings.Contains(err.Error(), "nobody was alerted") {
				t.Errorf("error %v, want that nobody was alerted", err)
			}
			if _, story, _ := strings.Cut(second, "Nobody was alerted"); !strings.Contains(story, tt.story) {
				t.Errorf("the story does not say %q:\n%s", tt.story, second)
			}
		})
	}
}
