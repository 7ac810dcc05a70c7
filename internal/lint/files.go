package lint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/monitorctl/monitorctl/internal/files"
)

// maxFile bounds a file in bytes.
const maxFile = 10 << 20

var errTooLarge = fmt.Errorf("the file is larger than %d MB", maxFile>>20)

// Stdin is the name of standard input among the paths of Run.
const Stdin = "-"

// An input is one file to be looked at.
type input struct {
	path string
	data []byte
	err  error // why data could not be read

	// walked says that the file was found in a directory, not named.
	walked bool
}

// inputs calls visit for each file of the paths, those of directories by name. A
// file that visit has taken is not offered again.
func inputs(ctx context.Context, paths []string, stdin io.Reader, visit func(input) (taken bool)) {
	taken := map[string]bool{}
	once := func(in input) {
		key := filepath.Clean(in.path)
		if taken[key] || ctx.Err() != nil {
			return
		}
		if in.err == nil && in.path == Stdin {
			in.data, in.err = tooLarge(files.ReadAll(ctx, stdin, maxFile))
		} else if in.err == nil {
			in.data, in.err = tooLarge(files.Read(ctx, in.path, maxFile))
		}
		taken[key] = visit(in)
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case path == Stdin:
			once(input{path: path})
		case err == nil && info.IsDir():
			walk(path, once)
		default:
			once(input{path: path, err: err})
		}
	}
}

// walk visits the files below a directory that can hold patterns, and what
// cannot be read. Directories that tools fill are left out.
func walk(root string, visit func(input)) {
	// The function returns no error but SkipDir, so that there is none to return.
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			visit(input{path: path, err: err})
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules"):
			return fs.SkipDir
		case d.Type().IsRegular() && formatOf(path) != Text:
			visit(input{path: path, walked: true})
		}
		return nil
	})
}

// tooLarge words the error for a file that is too large as a report shows it.
func tooLarge(data []byte, err error) ([]byte, error) {
	var limit *files.LimitError
	if errors.As(err, &limit) {
		err = errTooLarge
	}
	return data, err
}

// formatOf tells the format of a file by its name; templates count as
// CloudFormation until they are read.
func formatOf(path string) Format {
	name := strings.ToLower(filepath.Base(path))
	for _, suffix := range []string{".tf", ".tofu", ".tf.json", ".tofu.json"} {
		if strings.HasSuffix(name, suffix) {
			return Terraform
		}
	}
	switch filepath.Ext(name) {
	case ".yaml", ".yml", ".json", ".template":
		return CloudFormation
	}
	return Text
}

// checkEncoding refuses what is not UTF-8. The error is a *readError.
func checkEncoding(src *source) error {
	if utf8.Valid(src.data) {
		return nil
	}
	at := 0
	for at < len(src.data) {
		r, size := utf8.DecodeRune(src.data[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return unreadable(at, "it is not valid UTF-8")
}

// reason turns an error of reading into a few words: the path is known.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
