package audit

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Processors is how many goroutines judge: Workers, or one for each processor.
func (o Options) Processors() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// split shares the workers out: over accounts where those keep all of them busy, else
// over the controls of one account after the other.
func (o Options) split(accounts int) (outer, inner int) {
	if n := o.Processors(); accounts >= n {
		return n, 1
	}
	return 1, o.Processors()
}

// InParallel calls do for the numbers below n on so many goroutines, each number once
// and in rising order of their beginnings. What do is given says which of the
// goroutines runs it, below workers: what belongs to one needs no lock. After an error
// nothing new begins; it returns the one of the lowest number, which does not depend
// on the number of goroutines.
func InParallel(workers, n int, do func(worker, i int) error) error {
	workers = max(1, min(workers, n))
	errs := make([]error, n)
	var next atomic.Int64
	var failed atomic.Bool
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			for !failed.Load() {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if errs[i] = do(worker, i); errs[i] != nil {
					failed.Store(true)
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
