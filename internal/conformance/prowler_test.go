package conformance

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	// prowlerPython names a Python interpreter that has Prowler and boto3.
	prowlerPython = "MONITORCTL_TEST_PROWLER_AWS_PYTHON"

	// prowlerRegions are where Prowler looks: the trail's home is enough.
	prowlerRegions = home
)

// prowlerChecks are Prowler's checks by the control that each is about.
var prowlerChecks = map[string]string{
	"unauthorized-api-calls":     "cloudwatch_log_metric_filter_unauthorized_api_calls",
	"console-signin-without-mfa": "cloudwatch_log_metric_filter_sign_in_without_mfa",
	"root-usage":                 "cloudwatch_log_metric_filter_root_usage",
	"iam-policy-changes":         "cloudwatch_log_metric_filter_policy_changes",
	"cloudtrail-config-changes":  "cloudwatch_log_metric_filter_and_alarm_for_cloudtrail_configuration_changes_enabled",
	"console-auth-failures":      "cloudwatch_log_metric_filter_authentication_failures",
	"kms-cmk-disable-or-delete":  "cloudwatch_log_metric_filter_disable_or_scheduled_deletion_of_kms_cmk",
	"s3-bucket-policy-changes":   "cloudwatch_log_metric_filter_for_s3_bucket_policy_changes",
	"config-changes":             "cloudwatch_log_metric_filter_and_alarm_for_aws_config_configuration_changes_enabled",
	"security-group-changes":     "cloudwatch_log_metric_filter_security_group_changes",
	"nacl-changes":               "cloudwatch_changes_to_network_acls_alarm_configured",
	"network-gateway-changes":    "cloudwatch_changes_to_network_gateways_alarm_configured",
	"route-table-changes":        "cloudwatch_changes_to_network_route_tables_alarm_configured",
	"vpc-changes":                "cloudwatch_changes_to_vpcs_alarm_configured",
	"organizations-changes":      "cloudwatch_log_metric_filter_aws_organizations_changes",
}

// TestProwler lets Prowler's own checks judge an account before an apply, after one
// without --satisfy, and after one with it. What they say is what the audit says of
// them.
func TestProwler(t *testing.T) {
	python := os.Getenv(prowlerPython)
	if python == "" {
		if os.Getenv(requireVariable) != "" {
			t.Fatalf("%s is not set, and %s is", prowlerPython, requireVariable)
		}
		t.Skip(prowlerPython + " names no Python with Prowler and boto3")
	}
	l := newLab(t)
	l.empty(t)
	l.main().addTrail(t)
	l.main().addOrganization(t)
	stages := []struct {
		name  string
		args  []string
		green int // of 15
	}{
		{name: "before"},
		{"cis-1.4.0", []string{"--benchmark", "cis-1.4.0"}, 13},
		{"--satisfy", []string{"--benchmark", "cis-1.4.0", "--satisfy", "prowler,security-hub", "--satisfy-noise"}, 15},
		{"a higher version", []string{"--benchmark", "cis-5.0.0"}, 15},
	}
	for _, s := range stages {
		code := 3
		if s.args != nil {
			code = 0
			l.exits(t, code, apply(slices.Concat([]string{"--set", "cis", "--region", scope, "--quiet"}, s.args)...))
		}
		said := l.prowler(t, python)
		ours := l.opinions(t, code)
		green := 0
		for id, check := range prowlerChecks {
			if said[check] == "PASS" {
				green++
			}
			if want := map[string]string{"PASS": "pass", "FAIL": "fail"}[said[check]]; ours[id] != want {
				t.Errorf("%s: of %s Prowler says %q, the audit that it would say %q", s.name, id, said[check], ours[id])
			}
		}
		if green != s.green || len(said) != len(prowlerChecks) {
			t.Errorf("%s: %d of %d are green, want %d of %d", s.name, green, len(said), s.green, len(prowlerChecks))
		}
	}
}

// prowler returns what each check of Prowler says.
func (l *lab) prowler(t *testing.T, python string) map[string]string {
	t.Helper()
	run := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "prowler_checks.py"), l.url, mainID, prowlerRegions)
	run.Env = append(environ("AWS_"), "AWS_ACCESS_KEY_ID="+keyID, "AWS_SECRET_ACCESS_KEY="+secret, "AWS_EC2_METADATA_DISABLED=true", "PYTHONDONTWRITEBYTECODE=1")
	var errors strings.Builder
	run.Stderr = &errors
	out, err := run.Output()
	var said map[string]string
	if err != nil || json.Unmarshal(out, &said) != nil {
		t.Fatalf("running Prowler: %v\n%s\n%s", err, out, errors.String())
	}
	return said
}

// opinions returns what the audit, which exits with a code, says that Prowler would say,
// by control.
func (l *lab) opinions(t *testing.T, code int) map[string]string {
	t.Helper()
	var report struct {
		Findings []struct {
			Control string
			Peers   []struct{ Peer, Status string }
		}
	}
	r := l.exits(t, code, audit("--set", "cis", "--satisfy", "prowler", "-o", "json"))
	if err := json.Unmarshal([]byte(r.stdout), &report); err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, f := range report.Findings {
		for _, p := range f.Peers {
			said[f.Control] = p.Status
		}
	}
	return said
}
