package report

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// TestRequirementsOf: the benchmark's first, then those of the framework that
// labels the report, then the others; none twice.
func TestRequirementsOf(t *testing.T) {
	tests := []struct {
		name      string
		framework string
		want      string
	}{
		{"no framework", "", "CIS AWS Foundations 3.0.0/4.10, NIST SP 800-53 Rev. 5/AU-6(1), NIST SP 800-53 Rev. 5/SI-4(12), SOC 2/CC7.2"},
		{"labeled", "soc-2", "CIS AWS Foundations 3.0.0/4.10, SOC 2/CC7.2, NIST SP 800-53 Rev. 5/AU-6(1), NIST SP 800-53 Rev. 5/SI-4(12)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, f := fourControls(), gapInFilter()
			if tt.framework != "" {
				framework, err := catalog.FindFramework(tt.framework)
				if err != nil {
					t.Fatal(err)
				}
				r.Framework, f.Mapped = framework, []string{"CC7.2"}
			}
			var got []string
			for _, wanted := range requirementsOf(f, r, withCatalog()) {
				got = append(got, wanted.String())
			}
			if strings.Join(got, ", ") != tt.want {
				t.Errorf("got %s\nwant %s", strings.Join(got, ", "), tt.want)
			}
		})
	}
}

// TestSubjectsOf: what the reasons name comes first, then what does not carry,
// and each thing once.
func TestSubjectsOf(t *testing.T) {
	var got []string
	for _, s := range subjectsOf(gapInFilter()) {
		got = append(got, strings.TrimPrefix(s.id, arnGroup))
	}
	want := []string{
		":metric-filter:sg-changes", ":metric-filter:vpc-changes", arnAlarm + "sg-changes-old", arnTopic + " email o***@example.com",
		arnTrail, "", "eu-central-1/CISBenchmark/SecurityGroupChanges", arnAlarm + "sg-changes", arnTopic, arnTopic + ":2f1e email s***@example.com",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// stateReport is a report on a control that asks for a state of the account:
// nothing there is a chain.
func stateReport(status finding.Status) (finding.Report, Options) {
	f := finding.Finding{
		ID: "cc01", Control: "security-hub-enabled", Number: "4.16", Severity: catalog.Medium, Account: "111122223333",
		Title: "AWS Security Hub is enabled", Status: status,
	}
	if status == finding.Fail {
		f.Reasons = []finding.Reason{{Code: "security-hub-disabled", Status: finding.Fail, Message: "Security Hub is not enabled in us-east-1"}}
	}
	r := fourControls()
	r.Controls, r.Findings = []string{f.Control}, []finding.Finding{f}
	return r, Options{Controls: []catalog.Control{{ID: f.Control, Title: f.Title, Type: catalog.State, Severity: f.Severity}}}
}

// TestStatesHaveNoChain: no format speaks of events, chains or persons where a
// control asks for a state.
func TestStatesHaveNoChain(t *testing.T) {
	for _, status := range []finding.Status{finding.Pass, finding.Fail} {
		r, o := stateReport(status)
		for name, format := range map[string]func(io.Writer, finding.Report, Options) error{"html": HTML, "sarif": SARIF, "ocsf": OCSF, "asff": ASFF} {
			text := string(outputOf(t, format, r, o))
			text = strings.ReplaceAll(text, pageStyle, "")
			for _, forbidden := range []string{`class="chain"`, "would be told", "A CloudTrail trail records"} {
				if strings.Contains(text, forbidden) {
					t.Errorf("%s, %s: the report says %q", name, status, forbidden)
				}
			}
			if status == finding.Fail && !strings.Contains(text, "Security Hub is not enabled in us-east-1") {
				t.Errorf("%s: the reason is missing", name)
			}
		}
	}
}
