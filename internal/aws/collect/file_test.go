package collect

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/awstest"
)

func TestSaveAndLoad(t *testing.T) {
	l := newLab(t, awstest.Options{})
	l.common()
	want := l.collect(Options{})
	dir := t.TempDir()
	path := filepath.Join(dir, "s.json")
	for range 2 { // the second time over the first
		l.must(Save(t.Context(), path, want))
	}
	got, err := Load(t.Context(), path, nil)
	l.must(err)
	diff(t, "loaded snapshot", got, want)
	got, err = Load(t.Context(), "-", strings.NewReader(encoded(t, want)))
	l.must(err)
	diff(t, "snapshot from stdin", got, want)

	info, err := os.Stat(path)
	l.must(err)
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the file: %v, want 0600", info.Mode().Perm())
	}
	entries, err := os.ReadDir(dir)
	l.must(err)
	if len(entries) != 1 {
		t.Errorf("temporary files were left behind: %v", entries)
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.json")
	if _, err := Load(t.Context(), path, nil); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("missing file: %v", err)
	}
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(t.Context(), path, nil)
	var format *account.FormatError
	if !errors.As(err, &format) || err.Error() != "reading snapshot "+path+`: not a monitorctl snapshot: it has no "schema"` {
		t.Errorf("foreign file: %v", err)
	}
	_, err = Load(t.Context(), "-", strings.NewReader("{}"))
	if err == nil || !strings.HasPrefix(err.Error(), "reading snapshot from stdin: ") {
		t.Errorf("foreign stdin: %v", err)
	}
}
