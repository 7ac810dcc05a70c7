package lint

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/cover"
	"github.com/monitorctl/monitorctl/patterns"
	"github.com/monitorctl/monitorctl/patterns/azure"
)

// azureOptions judge by all controls of both clouds.
func azureOptions(t *testing.T) Options {
	t.Helper()
	aws, err := catalog.Load(patterns.FS)
	if err != nil {
		t.Fatal(err)
	}
	cat, err := catalog.Load(azure.FS)
	if err != nil {
		t.Fatal(err)
	}
	return Options{Controls: aws.Controls, Benchmark: catalog.DefaultBenchmark, Azure: AzureScope{Controls: cat.Controls, Benchmark: catalog.DefaultAzureBenchmark}}
}

const good = `
data "azurerm_subscription" "current" {}
resource "azurerm_monitor_activity_log_alert" "r" {
  name   = "r"
  scopes = [data.azurerm_subscription.current.id]
  criteria {
    category       = "Administrative"
    operation_name = "Microsoft.Network/networkSecurityGroups/write"
  }
  action { action_group_id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/actionGroups/ops" }
}
`

// fourOperations is a rule on each operation of nsg-changes.
const fourOperations = `
locals {
  all = { w = "write", d = "delete", rw = "securityRules/write", rd = "securityRules/delete" }
}
resource "azurerm_monitor_activity_log_alert" "r" {
  for_each = local.all
  name     = each.key
  scopes   = ["/subscriptions/11111111-2222-3333-4444-555555555555"]
  criteria {
    category       = "Administrative"
    operation_name = "Microsoft.Network/networkSecurityGroups/${each.value}"
  }
  action { action_group_id = azurerm_monitor_action_group.ops.id }
}
`

// TestAzure has the lines that a file of Terraform or a template gets: path, summary and
// what does not stand there are left out.
func TestAzure(t *testing.T) {
	criteria := func(lines string) string {
		return strings.Replace(good, `    operation_name = "Microsoft.Network/networkSecurityGroups/write"`+"\n", lines+"\n", 1)
	}
	const misses = `[rule-misses-operation]`
	template := func(properties string) string {
		return `{"$schema":"x","parameters":{"known":{"defaultValue":"Administrative"},"free":{}},"resources":[{"type":"Microsoft.Insights/activityLogAlerts","name":"r","location":"global","properties":` + properties + `}]}`
	}
	tests := []struct {
		name, file, text string
		want             []string // parts of lines, in their order; none: nothing but the count
		alien            string   // must not stand there
	}{
		{"one operation of four", "main.tf", good, []string{"main.tf:3:1: nsg-changes: no alert rule matches Microsoft.Network/networkSecurityGroups/delete, Microsoft.Network/networkSecurityGroups/securityRules/{write, delete} " + misses}, "rule-no-action-group"},
		{"all four", "main.tf", fourOperations, []string{"main.tf:5:1: note: covers nsg-changes (6.1.2.3, 6.1.2.4)"}, "]"},
		{"another level", "main.tf", criteria("operation_names = []\n    operation_name = \"Microsoft.Network/networkSecurityGroups/write\"\n    level = \"Critical\""), []string{"main.tf:10:13: the rule matches only where level = Critical [rule-narrowed]"}, ""},
		{"levels without the rest", "main.tf", criteria("operation_name = \"Microsoft.Network/networkSecurityGroups/write\"\n    levels = [\"Informational\"]"), []string{misses, "main.tf:9:14: changes go unseen when the level is Warning, Error, Critical [rule-narrowed]"}, ""},
		{"a category that the operation never has", "main.tf", strings.Replace(good, "Administrative", "Security", 1), []string{"main.tf:7:22: the rule never matches: no record of Microsoft.Network/networkSecurityGroups/write has category = Security [rule-never]"}, misses},
		{"a wildcard", "main.tf", criteria(`operation_name = "Microsoft.Network/networkSecurityGroups/*"`), []string{"main.tf:8:18: the rule never matches: Microsoft.Network/networkSecurityGroups/* has a wildcard, and conditions have none [rule-never]"}, ""},
		{"a slip", "main.tf", criteria(`operation_name = "Microsoft.Network/networkSecurityGroup/write"`), []string{"did you mean Microsoft.Network/networkSecurityGroups/write? [unknown-operation]"}, ""},
		{"another operation", "main.tf", criteria(`operation_name = "Microsoft.Compute/virtualMachines/write"`), nil, "]"},
		{"a resource group", "main.tf", strings.Replace(good, "data.azurerm_subscription.current.id", "azurerm_resource_group.x.id", 1), []string{"main.tf:5:12: the rule sees the resource group azurerm_resource_group.x.id only: a change in another one goes unseen [rule-scope]"}, misses},
		{"no slash", "main.tf", strings.Replace(good, "data.azurerm_subscription.current.id", `"subscriptions/11111111-2222-3333-4444-555555555555"`, 1), []string{"without the leading slash: Azure accepts it, and it never alerts [rule-scope]"}, ""},
		{"two subscriptions", "main.tf", strings.Replace(fourOperations, `scopes   = [`, `scopes   = ["/subscriptions/99999999-2222-3333-4444-555555555555", `, 1), []string{"the rule has 2 subscriptions as scopes, and sees only the one that it is in [rule-scope]"}, misses},
		{"disabled, and no action group", "main.tf", strings.Replace(strings.Replace(good, `name   = "r"`, "name = \"r\"\n  enabled = false", 1), `  action {`, `  nothing {`, 1), []string{"main.tf:5:13: the rule is disabled [rule-disabled]", "main.tf:3:1: note: the rule has no action group: an alert processing rule has to add one [rule-no-action-group]"}, ""},
		{"an action group comes from a processing rule", "main.tf", strings.Replace(good, `  action {`, `  nothing {`, 1) + "resource \"azurerm_monitor_alert_processing_rule_action_group\" \"p\" {\n  scopes = [data.azurerm_subscription.current.id]\n}\n", []string{misses}, "rule-no-action-group"},
		{"suppression", "main.tf", "resource \"azurerm_monitor_alert_processing_rule_suppression\" \"p\" {\n  scopes = [data.azurerm_subscription.current.id]\n}\n", []string{"main.tf:2:12: the rule removes the action groups of all alerts of the subscription [alert-suppressed]"}, "checked in part"},
		{"suppression at night", "main.tf", "resource \"azurerm_monitor_alert_processing_rule_suppression\" \"p\" {\n  scopes = [data.azurerm_subscription.current.id]\n  schedule {\n    effective_from = \"2026-01-01T00:00:00\"\n  }\n}\n", nil, "]"},
		{"groups", "main.tf", "resource \"azurerm_monitor_action_group\" \"g\" {\n  short_name = \"thirteen chars\"\n  enabled = false\n  arm_role_receiver {\n    role_id = \"11111111-2222-3333-4444-555555555555\"\n  }\n}\nresource \"azurerm_monitor_action_group\" \"none\" {\n  short_name = \"none\"\n}\n",
			[]string{"has 14 characters, and Azure accepts 12 [short-name-too-long]", "the action group is disabled [group-disabled]", "Azure notifies no member of the role", "main.tf:8:1: the action group has no receiver [no-receiver]"}, ""},
		{"receivers from a variable", "main.tf", "variable \"to\" {\n  type = list(string)\n}\nresource \"azurerm_monitor_action_group\" \"g\" {\n  short_name = \"g\"\n  dynamic \"email_receiver\" {\n    for_each = var.to\n    content {\n      name = email_receiver.value\n    }\n  }\n}\n", []string{"note: checked in part: interpolation of var.to"}, "no-receiver"},
		{"values from variables", "main.tf", criteria("operation_name = var.operation"), []string{"main.tf:3:1: not checked: interpolation of var.operation"}, "["},
		{"a default", "main.tf", "variable \"operation\" {\n  default = \"Microsoft.Network/networkSecurityGroups/delete\"\n}\n" + criteria("operation_name = var.operation"), []string{"securityRules/{write, delete} " + misses}, ""},
		{"an unknown condition beside a known operation", "main.tf", criteria("operation_name = \"Microsoft.Network/networkSecurityGroups/write\"\n    caller = var.who"), []string{"main.tf:3:1: note: checked in part: interpolation of var.who"}, "rule-narrowed"},
		{"classic networks", "main.tf", criteria(`operation_name = "Microsoft.ClassicNetwork/networkSecurityGroups/write"`), []string{"is about classic networks, which are retired [classic-operation]"}, ""},
		{"every write", "main.tf", criteria(""), []string{"the rule matches every write of the subscription"}, misses},
		{"Service Health in Europe", "main.tf", strings.Replace(criteria("service_health {\n      events = [\"Incident\"]\n    }"), "Administrative", "ServiceHealth", 1) + "", []string{"note: covers service-health (6.1.2.11)"}, "]"},

		{"Terraform in JSON", "main.tf.json", `{"variable": {"to": {"default": "a@b.example"}}, "data": {"azurerm_subscription": {"current": {}}},
			"resource": {"azurerm_monitor_activity_log_alert": {"r": {"for_each": {"w": "write", "d": "delete"}, "name": "${each.key}", "scopes": ["${data.azurerm_subscription.current.id}"], "tags": {"a": "b"},
				"criteria": {"category": "Administrative", "operation_name": "Microsoft.Network/networkSecurityGroups/${each.value}", "level": "Error"},
				"action": [{"action_group_id": "${azurerm_monitor_action_group.g.id}"}]}},
			"azurerm_monitor_action_group": {"g": [{"name": "g", "short_name": "much-too-long-for-it",
				"dynamic": {"email_receiver": {"for_each": ["${var.to}"], "content": {"name": "${email_receiver.value}", "email_address": "${email_receiver.value}"}}}}]}}}`,
			[]string{"main.tf.json:3:132: the rule matches only where level = Error [rule-narrowed]", "has 20 characters, and Azure accepts 12 [short-name-too-long]"}, "no-receiver"},
		{"azapi in JSON", "main.tf.json", `{"resource": {"azapi_resource": {"r": {"type": "Microsoft.Insights/activityLogAlerts@2020-10-01", "name": "r", "body": {"properties": {"scopes": ["/subscriptions/11111111-2222-3333-4444-555555555555"],
			"condition": {"allOf": [{"field": "category", "equals": "Administrative"}, {"field": "operationName", "equals": "Microsoft.Network/networkSecurityGroups/delete"}]}, "actions": {"actionGroups": []}}}}}}}`,
			[]string{"no alert rule matches Microsoft.Network/networkSecurityGroups/write", misses, "[rule-no-action-group]"}, "not checked"},
		{"a template with anyOf", "deploy.json", template(`{"scopes":["[subscription().id]"],"condition":{"allOf":[{"field":"category","equals":"[parameters('known')]"},{"anyOf":[
			{"field":"operationName","equals":"Microsoft.Network/networkSecurityGroups/write"},{"field":"operationName","equals":"Microsoft.Network/networkSecurityGroups/delete"}]}]},"actions":{"actionGroups":[{"actionGroupId":"x"}]}}`),
			[]string{"no alert rule matches Microsoft.Network/networkSecurityGroups/securityRules/{write, delete} " + misses}, "rule-no-action-group"},
		{"a template without category", "deploy.json", template(`{"scopes":["[subscription().id]"],"condition":{"allOf":[{"field":"operationName","equals":"Microsoft.Network/networkSecurityGroups/write"}]},"actions":{"actionGroups":[]}}`),
			[]string{"the rule has no condition on category: Azure refuses it [rule-no-category]"}, ""},
		{"a template of a resource group", "deploy.json", template(`{"scopes":["[resourceGroup().id]"],"condition":{"allOf":[{"field":"category","equals":"Administrative"},{"field":"[parameters('free')]","equals":"x"}]}}`),
			[]string{"the rule sees the resource group resourceGroup().id only", "checked in part: interpolation of parameters('free')"}, ""},
		{"a policy that deploys a rule", "policy.json", `{"properties":{"mode":"All","parameters":{"enabled":{"defaultValue":"true"}},"policyRule":{"if":{"allOf":[{"field":"type","equals":"Microsoft.Resources/subscriptions"}]},"then":{"effect":"deployIfNotExists","details":{
			"type":"Microsoft.Insights/activityLogAlerts","existenceCondition":{"allOf":[{"field":"Microsoft.Insights/ActivityLogAlerts/enabled","equals":"true"}]},
			"deployment":{"properties":{"mode":"incremental","parameters":{"enabled":{"value":"[parameters('enabled')]"}},"template":{"$schema":"x","contentVersion":"1.0.0.0","parameters":{"enabled":{"type":"string"}},"resources":[
			{"type":"Microsoft.Resources/deployments","apiVersion":"2021-04-01","name":"d","properties":{"template":{"$schema":"x","parameters":{},"resources":[
			{"type":"microsoft.insights/activityLogAlerts","apiVersion":"2020-10-01","name":"nsg-delete","location":"global","properties":{"enabled":"[[parameters('enabled')]","scopes":["[[subscription().id]"],"condition":{"allOf":[
			{"field":"category","equals":"Administrative"},{"field":"operationName","equals":"Microsoft.Network/networkSecurityGroups/delete"},{"field":"status","containsAny":["succeeded"]}]}}}]}}}]}}}}}}}}`,
			[]string{"policy.json:5:4: nsg-changes: no alert rule matches Microsoft.Network/networkSecurityGroups/write, Microsoft.Network/networkSecurityGroups/securityRules/{write, delete} " + misses, "policy.json:5:4: note: the rule has no action group"}, "existenceCondition"},
		{"six action groups", "deploy.json", template(`{"scopes":["[subscription().id]"],"condition":{"allOf":[{"field":"category","equals":"Administrative"},{"field":"operationName","equals":"Microsoft.Web/sites/write"}]},"actions":{"actionGroups":[{"actionGroupId":"1"},{"actionGroupId":"2"},{"actionGroupId":"3"},{"actionGroupId":"4"},{"actionGroupId":"5"},{"actionGroupId":"6"}]}}`),
			[]string{"the rule has 6 action groups, and Azure accepts 5 [too-many-groups]"}, ""},
		{"an unknown operator", "deploy.json", template(`{"scopes":["[subscription().id]"],"condition":{"allOf":[{"field":"category","equals":"Administrative"},{"field":"operationName","equals":"Microsoft.Network/networkSecurityGroups/write","notEquals":"x"}]}}`),
			[]string{misses}, "covers"},
		{"a plan", "plan.json", `{"format_version":"1.2","planned_values":{"root_module":{"resources":[{"type":"azurerm_monitor_activity_log_alert","address":"azurerm_monitor_activity_log_alert.x","values":{
			"scopes":["/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/prod"],"enabled":true,"location":"global","action":[{"action_group_id":"x"}],
			"criteria":[{"category":"Administrative","operation_name":"Microsoft.Network/networkSecurityGroups/write","caller":null,"levels":[],"status":""}]}}]}}}`,
			[]string{"the rule sees the resource group prod only"}, "checked in part"},
		{"Bicep", "main.bicep", "param status array = [\n  'succeeded'\n]\nresource r 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {\n  name: 'nsg-delete'\n  location: 'Global'\n  properties: {\n    scopes: [\n      subscription().id\n    ]\n    condition: {\n      allOf: [\n" +
			"        { field: 'category', equals: 'Administrative' }\n        { field: 'operationName', equals: 'Microsoft.Network/networkSecurityGroups/delete' }\n        { field: 'status', containsAny: status }\n        { field: 'level', equals: 'Error' }\n      ]\n    }\n  }\n}\n",
			[]string{"main.bicep:16:35: the rule matches only where level = Error [rule-narrowed]", "main.bicep:4:1: note: the rule has no action group", "main.bicep:6:13: note: the location is written"}, "not checked"},
		{"Bicep with a brace too many", "main.bicep", "resource r 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {\n  x: [\n    { {\n    } }\n  ]\n}\n", []string{"main.bicep:3:7: not read: a key and a colon are expected"}, "["},
		{"a document of something else", "x.json", `{"activityLogAlert":true,"type":"Microsoft.Insights/activityLogAlerts"}`, []string{"no pattern was found"}, "["},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, tt.file), []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Chdir(dir)
			r, err := Run(context.Background(), []string{tt.file}, nil, azureOptions(t))
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := WriteText(&b, r, false); err != nil {
				t.Fatal(err)
			}
			rest := b.String()
			for _, want := range tt.want {
				at := strings.Index(rest, want)
				if at < 0 {
					t.Fatalf("no %q (in this order) in\n%s", want, b.String())
				}
				rest = rest[at+len(want):]
			}
			if tt.alien != "" && strings.Contains(b.String(), tt.alien) {
				t.Errorf("%q stands in\n%s", tt.alien, b.String())
			}
		})
	}
}

// TestBicepModules reads modules with what they are given: what a module lacks by itself
// is known then, and its file is not judged by itself, too.
func TestBicepModules(t *testing.T) {
	const module = "param operation string\nparam group string\nresource rule 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {\n  name: 'r'\n  location: 'global'\n  properties: {\n    scopes: [ subscription().id ]\n" +
		"    condition: {\n      allOf: [\n        { field: 'category', equals: 'Administrative' }\n        { field: 'operationName', equals: operation }\n      ]\n    }\n    actions: { actionGroups: [ { actionGroupId: group } ] }\n  }\n}\n"
	call := func(name, operation string) string {
		return "module " + name + " 'modules/alert.bicep' = {\n  name: '" + name + "'\n  params: {\n    operation: 'Microsoft.Network/networkSecurityGroups/" + operation + "'\n    group: group.id\n  }\n}\n"
	}
	three := call("a", "write") + call("b", "delete") + call("c", "securityRules/write")
	tests := []struct {
		name  string
		files map[string]string
		want  []string // parts of the text, in their order
		alien string
	}{
		{"three of four", map[string]string{"main.bicep": three, "modules/alert.bicep": module},
			[]string{"infra/modules/alert.bicep:3:1: nsg-changes: no alert rule matches Microsoft.Network/networkSecurityGroups/securityRules/delete [rule-misses-operation]", "nsg-changes (6.1.2.3, 6.1.2.4) is not covered"}, "not checked"},
		{"all four", map[string]string{"main.bicep": three + call("d", "securityRules/delete"), "modules/alert.bicep": module}, []string{"nsg-changes (6.1.2.3, 6.1.2.4) is covered"}, "not checked"},
		{"the module alone", map[string]string{"modules/alert.bicep": module}, []string{"infra/modules/alert.bicep:3:1: not checked: interpolation of operation"}, ""},
		{"a module that leads out", map[string]string{"main.bicep": "module a '../../alert.bicep' = {\n  params: { operation: 'x' }\n}\n"}, []string{"0 patterns in 0 files"}, "alert.bicep"},
		{"a broken module", map[string]string{"main.bicep": call("a", "write"), "modules/alert.bicep": module + "resource x 'y' = {\n"}, []string{"infra/modules/alert.bicep:17:1: not read: the resource does not end"}, ""},
		{"modules that call each other", map[string]string{
			"a.bicep": "module b 'b.bicep' = {\n}\n" + strings.ReplaceAll(module, "equals: operation", "equals: 'Microsoft.Network/networkSecurityGroups/delete'"), "b.bicep": "module a 'a.bicep' = {\n}\n",
		}, []string{"infra/a.bicep"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for name, text := range tt.files {
				at := filepath.Join("infra", filepath.FromSlash(name))
				if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			o := azureOptions(t)
			for _, c := range o.Azure.Controls {
				if c.ID == "nsg-changes" {
					o.Azure.Asked = []catalog.Control{c}
				}
			}
			r, err := Run(context.Background(), []string{"infra"}, nil, o)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := WriteText(&b, r, false); err != nil {
				t.Fatal(err)
			}
			rest := b.String()
			for _, want := range tt.want {
				at := strings.Index(rest, want)
				if at < 0 {
					t.Fatalf("no %q (in this order) in\n%s", want, b.String())
				}
				rest = rest[at+len(want):]
			}
			if tt.alien != "" && strings.Contains(b.String(), tt.alien) {
				t.Errorf("%q stands in\n%s", tt.alien, b.String())
			}
		})
	}
}

// TestAzureAsked holds controls that are asked for against all files together.
func TestAzureAsked(t *testing.T) {
	o := azureOptions(t)
	for _, c := range o.Azure.Controls {
		if c.ID == "nsg-changes" {
			o.Azure.Asked = []catalog.Control{c}
		}
	}
	rest := strings.NewReplacer(`w = "write", `, "", `resource "azurerm_monitor_activity_log_alert" "r"`, `resource "azurerm_monitor_activity_log_alert" "rest"`).Replace(fourOperations)
	for name, tt := range map[string]struct {
		files map[string]string
		want  cover.Verdict
	}{
		"in two modules":     {map[string]string{"a/main.tf": good, "b/main.tf": rest}, cover.Covered},
		"one is missing":     {map[string]string{"b/main.tf": rest}, cover.Missed},
		"one is not known":   {map[string]string{"b/main.tf": rest, "a/main.tf": strings.Replace(good, `"Microsoft.Network/networkSecurityGroups/write"`, "var.x", 1)}, cover.Unresolved},
		"one sees one group": {map[string]string{"b/main.tf": rest, "a/main.tf": strings.Replace(good, "data.azurerm_subscription.current.id", "azurerm_resource_group.x.id", 1)}, cover.Missed},
		"nothing":            {map[string]string{"a/main.tf": "locals {}"}, cover.Missed},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range tt.files {
				path := filepath.Join(dir, file)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			r, err := Run(context.Background(), []string{dir}, nil, o)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Asked) != 1 || r.Asked[0].Verdict != tt.want {
				t.Errorf("got %+v, want %s", r.Asked, tt.want)
			}
		})
	}
}
