package lint

import (
	"strings"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/azure/audit"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/iac"
)

// maxShortName is how many characters the short name of an action group can have.
const maxShortName = 12

// A receiver is a receiver of an action group of code.
type receiver struct {
	at      iac.Value
	webhook iac.Value // its address; absent for others
	role    iac.Value // the id of its role; absent for others
}

// armReceivers reads the receivers of an action group of Azure Resource Manager.
func armReceivers(properties iac.Value) []receiver {
	var out []receiver
	for _, f := range properties.Fields {
		if !strings.HasSuffix(strings.ToLower(f.Key), "receivers") {
			continue
		}
		if f.Value.Kind == iac.UnknownValue {
			out = append(out, receiver{at: f.Value})
		}
		for _, r := range f.Value.Items {
			out = append(out, receiver{at: r, webhook: onlyOf(f.Key, "webhookReceivers", r.Get("serviceUri")), role: onlyOf(f.Key, "armRoleReceivers", r.Get("roleId"))})
		}
	}
	return out
}

// terraformReceivers reads those of an azurerm_monitor_action_group.
func terraformReceivers(body iac.Value) []receiver {
	var out []receiver
	for _, f := range body.Fields {
		if !strings.HasSuffix(f.Key, "_receiver") {
			continue
		}
		for _, r := range f.Value.Items {
			out = append(out, receiver{at: r, webhook: onlyOf(f.Key, "webhook_receiver", r.Get("service_uri")), role: onlyOf(f.Key, "arm_role_receiver", r.Get("role_id"))})
		}
	}
	return out
}

// onlyOf returns a value where the key is the one wanted, and an absent one otherwise.
func onlyOf(key, want string, v iac.Value) iac.Value {
	if strings.EqualFold(key, want) {
		return v
	}
	return iac.Value{}
}

// group judges an action group.
func (j *judge) group(out *Result, short, enabled iac.Value, receivers []receiver) {
	for _, r := range receivers {
		for _, v := range []iac.Value{r.webhook, r.role} {
			out.open(v)
		}
		if r.at.Kind == iac.UnknownValue {
			out.open(r.at)
		}
	}
	out.open(short)
	out.open(enabled)
	if n := utf8.RuneCountInString(short.Text); short.Kind == iac.TextValue && n > maxShortName {
		out.find(short, CodeShortName, "the short name %q has %d characters, and Azure accepts %d", short.Text, n, maxShortName)
	}
	if enabled.IsFalse() {
		out.find(enabled, "group-disabled", "the action group is disabled")
	}
	if len(receivers) == 0 {
		out.find(iac.Value{}, "no-receiver", "the action group has no receiver")
	}
	for _, r := range receivers {
		if name := audit.Chat(r.webhook.Text); r.webhook.Kind == iac.TextValue && name != "" {
			out.find(r.webhook, "receiver-format", "a webhook of %s does not understand Azure's messages: a logic app can translate them", name)
		}
		if r.role.Kind == iac.TextValue && audit.Roles()[subscription.Fold(subscription.Name(r.role.Text))] == "" {
			out.find(r.role, "receiver-role", "Azure notifies no member of the role %s", r.role.Text)
		}
	}
}

// processing judges an alert processing rule: one that takes the action groups away from
// all alerts of a subscription, always.
func processing(out *Result) {
	body := out.Body
	removes := out.Type == "azurerm_monitor_alert_processing_rule_suppression"
	if isType(out.Resource, processingRules) {
		body = body.Get("properties")
		for _, a := range body.Get("actions").Items {
			removes = removes || a.Get("actionType").Is("RemoveAllActionGroups")
		}
	}
	conditions := len(body.Get("condition").Items) + len(body.Get("conditions").Items)
	scheduled := body.Get("schedule").Kind != iac.Absent
	if !removes || body.Get("enabled").IsFalse() || conditions > 0 || scheduled || body.Get("conditions").Kind == iac.UnknownValue {
		return
	}
	for _, s := range body.Get("scopes").Items {
		if reach, _ := reachOf(s); reach == reachSubscription {
			out.find(s, "alert-suppressed", "the rule removes the action groups of all alerts of the subscription")
			return
		}
	}
}
