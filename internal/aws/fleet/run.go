package fleet

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/monitorctl/monitorctl/internal/fleet/targets"
)

// grace is how long accounts under way may take once the run is told to end.
const grace = 10 * time.Second

// Run judges every target of a stream and hands the outcomes to sink. ReadWorld comes
// first.
//
// The error says why not all were judged: the stream's, *RefusedError, that the run's own
// credentials ended, sink's, or the cause of ctx. When ctx ends no further account is begun,
// and those under way have ten seconds. What was judged is in the sink in any case.
func (f *Fleet) Run(ctx context.Context, stream targets.Stream, sink Sink) error {
	hard, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	defer context.AfterFunc(ctx, func() {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-timer.C:
			stop(context.Cause(ctx))
		case <-hard.Done():
		}
	})()
	p := &pool{fleet: f, sink: sink, hard: hard, stop: stop}
	queue := make(chan targets.Target)
	var workers sync.WaitGroup
	for range max(f.o.Parallel, 1) {
		workers.Go(func() {
			for t := range queue {
				p.take(ctx, t)
			}
		})
	}
	err := p.feed(ctx, stream, queue)
	close(queue)
	workers.Wait()
	return errors.Join(p.failed(), err)
}

// A pool is the workers of a run.
type pool struct {
	fleet *Fleet
	sink  Sink
	hard  context.Context //nolint:containedctx // ends the accounts under way
	stop  context.CancelCauseFunc

	mu  sync.Mutex
	err error
}

func (p *pool) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// fail ends the run; the first reason counts.
func (p *pool) fail(err error) {
	p.mu.Lock()
	if p.err == nil {
		p.err = err
	}
	p.mu.Unlock()
}

// feed passes targets on while the run goes on.
func (p *pool) feed(ctx context.Context, stream targets.Stream, queue chan<- targets.Target) error {
	for t, err := range stream {
		if err != nil {
			return err
		}
		if p.failed() != nil || p.fleet.breaker.stopped() != nil {
			return p.fleet.breaker.stopped()
		}
		select {
		case queue <- t:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return p.fleet.breaker.stopped()
}

// take judges one target.
func (p *pool) take(ctx context.Context, t targets.Target) {
	if ctx.Err() != nil || p.failed() != nil || p.fleet.breaker.stopped() != nil {
		return
	}
	out, err := p.fleet.member(p.hard, t)
	if err != nil {
		if p.hard.Err() == nil && !errors.Is(err, errOver) { // else the run was told to end, and Run says so
			p.fail(err)
			p.stop(err)
		}
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return
	}
	if p.err = p.sink.Put(out); p.err == nil {
		p.fleet.count(out)
	}
}

func (f *Fleet) count(out Outcome) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case out.Skipped != "":
		f.progress.Skipped++
	case out.Failure != nil:
		f.progress.Unreadable++
		f.progress.Judged++
	default:
		f.progress.Judged++
	}
}
