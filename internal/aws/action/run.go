package action

import (
	"context"
	"errors"

	"github.com/monitorctl/monitorctl/internal/change"
)

// A Run carries out the actions of one plan.
type Run struct {
	Calls   Calls
	Journal change.Journal[State] // nil: nothing is recorded
}

// An Outcome is what came of an action.
type Outcome struct {
	Action  Action
	Written bool   // false: it was there already, exactly as planned
	Pending bool   // of a Subscribe: the subscriber must confirm before anything is delivered
	Kept    string // why what should have been removed stays, though all is well; "" otherwise
	ARN     string // of the topic, subscription or alarm; "" for filters, which have none
}

// Do carries out one action. Reads end with ctx, writes do not: one that is
// broken off may or may not have happened.
func (r *Run) Do(ctx context.Context, a Action) (Outcome, error) {
	out, err := a.apply(ctx, r)
	out.Action = a
	return out, err
}

// write makes a write with its record in the journal; call returns the ARN of what it
// made, if that has one.
func (r *Run) write(e change.Record[State], call func() (arn string, err error)) error {
	return change.Write(r.Journal, e, call, func(err error) bool {
		var failed *WriteError
		return errors.As(err, &failed) && failed.Uncertain
	})
}

// salt is that of the journal's endpoint hashes, "" without a journal.
func (r *Run) salt() string {
	if r.Journal == nil {
		return ""
	}
	return r.Journal.Salt()
}

// remove carries a deletion out. look reports whether the object is still there,
// and fails when it is not what the plan saw. What is gone already, or goes in
// between, is as wanted.
func (r *Run) remove(ctx context.Context, look func(context.Context, Calls) (bool, error), e change.Record[State], call func(context.Context) error) (Outcome, error) {
	there, err := look(ctx, r.Calls)
	if err != nil || !there {
		return Outcome{}, err
	}
	ctx, cancel := change.Writing(ctx)
	defer cancel()
	err = r.write(e, func() (string, error) {
		err := call(ctx)
		if errors.Is(err, ErrNotThere) {
			err = nil
		}
		return "", err
	})
	return Outcome{Written: err == nil}, err
}
