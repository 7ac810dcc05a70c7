package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
)

const (
	// requireExport makes the tests of exports fail, instead of being skipped, without the
	// tools that look at what is exported. .ci/run sets it, and names the tools.
	requireExport = "MONITORCTL_REQUIRE_EXPORT"
	cliVariable   = "MONITORCTL_TEST_AWS_CLI"  // the AWS CLI
	lintVariable  = "MONITORCTL_TEST_CFN_LINT" // cfn-lint

	// pluginVariable names a directory with Terraform's AWS provider, laid out as a mirror.
	pluginVariable = "TF_PLUGIN_DIR"
)

// tool finds a tool that a variable names, or of a name in the PATH where that is "".
func tool(t *testing.T, variable, name string) string {
	t.Helper()
	path := name
	if variable != "" {
		path = os.Getenv(variable)
	}
	found, err := exec.LookPath(path)
	if err == nil && path != "" {
		return found
	}
	if os.Getenv(requireExport) != "" {
		t.Fatalf("%s is missing, and %s is set: %v", name, requireExport, err)
	}
	t.Skipf("%s is not here: %s", name, strings.TrimSpace(variable+" names it, or the PATH has it"))
	return ""
}

// A ran is what a tool printed, and how it ended.
type ran struct {
	code           int
	stdout, stderr string
}

// runIn runs a tool in a directory against the emulator.
func (l *lab) runIn(t *testing.T, dir string, variables []string, path string, args ...string) ran {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), runTimeout)
	defer cancel()
	var stdout, stderr bytes.Buffer
	c := exec.CommandContext(ctx, path, args...)
	c.Dir, c.Stdout, c.Stderr = dir, &stdout, &stderr
	c.Env = append(environ("AWS_", "TF_"), "AWS_ACCESS_KEY_ID="+keyID, "AWS_SECRET_ACCESS_KEY="+secret, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_REGION="+home, "AWS_DEFAULT_REGION="+home, endpoint+l.url, "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null")
	c.Env = append(c.Env, variables...)
	var exit *exec.ExitError
	if err := c.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s %s: %v", path, strings.Join(args, " "), err)
	}
	return ran{c.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// must is runIn for a tool that has to end well.
func (l *lab) mustRun(t *testing.T, dir string, variables []string, path string, args ...string) ran {
	t.Helper()
	r := l.runIn(t, dir, variables, path, args...)
	if r.code != 0 {
		t.Fatalf("%s %s exited with %d\n%s%s", path, strings.Join(args, " "), r.code, r.stdout, r.stderr)
	}
	return r
}

// exported writes code of a format into a directory of its own.
func (l *lab) exported(t *testing.T, format string, args ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), format)
	l.exits(t, 0, monitorctl(slices.Concat([]string{"export", format, "--dir", dir, "--region", scope, "--subscribe", "email:" + subscriber}, args)...))
	return dir
}

// changing are the parts of an account that differ whenever the same is written again.
var changing = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|"[0-9-]{10}T[0-9:.]+(Z|\+00:00)"|"CreationTime": [0-9]+`)

// fingerprint is all that apply may have written, in one text.
func (a tenant) fingerprint(t *testing.T) string {
	t.Helper()
	data, err := json.MarshalIndent(a.contents(t), "", " ")
	must(t, err)
	return changing.ReplaceAllString(string(data), "-")
}

// applied is the fingerprint of an account that apply has written.
func (l *lab) applied(t *testing.T, args ...string) string {
	t.Helper()
	l.empty(t)
	l.main().addTrail(t)
	l.exits(t, 0, apply(slices.Concat([]string{"--region", scope, "--quiet"}, args)...))
	return l.main().fingerprint(t)
}

// Scopes that are written in each way.
var (
	completeScope = []string{"--set", "cis", "--complete", "--name-prefix", "sec-"}

	// rulesScope are a filter and rules of one control in two regions, with a webhook.
	rulesScope = []string{"nacl-changes", "--transport", "both", "--subscribe", "webhook:" + webhook}
)

const webhook = "https://example.com/hooks/s3cret"

// whole is all that apply may have written, rules included.
func (l *lab) whole(t *testing.T) string {
	t.Helper()
	data, err := json.MarshalIndent(l.snapshot(t), "", " ")
	must(t, err)
	return l.main().fingerprint(t) + salted.ReplaceAllString(changing.ReplaceAllString(string(data), "-"), "-")
}

// salted are hashes of endpoints, each snapshot's by a salt of its own.
var salted = regexp.MustCompile(`"endpointHash": "[0-9a-f]+"`)

// planned is what plan prints for what was exported.
func (l *lab) planned(t *testing.T, args ...string) string {
	t.Helper()
	return l.exits(t, 0, monitorctl(slices.Concat([]string{"plan", "--region", scope, "--subscribe", "email:" + subscriber}, args)...)).stdout
}

// TestExportScript has the AWS CLI write what apply writes, byte for byte, and nothing the
// second time.
func TestExportScript(t *testing.T) {
	cli, dash, check := tool(t, cliVariable, "the AWS CLI"), tool(t, "", "dash"), tool(t, "", "shellcheck")
	l := newLab(t)
	bin := []string{"PATH=" + filepath.Dir(cli) + ":" + os.Getenv("PATH"), "SUBSCRIBER_1=" + webhook}
	for i, args := range [][]string{rulesScope, completeScope} {
		l.applied(t, args...)
		want := l.whole(t)
		l.empty(t)
		l.main().addTrail(t)
		dir := l.exported(t, "shell", args...)
		l.mustRun(t, dir, nil, check, "-s", "sh", "monitorctl-apply.sh")
		r := l.mustRun(t, dir, bin, dash, "monitorctl-apply.sh")
		if lines := strings.Count(r.stdout, "\n"); !strings.HasSuffix(r.stdout, " 0 there already\n") || lines != 1 {
			t.Errorf("the script printed %s", r.stdout)
		}
		if d := cmp.Diff(want, l.whole(t)); d != "" {
			t.Fatalf("%v (-apply +script):\n%s", args, d)
		}
		contains(t, l.planned(t, args...), "Nothing to do.")
		if i > 0 {
			continue // 40 starts of the CLI
		}
		again := l.mustRun(t, dir, bin, dash, "monitorctl-apply.sh")
		contains(t, again.stdout, "done: 0 written")
		if d := cmp.Diff(want, l.whole(t)); d != "" {
			t.Errorf("the second run changed something:\n%s", d)
		}
	}
}

// TestExportTemplates has the linter of CloudFormation look at every kind of template.
func TestExportTemplates(t *testing.T) {
	lint := tool(t, lintVariable, "cfn-lint")
	l := newLab(t)
	l.main().addTrail(t)
	l.exits(t, 0, apply("--region", scope, "--quiet"))
	more := []string{"--subscribe", "sms:+4915112345678", "--subscribe", "sqs:arn:aws:sqs:eu-central-1:123456789012:q", "--tag", "team=a b"}
	templates := []string{"--"}
	// The first two also import what apply made.
	for i, args := range [][]string{
		slices.Concat([]string{"--set", "cis", "--complete"}, more), slices.Concat([]string{"--set", "cis", "--format", "yaml"}, more), {"--stackset", "--name-prefix", "x-", "--topic-name", "other", "--transport", "both", "--per-region", "--subscribe", "webhook:" + webhook},
	} {
		if i == 2 {
			l.empty(t)
			l.main().addTrail(t)
		}
		found, err := filepath.Glob(filepath.Join(l.exported(t, "cloudformation", args...), "*template*.*"))
		must(t, err)
		templates = append(templates, found...)
	}
	if len(templates) != 7 {
		t.Errorf("%d templates: %v", len(templates)-1, templates)
	}
	role, err := filepath.Abs(filepath.Join("..", "..", "docs", "ci", "github-role.yaml"))
	must(t, err)
	templates = append(templates, role) // of CI, which is checked with them
	l.mustRun(t, l.dir, nil, lint, templates...)
	// A linter that lets a wrong name pass proves nothing.
	data, err := os.ReadFile(templates[1])
	must(t, err)
	wrong := filepath.Join(l.dir, "wrong.json")
	must(t, os.WriteFile(wrong, bytes.Replace(data, []byte(`"FilterPattern"`), []byte(`"FilterPatterns"`), 1), 0o600))
	if r := l.runIn(t, l.dir, nil, lint, "--", wrong); r.code == 0 {
		t.Error("cfn-lint finds nothing wrong with FilterPatterns")
	}
}

// providerDir finds a directory with Terraform's AWS provider; "" for none.
func providerDir() string {
	for _, dir := range []string{os.Getenv(pluginVariable), "/opt/tf-plugins", "/usr/share/terraform/plugins", "/usr/local/share/terraform/plugins"} {
		if found, _ := filepath.Glob(filepath.Join(dir, "*", "hashicorp", "aws", "*")); dir != "" && len(found) > 0 {
			return dir
		}
	}
	return ""
}

// TestExportTerraform lets Terraform with the real provider write what apply writes, import
// what apply wrote, and take it away. Neither is in a registry of packages: where one of
// them is missing, the evaluation in package export stands alone.
func TestExportTerraform(t *testing.T) {
	terraform, err := exec.LookPath("terraform")
	plugins := providerDir()
	if err != nil || plugins == "" {
		t.Skipf("terraform or a directory with its AWS provider (%s) is not here", pluginVariable)
	}
	l := newLab(t)
	variables := []string{"TF_CLI_CONFIG_FILE=/dev/null", "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1"}
	run := func(dir string, args ...string) string {
		t.Helper()
		return l.mustRun(t, dir, variables, terraform, args...).stdout
	}
	start := func(dir string) {
		t.Helper()
		run(dir, "fmt", "-check")
		run(dir, "init", "-no-color", "-plugin-dir="+plugins)
	}

	t.Run("as apply", func(t *testing.T) {
		managed := `"` + desired.ManagedTag + `": "`
		want := strings.ReplaceAll(l.applied(t, completeScope...), managed+"true", managed+"terraform")
		l.empty(t)
		l.main().addTrail(t)
		dir := l.exported(t, "terraform", completeScope...)
		start(dir)
		run(dir, "apply", "-no-color", "-auto-approve")
		if d := cmp.Diff(sortedLines(want), sortedLines(l.main().fingerprint(t))); d != "" {
			t.Errorf("account (-apply +terraform):\n%s", d)
		}
		run(dir, "plan", "-no-color", "-detailed-exitcode")
		l.exits(t, 0, audit("--set", "cis"))
		// Written again, it is the same code, and apply leaves all of it alone.
		before, err := os.ReadFile(filepath.Join(dir, "main.tf"))
		must(t, err)
		l.exits(t, 0, monitorctl(slices.Concat([]string{"export", "terraform", "--dir", dir, "--region", scope, "--subscribe", "email:" + subscriber}, completeScope)...))
		after, err := os.ReadFile(filepath.Join(dir, "main.tf"))
		must(t, err)
		if d := cmp.Diff(string(before), string(after)); d != "" {
			t.Errorf("written again (-first +again):\n%s", d)
		}
		if _, err := os.Stat(filepath.Join(dir, "imports.tf")); err == nil {
			t.Error("what Terraform keeps is imported again")
		}
		run(dir, "destroy", "-no-color", "-auto-approve")
		if c := l.main().contents(t); len(c.Filters)+len(c.Alarms)+len(c.Topics) > 0 {
			t.Errorf("left: %d filters, %d alarms, %d topics", len(c.Filters), len(c.Alarms), len(c.Topics))
		}
	})
	t.Run("the role of CI", func(t *testing.T) {
		dir := t.TempDir()
		code, err := os.ReadFile(filepath.Join("..", "..", "docs", "ci", "github-role.tf"))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(dir, "github-role.tf"), code, 0o600))
		l.mustRun(t, dir, nil, l.program, "permissions", "audit", "--set", "cis", "-o", "json=monitorctl-audit.json") // as the file says
		start(dir)
		contains(t, run(dir, "apply", "-no-color", "-auto-approve"), "3 added, 0 changed, 0 destroyed")
	})
	t.Run("rules", func(t *testing.T) {
		l.applied(t, rulesScope...)
		want := l.whole(t)
		dir := l.exported(t, "terraform", rulesScope...)
		start(dir)
		variables := append(slices.Clone(variables), "TF_VAR_subscriber_1="+webhook)
		r := l.mustRun(t, dir, variables, terraform, "apply", "-no-color", "-auto-approve")
		contains(t, r.stdout, " 0 added", " 0 destroyed")
		l.mustRun(t, dir, variables, terraform, "plan", "-no-color", "-detailed-exitcode")
		managed := `"` + desired.ManagedTag + `": "`
		kept := strings.NewReplacer(managed+"true", managed+"terraform", desired.ManagedDescription, desired.Terraform.Description())
		if d := cmp.Diff(sortedLines(kept.Replace(want)), sortedLines(kept.Replace(l.whole(t)))); d != "" {
			t.Errorf("account (-apply +terraform):\n%s", d)
		}
		contains(t, l.planned(t, rulesScope...), "Nothing to do.")
		l.mustRun(t, dir, variables, terraform, "destroy", "-no-color", "-auto-approve")
	})
	t.Run("imports", func(t *testing.T) {
		l.applied(t)
		dir := l.exported(t, "terraform")
		start(dir)
		run(dir, "validate", "-no-color")
		run(dir, "plan", "-no-color", "-out=plan")
		checkImports(t, run(dir, "show", "-json", "plan"))
		run(dir, "apply", "-no-color", "plan")
		run(dir, "plan", "-no-color", "-detailed-exitcode")
		r := l.exits(t, 0, monitorctl("destroy", "--yes", "--region", scope))
		contains(t, r.stdout, "is kept by terraform")
		// Another region is refused before anything is read or written there.
		elsewhere := l.runIn(t, dir, append(slices.Clone(variables), "AWS_REGION=us-east-1"), terraform, "plan", "-no-color")
		if elsewhere.code == 0 {
			t.Error("the code plans in another region")
		}
	})
}

// sortedLines are the lines of a text, and in each its characters in order where it is a
// policy: Terraform makes objects in any order, and sorts the members of a policy.
func sortedLines(text string) []string {
	lines := strings.Split(strings.ReplaceAll(text, ",\n", "\n"), "\n")
	for i, line := range lines {
		if strings.Contains(line, `"Policy": `) {
			letters := []byte(line)
			slices.Sort(letters)
			lines[i] = string(letters)
		}
	}
	slices.Sort(lines)
	return lines
}

// checkImports demands that a plan imports everything and changes nothing but the tag that
// says who keeps an object, and what the provider does not read back of a subscription.
func checkImports(t *testing.T, text string) {
	t.Helper()
	var plan struct {
		ResourceChanges []struct {
			Address string
			Change  struct {
				Actions       []string
				Importing     *struct{ ID string }
				Before, After map[string]any
			}
		} `json:"resource_changes"`
	}
	decode(t, text, &plan)
	if len(plan.ResourceChanges) != 11 { // topic, policy, subscription, four filters and alarms
		t.Errorf("%d resources", len(plan.ResourceChanges))
	}
	harmless := map[string]bool{"tags": true, "tags_all": true, "confirmation_timeout_in_minutes": true, "endpoint_auto_confirms": true}
	for _, r := range plan.ResourceChanges {
		if r.Change.Importing == nil || slices.Contains(r.Change.Actions, "create") || slices.Contains(r.Change.Actions, "delete") {
			t.Errorf("%s: %v", r.Address, r.Change.Actions)
		}
		for name, after := range r.Change.After {
			if before := r.Change.Before[name]; !harmless[name] && !cmp.Equal(before, after) {
				t.Errorf("%s: %s changes from %v to %v", r.Address, name, before, after)
			}
		}
	}
}
