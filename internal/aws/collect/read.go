package collect

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// parallel is the number of requests of a session under way at once. It bounds
// connections, not the rate; that is the pacer's.
const parallel = 32

// answer makes a Read of a call's result. A nil pointer that comes without an
// error is the answer "there is none".
func answer[T any](operation string, value T, err error) *account.Read[T] {
	if err != nil {
		return &account.Read[T]{Failure: failure(operation, err)}
	}
	return &account.Read[T]{Value: value}
}

// found is answer for things that may not exist.
func found[T any](operation string, value *T, err error) *account.Read[*T] {
	if NotFound(err) {
		return &account.Read[*T]{}
	}
	return answer(operation, value, err)
}

// each calls f for 0..n-1, several at once, and returns when all are done.
// Every call writes to a slot of its own. When ctx ends, no further f starts.
func each(ctx context.Context, n int, f func(i int)) {
	var g errgroup.Group
	g.SetLimit(parallel)
	for i := range n {
		g.Go(func() error {
			if ctx.Err() == nil {
				f(i)
			}
			return nil
		})
	}
	g.Wait() //nolint:errcheck // f returns no error; failures are recorded where they happen
}

// both runs two readers side by side.
func both(a, b func()) {
	var g errgroup.Group
	g.Go(func() error { a(); return nil })
	b()
	g.Wait() //nolint:errcheck // neither returns an error
}

// progress counts what is done.
type progress struct {
	mu   sync.Mutex
	done int
}

// step counts one more and tells report, which may be nil.
func (p *progress) step(report func(done, total int), total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if report != nil {
		report(p.done, total)
	}
}

// utc copies a time of AWS's in UTC, to the millisecond: some of CloudWatch's
// protocols carry more digits than others. nil stays nil.
func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC().Truncate(time.Millisecond)
	return &u
}

// some returns nil for an empty list. Protocols differ in how they say "none",
// and a saved snapshot does not tell the two apart.
func some[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// sorted returns a sorted copy, nil for an empty list.
func sorted(list []string) []string {
	list = slices.Clone(some(list))
	slices.Sort(list)
	return list
}
