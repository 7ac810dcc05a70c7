package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/catalog"
)

// Limits of the AWS Security Finding Format in characters and entries (API
// reference of Security Hub: AwsSecurityFinding, Recommendation, Note,
// Compliance, BatchImportFindings). Lengths that the reference leaves open are
// bounded all the same, so that no finding comes near its 240 KB.
const (
	asffBatch        = 100 // findings
	asffID           = 512
	asffTitle        = 256
	asffDescription  = 1024
	asffAccountName  = 50
	asffText         = 512 // of recommendations and notes
	asffReason       = 1024
	asffReasons      = 20
	asffResources    = 32
	asffResourceID   = 512
	asffRegion       = 16
	asffRequirements = 32
	asffRequirement  = 64 // of each
	asffProductValue = 2048
)

// ASFF writes the findings in the AWS Security Finding Format: a list of
// requests to BatchImportFindings, each of at most 100 findings on one account,
// because the account itself must send its findings.
//
// It is AWS's own format: findings of other clouds are an error.
func ASFF(w io.Writer, r finding.Report, o Options) error {
	for _, a := range r.Accounts {
		if a.Cloud != catalog.AWS {
			return fmt.Errorf("writing asff: %s is not an AWS account, and only AWS uses this format", accountTitle(a))
		}
	}
	requests := []asffRequest{}
	for _, a := range accountsOf(r) {
		for rest := a.findings; len(rest) > 0; {
			n := min(len(rest), asffBatch)
			requests = append(requests, asffRequest{Findings: each(rest[:n], func(f finding.Finding) asffFinding { return asffFindingOf(f, r, o) })})
			rest = rest[n:]
		}
	}
	return encodeJSON(w, requests)
}

func asffFindingOf(f finding.Finding, r finding.Report, o Options) asffFinding {
	home := truncate(homeOf(r, f.Account), asffRegion)
	partition := account.PartitionOf(home)
	id := Sanitize(f.Account)
	at := r.GeneratedAt.UTC().Format(time.RFC3339)
	out := asffFinding{
		SchemaVersion: "2018-10-08",
		ID:            truncate("monitorctl/"+id+"/"+f.ID, asffID),
		ProductARN:    fmt.Sprintf("arn:%s:securityhub:%s:%s:product/%s/default", partition, home, id, id),
		ProductName:   "monitorctl",
		CompanyName:   "monitorctl",
		GeneratorID:   truncate("monitorctl/"+Sanitize(f.Control), asffID),
		AccountID:     id,
		AccountName:   truncate(aliasOf(r, f.Account), asffAccountName),
		CreatedAt:     at, UpdatedAt: at, LastObservedAt: at,
		Title:       truncate(controlText(f)+": "+Sanitize(f.Title), asffTitle),
		Description: truncate(asffDescriptionOf(f, r), asffDescription),
		Provider:    asffProvider{Severity: asffSeverityOf(f), Types: asffTypes(f)},
		Compliance:  asffComplianceOf(f, r, o),
		Workflow:    asffWorkflow{Status: asffWorkflowStatus(f.Status)},
		RecordState: "ACTIVE",
		Resources:   asffResourcesOf(f, home),
		Fields:      asffFields(f, r, o),
	}
	if f.Status == finding.NotApplicable {
		out.RecordState = "ARCHIVED" // nothing that anybody could act on
	}
	if f.Remediation != "" {
		out.Remediation = &asffRemediation{Recommendation: asffRecommendation{Text: truncate(Sanitize(f.Remediation), asffText)}}
	}
	if f.Waiver != nil {
		out.Note = &asffNote{Text: truncate(Sanitize(f.Waiver.String()), asffText), UpdatedBy: "monitorctl", UpdatedAt: at}
	}
	return out
}

func asffDescriptionOf(f finding.Finding, r finding.Report) string {
	text := headline(f) + "."
	if missed := missedLines(f, r.Regions); len(missed) > 0 {
		text += " Nobody would be alerted to " + strings.Join(missed, "; ") + "."
	}
	return text
}

// asffSeverityOf grades the finding: what passes is informational, a warning is
// low, everything else as severe as its control.
func asffSeverityOf(f finding.Finding) asffSeverity {
	label := "INFORMATIONAL"
	switch {
	case f.Status == finding.Pass, f.Status == finding.NotApplicable:
	case counted(f) == finding.Warn, f.Severity == 0:
		label = "LOW"
	default:
		label = strings.ToUpper(f.Severity.String())
	}
	original := f.Severity.String()
	if original == "" {
		original = catalog.Low.String()
	}
	return asffSeverity{Label: label, Original: original}
}

func asffTypes(f finding.Finding) []string {
	types := []string{"Software and Configuration Checks/AWS Security Best Practices"}
	if f.Number != "" {
		types = append(types, "Software and Configuration Checks/Industry and Regulatory Standards/CIS AWS Foundations Benchmark")
	}
	return types
}

func asffComplianceOf(f finding.Finding, r finding.Report, o Options) asffCompliance {
	c := asffCompliance{Status: asffComplianceStatus(counted(f))}
	for _, wanted := range requirementsOf(f, r, o) {
		if len(c.Requirements) < asffRequirements {
			c.Requirements = append(c.Requirements, truncate(wanted.String(), asffRequirement))
		}
	}
	for _, reason := range f.Reasons[:min(len(f.Reasons), asffReasons)] {
		c.Reasons = append(c.Reasons, asffStatusReason{
			Code: Sanitize(string(reason.Code)), Description: truncate(acceptedMark(reason)+Sanitize(reason.Message), asffReason),
		})
	}
	return c
}

// asffComplianceStatus is the verdict in the format's words: NOT_AVAILABLE is a
// check that could not be performed because of an API error, and one that does
// not apply.
func asffComplianceStatus(s finding.Status) string {
	switch s {
	case finding.Pass:
		return "PASSED"
	case finding.Fail:
		return "FAILED"
	case finding.Warn:
		return "WARNING"
	default:
		return "NOT_AVAILABLE"
	}
}

// asffWorkflowStatus is that of a finding which Security Hub does not have yet;
// afterwards the workflow is its users' and no import changes it.
func asffWorkflowStatus(s finding.Status) string {
	switch s {
	case finding.Waived:
		return "SUPPRESSED"
	case finding.Pass, finding.NotApplicable:
		return "RESOLVED"
	default:
		return "NEW"
	}
}

// asffResourcesOf are the account, which is what a control is about, and what
// the finding names in it, as many as the format takes.
func asffResourcesOf(f finding.Finding, home string) []asffResource {
	partition := account.PartitionOf(home)
	list := []asffResource{{Type: "AwsAccount", ID: accountURN(f.Account), Partition: partition, Region: home}}
	for _, s := range subjectsOf(f) {
		if len(list) == asffResources {
			break
		}
		at := asffResource{Type: resourceType(s), ID: truncate(s.id, asffResourceID), Partition: partition, Region: home}
		if s.region != "" && len(s.region) <= asffRegion {
			at.Region = s.region
		}
		list = append(list, at)
	}
	return list
}

// asffFields are our own words for what the format has none for.
func asffFields(f finding.Finding, r finding.Report, o Options) map[string]string {
	fields := map[string]string{
		"monitorctl/control":   Sanitize(f.Control),
		"monitorctl/status":    string(f.Status),
		"monitorctl/benchmark": Sanitize(string(r.Benchmark)),
		"monitorctl/version":   o.Version,
		"monitorctl/checked":   checkedText(r),
	}
	for name, value := range fields {
		if fields[name] = truncate(value, asffProductValue); value == "" {
			delete(fields, name)
		}
	}
	return fields
}
