package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/fleet/rollup"
)

// Bounds of formats that a CI system shows: it is causes that people mend there, and each
// of them names some of its accounts.
const (
	ciCauses     = 5000 // of a report; what is left is counted
	ciAccounts   = 20   // that a cause names
	markdownRows = 50   // of a table: GitHub takes 65,536 characters in a comment
	markdownText = 400  // of a cause
)

// leftText says how many of n causes a report leaves out; "" for none.
func leftText(n, shown int) string {
	if n <= shown {
		return ""
	}
	return fmt.Sprintf("and %s more causes: -o json=FILE has all", Thousands(n-shown))
}

// causeLine says of a cause what it is, how many accounts it breaks and where it is fixed.
func (s *fleetSum) causeLine(c rollup.Cause, o Options) string {
	return fmt.Sprintf("%s (%s; fix in: %s)", Sanitize(s.causeText(c, o)), accountsText(c.Accounts), fixIn(c))
}

// sampleText names accounts of a cause.
func sampleText(c rollup.Cause) string {
	named := c.Sample[:min(len(c.Sample), ciAccounts)]
	text := "Accounts: " + strings.Join(named, ", ")
	if n := c.Accounts - len(named); n > 0 {
		text += fmt.Sprintf(" and %s more", Thousands(n))
	}
	return text
}

// asFinding is a finding with the status and severity of a cause, for what grades findings.
func asFinding(c rollup.Cause, control string) finding.Finding {
	return finding.Finding{Control: control, Account: c.Owner, Status: c.Status, Severity: c.Severity}
}

// fleetGitHub writes workflow commands, one for each cause, that which breaks most first;
// of what GitHub would not show the last of a kind names the causes.
func fleetGitHub(w io.Writer, f *Fleet, o Options) error {
	sum, err := f.sum(o)
	if err != nil {
		return err
	}
	var list []Annotation
	if !f.Complete {
		list = append(list, Annotation{Command: "error", Title: "monitorctl: not complete", Message: f.incompleteText})
	}
	for _, c := range sum.Causes() {
		command := githubCommand(asFinding(c, ""), o)
		if sum.known(c, o) {
			command = "notice"
		}
		title := fmt.Sprintf("%s: %s in %s", painter{}.status(c.Status), Sanitize(strings.Join(c.Controls, ", ")), accountsText(c.Accounts))
		list = append(list, Annotation{Command: command, Title: title, Message: func() string { return sum.causeLine(c, o) + "\n" + sampleText(c) }})
	}
	lines := append(f.headLines(sum), f.endLines(o)...)
	if o.Config != nil {
		lines = append(lines, o.Config.text())
	}
	return WriteAnnotations(w, list, lines)
}

// fleetGitLab writes a code quality report: an issue for each cause and control, whose
// fingerprint is theirs, and one where the run is not complete.
func fleetGitLab(w io.Writer, f *Fleet, o Options) error {
	sum, err := f.sum(o)
	if err != nil {
		return err
	}
	where := func(owner, control string) gitlabLocation {
		if owner == "" {
			owner = "organization"
		}
		return gitlabLocation{placeOf(finding.Finding{Account: owner, Control: control}), gitlabLines{1}}
	}
	issues := []gitlabIssue{}
	whole := func(name, text string) {
		issues = append(issues, gitlabIssue{Description: text, CheckName: name, Fingerprint: "monitorctl-" + name, Severity: "blocker", Location: where("", name)})
	}
	if !f.Complete {
		whole("incomplete", f.incompleteText())
	}
	causes := sum.Causes()
	for i, c := range causes {
		if len(issues) >= ciCauses {
			whole("more", leftText(len(causes), i))
			break
		}
		for _, control := range c.Controls {
			severity := gitlabSeverity(asFinding(c, control), o)
			issues = append(issues, gitlabIssue{
				Description: fmt.Sprintf("%s: %s: %s", painter{}.status(c.Status), Sanitize(control), sum.causeLine(c, o)),
				CheckName:   Sanitize(control), Fingerprint: c.ID + ":" + segment(control), Severity: severity, Location: where(c.Owner, control),
				Content: &gitlabContent{sampleText(c)},
			})
		}
	}
	return encodeJSON(w, issues)
}

// fleetJUnit writes a suite for each control, with a case for each cause and one for the
// accounts that pass. A run that is not complete has an error case first.
func fleetJUnit(w io.Writer, f *Fleet, o Options) error {
	sum, err := f.sum(o)
	if err != nil {
		return err
	}
	doc := junitReport{Name: "monitorctl"}
	add := func(s junitSuite) {
		doc.Suites = append(doc.Suites, s)
		doc.add(s.junitCounts)
	}
	causes := sum.Causes()
	shown := min(len(causes), ciCauses)
	if text := leftText(len(causes), shown); !f.Complete || text != "" {
		s := f.junitSuite("run", o)
		if !f.Complete {
			s.put(junitCase{Name: "complete", Class: "monitorctl", Time: "0", Error: &junitProblem{Message: f.incompleteText(), Type: "incomplete"}})
		}
		if text != "" {
			s.put(junitCase{Name: "causes", Class: "monitorctl", Time: "0", Error: &junitProblem{Message: text, Type: "too-many"}})
		}
		add(s)
	}
	for _, row := range sum.Rows() {
		s := f.junitSuite(controlText(finding.Finding{Control: row.Control, Number: row.Number}), o)
		if n := row.Counts[finding.Pass]; n > 0 {
			s.put(junitCase{Name: "pass in " + accountsText(n), Class: "monitorctl." + Sanitize(row.Control), Time: "0"})
		}
		if n := row.Counts[finding.Waived] + row.Counts[finding.NotApplicable]; n > 0 {
			s.put(junitCase{Name: "waived or not applicable in " + accountsText(n), Class: "monitorctl." + Sanitize(row.Control), Time: "0", Skipped: &junitSkipped{"it does not count"}})
		}
		for _, c := range causes[:shown] {
			if slices.Contains(c.Controls, row.Control) {
				s.put(sum.junitCase(c, row.Control, o))
			}
		}
		add(s)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n")
	return err
}

func (f *Fleet) junitSuite(name string, o Options) junitSuite {
	s := junitSuiteOf(accountFindings{}, f.Report, o)
	s.Name, s.Properties = name, []junitProperty{
		{"benchmark", Sanitize(string(f.Report.Benchmark))}, {"organization", Sanitize(f.Organization)}, {"accounts", fmt.Sprint(len(f.Accounts))}, {"version", Sanitize(o.Version)},
	}
	return s
}

// put adds a case, and counts it.
func (s *junitSuite) put(c junitCase) {
	s.Cases = append(s.Cases, c)
	s.add(c.counts())
}

func (s *fleetSum) junitCase(c rollup.Cause, control string, o Options) junitCase {
	out := junitCase{Name: Sanitize(causeText(c)), Class: "monitorctl." + Sanitize(control), Time: "0"}
	problem := &junitProblem{Message: s.causeLine(c, o), Type: Sanitize(string(c.Code)), Text: sampleText(c)}
	switch {
	case s.known(c, o):
		out.Skipped = &junitSkipped{problem.Message}
	case o.fails(asFinding(c, control)):
		out.Failure = problem
	case c.Status == finding.Warn:
		out.Out = "warning: " + problem.Message + "\n" + problem.Text
	default:
		out.Error = problem
	}
	return out
}

// fleetMarkdown writes the head, the controls, the causes and the accounts with gaps of
// their own, as the table does, for a comment or a step's summary.
func fleetMarkdown(w io.Writer, f *Fleet, o Options) error {
	sum, err := f.sum(o)
	if err != nil {
		return err
	}
	var b strings.Builder
	if !o.Quiet {
		total, err := f.summary()
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "### monitorctl: %s\n", strings.TrimSuffix(counts(finding.Summary(total)), "."))
		for _, line := range f.headLines(sum) {
			b.WriteString("\n" + markdown(line) + "\n")
		}
		sum.markdownRows(&b)
	}
	causes := sum.Causes()
	if len(causes) > 0 {
		b.WriteString("\n| | Status | Cause | Accounts | Controls | Fix in |\n| ---: | --- | --- | ---: | --- | --- |\n")
	}
	shown := min(len(causes), markdownRows)
	for i, c := range causes[:shown] {
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s | %s |\n", i+1, markdownCell(painter{}.status(c.Status)), markdownCell(truncate(Sanitize(sum.causeText(c, o)), markdownText)),
			Thousands(c.Accounts), markdownCell(truncate(strings.Join(c.Controls, ", "), markdownText)), markdownCell(fixIn(c)))
	}
	if text := leftText(len(causes), shown); text != "" {
		b.WriteString("\n" + markdown(text) + "\n")
	}
	f.markdownWorst(&b, sum.worst)
	if !o.Quiet {
		for _, line := range f.endLines(o) {
			b.WriteString("\n" + markdown(line) + "\n")
		}
		if o.Config != nil {
			b.WriteString("\n" + markdown(o.Config.text()) + "\n")
		}
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// markdownRows writes a line for each control, the most severe first.
func (s *fleetSum) markdownRows(b *strings.Builder) {
	b.WriteString("\n| Control | CIS | Pass | Warn | Fail | Unknown | Waived | N/A |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, r := range bySeverity(s.Rows()) {
		fmt.Fprintf(b, "| %s | %s |", markdownCell(r.Control), markdownCell(r.Number))
		for _, c := range rollColumns {
			fmt.Fprintf(b, " %s |", dash(count(r.Counts[c.status])))
		}
		b.WriteByte('\n')
	}
}

// markdownWorst folds the accounts with gaps of their own.
func (f *Fleet) markdownWorst(b *strings.Builder, worst []gap) {
	if len(worst) == 0 {
		return
	}
	fmt.Fprintf(b, "\n<details><summary>Accounts with gaps of their own (%s of %s)</summary>\n\n", Thousands(len(worst)), Thousands(len(f.Accounts)))
	shown := min(len(worst), markdownRows)
	for _, g := range byGaps(worst)[:shown] {
		fmt.Fprintf(b, "- %s: %d failed\n", markdown(accountLabel(g.account)), g.controls)
	}
	if n := len(worst) - shown; n > 0 {
		fmt.Fprintf(b, "- and %s more: %s\n", Thousands(n), markdown("-o table=FILE lists all"))
	}
	b.WriteString("\n</details>\n")
}
