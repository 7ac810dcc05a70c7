package apply

import (
	"context"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/collect"
)

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

// A WriteError is a write that failed.
type WriteError struct {
	Err error // a *collect.CallError

	// Before names what the same action had written already; may be empty.
	Before string

	// Uncertain is true when an attempt got no answer, or the server's own
	// failure: the write may have taken effect. Running the plan again finds
	// out.
	Uncertain bool
}

func (e *WriteError) Error() string {
	text := e.Err.Error()
	if e.Uncertain {
		text += "; whether it took effect is not known"
	}
	if e.Before != "" {
		text = e.Before + ", but " + text
	}
	return text
}

// Unwrap returns the failed call.
func (e *WriteError) Unwrap() error { return e.Err }

// failedWrite makes a WriteError of the SDK's error.
func failedWrite(operation string, err error) *WriteError {
	return &WriteError{Err: collect.Explain(operation, err), Uncertain: collect.MayHaveHappened(err)}
}
