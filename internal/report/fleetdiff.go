package report

import (
	"cmp"
	"slices"

	"github.com/monitorctl/monitorctl/internal/diff"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/fleet/rollup"
)

// A FleetSide is one of two reports on many accounts that are compared.
type FleetSide struct {
	Path   string
	Schema string
	Fleet  *Fleet
}

// How a cause differs between two reports.
const (
	CauseNew    = "new"
	CauseGrew   = "grew"   // it breaks more accounts
	CauseShrank = "shrank" // fewer
	CauseFixed  = "fixed"  // none, and accounts that it broke are still there
	CauseGone   = "gone"   // none, because the accounts that it broke are
)

// A CauseChange is a cause that breaks another number of accounts than before.
type CauseChange struct {
	rollup.Cause
	Kind     string
	Old, New int // accounts
}

// Worse reports whether more accounts fail for the cause, or did not before.
func (c *CauseChange) Worse() bool { return c.Kind == CauseNew || c.Kind == CauseGrew }

// A FleetChange is the change of one control, with all accounts that share it.
type FleetChange struct {
	diff.Change                // of the first of them
	Accounts    []FleetAccount // sorted by id
}

// A FleetComparison is what two reports on many accounts differ in. Accounts, controls and
// causes are compared, each by itself.
type FleetComparison struct {
	Old, New FleetSide
	Notes    []string
	Causes   []CauseChange
	Joined   []FleetAccount // judged in New only
	Left     []FleetAccount // judged in Old only: gone, and nothing of them is fixed
	Changes  []FleetChange  // those of one kind together

	unchanged int // findings
}

// Worse reports whether anything got worse.
func (c *FleetComparison) Worse() bool {
	return slices.ContainsFunc(c.Changes, func(x FleetChange) bool { return x.Worse }) || slices.ContainsFunc(c.Causes, func(x CauseChange) bool { return x.Worse() })
}

// Count returns the number of findings with a change of a kind.
func (c *FleetComparison) Count(k diff.Kind) int {
	n := 0
	for _, x := range c.Changes {
		if x.Kind == k {
			n += len(x.Accounts)
		}
	}
	return n
}

// A fleetPair is accounts that are of the same class in both of two reports; nil where they
// are not judged.
type fleetPair struct {
	old, now *FleetClass // with the id of the first account
	accounts []FleetAccount
}

// pairs calls visit with the pairs of classes of two reports, in the order of their first
// accounts.
func pairs(old, now *Fleet, visit func(p fleetPair) error) error {
	type key struct{ old, now int }
	type pair struct {
		key
		accounts []FleetAccount
	}
	byKey, order := map[key]*pair{}, []*pair{}
	add := func(k key, a FleetAccount) {
		if byKey[k] == nil {
			byKey[k] = &pair{key: k}
			order = append(order, byKey[k])
		}
		byKey[k].accounts = append(byKey[k].accounts, a)
	}
	before := map[string]int{}
	for _, a := range old.Accounts {
		before[a.ID] = a.Class
	}
	for _, a := range now.Accounts {
		add(key{before[a.ID], a.Class}, a)
		delete(before, a.ID)
	}
	for _, a := range old.Accounts {
		if before[a.ID] != 0 {
			add(key{a.Class, 0}, a)
		}
	}
	for _, p := range order {
		out := fleetPair{accounts: p.accounts}
		var err error
		if out.old, err = old.classAt(p.old, p.accounts[0].ID); err == nil {
			out.now, err = now.classAt(p.now, p.accounts[0].ID)
		}
		if err == nil {
			err = visit(out)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// classAt returns a class as one of its accounts has it; nil for 0.
func (f *Fleet) classAt(n int, id string) (*FleetClass, error) {
	if n == 0 {
		return nil, nil //nolint:nilnil // the account is not in the report
	}
	c, err := f.class(n)
	if err != nil {
		return nil, err
	}
	return c.at(id), nil
}

// report returns the findings as a report; an empty one for nil.
func (c *FleetClass) report() finding.Report {
	if c == nil {
		return finding.Report{}
	}
	return finding.Report{Findings: c.Findings}
}

// CompareFleets compares two reports on many accounts.
func CompareFleets(old, now FleetSide) (*FleetComparison, error) {
	c := &FleetComparison{Old: old, New: now}
	c.note()
	before, stayed, after := rollup.Rollup{Owners: old.Fleet.owners()}, rollup.Rollup{Owners: old.Fleet.owners()}, rollup.Rollup{Owners: now.Fleet.owners()}
	groups := map[string]int{}
	err := pairs(old.Fleet, now.Fleet, func(p fleetPair) error {
		ids := idsOf(p.accounts)
		before.Add(p.old.report().Findings, ids)
		after.Add(p.now.report().Findings, ids)
		switch {
		case p.old == nil:
			c.Joined = append(c.Joined, p.accounts...)
		case p.now == nil:
			c.Left = append(c.Left, p.accounts...)
		default:
			stayed.Add(p.old.Findings, ids)
		}
		d := diff.Compare(p.old.report(), p.now.report())
		c.unchanged += d.Unchanged * len(p.accounts)
		for _, x := range d.Changes {
			c.add(groups, x, p.accounts)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	byID := func(a, b FleetAccount) int { return cmp.Compare(a.ID, b.ID) }
	for i := range c.Changes {
		slices.SortFunc(c.Changes[i].Accounts, byID)
	}
	slices.SortFunc(c.Joined, byID)
	slices.SortFunc(c.Left, byID)
	c.Causes = causeChanges(before.Causes(), stayed.Causes(), after.Causes())
	return c, nil
}

// add puts a change of accounts to those that are the same.
func (c *FleetComparison) add(groups map[string]int, x diff.Change, accounts []FleetAccount) {
	f := x.Finding()
	key := string(x.Kind) + "\x00" + f.Control
	for _, side := range []*finding.Finding{x.Old, x.New} {
		key += "\x00"
		if side != nil {
			key += string(side.Status)
		}
	}
	for _, list := range [][]finding.Reason{x.Came, x.Went} {
		key += "\x00"
		for _, r := range list {
			key += bareText(r.Message, f.Account) + "\x00" + bareText(r.Resource, f.Account)
		}
	}
	if i, ok := groups[key]; ok {
		c.Changes[i].Accounts = append(c.Changes[i].Accounts, accounts...)
		c.Changes[i].Worse = c.Changes[i].Worse || x.Worse
		return
	}
	groups[key] = len(c.Changes)
	c.Changes = append(c.Changes, FleetChange{x, slices.Clone(accounts)})
}

// note says in which ways two reports ask different questions. Which accounts only one of
// them has stands by itself.
func (c *FleetComparison) note() {
	old, now := c.Old.Fleet.Report, c.New.Fleet.Report
	old.Accounts, now.Accounts = nil, nil
	c.Notes = diff.Notes(old, now, "OLD", "NEW")
	for _, side := range []struct {
		name string
		f    *Fleet
	}{{"OLD", c.Old.Fleet}, {"NEW", c.New.Fleet}} {
		if !side.f.Complete {
			c.Notes = append(c.Notes, side.name+" is not complete: "+side.f.Why)
		}
	}
}

// causeChanges compares the causes of two reports: those that got worse first, then by
// weight. stayed are the old ones in accounts that both have.
func causeChanges(old, stayed, now []rollup.Cause) []CauseChange {
	find := func(list []rollup.Cause, id string) int {
		i := slices.IndexFunc(list, func(c rollup.Cause) bool { return c.ID == id })
		if i < 0 {
			return 0
		}
		return list[i].Accounts
	}
	var out []CauseChange
	for _, c := range now {
		x := CauseChange{Cause: c, Old: find(old, c.ID), New: c.Accounts}
		switch {
		case x.Old == 0:
			x.Kind = CauseNew
		case x.New > x.Old:
			x.Kind = CauseGrew
		case x.New < x.Old:
			x.Kind = CauseShrank
		default:
			continue
		}
		out = append(out, x)
	}
	for _, c := range old {
		if find(now, c.ID) > 0 {
			continue
		}
		x := CauseChange{Cause: c, Kind: CauseFixed, Old: c.Accounts}
		if find(stayed, c.ID) == 0 {
			x.Kind = CauseGone
		}
		out = append(out, x)
	}
	order := []string{CauseNew, CauseGrew, CauseShrank, CauseFixed, CauseGone}
	slices.SortStableFunc(out, func(a, b CauseChange) int {
		return cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind))
	})
	return out
}

// FleetAgainst holds a report on many accounts against an earlier one, as diff.Against does
// for one: each control of each account by its causes.
func FleetAgainst(old, now *Fleet, strict bool) (diff.Standing, error) {
	out := diff.Standing{Known: map[string]bool{}, Fresh: map[string][]finding.Reason{}}
	err := pairs(old, now, func(p fleetPair) error {
		one := diff.Against(p.old.report(), p.now.report(), strict)
		for _, f := range p.now.report().Findings {
			for _, a := range p.accounts {
				id := finding.HashID(a.ID, f.Control)
				switch {
				case one.Known[f.ID]:
					out.Known[id] = true
				case one.Fresh[f.ID] != nil:
					at := finding.Finding{Account: f.Account, Control: f.Control, Reasons: one.Fresh[f.ID]}
					out.Fresh[id] = at.At(a.ID).Reasons
				}
			}
		}
		for _, f := range one.Fixed {
			for _, a := range p.accounts {
				out.Fixed = append(out.Fixed, finding.Finding{ID: finding.HashID(a.ID, f.Control), Control: f.Control, Account: a.ID})
			}
		}
		return nil
	})
	slices.SortFunc(out.Fixed, func(a, b finding.Finding) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Control, b.Control))
	})
	return out, err
}
