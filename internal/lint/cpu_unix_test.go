//go:build unix

package lint

import (
	"syscall"
	"testing"
	"time"
)

// cpuTime is the processor time that this process has used: on a shared machine it
// says more than the clock.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
