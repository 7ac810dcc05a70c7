//go:build unix

package journal

import (
	"errors"
	"os"
	"syscall"
)

// lock keeps other runs out of the file while this one writes it. The kernel
// lets go of it when the process ends, however it ends.
func lock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errors.New("another run is writing it")
	}
	return err
}
