package run

import (
	"context"
	"time"
)

// A LateError says that the time of --timeout is over. It counts as
// context.DeadlineExceeded.
type LateError struct{ After time.Duration }

func (e *LateError) Error() string { return "not done within " + e.After.String() }

// Is reports whether target is context.DeadlineExceeded.
func (e *LateError) Is(target error) bool { return target == context.DeadlineExceeded }

// Hint says what to do about it.
func (e *LateError) Hint() string { return "allow more time with --timeout" }

// A Limit is until when a run may take.
type Limit struct {
	timeout time.Duration // 0: for ever
	until   time.Time
}

// NewLimit returns the limit of a run that begins now; 0 is none.
func NewLimit(timeout time.Duration) Limit { return Limit{timeout, time.Now().Add(timeout)} }

// Anew returns the limit of a part that begins now: whoever was asked something took
// their time.
func (l Limit) Anew() Limit { return NewLimit(l.timeout) }

// Context returns a context that ends with the limit.
func (l Limit) Context(ctx context.Context) (context.Context, context.CancelFunc) {
	if l.timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithDeadlineCause(ctx, l.until, &LateError{l.timeout})
}

// Await runs a computation that looks at its context only now and then. When ctx ends
// first, the computation goes on until the process ends, and what it finds is dropped:
// it must write nothing. The error then is the cause of ctx.
func Await[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}
