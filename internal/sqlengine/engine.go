// Package sqlengine is what a SQL engine is to those who ask one: a statement goes
// in, rows of texts come out. Packages trino and athena are the engines.
package sqlengine

import (
	"context"
	"fmt"
)

// An Engine runs statements, one at a time.
type Engine interface {
	// Name returns "trino" or "athena".
	Name() string

	// Query runs a statement and calls row with each row of its result; NULL is "".
	// A row is valid until the next one. When ctx ends, or row fails, the statement
	// is stopped where it runs. The stats are of what ran, with an error, too. The
	// error is a FileError, a LimitError, or says what failed.
	Query(ctx context.Context, statement string, row func([]string) error) (Stats, error)
}

// Stats are what a statement took.
type Stats struct {
	ID      string // of the statement, as the engine names it
	Scanned int64  // bytes read from storage, as stored
}

// A FileError is the error of a statement that ended at one file that the engine
// cannot read.
type FileError struct {
	Path string // as in "$path"
	Text string // the engine's words
}

func (e *FileError) Error() string { return fmt.Sprintf("reading %s: %s", e.Path, e.Text) }

// A LimitError is the error of a statement that was stopped because it would have
// read more bytes than allowed.
type LimitError struct{ Text string }

func (e *LimitError) Error() string { return e.Text }

// A MissingError is the error of a statement about a catalog, schema, database or table
// that is not there.
type MissingError struct{ Text string }

func (e *MissingError) Error() string { return e.Text }
