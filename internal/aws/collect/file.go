package collect

import (
	"context"
	"fmt"
	"io"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/files"
)

// Save writes a snapshot to a file; a new one can be read by its owner only. The
// file appears whole or not at all.
func Save(ctx context.Context, path string, s account.Snapshot) error {
	err := files.Write(ctx, path, files.Private, func(w io.Writer) error { return account.Encode(w, s) })
	if err != nil {
		return fmt.Errorf("saving snapshot: %w", err)
	}
	return nil
}

// Load reads a snapshot from a file, or from stdin when path is "-". What is
// wrong with the contents is an *account.FormatError, and a *files.LimitError
// that there is too much of it.
func Load(ctx context.Context, path string, stdin io.Reader) (account.Snapshot, error) {
	if path == "-" {
		s, err := account.Decode(files.NewReader(ctx, stdin))
		if err != nil {
			return account.Snapshot{}, fmt.Errorf("reading snapshot from stdin: %w", err)
		}
		return s, nil
	}
	f, err := files.OpenWithin(ctx, path, account.MaxFile)
	if err != nil {
		return account.Snapshot{}, fmt.Errorf("reading snapshot: %w", files.Named(path, err))
	}
	defer f.Close() //nolint:errcheck // only read from
	s, err := account.Decode(f)
	if err != nil {
		return account.Snapshot{}, fmt.Errorf("reading snapshot %s: %w", path, err)
	}
	return s, nil
}
