// Package rollup sums up the findings of many accounts: how each control stands, and what
// the causes are.
//
// A cause is one thing that is wrong, whatever the number of accounts and controls that it
// breaks: a filter of the shared chain is one cause for 4,974 accounts, because one change
// fixes it. What stands in each account by itself, such as a trail that is missing there, is
// one cause with as many places.
package rollup

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// account stands for the id of the account that a cause is about, where it differs.
const account = "{account}"

// Sample is how many accounts a cause names.
const Sample = 100

// A Row is how one control stands.
type Row struct {
	Control  string
	Title    string
	Number   string
	Severity catalog.Severity
	Counts   map[finding.Status]int
	Most     string // the text of the cause of most accounts; "" when nothing is wrong
}

// A Cause is one thing that is wrong.
type Cause struct {
	ID         string // stable, hexadecimal
	Code       finding.Code
	Status     finding.Status // the worst that it makes of a finding
	Link       finding.LinkKind
	Resource   string   // at its owner; {account} stands for the account where it is in each
	Conditions []string // as finding.Reason has them
	Text       string   // the message of a reason
	Owner      string   // the account that holds the resource; "" when it is in each account, or in none
	Severity   catalog.Severity
	Controls   []string // sorted
	Accounts   int
	Sample     []string // ids of the first accounts, sorted, at most Sample

}

// Shared reports whether one change fixes the cause for all of its accounts.
func (c *Cause) Shared() bool { return c.Owner != "" }

// Weight orders causes: by accounts and severity.
func (c *Cause) Weight() int { return c.Accounts * int(c.Severity) }

// CauseOf returns the cause of a finding; false when nothing is wrong with it, or when it
// was set aside. owners are the accounts that hold what all share: what is wrong there is
// one thing, in their own findings, too.
func CauseOf(f *finding.Finding, owners []string) (Cause, bool) {
	if f.Status != finding.Fail && f.Status != finding.Warn && f.Status != finding.Unknown {
		return Cause{}, false
	}
	i := slices.IndexFunc(f.Reasons, func(r finding.Reason) bool { return r.Accepted == nil && r.Status == f.Status })
	if i < 0 {
		return Cause{}, false
	}
	r := f.Reasons[i]
	bare := func(text string) string {
		if slices.Contains(owners, f.Account) {
			return text
		}
		return strings.ReplaceAll(text, f.Account, account)
	}
	c := Cause{Code: r.Code, Status: f.Status, Link: r.Link, Resource: bare(r.Resource), Text: bare(r.Message), Severity: f.Severity, Controls: []string{f.Control}}
	for _, text := range r.Conditions {
		c.Conditions = append(c.Conditions, bare(text))
	}
	slices.Sort(c.Conditions)
	var lost []string
	if len(c.Conditions) == 0 && (r.Link == finding.LinkFilter || r.Link == finding.LinkRule) {
		for _, m := range f.Missed { // what one change would report is one cause
			lost = append(lost, m.Source+" "+m.Event)
		}
		slices.Sort(lost)
	}
	if parts := strings.SplitN(c.Resource, ":", 6); len(parts) == 6 && parts[4] != account {
		c.Owner = parts[4]
	}
	key := []string{string(c.Code), string(c.Link), c.Resource}
	if r.Call != nil { // what cannot be read differs by what refuses
		key = append(key, r.Call.Operation, r.Call.Code)
	}
	key = append(append(key, c.Conditions...), lost...)
	sum := sha256.Sum256([]byte(strings.Join(key, "\x00")))
	c.ID = hex.EncodeToString(sum[:8])
	return c, true
}

// A share is how many accounts a cause breaks a control in, and with what text.
type share struct {
	accounts int
	status   finding.Status
	text     string
}

// A Rollup sums up. The zero value is ready for use.
type Rollup struct {
	Owners []string // see CauseOf

	rows   map[string]*Row
	order  []string
	causes map[string]*Cause
	most   map[string]map[string]*share // by control and cause
}

// Add counts the findings of a class of accounts; ids are all of them. The findings are
// those of any of them.
func (r *Rollup) Add(findings []finding.Finding, ids []string) {
	if r.rows == nil {
		r.rows, r.causes, r.most = map[string]*Row{}, map[string]*Cause{}, map[string]map[string]*share{}
	}
	counted := map[string]bool{}
	for i := range findings {
		f := &findings[i]
		row := r.rows[f.Control]
		if row == nil {
			row = &Row{Control: f.Control, Title: f.Title, Number: f.Number, Severity: f.Severity, Counts: map[finding.Status]int{}}
			r.rows[f.Control], r.most[f.Control] = row, map[string]*share{}
			r.order = append(r.order, f.Control)
		}
		row.Counts[f.Status] += len(ids)
		c, ok := CauseOf(f, r.Owners)
		if !ok {
			continue
		}
		have := r.most[f.Control][c.ID]
		if have == nil {
			have = &share{status: c.Status, text: c.Text}
			r.most[f.Control][c.ID] = have
		}
		have.accounts += len(ids)
		have.text = min(have.text, c.Text)
		r.cause(c, ids, counted)
	}
}

// cause joins a cause with what is known of it. counted are those of the same accounts.
func (r *Rollup) cause(c Cause, ids []string, counted map[string]bool) {
	have := r.causes[c.ID]
	if have == nil {
		have = &c
		r.causes[c.ID] = have
	}
	have.Severity = max(have.Severity, c.Severity)
	if c.Status.Rank() < have.Status.Rank() {
		have.Status = c.Status
	}
	have.Text = min(have.Text, c.Text) // the same whatever came first
	if i, ok := slices.BinarySearch(have.Controls, c.Controls[0]); !ok {
		have.Controls = slices.Insert(have.Controls, i, c.Controls[0])
	}
	if counted[c.ID] {
		return
	}
	counted[c.ID] = true
	have.Accounts += len(ids)
	have.Sample = append(have.Sample, ids[:min(len(ids), Sample)]...)
	slices.Sort(have.Sample)
	have.Sample = have.Sample[:min(len(have.Sample), Sample)]
}

// Rows returns the controls in the order in which they came.
func (r *Rollup) Rows() []Row {
	var out []Row
	for _, id := range r.order {
		row := *r.rows[id]
		var best *share
		for _, cause := range slices.Sorted(maps.Keys(r.most[id])) {
			s := r.most[id][cause]
			if best == nil || cmp.Or(cmp.Compare(s.accounts, best.accounts), cmp.Compare(best.status.Rank(), s.status.Rank())) > 0 {
				best = s
			}
		}
		if best != nil {
			row.Most = best.text
		}
		out = append(out, row)
	}
	return out
}

// Causes returns the causes, those that break most first.
func (r *Rollup) Causes() []Cause {
	var out []Cause
	for _, c := range r.causes {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Cause) int {
		return cmp.Or(cmp.Compare(b.Weight(), a.Weight()), cmp.Compare(a.Status.Rank(), b.Status.Rank()), cmp.Compare(a.ID, b.ID))
	})
	return out
}
