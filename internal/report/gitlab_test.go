package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"
)

func auditGitLab(b *bytes.Buffer, r finding.Report, o Options) error { return GitLab(b, r, o) }

func TestGitLabGolden(t *testing.T) {
	golden(t, "audit.gitlab.json", written(t, auditGitLab, everyStatus()))
}

// gitlabRequired is what GitLab's documentation of code quality reports asks of
// each issue: the attribute and the form of its value as text.
var gitlabRequired = map[string]*regexp.Regexp{
	"description":          regexp.MustCompile(`^(?s).+$`),
	"check_name":           regexp.MustCompile(`^(?s).+$`),
	"fingerprint":          regexp.MustCompile(`^[0-9a-f]+$`),
	"severity":             regexp.MustCompile(`^(info|minor|major|critical|blocker)$`),
	"location.path":        regexp.MustCompile(`^[^/.][^\s]*$`), // relative, not with ./
	"location.lines.begin": regexp.MustCompile(`^[1-9][0-9]*$`),
}

// checkGitLab demands the required attributes, and no fingerprint twice.
func checkGitLab(t *testing.T, out []byte) []map[string]any {
	t.Helper()
	var issues []map[string]any
	if err := json.Unmarshal(out, &issues); err != nil {
		t.Fatal(err)
	}
	seen := map[any]bool{}
	for i, issue := range issues {
		for name, form := range gitlabRequired {
			var v any = issue
			for part := range strings.SplitSeq(name, ".") {
				object, _ := v.(map[string]any)
				v = object[part]
			}
			if text := fmt.Sprint(v); v == nil || !form.MatchString(text) {
				t.Errorf("issue %d: %s is %q, want %s", i, name, clip(text), form)
			}
		}
		if seen[issue["fingerprint"]] {
			t.Errorf("issue %d: the fingerprint %v is there twice", i, issue["fingerprint"])
		}
		seen[issue["fingerprint"]] = true
		if p, _ := issue["location"].(map[string]any)["path"].(string); path.Clean(p) != p || strings.Contains(p, "..") {
			t.Errorf("issue %d: the path %q leads elsewhere", i, p)
		}
	}
	return issues
}

func TestGitLabIssues(t *testing.T) {
	r := everyStatus()
	for _, tt := range []struct {
		name string
		o    Options
		want map[string]string // check name in account: severity
	}{
		{"what is open", Options{}, map[string]string{
			"network-gateway-changes": "major", "security-group-changes": "critical", "guardduty-changes": "minor",
			"kms-cmk-disable-or-delete": "info", "root-usage": "critical",
		}},
		{"warnings count", Options{Strict: true}, map[string]string{
			"network-gateway-changes": "major", "security-group-changes": "critical", "guardduty-changes": "minor",
			"kms-cmk-disable-or-delete": "critical", "root-usage": "critical",
		}},
		{"waived, too", Options{ShowWaived: true}, map[string]string{
			"network-gateway-changes": "major", "security-group-changes": "critical", "guardduty-changes": "minor",
			"kms-cmk-disable-or-delete": "info", "root-usage": "critical", "config-changes": "info",
		}},
	} {
		var b bytes.Buffer
		if err := GitLab(&b, r, tt.o); err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, issue := range checkGitLab(t, b.Bytes()) {
			got[issue["check_name"].(string)] = issue["severity"].(string)
		}
		if fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestGitLabNothingOpen(t *testing.T) {
	r := fourControls()
	r.Findings = []finding.Finding{plainPass()}
	if got := string(written(t, auditGitLab, r)); got != "[]\n" {
		t.Errorf("got %q, want an empty list", got)
	}
}

// readGitLab is the check of -o gitlab.
func readGitLab(t *testing.T, out []byte) (shape, text string) {
	t.Helper()
	checkGitLab(t, out)
	return readJSONShape(t, out)
}

func TestSegment(t *testing.T) {
	for in, want := range map[string]string{
		"security-group-changes": "security-group-changes",
		"..":                     "%2E%2E",
		"a/b\\c":                 "a%2Fb%5Cc",
		"ä*?":                    "%C3%A4%2A%3F",
	} {
		if got := segment(in); got != want {
			t.Errorf("segment(%q) = %q, want %q", in, got, want)
		}
	}
}
