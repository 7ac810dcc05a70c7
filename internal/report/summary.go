package report

import (
	"fmt"
	"slices"
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

// checkedText says how much of the benchmark the run is about, and in how many
// regions; "" when nobody said.
func checkedText(r finding.Report) string {
	text := r.Checked.String()
	switch n := len(r.Regions); {
	case text == "" || n == 0:
		return Sanitize(text)
	case n == 1:
		return Sanitize(text + " (in " + r.Regions[0] + ")")
	default:
		return Sanitize(fmt.Sprintf("%s (in %d regions)", text, n))
	}
}

// checkedLines are the line of text formats that says how much was checked.
func checkedLines(r finding.Report) []string {
	if text := checkedText(r); text != "" {
		return []string{"Checked: " + text + "."}
	}
	return nil
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
		if !slices.ContainsFunc(r.Findings, func(f finding.Finding) bool { return f.Status == finding.Fail && !pending(f) }) {
			return fmt.Sprintf("Confirm the subscriptions from the messages that SNS sent; 'monitorctl explain %s' shows the evidence.", Sanitize(f.Control))
		}
		if command := planCommand(r); command != "" {
			return fmt.Sprintf("'%s' shows the repair; 'monitorctl explain %s' shows the evidence.", Sanitize(command), Sanitize(f.Control))
		}
		return fmt.Sprintf("'monitorctl explain %s' shows the evidence and what to do.", Sanitize(f.Control))
	}
	if f := firstOf(r, finding.Unknown); f != nil {
		return fmt.Sprintf("'monitorctl explain %s' shows what could not be checked.", Sanitize(f.Control))
	}
	if f := firstOf(r, finding.Warn); f != nil {
		return fmt.Sprintf("'monitorctl explain %s' shows the evidence.", Sanitize(f.Control))
	}
	return ""
}

// pending reports whether a finding waits for a subscriber's confirmation before
// anything else.
func pending(f finding.Finding) bool {
	return len(f.Reasons) > 0 && f.Reasons[0].Code == "subscription-pending"
}

// planCommand is the command that plans the repair of the most severe failure that a
// plan can repair, and of the others of the run as far as it can; "" when it can
// repair none.
func planCommand(r finding.Report) string {
	var first *finding.Finding
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Status == finding.Fail && f.Command != "" && !pending(*f) && (first == nil || f.Severity > first.Severity) {
			first = f
		}
	}
	if first == nil {
		return ""
	}
	plan, flags, _ := strings.Cut(first.Command, " "+first.Control)
	switch r.Checked.Set {
	case "":
		return first.Command
	case catalog.DefaultSet:
		return plan + flags
	default:
		return plan + " --set " + r.Checked.Set + flags
	}
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
