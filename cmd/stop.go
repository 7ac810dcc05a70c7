package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// A stopError is why a run was told to end: a signal, or an output that nobody
// reads any more. It counts as context.Canceled.
type stopError struct{ why string }

func (e *stopError) Error() string { return e.why }

// Is reports whether target is context.Canceled.
func (e *stopError) Is(target error) bool { return target == context.Canceled }

// signals are those that end a run in good order.
func signals() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} }

// listen has the first signal cancel the run; the second one then kills the
// process as if nobody had listened. A signal that the process was started to
// ignore, as by nohup, stays ignored.
func listen(cancel context.CancelCauseFunc) (stop func()) {
	heard := make(chan os.Signal, 1)
	for _, s := range signals() {
		if !signal.Ignored(s) {
			signal.Notify(heard, s)
		}
	}
	// Whoever writes into a closed pipe is told so by the error of the write,
	// instead of being killed by this signal.
	pipes := make(chan os.Signal, 1)
	signal.Notify(pipes, syscall.SIGPIPE)
	over := make(chan struct{})
	go func() {
		select {
		case s := <-heard:
			signal.Stop(heard)
			cancel(&stopError{"interrupted (" + s.String() + ")"})
		case <-over:
		}
	}()
	return func() {
		close(over)
		signal.Stop(heard)
		signal.Stop(pipes)
	}
}

// A stream is standard output or standard error. It remembers the first error,
// and ends the run when nobody reads any more.
type stream struct {
	w      io.Writer
	cancel context.CancelCauseFunc

	mu  sync.Mutex
	err error // the first one
}

// Write passes p on.
func (s *stream) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err == nil {
		return n, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
	if errors.Is(err, syscall.EPIPE) {
		s.cancel(&stopError{"its output was closed"})
	}
	return n, err
}

// Unwrap returns the stream behind this one.
func (s *stream) Unwrap() any { return s.w }

// failed returns the first error.
func (s *stream) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
