package journal

import (
	"errors"
	"fmt"
	"os"
)

// Lock keeps other runs out while this one writes what a file stands for. The file is made
// if it is not there, and stays. The lock ends with release or with the process, however
// that ends.
func Lock(path string) (release func() error, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking: %w", err)
	}
	if err := lock(f); err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", path, err), f.Close())
	}
	return f.Close, nil
}
