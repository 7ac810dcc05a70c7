package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/monitorctl/monitorctl/internal/azuretest"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/run"
)

// The subscription of the demo.
const (
	demoSubscription     = "11111111-2222-3333-4444-555555555555"
	demoTenant           = "99999999-8888-7777-6666-555555555555"
	demoSubscriptionName = "acme-prod"
	demoResourceGroup    = "monitoring"
)

// An azureDemo is one demo of Azure.
type azureDemo struct {
	demoRun
	azure *azuretest.Cloud

	// broken, in tests, breaks a link after the repair.
	broken func(*azuretest.Cloud) error
}

// newAzureDemo starts the subscription as CIS Azure 6.0.0 wants it: changes of network
// security groups are watched, those of their rules are not.
func newAzureDemo(e *env, noColor bool) (*azureDemo, error) {
	cloud := azuretest.New(demoStart)
	cloud.AddSubscription(demoSubscription, demoSubscriptionName, demoTenant, "Enabled")
	for _, object := range demoObjects() {
		raw, err := json.Marshal(object)
		if err != nil {
			return nil, err
		}
		if err := cloud.Put(raw); err != nil {
			return nil, fmt.Errorf("preparing the demo subscription: %w", err)
		}
	}
	inner := newEnv(e.Console)
	inner.run.Now = func() time.Time { return demoStart }
	inner.run.Pause = func(_ context.Context, d time.Duration) error { cloud.Advance(d); return nil }
	inner.run.EmbeddedAzure = &run.EmbeddedAzure{Transport: cloud, Token: cloud.Token(demoTenant)}
	return &azureDemo{demoRun: demoRun{out: e.Out, env: inner, noColor: noColor}, azure: cloud}, nil
}

// demoObjects are an action group of a team, and its rules for the groups.
func demoObjects() []map[string]any {
	home := "/subscriptions/" + demoSubscription + "/resourceGroups/" + demoResourceGroup + "/providers/"
	group := home + azuretest.ActionGroups + "/platform-oncall"
	out := []map[string]any{{"id": group, "location": "Global", "properties": map[string]any{
		"groupShortName": "oncall", "smsReceivers": []any{map[string]any{"name": "oncall", "countryCode": "49", "phoneNumber": "15112345678", "status": "Enabled"}},
	}}}
	for name, verb := range map[string]string{"nsg-write": "write", "nsg-delete": "delete"} {
		out = append(out, map[string]any{"id": home + azuretest.AlertRules + "/" + name, "location": "global", "properties": map[string]any{
			"scopes": []string{"/subscriptions/" + demoSubscription},
			"condition": map[string]any{"allOf": []any{
				map[string]any{"field": "category", "equals": "Administrative"},
				map[string]any{"field": "operationName", "equals": "Microsoft.Network/networkSecurityGroups/" + verb},
			}},
			"actions": map[string]any{"actionGroups": []any{map[string]any{"actionGroupId": group}}},
		}})
	}
	return out
}

// run tells the story.
func (d *azureDemo) run(ctx context.Context) error {
	d.say("An Azure subscription inside this process. It follows CIS Azure 6.0.0 word for word.")
	if err := d.command(ctx, exit.ControlsFailed, "audit", "--subscription", demoSubscriptionName); err != nil {
		return err
	}
	d.say("What would repair it?")
	wishes := []string{"--subscription", demoSubscriptionName, "--resource-group", demoResourceGroup, "--subscribe", "email:" + demoSubscriber}
	if err := d.command(ctx, exit.Done, append([]string{"plan", "--brief"}, wishes...)...); err != nil {
		return err
	}
	d.say("The repair adds what is missing and does not touch what already exists.")
	if err := d.command(ctx, exit.Done, append([]string{"apply", "--yes", "--quiet"}, wishes...)...); err != nil {
		return err
	}
	d.say("Azure sends a code to a new e-mail address: the owner of " + demoSubscriber + " enters it.")
	group := "/subscriptions/" + demoSubscription + "/resourceGroups/" + demoResourceGroup + "/providers/" + azuretest.ActionGroups + "/monitorctl-alerts"
	if err := d.azure.SetStatus(group, demoSubscriber, "Enabled"); err != nil {
		return fmt.Errorf("verifying %s: %w", demoSubscriber, err)
	}
	if d.broken != nil {
		if err := d.broken(d.azure); err != nil {
			return err
		}
	}
	auditErr := d.command(ctx, exit.Done, "audit", "--subscription", demoSubscriptionName)
	return errors.Join(auditErr, d.addRule())
}

// addRule makes the dangerous change and reports who was alerted; the error says that
// nobody was.
func (d *azureDemo) addRule() error {
	d.say("Now someone opens a port: one allow rule, added to a network security group.")
	before := len(d.azure.Inbox(demoSubscriber))
	d.azure.Do(demoSubscription, azuretest.Call{
		Operation: "Microsoft.Network/networkSecurityGroups/securityRules/write", Caller: "mallory@example.com", ResourceGroup: "prod", Name: "web",
	})
	mail := d.azure.Inbox(demoSubscriber)[before:]
	if len(mail) == 0 {
		fmt.Fprintf(d.out, "\nNobody was alerted.\n")
		return errors.New("demo: nobody was alerted to the new rule")
	}
	fmt.Fprintf(d.out, "\n%s gets %s, 3 to 20 minutes after the change:\n\n", demoSubscriber, run.Plural(len(mail), "message"))
	for _, m := range mail {
		fmt.Fprintf(d.out, "    %s\n", report.Sanitize(m.Story()))
	}
	return nil
}
