package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// Markdown writes a report for a comment of a pull request or a step's summary:
// the counts, a table of what is not a pass, and the evidence folded below it.
// With Quiet there is the table only.
//
// The words of names stand in code spans wherever they could mean something to
// the reader's Markdown or be linked behind it (mentions, issues, commits); see
// markdown.
func Markdown(w io.Writer, r finding.Report, o Options) error {
	var open []finding.Finding
	for _, f := range r.Findings {
		if f.Status != finding.Pass {
			open = append(open, f)
		}
	}
	var b strings.Builder
	if !o.Quiet {
		fmt.Fprintf(&b, "### monitorctl: %s\n\n%s\n", strings.TrimSuffix(counts(r.Summary()), "."), markdownScope(r, o))
	}
	if text := checkedText(r); text != "" && !o.Quiet {
		fmt.Fprintf(&b, "\nChecked: %s\n", markdown(text))
	}
	if len(open) > 0 {
		writeMarkdownTable(&b, open, o)
	}
	for _, line := range o.baselineLines() {
		b.WriteString("\n" + markdown(line) + "\n")
	}
	if len(open) > 0 && !o.Quiet {
		writeMarkdownDetails(&b, open, r, o)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// markdownScope says what was judged.
func markdownScope(r finding.Report, o Options) string {
	parts := []string{markdown(benchmarksText(r))}
	for _, a := range accountsOf(r) {
		parts = append(parts, markdown(accountTitle(a.ref)))
	}
	if !isAzure(r) {
		parts = append(parts, fmt.Sprintf("%d regions", len(r.Regions)))
	}
	if r.Framework.Title != "" {
		parts = append(parts, markdown(r.Framework.Title))
	}
	if o.Config != nil {
		parts = append(parts, markdown(o.Config.text()))
	}
	return strings.Join(parts, ", ")
}

func writeMarkdownTable(b *strings.Builder, findings []finding.Finding, o Options) {
	b.WriteString("\n| Status | Control | CIS | Severity | Account | Why |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, f := range findings {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", markdownCell(painter{}.status(f.Status)), markdownCell(f.Control),
			markdownCell(f.Number), markdownCell(f.Severity.String()), markdownCell(f.Account), markdownCell(whyText(f, o)))
	}
}

func writeMarkdownDetails(b *strings.Builder, findings []finding.Finding, r finding.Report, o Options) {
	b.WriteString("\n<details><summary>Evidence, and what to do</summary>\n\n")
	for _, f := range findings {
		fmt.Fprintf(b, "**%s** %s in %s %s: %s\n\n", markdown(painter{}.status(f.Status)), markdown(controlText(f)), accountWord(f.Cloud), markdown(f.Account), markdown(f.Title))
		for _, line := range evidenceLines(f, r, o) {
			fmt.Fprintf(b, "- %s\n", markdown(line))
		}
		b.WriteByte('\n')
	}
	b.WriteString("</details>\n")
}
