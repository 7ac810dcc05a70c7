package change

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// A Plan is what apply would do, and what would come of it.
type Plan struct {
	// Chosen are the trails that carry the planned chains, with the reason.
	Chosen []Choice

	// Actions are the changes, in the order in which apply makes them.
	Actions []Action

	// Conflicts are foreign or edited objects in the way. A plan with a
	// conflict is not carried out at all, unless it is Separate.
	Conflicts []Conflict

	// Separate means that each account is carried out by itself: a conflict keeps its
	// own account from being written, and no other. Actions has none of such an account.
	Separate bool

	// Drifts are objects of ours that someone has edited, and that stay so.
	Drifts []Drift

	// Manual says what needs manual action, because no action of a plan can help.
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

// Join appends the plan for other accounts. The zero Plan becomes that plan. The
// actions of the accounts follow each other.
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
	p.Actions = append(p.Actions, o.Actions...)
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

// WayOut says what resolves the conflict. canReplace means that the command has a flag
// --replace.
func (c Conflict) WayOut(canReplace bool) string {
	switch {
	case c.NoRoom:
		return c.moreRoom()
	case c.Unread && c.Answer != "":
		return c.Answer
	case c.Unread:
		return "run plan on the account itself, or take the snapshot again with 'monitorctl snapshot': this one does not hold it"
	}
	hint := c.Avoid
	if canReplace && c.Replaceable {
		hint += "; --replace " + c.Name + " takes this one over"
	}
	return hint
}

// moreRoom says how a plan could fit into a log group.
func (c Conflict) moreRoom() string {
	const few = 5
	text := cmp.Or(c.Avoid, "name fewer controls")
	switch n := len(c.Spare); {
	case n > few:
		text += fmt.Sprintf(", or delete filters whose metric no alarm watches: %s and %d more", strings.Join(c.Spare[:few], ", "), n-few)
	case n > 0:
		text += ", or delete filters whose metric no alarm watches: " + strings.Join(c.Spare, ", ")
	}
	return text
}

// A Choice is the trail that carries the planned chains of an account.
type Choice struct {
	Account  string
	TrailARN string
	Region   string // its home region; of rules the one that events are forwarded to
	LogGroup string // "" for rules, which need none
	Why      string // "carries all 4 controls; multi-region"
}

// A Conflict is an object that stands where ours would.
type Conflict struct {
	Account  string
	Region   string
	Resource string // ARN or log-group:filter
	Name     string // the name that collides; what --replace would take
	Code     string // "bucket-taken", or "" for what has no code
	Reason   string // whose it is, or what was edited, in words
	Have     string // the object as it is, one line
	Want     string // the object as we would write it, one line

	// Avoid is the hint how to go around the object, or around a quota.
	Avoid string

	// NoRoom means that a quota is in the way and not a name; Spare are objects there
	// that nothing uses.
	NoRoom bool
	Spare  []string

	// Unread means that no other name would do: nobody could tell what is there, or
	// it is about what stands around. Answer is what to do about it, "" for a read that
	// was not made.
	Unread bool
	Answer string

	// Replaceable reports whether --replace Name resolves it. Then Fields are the
	// settings in which the object differs from ours.
	Replaceable bool
	Fields      []Field
}

// A Drift is an object of ours that someone has edited. It is left alone unless
// --replace names it.
type Drift struct {
	Account  string
	Region   string
	Resource string // ARN or log-group:filter
	Object   Object // as an action on it names it
	Name     string // what --replace takes
	Control  string
	Why      string  // why it cannot be replaced; "" when it can
	Fields   []Field // in which the object differs from ours
}

// A Manual is something that needs manual action.
type Manual struct {
	Account string
	Control string
	Code    string // "kept-by-code", "kept-by", or "" for what has no code
	Text    string

	// Elsewhere is the account in which it is to be done; "" where that is Account.
	Elsewhere string
	// Keeper is the tool whose code keeps what would have to change: "terraform"; "" but
	// with CodeKept.
	Keeper string
}

// CodeKeptBy is the code of a note that says who keeps what is in the way of a plan.
const CodeKeptBy = "kept-by"

// CodeKept is the code of an object that would have to change in code that monitorctl
// wrote.
const CodeKept = "kept-by-code"

// A Left is an object that is left alone.
type Left struct {
	Account string // "" for the one account of the removal
	Object  string // in words
	Why     string
	Foreign bool // it is known to be someone else's, so nothing of ours is left
	Kept    bool // it is ours and stays on purpose: it holds evidence
}

// A Fact is something about an account that a plan rests on. Two readings of an
// account that give the same facts and the same actions are the same to apply.
type Fact struct {
	Resource string // ARN, or "metric filter GROUP:NAME"
	Name     string // which of its properties
	Value    string // in words or as JSON; "none" where there is nothing
}

// NoFact is the value of what does not exist.
const NoFact = "none"

// A Cost is what actions add to the monthly bill.
type Cost struct {
	Alarms  int      // new alarms on one metric each
	Metrics []string // new metrics, each by a key of its own
	USD     float64  // list price of the alarms, without what is free
	Free    int      // alarms that an account has free of charge, old ones included

	// Forwarders are new rules that send events to another region, which is billed
	// by the event.
	Forwarders int

	// Usage says in words what is billed by use, each with its price.
	Usage []string
}

// CostOf returns what the actions add together, in one account or, for "", in
// all. Metrics holds each new metric once.
func CostOf(actions []Action, account string) Cost {
	var sum Cost
	known := map[string]bool{}
	for _, a := range actions {
		if account != "" && a.Common().Account != account {
			continue
		}
		c := a.Cost()
		sum.Alarms += c.Alarms
		sum.USD += c.USD
		sum.Free = max(sum.Free, c.Free)
		sum.Forwarders += c.Forwarders
		for _, text := range c.Usage {
			if !slices.Contains(sum.Usage, text) {
				sum.Usage = append(sum.Usage, text)
			}
		}
		for _, m := range c.Metrics {
			if !known[m] {
				known[m] = true
				sum.Metrics = append(sum.Metrics, m)
			}
		}
	}
	return sum
}
