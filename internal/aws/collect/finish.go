package collect

import (
	"context"
	"errors"
)

// finishing is the key of the context that Finishing was given.
type finishing struct{}

// Finishing returns a context that does not end with ctx: a request that is under
// way is finished. Once ctx has ended, no further request is sent with it, not
// even the next attempt of the same call.
func Finishing(ctx context.Context) context.Context {
	return context.WithValue(context.WithoutCancel(ctx), finishing{}, ctx)
}

// errNotSent is the error of a request that was not sent.
var errNotSent = errors.New("it was not sent: the run has ended")

// tooLate returns errNotSent when the run that a Finishing context belongs to has
// ended.
func tooLate(ctx context.Context) error {
	if run, ok := ctx.Value(finishing{}).(context.Context); ok && run.Err() != nil {
		return errNotSent
	}
	return nil
}
