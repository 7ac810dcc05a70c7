package cmd

import (
	"bufio"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// writeFile replaces a file in one step: a reader sees the old or the new
// content, and a failure leaves the old one.
func writeFile(path string, data []byte, mode fs.FileMode) error {
	return streamFile(path, mode, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// streamFile is writeFile for content that a function writes piece by piece.
func streamFile(path string, mode fs.FileMode, what func(w io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".monitorctl-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // already failing
			err = fmt.Errorf("writing %s: %w", path, err)
		}
	}()
	buffered := bufio.NewWriter(f)
	if err = what(buffered); err == nil {
		err = buffered.Flush()
	}
	if err == nil {
		err = f.Chmod(mode)
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
