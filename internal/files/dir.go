package files

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Dir returns the tree of directories and regular files below a directory. Each
// file is read whole when it is opened, up to limit bytes.
func Dir(dir string, limit int64) fs.FS {
	return &tree{dir: dir, limit: limit, fs: os.DirFS(dir)}
}

type tree struct {
	dir   string
	limit int64
	fs    fs.FS
}

// Open opens a file or directory.
func (t *tree) Open(name string) (fs.File, error) {
	info, err := fs.Stat(t.fs, name) // checks the name, too
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return t.fs.Open(name)
	}
	data, err := ReadRegular(filepath.Join(t.dir, filepath.FromSlash(name)), t.limit)
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return &content{Reader: bytes.NewReader(data), info: info}, nil
}

// content is a file that has been read.
type content struct {
	io.Reader
	info fs.FileInfo
}

// Stat describes the file as it was when it was opened.
func (c *content) Stat() (fs.FileInfo, error) { return c.info, nil }

// Close does nothing.
func (c *content) Close() error { return nil }
