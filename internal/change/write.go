package change

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Journal records each write before and after it is made.
type Journal[S State[S]] interface {
	// Begin records the intent of a write and returns its number. The write must
	// not be made when Begin fails.
	Begin(Record[S]) (int, error)
	// End records what came of write n. The text of an error may be empty.
	End(n int, r Result, arn, text string) error
	// Salt is that of the hashes of endpoints.
	Salt() string
}

// Write makes a write. Its intent is in the journal before the call is made, its
// result behind it; a nil journal records nothing. The call returns the ARN of what
// it made, if that has one. The function uncertain reports whether a failed write
// may have taken effect.
func Write[S State[S]](j Journal[S], r Record[S], call func() (arn string, err error), uncertain func(error) bool) error {
	if j == nil {
		_, err := call()
		return err
	}
	n, err := j.Begin(r)
	if err != nil {
		return err
	}
	arn, err := call()
	switch {
	case err == nil:
		return conclude(j, n, Done, arn, nil)
	case uncertain(err):
		return conclude(j, n, Uncertain, "", err)
	}
	return conclude(j, n, Failed, "", err)
}

// conclude records the result of one write; a journal that cannot be written ends
// the run, because what follows could not be undone.
func conclude[S State[S]](j Journal[S], n int, result Result, arn string, failed error) error {
	text := ""
	if failed != nil {
		text = failed.Error()
	}
	err := j.End(n, result, arn, text)
	switch {
	case err == nil:
		return failed
	case failed == nil:
		return fmt.Errorf("it was written, but %w", err)
	}
	return errors.Join(failed, err)
}

// writeGrace is how long a write under way may go on after the run was told to
// stop. Whoever stopped it is waiting.
const writeGrace = 2 * time.Second

// Writing returns a context for the writes of one action: an action that is under
// way outlives ctx by two seconds, so that none is left half done for want of a
// moment.
func Writing(ctx context.Context) (context.Context, context.CancelFunc) {
	w, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(writeGrace, cancel) })
	return w, func() { stop(); cancel() }
}

// A StoppedError says how far a run came.
type StoppedError struct {
	Done   []Action
	Left   []Action // what was not done, Action first
	Action Action   // the one that failed; nil when none was begun
	Err    error
}

func (e *StoppedError) Error() string {
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
func (e *StoppedError) Unwrap() error { return e.Err }
