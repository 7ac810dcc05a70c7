package report

import (
	"fmt"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// summaryLine counts the findings and says which command shows more.
func summaryLine(r finding.Report) string {
	line := counts(r.Summary())
	if hint := nextStep(r); hint != "" {
		line += " " + hint
	}
	return line
}

// counts returns "1 passed, 3 failed."
func counts(s finding.Summary) string {
	parts := []string{fmt.Sprintf("%d passed", s.Pass)}
	for _, c := range []struct {
		n    int
		what string
	}{
		{s.Warn, "passed with a warning"},
		{s.Fail, "failed"},
		{s.Unknown, "unknown"},
		{s.Waived, "waived"},
		{s.NotApplicable, "not applicable"},
	} {
		if c.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return strings.Join(parts, ", ") + "."
}

// nextStep names the commands that help with the worst findings; "" when there
// is nothing to look into.
func nextStep(r finding.Report) string {
	if f := firstOf(r, finding.Fail); f != nil && f.Cloud == catalog.Azure { // no command repairs it
		return fmt.Sprintf("'monitorctl explain %s' shows the evidence.", Sanitize(f.Control))
	} else if f != nil {
		return fmt.Sprintf("'monitorctl plan' shows the repair; 'monitorctl explain %s' shows the evidence.", Sanitize(f.Control))
	}
	if f := firstOf(r, finding.Unknown); f != nil {
		return fmt.Sprintf("'monitorctl explain %s' shows what could not be seen.", Sanitize(f.Control))
	}
	if f := firstOf(r, finding.Warn); f != nil {
		return fmt.Sprintf("'monitorctl explain %s' shows the evidence.", Sanitize(f.Control))
	}
	return ""
}

// firstOf returns the most severe finding of that status, the first of several;
// nil when there is none.
func firstOf(r finding.Report, s finding.Status) *finding.Finding {
	var first *finding.Finding
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Status == s && (first == nil || f.Severity > first.Severity) {
			first = f
		}
	}
	return first
}
