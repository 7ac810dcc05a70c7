package change

import "github.com/monitorctl/monitorctl/internal/finding"

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

	// Manual says what needs manual action, because no action of a plan can help.
	Manual []Manual

	// Before is the audit of the account as it was read, After the audit of
	// the account as it would be.
	Before, After finding.Report

	// Confirmed is After once every pending subscriber has answered; nil when
	// that changes no status.
	Confirmed *finding.Report
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

	// Avoid is the hint how to go around the object.
	Avoid string

	// Replaceable reports whether --replace Name resolves it. Then Fields are the
	// settings in which the object differs from ours.
	Replaceable bool
	Fields      []Field
}

// A Drift is an object of ours that somebody has edited. It is left alone unless
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
	Code    string // "kept-by-code", or "" for what has no code
	Text    string
}

// A Left is an object that is left alone.
type Left struct {
	Object  string // in words
	Why     string
	Foreign bool // it is known to be somebody else's, so nothing of ours is left
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
		for _, m := range c.Metrics {
			if !known[m] {
				known[m] = true
				sum.Metrics = append(sum.Metrics, m)
			}
		}
	}
	return sum
}
