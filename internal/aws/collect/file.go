package collect

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/strictjson"
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
		s, err := decode(ctx, stdin)
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
	s, err := decode(ctx, f)
	if err != nil {
		return account.Snapshot{}, fmt.Errorf("reading snapshot %s: %w", path, err)
	}
	return s, nil
}

// decode reads a snapshot in which no key stands twice or in other case.
func decode(ctx context.Context, r io.Reader) (account.Snapshot, error) {
	data, err := files.ReadAll(ctx, r, account.MaxFile)
	if err != nil {
		return account.Snapshot{}, err
	}
	return DecodeSnapshot(data)
}

// DecodeSnapshot is account.Decode for a file that a stranger may have made: a key
// that stands twice, or in other case, is an *account.FormatError, too.
func DecodeSnapshot(data []byte) (account.Snapshot, error) {
	var inexact *strictjson.Error
	if errors.As(strictjson.Exact(data, account.Snapshot{}), &inexact) {
		return account.Snapshot{}, &account.FormatError{Line: inexact.Line, Column: inexact.Column, Msg: inexact.Msg}
	}
	return account.Decode(bytes.NewReader(data))
}
