package awstest

import (
	"fmt"
	"maps"
	"slices"
)

// A rule is a parsed AlarmRule.
type rule interface {
	holds(state func(name string) string) bool
	names() map[string]bool // the alarms that it speaks of
}

type (
	ruleConst bool
	ruleState struct{ state, name string }
	ruleNot   struct{ of rule }
	ruleAnd   struct{ left, right rule }
	ruleOr    struct{ left, right rule }
	// ruleAtLeast holds when so many of the alarms are in the state (or, with
	// not, are not in it).
	ruleAtLeast struct {
		count   int
		percent bool
		not     bool
		state   string
		of      []string
	}
)

func (r ruleConst) holds(func(string) string) bool { return bool(r) }

func (r ruleState) holds(state func(string) string) bool { return state(r.name) == r.state }

func (r ruleNot) holds(state func(string) string) bool { return !r.of.holds(state) }

func (r ruleAnd) holds(state func(string) string) bool {
	return r.left.holds(state) && r.right.holds(state)
}

func (r ruleOr) holds(state func(string) string) bool {
	return r.left.holds(state) || r.right.holds(state)
}

func (r ruleAtLeast) holds(state func(string) string) bool {
	n := 0
	for _, name := range r.of {
		if (state(name) == r.state) != r.not {
			n++
		}
	}
	if r.percent {
		return n*100 >= r.count*len(r.of)
	}
	return n >= r.count
}

func (r ruleConst) names() map[string]bool { return nil }

func (r ruleState) names() map[string]bool { return map[string]bool{r.name: true} }

func (r ruleNot) names() map[string]bool { return r.of.names() }

func (r ruleAnd) names() map[string]bool { return union(r.left.names(), r.right.names()) }

func (r ruleOr) names() map[string]bool { return union(r.left.names(), r.right.names()) }

func (r ruleAtLeast) names() map[string]bool {
	set := map[string]bool{}
	for _, name := range r.of {
		set[name] = true
	}
	return set
}

func union(a, b map[string]bool) map[string]bool {
	set := map[string]bool{}
	maps.Copy(set, a)
	maps.Copy(set, b)
	return set
}

// evaluateComposites evaluates the composite alarms of the region until none
// changes. Rules that chase each other end after as many rounds as there are
// alarms.
func (r *Region) evaluateComposites() {
	order := r.suppressorsFirst()
	for range len(r.alarms) {
		changed := false
		for _, name := range order {
			if a := r.alarms[name]; a.composite != nil {
				changed = r.evaluateComposite(a) || changed
			}
		}
		if !changed {
			return
		}
	}
}

// suppressorsFirst returns the names of all alarms, those that suppress the actions of
// others in front: the wait period, which AWS demands, gives a suppressor that the same
// event takes to ALARM the time to do so.
func (r *Region) suppressorsFirst() []string {
	var first, rest []string
	for _, name := range slices.Sorted(maps.Keys(r.alarms)) {
		suppresses := func(a *alarm) bool {
			return a.composite != nil && r.alarmNamed(a.composite.ActionsSuppressor) == r.alarms[name]
		}
		if slices.ContainsFunc(slices.Collect(maps.Values(r.alarms)), suppresses) {
			first = append(first, name)
		} else {
			rest = append(rest, name)
		}
	}
	return append(first, rest...)
}

func (r *Region) evaluateComposite(a *alarm) (changed bool) {
	state := StateOK
	if a.composite.rule.holds(r.stateOf) {
		state = StateAlarm
	}
	if state != a.state {
		r.transition(a.name, state, fmt.Sprintf("Alarm Rule evaluated to %v", state == StateAlarm), "")
		return true
	}
	r.releaseWithheld(a)
	return false
}

// stateOf returns the state of the alarm of that name or ARN, "" if it is gone.
func (r *Region) stateOf(name string) string {
	if a := r.alarmNamed(name); a != nil {
		return a.state
	}
	return ""
}

// suppressed reports whether the alarm's suppressor keeps it from acting now. Wait
// and extension period count as just long enough for what happens at the same moment.
func (a *alarm) suppressed(r *Region) bool {
	return a.composite != nil && a.composite.ActionsSuppressor != "" && r.stateOf(a.composite.ActionsSuppressor) == StateAlarm
}
