package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/fleet/rollup"
)

// worstAccounts is how many accounts a table names at a terminal.
const worstAccounts = 10

// fleetTable writes a report on many accounts for a person: how each control stands, what
// the causes are, and which accounts have gaps of their own.
func fleetTable(w io.Writer, f *Fleet, o Options) error {
	sum := rollup.Rollup{Owners: f.owners()}
	var worst []gap
	err := f.Classes(func(c *FleetClass, accounts []FleetAccount) error {
		sum.Add(c.Findings, idsOf(accounts))
		if n := f.ownGaps(c.Findings); n > 0 {
			for _, a := range accounts {
				worst = append(worst, gap{a, n})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	var b strings.Builder
	if !o.Quiet {
		f.writeHead(&b, o)
	}
	if err := writeRows(&b, sum.Rows(), o); err != nil {
		return err
	}
	if err := writeCauses(&b, sum.Causes(), o); err != nil {
		return err
	}
	f.writeWorst(&b, worst, o)
	if !o.Quiet {
		f.writeEnd(&b, o)
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// A gap is an account with how many controls fail there for reasons of its own.
type gap struct {
	account  FleetAccount
	controls int
}

// ownGaps counts the findings that fail for what stands in the account itself.
func (f *Fleet) ownGaps(findings []finding.Finding) int {
	n := 0
	for i := range findings {
		if c, ok := rollup.CauseOf(&findings[i], f.owners()); ok && findings[i].Status == finding.Fail && !c.Shared() {
			n++
		}
	}
	return n
}

// writeHead says whose accounts they are, how many, and what was checked.
func (f *Fleet) writeHead(b *strings.Builder, o Options) {
	if !f.Complete {
		paragraph(b, "", "", fmt.Sprintf("Incomplete: %s of %s judged. %s.", thousands(len(f.Accounts)), accountsText(f.Listed-len(f.Skipped)), Sanitize(f.Why)), o.Width)
	}
	who := "Accounts"
	if f.Organization != "" {
		who = "Organization " + Sanitize(f.Organization)
	}
	line := fmt.Sprintf("%s · %s", who, f.judgedText())
	paragraph(b, "", "", line, o.Width)
	covered, assumed := f.basisCounts()
	for _, t := range f.Trails {
		line := fmt.Sprintf("Trail %s of %s · log group %s in %s, %s", Sanitize(t.Name), t.Account, Sanitize(t.LogGroup), t.Owner, t.Region)
		if covered+assumed > 0 {
			line += fmt.Sprintf(" · %s are judged by it", accountsText(covered+assumed))
		}
		if assumed > 0 {
			line += fmt.Sprintf(" (%s of them unseen, because of --trust-org)", thousands(assumed))
		}
		paragraph(b, "", "", line, o.Width)
	}
	b.WriteByte('\n')
}

// judgedText says how many accounts there are, and what became of them.
func (f *Fleet) judgedText() string {
	unreadable := 0
	for _, a := range f.Accounts {
		if a.Unreadable != "" {
			unreadable++
		}
	}
	text := fmt.Sprintf("%s: %s judged", accountsText(len(f.Accounts)), thousands(len(f.Accounts)-unreadable))
	if unreadable > 0 {
		text += fmt.Sprintf(", %s unreadable", thousands(unreadable))
	}
	if len(f.Skipped) > 0 {
		text += fmt.Sprintf("; %s skipped (%s)", thousands(len(f.Skipped)), skippedText(f.Skipped))
	}
	if f.Shard != "" {
		text += " · part " + f.Shard
	}
	return text
}

// basisCounts are how many accounts were judged by the organization's trail, and how many of those without a look.
func (f *Fleet) basisCounts() (covered, assumed int) {
	for _, a := range f.Accounts {
		switch a.Basis {
		case "covered":
			covered++
		case "assumed":
			assumed++
		}
	}
	return covered, assumed
}

func skippedText(skipped []FleetAccount) string {
	counts := map[string]int{}
	for _, a := range skipped {
		counts[a.Skipped]++
	}
	var parts []string
	for why, n := range counts {
		parts = append(parts, fmt.Sprintf("%s %s", thousands(n), Sanitize(why)))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

var rollColumns = []struct {
	head   string
	status finding.Status
}{
	{"PASS", finding.Pass}, {"WARN", finding.Warn}, {"FAIL", finding.Fail}, {"UNKN", finding.Unknown}, {"WAIVED", finding.Waived}, {"N/A", finding.NotApplicable},
}

// writeRows writes a line for each control, the most severe first.
func writeRows(b *strings.Builder, rows []rollup.Row, o Options) error {
	rows = slices.Clone(rows)
	if o.Quiet {
		rows = slices.DeleteFunc(rows, func(r rollup.Row) bool {
			return r.Counts[finding.Warn]+r.Counts[finding.Fail]+r.Counts[finding.Unknown] == 0
		})
	}
	slices.SortStableFunc(rows, func(a, c rollup.Row) int { return cmp.Compare(c.Severity, a.Severity) })
	waived := slices.ContainsFunc(rows, func(r rollup.Row) bool { return r.Counts[finding.Waived] > 0 })
	g := &grid{head: []string{"CONTROL", "CIS"}, notesHead: "WHY MOST", width: o.Width}
	for _, c := range rollColumns {
		if waived || c.status != finding.Waived {
			g.head = append(g.head, c.head)
		}
	}
	for _, r := range rows {
		cells := []string{Sanitize(r.Control), dash(shortNumber(Sanitize(r.Number)))}
		for _, c := range rollColumns {
			if waived || c.status != finding.Waived {
				cells = append(cells, dash(count(r.Counts[c.status])))
			}
		}
		g.rows = append(g.rows, gridRow{cells: cells, notes: notesOf(Sanitize(placed(r.Most)))})
	}
	return g.writeAnd(b)
}

// notesOf is a note, none for "".
func notesOf(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// writeAnd writes a grid that may be empty, and a blank line.
func (g *grid) writeAnd(b *strings.Builder) error {
	if len(g.rows) == 0 {
		return nil
	}
	if g.head == nil {
		return g.write(b)
	}
	err := g.write(b)
	b.WriteByte('\n')
	return err
}

// placed writes the text of a cause, in which an account of many is open.
func placed(text string) string { return strings.ReplaceAll(text, "{account}", "the account") }

func causeText(c rollup.Cause) string { return placed(c.Text) }

// writeCauses writes what is to be fixed, that which breaks most first.
func writeCauses(b *strings.Builder, causes []rollup.Cause, o Options) error {
	if len(causes) == 0 {
		return nil
	}
	g := &grid{head: []string{"CAUSE", "STATUS", "ACCOUNTS", "CONTROLS", "FIX IN"}, notesHead: fmt.Sprintf("WHAT (%s)", thousands(len(causes))), width: o.Width}
	p := painter{o.Color}
	for i, c := range causes {
		g.rows = append(g.rows, gridRow{
			cells: []string{fmt.Sprint(i + 1), p.status(c.Status), count(c.Accounts), fmt.Sprint(len(c.Controls)), fixIn(c)},
			notes: []string{Sanitize(causeText(c))},
		})
	}
	return g.writeAnd(b)
}

// fixIn says where a cause is fixed.
func fixIn(c rollup.Cause) string {
	switch {
	case c.Code == "account-unreadable":
		return "the way in"
	case c.Shared():
		return Sanitize(c.Owner)
	case c.Accounts == 1:
		return "the account"
	}
	return thousands(c.Accounts) + " accounts"
}

// writeWorst names the accounts with gaps of their own.
func (f *Fleet) writeWorst(b *strings.Builder, worst []gap, o Options) {
	if len(worst) == 0 {
		return
	}
	slices.SortFunc(worst, func(a, c gap) int {
		return cmp.Or(cmp.Compare(c.controls, a.controls), cmp.Compare(a.account.ID, c.account.ID))
	})
	limit := len(worst)
	if o.Width > 0 && !o.Verbose { // in a file nothing is cut
		limit = min(limit, worstAccounts)
	}
	paragraph(b, "", "", fmt.Sprintf("ACCOUNTS WITH GAPS OF THEIR OWN (%s of %s)", thousands(len(worst)), thousands(len(f.Accounts))), o.Width)
	for _, g := range worst[:limit] {
		line := g.account.ID
		if g.account.Name != "" && g.account.Name != g.account.ID {
			line += " " + Sanitize(g.account.Name)
		}
		line += fmt.Sprintf(": %d failed", g.controls)
		if g.account.Joined != "" {
			line += ", joined the organization on " + g.account.Joined[:len("2006-01-02")]
		}
		paragraph(b, "  ", "    ", line, o.Width)
	}
	if n := len(worst) - limit; n > 0 {
		paragraph(b, "  ", "    ", fmt.Sprintf("and %s more: -o table=FILE lists all", thousands(n)), o.Width)
	}
	b.WriteByte('\n')
}

// writeEnd counts all findings, and says how much was checked.
func (f *Fleet) writeEnd(b *strings.Builder, o Options) {
	for _, line := range checkedLines(f.Report) {
		paragraph(b, "", "", line, o.Width)
	}
}

// count is a number, "" for none.
func count(n int) string {
	if n == 0 {
		return ""
	}
	return thousands(n)
}

// thousands writes a number as people read it: 4,974.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func accountsText(n int) string {
	if n == 1 {
		return "1 account"
	}
	return thousands(n) + " accounts"
}
