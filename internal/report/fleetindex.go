package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/fleet/rollup"
)

// A fleetIndex is what the page of many accounts knows. What JSON has of it is for the script: lists, and
// numbers into them, so that ten thousand accounts are half a megabyte.
type fleetIndex struct {
	Statuses []string           `json:"status"`
	Controls []string           `json:"control"` // in the order of the letters of a class
	Causes   []string           `json:"cause"`   // in the order of the table
	Units    []string           `json:"unit"`    // organizational units, sorted
	Evidence []string           `json:"evidence"`
	Classes  []fleetIndexClass  `json:"class"`
	Accounts []fleetIndexMember `json:"account"` // sorted by id

	rows   []rollup.Row
	causes []rollup.Cause
	worst  map[finding.Status]int // accounts by their worst finding
	bytes  int                    // of Evidence
	known  map[string]int         // places in Evidence
	digest string                 // SHA-256 of the same report as lines, hexadecimal
	repair string                 // the command that shows the repair; "" for none
}

// A fleetIndexClass is what accounts have in common.
type fleetIndexClass struct {
	Letters  string `json:"s"` // a letter of statusLetters for each control, - where the control was not judged
	Causes   []int  `json:"c"` // for each control; -1 for none
	Evidence []int  `json:"e"` // for each control, HTML in which {account} stands for the account; -1 where it was left out
}

// A fleetIndexMember is an account; JSON has a list of its fields.
type fleetIndexMember struct {
	ID, Name    string
	Unit, Class int
	Note        string // what is special: how it was judged, and when it joined
	Page        bool   // it has one of its own
}

// MarshalJSON writes the fields as a list.
func (m fleetIndexMember) MarshalJSON() ([]byte, error) {
	list := []any{m.ID, m.Name, m.Unit, m.Class}
	if m.Note != "" || m.Page {
		list = append(list, m.Note)
	}
	if m.Page {
		list = append(list, 1)
	}
	return json.Marshal(list)
}

// statusLetters are those of htmlStatuses.
const statusLetters = "FUWVPN"

// fleetEvidence bounds the evidence in a page, in bytes: what is beyond is left out, and the page says so.
const fleetEvidence = 3 << 20

// anyAccount stands for an account in what many share.
const anyAccount = "{account}"

// fleetIndexOf reads the spool once.
func fleetIndexOf(f *Fleet, o Options, pages map[string]bool) (*fleetIndex, error) {
	x := &fleetIndex{
		Controls: slices.Clone(list(f.Report.Controls)), Causes: []string{}, Units: []string{}, Evidence: []string{}, Classes: []fleetIndexClass{},
		Accounts: []fleetIndexMember{}, worst: map[finding.Status]int{}, known: map[string]int{}, repair: o.Next,
	}
	for _, s := range htmlStatuses {
		x.Statuses = append(x.Statuses, string(s.status))
	}
	sum := rollup.Rollup{Owners: f.owners()}
	var causes [][]string // of each class, by control
	err := f.Classes(func(c *FleetClass, accounts []FleetAccount) error {
		sum.Add(c.Findings, idsOf(accounts))
		class, ids := x.class(f, c, o)
		x.Classes, causes = append(x.Classes, class), append(causes, ids)
		x.worst[class.worst()] += len(accounts)
		return nil
	})
	if err != nil {
		return nil, err
	}
	x.rows, x.causes = sum.Rows(), sum.Causes()
	at := positions(x.causes, func(c rollup.Cause) string { return c.ID })
	for i, ids := range causes {
		x.Classes[i].Causes = each(ids, func(id string) int {
			if n, ok := at[id]; ok {
				return n
			}
			return -1
		})
	}
	for _, c := range x.causes {
		x.Causes = append(x.Causes, Sanitize(capital(causeText(c))))
	}
	x.members(f, pages)
	lines := sha256.New()
	if err := fleetLines(lines, f, o); err != nil {
		return nil, err
	}
	x.digest = hex.EncodeToString(lines.Sum(nil))
	for i, id := range x.Controls {
		x.Controls[i] = Sanitize(x.controlName(id))
	}
	return x, nil
}

// controlName is a control with its number.
func (x *fleetIndex) controlName(id string) string {
	i := slices.IndexFunc(x.rows, func(r rollup.Row) bool { return r.Control == id })
	if i < 0 || x.rows[i].Number == "" {
		return id
	}
	return shortNumber(x.rows[i].Number) + " " + id
}

// class returns a class, its causes still to come: their ids are by control, "" for none.
func (x *fleetIndex) class(f *Fleet, c *FleetClass, o Options) (fleetIndexClass, []string) {
	out := fleetIndexClass{}
	letters, ids := slices.Repeat([]byte{'-'}, len(x.Controls)), make([]string, len(x.Controls))
	for range x.Controls {
		out.Evidence = append(out.Evidence, -1)
	}
	o.Controls = nil // what the catalog says of a control is not of an account
	r := f.Report
	for i := range c.Findings {
		one := &c.Findings[i]
		at := slices.Index(f.Report.Controls, one.Control)
		if at < 0 {
			continue
		}
		letters[at] = statusLetters[htmlRank(one.Status)]
		if cause, ok := rollup.CauseOf(one, f.owners()); ok {
			ids[at] = cause.ID
		}
		p := &htmlWriter{}
		writeHTMLFinding(p, one.At(anyAccount), r, o, strings.ReplaceAll(segment(one.Control), "%", "_")+"-"+anyAccount, false)
		out.Evidence[at] = x.evidence(p.b.String())
	}
	out.Letters = string(letters)
	return out, ids
}

// evidence returns the place of a text in Evidence; -1 when there is no room for it.
func (x *fleetIndex) evidence(text string) int {
	if at, ok := x.known[text]; ok {
		return at
	}
	if x.bytes+len(text) > fleetEvidence {
		return -1
	}
	x.bytes += len(text)
	x.known[text] = len(x.Evidence)
	x.Evidence = append(x.Evidence, text)
	return len(x.Evidence) - 1
}

// members fills in the accounts and their units.
func (x *fleetIndex) members(f *Fleet, pages map[string]bool) {
	unit := func(a FleetAccount) string { return Sanitize(cmp.Or(a.OUNames, a.OUPath)) }
	units := map[string]bool{}
	for _, a := range f.Accounts {
		units[unit(a)] = true
	}
	for name := range units {
		x.Units = append(x.Units, name)
	}
	slices.Sort(x.Units)
	at := positions(x.Units, func(name string) string { return name })
	for _, a := range f.Accounts {
		m := fleetIndexMember{ID: Sanitize(a.ID), Unit: at[unit(a)], Class: a.Class - 1, Page: pages[a.ID]}
		if a.Name != a.ID {
			m.Name = Sanitize(a.Name)
		}
		switch {
		case a.Unreadable != "":
			m.Note = "unreadable: " + Sanitize(a.Unreadable)
		case a.Basis == "assumed":
			m.Note = "assumed, unseen"
		case a.Joined != "":
			m.Note = "joined " + Sanitize(a.Joined[:min(len(a.Joined), len("2006-01-02"))])
		}
		x.Accounts = append(x.Accounts, m)
	}
}

// counts are how many controls have each status, in the order of htmlStatuses.
func (c fleetIndexClass) counts() []int {
	out := make([]int, len(statusLetters))
	for i := range out {
		out[i] = strings.Count(c.Letters, statusLetters[i:i+1])
	}
	return out
}

// worst is the status of the worst finding.
func (c fleetIndexClass) worst() finding.Status {
	for i, n := range c.counts() {
		if n > 0 {
			return htmlStatuses[i].status
		}
	}
	return finding.NotApplicable
}

// text counts the findings in words: "3 fail, 12 pass".
func (c fleetIndexClass) text() string {
	var parts []string
	for i, n := range c.counts() {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ToLower(htmlStatuses[i].badge)))
		}
	}
	return strings.Join(parts, ", ")
}

// worstAccounts are the places of so many accounts, those with most failures first.
func (x *fleetIndex) worstAccounts(n int) []int {
	places := make([]int, len(x.Accounts))
	for i := range places {
		places[i] = i
	}
	counts := each(x.Classes, fleetIndexClass.counts)
	slices.SortStableFunc(places, func(a, b int) int {
		return slices.Compare(counts[x.Accounts[b].Class], counts[x.Accounts[a].Class])
	})
	return places[:n]
}
