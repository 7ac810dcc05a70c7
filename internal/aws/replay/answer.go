package replay

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/alarm"
)

// A Report is what was found.
type Report struct {
	From, To time.Time // of the window, To excluded; zero when there were no records

	Events    int64 // records in the window, copies included
	Outside   int64 // records before or behind it
	Untimed   int64 // what was read and has no time: no CloudTrail records
	Oversize  int64 // records that CloudTrail does not send to CloudWatch Logs
	Copies    int64 // of events that match
	Accounts  []string
	Regions   []string
	Delivered bool // times are those of the files' delivery

	Controls []Answer
}

// An Answer is what was found of a control.
type Answer struct {
	Control *Control

	Events int64
	Days   []int64 // events of each day of the window, the first and last in part
	Doubt  int64   // records that match or not depending on what AWS leaves open

	// Missed counts events that the pattern of apply matches and no filter of the chain
	// does; Lost is the latest of them.
	Missed int64
	Lost   Event

	Actions []Action // of all its alarms, by time; echoes included
	Unknown []string // why alarms could not be followed

	Sent       []Messages // of the control's rules, in their order
	MessageDay []int64    // messages of each day, as Days; nil without rules

	// Alerted are the confirmed subscribers of the alarms that acted, or of all of them
	// where none did; masked, sorted.
	Alerted []string

	Principals, Addresses, Tools, Names []Count
	MoreNames                           bool // there were too many different ones to count all

	Evidence    []Event // the latest events, the latest first
	Suggestions []Suggestion

	cells     map[textCell]int64
	moreCells bool
}

// An Action is a transition of an alarm into ALARM.
type Action struct {
	Alarm     string
	At        time.Time // the end of the minute whose evaluation it was
	Event     Event     // the event before it, the first of its minute; zero for an echo
	Swallowed int64     // matches while the alarm was in ALARM
	Echo      bool
	Silent    string // why nothing was done: actions are disabled, or muted; "" when it acted
}

// A Count is how often something was seen.
type Count struct {
	Name  string
	Count int64
}

// Alarms returns the actions that were taken: neither echoes nor silent ones.
func (a *Answer) Alarms() int { return alarms(a.Actions) }

func alarms(actions []Action) int {
	n := 0
	for _, x := range actions {
		if !x.Echo && x.Silent == "" {
			n++
		}
	}
	return n
}

// Echoes returns how many echoes there were.
func (a *Answer) Echoes() int {
	n := 0
	for _, x := range a.Actions {
		if x.Echo {
			n++
		}
	}
	return n
}

// Notifications returns the alarm actions that were taken and the messages that rules
// sent to someone.
func (a *Answer) Notifications() int { return a.Alarms() + int(a.Messages()) }

// PerDay returns a number of notifications as one of a day.
func (r *Report) PerDay(alarms int) float64 {
	days := r.To.Sub(r.From).Hours() / 24
	if days <= 0 {
		return 0
	}
	return float64(alarms) / max(days, 1)
}

// Incomplete reports whether something counts for less than it should.
func (r *Report) Incomplete() bool {
	return r.Untimed > 0 || slices.ContainsFunc(r.Controls, func(a Answer) bool { return a.Doubt > 0 || len(a.Unknown) > 0 })
}

// A textCell is a cell with the texts in place of their numbers.
type textCell struct {
	filter                       int32
	minute                       int64
	role, service, errored, name string
}

// Answer adds up what was counted and follows the alarms. No counter may be in use.
func (c *Counters) Answer() Report {
	q := c.question
	t := c.total()
	r := Report{
		From: q.From, To: q.To, Events: t.events, Outside: t.outside, Untimed: t.untimed, Oversize: t.oversize, Copies: t.copies, Delivered: q.ByDelivery,
		Accounts: names(t.accounts), Regions: names(t.regions),
	}
	if t.events > 0 && r.From.IsZero() {
		r.From = at(t.earliest)
	}
	if t.events > 0 && r.To.IsZero() {
		r.To = at(t.latest + 1)
	}
	f := follower{question: q, records: t.records, hits: t.hits, from: r.From.Unix() / 60, to: r.To.Unix() / 60}
	for i := range q.Controls {
		k := &t.byControl[i]
		a := Answer{
			Control: &q.Controls[i], Events: k.events, Doubt: k.doubt, Days: days(r.From, r.To, k.days), MoreNames: k.moreNames,
			Principals: counts(k.principals), Addresses: counts(k.addresses), Tools: counts(k.tools), Names: counts(k.names),
			Evidence: k.evidence, Unknown: slices.Clone(q.Controls[i].Unknown), cells: t.cells[i], moreCells: k.moreCells,
		}
		if len(k.lost) > 0 {
			a.Missed, a.Lost = k.missed, k.lost[0]
		}
		if t.events > 0 {
			f.follow(&a, k.examples)
		}
		if len(a.Control.Rules) > 0 {
			var byDay map[int64]int64
			a.Sent, byDay = q.messages(a.Control, t.hits, f.from, f.to)
			a.MessageDay = days(r.From, r.To, byDay)
		}
		a.Alerted = alerted(&a)
		r.Controls = append(r.Controls, a)
	}
	return r
}

func at(minute int64) time.Time { return time.Unix(minute*60, 0).UTC() }

func names(set map[string]bool) []string {
	delete(set, "")
	return slices.Sorted(maps.Keys(set))
}

// days spreads counts over the days of a window.
func days(from, to time.Time, counts map[int64]int64) []int64 {
	if from.IsZero() || !to.After(from) {
		return nil
	}
	first, last := from.Unix()/86400, (to.Unix()-1)/86400
	list := make([]int64, last-first+1)
	for day, n := range counts {
		list[day-first] += n
	}
	return list
}

// counts sorts names, the most frequent first.
func counts(of map[string]int64) []Count {
	var list []Count
	for name, n := range of {
		list = append(list, Count{name, n})
	}
	slices.SortFunc(list, func(a, b Count) int { return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Name, b.Name)) })
	return list
}

// alerted lists who is behind the alarms that acted.
func alerted(a *Answer) []string {
	var list []string
	for _, x := range a.Control.Alarms {
		acted := slices.ContainsFunc(a.Actions, func(t Action) bool { return t.Alarm == x.Name && t.Silent == "" })
		if acted || len(a.Actions) == 0 && x.Enabled {
			list = append(list, x.Subscribers...)
		}
	}
	sent := slices.ContainsFunc(a.Sent, func(m Messages) bool { return m.Sent > 0 })
	for _, m := range a.Sent {
		if m.Sent > 0 || !sent && len(a.Actions) == 0 {
			list = append(list, m.Rule.Alerts...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// A follower follows alarms over what was counted.
type follower struct {
	question *Question
	records  []map[int64]*int64
	hits     []map[int64]int64
	from, to int64 // minutes, to excluded
}

// follow fills in what the alarms of a control did.
func (f *follower) follow(a *Answer, examples map[int64]Event) {
	for i := range a.Control.Alarms {
		x := &a.Control.Alarms[i]
		if x.Unknown != "" {
			a.Unknown = append(a.Unknown, "alarm "+x.Name+": "+x.Unknown)
			continue
		}
		actions, err := f.actions(x, f.hits)
		if err != nil {
			a.Unknown = append(a.Unknown, "alarm "+x.Name+": "+err.Error())
			continue
		}
		for k := range actions {
			if !actions[k].Echo {
				actions[k].Event = f.cause(x, actions[k].At.Unix()/60-1, examples)
			}
		}
		a.Actions = append(a.Actions, actions...)
	}
	slices.SortStableFunc(a.Actions, func(a, b Action) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Alarm, b.Alarm)) })
}

// cause returns the first event of the last minute with a match up to one; the zero
// event where the matches are all outside of the window or another control's.
func (f *follower) cause(x *Alarm, minute int64, examples map[int64]Event) Event {
	for m := minute; m > minute-x.reach(); m-- {
		if f.matches(x, m) > 0 {
			return examples[m]
		}
	}
	return Event{}
}

// matches counts what the feeders of an alarm matched in a minute.
func (f *follower) matches(x *Alarm, minute int64) int64 {
	n := int64(0)
	for _, filter := range x.filters() {
		n += f.hits[filter][minute]
	}
	return n
}

// actions follows one alarm, with given matches by filter and minute. It begins a range
// before the window, where records may be known, too.
func (f *follower) actions(x *Alarm, hits []map[int64]int64) ([]Action, error) {
	first := f.from - x.reach()
	last := f.to - 1
	if f.question.To.IsZero() { // an alarm may still answer to the last records
		last += x.reach()
	}
	changes, err := f.changes(x, hits, first, last)
	if err == nil && x.Suppressor != nil {
		err = f.unsuppressed(x, hits, changes, first, last)
	}
	if err != nil {
		return nil, err
	}
	sums := f.sums(x, hits, first, last)
	matches := func(from, to int64) int64 { return sums[max(to+1-first, 0)] - sums[max(from-first, 0)] }
	var actions []Action
	since := first // matches from then on are news
	for i, c := range changes {
		if c.To != alarm.InAlarm {
			continue
		}
		end := last
		if i+1 < len(changes) {
			end = changes[i+1].Minute - 1
		}
		news := matches(since, c.Minute)
		since = c.Minute + 1
		if c.Minute < f.from {
			continue
		}
		when := at(c.Minute + 1)
		actions = append(actions, Action{Alarm: x.Name, At: when, Echo: news == 0, Silent: x.silent(when), Swallowed: matches(c.Minute+1, end)})
	}
	return actions, nil
}

// sums are the matches of an alarm's feeders from the first minute to before each of
// the minutes up to the last, and behind it.
func (f *follower) sums(x *Alarm, hits []map[int64]int64, first, last int64) []int64 {
	sums := make([]int64, max(last-first, 0)+2)
	for _, filter := range x.filters() {
		for minute, n := range hits[filter] {
			if first <= minute && minute <= last {
				sums[minute-first+1] += n
			}
		}
	}
	for i := 1; i < len(sums); i++ {
		sums[i] += sums[i-1]
	}
	return sums
}

// silent is why an alarm does nothing at a time, "" when it acts.
func (x *Alarm) silent(at time.Time) string {
	if !x.Enabled {
		return "its actions are disabled"
	}
	for _, m := range x.Mutes {
		if end, forever, err := m.Until(at); err == nil && (forever || end.After(at)) {
			return "it is muted"
		}
	}
	return ""
}

// changes are the changes of state of an alarm.
func (f *follower) changes(x *Alarm, hits []map[int64]int64, first, last int64) ([]alarm.Change, error) {
	switch {
	case x.Unknown != "":
		return nil, errors.New(x.Unknown)
	case x.Rule != nil:
		return f.composite(x, hits, first, last)
	case x.Queries == nil:
		return alarm.Timeline(x.Settings, f.track(x.Feeders, hits, first, last), first, last)
	}
	feeders, tracks := map[string][]Feeder{}, map[string]alarm.Track{}
	for _, feeder := range x.Feeders {
		feeders[feeder.Query] = append(feeders[feeder.Query], feeder)
	}
	for _, q := range x.Queries {
		if q.Expression == "" {
			tracks[q.ID] = f.track(feeders[q.ID], hits, first, last)
		}
	}
	return alarm.MathTimeline(x.Settings, x.Queries, tracks, first, last)
}

// composite are the changes of state of a composite alarm. Where one of the alarms that
// its rule names cannot be followed, the rule may not depend on that one.
func (f *follower) composite(x *Alarm, hits []map[int64]int64, first, last int64) ([]alarm.Change, error) {
	below := map[string][]alarm.Change{}
	var unknown []string
	for i := range x.Below {
		b := &x.Below[i]
		changes, err := f.changes(b, hits, first, last)
		if err != nil {
			unknown = append(unknown, fmt.Sprintf("its rule reads alarm %s, and %v", b.Name, err))
			continue
		}
		below[b.Name] = changes
	}
	changes, err := x.Rule.Timeline(below, first, last)
	if err != nil && len(unknown) > 0 {
		return nil, errors.New(unknown[0])
	}
	return changes, err
}

// unsuppressed is an error if the actions of a composite alarm may have been suppressed:
// how long CloudWatch waits for the suppressor, and how long it goes on behind it, is not
// in a snapshot.
func (f *follower) unsuppressed(x *Alarm, hits []map[int64]int64, changes []alarm.Change, first, last int64) error {
	acts := func(c alarm.Change) bool { return c.To == alarm.InAlarm }
	if !slices.ContainsFunc(changes, acts) {
		return nil
	}
	of, err := f.changes(x.Suppressor, hits, first, last)
	switch {
	case err != nil:
		return fmt.Errorf("alarm %s suppresses its actions, and %w", x.Suppressor.Name, err)
	case slices.ContainsFunc(of, acts):
		return fmt.Errorf("alarm %s went to ALARM, too, and suppresses its actions for a time that is not known", x.Suppressor.Name)
	}
	return nil
}

// track is what filters write to a metric.
func (f *follower) track(feeders []Feeder, hits []map[int64]int64, first, last int64) alarm.Track {
	t := alarm.Track{First: first}
	n := max(last-first+1, 0)
	for _, feeder := range feeders {
		counts := make([]int64, n)
		for minute, k := range hits[feeder.Filter] {
			if first <= minute && minute <= last {
				counts[minute-first] += k
			}
		}
		t.Values, t.Counts = append(t.Values, feeder.Value), append(t.Counts, counts)
		if feeder.Default == nil {
			continue
		}
		others := make([]int64, n)
		for minute, all := range f.records[f.question.Filters[feeder.Filter].Scope] {
			if first <= minute && minute <= last {
				others[minute-first] = max(*all-counts[minute-first], 0)
			}
		}
		t.Values, t.Counts = append(t.Values, *feeder.Default), append(t.Counts, others)
	}
	return t
}
