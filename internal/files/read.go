package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// A LimitError says that there is more than is read.
type LimitError struct{ Limit int64 } // bytes

func (e *LimitError) Error() string {
	if e.Limit < 1<<20 {
		return fmt.Sprintf("it is larger than %d bytes", e.Limit)
	}
	return fmt.Sprintf("it is larger than %d MB", e.Limit>>20)
}

// Named adds a path to an error that does not have it.
func Named(path string, err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// Read returns the content of a file of at most limit bytes. One that is larger
// is a *LimitError and, if it is a regular file, is not read at all.
func Read(ctx context.Context, path string, limit int64) ([]byte, error) {
	f, err := OpenWithin(ctx, path, limit)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read from
	return ReadAll(ctx, f, limit)
}

// OpenWithin is Open for readers that bound what they read themselves: a regular
// file of more than limit bytes is a *LimitError.
func OpenWithin(ctx context.Context, path string, limit int64) (*File, error) {
	f, err := Open(ctx, path)
	if err == nil && f.size > limit {
		err = errors.Join(&LimitError{limit}, f.Close())
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// ReadRegular is Read for files that must be regular ones: it never blocks.
func ReadRegular(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errors.New("it is not a regular file")}
	}
	return Read(context.Background(), path, limit)
}

// ReadAll returns what r holds, at most limit bytes; more is a *LimitError. It
// returns the cause of ctx when that ends first, also while r blocks.
func ReadAll(ctx context.Context, r io.Reader, limit int64) ([]byte, error) {
	if _, ours := r.(*File); !ours {
		r = NewReader(ctx, r)
	}
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, &LimitError{limit}
	}
	return data, nil
}

// A File is an open file whose reading ends with the context that it was opened
// with.
type File struct {
	io.Reader
	f    *os.File
	size int64 // bytes; 0 for what is no regular file
}

// Open opens a file for reading. Opening a FIFO waits for its writer, but not
// longer than ctx. A directory is an error.
func Open(ctx context.Context, path string) (*File, error) {
	f, err := open(ctx, path, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = &fs.PathError{Op: "read", Path: path, Err: errors.New("it is a directory")}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if info.Mode().IsRegular() {
		return &File{Reader: &steady{ctx, f}, f: f, size: info.Size()}, nil
	}
	return &File{Reader: NewReader(ctx, f), f: f}, nil
}

// Close closes the file.
func (f *File) Close() error { return f.f.Close() }

// open is os.OpenFile for what is there already, given up when ctx ends.
func open(ctx context.Context, path string, flag int) (*os.File, error) {
	if err := ended(ctx); err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err == nil && info.Mode().IsRegular() {
		return os.OpenFile(path, flag, 0)
	}
	type opened struct {
		f   *os.File
		err error
	}
	done := make(chan opened)
	go func() {
		f, err := os.OpenFile(path, flag, 0)
		select {
		case done <- opened{f, err}:
		case <-ctx.Done():
			if err == nil {
				_ = f.Close() // nobody wants it any more
			}
		}
	}()
	select {
	case o := <-done:
		return o.f, o.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// ended returns why ctx ended, nil while it has not.
func ended(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return context.Cause(ctx)
}

// steady reads something that does not block.
type steady struct {
	ctx context.Context //nolint:containedctx // of the call that opened the file
	io.Reader
}

func (s *steady) Read(p []byte) (int, error) {
	if err := ended(s.ctx); err != nil {
		return 0, err
	}
	return s.Reader.Read(p)
}

// chunk is what a waiting reader asks for at once, in bytes.
const chunk = 256 << 10

// NewReader returns a reader of r that ends with the cause of ctx even while r
// blocks: a FIFO, a terminal, standard input. The read that blocks then is left
// alone, and what it finds is lost.
func NewReader(ctx context.Context, r io.Reader) io.Reader {
	if ctx.Done() == nil {
		return r
	}
	return &waiting{ctx: ctx, r: r, done: make(chan found, 1)}
}

type found struct {
	data []byte
	err  error
}

// waiting reads in a goroutine of its own for each read, so that whoever waits
// can stop waiting.
type waiting struct {
	ctx  context.Context //nolint:containedctx // of the call that made it
	r    io.Reader
	buf  []byte
	left []byte // found and not yet returned
	err  error  // after left
	done chan found
}

func (w *waiting) Read(p []byte) (int, error) {
	if err := ended(w.ctx); err != nil {
		return 0, err
	}
	if len(w.left) == 0 && w.err == nil && len(p) > 0 {
		if err := w.wait(); err != nil {
			return 0, err
		}
	}
	n := copy(p, w.left)
	w.left = w.left[n:]
	if len(w.left) == 0 && n == 0 {
		return 0, w.err
	}
	return n, nil
}

// wait fills left and err; the error is the cause of ctx.
func (w *waiting) wait() error {
	if w.buf == nil {
		w.buf = make([]byte, chunk)
	}
	go func() {
		n, err := w.r.Read(w.buf)
		w.done <- found{w.buf[:n], err}
	}()
	select {
	case f := <-w.done:
		w.left, w.err = f.data, f.err
		return nil
	case <-w.ctx.Done():
		w.err = context.Cause(w.ctx)
		return w.err
	}
}
