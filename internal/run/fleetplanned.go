package run

import (
	"crypto/sha256"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
	"github.com/monitorctl/monitorctl/internal/report"
)

// leave notes an account that no plan changes; of list those that fail say why, where the
// text does not.
func (x *fleetPlanner) leave(ref report.FleetRef, text string, list []finding.Finding) {
	x.mu.Lock()
	defer x.mu.Unlock()
	texts := []string{text}
	if list != nil {
		texts = nil
		for i := range list {
			if f := &list[i]; f.Status == finding.Fail {
				texts = append(texts, f.Control+": "+strings.ReplaceAll(f.Why(), f.Account, "{account}")+"; "+text)
			}
		}
	}
	for _, t := range texts {
		l := x.left[t]
		if l == nil {
			l = &report.FleetLeft{Text: t}
			x.left[t] = l
		}
		l.Accounts = append(l.Accounts, ref)
	}
}

// refOf is how a plan names an account.
func refOf(t targets.Target) report.FleetRef {
	return report.FleetRef{ID: t.ID, Name: t.Name, OUPath: t.Path, OUNames: t.Names}
}

// report puts the plan together.
func (x *fleetPlanner) report() {
	out := &x.p.Plan
	out.Accounts, out.Unreadable, out.Skipped = len(x.before.status), x.before.unreadable, x.before.skipped
	refs := map[string]report.FleetRef{}
	for _, t := range x.list {
		refs[t.ID] = refOf(t)
	}
	if name := refs[x.header.Management].Name; name != x.header.Management {
		out.Name = name
	}
	for i := range x.p.owners {
		c := &x.p.owners[i]
		c.Owner = true
		if ref, ok := refs[c.Ref.ID]; ok {
			c.Ref = ref
		}
		out.Owners = append(out.Owners, report.FleetPlanned{Accounts: []report.FleetRef{c.Ref}, Plan: c.Plan})
		if len(c.Plan.Conflicts) == 0 {
			x.planned[c.Ref.ID] = outlookOf(&c.Plan)
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(x.groups), func(a, b [sha256.Size]byte) int {
		return byID(x.groups[a].Accounts[0], x.groups[b].Accounts[0])
	}) {
		out.Members = append(out.Members, *x.groups[key])
	}
	for _, text := range slices.Sorted(maps.Keys(x.left)) {
		l := x.left[text]
		slices.SortFunc(l.Accounts, byID)
		l.Accounts = slices.Compact(l.Accounts)
		out.Left = append(out.Left, *l)
	}
	x.predict()
	out.Mails = mailsOf(out)
}

// predict counts how the controls stand now and afterwards.
func (x *fleetPlanner) predict() {
	out := &x.p.Plan
	for i := range x.before.first {
		f := &x.before.first[i]
		row := report.FleetPredicted{
			Control: f.Control, Number: f.Number, Now: map[finding.Status]int{}, Owners: map[finding.Status]int{}, After: map[finding.Status]int{}, Confirmed: map[finding.Status]int{},
		}
		for id, now := range x.before.status {
			x.p.failsThen = x.p.failsThen || x.then.of(id, now)[i] == finding.Fail
			then, answered := x.then.of(id, now), x.answered.of(id, now)
			row.Owners[answered[i]]++
			if p, ok := x.planned[id]; ok {
				then, answered = p.then, p.answered
			}
			row.Now[now[i]]++
			row.After[then[i]]++
			row.Confirmed[answered[i]]++
		}
		out.Rows = append(out.Rows, row)
	}
	for id, now := range x.before.status {
		last, fixed := x.answered.of(id, now), false
		for i := range now {
			fixed = fixed || now[i] == finding.Fail && last[i] != finding.Fail
		}
		if fixed {
			out.Fixed++
		}
		if p, ok := x.planned[id]; ok {
			last = p.answered
		}
		if slices.Contains(last, finding.Fail) {
			out.Failing = append(out.Failing, id)
		}
	}
	slices.Sort(out.Failing)
}

// mailsOf counts the subscribers that have to confirm.
func mailsOf(p *report.FleetPlan) report.FleetMails {
	var m report.FleetMails
	addresses := map[string]bool{}
	for _, g := range slices.Concat(p.Owners, p.Members) {
		if len(g.Plan.Conflicts) > 0 {
			continue
		}
		n := 0
		for _, a := range g.Plan.Actions {
			if s, ok := a.(action.Subscribe); ok && strings.HasPrefix(s.Protocol, "email") {
				addresses[s.Endpoint] = true
				n++
			}
		}
		if n > 0 {
			m.Accounts += len(g.Accounts)
			m.Confirmations += n * len(g.Accounts)
		}
	}
	m.Addresses = len(addresses)
	return m
}
