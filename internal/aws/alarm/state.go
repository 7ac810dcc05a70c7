package alarm

import (
	"fmt"
	"time"
)

// A State is the state that CloudWatch reports for an alarm.
type State struct {
	Name string // OK, InAlarm, InsufficientData; "" when not known

	// Evaluation is EvaluationState of DescribeAlarms; "" when it reports
	// nothing.
	Evaluation string

	Since *time.Time // StateTransitionedTimestamp; nil when not known
	Now   time.Time  // when the state was read
}

// JudgeState judges the settings as Judge does, and the present state as
// evidence: an alarm that is in ALARM for longer than one event keeps it there
// does not tell of the next one, whatever its settings promise.
func JudgeState(s Settings, in Series, state State) []Problem {
	return judgeSeries(s, in).withState(s, state)
}

// withState adds what the state shows to what the settings say.
func (o outcome) withState(s Settings, state State) []Problem {
	problems := append([]Problem(nil), o.problems...)
	if p := evaluation(state.Evaluation); p != nil {
		problems = append(problems, *p)
	}
	if p := o.lingering(s, state); p != nil {
		problems = replace(problems, *p)
	}
	return worstFirst(problems)
}

// evaluation judges EvaluationState ("Alarm evaluation").
func evaluation(name string) *Problem {
	switch name {
	case "":
		return nil
	case "EVALUATION_ERROR":
		return stuck("CloudWatch cannot evaluate the alarm (EVALUATION_ERROR)")
	default:
		// EVALUATION_FAILURE is a temporary fault of CloudWatch, IN_WARM_UP ends
		// by itself, PARTIAL_DATA hides data. None says for how long.
		p := kind("CloudWatch evaluates the alarm with state %s", name)
		return &p
	}
}

// lingering reports whether the alarm is in ALARM and stays there. Where the
// settings are bad already, nothing is known of how long ALARM may last.
func (o outcome) lingering(s Settings, state State) *Problem {
	if state.Name != InAlarm || o.hold == 0 {
		return nil
	}
	if o.forever {
		return stuck("the alarm is in ALARM and, as missing data is ignored, stays there")
	}
	if state.Since == nil {
		return nil
	}
	// One period more: how far an alarm looks back is not documented.
	if lasted := state.Now.Sub(*state.Since); lasted > o.hold+s.period() {
		return stuck("the alarm is in ALARM for %s, one event keeps it there for %s: nobody is alerted to the next one", long(lasted), span(o.hold))
	}
	return nil
}

// replace drops problems of the same code, which p makes redundant.
func replace(problems []Problem, p Problem) []Problem {
	var out []Problem
	for _, q := range problems {
		if q.Code != p.Code {
			out = append(out, q)
		}
	}
	return append(out, p)
}

// long writes a duration in days when it has any.
func long(d time.Duration) string {
	if days := int(d / (24 * time.Hour)); days > 1 {
		return fmt.Sprintf("%d days", days)
	}
	return span(d)
}
