// Package apply carries a plan out. It decides nothing: it checks that the
// account still is what the plan was made for, writes the plan's actions in
// their order, and says truthfully how far it came. What an action checks and
// writes is in internal/aws/action; the calls that it makes are here.
//
// PutMetricFilter and PutMetricAlarm replace whole objects by name, so each
// write is preceded by a fresh read, and whatever turned up under a name since
// the plan stops the run.
package apply

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/change"
)

// Options say whom to tell.
type Options struct {
	// OnStart is told of each action before it is carried out: its place,
	// 1-based, and how many there are. May be nil.
	OnStart func(place, total int, a action.Action)

	// OnDone is told what came of each action that was carried out. May be nil.
	OnDone func(action.Outcome)

	// Journal records each write before and after it is made. May be nil.
	Journal change.Journal[action.State]

	// Pause waits while AWS is not ready for a call; nil waits by the clock.
	Pause func(context.Context, time.Duration) error
}

// A Result is what a run did.
type Result struct {
	Done []action.Outcome // in the order of the plan

	// Skipped are checks that were left out because the caller may not make
	// them or the endpoint lacks them; the writes did not depend on them.
	Skipped []collect.CallError
}

// Run carries out the actions of p in their order, in the account of s.
//
// Everything that can be checked is checked before the first write; a failed
// check writes nothing. When ctx ends, the write under way is finished and the
// next is not begun. The error is a *change.StoppedError; the result holds what was done in
// either case. Running the rest of a plan again is safe: what is there already
// is left as it is.
func Run(ctx context.Context, s *collect.Session, p change.Plan, o Options) (Result, error) {
	ctx = s.Bind(ctx)
	caller, err := s.Caller(ctx)
	if err != nil {
		return Result{}, &change.StoppedError{Left: p.Actions, Err: stopped(ctx, err)}
	}
	return run(ctx, fromSession(s), caller.Account, p, o)
}

func run(ctx context.Context, c clients, account string, p change.Plan, o Options) (Result, error) {
	var result Result
	actions, err := ours(account, p)
	if err != nil {
		return result, &change.StoppedError{Left: p.Actions, Err: err}
	}
	c.pause = o.Pause
	skipped, err := action.Check(ctx, calls{c}, actions)
	if err != nil {
		return result, &change.StoppedError{Left: p.Actions, Err: stopped(ctx, err)}
	}
	if call := (*collect.CallError)(nil); errors.As(skipped, &call) {
		result.Skipped = append(result.Skipped, *call)
	}
	r := &action.Run{Calls: calls{c}, Journal: o.Journal}
	for i, a := range actions {
		if ctx.Err() != nil {
			return result, &change.StoppedError{Done: p.Actions[:i], Left: p.Actions[i:], Err: context.Cause(ctx)}
		}
		if o.OnStart != nil {
			o.OnStart(i+1, len(actions), a)
		}
		out, err := r.Do(ctx, a)
		if err != nil {
			return result, failed(ctx, p.Actions, i, err)
		}
		result.Done = append(result.Done, out)
		if o.OnDone != nil {
			o.OnDone(out)
		}
	}
	return result, nil
}

// ours returns the actions of a plan that is for an account of AWS, has no
// conflict and is for this account.
func ours(account string, p change.Plan) ([]action.Action, error) {
	if len(p.Conflicts) > 0 {
		return nil, fmt.Errorf("it has %d unresolved conflicts, the first about %s", len(p.Conflicts), p.Conflicts[0].Resource)
	}
	actions, err := action.Of(p.Actions)
	if err != nil {
		return nil, err
	}
	for _, a := range actions {
		if own := a.Common().Account; own != account {
			return nil, fmt.Errorf("it is for account %s, but the credentials are for %s", own, account)
		}
	}
	return actions, nil
}

// failed says how far the run came when the i-th action failed. An action that
// was cut off before its write was not begun.
func failed(ctx context.Context, actions []change.Action, i int, err error) error {
	e := &change.StoppedError{Done: actions[:i], Left: actions[i:], Action: actions[i], Err: err}
	var write *action.WriteError
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
