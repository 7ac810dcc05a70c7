package lint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/files"
)

// maxFile bounds a file in bytes.
const maxFile = 10 << 20

var errTooLarge = fmt.Errorf("the file is larger than %d MB", maxFile>>20)

// Stdin is the name of standard input among the paths of Run.
const Stdin = "-"

// An input is one file to be looked at.
type input struct {
	path string // as a report shows it
	err  error  // why it cannot be read

	root string // the directory whose files may be read with it, absolute
	rel  string // the file below root, slash-separated; "" for what lies outside

	// walked says that the file was found in a directory, not named.
	walked bool
}

// inputs lists the files of the paths, those of directories by name, each once.
func inputs(ctx context.Context, paths []string) []input {
	var list []input
	taken := map[string]int{}
	add := func(in input) {
		key := filepath.Clean(in.path)
		if at, ok := taken[key]; ok {
			list[at].walked = list[at].walked && in.walked
			return
		}
		if ctx.Err() == nil {
			taken[key] = len(list)
			list = append(list, in)
		}
	}
	for _, path := range paths {
		if path == Stdin {
			add(input{path: path})
			continue
		}
		info, err := os.Stat(path)
		root := rootOf(path, err == nil && info.IsDir())
		switch {
		case err == nil && info.IsDir():
			walk(path, func(in input) { add(in.below(root)) })
		default:
			add(input{path: path, err: err}.below(root))
		}
	}
	return list
}

// below notes where a file stands below the directory whose files may be read
// with it.
func (in input) below(root string) input {
	in.root = root
	abs, err := filepath.Abs(in.path)
	if err != nil {
		return in
	}
	if rel, err := filepath.Rel(root, abs); err == nil && filepath.IsLocal(rel) {
		in.rel = filepath.ToSlash(rel)
	}
	return in
}

// rootOf returns the directory whose files may be read with a path: the
// repository in which it stands, else the working directory if the path is below
// it, else the directory itself.
func rootOf(path string, isDir bool) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return ""
	}
	own := abs
	if !isDir {
		own = filepath.Dir(abs)
	}
	for dir := own; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	if work, err := os.Getwd(); err == nil && work != filepath.Dir(work) {
		if rel, err := filepath.Rel(work, own); err == nil && filepath.IsLocal(rel) {
			return work
		}
	}
	return own
}

// sourceDirs are the hidden directories in which people keep code; all others
// belong to tools.
var sourceDirs = []string{".github", ".gitlab", ".circleci", ".buildkite", ".azuredevops", ".ebextensions"}

// filledDirs are directories that tools fill.
var filledDirs = []string{"node_modules", "__pycache__"}

// isSource reports whether a directory below the one that was named is walked.
func isSource(name string) bool {
	return !slices.Contains(filledDirs, name) && (!strings.HasPrefix(name, ".") || slices.Contains(sourceDirs, name))
}

// walk visits the regular files below a directory, and what cannot be read.
// Directories that tools fill are left out.
func walk(root string, visit func(input)) {
	// The function returns no error but SkipDir, so that there is none to return.
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			visit(input{path: path, err: err})
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir() && path != root && !isSource(d.Name()):
			return fs.SkipDir
		case d.Type().IsRegular():
			visit(input{path: path, walked: true})
		}
		return nil
	})
}

// content reads an input.
func (in input) content(ctx context.Context, stdin io.Reader) ([]byte, error) {
	switch {
	case in.err != nil:
		return nil, in.err
	case in.path == Stdin:
		return tooLarge(files.ReadAll(ctx, stdin, maxFile))
	}
	return tooLarge(files.Read(ctx, in.path, maxFile))
}

// tooLarge words the error for a file that is too large as a report shows it.
func tooLarge(data []byte, err error) ([]byte, error) {
	var limit *files.LimitError
	if errors.As(err, &limit) {
		err = errTooLarge
	}
	return data, err
}

// reason turns an error of reading into a few words: the path is known.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// A boundedFS reads the files below one directory, each at most maxFile long.
// Links that lead out of the directory are not followed.
type boundedFS struct {
	fs.FS

	ctx context.Context //nolint:containedctx // io/fs has no other way to end a read
}

// ReadFile reads a regular file.
func (b boundedFS) ReadFile(name string) ([]byte, error) {
	f, err := b.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read from
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("it is not a regular file")}
	}
	if info.Size() > maxFile {
		return nil, errTooLarge
	}
	return tooLarge(files.ReadAll(b.ctx, f, maxFile))
}

// Open opens a file, but no FIFO or device, which could block for ever.
func (b boundedFS) Open(name string) (fs.File, error) {
	info, err := fs.Stat(b.FS, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() && !info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("it is not a regular file")}
	}
	return b.FS.Open(name)
}
