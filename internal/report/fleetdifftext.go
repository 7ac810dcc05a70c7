package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/diff"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/fleet/rollup"
)

// bareText is a text in which the id of an account is left open.
func bareText(text, account string) string { return strings.ReplaceAll(text, account, "{account}") }

// namedAccounts is how many accounts a comparison names of those with the same change.
const namedAccounts = 3

// FleetDiffText writes a comparison for a person: the causes first, then who came and left,
// then the controls, those that matter most first. With Quiet only what got worse.
func FleetDiffText(w io.Writer, c *FleetComparison, o Options) error {
	var b strings.Builder
	if !o.Quiet {
		for _, s := range []struct {
			name string
			side FleetSide
		}{{"OLD", c.Old}, {"NEW", c.New}} {
			f := s.side.Fleet
			paragraph(&b, "", "     ", fmt.Sprintf("%s  %s, %s, %s, %s", s.name, Sanitize(s.side.Path), timeOf(f.Report.GeneratedAt), Sanitize(benchmarksText(f.Report)), accountsText(len(f.Accounts))), o.Width)
		}
		for _, note := range c.Notes {
			paragraph(&b, "     ", "       ", Sanitize(note), o.Width)
		}
		b.WriteByte('\n')
	}
	c.writeCauses(&b, o)
	if !o.Quiet {
		writeMembers(&b, "Joined", c.Joined, o)
		writeMembers(&b, "Gone, which fixes nothing", c.Left, o)
	}
	for _, kind := range diff.Kinds() {
		c.writeChanges(&b, kind, o)
	}
	if !o.Quiet {
		paragraph(&b, "", "", c.counts(), o.Width)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeCauses writes the causes that break another number of accounts.
func (c *FleetComparison) writeCauses(b *strings.Builder, o Options) {
	first := true
	for _, x := range c.Causes {
		if o.Quiet && !x.Worse() {
			continue
		}
		if first && !o.Quiet {
			paragraph(b, "", "", "Causes:", o.Width)
		}
		first = false
		text := fmt.Sprintf("%s (%s)", strings.ToUpper(x.Kind), accountsText(max(x.Old, x.New)))
		if x.Old > 0 && x.New > 0 {
			text = fmt.Sprintf("%s (%s -> %s)", strings.ToUpper(x.Kind), Thousands(x.Old), accountsText(x.New))
		}
		if x.Worse() {
			text += " (worse)"
		}
		paragraph(b, "  ", "    ", fmt.Sprintf("%s: %s %s", text, painter{o.Color}.status(x.Status), Sanitize(causeText(x.Cause))), o.Width)
	}
	if !first && !o.Quiet {
		b.WriteByte('\n')
	}
}

// writeMembers names the accounts that only one of the reports has.
func writeMembers(b *strings.Builder, what string, list []FleetAccount, o Options) {
	if len(list) == 0 {
		return
	}
	paragraph(b, "", "", fmt.Sprintf("%s: %s", what, accountsText(len(list))), o.Width)
	for _, a := range list {
		paragraph(b, "  ", "    ", accountLabel(a), o.Width)
	}
	b.WriteByte('\n')
}

// writeChanges writes the changes of one kind, each once, with its accounts.
func (c *FleetComparison) writeChanges(b *strings.Builder, kind diff.Kind, o Options) {
	first := true
	for _, x := range c.Changes {
		if x.Kind != kind || o.Quiet && !x.Worse {
			continue
		}
		if first && !o.Quiet {
			paragraph(b, "", "", kindTitles[kind]+":", o.Width)
		}
		first = false
		f := x.Finding()
		paragraph(b, "  ", "    ", fmt.Sprintf("%s in %s: %s", controlText(f), membersText(x.Accounts), changeText(x.Change, o)), o.Width)
		for _, list := range []struct {
			sign    string
			reasons []finding.Reason
		}{{"+", x.Came}, {"-", x.Went}} {
			for _, r := range list.reasons {
				text := reasonText(r)
				if len(x.Accounts) > 1 {
					text = placed(bareText(text, f.Account))
				}
				paragraph(b, "    "+list.sign+" ", "      ", text, o.Width)
			}
		}
	}
	if !first && !o.Quiet {
		b.WriteByte('\n')
	}
}

// membersText names one account, or says how many there are and names the first of them.
func membersText(list []FleetAccount) string {
	if len(list) == 1 {
		return "account " + accountLabel(list[0])
	}
	named := idsOf(list[:min(len(list), namedAccounts)])
	more := ""
	if n := len(list) - len(named); n > 0 {
		more = fmt.Sprintf(" and %s more", Thousands(n))
	}
	return fmt.Sprintf("%s (%s%s)", accountsText(len(list)), strings.Join(named, ", "), more)
}

// counts sums up as diffCounts does.
func (c *FleetComparison) counts() string {
	var parts []string
	for _, k := range diff.Kinds() {
		if n := c.Count(k); n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", Thousands(n), kindWords[k]))
		}
	}
	verdict := "Nothing got worse."
	if c.Worse() {
		verdict = "It got worse."
	}
	return strings.Join(append(parts, Thousands(c.unchanged)+" unchanged"), ", ") + ". " + verdict
}

// kindWords count findings by the kind of their change.
var kindWords = map[diff.Kind]string{
	diff.NewFailure: "new failures", diff.Fixed: "fixed", diff.Status: "with another status", diff.Reasons: "with other reasons",
	diff.Added: "checked in NEW only", diff.Gone: "checked in OLD only",
}

// The JSON of what a comparison of many accounts has more.
type (
	jsonCauseChange struct {
		Cause jsonCause `json:"cause"`
		Kind  string    `json:"kind"`
		Worse bool      `json:"worse"`
		Old   int       `json:"old"`
		New   int       `json:"new"`
	}

	jsonMember struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		OUPath  string `json:"ouPath"`
		OUNames string `json:"ouNames"`
	}
)

// FleetDiffJSON writes a comparison that was made at that time for programs: that of
// DiffJSON with causes, and who came and left. A change stands there once for each account.
func FleetDiffJSON(w io.Writer, c *FleetComparison, at time.Time, o Options) error {
	member := func(a FleetAccount) jsonMember { return jsonMember{a.ID, a.Name, a.OUPath, a.OUNames} }
	p := &pieces{w: w}
	p.field("{\n", "schema", DiffSchema)
	p.field(",\n", "tool", toolOf(o))
	p.field(",\n", "generatedAt", timeOf(at))
	for _, s := range []struct {
		name string
		side FleetSide
	}{{"old", c.Old}, {"new", c.New}} {
		sum, err := s.side.Fleet.summary()
		if err != nil {
			return err
		}
		r := s.side.Fleet.Report
		p.field(",\n", s.name, jsonSide{s.side.Path, s.side.Schema, timeOf(r.GeneratedAt), string(r.Benchmark), sum})
	}
	p.field(",\n", "notes", list(c.Notes))
	p.field(",\n", "worse", c.Worse())
	p.field(",\n", "causes", each(c.Causes, func(x CauseChange) jsonCauseChange {
		return jsonCauseChange{jsonCauses([]rollup.Cause{x.Cause})[0], x.Kind, x.Worse(), x.Old, x.New}
	}))
	p.field(",\n", "joined", each(c.Joined, member))
	p.field(",\n", "left", each(c.Left, member))
	p.text(",\n\"changes\": [")
	between := "\n"
	for _, x := range c.Changes {
		for _, a := range x.Accounts {
			p.text(between)
			p.value(diffChangeOf(x.at(a.ID)))
			between = ",\n"
		}
	}
	p.text("\n]")
	p.field(",\n", "summary", jsonDiffSummary{
		NewFailures: c.Count(diff.NewFailure), Fixed: c.Count(diff.Fixed), Status: c.Count(diff.Status),
		Reasons: c.Count(diff.Reasons), Added: c.Count(diff.Added), Gone: c.Count(diff.Gone), Unchanged: c.unchanged,
	})
	p.text("\n}\n")
	return p.err
}

// at returns the change as another of its accounts has it.
func (x *FleetChange) at(id string) diff.Change {
	out := x.Change
	f := x.Finding()
	reasons := func(list []finding.Reason) []finding.Reason {
		return finding.Finding{Account: f.Account, Reasons: list}.At(id).Reasons
	}
	out.Came, out.Went = reasons(x.Came), reasons(x.Went)
	for _, side := range []**finding.Finding{&out.Old, &out.New} {
		if *side != nil {
			moved := (*side).At(id)
			*side = &moved
		}
	}
	return out
}

// summary counts all findings by status.
func (f *Fleet) summary() (jsonSummary, error) {
	var total jsonSummary
	err := f.Classes(func(c *FleetClass, accounts []FleetAccount) error {
		one := summaryOf(c.report())
		for range accounts {
			total = total.plus(one)
		}
		return nil
	})
	return total, err
}
