package replay

import (
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/alarm"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/pattern"
)

// A Question is what records are replayed for.
type Question struct {
	// From and To bound the window by the clock, To excluded. Zero times are no
	// bounds: the window is then that of the records.
	From, To time.Time

	// ByDelivery takes the time at which a record's file was delivered for the
	// record's time.
	ByDelivery bool

	Evidence int // how many records to keep for each control

	Patterns []*pattern.Pattern
	Scopes   []Scope
	Filters  []Filter
	Rules    []Rule
	Controls []Control
}

// A Scope is a set of records: those that a log group receives.
type Scope struct {
	Account string // 12 digits; "" for any
	Region  string // "" for any
}

// A Filter is a pattern on the records of a scope.
type Filter struct {
	Name    string // "" for the one that apply would create
	Pattern int    // in Question.Patterns
	Scope   int    // in Question.Scopes

	// Rule is 1 and the place in Question.Rules of the rule that looks at what the
	// pattern matches, which is all that may pass it; 0 for none.
	Rule int
}

// A Control is what is counted and followed together.
type Control struct {
	ID, Title string
	Account   string // whose chain it is; "" for none
	Live      bool   // the chain exists; else it is the one that apply would create

	// Filters are those whose matches are the control's events, in
	// Question.Filters.
	Filters []int

	// Wanted is the filter that apply would create, in Question.Filters, where Live:
	// what it matches and Filters do not is missed. -1 for none.
	Wanted int

	Alarms []Alarm

	// Rules are those of Filters that are rules.
	Rules []int

	// Nobody is why nobody would be notified, "" where someone would be or where
	// that is not known.
	Nobody string

	// Unknown are what of the chain could not be checked.
	Unknown []string

	// Required are the names of the events that the control must see.
	Required map[string]bool

	// Except are filters whose matches are no events of the control, in
	// Question.Filters.
	Except []int

	// Control and Text are what suggestions are made from: the catalog's control
	// and the pattern of the only filter. Text is "" when there are several.
	Control catalog.Control
	Text    string
}

// An Alarm is an alarm on the metric of a control's filters, or a composite alarm over
// such alarms.
type Alarm struct {
	Name     string
	Settings alarm.Settings // not of a composite alarm
	Feeders  []Feeder       // every filter that writes to what it watches, other controls' too
	Enabled  bool           // its actions
	Mutes    []alarm.Mute

	// Queries are those of a metric math alarm; nil for others.
	Queries []alarm.Query

	// Rule is that of a composite alarm, nil for others. Below are the alarms that it
	// names, each once; Suppressor is the one that suppresses its actions, nil for none.
	Rule       *alarm.Rule
	Below      []Alarm
	Suppressor *Alarm

	// Subscribers are the confirmed subscribers that its actions reach, masked.
	Subscribers []string

	// Unknown is why it cannot be followed, "" when it can.
	Unknown string
}

// A Feeder is a filter that writes to a metric.
type Feeder struct {
	Filter  int    // in Question.Filters
	Query   string // of a metric math alarm: the id of the metric; else ""
	Value   float64
	Default *float64 // nil for none
}

// reach is how many minutes before the window records are needed: the longest
// evaluation range.
func (q *Question) reach() int64 {
	most := int64(0)
	for _, c := range q.Controls {
		for _, a := range c.Alarms {
			most = max(most, a.reach())
		}
	}
	return most
}

// addPattern returns the place of a pattern, which is added unless it is there.
func (q *Question) addPattern(p *pattern.Pattern) int {
	for i, have := range q.Patterns {
		if have.Text() == p.Text() {
			return i
		}
	}
	q.Patterns = append(q.Patterns, p)
	return len(q.Patterns) - 1
}

func (q *Question) addScope(s Scope) int {
	for i, have := range q.Scopes {
		if have == s {
			return i
		}
	}
	q.Scopes = append(q.Scopes, s)
	return len(q.Scopes) - 1
}

func (q *Question) addFilter(f Filter) int {
	for i, have := range q.Filters {
		if have == f {
			return i
		}
	}
	q.Filters = append(q.Filters, f)
	return len(q.Filters) - 1
}
