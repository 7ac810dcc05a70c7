package alarm

import (
	"fmt"
	"time"
)

// A shape is what the periods around one event look like after aggregation.
type shape struct {
	event  datum   // the event alone
	mixed  []datum // the event among other records, few to many
	again  []datum // several events, nothing else
	others []datum // other records only, few to many; nil without default value
	idle   datum   // no record at all
}

// crowds are numbers of other records in a period. A statistic is monotone in
// that number, so the first and the last would do; the rest is for expressions
// over several metrics. What a trillion records dilute is taken to be diluted.
var crowds = []float64{1, 10, 1e3, 1e6, 1e12}

// several are numbers of events that come in one period.
var several = []float64{2, 1000}

// shapeOf puts a shape together from what a period with so many events and
// other records shows. Without default values other records show nothing.
func shapeOf(busy bool, period func(events, others float64) datum) shape {
	sh := shape{event: period(1, 0), idle: period(0, 0)}
	for _, n := range several {
		sh.again = append(sh.again, period(n, 0))
	}
	if !busy {
		return sh
	}
	for _, n := range crowds {
		sh.mixed = append(sh.mixed, period(1, n))
		sh.others = append(sh.others, period(0, n))
	}
	return sh
}

// shape aggregates a series by one statistic.
func (in Series) shape(st statistic) shape {
	return shapeOf(in.Default != nil, func(events, others float64) datum { return st.apply(in.samples(events, others)) })
}

// samples are what a period holds with so many events and other records.
func (in Series) samples(events, others float64) []sample {
	var out []sample
	if in.Quiet {
		events, others = 0, events+others
	}
	out = append(out, sample{in.Value, events})
	if in.Default != nil {
		out = append(out, sample{*in.Default, others})
	}
	return out
}

// An outcome is what the settings make of one event.
type outcome struct {
	problems []Problem // worst first

	// hold is how long the alarm may stay in ALARM after the event; 0 when the
	// settings alone are bad or cannot be computed. It means nothing when the
	// alarm stays forever.
	hold    time.Duration
	forever bool
}

func settled(p Problem) outcome { return outcome{problems: []Problem{p}} }

// judge plays one event. The shape one is that of an event that writes 1: when
// it would pass, the metric value is to blame rather than the threshold.
func judge(s Settings, what string, sh, one shape) outcome {
	if p := background(s, what, sh); p != nil {
		return settled(*p)
	}
	if p := unreached(s, what, sh, one); p != nil {
		return settled(*p)
	}
	usual := play(s, s.point(sh.rest()))
	problems := append(timing(s, usual), inverted(s, what, sh)...)
	out := outcome{worstFirst(problems), usual.held, usual.forever}
	if len(sh.others) > 0 {
		// Where a default value makes the periods busy, a night without any
		// record still lets the alarm linger.
		if quiet := play(s, s.point(sh.idle)); !quiet.forever {
			out.hold = max(out.hold, quiet.held)
		}
	}
	return out
}

// inverted warns of a threshold that one event passes and several do not.
func inverted(s Settings, what string, sh shape) []Problem {
	for _, d := range sh.again {
		if s.point(d) != Breach {
			return []Problem{{CodeThreshold, Warn, fmt.Sprintf("several events in one period make %s %s, which is not %s", what, d, s.condition())}}
		}
	}
	return nil
}

// String writes a datapoint for messages.
func (d datum) String() string {
	if !d.ok {
		return "no datapoint"
	}
	return number(d.value)
}

// background reports whether the alarm is in ALARM without any event.
func background(s Settings, what string, sh shape) *Problem {
	for _, d := range sh.others {
		if s.point(d) == Breach {
			return stuck("other records alone make %s %s, which is %s: the alarm does not leave ALARM", what, d, s.condition())
		}
	}
	if s.point(sh.idle) == Breach {
		return stuck("a period without records makes %s %s, which is %s: the alarm does not leave ALARM", what, sh.idle, s.condition())
	}
	if s.MissingData == Breaching && s.point(sh.rest()) == Gap {
		return stuck("missing data is breaching and most periods have none: the alarm does not leave ALARM")
	}
	return nil
}

func stuck(format string, args ...any) *Problem {
	return &Problem{CodeStuck, Bad, fmt.Sprintf(format, args...)}
}

// rest is the datapoint of the periods around the event: other records are
// taken to come in each of them when they write something at all.
func (sh shape) rest() datum {
	if len(sh.others) > 0 {
		return sh.others[0]
	}
	return sh.idle
}

// unreached says why the datapoint of the event does not breach.
func unreached(s Settings, what string, sh, one shape) *Problem {
	if s.point(sh.event) != Breach {
		code := CodeThreshold
		if s.point(one.event) == Breach {
			code = CodeValue
		}
		return &Problem{code, Bad, fmt.Sprintf("one event makes %s %s, the alarm needs %s", what, sh.event, s.condition())}
	}
	for _, d := range sh.mixed {
		if s.point(d) != Breach {
			return &Problem{CodeDiluted, Bad, fmt.Sprintf(
				"the default value dilutes %s: one event makes it %s, and %s among other records; the alarm needs %s",
				what, sh.event, d, s.condition())}
		}
	}
	return nil
}

// A round is what becomes of an alarm after one event.
type round struct {
	reached bool
	after   time.Duration // from the event to ALARM, in whole periods
	held    time.Duration // in ALARM; meaningless when forever
	forever bool
}

// play follows the alarm from OK, one period at a time, until the event has
// left the range. Windows slide by minutes, but with one event in the range all
// minutes of a period see the same points.
func play(s Settings, around Point) round {
	n, _ := s.window()
	points := make([]Point, Range(n))
	state, r := OK, round{}
	for age := 0; age <= len(points); age++ {
		for i := range points {
			points[i] = around
		}
		if age < len(points) {
			points[len(points)-1-age] = Breach
		}
		state = Evaluate(points, s, state)
		switch {
		case state != InAlarm && r.reached:
			return r
		case state != InAlarm:
			r.after += s.period()
		default:
			r.reached = true
			r.held += s.period()
		}
	}
	r.forever = r.reached
	return r
}

// timing judges when the alarm comes, and when it goes.
func timing(s Settings, r round) []Problem {
	n, m := s.window()
	if !r.reached {
		return []Problem{{CodeDatapoints, Bad, fmt.Sprintf("one event breaches one datapoint, the alarm needs %d of %d", m, n)}}
	}
	var problems []Problem
	if m > 1 {
		problems = append(problems, Problem{CodeAccident, Warn, fmt.Sprintf(
			"the alarm needs %d of %d datapoints; one event reaches ALARM only because the others are missing, after %s", m, n, span(r.after))})
	}
	if s.period() > late || r.after > late {
		problems = append(problems, Problem{CodeLate, Warn, fmt.Sprintf("the alarm may come %s after the event", span(max(s.period(), r.after)))})
	}
	switch {
	case r.forever:
		problems = append(problems, Problem{CodeStuck, Warn,
			"missing data is ignored and only events make datapoints: after the first event the alarm stays in ALARM"})
	case r.held > slow:
		problems = append(problems, Problem{CodeSlowReset, Warn, fmt.Sprintf("after one event the alarm stays in ALARM for %s: further events alert nobody", span(r.held))})
	}
	return problems
}

// span writes a duration of whole minutes as "1h30m", "45m" or "2h".
func span(d time.Duration) string {
	h, m := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case h == 0:
		return fmt.Sprintf("%dm", m)
	case m == 0:
		return fmt.Sprintf("%dh", h)
	default:
		return fmt.Sprintf("%dh%dm", h, m)
	}
}
