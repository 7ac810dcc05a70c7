package collect

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// Save writes a snapshot to a file that only its owner can read. The file
// appears whole or not at all.
func Save(path string, s account.Snapshot) error {
	if err := writeFile(path, func(w io.Writer) error { return account.Encode(w, s) }); err != nil {
		return fmt.Errorf("saving snapshot: %w", err)
	}
	return nil
}

// writeFile writes to a temporary file beside path, with mode 0600, and renames
// it when it is complete.
func writeFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()           //nolint:errcheck // already failing
			os.Remove(f.Name()) //nolint:errcheck // already failing
		}
	}()
	if err := write(f); err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Load reads a snapshot from a file, or from stdin when path is "-". What is
// wrong with the contents is an *account.FormatError.
func Load(path string, stdin io.Reader) (account.Snapshot, error) {
	if path == "-" {
		s, err := account.Decode(stdin)
		if err != nil {
			return account.Snapshot{}, fmt.Errorf("reading snapshot from stdin: %w", err)
		}
		return s, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return account.Snapshot{}, fmt.Errorf("reading snapshot: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read from
	s, err := account.Decode(f)
	if err != nil {
		return account.Snapshot{}, fmt.Errorf("reading snapshot %s: %w", path, err)
	}
	return s, nil
}
