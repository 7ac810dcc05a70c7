package run

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"
)

func TestAwait(t *testing.T) {
	if v, err := Await(t.Context(), func() (int, error) { return 7, io.EOF }); v != 7 || !errors.Is(err, io.EOF) {
		t.Errorf("got %d, %v", v, err)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Millisecond, &LateError{time.Second})
	defer cancel()
	forever := make(chan struct{})
	defer close(forever)
	_, err := Await(ctx, func() (int, error) { <-forever; return 1, nil })
	if err == nil || err.Error() != "not done within 1s" || !errors.Is(err, context.DeadlineExceeded) || (&LateError{}).Hint() == "" {
		t.Errorf("got %v", err)
	}
}
