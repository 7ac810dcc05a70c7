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
	text, whole := markdownReport(r, open, o)
	if !whole {
		text, _ = markdownReport(r, gravest(open, o), o)
	}
	_, err := io.WriteString(w, text)
	return err
}

// What a step's summary takes: GitHub drops one of more than 1 MiB. Source: GitHub's
// documentation, "Workflow commands", job summaries.
const (
	markdownBytes = 1 << 20
	markdownLine  = 10_000 // characters of a name or a line of evidence
)

// A markdownPage is text that grows up to a size.
type markdownPage struct{ strings.Builder }

// add writes text if the page then has at most so many bytes.
func (p *markdownPage) add(limit int, text string) bool {
	if p.Len()+len(text) > limit {
		return false
	}
	p.WriteString(text)
	return true
}

// markdownReport is the report with its findings in this order. It is not whole where some of
// them had no room; they are counted.
func markdownReport(r finding.Report, open []finding.Finding, o Options) (text string, whole bool) {
	var b markdownPage
	if !o.Quiet {
		b.WriteString("### monitorctl: " + strings.TrimSuffix(counts(r.Summary()), ".") + "\n\n" + markdownScope(r, o) + "\n")
	}
	if text := checkedText(r); text != "" && !o.Quiet {
		b.WriteString("\nChecked: " + markdown(truncate(text, markdownLine)) + "\n")
	}
	rows := 0
	if len(open) > 0 {
		rows = writeMarkdownTable(&b, open, o)
	}
	baseline := o.baselineLines()
	for i, line := range baseline {
		if !b.add(markdownBytes*5/8, "\n"+markdown(truncate(line, markdownLine))+"\n") {
			fmt.Fprintf(&b, "\nand %s more lines\n", Thousands(len(baseline)-i))
			break
		}
	}
	if len(open) > 0 && !o.Quiet {
		writeMarkdownDetails(&b, open, r, o)
	}
	return b.String(), rows == len(open)
}

// markdownScope says what was judged.
func markdownScope(r finding.Report, o Options) string {
	parts := []string{markdown(benchmarksText(r))}
	accounts := accountsOf(r)
	for i, a := range accounts {
		if i == markdownRows {
			parts = append(parts, Thousands(len(accounts)-i)+" more accounts")
			break
		}
		parts = append(parts, markdown(truncate(accountTitle(a.ref), markdownText)))
	}
	if !isAzure(r) {
		parts = append(parts, plural(len(r.Regions), "region"))
	}
	if r.Framework.Title != "" {
		parts = append(parts, markdown(r.Framework.Title))
	}
	if o.Config != nil {
		parts = append(parts, markdown(o.Config.text()))
	}
	return strings.Join(parts, ", ")
}

// writeMarkdownTable writes a row for each finding, as far as there is room, and returns how many.
func writeMarkdownTable(b *markdownPage, findings []finding.Finding, o Options) int {
	b.WriteString("\n| Status | Control | CIS | Severity | Account | Why |\n| --- | --- | --- | --- | --- | --- |\n")
	for i, f := range findings {
		row := fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", markdownCell(painter{}.status(f.Status)), markdownCell(f.Control),
			markdownCell(f.Number), markdownCell(f.Severity.String()), markdownCell(f.Account), markdownCell(truncate(whyText(f, o), markdownLine)))
		if !b.add(markdownBytes/2, row) {
			fmt.Fprintf(b, "\n%s\n", markdown(markdownLeft(len(findings)-i)))
			return i
		}
	}
	return len(findings)
}

// markdownLeft says how many findings have no room.
func markdownLeft(n int) string {
	return fmt.Sprintf("and %s more findings: -o json=FILE has all", Thousands(n))
}

func writeMarkdownDetails(b *markdownPage, findings []finding.Finding, r finding.Report, o Options) {
	b.WriteString("\n<details><summary>Evidence, and what to do</summary>\n\n")
	for i, f := range findings {
		var one strings.Builder
		fmt.Fprintf(&one, "**%s** %s in %s %s: %s\n\n", markdown(painter{}.status(f.Status)), markdown(controlText(f)), accountWord(f.Cloud), markdown(f.Account), markdown(truncate(f.Title, markdownLine)))
		for _, line := range evidenceLines(f, r, o) {
			fmt.Fprintf(&one, "- %s\n", markdown(truncate(line, markdownLine)))
		}
		one.WriteByte('\n')
		if !b.add(markdownBytes-200, one.String()) { // and the two lines below
			b.WriteString(markdown(markdownLeft(len(findings)-i)) + "\n\n")
			break
		}
	}
	b.WriteString("</details>\n")
}
