package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/securityhub/types"
)

// A securityHubRequest is BatchImportFindingsInput. Only its types are imported:
// the client would cost every cold build a minute.
type securityHubRequest struct{ Findings []types.AwsSecurityFinding }

// asffRequests reads a report into the SDK's own types, strictly: a member that
// they do not have is an error.
func asffRequests(t *testing.T, text []byte) []securityHubRequest {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	var requests []securityHubRequest
	if err := dec.Decode(&requests); err != nil {
		t.Fatal(err)
	}
	return requests
}

func TestASFFGolden(t *testing.T) {
	golden(t, "audit.asff.json", outputOf(t, ASFF, everyStatus(), withCatalog()))
}

// TestASFFIsReadyToImport holds the findings to the API reference of Security
// Hub: required members, lengths, enums, numbers of entries, sizes.
func TestASFFIsReadyToImport(t *testing.T) {
	china := fourControls()
	china.Accounts[0].Home = "cn-north-1"
	bare := everyStatus()
	bare.Accounts, bare.Regions = nil, nil
	for name, r := range map[string]finding.Report{
		"every status": everyStatus(), "China": china, "bare": bare, "hostile": hostile(), "enormous": enormous(),
	} {
		t.Run(name, func(t *testing.T) {
			text := outputOf(t, ASFF, r, withCatalog())
			total := 0
			for _, request := range asffRequests(t, text) {
				total += len(request.Findings)
				for _, f := range request.Findings {
					for _, complaint := range asffComplaints(f) {
						t.Errorf("%s: %s", aws.ToString(f.Id), complaint)
					}
				}
			}
			if total != len(r.Findings) {
				t.Errorf("%d findings of %d", total, len(r.Findings))
			}
			var raw []struct{ Findings []json.RawMessage }
			if err := json.Unmarshal(text, &raw); err != nil {
				t.Fatal(err)
			}
			for _, request := range raw {
				for _, f := range request.Findings {
					if len(f) > 240_000 {
						t.Errorf("a finding has %d bytes, 240 KB are allowed: %s", len(f), clip(string(f)))
					}
				}
			}
		})
	}
}

// asffComplaints returns what Security Hub would refuse.
func asffComplaints(f types.AwsSecurityFinding) []string {
	var out []string
	demand := func(ok bool, format string, args ...any) {
		if !ok {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	text := func(name string, s *string, limit int) {
		n := len(utf16.Encode([]rune(aws.ToString(s))))
		demand(strings.TrimSpace(aws.ToString(s)) != "" && n <= limit && utf8.ValidString(aws.ToString(s)),
			"%s has %d characters; from 1 to %d are allowed: %s", name, n, limit, clip(aws.ToString(s)))
	}
	timestamp := func(name string, s *string) {
		_, err := time.Parse(time.RFC3339, aws.ToString(s))
		demand(err == nil, "%s: %v", name, err)
	}
	demand(aws.ToString(f.SchemaVersion) == "2018-10-08", "schema version %q", aws.ToString(f.SchemaVersion))
	text("AwsAccountId", f.AwsAccountId, 12)
	text("Id", f.Id, 512)
	text("GeneratorId", f.GeneratorId, 512)
	text("ProductArn", f.ProductArn, 2048)
	text("ProductName", f.ProductName, 128)
	text("CompanyName", f.CompanyName, 128)
	text("Title", f.Title, 256)
	text("Description", f.Description, 1024)
	if f.AwsAccountName != nil {
		text("AwsAccountName", f.AwsAccountName, 50)
	}
	timestamp("CreatedAt", f.CreatedAt)
	timestamp("UpdatedAt", f.UpdatedAt)
	timestamp("LastObservedAt", f.LastObservedAt)
	if f.Remediation != nil {
		text("Remediation", f.Remediation.Recommendation.Text, 512)
	}
	if f.Note != nil {
		text("Note", f.Note.Text, 512)
		text("Note.UpdatedBy", f.Note.UpdatedBy, 512)
		timestamp("Note.UpdatedAt", f.Note.UpdatedAt)
	}
	// The deprecated members belong to Security Hub's own findings.
	demand(f.Severity == nil && f.Types == nil, "severity and types belong into FindingProviderFields")
	if f.FindingProviderFields == nil || f.FindingProviderFields.Severity == nil || f.Compliance == nil {
		return append(out, "no severity or no compliance")
	}
	severity := f.FindingProviderFields.Severity
	demand(slices.Contains(severity.Label.Values(), severity.Label), "severity %q", severity.Label)
	text("Severity.Original", severity.Original, 64)
	demand(len(f.FindingProviderFields.Types) > 0 && len(f.FindingProviderFields.Types) <= 50, "%d types", len(f.FindingProviderFields.Types))
	for _, kind := range f.FindingProviderFields.Types {
		demand(strings.HasPrefix(kind, "Software and Configuration Checks/") && strings.Count(kind, "/") <= 2, "type %q", kind)
	}
	demand(slices.Contains(f.RecordState.Values(), f.RecordState), "record state %q", f.RecordState)
	demand(f.Workflow != nil && slices.Contains(f.Workflow.Status.Values(), f.Workflow.Status), "workflow %v", f.Workflow)
	demand(slices.Contains(f.Compliance.Status.Values(), f.Compliance.Status), "compliance %v", f.Compliance)
	demand(len(f.Compliance.RelatedRequirements) <= 32, "%d requirements", len(f.Compliance.RelatedRequirements))
	for _, reason := range f.Compliance.StatusReasons {
		text("ReasonCode", reason.ReasonCode, 256)
		text("StatusReasons.Description", reason.Description, 1024)
	}
	demand(len(f.Resources) >= 1 && len(f.Resources) <= 32, "%d resources; from 1 to 32 are allowed", len(f.Resources))
	for _, r := range f.Resources {
		text("Resources.Id", r.Id, 512)
		text("Resources.Type", r.Type, 256)
		text("Resources.Region", r.Region, 16)
		demand(slices.Contains(r.Partition.Values(), r.Partition), "partition %q", r.Partition)
	}
	demand(len(f.ProductFields) <= 50, "%d product fields", len(f.ProductFields))
	for name, value := range f.ProductFields {
		text("ProductFields "+name, &value, 2048)
		demand(len(name) <= 128 && !strings.HasPrefix(name, "aws/"), "product field %q", name)
	}
	return out
}

// TestASFFCheckBites makes sure that the check finds what is wrong.
func TestASFFCheckBites(t *testing.T) {
	text := string(outputOf(t, ASFF, everyStatus(), withCatalog()))
	for _, change := range [][2]string{
		{`"SchemaVersion": "2018-10-08"`, `"SchemaVersion": "2020-01-01"`},
		{`"Label": "MEDIUM"`, `"Label": "MODERATE"`},
		{`"Status": "FAILED"`, `"Status": "FAIL"`},
		{`"Status": "NEW"`, `"Status": "OPEN"`},
		{`"Partition": "aws"`, `"Partition": "moon"`},
		{`"Title": "`, `"Title": "` + strings.Repeat("x", 256)},
		{`"CreatedAt": "2026-03-01T12:30:00Z"`, `"CreatedAt": "yesterday"`},
		{`"AwsAccountId": "111122223333"`, `"AwsAccountId": ""`},
	} {
		broken := strings.Replace(text, change[0], change[1], 1)
		if broken == text {
			t.Fatalf("the report has no %s", change[0])
		}
		var complaints []string
		for _, f := range asffRequests(t, []byte(broken))[0].Findings {
			complaints = append(complaints, asffComplaints(f)...)
		}
		if len(complaints) == 0 {
			t.Errorf("with %s instead of %s nothing is wrong", clip(change[1]), change[0])
		}
	}
}

// TestASFFBatches: at most 100 findings a request, and of one account each,
// which is the one that may send them.
func TestASFFBatches(t *testing.T) {
	r := everyStatus()
	one, other := r.Findings[0], r.Findings[len(r.Findings)-1]
	r.Findings = nil
	for i := range 250 {
		f := one
		f.ID = fmt.Sprintf("a%d", i)
		r.Findings = append(r.Findings, f)
	}
	r.Findings = append(r.Findings, other)
	var sizes []int
	for _, request := range asffRequests(t, outputOf(t, ASFF, r, Options{})) {
		sizes = append(sizes, len(request.Findings))
		for _, f := range request.Findings {
			id := aws.ToString(request.Findings[0].AwsAccountId)
			want := fmt.Sprintf("arn:aws:securityhub:eu-central-1:%s:product/%s/default", id, id)
			if aws.ToString(f.AwsAccountId) != id || aws.ToString(f.ProductArn) != want {
				t.Errorf("in a request of account %s: finding of %s, product %s", id, aws.ToString(f.AwsAccountId), aws.ToString(f.ProductArn))
			}
		}
	}
	if want := []int{100, 100, 50, 1}; !slices.Equal(sizes, want) {
		t.Errorf("batches of %v findings, want %v", sizes, want)
	}
	if text := string(outputOf(t, ASFF, finding.Report{}, Options{})); text != "[]\n" {
		t.Errorf("without findings: %q, want an empty list", text)
	}
}

// TestASFFPartitions: the ARN of the product is that of the account's partition.
func TestASFFPartitions(t *testing.T) {
	tests := []struct{ home, want string }{
		{"eu-central-1", "arn:aws:securityhub:eu-central-1:111122223333:product/111122223333/default"},
		{"cn-north-1", "arn:aws-cn:securityhub:cn-north-1:111122223333:product/111122223333/default"},
		{"us-gov-west-1", "arn:aws-us-gov:securityhub:us-gov-west-1:111122223333:product/111122223333/default"},
	}
	for _, tt := range tests {
		r := fourControls()
		r.Accounts[0].Home = tt.home
		if got := asffFindingOf(r.Findings[0], r, Options{}).ProductARN; got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

// TestASFFStatus: verdict, workflow, record and severity for each status.
func TestASFFStatus(t *testing.T) {
	tests := []struct {
		status finding.Status
		want   string
	}{
		{finding.Pass, "PASSED RESOLVED ACTIVE INFORMATIONAL"},
		{finding.Warn, "WARNING NEW ACTIVE LOW"},
		{finding.Fail, "FAILED NEW ACTIVE HIGH"},
		{finding.Unknown, "NOT_AVAILABLE NEW ACTIVE HIGH"},
		{finding.Waived, "FAILED SUPPRESSED ACTIVE HIGH"},
		{finding.NotApplicable, "NOT_AVAILABLE RESOLVED ARCHIVED INFORMATIONAL"},
	}
	for _, tt := range tests {
		f := gapInFilter()
		f.Status = tt.status
		if tt.status == finding.Waived {
			f.Waiver = &finding.Waiver{Was: finding.Fail, Reason: "known"}
		}
		a := asffFindingOf(f, fourControls(), Options{})
		got := strings.Join([]string{a.Compliance.Status, a.Workflow.Status, a.RecordState, a.Provider.Severity.Label}, " ")
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.status, got, tt.want)
		}
	}
}
