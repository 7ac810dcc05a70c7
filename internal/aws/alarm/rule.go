package alarm

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Rule is the rule expression of a composite alarm (AlarmRule of
// PutCompositeAlarm; "Combining alarms", rule expressions).
type Rule struct {
	root node
}

// A Truth is a value of three-valued logic.
type Truth int8

// Truth values, in the order in which AND takes the least and OR the greatest.
const (
	False Truth = iota
	Undecided
	True
)

// String returns "false", "undecided" or "true".
func (t Truth) String() string {
	return [...]string{"false", "undecided", "true"}[min(max(t, False), True)]
}

func truth(b bool) Truth {
	if b {
		return True
	}
	return False
}

// Names returns the names of the alarms that the rule reads, each once, in
// order of appearance. An alarm given by ARN is named without it: AWS wants all
// alarms of a rule in the account and region of the composite one.
func (r *Rule) Names() []string {
	var names []string
	r.root.each(func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	})
	return names
}

// Eval evaluates the rule. State returns the state of an alarm by name; false
// when it is not known, which makes undecided what depends on it.
func (r *Rule) Eval(state func(name string) (State string, ok bool)) Truth {
	return r.root.eval(state)
}

// String writes the rule so that it parses back, names quoted where needed.
func (r *Rule) String() string { return r.root.String() }

// node is a part of a rule: constant, inState, not, chain or atLeast.
type node interface {
	fmt.Stringer
	eval(state func(string) (string, bool)) Truth
	each(func(name string)) // visits the names, duplicates included
}

// constant is TRUE or FALSE.
type constant bool

func (n constant) eval(func(string) (string, bool)) Truth { return truth(bool(n)) }
func (n constant) each(func(string))                      {}
func (n constant) String() string                         { return strings.ToUpper(strconv.FormatBool(bool(n))) }

// inState is ALARM(name) and its like.
type inState struct{ state, name string }

func (n inState) eval(state func(string) (string, bool)) Truth {
	s, ok := state(n.name)
	if !ok {
		return Undecided
	}
	return truth(s == n.state)
}

func (n inState) each(f func(string)) { f(n.name) }
func (n inState) String() string      { return n.state + "(" + quote(n.name) + ")" }

// not is NOT x.
type not struct{ of node }

func (n not) eval(state func(string) (string, bool)) Truth { return True - n.of.eval(state) }
func (n not) each(f func(string))                          { n.of.each(f) }
func (n not) String() string                               { return "NOT " + n.of.String() }

// chain is x AND y OR z, of two operands or more, as it is written.
type chain struct {
	operands []node
	or       []bool // one less than operands: OR or AND between two of them
}

// eval takes the reading in which AND binds tighter and the one from left to
// right: AWS says that parentheses control the order, not what the order is
// without them. Where the two differ, nothing is decided.
func (n chain) eval(state func(string) (string, bool)) Truth {
	values := make([]Truth, len(n.operands))
	for i, x := range n.operands {
		values[i] = x.eval(state)
	}
	straight, done, open := values[0], False, values[0]
	for i, or := range n.or {
		v := values[i+1]
		if or {
			straight, done, open = max(straight, v), max(done, open), v
		} else {
			straight, open = min(straight, v), min(open, v)
		}
	}
	if tight := max(done, open); tight == straight {
		return tight
	}
	return Undecided
}

func (n chain) each(f func(string)) {
	for _, x := range n.operands {
		x.each(f)
	}
}

func (n chain) String() string {
	var b strings.Builder
	b.WriteString("(" + n.operands[0].String())
	for i, or := range n.or {
		b.WriteString(map[bool]string{true: " OR ", false: " AND "}[or] + n.operands[i+1].String())
	}
	return b.String() + ")"
}

// atLeast is AT_LEAST(2, ALARM, (a, b)), AT_LEAST(50%, NOT OK, (a, b)).
type atLeast struct {
	m       int
	percent bool
	negated bool
	state   string
	names   []string
}

func (n atLeast) eval(state func(string) (string, bool)) Truth {
	sure, possible := 0, 0
	for _, name := range n.names {
		s, ok := state(name)
		switch {
		case !ok:
			possible++
		case (s == n.state) != n.negated:
			sure++
			possible++
		}
	}
	switch {
	case n.enough(sure):
		return True
	case n.enough(possible):
		return Undecided
	default:
		return False
	}
}

func (n atLeast) enough(count int) bool {
	if n.percent {
		return count*100 >= n.m*len(n.names)
	}
	return count >= n.m
}

func (n atLeast) each(f func(string)) {
	for _, name := range n.names {
		f(name)
	}
}

func (n atLeast) String() string {
	m, state := strconv.Itoa(n.m), n.state
	if n.percent {
		m += "%"
	}
	if n.negated {
		state = "NOT " + state
	}
	quoted := make([]string, len(n.names))
	for i, name := range n.names {
		quoted[i] = quote(name)
	}
	return fmt.Sprintf("AT_LEAST(%s, %s, (%s))", m, state, strings.Join(quoted, ", "))
}

// special are the characters that end an unquoted name.
const special = " \t\r\n(),\""

// quote leaves plain names alone: a backslash at the end of one cannot be
// written inside quotes.
func quote(name string) string {
	if !strings.ContainsAny(name, special) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `\"`) + `"`
}
