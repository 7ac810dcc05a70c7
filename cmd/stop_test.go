package cmd

import (
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"

	"github.com/monitorctl/monitorctl/internal/exit"
)

// closedPipe is an output that nobody reads any more.
type closedPipe struct{ err error }

func (c closedPipe) Write([]byte) (int, error) { return 0, c.err }

func TestOutputThatCannotBeWritten(t *testing.T) {
	for _, tt := range []struct {
		err  error
		code int
		text string
	}{
		{syscall.ENOSPC, exit.Failed, "no space left on device"},
		{syscall.EBADF, exit.Failed, "bad file descriptor"},
		{syscall.EPIPE, exit.Interrupted, ""},
	} {
		for _, args := range [][]string{{"version"}, {"controls", "list"}, {"pattern", "explain", "{ $.a = 1 }"}, {"--help"}} {
			var stderr strings.Builder
			code := Main(args, strings.NewReader(""), closedPipe{tt.err}, &stderr, nil)
			if code != tt.code || (tt.text == "") != (stderr.String() == "") || !strings.Contains(stderr.String(), tt.text) {
				t.Errorf("%v with %v: exit %d, %q; want %d, %q", args, tt.err, code, stderr.String(), tt.code, tt.text)
			}
		}
	}
}

func TestClosedPipeEndsTheRun(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	s := &stream{w: closedPipe{syscall.EPIPE}, cancel: cancel}
	if _, err := io.WriteString(s, "x"); !errors.Is(err, syscall.EPIPE) || !errors.Is(context.Cause(ctx), context.Canceled) || s.failed() == nil {
		t.Errorf("error %v, cause %v", err, context.Cause(ctx))
	}
	ctx, cancel = context.WithCancelCause(t.Context())
	defer cancel(nil)
	s = &stream{w: closedPipe{syscall.ENOSPC}, cancel: cancel}
	if _, err := io.WriteString(s, "x"); err == nil || ctx.Err() != nil {
		t.Errorf("a full disk: error %v, run ended: %v", err, ctx.Err())
	}
}
