package report

import (
	"fmt"
	"io"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

// A gitlabIssue is what GitLab reads of an entry of a code quality report.
type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
	Content     *gitlabContent `json:"content,omitempty"`
}

// gitlabContent is what the format has for an explanation.
type gitlabContent struct {
	Body string `json:"body"`
}

// gitlabContentOf says how much was checked: the format has no place for the whole
// report. Nil when nobody said.
func gitlabContentOf(r finding.Report) *gitlabContent {
	if text := checkedText(r); text != "" {
		return &gitlabContent{"Checked: " + text}
	}
	return nil
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"` // 1-based
}

// GitLab writes a report as a code quality report: an issue for what fails, is
// unknown or has a warning, with ShowWaived also for what is waived. GitLab
// compares the fingerprints of two branches, which are the ids of findings.
func GitLab(w io.Writer, r finding.Report, o Options) error {
	issues := []gitlabIssue{}
	for _, f := range r.Findings {
		severity := gitlabSeverity(f, o)
		if severity == "" {
			continue
		}
		issues = append(issues, gitlabIssue{
			Description: fmt.Sprintf("%s: %s in %s %s: %s", painter{}.status(f.Status), controlText(f), accountWord(f.Cloud), Sanitize(f.Account), whyText(f, o)),
			CheckName:   Sanitize(f.Control),
			Fingerprint: Sanitize(f.ID),
			Severity:    severity,
			Location:    gitlabLocation{placeOf(f), gitlabLines{1}},
			Content:     gitlabContentOf(r),
		})
	}
	return encodeJSON(w, issues)
}

// gitlabSeverity maps a finding to one of GitLab's info, minor, major, critical
// and blocker; "" when it is no issue.
func gitlabSeverity(f finding.Finding, o Options) string {
	switch f.Status {
	case finding.Pass, finding.NotApplicable:
		return ""
	case finding.Waived:
		if o.ShowWaived {
			return "info"
		}
		return ""
	case finding.Warn:
		if !o.Strict {
			return "info"
		}
	}
	switch f.Severity {
	case catalog.Critical:
		return "blocker"
	case catalog.High:
		return "critical"
	case catalog.Medium:
		return "major"
	default:
		return "minor"
	}
}
