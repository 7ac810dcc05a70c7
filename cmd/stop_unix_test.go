//go:build unix

package cmd

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"
)

func TestSignalsEndTheRun(t *testing.T) {
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if signal.Ignored(s) {
			t.Logf("%v is ignored in this process, as under nohup: it stays ignored", s)
			continue
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		stop := listen(cancel)
		if err := syscall.Kill(os.Getpid(), s); err != nil {
			t.Fatal(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Second):
			t.Fatalf("%v did not end the run", s)
		}
		if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) || cause.Error() != "interrupted ("+s.String()+")" {
			t.Errorf("%v: cause %v", s, cause)
		}
		stop()
		cancel(nil)
	}
}

// What nohup makes a process ignore stays ignored.
func TestIgnoredSignalsStayIgnored(t *testing.T) {
	signal.Ignore(syscall.SIGHUP)
	defer signal.Reset(syscall.SIGHUP)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	stop := listen(cancel)
	defer stop()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil { // which comes behind it
		t.Fatal(err)
	}
	<-ctx.Done()
	if cause := context.Cause(ctx); cause.Error() != "interrupted (terminated)" {
		t.Errorf("cause %v", cause)
	}
}
