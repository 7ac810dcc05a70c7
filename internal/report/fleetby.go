package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// FleetGroups returns what a table on many accounts can sum up by.
func FleetGroups() []string { return []string{"ou", "account", "control", "cause"} }

// writeBy writes the parts of a table that are asked for.
func (f *Fleet) writeBy(b *strings.Builder, sum *fleetSum, o Options) error {
	switch o.By {
	case "ou":
		return f.writeUnits(b, o)
	case "account":
		return f.writeAccounts(b, o)
	case "control":
		return writeRows(b, sum.Rows(), o)
	case "cause":
		return writeCauses(b, sum, o)
	}
	if err := writeRows(b, sum.Rows(), o); err != nil {
		return err
	}
	if err := writeCauses(b, sum, o); err != nil {
		return err
	}
	f.writeWorst(b, sum.worst, o)
	return nil
}

// A tally is the findings of one account, or of all accounts of one unit.
type tally struct {
	name     string
	notes    []string
	accounts int
	failing  int // accounts in which something fails
	counts   map[finding.Status]int
	weight   int // of what fails, by severity
}

// add counts the findings of so many accounts.
func (t *tally) add(findings []finding.Finding, accounts int) {
	fails := false
	for i := range findings {
		x := &findings[i]
		t.counts[x.Status] += accounts
		if x.Status == finding.Fail {
			fails = true
			t.weight += accounts * int(x.Severity)
		}
	}
	t.accounts += accounts
	if fails {
		t.failing += accounts
	}
}

// byWorst orders tallies: those first in which most and the most severe fails.
func byWorst(a, b *tally) int {
	return cmp.Or(
		cmp.Compare(b.weight, a.weight), cmp.Compare(b.counts[finding.Unknown], a.counts[finding.Unknown]),
		cmp.Compare(b.counts[finding.Warn], a.counts[finding.Warn]), strings.Compare(a.name, b.name))
}

// unitOf names the organizational unit of an account: by names where somebody asked for
// them, else by its id.
func unitOf(a FleetAccount) string {
	switch path := strings.Split(strings.Trim(a.OUPath, "/"), "/"); {
	case a.OUNames != "":
		return a.OUNames
	case a.OUPath != "":
		return path[len(path)-1]
	}
	return "no unit known"
}

// writeUnits writes a line for each organizational unit that has accounts.
func (f *Fleet) writeUnits(b *strings.Builder, o Options) error {
	units := map[string]*tally{}
	err := f.Classes(func(c *FleetClass, accounts []FleetAccount) error {
		for _, a := range accounts {
			name := unitOf(a)
			if units[name] == nil {
				units[name] = &tally{name: name, counts: map[finding.Status]int{}}
			}
			units[name].add(c.Findings, 1)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var list []*tally
	for _, t := range units {
		t.notes = []string{fmt.Sprintf("%s of %s with a failure", Thousands(t.failing), accountsText(t.accounts))}
		list = append(list, t)
	}
	return writeTallies(b, list, "UNIT", "ACCOUNTS", o)
}

// writeAccounts writes a line for each account, the worst first.
func (f *Fleet) writeAccounts(b *strings.Builder, o Options) error {
	var list []*tally
	err := f.Classes(func(c *FleetClass, accounts []FleetAccount) error {
		for _, a := range accounts {
			t := &tally{name: a.ID, counts: map[finding.Status]int{}, notes: []string{o.dots(strings.Trim(strings.TrimPrefix(accountLabel(a), a.ID)+" · "+unitOf(a), " ·"))}}
			t.add(c.Findings, 1)
			list = append(list, t)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return writeTallies(b, list, "ACCOUNT", "NAME, UNIT", o)
}

// writeTallies writes tallies, the worst first, and says how many it left out.
func writeTallies(b *strings.Builder, list []*tally, head, notes string, o Options) error {
	if o.Quiet {
		list = slices.DeleteFunc(list, func(t *tally) bool {
			return t.counts[finding.Fail]+t.counts[finding.Unknown]+t.counts[finding.Warn] == 0
		})
	}
	if len(list) == 0 {
		return nil
	}
	slices.SortFunc(list, byWorst)
	g := &grid{head: []string{head}, notesHead: notes, width: o.Width}
	for _, c := range rollColumns {
		g.head = append(g.head, c.head)
	}
	limit := o.limit(len(list))
	for _, t := range list[:limit] {
		row := gridRow{cells: []string{Sanitize(t.name)}}
		for _, c := range rollColumns {
			row.cells = append(row.cells, dash(count(t.counts[c.status])))
		}
		for _, text := range t.notes {
			row.notes = append(row.notes, Sanitize(text))
		}
		g.rows = append(g.rows, row)
	}
	if err := g.write(b); err != nil {
		return err
	}
	writeMore(b, len(list)-limit, o)
	b.WriteByte('\n')
	return nil
}
