package cmd

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestStreamFileIsAtomic looks at the directory while a file is written, and
// after the writer gave up.
func TestStreamFileIsAtomic(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.csv")
	if err := writeFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	content := func() string {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	long := strings.Repeat("new", 100000)
	err := streamFile(path, 0o644, func(w io.Writer) error {
		_, err := io.WriteString(w, long)
		if got := content(); got != "old" {
			t.Errorf("while it is written the file holds %d bytes, want the old ones", len(got))
		}
		return err
	})
	if err != nil || content() != long {
		t.Errorf("error %v, %d bytes", err, len(content()))
	}
	gaveUp := errors.New("gave up")
	if err := streamFile(path, 0o644, func(io.Writer) error { return gaveUp }); !errors.Is(err, gaveUp) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want %v with the path", err, gaveUp)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 || content() != long {
		t.Errorf("after a failure: error %v, %d files, %d bytes", err, len(files), len(content()))
	}
}

// TestWriteStreams demands that what goes to standard output is there before
// the format is done.
func TestWriteStreams(t *testing.T) {
	var out strings.Builder
	e := newEnv(strings.NewReader(""), &out, io.Discard, nil)
	err := e.write(sink{format: "jsonl"}, func(w io.Writer) error {
		_, err := io.WriteString(w, "one\n")
		if out.String() != "one\n" {
			t.Errorf("after the first line standard output has %q", out.String())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
