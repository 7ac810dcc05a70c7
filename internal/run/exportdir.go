package run

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/export"
)

// A DirError says why files cannot be written into a directory.
type DirError struct {
	Dir  string
	Name string // of an entry that is in the way; "" for the directory itself
	Why  string // a clause
}

func (e *DirError) Error() string {
	if e.Name == "" {
		return fmt.Sprintf("%s: %s %s", CodeExportDir, e.Dir, e.Why)
	}
	return fmt.Sprintf("%s: %s holds %s, %s", CodeExportDir, e.Dir, e.Name, e.Why)
}

// Usage returns true.
func (*DirError) Usage() bool { return true }

// Hint says what to do about it.
func (*DirError) Hint() string { return "choose another --dir" }

// writeDir writes the files of an export into a directory, which is made if it is not
// there, and removes those that an earlier export wrote and this one does not. Before the
// first write it refuses a directory that holds anything else, unless forced; a symbolic
// link with the name of a file is refused in any case, and none is followed. What tools
// keep beside their code (names that begin with a dot, Terraform's state) may be there.
func writeDir(dir string, list []export.File, force bool) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // code that others read
		return dirError(dir, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return dirError(dir, err)
	}
	defer root.Close() //nolint:errcheck // only a handle
	stale, err := entries(root, dir, list, force)
	if err != nil {
		return err
	}
	for _, f := range list {
		if err := writeIn(root, f); err != nil {
			return dirError(dir, err)
		}
	}
	for _, name := range stale {
		if err := root.Remove(name); err != nil {
			return dirError(dir, err)
		}
	}
	return nil
}

// dirError words what the system says of a directory.
func dirError(dir string, err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return &DirError{Dir: dir, Why: "cannot be written: " + err.Error()}
}

// entries looks at what a directory holds, and returns the files of an earlier export
// that are not written again.
func entries(root *os.Root, dir string, list []export.File, force bool) (stale []string, err error) {
	found, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, dirError(dir, err)
	}
	for _, entry := range found {
		name := entry.Name()
		written := slices.ContainsFunc(list, func(f export.File) bool { return f.Name == name })
		switch {
		case written && entry.Type()&fs.ModeSymlink != 0:
			return nil, &DirError{dir, name, "a symbolic link, and links are not followed"}
		case written && entry.IsDir():
			return nil, &DirError{dir, name, "a directory"}
		case entry.Type().IsRegular() && wroteExport(root, name):
			if !written {
				stale = append(stale, name)
			}
		case !force && (written || !isOfTools(name)):
			return nil, &DirError{dir, name, "which was not written by an export"}
		}
	}
	return stale, nil
}

// isOfTools reports whether a name is one that tools give to what they keep beside code.
func isOfTools(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "terraform.tfstate")
}

// exportNames are the names of all files that exports write; those of other regions have
// the region in it, those of several stack sets a number.
var exportNames = regexp.MustCompile(`^((versions|main|variables|imports|providers|` + regionPart + `)\.tf|(import-)?template(-(` + regionPart + `|[0-9]+))?\.(json|yaml)|` +
	`import(-` + regionPart + `)?\.json|monitorctl-apply\.sh|accounts\.json|targets(-[0-9]+)?\.json|stack-set(-[0-9]+)?\.sh)$`)

const regionPart = `[a-z]{2,3}(-[a-z]+)+-[0-9]+`

// wroteExport reports whether an export wrote a file: it has the mark at its beginning. A
// list of what is to be imported has no room for a mark, and is known by its form.
func wroteExport(root *os.Root, name string) bool {
	if !exportNames.MatchString(name) {
		return false
	}
	f, err := root.Open(name)
	if err != nil {
		return false
	}
	defer f.Close() //nolint:errcheck // only read from
	const head = 4 << 10
	data, err := io.ReadAll(io.LimitReader(f, head))
	if err != nil {
		return false
	}
	if strings.HasPrefix(name, "targets") {
		return bytes.HasPrefix(data, []byte("{\n  \"AccountFilterType\": \"INTERSECTION\""))
	}
	if strings.HasPrefix(name, "import") && !strings.HasPrefix(name, "import-template") && strings.HasSuffix(name, ".json") {
		return bytes.HasPrefix(data, []byte("[\n  {\n    \"LogicalResourceId\": "))
	}
	if filepath.Ext(name) != ".json" {
		const lines = 2 // a script begins with its interpreter
		data = bytes.Join(bytes.SplitN(data, []byte("\n"), lines+1)[:min(lines, bytes.Count(data, []byte("\n")))], nil)
	}
	return bytes.Contains(data, []byte(export.Mark))
}

// writeIn writes one file beside its place and renames it: a link that appears there
// meanwhile is replaced, not followed.
func writeIn(root *os.Root, file export.File) (err error) {
	const mode = 0o644
	part := ".monitorctl-" + file.Name
	if err := root.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(file.Data)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = root.Rename(part, file.Name)
	}
	if err != nil {
		_ = root.Remove(part) // already failing
	}
	return err
}
