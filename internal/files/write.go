package files

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// The modes of new files, before the umask.
const (
	Public  fs.FileMode = 0o644 // reports
	Private fs.FileMode = 0o600 // what says how an account is built: snapshots, plans, journals
)

// Write has the content of path written by a function.
//
// A regular file is replaced in one step: a reader sees the old or the new
// content, and a failure leaves the old one. It keeps its mode and owner; a new
// file has the given mode less the umask. A symbolic link stays, and the file
// that it leads to is written. Anything else (a device, a FIFO, /dev/stdout) is
// opened and written to. The error names the path; it is the cause of ctx when
// that ended first.
func Write(ctx context.Context, path string, mode fs.FileMode, what func(io.Writer) error) error {
	if err := write(ctx, path, mode, what); err != nil {
		return fmt.Errorf("writing %s: %w", path, bare(err))
	}
	return nil
}

// bare drops the path that an error of package os repeats.
func bare(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

func write(ctx context.Context, path string, mode fs.FileMode, what func(io.Writer) error) error {
	if err := ended(ctx); err != nil {
		return err
	}
	if f := standard(path); f != nil {
		return fill(ctx, f, what)
	}
	info, err := os.Stat(path)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case err == nil && info.IsDir():
		return errors.New("it is a directory")
	case err == nil && (!info.Mode().IsRegular() || isDescriptor(path)):
		return into(ctx, path, what)
	case err != nil:
		info = nil
	}
	target, err := resolve(path)
	if err != nil {
		return err
	}
	return replace(ctx, target, info, mode, what)
}

// standard returns the open file that a path is another name of. Opening it by
// that name would begin at the start of a file that the shell appends to.
func standard(path string) *os.File {
	switch filepath.Clean(path) {
	case "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1":
		return os.Stdout
	case "/dev/stderr", "/dev/fd/2", "/proc/self/fd/2":
		return os.Stderr
	}
	return nil
}

// isDescriptor reports whether a path names a file that the program was started
// with open.
func isDescriptor(path string) bool {
	path = filepath.Clean(path)
	return strings.HasPrefix(path, "/dev/fd/") || strings.HasPrefix(path, "/proc/self/fd/")
}

// maxLinks bounds a chain of symbolic links, as Linux does.
const maxLinks = 40

// resolve follows symbolic links, also one that leads to a file that does not
// exist yet.
func resolve(path string) (string, error) {
	for range maxLinks {
		// What is wrong with a path is found out when it is used.
		if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return path, nil //nolint:nilerr // see above
		}
		next, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(next) {
			next = filepath.Join(filepath.Dir(path), next)
		}
		path = next
	}
	return "", errors.New("too many symbolic links")
}

// into writes to something that is no regular file.
func into(ctx context.Context, path string, what func(io.Writer) error) error {
	f, err := open(ctx, path, os.O_WRONLY|os.O_APPEND)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = f.Close() }) // wakes a writer that waits for its reader
	defer stop()
	err = errors.Join(fill(ctx, f, what), f.Close())
	if cause := ended(ctx); cause != nil {
		return cause
	}
	return err
}

func fill(ctx context.Context, w io.Writer, what func(io.Writer) error) error {
	buffered := bufio.NewWriter(&until{ctx: ctx, Writer: w})
	if err := what(buffered); err != nil {
		return err
	}
	return buffered.Flush()
}

// until is a writer that takes nothing more when ctx has ended. It lives as long
// as one call of Write.
type until struct {
	io.Writer
	ctx context.Context //nolint:containedctx // of the call that made it
}

func (u *until) Write(p []byte) (int, error) {
	if err := ended(u.ctx); err != nil {
		return 0, err
	}
	return u.Writer.Write(p)
}

// replace writes beside path and renames. old describes the file that is there,
// nil for none.
func replace(ctx context.Context, path string, old fs.FileInfo, mode fs.FileMode, what func(io.Writer) error) (err error) {
	f, err := beside(path, mode)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // already failing
		}
	}()
	err = fill(ctx, f, what)
	if err == nil && old != nil {
		keepOwner(f, old)
		err = f.Chmod(old.Mode().Perm())
	}
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}

// beside creates a file for what is to stand at path. The kernel takes the umask
// off its mode; os.CreateTemp would not let it.
func beside(path string, mode fs.FileMode) (*os.File, error) {
	for {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".monitorctl-%016x", rand.Uint64())) //nolint:gosec // must be new, which O_EXCL sees to, not secret
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}
