package fleet

import (
	"runtime"
	"sync/atomic"
	"time"
)

// watchHeap notes how far the heap grows above what it is now, until stop is called.
func watchHeap() (*atomic.Int64, func()) {
	peak := &atomic.Int64{}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	base, over, done := m.HeapInuse, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-over:
				return
			case <-time.After(50 * time.Millisecond):
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if grown := int64(m.HeapInuse) - int64(base); grown > peak.Load() {
				peak.Store(grown)
			}
		}
	}()
	return peak, func() { close(over); <-done }
}
