package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// ocsfVersion is the version of the Open Cybersecurity Schema Framework whose
// class "Compliance Finding" is written. Source: schema.ocsf.io, 1.9.0 of
// August 2026; testdata/ocsf-2003.json holds the part of it that is used.
const ocsfVersion = "1.9.0"

// OCSF writes each finding as an event of the class Compliance Finding (2003),
// one event per line: pipelines that take OCSF read a stream of events, and the
// framework defines an event, not a list of them.
func OCSF(w io.Writer, r finding.Report, o Options) error {
	for _, f := range r.Findings {
		if err := encodeLine(w, ocsfEventOf(f, r, o)); err != nil {
			return err
		}
	}
	return nil
}

func ocsfEventOf(f finding.Finding, r finding.Report, o Options) ocsfEvent {
	at := r.GeneratedAt.UnixMilli()
	home := homeOf(r, f.Account)
	e := ocsfEvent{
		// A run looks at the account and knows nothing of earlier runs.
		ActivityID: 1, ActivityName: "Create",
		CategoryUID: 2, CategoryName: "Findings",
		ClassUID: 2003, ClassName: "Compliance Finding",
		TypeUID: 200301, TypeName: "Compliance Finding: Create",
		Time:    at,
		Message: Sanitize(f.Control) + ": " + headline(f),
		Metadata: ocsfMetadata{
			Version:  ocsfVersion,
			Product:  ocsfProduct{Name: "monitorctl", VendorName: "monitorctl", Version: o.Version},
			Profiles: []string{"cloud"},
		},
		FindingInfo: ocsfFindingInfo{
			UID: f.ID, Title: Sanitize(f.Title), Desc: strings.Join(evidenceLines(f, r, Options{}), "\n"), CreatedTime: at,
			Types:    []string{"Software and Configuration Checks"},
			Analytic: ocsfAnalytic{UID: Sanitize(f.Control), Name: Sanitize(f.Title), TypeID: 1, Type: "Rule"},
		},
		Compliance: ocsfComplianceOf(f, r, o),
		Cloud: ocsfCloud{
			Provider: "AWS", Region: home, Partition: account.PartitionOf(home),
			Account: ocsfAccount{UID: Sanitize(f.Account), Name: aliasOf(r, f.Account), TypeID: 10, Type: "AWS Account"},
		},
		Resources: ocsfResources(f, home),
		Unmapped:  ocsfUnmapped{Monitorctl: unmappedOf(f, r)},
	}
	if f.Cloud == catalog.Azure {
		e.Cloud = ocsfCloud{Provider: "Azure", Account: ocsfAccount{UID: Sanitize(f.Account), Name: aliasOf(r, f.Account), TypeID: 99, Type: "Azure Account"}}
	}
	e.SeverityID, e.Severity = ocsfSeverity(f)
	e.StatusID, e.Status = ocsfStatus(f.Status)
	if f.Remediation != "" {
		e.Remediation = &ocsfRemediation{Desc: Sanitize(f.Remediation)}
	}
	return e
}

func ocsfComplianceOf(f finding.Finding, r finding.Report, o Options) ocsfCompliance {
	c := ocsfCompliance{
		Control:       Sanitize(f.Control),
		Standards:     []string{},
		StatusDetails: []string{},
	}
	c.StatusID, c.Status = ocsfComplianceStatus(counted(f))
	for _, wanted := range requirementsOf(f, r, o) {
		if !slices.Contains(c.Standards, wanted.standard) {
			c.Standards = append(c.Standards, wanted.standard)
		}
		c.Requirements = append(c.Requirements, wanted.String())
	}
	for _, reason := range f.Reasons {
		if c.StatusCode == "" {
			c.StatusCode = Sanitize(string(reason.Code))
		}
		c.StatusDetails = append(c.StatusDetails, reasonText(reason))
	}
	if control, ok := controlOf(f.Control, nil, o); ok {
		c.Desc = Sanitize(control.Why)
	}
	return c
}

// ocsfSeverity grades the event: what nobody has to act on is informational.
func ocsfSeverity(f finding.Finding) (id int, caption string) {
	if f.Status == finding.Pass || f.Status == finding.NotApplicable {
		return 1, "Informational"
	}
	switch f.Severity {
	case catalog.Critical:
		return 5, "Critical"
	case catalog.High:
		return 4, "High"
	case catalog.Medium:
		return 3, "Medium"
	case catalog.Low:
		return 2, "Low"
	default:
		return 0, "Unknown"
	}
}

// ocsfStatus is where the finding stands in its life: the framework has no
// word for "nothing was wrong", and Resolved is the one that asks for nothing.
func ocsfStatus(s finding.Status) (id int, caption string) {
	switch s {
	case finding.Waived:
		return 3, "Suppressed"
	case finding.Pass, finding.NotApplicable:
		return 4, "Resolved"
	default:
		return 1, "New"
	}
}

// ocsfComplianceStatus is the verdict. The framework defines Warning as "did
// not yield a result due to missing information", which is what we call
// unknown; our own warning is none of its words.
func ocsfComplianceStatus(s finding.Status) (id int, caption string) {
	switch s {
	case finding.Pass:
		return 1, "Pass"
	case finding.Unknown:
		return 2, "Warning"
	case finding.Fail:
		return 3, "Fail"
	case finding.Warn:
		return 99, "Pass with a warning"
	case finding.NotApplicable:
		return 99, "Not applicable"
	default:
		return 0, "Unknown"
	}
}

// ocsfResources are the account, which is what a control is about, and what the
// finding names in it.
func ocsfResources(f finding.Finding, home string) []ocsfResource {
	if f.Cloud == catalog.Azure {
		list := []ocsfResource{{UID: Sanitize("/subscriptions/" + f.Account), Type: "Microsoft.Resources/subscriptions"}}
		for _, s := range subjectsOf(f) {
			list = append(list, ocsfResource{UID: s.id, Type: azureTypes[s.kind]})
		}
		return list
	}
	list := []ocsfResource{{UID: accountURN(f.Account), Type: "AwsAccount", Region: home, Partition: account.PartitionOf(home)}}
	for _, s := range subjectsOf(f) {
		list = append(list, ocsfResource{UID: s.id, Type: resourceType(s), Region: s.region, Partition: s.partition})
	}
	return list
}

// accountURN is how Security Hub names an account as a resource.
func accountURN(id string) string { return fmt.Sprintf("AWS::::Account:%s", Sanitize(id)) }

// resourceType returns the type that Security Hub has for a resource, "Other"
// where it has none. An action's ARN is that of the topic behind it.
func resourceType(s subject) string {
	switch {
	case s.kind == finding.LinkTrail:
		return "AwsCloudTrailTrail"
	case s.kind == finding.LinkAlarm:
		return "AwsCloudWatchAlarm"
	case s.kind == finding.LinkTopic, s.kind == finding.LinkAction && s.service == "sns":
		return "AwsSnsTopic"
	default:
		return "Other"
	}
}

// unmappedOf is what the framework has no place for, as the JSON report has it.
func unmappedOf(f finding.Finding, r finding.Report) ocsfEvidence {
	j := findingOf(f, "", Options{})
	return ocsfEvidence{Status: j.Status, Missed: j.Missed, Narrowed: j.Narrowed, Chain: j.Chain, BlindSpots: j.BlindSpots, Waiver: j.Waiver, Checked: checkedText(r.Of(f.Cloud))}
}

// The structs below are the part of OCSF that is written.
type (
	ocsfEvent struct {
		ActivityID   int              `json:"activity_id"`
		ActivityName string           `json:"activity_name"`
		CategoryUID  int              `json:"category_uid"`
		CategoryName string           `json:"category_name"`
		ClassUID     int              `json:"class_uid"`
		ClassName    string           `json:"class_name"`
		TypeUID      int              `json:"type_uid"`
		TypeName     string           `json:"type_name"`
		Time         int64            `json:"time"` // milliseconds since 1970
		SeverityID   int              `json:"severity_id"`
		Severity     string           `json:"severity"`
		StatusID     int              `json:"status_id"`
		Status       string           `json:"status"`
		Message      string           `json:"message"`
		Metadata     ocsfMetadata     `json:"metadata"`
		FindingInfo  ocsfFindingInfo  `json:"finding_info"`
		Compliance   ocsfCompliance   `json:"compliance"`
		Cloud        ocsfCloud        `json:"cloud"`
		Resources    []ocsfResource   `json:"resources"`
		Remediation  *ocsfRemediation `json:"remediation,omitempty"`
		Unmapped     ocsfUnmapped     `json:"unmapped"`
	}

	ocsfMetadata struct {
		Version  string      `json:"version"`
		Product  ocsfProduct `json:"product"`
		Profiles []string    `json:"profiles"`
	}

	ocsfProduct struct {
		Name       string `json:"name"`
		VendorName string `json:"vendor_name"`
		Version    string `json:"version,omitempty"`
	}

	ocsfFindingInfo struct {
		UID         string       `json:"uid"`
		Title       string       `json:"title"`
		Desc        string       `json:"desc,omitempty"`
		CreatedTime int64        `json:"created_time"`
		Types       []string     `json:"types"`
		Analytic    ocsfAnalytic `json:"analytic"`
	}

	ocsfAnalytic struct {
		UID    string `json:"uid"`
		Name   string `json:"name"`
		TypeID int    `json:"type_id"`
		Type   string `json:"type"`
	}

	ocsfCompliance struct {
		Control       string   `json:"control"`
		Desc          string   `json:"desc,omitempty"`
		Standards     []string `json:"standards"`
		Requirements  []string `json:"requirements,omitempty"`
		StatusID      int      `json:"status_id"`
		Status        string   `json:"status"`
		StatusCode    string   `json:"status_code,omitempty"`
		StatusDetails []string `json:"status_details"`
	}

	ocsfCloud struct {
		Provider  string      `json:"provider"`
		Region    string      `json:"region,omitempty"`
		Partition string      `json:"cloud_partition,omitempty"`
		Account   ocsfAccount `json:"account"`

		Org *ocsfOrganization `json:"org,omitempty"` // of a report on many accounts
	}

	ocsfOrganization struct {
		UID      string `json:"uid,omitempty"`
		UnitUID  string `json:"ou_uid,omitempty"`
		UnitName string `json:"ou_name,omitempty"`
	}

	ocsfAccount struct {
		UID    string `json:"uid"`
		Name   string `json:"name,omitempty"`
		TypeID int    `json:"type_id"`
		Type   string `json:"type"`
	}

	ocsfResource struct {
		UID       string `json:"uid"`
		Type      string `json:"type"`
		Region    string `json:"region,omitempty"`
		Partition string `json:"cloud_partition,omitempty"`
	}

	ocsfRemediation struct {
		Desc string `json:"desc"`
	}

	ocsfUnmapped struct {
		Monitorctl ocsfEvidence `json:"monitorctl"`
	}

	ocsfEvidence struct {
		Status     string          `json:"status"`
		Missed     []jsonMissed    `json:"missed"`
		Narrowed   []jsonNarrowing `json:"narrowed"`
		Chain      []jsonLink      `json:"chain"`
		BlindSpots []jsonBlindSpot `json:"blindSpots"`
		Waiver     *jsonWaiver     `json:"waiver"`
		Checked    string          `json:"checked,omitempty"`

		// Of a report on many accounts.
		Basis      string            `json:"basis,omitempty"`
		Cause      string            `json:"cause,omitempty"`
		Tags       map[string]string `json:"tags,omitempty"`
		Incomplete string            `json:"incomplete,omitempty"`
	}
)
