package cmd

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/exit"
)

// readCI reads a file of docs/ci.
func readCI(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "ci", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The role of docs/ci is allowed exactly what permissions prints.
func TestRoleOfCI(t *testing.T) {
	var template struct {
		Resources struct {
			Role struct {
				Properties struct {
					Policies []struct {
						PolicyDocument any `yaml:"PolicyDocument"`
					} `yaml:"Policies"`
				} `yaml:"Properties"`
			} `yaml:"Role"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal([]byte(readCI(t, "github-role.yaml")), &template); err != nil {
		t.Fatal(err)
	}
	policies := template.Resources.Role.Properties.Policies
	if len(policies) != 1 {
		t.Fatalf("%d policies", len(policies))
	}
	have, err := json.Marshal(policies[0].PolicyDocument)
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := json.Unmarshal(have, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(newCmdLab(t).want(exit.Done, "permissions", "audit", "--set", "cis").out), &want); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("docs/ci/github-role.yaml and 'permissions audit --set cis' differ (-permissions +role):\n%s", d)
	}
	for file, sub := range map[string]string{
		"github-role.yaml": "token.actions.githubusercontent.com:sub: !Sub repo:${Repository}:ref:refs/heads/${Branch}\n",
		"github-role.tf":   `values   = ["repo:acme/infrastructure:ref:refs/heads/main"]`,
	} {
		if text := readCI(t, file); !strings.Contains(text, sub) || !strings.Contains(text, "token.actions.githubusercontent.com:aud") || !strings.Contains(text, "StringEquals") {
			t.Errorf("%s lets in more than the jobs of one branch of one repository", file)
		}
	}
	if !strings.Contains(readCI(t, "github-role.tf"), "monitorctl permissions audit --set cis -o json=monitorctl-audit.json") {
		t.Error("github-role.tf does not say how its policy is made")
	}
}

// Workflow and template of docs/ci name inputs, flags, variables and formats that exist.
func TestKitOfCI(t *testing.T) {
	var action struct{ Inputs map[string]any }
	text, err := os.ReadFile(filepath.Join("..", "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join("..", "docs", "ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range action.Inputs {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/ci.md does not have the input %s", name)
		}
	}
	var workflow struct {
		On struct {
			Schedule []struct{ Cron string }
		}
		Jobs map[string]struct {
			Steps []struct {
				Uses string
				With map[string]any
			}
		}
	}
	if err := yaml.Unmarshal([]byte(readCI(t, "github-audit.yml")), &workflow); err != nil {
		t.Fatal(err)
	}
	if len(workflow.On.Schedule) != 1 || workflow.On.Schedule[0].Cron == "" {
		t.Error("the workflow does not look for drift on a schedule")
	}
	used := 0
	for _, s := range workflow.Jobs["audit"].Steps {
		if !strings.HasPrefix(s.Uses, "monitorctl/monitorctl@") {
			continue
		}
		for name := range s.With {
			used++
			if action.Inputs[name] == nil {
				t.Errorf("the action has no input %s", name)
			}
		}
	}
	if used < 4 {
		t.Error("the workflow does not use the action with a set, a configuration, a baseline and a severity")
	}
	audit, _, err := newRoot(testEnv(nil, nil)).Find([]string{"audit"})
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join("..", "scripts", "action", "run.sh"))
	if err != nil {
		t.Fatal(err)
	}
	var flags []string
	for _, m := range regexp.MustCompile(`(?m)^flag --([a-z-]+) `).FindAllStringSubmatch(string(script), -1) {
		flags = append(flags, m[1])
	}
	template := readCI(t, "gitlab.yml")
	for _, m := range regexp.MustCompile(`MONITORCTL_([A-Z_]+): \$\[\[`).FindAllStringSubmatch(template, -1) {
		flags = append(flags, strings.ToLower(strings.ReplaceAll(m[1], "_", "-")))
	}
	if len(flags) < 9 {
		t.Errorf("only %d flags were found: %v", len(flags), flags)
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(flags))) {
		if audit.Flags().Lookup(name) == nil {
			t.Errorf("audit has no flag --%s", name)
		}
	}
	account := newCmdLab(t)
	account.healthy()
	for _, line := range strings.Split(template, "\n") {
		if args, ok := strings.CutPrefix(strings.TrimSpace(line), "- monitorctl "); ok {
			t.Chdir(t.TempDir())
			account.want(exit.Done, append(strings.Fields(args), "security-group-changes")...)
		}
	}
}
