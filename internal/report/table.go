package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// Table writes a report for a person at a terminal: for each account a header
// line and a row per control, and a summary that says what to do next.
//
// TRAIL stands for trail and log group, ALARM for metric and alarm, NOTIFY for
// action, topic and subscription; of Azure RULE stands for the alert rule, GROUP for
// action group and alert processing rules, NOTIFY for the receiver.
func Table(w io.Writer, r finding.Report, o Options) error {
	var b strings.Builder
	var err error
	if o.Quiet {
		err = writeQuiet(&b, r, o)
	} else {
		err = writeAccounts(&b, r, o)
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// writeAccounts writes a block for each account and the summary.
func writeAccounts(b *strings.Builder, r finding.Report, o Options) error {
	for _, a := range accountsOf(r) {
		writeAccountLine(b, a.ref, r, o)
		b.WriteByte('\n')
		g := newGrid(a.findings, o)
		via := usesRules(r) && a.ref.Cloud == catalog.AWS
		if via {
			g.head = slices.Insert(g.head, viaColumn, "VIA")
		}
		for _, f := range byNumber(a.findings) {
			row := tableRow(f, o)
			if via {
				row.cells = slices.Insert(row.cells, viaColumn, viaOf(f))
			}
			g.rows = append(g.rows, row)
		}
		if len(g.rows) > 0 {
			if err := g.write(b); err != nil {
				return err
			}
			b.WriteByte('\n')
		}
	}
	for _, line := range slices.Concat(ruleLines(r), []string{summaryLine(r)}, peerLines(r), checkedLines(r), o.baselineLines()) {
		paragraph(b, "", "", line, o.Width)
	}
	return nil
}

// writeQuiet writes the rows that are not a pass, without any header; with
// several accounts each row starts with its own.
func writeQuiet(b *strings.Builder, r finding.Report, o Options) error {
	if !r.Both() {
		return writeQuietRows(b, r.Findings, len(accountsOf(r)) > 1, o)
	}
	for _, cloud := range []catalog.Cloud{catalog.AWS, catalog.Azure} { // whose chains have other columns
		own := slices.DeleteFunc(slices.Clone(r.Findings), func(f finding.Finding) bool { return f.Cloud != cloud })
		if err := writeQuietRows(b, own, true, o); err != nil {
			return err
		}
	}
	return nil
}

func writeQuietRows(b *strings.Builder, findings []finding.Finding, several bool, o Options) error {
	g := newGrid(findings, o)
	g.head = nil
	if several {
		g.nameCol++
	}
	for _, a := range accountsOf(finding.Report{Findings: findings}) {
		for _, f := range byNumber(a.findings) {
			if f.Status == finding.Pass {
				continue
			}
			row := tableRow(f, o)
			if several {
				row.cells = append([]string{Sanitize(f.Account)}, row.cells...)
			}
			g.rows = append(g.rows, row)
		}
	}
	if len(g.rows) == 0 {
		return nil
	}
	return g.write(b)
}

// newGrid returns the grid of findings, which share their columns: those of the first
// that has any.
func newGrid(findings []finding.Finding, o Options) *grid {
	g := &grid{head: []string{"CONTROL", "CIS", "SEVERITY", "STATUS"}, notesHead: "WHY", width: o.Width}
	of := finding.Finding{}
	if i := slices.IndexFunc(findings, func(f finding.Finding) bool { return f.Columns != nil }); i >= 0 {
		of = findings[i]
	}
	for _, c := range columns(of) {
		g.head = append(g.head, c.Name)
		g.states = append(g.states, c.Name)
	}
	return g
}

// tableRow returns the row of one finding.
func tableRow(f finding.Finding, o Options) gridRow {
	p := painter{o.Color}
	cells := []string{Sanitize(f.Control), dash(shortNumber(Sanitize(f.Number))), dash(f.Severity.String()), p.status(f.Status)}
	for _, s := range columns(f) {
		cells = append(cells, p.state(s.State))
	}
	return gridRow{cells: cells, notes: why(f, o)}
}

// why returns the message of the first reason that counts, and how many more
// there are; with Verbose every reason, notes included. Of a waived finding it
// is the waiver, and the reasons only when they are asked for.
func why(f finding.Finding, o Options) []string {
	var out []string
	if f.Waiver != nil {
		out = append(out, Sanitize(f.Waiver.String()))
	}
	if f.Waiver == nil || o.ShowWaived || o.Verbose {
		out = append(out, o.marked(f, messages(f, o.Verbose))...)
	}
	if len(f.Mapped) > 0 {
		out = append(out, "for "+Sanitize(strings.Join(f.Mapped, ", ")))
	}
	return out
}

func messages(f finding.Finding, all bool) []string {
	var out, accepted []string
	for _, reason := range f.Reasons {
		switch {
		case reason.Accepted != nil && all:
			accepted = append(accepted, reasonText(reason))
		case reason.Accepted != nil:
			accepted = append(accepted, "accepted: "+Sanitize(string(reason.Code)))
		case all || reason.Status != finding.Pass || f.Status == finding.NotApplicable:
			out = append(out, Sanitize(reason.Message))
		}
	}
	if !all && len(out) > 1 {
		out = []string{fmt.Sprintf("%s (and %d more)", out[0], len(out)-1)}
	}
	return append(out, accepted...)
}

// writeAccountLine writes the line above an account's rows, broken between its
// parts where the terminal is too narrow.
func writeAccountLine(b *strings.Builder, a finding.AccountRef, r finding.Report, o Options) {
	dot := strings.TrimRight(o.dots(" · "), " ")
	parts := accountParts(a, r, o)
	line := parts[0]
	for _, part := range parts[1:] {
		if longer := line + dot + " " + part; o.Width <= 0 || twwidth.Width(longer+dot) <= o.Width {
			line = longer
			continue
		}
		writeFitting(b, line+dot, o.Width)
		line = "  " + part
	}
	writeFitting(b, line, o.Width)
}

// dots returns a text with the dots between its parts as the terminal can show them.
func (o Options) dots(text string) string {
	if o.ASCII {
		return strings.ReplaceAll(text, " · ", " - ")
	}
	return text
}

// writeFitting writes a line as it is, or broken when it does not fit.
func writeFitting(b *strings.Builder, line string, width int) {
	if twwidth.Width(line) <= width {
		b.WriteString(line + "\n")
		return
	}
	paragraph(b, "", "  ", line, width)
}

// accountParts says which account is judged, where its chain lives, by which
// benchmark, and the configuration.
func accountParts(a finding.AccountRef, r finding.Report, o Options) []string {
	parts := append([]string{accountTitle(a)}, placeParts(a)...)
	parts = append(parts, Sanitize(r.Of(a.Cloud).Benchmark.Title()))
	if r.Framework.Title != "" {
		parts = append(parts, Sanitize(r.Framework.Title))
	}
	if o.Config != nil {
		parts = append(parts, o.Config.text())
	}
	return parts
}

// An accountFindings is what a report says of one account.
type accountFindings struct {
	ref      finding.AccountRef
	findings []finding.Finding
}

// accountsOf splits the findings by account, in the order of the report. An
// account that the header does not name gets a block all the same.
func accountsOf(r finding.Report) []accountFindings {
	list := make([]accountFindings, 0, len(r.Accounts))
	index := map[string]int{}
	for _, a := range r.Accounts {
		index[a.ID] = len(list)
		list = append(list, accountFindings{ref: a})
	}
	for _, f := range r.Findings {
		i, ok := index[f.Account]
		if !ok {
			i = len(list)
			index[f.Account] = i
			list = append(list, accountFindings{ref: finding.AccountRef{ID: f.Account}})
		}
		list[i].findings = append(list[i].findings, f)
	}
	return list
}

// byNumber sorts findings as their benchmark numbers them: 4.9 before 4.10, those without
// a number behind the others.
func byNumber(findings []finding.Finding) []finding.Finding {
	return slices.SortedStableFunc(slices.Values(findings), func(a, b finding.Finding) int { return compareNumbers(a.Number, b.Number) })
}

// compareNumbers compares numbers of controls part by part.
func compareNumbers(a, b string) int {
	if a == "" || b == "" {
		return cmp.Compare(len(b), len(a))
	}
	parts := func(text string) []int {
		var out []int
		for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r < '0' || r > '9' }) {
			n, _ := strconv.Atoi(part) // digits; what is too long for a number is 0
			out = append(out, n)
		}
		return out
	}
	return slices.Compare(parts(a), parts(b))
}

// dash stands for "nothing" in a cell.
func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
