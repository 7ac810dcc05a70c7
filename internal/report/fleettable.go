package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/fleet/rollup"
)

// defaultWorst is how many causes and accounts a table names at a terminal.
const defaultWorst = 10

// limit returns how many of n causes or accounts a table names. In a file nothing is cut.
func (o Options) limit(n int) int {
	switch {
	case o.Worst > 0:
		return min(n, o.Worst)
	case o.Width > 0 && !o.Verbose:
		return min(n, defaultWorst)
	}
	return n
}

// writeMore says how many rows were cut.
func writeMore(b *strings.Builder, cut int, o Options) {
	if cut > 0 {
		paragraph(b, "  ", "    ", fmt.Sprintf("and %s more: --worst N shows N, -o table=FILE lists all", Thousands(cut)), o.Width)
	}
}

// A fleetSum is what a table says of many accounts.
type fleetSum struct {
	rollup.Rollup
	worst               []gap
	fresh               map[string]bool // ids of causes that some account has and the baseline does not know there
	carried, own, blind int             // accounts that show an organization's trail, that have one of their own, that have none
}

// sum sums the findings of all accounts up.
func (f *Fleet) sum(o Options) (*fleetSum, error) {
	s := &fleetSum{Rollup: rollup.Rollup{Owners: f.owners()}, fresh: map[string]bool{}}
	return s, f.Classes(func(c *FleetClass, accounts []FleetAccount) error {
		s.Add(c.Findings, idsOf(accounts))
		if n := f.ownGaps(c.Findings); n > 0 {
			for _, a := range accounts {
				s.worst = append(s.worst, gap{a, n})
			}
		}
		s.trails(f, c, accounts)
		s.news(c, accounts, o)
		return nil
	})
}

// news notes which causes some account has that is not known from the baseline.
func (s *fleetSum) news(c *FleetClass, accounts []FleetAccount, o Options) {
	if o.Baseline == nil {
		return
	}
	for i := range c.Findings {
		cause, ok := rollup.CauseOf(&c.Findings[i], s.Owners)
		if !ok || s.fresh[cause.ID] {
			continue
		}
		s.fresh[cause.ID] = slices.ContainsFunc(accounts, func(a FleetAccount) bool { return !o.Baseline.Known[finding.HashID(a.ID, c.Findings[i].Control)] })
	}
}

// known reports whether a cause is known from the baseline, in every account.
func (s *fleetSum) known(c rollup.Cause, o Options) bool { return o.Baseline != nil && !s.fresh[c.ID] }

// causeText is the text of a cause, with whether it is known.
func (s *fleetSum) causeText(c rollup.Cause, o Options) string {
	if s.known(c, o) {
		return "known: " + causeText(c)
	}
	return causeText(c)
}

// trails counts accounts of a class by the trails that were seen there.
func (s *fleetSum) trails(f *Fleet, c *FleetClass, accounts []FleetAccount) {
	n, shared, own := 0, false, false
	for _, a := range accounts {
		switch {
		case a.Basis != "":
			s.carried++
		case a.Unreadable == "":
			n++
		}
	}
	for i := range c.Findings {
		for _, l := range c.Findings[i].Chain {
			if l.Kind != finding.LinkTrail || l.Resource == "" {
				continue
			}
			of := slices.ContainsFunc(f.Trails, func(t FleetTrail) bool { return strings.HasSuffix(l.Resource, ":"+t.Account+":trail/"+t.Name) })
			shared, own = shared || of, own || !of
		}
	}
	switch {
	case shared:
		s.carried += n
	case !own:
		s.blind += n
	}
	if own {
		s.own += n
	}
}

// fleetTable writes a report on many accounts for a person: how each control stands, what
// the causes are, and which accounts have gaps of their own; or, with By, one of the ways to
// sum the findings up.
func fleetTable(w io.Writer, f *Fleet, o Options) error {
	sum, err := f.sum(o)
	if err != nil {
		return err
	}
	var b strings.Builder
	if !o.Quiet {
		f.writeHead(&b, sum, o)
	}
	if err := f.writeBy(&b, sum, o); err != nil {
		return err
	}
	if !o.Quiet {
		f.writeEnd(&b, o)
		if o.Next != "" && slices.ContainsFunc(sum.Rows(), func(r rollup.Row) bool { return r.Counts[finding.Fail] > 0 }) {
			paragraph(&b, "", "", "To see the repair:", o.Width)
			fmt.Fprintf(&b, "  %s\n", Sanitize(o.Next))
		}
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
func (f *Fleet) writeHead(b *strings.Builder, sum *fleetSum, o Options) {
	for _, line := range f.headLines(sum) {
		paragraph(b, "", "", o.dots(line), o.Width)
	}
	b.WriteByte('\n')
}

// headLines are the lines of a head, each a paragraph: that the run is not complete comes
// first.
func (f *Fleet) headLines(sum *fleetSum) []string {
	var lines []string
	if !f.Complete {
		lines = append(lines, f.incompleteText())
	}
	lines = append(lines, f.accountsLine())
	lines = append(lines, f.trailLines(sum)...)
	if text := deniedText(f.Accounts); text != "" {
		lines = append(lines, "Regions left out, because a service control policy denies them: "+text)
	}
	scopes := map[string]int{}
	for _, a := range f.Accounts {
		scopes[a.Scope]++
	}
	delete(scopes, "")
	for _, text := range slices.Sorted(maps.Keys(scopes)) {
		lines = append(lines, fmt.Sprintf("Scope %s · %s", Sanitize(text), accountsText(scopes[text])))
	}
	return lines
}

// incompleteText says how far the run came, and why not further.
func (f *Fleet) incompleteText() string {
	return fmt.Sprintf("Incomplete: %s of %s checked: %s.", Thousands(len(f.Accounts)), accountsText(f.Listed-len(f.Skipped)), Sanitize(f.Why))
}

// accountsLine says whose accounts they are and how many were judged, by which benchmark.
func (f *Fleet) accountsLine() string {
	who := "Accounts"
	if f.Organization != "" {
		who = "Organization " + f.organizationText()
	}
	return fmt.Sprintf("%s · %s · %s", who, f.judgedText(), f.scopeText())
}

// OrganizationName is what people call the organization: the name of its management account,
// since Organizations has no other; "" where that was not listed.
func (f *Fleet) OrganizationName() string {
	for _, list := range [][]FleetAccount{f.Accounts, f.Skipped} {
		if i := slices.IndexFunc(list, func(a FleetAccount) bool { return a.ID == f.Management }); i >= 0 && f.Management != "" {
			return list[i].Name
		}
	}
	return ""
}

// organizationText is the id of the organization with its name: "o-a1b2c3d4e5 (acme)".
func (f *Fleet) organizationText() string {
	name := f.OrganizationName()
	if name == f.Management {
		name = ""
	}
	return organizationText(f.Organization, name)
}

func organizationText(id, name string) string {
	if name == "" {
		return Sanitize(id)
	}
	return Sanitize(id) + " (" + Sanitize(name) + ")"
}

// scopeText names the benchmark and the set of controls.
func (f *Fleet) scopeText() string {
	text := Sanitize(benchmarksText(f.Report))
	if set := f.Report.Checked.Set; set != "" {
		text += ", set " + Sanitize(set)
	}
	return fmt.Sprintf("%s (%s)", text, plural(len(f.Report.Controls), "control"))
}

// trailLines name the organization's trails, and say how many accounts show one.
func (f *Fleet) trailLines(sum *fleetSum) []string {
	_, assumed := f.basisCounts()
	if len(f.Trails) == 0 {
		return []string{"No trail of an organization was found" + sum.otherTrails()}
	}
	var lines []string
	for _, t := range f.Trails {
		lines = append(lines, fmt.Sprintf("Trail %s of %s · log group %s in %s, %s", Sanitize(t.Name), t.Account, Sanitize(t.LogGroup), t.Owner, t.Region))
	}
	last := &lines[len(lines)-1]
	*last += " · carries " + accountsText(sum.carried)
	if assumed > 0 {
		*last += fmt.Sprintf(" (%s of them not read, because of --trust-org)", Thousands(assumed))
	}
	*last += sum.otherTrails()
	return lines
}

// otherTrails says how many accounts have a trail of their own, and how many have none.
func (s *fleetSum) otherTrails() string {
	var parts []string
	if s.own > 0 {
		parts = append(parts, fmt.Sprintf("%s with a trail of their own", Thousands(s.own)))
	}
	if s.blind > 0 {
		parts = append(parts, fmt.Sprintf("%s without a trail", Thousands(s.blind)))
	}
	if parts == nil {
		return ""
	}
	return "; " + strings.Join(parts, ", ")
}

// deniedText names the regions that were left out, with the number of accounts.
func deniedText(accounts []FleetAccount) string {
	counts := map[string]int{}
	for _, a := range accounts {
		for _, region := range a.DeniedRegions {
			counts[region]++
		}
	}
	var parts []string
	for _, region := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%s (%s)", Sanitize(region), accountsText(counts[region])))
	}
	return strings.Join(parts, ", ")
}

// judgedText says how many accounts there are, and what became of them.
func (f *Fleet) judgedText() string {
	unreadable := 0
	for _, a := range f.Accounts {
		if a.Unreadable != "" {
			unreadable++
		}
	}
	text := fmt.Sprintf("%s: %s checked", accountsText(len(f.Accounts)), Thousands(len(f.Accounts)-unreadable))
	if unreadable > 0 {
		text += fmt.Sprintf(", %s unreadable", Thousands(unreadable))
	}
	if len(f.Skipped) > 0 {
		text += fmt.Sprintf("; %s skipped (%s)", Thousands(len(f.Skipped)), skippedText(f.Skipped))
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
		parts = append(parts, fmt.Sprintf("%s %s", Thousands(n), Sanitize(why)))
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

// bySeverity orders controls, the most severe first.
func bySeverity(rows []rollup.Row) []rollup.Row {
	return slices.SortedStableFunc(slices.Values(rows), func(a, b rollup.Row) int { return cmp.Compare(b.Severity, a.Severity) })
}

// byGaps orders accounts by how much fails for reasons of their own.
func byGaps(worst []gap) []gap {
	return slices.SortedFunc(slices.Values(worst), func(a, b gap) int {
		return cmp.Or(cmp.Compare(b.controls, a.controls), cmp.Compare(a.account.ID, b.account.ID))
	})
}

// writeRows writes a line for each control, the most severe first.
func writeRows(b *strings.Builder, rows []rollup.Row, o Options) error {
	rows = slices.Clone(rows)
	if o.Quiet {
		rows = slices.DeleteFunc(rows, func(r rollup.Row) bool {
			return r.Counts[finding.Warn]+r.Counts[finding.Fail]+r.Counts[finding.Unknown] == 0
		})
	}
	rows = bySeverity(rows)
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
func placed(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, ":{account}:", ":ACCOUNT:"), "{account}", "the account")
}

func causeText(c rollup.Cause) string { return placed(c.Text) }

// writeCauses writes what is to be fixed, that which breaks most first.
func writeCauses(b *strings.Builder, sum *fleetSum, o Options) error {
	causes := sum.Causes()
	if len(causes) == 0 {
		return nil
	}
	paragraph(b, "", "", fmt.Sprintf("CAUSES (%s)", Thousands(len(causes))), o.Width)
	g := &grid{head: []string{"NO", "STATUS", "ACCOUNTS", "CONTROLS", "FIX IN"}, notesHead: "WHAT", width: o.Width}
	p := painter{o.Color}
	limit := o.limit(len(causes))
	for i, c := range causes[:limit] {
		g.rows = append(g.rows, gridRow{
			cells: []string{fmt.Sprint(i + 1), p.status(c.Status), count(c.Accounts), fmt.Sprint(len(c.Controls)), fixIn(c)},
			notes: []string{Sanitize(sum.causeText(c, o))},
		})
	}
	if err := g.write(b); err != nil {
		return err
	}
	writeMore(b, len(causes)-limit, o)
	b.WriteByte('\n')
	return nil
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
	return Thousands(c.Accounts) + " accounts"
}

// writeWorst names the accounts with gaps of their own.
func (f *Fleet) writeWorst(b *strings.Builder, worst []gap, o Options) {
	if len(worst) == 0 {
		return
	}
	worst = byGaps(worst)
	limit := o.limit(len(worst))
	paragraph(b, "", "", fmt.Sprintf("ACCOUNTS WITH GAPS OF THEIR OWN (%s of %s)", Thousands(len(worst)), Thousands(len(f.Accounts))), o.Width)
	for _, g := range worst[:limit] {
		line := fmt.Sprintf("%s: %d failed", accountLabel(g.account), g.controls)
		if g.account.Joined != "" {
			line += ", joined the organization on " + g.account.Joined[:len("2006-01-02")]
		}
		paragraph(b, "  ", "    ", line, o.Width)
	}
	writeMore(b, len(worst)-limit, o)
	b.WriteByte('\n')
}

// accountLabel is the id of an account and its name, if it has one.
func accountLabel(a FleetAccount) string {
	if a.Name == "" || a.Name == a.ID {
		return a.ID
	}
	return a.ID + " " + Sanitize(a.Name)
}

// writeEnd says what the baseline knows, what is to be noted, and how much was checked.
func (f *Fleet) writeEnd(b *strings.Builder, o Options) {
	for _, line := range f.endLines(o) {
		paragraph(b, "", "", line, o.Width)
	}
}

func (f *Fleet) endLines(o Options) []string {
	lines := o.fleetBaselineLines()
	for _, n := range f.Notes {
		lines = append(lines, fmt.Sprintf("Note: %s (%s)", Sanitize(n.Message), Sanitize(n.Code)))
	}
	return append(lines, checkedLines(f.Report)...)
}

// count is a number, "" for none.
func count(n int) string {
	if n == 0 {
		return ""
	}
	return Thousands(n)
}

func accountsText(n int) string {
	if n == 1 {
		return "1 account"
	}
	return Thousands(n) + " accounts"
}
