// Package apply carries a plan out. It decides nothing: it checks that the
// account still is what the plan was made for, writes the plan's actions in
// their order, and says truthfully how far it came.
//
// PutMetricFilter and PutMetricAlarm replace whole objects by name, so each
// write is preceded by a fresh read, and whatever turned up under a name since
// the plan stops the run.
package apply

import (
	"context"
	"errors"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/journal"
)

// Options say whom to tell.
type Options struct {
	// OnStart is told of each action before it is carried out: its place,
	// 1-based, and how many there are. May be nil.
	OnStart func(place, total int, a plan.Action)

	// OnDone is told what came of each action that was carried out. May be nil.
	OnDone func(Outcome)

	// Journal records each write before and after it is made. May be nil.
	Journal *journal.Writer
}

// An Outcome is what came of an action.
type Outcome struct {
	Action  plan.Action
	Written bool   // false: it was there already, exactly as planned
	Pending bool   // of a Subscribe: the subscriber must confirm before anything is delivered
	ARN     string // of the topic, subscription or alarm; "" for filters, which have none
}

// A Result is what a run did.
type Result struct {
	Done []Outcome // in the order of the plan

	// Skipped are checks that were left out because the caller may not make
	// them or the endpoint lacks them; the writes did not depend on them.
	Skipped []collect.CallError
}

// An Error says how far a run came.
type Error struct {
	Done   []plan.Action
	Left   []plan.Action // what was not done, Action first
	Action plan.Action   // the one that failed; nil when none was begun
	Err    error
}

func (e *Error) Error() string {
	total := len(e.Done) + len(e.Left)
	switch {
	case e.Action != nil:
		return fmt.Sprintf("%s: %v (%d of %d actions done)", e.Action, e.Err, len(e.Done), total)
	case len(e.Done) == 0:
		return fmt.Sprintf("checking the plan: %v (nothing was written)", e.Err)
	}
	return fmt.Sprintf("stopped: %v (%d of %d actions done)", e.Err, len(e.Done), total)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// A ChangedError says that something is not as it was when the plan was made.
type ChangedError struct {
	Resource string // in words: `alarm "X"`
	Change   string // what is different, in words
}

func (e *ChangedError) Error() string {
	return e.Resource + " " + e.Change + " since the plan was made"
}

// Run carries out the actions of p in their order, in the account of s.
//
// Everything that can be checked is checked before the first write; a failed
// check writes nothing. When ctx ends, the write under way is finished and the
// next is not begun. The error is an *Error; the result holds what was done in
// either case. Running the rest of a plan again is safe: what is there already
// is left as it is.
func Run(ctx context.Context, s *collect.Session, p plan.Plan, o Options) (Result, error) {
	caller, err := s.Caller(ctx)
	if err != nil {
		return Result{}, &Error{Left: p.Actions, Err: stopped(ctx, err)}
	}
	return run(ctx, fromSession(s), caller.Account, p, o)
}

func run(ctx context.Context, c clients, account string, p plan.Plan, o Options) (Result, error) {
	r := &runner{clients: c, journal: o.Journal}
	if err := r.check(ctx, account, p); err != nil {
		return r.result, &Error{Left: p.Actions, Err: stopped(ctx, err)}
	}
	for i, a := range p.Actions {
		if ctx.Err() != nil {
			return r.result, &Error{Done: p.Actions[:i], Left: p.Actions[i:], Err: context.Cause(ctx)}
		}
		if o.OnStart != nil {
			o.OnStart(i+1, len(p.Actions), a)
		}
		out, err := r.do(ctx, a)
		if err != nil {
			return r.result, failed(ctx, p.Actions, i, err)
		}
		out.Action = a
		r.result.Done = append(r.result.Done, out)
		if o.OnDone != nil {
			o.OnDone(out)
		}
	}
	return r.result, nil
}

// failed says how far the run came when the i-th action failed. An action that
// was cut off before its write was not begun.
func failed(ctx context.Context, actions []plan.Action, i int, err error) error {
	e := &Error{Done: actions[:i], Left: actions[i:], Action: actions[i], Err: err}
	var write *WriteError
	if ctx.Err() != nil && !errors.As(err, &write) {
		e.Action, e.Err = nil, context.Cause(ctx)
	}
	return e
}

// stopped returns why ctx ended instead of the failure that its end caused.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// A runner carries out the actions of one plan.
type runner struct {
	clients clients
	journal *journal.Writer // may be nil
	result  Result
}

// do carries out one action. Reads end with ctx, writes do not: one that is
// broken off may or may not have happened.
func (r *runner) do(ctx context.Context, a plan.Action) (Outcome, error) {
	switch a := a.(type) {
	case plan.CreateTopic:
		return r.createTopic(ctx, a)
	case plan.Subscribe:
		return r.subscribe(ctx, a)
	case plan.PutFilter:
		return r.putFilter(ctx, a)
	case plan.PutAlarm:
		return r.putAlarm(ctx, a)
	case plan.DeleteFilter:
		return r.deleteFilter(ctx, a)
	case plan.DeleteAlarm:
		return r.deleteAlarm(ctx, a)
	case plan.Unsubscribe:
		return r.unsubscribe(ctx, a)
	case plan.DeleteTopic:
		return r.deleteTopic(ctx, a)
	case plan.SetTopicPolicy:
		return r.setTopicPolicy(ctx, a)
	}
	return Outcome{}, fmt.Errorf("this build does not know the action %T", a)
}
