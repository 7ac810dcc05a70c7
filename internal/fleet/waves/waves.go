// Package waves carries something out in many accounts, a few at first. It knows no cloud.
//
// Sizes say how many accounts a wave has. A wave begins when the one before it is over, and
// only while no more accounts have failed than are allowed.
package waves

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Default are the sizes of waves that nobody has asked for otherwise.
const Default = "1,5,25%,100%"

// Parallel is how many accounts of a wave are under way at once.
const Parallel = 16

// A Size is how many accounts a wave has: a number, or a share of all.
type Size struct {
	Count   int
	Percent int // of all accounts, rounded up; 0: Count says
}

// Parse reads "1,5,25%,100%".
func Parse(text string) ([]Size, error) {
	var list []Size
	for _, part := range strings.Split(text, ",") {
		part = strings.TrimSpace(part)
		number, share := strings.CutSuffix(part, "%")
		n, err := strconv.Atoi(number)
		const whole = 100
		if err != nil || n < 1 || share && n > whole {
			return nil, fmt.Errorf("wave %q: expected a number of accounts or a share such as 25%%", part)
		}
		s := Size{Count: n}
		if share {
			s = Size{Percent: n}
		}
		list = append(list, s)
	}
	return list, nil
}

// Split returns the waves of a list, each with at least one account. The error says that
// the waves leave accounts out.
func Split(ids []string, sizes []Size) ([][]string, error) {
	var out [][]string
	rest := ids
	for _, s := range sizes {
		n := s.Count
		if s.Percent > 0 {
			const whole = 100
			n = (len(ids)*s.Percent + whole - 1) / whole
		}
		if n = min(n, len(rest)); n > 0 {
			out, rest = append(out, rest[:n]), rest[n:]
		}
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("the waves hold %d of %d accounts: end them with 100%%", len(ids)-len(rest), len(ids))
	}
	return out, nil
}

// Reversed returns the waves from the last to the first, each from its last account.
func Reversed(list [][]string) [][]string {
	var out [][]string
	for _, w := range slices.Backward(list) {
		w = slices.Clone(w)
		slices.Reverse(w)
		out = append(out, w)
	}
	return out
}

// A Result is how far a run came.
type Result struct {
	Done   []string         // accounts, in no order
	Failed map[string]error // by account
	Left   []string         // accounts that were not begun, in order
}

// A Driver carries waves out.
type Driver struct {
	MaxFailures int // accounts that may fail without ending the run

	// Do carries out one account; up to Parallel at once.
	Do func(ctx context.Context, id string) error

	// OnWave is told of each wave before it begins, counted from 1. May be nil.
	OnWave func(number, count int, ids []string)
}

// Run carries waves out, one after the other. When ctx ends, or too many accounts have
// failed, those under way are finished and no other is begun.
func (d *Driver) Run(ctx context.Context, list [][]string) Result {
	r := &running{Driver: d, result: Result{Failed: map[string]error{}}}
	for i, ids := range list {
		if r.over(ctx) {
			r.result.Left = append(r.result.Left, ids...)
			continue
		}
		if d.OnWave != nil {
			d.OnWave(i+1, len(list), ids)
		}
		r.wave(ctx, ids)
	}
	slices.Sort(r.result.Done)
	return r.result
}

// A running is a run under way.
type running struct {
	*Driver
	mu     sync.Mutex
	result Result
}

// over reports whether no further account may be begun.
func (r *running) over(ctx context.Context) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return ctx.Err() != nil || len(r.result.Failed) > r.MaxFailures
}

func (r *running) wave(ctx context.Context, ids []string) {
	queue := make(chan string)
	var workers sync.WaitGroup
	for range min(Parallel, len(ids)) {
		workers.Go(func() {
			for id := range queue {
				r.one(ctx, id)
			}
		})
	}
	for _, id := range ids {
		queue <- id
	}
	close(queue)
	workers.Wait()
	slices.Sort(r.result.Left)
}

func (r *running) one(ctx context.Context, id string) {
	if r.over(ctx) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.result.Left = append(r.result.Left, id)
		return
	}
	err := r.Do(ctx, id)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.result.Failed[id] = err
		return
	}
	r.result.Done = append(r.result.Done, id)
}
