package action

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/monitorctl/monitorctl/internal/change"
)

// A Run carries out the actions of one plan.
type Run struct {
	Calls   Calls
	Journal Journal // nil: nothing is recorded
}

// A Journal records each write before and after it is made.
type Journal interface {
	// Begin records the intent of a write and returns its number. The write must
	// not be made when Begin fails.
	Begin(change.Record[State]) (int, error)
	// End records what came of write n. The text of an error may be empty.
	End(n int, r change.Result, arn, text string) error
	// Salt is that of the hashes of endpoints.
	Salt() string
}

// An Outcome is what came of an action.
type Outcome struct {
	Action  Action
	Written bool   // false: it was there already, exactly as planned
	Pending bool   // of a Subscribe: the subscriber must confirm before anything is delivered
	ARN     string // of the topic, subscription or alarm; "" for filters, which have none
}

// Do carries out one action. Reads end with ctx, writes do not: one that is
// broken off may or may not have happened.
func (r *Run) Do(ctx context.Context, a Action) (Outcome, error) {
	out, err := a.apply(ctx, r)
	out.Action = a
	return out, err
}

// writeGrace is how long a write under way may go on after the run was told to
// stop. Whoever stopped it is waiting.
const writeGrace = 2 * time.Second

// writing returns a context for the writes of one action: an action that is under
// way outlives ctx by writeGrace, so that none is left half done for want of a
// moment.
func writing(ctx context.Context) (context.Context, context.CancelFunc) {
	w, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(writeGrace, cancel) })
	return w, func() { stop(); cancel() }
}

// write makes a write. Its intent is in the journal before the call is made, its
// result behind it; call returns the ARN of what it made, if that has one.
func (r *Run) write(e change.Record[State], call func() (arn string, err error)) error {
	if r.Journal == nil {
		_, err := call()
		return err
	}
	n, err := r.Journal.Begin(e)
	if err != nil {
		return err
	}
	arn, err := call()
	if err == nil {
		return r.conclude(n, change.Done, arn, nil)
	}
	result := change.Failed
	var failed *WriteError
	if errors.As(err, &failed) && failed.Uncertain {
		result = change.Uncertain
	}
	return r.conclude(n, result, "", err)
}

// conclude records the result of one write; a journal that cannot be written ends
// the run, because what follows could not be undone.
func (r *Run) conclude(n int, result change.Result, arn string, failed error) error {
	text := ""
	if failed != nil {
		text = failed.Error()
	}
	err := r.Journal.End(n, result, arn, text)
	switch {
	case err == nil:
		return failed
	case failed == nil:
		return fmt.Errorf("it was written, but %w", err)
	}
	return errors.Join(failed, err)
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
	ctx, cancel := writing(ctx)
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
