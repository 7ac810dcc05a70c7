package drill

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// Pace and patience of a drill.
const (
	pace         = time.Second     // between alarms: SetAlarmState takes 3 a second, and SNS sets e-mail subscribers above 10 messages a second back to pending
	historyPause = 5 * time.Second // between looks at the history
	historyTries = 25              // two minutes
	metricsPause = 30 * time.Second
	metricsAfter = 5 * time.Minute // metrics of SNS come so much later, at most
)

// maxReason is the length of a reason in characters (SetAlarmState).
const maxReason = 1023

// Options say who drills, and how to wait.
type Options struct {
	ID     string // of the drill
	Caller string // ARN

	Now   func() time.Time
	Pause func(context.Context, time.Duration) error // waits; the error is why it ended before

	// OnRing is told before an alarm is rung: its place, from 1, and how many there are.
	// OnWait is told of each look at what came of it. Both may be nil.
	OnRing func(place, total int, alarm string)
	OnWait func(alarms int)
}

// A Rung is what came of one alarm.
type Rung struct {
	Alarm      string      `json:"alarm"` // ARN
	Region     string      `json:"region"`
	Controls   []string    `json:"controls"`
	Before     string      `json:"before"`   // state
	At         *time.Time  `json:"at"`       // when it was set, as its history says; null when it was not, or the history does not say
	Rung       bool        `json:"rung"`     // the call was made and taken
	CodeHash   string      `json:"codeHash"` // SHA-256 of the drill's id, a NUL and the code without hyphen; "" when it was not rung
	Topics     []Sent      `json:"topics"`
	Recipients []Recipient `json:"recipients"`
	History    []Entry     `json:"history"`
	Outcome    Code        `json:"outcome"`
	Detail     string      `json:"detail,omitempty"`
	Ack        *Ack        `json:"acknowledged"` // null when nobody did
}

// A Sent is what became of the message to one topic.
type Sent struct {
	Topic string `json:"topic"`       // ARN
	State string `json:"actionState"` // Succeeded, Failed; "" when the history does not say
	Error string `json:"error,omitempty"`
}

// An Entry is an entry of the history of an alarm.
type Entry struct {
	At          time.Time `json:"timestamp"`
	Alarm       string    `json:"alarm"` // name
	Summary     string    `json:"summary"`
	ActionState string    `json:"actionState,omitempty"` // Succeeded, Failed; "" for a change of state
}

// Words of actionState.
const (
	succeeded = "Succeeded"
	failed    = "Failed"
)

// An Ack is who typed the code of a message.
type Ack struct {
	At  time.Time `json:"at"`
	By  string    `json:"by"` // ARN; "" for someone without credentials
	How string    `json:"how"`
}

// A ringer rings the targets of one drill.
type ringer struct {
	Options
	calls   Calls
	targets []Target
	rung    []Rung
	codes   []string // in the order of the targets; "" for those that were not rung
}

// Ring rings the targets one after the other and waits up to two minutes for what their
// histories say. The results are in the order of the targets, with an error too: that of
// an ended ctx, or of the call that ended the run.
func Ring(ctx context.Context, calls Calls, targets []Target, o Options) ([]Rung, error) {
	r := &ringer{Options: o, calls: calls, targets: targets, codes: make([]string, len(targets))}
	for i := range targets {
		t := &targets[i]
		one := Rung{Alarm: t.Alarm.ARN, Region: t.Region, Controls: t.Controls, Before: t.Alarm.State, Recipients: append([]Recipient{}, t.Recipients...),
			Topics: []Sent{}, History: []Entry{}, Outcome: NotRung, Detail: "the drill ended before"}
		for _, arn := range t.Topics {
			one.Topics = append(one.Topics, Sent{Topic: arn})
		}
		r.rung = append(r.rung, one)
	}
	err := r.ring(ctx)
	if err == nil {
		err = r.wait(ctx)
	}
	return r.rung, err
}

// ring sets the alarms.
func (r *ringer) ring(ctx context.Context) error {
	for i := range r.targets {
		if i > 0 {
			if err := r.Pause(ctx, pace); err != nil {
				return err
			}
		}
		if r.OnRing != nil {
			r.OnRing(i+1, len(r.targets), r.targets[i].Alarm.Name)
		}
		if err := r.one(ctx, i); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("ringing alarm %s: %w", r.targets[i].Alarm.Name, err)
		}
	}
	return nil
}

// one sets the i-th alarm, if it is still as it was checked. A call that is under way
// when ctx ends is finished, so that it is known whether the alarm rang.
func (r *ringer) one(ctx context.Context, i int) error {
	t, out := &r.targets[i], &r.rung[i]
	fresh, err := r.calls.Alarms(ctx, t.Region, t.watched.names()...)
	if err != nil {
		return err
	}
	if why := t.changed(fresh); why != "" {
		out.Outcome, out.Detail = Changed, why
		return nil
	}
	code := newCode()
	data, err := json.Marshal(map[string]any{"monitorctl": map[string]string{"drill": r.ID}})
	if err != nil {
		return err
	}
	if err := r.calls.SetAlarm(context.WithoutCancel(ctx), t.Region, t.Alarm.Name, t.reason(r.Caller, code), string(data)); err != nil {
		out.Detail = err.Error()
		return err
	}
	r.codes[i] = code
	out.Rung, out.CodeHash = true, hashCode(r.ID, code)
	out.Outcome, out.Detail = NoHistory, "the history of the alarm does not say what became of its actions"
	return nil
}

// reason is what the message says.
func (t *Target) reason(caller, code string) string {
	text := fmt.Sprintf("DRILL by monitorctl, requested by %s. No action is needed. Code %s. Control %s.", caller, code, strings.Join(t.Texts, ", "))
	if runes := []rune(text); len(runes) > maxReason {
		return string(runes[:maxReason-1]) + "…"
	}
	return text
}

// names are the alarms that a last look is taken at.
func (w *watched) names() []string {
	list := []string{w.alarm.Name}
	for _, c := range w.over {
		list = append(list, c.Name)
		if arn, ok := account.ParseARN(c.Suppressor); ok {
			list = append(list, strings.TrimPrefix(arn.Resource, "alarm:"))
		} else if c.Suppressor != "" {
			list = append(list, c.Suppressor)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// changed says why an alarm is not rung after all; "" when it is as it was checked.
func (t *Target) changed(fresh account.Alarms) string {
	i := slices.IndexFunc(fresh.Metric, func(a account.MetricAlarm) bool { return a.Name == t.Alarm.Name })
	if i < 0 {
		return "no longer exists"
	}
	w := look(fresh, fresh.Metric[i])
	if !slices.Equal(w.actions(), t.watched.actions()) {
		return "has other actions than when it was checked"
	}
	if refused := w.refuse(&account.Region{}, t.Heard); refused != nil {
		return refused.Text
	}
	return ""
}

// wait looks at the histories until they say what became of every action.
func (r *ringer) wait(ctx context.Context) error {
	for try := range historyTries {
		open := 0
		for i := range r.rung {
			if r.rung[i].Outcome != NoHistory {
				continue
			}
			if err := r.settle(ctx, i); err != nil {
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
				return fmt.Errorf("reading what became of alarm %s: %w", r.targets[i].Alarm.Name, err)
			}
			if r.rung[i].Outcome == NoHistory {
				open++
			}
		}
		if open == 0 || try == historyTries-1 {
			break
		}
		if r.OnWait != nil {
			r.OnWait(open)
		}
		if err := r.Pause(ctx, historyPause); err != nil {
			return err
		}
	}
	return nil
}

// settle reads the histories of the i-th alarm and of the composite alarms over it.
func (r *ringer) settle(ctx context.Context, i int) error {
	t, out := &r.targets[i], &r.rung[i]
	items, err := r.calls.History(ctx, t.Region, t.Alarm.Name)
	if err != nil {
		return err
	}
	k := slices.IndexFunc(items, func(item Item) bool { return item.Action == nil && strings.Contains(item.Data, r.codes[i]) })
	if k < 0 {
		return nil
	}
	since := items[k].At
	out.At, out.History = &since, nil
	for _, name := range t.watched.names() {
		switch {
		case name == t.Alarm.Name:
			out.take(name, items, since)
		case slices.Contains(t.Heard, name):
			items, err := r.calls.History(ctx, t.Region, name)
			if err != nil {
				return err
			}
			rings := slices.IndexFunc(items, func(item Item) bool { return item.Action == nil && !item.At.Before(since) })
			if rings >= 0 {
				out.take(name, items, items[rings].At)
			}
		}
	}
	slices.SortStableFunc(out.History, func(a, b Entry) int { return a.At.Compare(b.At) })
	out.conclude()
	return nil
}

// take notes the change of state of an alarm at a time, what it ran, and how it went on.
func (out *Rung) take(name string, items []Item, since time.Time) {
	over := false // the alarm has changed its state again
	for _, item := range items {
		if item.At.Before(since) || over {
			continue
		}
		over = item.Action == nil && item.At.After(since)
		e := Entry{At: item.At, Alarm: name, Summary: item.Summary}
		if item.Action != nil {
			e.ActionState = succeeded
			if item.Action.Failed {
				e.ActionState = failed
			}
			for i := range out.Topics {
				if s := &out.Topics[i]; s.Topic == item.Action.Resource && s.State != failed {
					s.State, s.Error = e.ActionState, item.Action.Message
				}
			}
		}
		out.History = append(out.History, e)
	}
}

// conclude says what came of an alarm by what its topics took.
func (out *Rung) conclude() {
	for _, s := range out.Topics {
		switch s.State {
		case failed:
			out.Outcome, out.Detail = ActionFailed, "topic "+s.Topic+" did not take the message: "+s.Error
			return
		case "":
			return
		}
	}
	out.Outcome, out.Detail = Delivered, ""
}

// Deliveries asks until the time is over what SNS counted of the topics that took
// messages, by ARN; none where it does not say. It ends early when it says something of
// each. The error is that of ctx or of the call.
func Deliveries(ctx context.Context, calls Calls, rung []Rung, wait time.Duration, o Options) (map[string]Delivery, error) {
	out := map[string]Delivery{}
	type place struct{ region, name string }
	open := map[place]string{} // ARNs
	var from time.Time
	for _, r := range rung {
		for _, s := range r.Topics {
			arn, ok := account.ParseARN(s.Topic)
			if !ok || s.State != succeeded || r.At == nil {
				continue
			}
			open[place{arn.Region, arn.Resource}] = s.Topic
			if from.IsZero() || r.At.Before(from) {
				from = *r.At
			}
		}
	}
	for until := o.Now().Add(wait); len(open) > 0; {
		regions := map[string][]string{}
		for p := range open {
			regions[p.region] = append(regions[p.region], p.name)
		}
		for region, names := range regions {
			slices.Sort(names)
			sums, err := calls.Deliveries(ctx, region, names, from, from.Add(wait+metricsAfter))
			if err != nil {
				if ctx.Err() != nil {
					err = context.Cause(ctx)
				}
				return out, err
			}
			for name, sum := range sums {
				out[open[place{region, name}]] = sum
				delete(open, place{region, name})
			}
		}
		if len(open) == 0 || !o.Now().Before(until) {
			break
		}
		if err := o.Pause(ctx, metricsPause); err != nil {
			return out, err
		}
	}
	return out, nil
}
