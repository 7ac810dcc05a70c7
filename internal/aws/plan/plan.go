// Package plan says what apply would do to an account, and what would come of
// it. It does no I/O and reads no clock.
package plan

import (
	"slices"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// A Plan is what apply would do, and what would come of it.
type Plan struct {
	// Chosen are the trails that carry the planned chains, with the reason.
	Chosen []Choice

	// Actions are the changes, in the order in which apply makes them.
	Actions []Action

	// Conflicts are foreign or edited objects in the way. A plan with a
	// conflict is not carried out at all.
	Conflicts []Conflict

	// Drifts are objects of ours that somebody has edited, and that stay so.
	Drifts []Drift

	// Manual says what a person must mend, because no action can.
	Manual []Manual

	// Notes say what became of wishes that no action meets.
	Notes []Manual

	// Before is the audit of the account as it was read, After the audit of
	// the account as it would be.
	Before, After finding.Report

	// Confirmed is After once every pending subscriber has answered; nil when
	// that changes no status.
	Confirmed *finding.Report
}

// Join appends the plan for other accounts. The zero Plan becomes that plan.
func (p *Plan) Join(o Plan) {
	if len(p.Before.Accounts) == 0 {
		*p = o
		return
	}
	confirmed, confirms := p.confirmed(), o.confirmed()
	if p.Confirmed != nil || o.Confirmed != nil {
		confirmed.Join(confirms)
		p.Confirmed = &confirmed
	}
	p.Chosen = append(p.Chosen, o.Chosen...)
	p.Actions = ordered(append(p.Actions, o.Actions...))
	p.Conflicts = append(p.Conflicts, o.Conflicts...)
	p.Drifts = append(p.Drifts, o.Drifts...)
	p.Manual = append(p.Manual, o.Manual...)
	p.Notes = append(p.Notes, o.Notes...)
	p.Before.Join(o.Before)
	p.After.Join(o.After)
}

// confirmed is the report once every subscriber has answered.
func (p *Plan) confirmed() finding.Report {
	r := p.After
	if p.Confirmed != nil {
		r = *p.Confirmed
	}
	r.Accounts, r.Findings = slices.Clone(r.Accounts), slices.Clone(r.Findings)
	return r
}

// A Choice is the trail that carries the planned chains of an account.
type Choice struct {
	Account  string
	TrailARN string
	Region   string // its home region
	LogGroup string
	Why      string // "carries all 4 controls; multi-region"
}

// A Conflict is an object that stands where ours would.
type Conflict struct {
	Account  string
	Region   string
	Resource string // ARN or log-group:filter
	Name     string // the name that collides; what --replace would take
	Reason   string // whose it is, or what was edited, in words
	Have     string // the object as it is, one line
	Want     string // the object as we would write it, one line

	// NoRoom says that a quota is in the way and not a name; Spare are filters there
	// whose metric no alarm watches.
	NoRoom bool
	Spare  []string

	// Unread says that nobody could tell what stands there; Call is the read without
	// answer, nil when it was not made.
	Unread bool
	Call   *finding.Call

	// Replaceable says that --replace Name resolves it. Then Is and Wanted are the
	// two objects.
	Replaceable bool
	Is, Wanted  Object
}

// A Manual is something that only a person can mend, or has to know.
type Manual struct {
	Account string
	Control string // "" when it concerns several
	Text    string
}
