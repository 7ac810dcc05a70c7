package desired_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/patterns/azure"
)

func control(t *testing.T, id string) catalog.Control {
	t.Helper()
	cat, err := catalog.Load(azure.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cat.Controls {
		if c.ID == id {
			return c
		}
	}
	t.Fatalf("no control %s", id)
	return catalog.Control{}
}

func same(t *testing.T, name string, got json.RawMessage, want string) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal(got, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(b, a); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

var home = desired.Home{Subscription: "S", ResourceGroup: "RG"}

// TestRules holds the rules to the form that other tools look for: one operation each, the
// location global, the rule operations in the case that turbot compares with, no condition
// but category and operation.
func TestRules(t *testing.T) {
	nsg := control(t, "nsg-changes")
	var names []string
	for _, r := range (desired.Names{}).Rules(nsg, nsg.RequiredOperations(), false, false) {
		names = append(names, r.Name)
	}
	if d := cmp.Diff([]string{"NetworkSecurityGroupWrite", "NetworkSecurityGroupDelete", "NetworkSecurityGroupRuleWrite", "NetworkSecurityGroupRuleDelete"}, names); d != "" {
		t.Error(d)
	}
	rules := desired.Names{Prefix: "acme-"}.Rules(nsg, nsg.RequiredOperations(), false, false)
	if rules[0].Name != "acme-NetworkSecurityGroupWrite" {
		t.Errorf("name %s", rules[0].Name)
	}
	same(t, "a group is written", rules[0].Body(home, home.GroupID("monitorctl-alerts"), nil), `{"location":"global","tags":{"monitorctl:managed":"true"},"properties":{"enabled":true,"description":"Triggered by creation or change of a network security group.",
		"scopes":["/subscriptions/S"],"condition":{"allOf":[{"field":"category","equals":"Administrative"},{"field":"operationName","equals":"Microsoft.Network/networkSecurityGroups/write"}]},
		"actions":{"actionGroups":[{"actionGroupId":"/subscriptions/S/resourceGroups/RG/providers/Microsoft.Insights/actionGroups/monitorctl-alerts"}]}}}`)
	same(t, "a rule is written", rules[2].Body(home, "G", map[string]string{"team": "x"}), `{"location":"global","tags":{"monitorctl:managed":"true","team":"x"},"properties":{"enabled":true,"description":"Triggered by creation or change of a network security group rule.",
		"scopes":["/subscriptions/S"],"condition":{"allOf":[{"field":"category","equals":"Administrative"},{"field":"operationName","equals":"Microsoft.Network/networksecuritygroups/securityrules/write"}]},
		"actions":{"actionGroups":[{"actionGroupId":"G"}]}}}`)
	one := desired.Names{}.Rules(nsg, nsg.RequiredOperations()[:2], true, true)
	if len(one) != 1 {
		t.Fatalf("%d rules instead of one", len(one))
	}
	same(t, "one rule, once", one[0].Body(home, "G", nil), `{"location":"global","tags":{"monitorctl:managed":"true"},"properties":{"enabled":true,"description":"Triggered by: Network security group changes.",
		"scopes":["/subscriptions/S"],"condition":{"allOf":[{"field":"category","equals":"Administrative"},{"field":"operationName","containsAny":["Microsoft.Network/networkSecurityGroups/write","Microsoft.Network/networkSecurityGroups/delete"]},{"field":"status","equals":"Succeeded"}]},
		"actions":{"actionGroups":[{"actionGroupId":"G"}]}}}`)
	health := control(t, "service-health")
	same(t, "incidents", desired.Names{}.Rules(health, health.RequiredOperations(), false, true)[0].Body(home, "G", nil), `{"location":"global","tags":{"monitorctl:managed":"true"},"properties":{"enabled":true,"description":"`+health.RequiredOperations()[0].Description+`",
		"scopes":["/subscriptions/S"],"condition":{"allOf":[{"field":"category","equals":"ServiceHealth"},{"field":"properties.incidentType","equals":"Incident"}]},"actions":{"actionGroups":[{"actionGroupId":"G"}]}}}`)
	beyond := desired.Names{}.Supplement(health, health.OtherOperations(), false)
	if beyond.Name != "ServiceHealthSupplement" || len(beyond.Operations) != 4 {
		t.Errorf("%s with %d incidents", beyond.Name, len(beyond.Operations))
	}
}

// TestGroup holds the action group to what Azure wants, and its receivers to names that are
// unique and hold nothing secret.
func TestGroup(t *testing.T) {
	receivers := []desired.Receiver{
		{Kind: subscription.Email, Address: "security@example.com"},
		{Kind: subscription.SMS, Country: "49", Address: "15112345678"},
		{Kind: subscription.SMS, Country: "49", Address: "15187654321"},
		{Kind: subscription.Webhook, Address: "https://alerts.example.com/SECRET"},
		{Kind: subscription.Role, Address: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", Label: "Owner"},
		{Kind: subscription.LogicApp, Address: "/subscriptions/S/resourceGroups/RG/providers/Microsoft.Logic/workflows/chat"},
	}
	list := desired.Name(receivers, []string{"SMS"})
	same(t, "group", desired.GroupBody(list, nil, map[string]string{receivers[5].Address: "https://callback.example.com/KEY"}), `{"location":"Global","tags":{"monitorctl:managed":"true"},"properties":{"groupShortName":"monitorctl","enabled":true,
		"emailReceivers":[{"name":"security@example.com","emailAddress":"security@example.com","useCommonAlertSchema":true}],
		"smsReceivers":[{"name":"sms 2","countryCode":"49","phoneNumber":"15112345678"},{"name":"sms 3","countryCode":"49","phoneNumber":"15187654321"}],
		"webhookReceivers":[{"name":"webhook alerts.example.com","serviceUri":"https://alerts.example.com/SECRET","useCommonAlertSchema":true}],
		"armRoleReceivers":[{"name":"role Owner","roleId":"8e3af657-a8ff-443c-a75c-2fe8c4bcb635","useCommonAlertSchema":true}],
		"logicAppReceivers":[{"name":"logic app chat","resourceId":"/subscriptions/S/resourceGroups/RG/providers/Microsoft.Logic/workflows/chat","callbackUrl":"https://callback.example.com/KEY","useCommonAlertSchema":true}]}}`)
	masked := subscription.Mask(json.RawMessage(`{"properties":`+string(properties(t, desired.GroupBody(list, nil, nil)))+`}`), "5a17")
	have := subscription.ReadActionGroup(masked)
	for i, r := range receivers {
		known := 0
		for _, h := range have.Receivers {
			if r.Is(h, "5a17") {
				known++
			}
		}
		if known != 1 {
			t.Errorf("receiver %d is found %d times behind its mask", i, known)
		}
	}
}

func properties(t *testing.T, body json.RawMessage) json.RawMessage {
	t.Helper()
	var o struct{ Properties json.RawMessage }
	if err := json.Unmarshal(body, &o); err != nil {
		t.Fatal(err)
	}
	return o.Properties
}

// TestOwner tells ours from what code or someone else keeps.
func TestOwner(t *testing.T) {
	for _, tt := range []struct {
		tags map[string]string
		ours bool
	}{
		{map[string]string{"monitorctl:managed": "true", "policy": "added"}, true},
		{map[string]string{"Monitorctl:Managed": "true"}, true}, // names of tags compare without case
		{map[string]string{"monitorctl:managed": "terraform"}, false},
		{map[string]string{"monitorctl:managed": "false"}, false},
		{nil, false},
	} {
		if o := desired.OwnerOf(tt.tags); o.Ours != tt.ours || o.Ours != (o.Why == "") {
			t.Errorf("%v: %+v", tt.tags, o)
		}
	}
}
