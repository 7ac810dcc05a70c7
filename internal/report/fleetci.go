package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/fleet/rollup"
)

// fleetJUnit writes a suite for each account, as JUnit does, and before them one on the run:
// its one case is an error when not all accounts were judged, and accounts that nobody
// looked into are skipped cases.
func fleetJUnit(w io.Writer, f *Fleet, o Options) error {
	first := f.junitRun(o)
	total := first.junitCounts
	err := f.Classes(func(c *FleetClass, accounts []FleetAccount) error {
		for i := range c.Findings {
			one := junitCaseOf(c.Findings[i], f.Report, o)
			for range accounts {
				total.add(one.counts())
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	head := fmt.Sprintf("%s<testsuites name=\"monitorctl\" tests=\"%d\" failures=\"%d\" errors=\"%d\" skipped=\"%d\">\n", xml.Header, total.Tests, total.Failures, total.Errors, total.Skipped)
	if _, err := io.WriteString(w, head); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("  ", "  ")
	suite := xml.StartElement{Name: xml.Name{Local: "testsuite"}}
	if err := enc.EncodeElement(first, suite); err != nil {
		return err
	}
	err = f.Each(func(_ FleetAccount, r finding.Report) error {
		for _, a := range accountsOf(r) {
			if err := enc.EncodeElement(junitSuiteOf(a, r, o), suite); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, "\n</testsuites>\n")
	return err
}

// junitRun is the suite on the run itself.
func (f *Fleet) junitRun(o Options) junitSuite {
	s := junitSuite{
		Name: "all accounts", Time: "0", Timestamp: f.Report.GeneratedAt.UTC().Format("2006-01-02T15:04:05"),
		Properties: []junitProperty{{"benchmark", Sanitize(string(f.Report.Benchmark))}, {"organization", Sanitize(f.Organization)}, {"version", Sanitize(o.Version)}},
	}
	whole := junitCase{Name: "every account was judged", Class: "monitorctl", Time: "0"}
	if text := f.incompleteText(); text != "" {
		whole.Error = &junitProblem{Message: text, Type: "incomplete", Text: text}
	}
	s.Cases = append(s.Cases, whole)
	s.add(whole.counts())
	for _, a := range f.Skipped {
		c := junitCase{Name: "account " + Sanitize(a.ID), Class: "monitorctl", Time: "0", Skipped: &junitSkipped{Sanitize(a.Skipped)}}
		s.Cases = append(s.Cases, c)
		s.add(c.counts())
	}
	return s
}

// incompleteText says that not all accounts were judged, and why; "" when all were.
func (f *Fleet) incompleteText() string {
	if f.Complete {
		return ""
	}
	return fmt.Sprintf("Incomplete: %s of %s judged. %s.", thousands(len(f.Accounts)), accountsText(f.Listed-len(f.Skipped)), Sanitize(f.Why))
}

// fleetGitLab writes an issue for each cause and control, and one of the highest severity
// when not all accounts were judged.
func fleetGitLab(w io.Writer, f *Fleet, o Options) error {
	sum, err := f.sum()
	if err != nil {
		return err
	}
	issues := []gitlabIssue{}
	if text := f.incompleteText(); text != "" {
		issues = append(issues, gitlabIssue{
			Description: text, CheckName: "monitorctl-incomplete", Fingerprint: "monitorctl-incomplete", Severity: "blocker",
			Location: gitlabLocation{"monitorctl", gitlabLines{1}},
		})
	}
	for _, c := range sum.Causes() {
		for _, control := range c.Controls {
			x := finding.Finding{Control: control, Status: c.Status, Severity: c.Severity, Account: c.Owner}
			severity := gitlabSeverity(x, o)
			if severity == "" {
				continue
			}
			issues = append(issues, gitlabIssue{
				Description: fmt.Sprintf("%s: %s: %s (%s)", painter{}.status(c.Status), Sanitize(control), Sanitize(causeText(c)), accountsText(c.Accounts)),
				CheckName:   Sanitize(control),
				Fingerprint: c.ID + ":" + Sanitize(control),
				Severity:    severity,
				Location:    gitlabLocation{placeOf(x), gitlabLines{1}},
				Content:     gitlabContentOf(f.Report),
			})
		}
	}
	return encodeJSON(w, issues)
}

// sum sums all findings up.
func (f *Fleet) sum() (*rollup.Rollup, error) {
	sum := &rollup.Rollup{Owners: f.owners()}
	err := f.Classes(func(c *FleetClass, accounts []FleetAccount) error {
		sum.Add(c.Findings, idsOf(accounts))
		return nil
	})
	return sum, err
}

// markdownCauses is how many causes a comment names.
const markdownCauses = 50

// fleetMarkdown writes a report for a comment: how each control stands, and the causes.
func fleetMarkdown(w io.Writer, f *Fleet, o Options) error {
	sum, err := f.sum()
	if err != nil {
		return err
	}
	var b strings.Builder
	who := accountsText(len(f.Accounts))
	if f.Organization != "" {
		who = "organization " + f.Organization + ", " + who
	}
	fmt.Fprintf(&b, "### monitorctl: %s\n\n", markdown(who))
	if text := f.incompleteText(); text != "" {
		fmt.Fprintf(&b, "**%s**\n\n", markdown(text))
	}
	if len(f.Skipped) > 0 && !o.Quiet {
		fmt.Fprintf(&b, "%s\n\n", markdown(fmt.Sprintf("%s skipped (%s)", thousands(len(f.Skipped)), skippedText(f.Skipped))))
	}
	b.WriteString("| Control | CIS | Pass | Warn | Fail | Unknown | Why most |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for _, r := range sum.Rows() {
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %d | %d | %s |\n", markdownCell(r.Control), markdownCell(r.Number), r.Counts[finding.Pass], r.Counts[finding.Warn],
			r.Counts[finding.Fail], r.Counts[finding.Unknown], markdownCell(r.Most))
	}
	causes := sum.Causes()
	if len(causes) > 0 {
		b.WriteString("\n| Cause | Accounts | Controls | Fix in |\n| --- | --- | --- | --- |\n")
	}
	for _, c := range causes[:min(len(causes), markdownCauses)] {
		fmt.Fprintf(&b, "| %s | %d | %d | %s |\n", markdownCell(causeText(c)), c.Accounts, len(c.Controls), markdownCell(dash(c.Owner)))
	}
	if left := len(causes) - markdownCauses; left > 0 {
		fmt.Fprintf(&b, "\n%d more causes.\n", left)
	}
	_, err = io.WriteString(w, b.String())
	return err
}
