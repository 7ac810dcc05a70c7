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
// regions; "" when nobody said. Of a run on both clouds it says so for each.
func checkedText(r finding.Report) string { return strings.Join(checkedTexts(r), ". ") }

// checkedTexts are the sentences of checkedText, without full stops.
func checkedTexts(r finding.Report) []string {
	texts := []string{shareText(r.Of(catalog.AWS))}
	if r.Both() {
		texts = append(texts, shareText(r.Of(catalog.Azure)))
	}
	return slices.DeleteFunc(texts, func(text string) bool { return text == "" })
}

// shareText is checkedText of a report about one cloud.
func shareText(r finding.Report) string {
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

// checkedLines are the lines of text formats that say how much was checked, one for
// each cloud.
func checkedLines(r finding.Report) []string {
	var lines []string
	for _, text := range checkedTexts(r) {
		lines = append(lines, "Checked: "+text+".")
	}
	return lines
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
	if f := firstOf(r, finding.Fail); f != nil {
		if !slices.ContainsFunc(r.Findings, func(f finding.Finding) bool { return f.Status == finding.Fail && !pending(f) }) {
			return fmt.Sprintf("Confirm the subscriptions from the messages that SNS sent; '%s' shows the evidence.", explainCommand(f))
		}
		if command := planCommand(r); command != "" {
			return fmt.Sprintf("'%s' shows the repair; '%s' shows the evidence.", Sanitize(command), explainCommand(f))
		}
		return fmt.Sprintf("'%s' shows the evidence and what to do.", explainCommand(f))
	}
	if f := firstOf(r, finding.Unknown); f != nil {
		return fmt.Sprintf("'%s' shows what could not be checked.", explainCommand(f))
	}
	if f := firstOf(r, finding.Warn); f != nil {
		return fmt.Sprintf("'%s' shows the evidence.", explainCommand(f))
	}
	return ""
}

// explainCommand is the command that explains a finding. A control of Azure needs its
// subscription.
func explainCommand(f *finding.Finding) string {
	command := "monitorctl explain " + f.Control
	if f.Cloud == catalog.Azure {
		command += " --subscription " + f.Account
	}
	return Sanitize(command)
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
	checked := r.Checked
	if r.Both() && first.Cloud == catalog.Azure {
		checked = r.Azure.Checked
	}
	switch checked.Set {
	case "":
		return first.Command
	case catalog.DefaultSet:
		return plan + flags
	default:
		return plan + " --set " + checked.Set + flags
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
