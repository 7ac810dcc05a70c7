package files

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// text returns a function that writes s.
func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func put(t *testing.T, path, s string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(s), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func held(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// names lists a directory.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return strings.Join(list, " ")
}

// TestWriteIsAtomic looks at the directory while a file is written, and after
// the writer gave up.
func TestWriteIsAtomic(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.csv")
	put(t, path, "old", 0o644)
	long := strings.Repeat("new", 100000)
	err := Write(t.Context(), path, Public, func(w io.Writer) error {
		err := text(long)(w)
		if got := held(t, path); got != "old" {
			t.Errorf("while it is written the file holds %d bytes, want the old ones", len(got))
		}
		return err
	})
	if err != nil || held(t, path) != long {
		t.Errorf("error %v, %d bytes", err, len(held(t, path)))
	}
	gaveUp := errors.New("gave up")
	if err := Write(t.Context(), path, Public, func(io.Writer) error { return gaveUp }); !errors.Is(err, gaveUp) || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want %v with the path", err, gaveUp)
	}
	if names(t, dir) != "report.csv" || held(t, path) != long {
		t.Errorf("after a failure the directory has %q, the file %d bytes", names(t, dir), len(held(t, path)))
	}
}

func TestWriteEndsWithItsContext(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	put(t, path, "old", 0o644)
	why := errors.New("the user has had enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	err := Write(ctx, path, Public, func(w io.Writer) error {
		cancel(why)
		return text("new")(w)
	})
	if !errors.Is(err, why) || held(t, path) != "old" || names(t, dir) != "f" {
		t.Errorf("error %v, content %q, directory %q", err, held(t, path), names(t, dir))
	}
}

func TestWriteRefusesDirectories(t *testing.T) {
	dir := t.TempDir()
	if err := Write(t.Context(), dir, Public, text("x")); err == nil || err.Error() != "writing "+dir+": it is a directory" {
		t.Errorf("got %v", err)
	}
	missing := filepath.Join(dir, "no", "f")
	if err := Write(t.Context(), missing, Public, text("x")); !errors.Is(err, fs.ErrNotExist) || strings.Count(err.Error(), missing) != 1 {
		t.Errorf("got %v", err)
	}
}

func TestReadIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	put(t, path, "12345678", 0o600)
	if data, err := Read(t.Context(), path, 8); err != nil || string(data) != "12345678" {
		t.Errorf("at the limit: %q, %v", data, err)
	}
	var limit *LimitError
	if _, err := Read(t.Context(), path, 7); !errors.As(err, &limit) || err.Error() != "it is larger than 7 bytes" {
		t.Errorf("above the limit: %v", err)
	}
	if _, err := ReadAll(t.Context(), strings.NewReader("12345678"), 7); !errors.As(err, &limit) {
		t.Errorf("a stream above the limit: %v", err)
	}
	if data, err := ReadAll(t.Context(), strings.NewReader("12345678"), 8); err != nil || string(data) != "12345678" {
		t.Errorf("a stream at the limit: %q, %v", data, err)
	}
	if text := (&LimitError{256 << 20}).Error(); text != "it is larger than 256 MB" {
		t.Error(text)
	}
}

// A file of five gigabytes is refused by its size: it is sparse, and reading it
// would take the memory all the same.
func TestLargeFilesAreNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "huge")
	put(t, path, "", 0o600)
	if err := os.Truncate(path, 5<<30); err != nil {
		t.Skip("the file system has no sparse files: ", err)
	}
	started := time.Now()
	var limit *LimitError
	if _, err := Read(t.Context(), path, 1<<20); !errors.As(err, &limit) {
		t.Errorf("got %v", err)
	}
	if _, err := fs.ReadFile(Dir(filepath.Dir(path), 1<<20), "huge"); !errors.As(err, &limit) || !strings.Contains(err.Error(), "huge") {
		t.Errorf("in a tree: %v", err)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestReadEndsWithItsContext(t *testing.T) {
	why := errors.New("no more time")
	ctx, cancel := context.WithCancelCause(t.Context())
	r, w := io.Pipe() // whose reader waits for ever
	defer w.Close()
	time.AfterFunc(20*time.Millisecond, func() { cancel(why) })
	if _, err := ReadAll(ctx, r, 10); !errors.Is(err, why) {
		t.Errorf("a blocked stream: %v", err)
	}
	path := filepath.Join(t.TempDir(), "f")
	put(t, path, "x", 0o600)
	if _, err := Read(ctx, path, 10); !errors.Is(err, why) {
		t.Errorf("a file: %v", err)
	}
}

func TestDir(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "a.yaml"), "id: a", 0o600)
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "sub", "b.yaml"), "id: b", 0o600)
	tree := Dir(dir, 100)
	if list, err := fs.Glob(tree, "*.yaml"); err != nil || len(list) != 1 || list[0] != "a.yaml" {
		t.Errorf("found %v, %v", list, err)
	}
	if data, err := fs.ReadFile(tree, "sub/b.yaml"); err != nil || string(data) != "id: b" {
		t.Errorf("read %q, %v", data, err)
	}
	for _, name := range []string{"../f", "none", "/etc/passwd"} {
		if _, err := fs.ReadFile(tree, name); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}
