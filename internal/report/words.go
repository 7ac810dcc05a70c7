package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// The words that the formats without columns put a finding into. Their names
// are still the account's: each format escapes them in its way.

// whyText returns the first reason in words and how many more there are; of a
// waived finding it is the waiver, of a pass "".
func whyText(f finding.Finding, o Options) string {
	f.Mapped = nil
	return strings.Join(why(f, Options{Baseline: o.Baseline}), " ")
}

// missedLines words the missed events, those of one source and the same
// regions together: "A, B (ec2.amazonaws.com; in eu-west-1)".
func missedLines(f finding.Finding, scope []string) []string {
	var lines []string
	for rest := f.Missed; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].Source == rest[0].Source && slices.Equal(rest[n].Regions, rest[0].Regions) {
			n++
		}
		names := make([]string, n)
		for i, m := range rest[:n] {
			names[i] = anyName(m.Event, "every event that meets the condition")
		}
		lines = append(lines, fmt.Sprintf("%s (%s%s)", strings.Join(names, ", "), anyName(rest[0].Source, "any source"), regionClause(f.Cloud, rest[0].Regions, scope)))
		rest = rest[n:]
	}
	return lines
}

// evidenceLines says all that matters of a finding in a few lines: its waiver,
// its reasons, what nobody would be alerted to, and what to do.
func evidenceLines(f finding.Finding, r finding.Report, o Options) []string {
	var lines []string
	if f.Waiver != nil {
		lines = append(lines, Sanitize(f.Waiver.String()))
	}
	for _, reason := range f.Reasons {
		line := reasonText(reason)
		if reason.Resource != "" {
			line += " (" + Sanitize(reason.Resource) + ")"
		}
		lines = append(lines, line)
	}
	lines = o.marked(f, lines)
	for _, missed := range missedLines(f, r.Regions) {
		lines = append(lines, "nobody would be alerted to "+missed)
	}
	if len(f.Mapped) > 0 {
		lines = append(lines, "the control helps to meet "+Sanitize(strings.Join(f.Mapped, ", ")))
	}
	if f.Remediation != "" {
		lines = append(lines, "what to do: "+Sanitize(f.Remediation))
	}
	return lines
}

// reasonText returns "code: message", and says of a note that it is one, and of an
// accepted reason why.
func reasonText(r finding.Reason) string {
	text := fmt.Sprintf("%s: %s", Sanitize(string(r.Code)), Sanitize(r.Message))
	if r.Accepted != nil {
		return fmt.Sprintf("accepted: %s (%s)", text, Sanitize(r.Accepted.String()))
	}
	if r.Status == finding.Pass {
		text += " (a note: it does not change the verdict)"
	}
	return text
}

// acceptedMark goes before the message of a reason where its code stands apart.
func acceptedMark(r finding.Reason) string {
	if r.Accepted != nil {
		return "accepted: "
	}
	return ""
}

// controlText returns "security-group-changes (CIS 4.10)".
func controlText(f finding.Finding) string {
	if f.Number == "" {
		return Sanitize(f.Control)
	}
	return fmt.Sprintf("%s (CIS %s)", Sanitize(f.Control), Sanitize(f.Number))
}
