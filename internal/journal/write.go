package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/monitorctl/monitorctl/internal/change"
)

// A Writer adds to a journal. It is for one goroutine.
type Writer[S change.State[S]] struct {
	file interface {
		io.WriteCloser
		Sync() error
	}
	now    func() time.Time
	n      int
	header Header
}

// ErrNotRegular is the error of a journal that could not be read again.
var ErrNotRegular = errors.New("it is not a regular file, and undo must be able to read it again")

// Open begins a run in the journal of that name, which only its owner can read;
// a journal that is there already is continued, if it is about the same account, or both
// are subscriptions of Azure.
// The run takes the salt of the first one.
func Open[S change.State[S]](path string, h Header, now func() time.Time) (*Writer[S], error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("opening the journal %s: %w", path, ErrNotRegular)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the journal: %w", err)
	}
	w := &Writer[S]{file: f, now: now}
	if err := w.begin(f, h); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the journal %s: %w", path, err), f.Close())
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the journal %s: %w", path, err), f.Close())
	}
	return w, nil
}

// begin writes the header behind what is whole of the file.
func (w *Writer[S]) begin(f *os.File, h Header) error {
	if err := lock(f); err != nil {
		return err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return err
	}
	keep := whole(data)
	if len(keep) > 0 {
		j, err := parse[S](data)
		if err != nil {
			return err
		}
		if j.Header.Account != h.Account && !j.Header.spans(h) {
			return fmt.Errorf("it is for account %s, not %s", j.Header.Account, h.Account)
		}
		h.Salt = j.Header.Salt
	} else if len(data) > 0 && data[0] != '{' {
		return errors.New("the file exists and is not a journal")
	}
	if err := f.Truncate(int64(len(keep))); err != nil {
		return err
	}
	if _, err := f.Seek(int64(len(keep)), io.SeekStart); err != nil {
		return err
	}
	w.header = h
	return w.run(h.Account)
}

// run writes the header of a run on an account.
func (w *Writer[S]) run(account string) error {
	w.n = 0
	w.header.Account, w.header.Schema, w.header.StartedAt = account, Schema, w.now().UTC().Truncate(time.Second)
	return w.write(w.header)
}

// On begins a run on another subscription of Azure, if the one under way is not on it.
func (w *Writer[S]) On(account string) error {
	if w.header.Account == account {
		return nil
	}
	if err := w.run(account); err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	return nil
}

// syncDir makes sure that the file is found again. Where directories cannot be
// synced, nothing can be done about it.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = d.Sync() // not supported everywhere
	return d.Close()
}

// Salt is the salt of the journal's endpoint hashes.
func (w *Writer[S]) Salt() string { return w.header.Salt }

// Begin records the intent of a write and returns its number. The write must not
// be made when Begin fails.
func (w *Writer[S]) Begin(r change.Record[S]) (int, error) {
	w.n++
	err := w.write(line[S]{
		N: w.n, At: w.now().UTC(), Object: &r.Object, Before: r.Before, After: r.After, BeforeUnknown: r.BeforeUnknown,
	})
	if err != nil {
		return 0, fmt.Errorf("writing the journal: %w", err)
	}
	return w.n, nil
}

// End records what came of write n. The text of an error may be empty.
func (w *Writer[S]) End(n int, r change.Result, arn, text string) error {
	if err := w.write(line[S]{N: n, At: w.now().UTC(), Result: r, ARN: arn, Error: text}); err != nil {
		return fmt.Errorf("writing the journal: %w", err)
	}
	return nil
}

// write puts one line on the disk.
func (w *Writer[S]) write(v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // patterns are full of && and <
	if err := enc.Encode(v); err != nil {
		return err
	}
	if _, err := w.file.Write(b.Bytes()); err != nil {
		return err
	}
	return w.file.Sync()
}

// Close closes the file.
func (w *Writer[S]) Close() error { return w.file.Close() }
