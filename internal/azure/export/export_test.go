package export

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
)

const (
	inGroup = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/it's ${one} $(two)"
	groupID = inGroup + "/providers/Microsoft.Insights/actionGroups/monitorctl-alerts"
	ruleID  = inGroup + "/providers/Microsoft.Insights/activityLogAlerts/Nsg%{if}Changes"
)

// plan is what makes everything, with names that try to be something else.
func plan() []action.Action {
	rule, _ := json.Marshal(map[string]any{"location": "global", "tags": map[string]string{"a": "${b}'\"\n"}, "properties": map[string]any{
		"enabled": true, "scopes": []string{"/subscriptions/11111111-2222-3333-4444-555555555555"},
		"condition": map[string]any{"allOf": []any{map[string]any{"field": "operationName", "containsAny": []string{"a", "b"}}, map[string]any{"field": "n", "equals": 1.5}}},
		"actions":   map[string]any{"actionGroups": []any{map[string]any{"actionGroupId": groupID}}},
	}})
	return []action.Action{ // not in their order
		action.PutRule{ID: ruleID, Body: rule},
		action.PutGroup{ID: groupID, Tags: map[string]string{"team": "sec"}, Add: desired.Name([]desired.Receiver{{Kind: subscription.Email, Address: "a@example.com"}}, nil)},
		action.CreateResourceGroup{ID: inGroup, Location: "westeurope"},
	}
}

// wants are the bodies by id, in the order in which they are made.
func wants(t *testing.T) (ids []string, bodies map[string]any) {
	t.Helper()
	list, err := objects(plan())
	if err != nil {
		t.Fatal(err)
	}
	bodies = map[string]any{}
	for _, o := range list {
		var v any
		if err := json.Unmarshal(o.body, &v); err != nil {
			t.Fatal(err)
		}
		ids, bodies[o.id] = append(ids, o.id), v
	}
	if cmp.Diff(ids, []string{inGroup, groupID, ruleID}) != "" {
		t.Fatalf("%q", ids)
	}
	return ids, bodies
}

// run runs commands with an az that writes down how it is called: it answers a GET with what
// there has.
func run(t *testing.T, commands, there string) (calls [][]string, code int, said string) {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh to run the commands")
	}
	dir := t.TempDir()
	log := filepath.Join(dir, "calls")
	stub := "#!/bin/sh\nfor a in \"$@\"; do printf '%s\\0' \"$a\"; done >> '" + log + "'; printf '\\n\\0' >> '" + log + "'\ncase \"$3\" in get) " + there + ";; esac\n"
	if err := os.WriteFile(filepath.Join(dir, "az"), []byte(stub), 0o700); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(sh)
	c.Stdin, c.Env = strings.NewReader(commands), append(os.Environ(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := c.CombinedOutput()
	if err != nil {
		code = c.ProcessState.ExitCode()
	}
	data, _ := os.ReadFile(log)
	for _, call := range strings.Split(strings.TrimSuffix(string(data), "\n\x00"), "\n\x00") {
		calls = append(calls, strings.Split(strings.TrimSuffix(call, "\x00"), "\x00"))
	}
	return calls, code, string(out)
}

// TestCommands makes the objects that apply makes, where none of them is there, and nothing
// where one is or nobody knows.
func TestCommands(t *testing.T) {
	text, err := Commands(plan())
	if err != nil {
		t.Fatal(err)
	}
	ids, bodies := wants(t)
	calls, code, said := run(t, text, `echo "ERROR: Not Found({\"error\":{\"code\":\"ResourceNotFound\"}})" >&2; exit 3`)
	if code != 0 || len(calls) != 2*len(ids) {
		t.Fatalf("exit %d, %q: %s", code, calls, said)
	}
	for i, call := range calls[len(ids):] {
		id, version, _ := strings.Cut(call[4], "?api-version=")
		var body any
		if err := json.Unmarshal([]byte(call[len(call)-1]), &body); err != nil || id != ids[i] || version == "" || strings.Join(call[:4], " ") != "rest --method put --url" {
			t.Errorf("%q: %v", call, err)
		}
		if d := cmp.Diff(bodies[ids[i]], body); d != "" {
			t.Errorf("%s: -apply +commands\n%s", id, d)
		}
	}
	for there, want := range map[string]string{"echo '{}'": "exists; nothing was written", "echo 'ERROR: Forbidden' >&2; exit 1": "Forbidden; nothing was written"} {
		calls, code, said := run(t, text, there)
		if code == 0 || len(calls) != 1 || !strings.Contains(said, want) {
			t.Errorf("%s: exit %d, %d calls: %s", there, code, len(calls), said)
		}
	}
}

// TestTerraform holds the same objects, each behind the one before it.
func TestTerraform(t *testing.T) {
	text, err := Terraform(plan())
	if err != nil {
		t.Fatal(err)
	}
	file, diags := hclsyntax.ParseConfig([]byte(text), "main.tf", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%v\n%s", diags, text)
	}
	ids, bodies := wants(t)
	blocks := file.Body.(*hclsyntax.Body).Blocks
	if len(blocks) != len(ids) {
		t.Fatal(text)
	}
	for i, b := range blocks {
		got := map[string]any{}
		for name, a := range b.Body.Attributes {
			if name == "depends_on" {
				if at := a.Expr.Variables()[0]; i == 0 || at.RootName() != "azapi_resource" || at[1].(hcl.TraverseAttr).Name != blocks[i-1].Labels[1] {
					t.Errorf("%q depends on %v", b.Labels, at)
				}
				continue
			}
			v, diags := a.Expr.Value(nil)
			if diags.HasErrors() {
				t.Fatalf("%v\n%s", diags, text)
			}
			data, err := ctyjson.Marshal(v, v.Type())
			if err != nil {
				t.Fatal(err)
			}
			var plain any
			if err := json.Unmarshal(data, &plain); err != nil {
				t.Fatal(err)
			}
			got[name] = plain
		}
		want, _ := bodies[ids[i]].(map[string]any)
		kind, version, _ := strings.Cut(got["type"].(string), "@")
		id := got["parent_id"].(string) + "/resourceGroups/" + got["name"].(string)
		if i > 0 {
			id = got["parent_id"].(string) + "/providers/" + kind + "/" + got["name"].(string)
		}
		if id != ids[i] || version == "" {
			t.Errorf("%s, want %s", id, ids[i])
		}
		body, _ := got["body"].(map[string]any)
		have := map[string]any{}
		for _, name := range []string{"location", "tags"} {
			if v, ok := got[name]; ok {
				have[name] = v
			}
		}
		for k, v := range body {
			have[k] = v
		}
		if d := cmp.Diff(want, have); d != "" {
			t.Errorf("%s: -apply +terraform\n%s", id, d)
		}
	}
}

// TestNoCode: what is there is not written whole, and no secret is written down.
func TestNoCode(t *testing.T) {
	there := json.RawMessage(`{}`)
	for want, a := range map[string]action.Action{
		"change action group":               action.PutGroup{ID: groupID, Before: there},
		"update alert rule":                 action.PutRule{ID: ruleID, Body: there, Before: there},
		"register the provider":             action.RegisterProvider{},
		"webhook https://hooks.example/***": action.PutGroup{ID: groupID, Add: []desired.Named{{Name: "hook", Receiver: desired.Receiver{Kind: subscription.Webhook, Address: "https://hooks.example/s3cret"}}}},
	} {
		for name, f := range map[string]func([]action.Action) (string, error){"commands": Commands, "terraform": Terraform} {
			if text, err := f([]action.Action{a}); text != "" || err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "only apply can ") || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s of %s: %q, %v", name, want, text, err)
			}
		}
	}
}
