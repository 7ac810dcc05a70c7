package conformance

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// trailScope is a control with a trail of its own, from an empty account.
var trailScope = []string{"nacl-changes", "--create-trail", "--retention", "90", "--home-region", home}

// trailsApplied is what apply makes of an empty account, in words: what destroy would take
// away again, which leaves out what differs from what monitorctl writes.
func (l *lab) trailsApplied(t *testing.T) string {
	t.Helper()
	l.empty(t)
	l.exits(t, 0, apply(append([]string{"--region", scope, "--quiet", "--no-wait"}, trailScope...)...))
	return l.destroyable(t)
}

func (l *lab) destroyable(t *testing.T) string {
	t.Helper()
	return l.exits(t, 0, monitorctl("destroy", "--create-trail", "--home-region", home, "--dry-run", "--region", scope)).stdout
}

// TestExportTrailScript has the AWS CLI make the trail that apply makes, and what it needs.
func TestExportTrailScript(t *testing.T) {
	cli, dash, check := tool(t, cliVariable, "the AWS CLI"), tool(t, "", "dash"), tool(t, "", "shellcheck")
	l := newLab(t)
	want := l.trailsApplied(t)
	contains(t, want, "trail monitorctl", "log group /aws/cloudtrail/monitorctl", "bucket monitorctl-cloudtrail-", "role monitorctl-cloudtrail-to-logs")
	applied := l.whole(t)
	l.empty(t)
	dir := l.exported(t, "shell", trailScope...)
	l.mustRun(t, dir, nil, check, "-s", "sh", "monitorctl-apply.sh")
	bin := []string{"PATH=" + filepath.Dir(cli) + ":" + os.Getenv("PATH")}
	contains(t, l.mustRun(t, dir, bin, dash, "monitorctl-apply.sh").stdout, " 0 there already")
	if d := cmp.Diff(applied, l.whole(t)); d != "" {
		t.Errorf("account (-apply +script):\n%s", d)
	}
	if d := cmp.Diff(want, l.destroyable(t)); d != "" {
		t.Errorf("what is ours (-apply +script):\n%s", d)
	}
	contains(t, l.planned(t, trailScope...), "Nothing to do.")
	contains(t, l.mustRun(t, dir, bin, dash, "monitorctl-apply.sh").stdout, "done: 0 written")
}

// TestExportTrailTemplate has the linter of CloudFormation look at the template of a trail.
func TestExportTrailTemplate(t *testing.T) {
	lint := tool(t, lintVariable, "cfn-lint")
	l := newLab(t)
	l.trailsApplied(t) // so that there is something to import
	dir := l.exported(t, "cloudformation", trailScope...)
	l.mustRun(t, dir, nil, lint, "--", filepath.Join(dir, "template.json"), filepath.Join(dir, "import-template.json"))
}

// trailARN is the ARN of a trail where the API of CloudTrail takes its name, too.
var trailARN = regexp.MustCompile(`"(Name|TrailName)":"arn:aws:cloudtrail:[^"]+:trail/([^"]+)"`)

// byName stands before moto, which knows trails by their names only where the provider of
// Terraform names them by ARN.
func (l *lab) byName(t *testing.T) string {
	t.Helper()
	target, err := url.Parse(l.url)
	must(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("X-Amz-Target"), "CloudTrail") {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadGateway)
				return
			}
			body = trailARN.ReplaceAll(body, []byte(`"$1":"$2"`))
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestExportTrailTerraform lets Terraform make the trail that apply makes, and take over one
// that apply made.
func TestExportTrailTerraform(t *testing.T) {
	terraform, err := exec.LookPath("terraform")
	plugins := providerDir()
	if err != nil || plugins == "" {
		t.Skipf("terraform or a directory with its AWS provider (%s) is not here", pluginVariable)
	}
	l := newLab(t)
	variables := []string{"TF_CLI_CONFIG_FILE=/dev/null", "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", endpoint + l.byName(t)}
	run := func(dir string, args ...string) string {
		t.Helper()
		return l.mustRun(t, dir, variables, terraform, args...).stdout
	}
	start := func() string {
		t.Helper()
		dir := l.exported(t, "terraform", trailScope...)
		run(dir, "fmt", "-check")
		run(dir, "init", "-no-color", "-plugin-dir="+plugins)
		return dir
	}
	l.empty(t)
	dir := start()
	run(dir, "apply", "-no-color", "-auto-approve")
	run(dir, "plan", "-no-color", "-detailed-exitcode")
	contains(t, l.planned(t, trailScope...), "Nothing to do.")
	l.exits(t, 0, audit("nacl-changes"))
	before, err := os.ReadFile(filepath.Join(dir, "main.tf"))
	must(t, err)
	l.exits(t, 0, monitorctl(append([]string{"export", "terraform", "--dir", dir, "--region", scope, "--subscribe", "email:" + subscriber}, trailScope...)...))
	after, err := os.ReadFile(filepath.Join(dir, "main.tf"))
	must(t, err)
	if d := cmp.Diff(string(before), string(after)); d != "" {
		t.Errorf("written again (-first +again):\n%s", d)
	}
	run(dir, "destroy", "-no-color", "-auto-approve")

	l.trailsApplied(t)
	dir = start()
	contains(t, run(dir, "apply", "-no-color", "-auto-approve"), " 0 destroyed")
	run(dir, "plan", "-no-color", "-detailed-exitcode")
	contains(t, l.destroyable(t), "kept by terraform")
}
