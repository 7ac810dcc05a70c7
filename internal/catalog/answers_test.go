package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// find returns a control of the catalog that is built in.
func find(t *testing.T, id string) catalog.Control {
	t.Helper()
	c, err := load(t).Find(id, catalog.DefaultBenchmark)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What apply creates is documented: users and their other tools rely on it. A control
// that was added later has no row here until a release has promised its names.
func TestNamesAndSeverities(t *testing.T) {
	want := map[string][5]string{
		"network-gateway-changes":    {"medium", "VPCGatewayConfigChanges", "GatewayEventCount", "VPCGatewayConfigChangesAlarm", "Triggered by VPC Customer/Internet Gateway changes."},
		"security-group-changes":     {"high", "SecurityGroupConfigChanges", "SecurityGroupEventCount", "SecurityGroupConfigChangesAlarm", "Triggered by security group changes."},
		"nacl-changes":               {"high", "NetworkAclConfigChanges", "NetworkAclEventCount", "NetworkAclConfigChangesAlarm", "Triggered by network ACL changes."},
		"guardduty-changes":          {"high", "GuardDutyConfigChanges", "GuardDutyEventCount", "GuardDutyConfigChangesAlarm", "Triggered by GuardDuty configuration changes."},
		"route-table-changes":        {"medium", "RouteTableConfigChanges", "RouteTableEventCount", "RouteTableConfigChangesAlarm", "Triggered by route table changes."},
		"vpc-changes":                {"medium", "VPCConfigChanges", "VPCEventCount", "VPCConfigChangesAlarm", "Triggered by VPC changes."},
		"organizations-changes":      {"high", "OrganizationsConfigChanges", "OrganizationsEventCount", "OrganizationsConfigChangesAlarm", "Triggered by AWS Organizations changes."},
		"iam-policy-changes":         {"high", "IAMPolicyConfigChanges", "IAMPolicyEventCount", "IAMPolicyConfigChangesAlarm", "Triggered by IAM policy changes."},
		"cloudtrail-config-changes":  {"high", "CloudTrailConfigChanges", "CloudTrailEventCount", "CloudTrailConfigChangesAlarm", "Triggered by CloudTrail configuration changes."},
		"kms-cmk-disable-or-delete":  {"high", "KMSKeyDisableOrDelete", "KMSKeyEventCount", "KMSKeyDisableOrDeleteAlarm", "Triggered by disabling or scheduled deletion of customer keys."},
		"s3-bucket-policy-changes":   {"medium", "S3BucketConfigChanges", "S3BucketEventCount", "S3BucketConfigChangesAlarm", "Triggered by S3 bucket policy changes."},
		"config-changes":             {"medium", "ConfigServiceChanges", "ConfigEventCount", "ConfigServiceChangesAlarm", "Triggered by AWS Config changes."},
		"unauthorized-api-calls":     {"medium", "UnauthorizedApiCalls", "UnauthorizedApiCallCount", "UnauthorizedApiCallsAlarm", "Triggered by unauthorized API calls."},
		"console-signin-without-mfa": {"high", "ConsoleSignInWithoutMFA", "ConsoleSignInWithoutMFACount", "ConsoleSignInWithoutMFAAlarm", "Triggered by console sign-in without MFA."},
		"network-interface-changes":  {"high", "NetworkInterfaceConfigChanges", "NetworkInterfaceEventCount", "NetworkInterfaceConfigChangesAlarm", "Triggered by network interface changes."},
		"vpc-peering-changes":        {"high", "VPCPeeringConfigChanges", "VPCPeeringEventCount", "VPCPeeringConfigChangesAlarm", "Triggered by VPC peering connection changes."},
		"nat-gateway-changes":        {"high", "NatGatewayConfigChanges", "NatGatewayEventCount", "NatGatewayConfigChangesAlarm", "Triggered by NAT gateway changes."},
		"vpc-endpoint-changes":       {"high", "VPCEndpointConfigChanges", "VPCEndpointEventCount", "VPCEndpointConfigChangesAlarm", "Triggered by VPC endpoint changes."},
		"elastic-ip-changes":         {"low", "ElasticIPConfigChanges", "ElasticIPEventCount", "ElasticIPConfigChangesAlarm", "Triggered by Elastic IP address changes."},
		"customer-gateway-changes":   {"high", "CustomerGatewayConfigChanges", "CustomerGatewayEventCount", "CustomerGatewayConfigChangesAlarm", "Triggered by customer gateway changes."},
		"internet-gateway-changes":   {"high", "InternetGatewayConfigChanges", "InternetGatewayEventCount", "InternetGatewayConfigChangesAlarm", "Triggered by internet gateway changes."},
		"root-usage":                 {"high", "RootAccountUsage", "RootAccountUsageCount", "RootAccountUsageAlarm", "Triggered by use of the root user."},
		"console-auth-failures":      {"medium", "ConsoleSignInFailures", "ConsoleSignInFailureCount", "ConsoleSignInFailuresAlarm", "Triggered by console sign-in failures."},
	}
	got := map[string][5]string{}
	for _, c := range catalog.Repairable(load(t).Controls) {
		if _, promised := want[c.ID]; promised || len(c.Numbers) > 0 {
			got[c.ID] = [5]string{c.Severity.String(), c.Names.Filter, c.Names.Metric, c.Names.Alarm, c.Names.Description}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("severities and names (-want +got):\n%s", diff)
	}
}

// A severity is a judgement: whoever doubts it finds the reason beside it.
func TestSeverityReasons(t *testing.T) {
	seen := map[string]string{}
	for _, c := range load(t).Controls {
		why := c.SeverityReason
		if len(why) < 20 || strings.HasSuffix(why, ".") || why[0] >= 'A' && why[0] <= 'Z' && !strings.HasPrefix(why, "Block Public Access") {
			t.Errorf("%s is rated %s because of %q", c.ID, c.Severity, why)
		}
		if seen[why] != "" {
			t.Errorf("%s and %s have the same reason", c.ID, seen[why])
		}
		seen[why] = c.ID
	}
}

// How the records of a control look decides which of them a trail carries.
func TestRecords(t *testing.T) {
	type records struct {
		Scope           catalog.Scope
		ReadOnly        string
		EventTypes      []string
		Failures, Reads bool
	}
	changes := records{Scope: catalog.Regional, ReadOnly: "false", EventTypes: []string{"AwsApiCall"}}
	global := records{Scope: catalog.Global, ReadOnly: "false", EventTypes: []string{"AwsApiCall"}}
	want := map[string]records{
		"iam-policy-changes":         global,
		"organizations-changes":      global,
		"unauthorized-api-calls":     {Scope: catalog.Regional, Failures: true, Reads: true},
		"root-usage":                 {Scope: catalog.Regional, Reads: true},
		"console-signin-without-mfa": {Scope: catalog.SignIn, ReadOnly: "false", EventTypes: []string{"AwsConsoleSignIn"}},
		"console-auth-failures":      {Scope: catalog.SignIn, ReadOnly: "false", EventTypes: []string{"AwsConsoleSignIn"}, Failures: true},
	}
	for _, c := range catalog.Repairable(load(t).Controls) {
		expected, ok := want[c.ID]
		if !ok {
			expected = changes
		}
		got := records{c.Scope, c.ReadOnly, c.EventTypes, c.Failures, c.Reads}
		if diff := cmp.Diff(expected, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.ID, diff)
		}
	}
}

func TestConditions(t *testing.T) {
	want := map[string]string{
		"unauthorized-api-calls":     "cis-2.0-and",
		"console-signin-without-mfa": "cis-iamuser",
		"root-usage":                 "cis",
		"console-auth-failures":      "cis",
	}
	for _, c := range load(t).Controls {
		text := ""
		for _, p := range c.Patterns {
			if p.ID == want[c.ID] && c.Type == catalog.Condition {
				text = p.Text
			}
		}
		if c.Condition != text || (text != "") != (c.Type == catalog.Condition) {
			t.Errorf("%s: condition %q, want pattern %q", c.ID, c.Condition, want[c.ID])
		}
	}
}

// Where two versions differ, each gets its own text; broken texts are never
// written.
func TestWrites(t *testing.T) {
	const old, middle, now = "cis-1.2.0", "cis-1.5.0", catalog.DefaultBenchmark
	tests := []struct {
		control   string
		benchmark catalog.Benchmark
		pattern   string
	}{
		{"unauthorized-api-calls", old, "cis-1.2"},
		{"unauthorized-api-calls", "cis-1.3.0", "cis-2.0-and"},
		{"unauthorized-api-calls", middle, "cis-2.0-and"},
		{"unauthorized-api-calls", now, "cis-2.0-and"},
		{"unauthorized-api-calls", "cis-7.0.0", "cis-2.0-and"},
		{"console-signin-without-mfa", old, "cis-iamuser"},
		{"console-signin-without-mfa", now, "cis-iamuser"},
		{"route-table-changes", old, "cis"},
		{"route-table-changes", "cis-2.0.0", "cis"},
		{"route-table-changes", now, "security-hub"},
		{"route-table-changes", "cis-7.0.0", "security-hub"},
		{"security-group-changes", old, "cis-6-events"},
		{"security-group-changes", now, "cis-6-events"},
		{"security-group-changes", "cis-4.0.1", "cis-6-events"},
		{"security-group-changes", "cis-5.0.0", "cis-7-events"},
		{"security-group-changes", "cis-7.0.0", "cis-7-events"},
		{"organizations-changes", old, "cis"},          // which does not have the control
		{"security-group-changes", "", "cis-6-events"}, // the nearest to none is the oldest
		{"guardduty-changes", old, "seed-002-spaced"},
		{"guardduty-changes", now, "seed-002-spaced"},
		{"network-gateway-changes", now, "cis"},
		{"nacl-changes", now, "cis"},
	}
	for _, test := range tests {
		if got := find(t, test.control).Writes(test.benchmark); got.ID != test.pattern || got.Text == "" {
			t.Errorf("%s in %s: writes %q, want %q", test.control, test.benchmark, got.ID, test.pattern)
		}
	}
}

// Every text that apply writes names exactly the events that the version
// requires; for 4.13 the eventSource comes from another source.
func TestWrittenTextNamesRequiredEvents(t *testing.T) {
	for _, c := range load(t).Controls {
		if c.Type != catalog.Events {
			continue
		}
		for _, b := range catalog.Benchmarks() {
			var want []string
			for _, e := range c.Required(b) {
				want = append(want, e.Name)
			}
			slices.Sort(want)
			if diff := cmp.Diff(want, namesIn(c.Writes(b).Text)); diff != "" {
				t.Errorf("%s in %s (-required +written):\n%s", c.ID, b, diff)
			}
		}
	}
}

// namesIn returns the event names of a pattern, sorted.
func namesIn(text string) []string {
	var names []string
	for part := range strings.SplitSeq(strings.NewReplacer(" ", "", `"`, "").Replace(text), "$.eventName=") {
		if name, _, ok := strings.Cut(part, ")"); ok && !strings.ContainsAny(name, "{($.") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestRequiredAndBlindSpots(t *testing.T) {
	tests := []struct {
		control         string
		benchmark       catalog.Benchmark
		required, blind int
	}{
		{"security-group-changes", "cis-3.0.0", 6, 6},
		{"security-group-changes", "cis-5.0.0", 7, 5},
		{"network-gateway-changes", "cis-3.0.0", 6, 29},
		{"nacl-changes", "cis-3.0.0", 6, 0},
		{"guardduty-changes", "cis-3.0.0", 23, 24},
		{"guardduty-changes", "", 23, 24},
		{"iam-policy-changes", "cis-7.0.0", 16, 8},
		{"organizations-changes", "cis-1.2.0", 18, 16}, // as in 1.3.0
		{"s3-bucket-policy-changes", "cis-3.0.0", 9, 16},
		{"root-usage", "cis-3.0.0", 0, 0},
		{"network-interface-changes", "cis-1.2.0", 14, 0},
		{"vpc-peering-changes", "cis-3.0.0", 5, 0},
		{"nat-gateway-changes", "cis-3.0.0", 6, 0},
		{"vpc-endpoint-changes", "cis-7.0.0", 14, 0},
		{"elastic-ip-changes", "cis-3.0.0", 11, 0},
		{"customer-gateway-changes", "cis-3.0.0", 2, 0},
		{"internet-gateway-changes", "", 6, 0},
	}
	for _, test := range tests {
		c := find(t, test.control)
		required, blind := c.Required(test.benchmark), c.BlindSpots(test.benchmark)
		if len(required) != test.required || len(blind) != test.blind {
			t.Errorf("%s in %s: %d required, %d blind spots; want %d, %d",
				test.control, test.benchmark, len(required), len(blind), test.required, test.blind)
		}
		for _, e := range append(required, blind...) {
			if !e.Core {
				t.Errorf("%s: %s is not core", test.control, e.Name)
			}
		}
	}
}

func TestTexts(t *testing.T) {
	tests := []struct {
		control   string
		benchmark catalog.Benchmark
		want      []string
	}{
		{"unauthorized-api-calls", "cis-1.4.0", []string{"cis-1.3-or"}},
		{"console-signin-without-mfa", "cis-1.3.0", []string{"cis-basic"}},
		{"console-signin-without-mfa", "cis-3.0.0", []string{"cis-basic", "cis-iamuser"}},
		{"route-table-changes", "cis-2.0.0", []string{"cis"}},
		{"route-table-changes", "cis-3.0.0", []string{"cis", "cis-3.0-audit"}},
		{"organizations-changes", "cis-1.2.0", []string{"cis"}},
		{"guardduty-changes", "cis-3.0.0", []string{"seed-002-spaced", "seed-002-compact"}},
	}
	for _, test := range tests {
		var got []string
		for _, text := range find(t, test.control).Texts(test.benchmark) {
			got = append(got, text.ID)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s in %s: %q, want %q", test.control, test.benchmark, got, test.want)
		}
	}
}

func TestNumber(t *testing.T) {
	organizations, guardduty := find(t, "organizations-changes"), find(t, "guardduty-changes")
	if n, ok := organizations.Number("cis-1.3.0"); n != "4.15" || !ok {
		t.Errorf("organizations in 1.3.0: %q, %t", n, ok)
	}
	if n, ok := organizations.Number("cis-1.2.0"); ok {
		t.Errorf("organizations in 1.2.0: %q", n)
	}
	if n, ok := guardduty.Number(catalog.DefaultBenchmark); ok {
		t.Errorf("guardduty: %q", n)
	}
}

// Only what apply can have written is ours to change.
func TestShipped(t *testing.T) {
	c := find(t, "security-group-changes")
	shipped := c.Shipped()
	for _, b := range catalog.Benchmarks() {
		for _, text := range append(c.Supplements(b, catalog.PatternLimit), c.Writes(b).Text) {
			if !slices.Contains(shipped, text) {
				t.Errorf("%s: %s is not among the shipped texts", b, text)
			}
		}
	}
	if len(shipped) != 6 { // six names, seven names, and the supplement to each, with the required names and without
		t.Errorf("%d shipped texts, want 6: %q", len(shipped), shipped)
	}
	calls := find(t, "unauthorized-api-calls")
	for _, text := range calls.Texts("cis-1.4.0") {
		if slices.Contains(calls.Shipped(), text.Text) {
			t.Errorf("the text that matches everything was never written")
		}
	}
}

// A supplement repeats the required names where there is room, and is a supplement
// where there is none.
func TestComplements(t *testing.T) {
	repeated, plain := 0, 0
	for _, c := range catalog.Repairable(load(t).Controls) {
		for _, b := range catalog.Benchmarks() {
			supplements := c.Supplements(b, catalog.PatternLimit)
			texts := c.Complements(b, catalog.PatternLimit)
			if len(texts) != len(supplements) {
				t.Fatalf("%s in %s: %d complements of %d supplements", c.ID, b, len(texts), len(supplements))
			}
			for i, text := range texts {
				have := namesIn(text)
				required := map[string]bool{}
				for _, e := range c.Required(b) {
					if strings.Contains(text, "="+e.Source+")") {
						required[e.Name] = true
					}
				}
				for _, name := range namesIn(supplements[i]) {
					if !slices.Contains(have, name) {
						t.Errorf("%s in %s: %s lost %s", c.ID, b, text, name)
					}
					delete(required, name)
				}
				whole := len(supplements[i])
				for name := range required {
					whole += len("||($.eventName=)") + len(name)
				}
				for name := range required {
					if got, want := slices.Contains(have, name), whole+2 <= catalog.PatternLimit; got != want && whole != catalog.PatternLimit {
						t.Errorf("%s in %s: %s has %s: %t, want %t (%d characters)", c.ID, b, text, name, got, want, whole)
					}
				}
				if len(text) > catalog.PatternLimit {
					t.Errorf("%s in %s: %d characters", c.ID, b, len(text))
				}
				if text == supplements[i] {
					plain++
				} else {
					repeated++
				}
			}
		}
	}
	if repeated < 20 || plain < 5 {
		t.Errorf("%d supplements repeat the required names, %d do not: the test shows little", repeated, plain)
	}
}

func TestSupplementsSplit(t *testing.T) {
	c := find(t, "network-gateway-changes")
	for _, limit := range []int{1024, 500, 120, 1} {
		var names, want []string
		for _, text := range c.Supplements(catalog.DefaultBenchmark, limit) {
			in := namesIn(text)
			if len(text) > limit && len(in) > 1 {
				t.Errorf("limit %d: %d characters for %d names", limit, len(text), len(in))
			}
			names = append(names, in...)
		}
		for _, e := range c.BlindSpots(catalog.DefaultBenchmark) {
			want = append(want, e.Name)
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("limit %d (-want +got):\n%s", limit, diff)
		}
	}
	one := catalog.Control{Events: []catalog.Event{{Source: "kms.amazonaws.com", Name: "PutKeyPolicy", Core: true}}}
	want := []string{"{($.eventSource=kms.amazonaws.com)&&($.eventName=PutKeyPolicy)}"}
	if got := one.Supplements(catalog.DefaultBenchmark, 1024); !slices.Equal(got, want) {
		t.Errorf("one blind spot: %q, want %q", got, want)
	}
}
