//go:build unix

package files

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// child is the environment variable under which this test binary runs one of its
// tests again as another user.
const child = "MONITORCTL_FILES_TEST_CHILD"

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

// umask sets the umask of the process for a test.
func umask(t *testing.T, mask int) {
	t.Helper()
	old := syscall.Umask(mask)
	t.Cleanup(func() { syscall.Umask(old) })
}

func TestModes(t *testing.T) {
	dir := t.TempDir()
	umask(t, 0o027)
	for _, tt := range []struct {
		name      string
		old       fs.FileMode // 0: no file
		new, want fs.FileMode
	}{
		{"a new report", 0, Public, 0o640},
		{"a new snapshot", 0, Private, 0o600},
		{"a report over a private file", 0o600, Public, 0o600},
		{"a snapshot over a shared file", 0o664, Private, 0o664},
	} {
		path := filepath.Join(dir, tt.name)
		if tt.old != 0 {
			put(t, path, "old", tt.old)
		}
		if err := Write(t.Context(), path, tt.new, text("new")); err != nil {
			t.Fatal(err)
		}
		if got := mode(t, path); got != tt.want || held(t, path) != "new" {
			t.Errorf("%s: mode %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestSymbolicLinksStay(t *testing.T) {
	dir := t.TempDir()
	target, link, chain := filepath.Join(dir, "target"), filepath.Join(dir, "link"), filepath.Join(dir, "chain")
	put(t, target, "old", 0o600)
	for name, to := range map[string]string{link: "target", chain: link, filepath.Join(dir, "dangling"): "later"} {
		if err := os.Symlink(to, name); err != nil {
			t.Fatal(err)
		}
	}
	if err := Write(t.Context(), chain, Public, text("new")); err != nil {
		t.Fatal(err)
	}
	if held(t, target) != "new" || mode(t, target) != 0o600 || mode(t, link)&fs.ModeSymlink == 0 || mode(t, chain)&fs.ModeSymlink == 0 {
		t.Errorf("target %q %v, link %v, chain %v", held(t, target), mode(t, target), mode(t, link), mode(t, chain))
	}
	if err := Write(t.Context(), filepath.Join(dir, "dangling"), Public, text("there")); err != nil || held(t, filepath.Join(dir, "later")) != "there" {
		t.Errorf("through a dangling link: %v", err)
	}
	loop := filepath.Join(dir, "loop")
	if err := os.Symlink("loop", loop); err != nil {
		t.Fatal(err)
	}
	if err := Write(t.Context(), loop, Public, text("x")); err == nil {
		t.Error("a link to itself was written to")
	}
}

// TestDevicesAreWrittenTo is the test of /dev/null: root may replace it.
func TestDevicesAreWrittenTo(t *testing.T) {
	before := mode(t, os.DevNull)
	if err := Write(t.Context(), os.DevNull, Public, text("gone")); err != nil {
		t.Fatal(err)
	}
	if got := mode(t, os.DevNull); got != before || got&fs.ModeDevice == 0 {
		t.Fatalf("%s is %v now, was %v", os.DevNull, got, before)
	}
	if data, err := Read(t.Context(), os.DevNull, 10); err != nil || len(data) != 0 {
		t.Errorf("read %q, %v", data, err)
	}
	if _, err := Read(t.Context(), "/dev/zero", 1000); !errors.As(err, new(*LimitError)) {
		t.Errorf("an endless device: %v", err)
	}
}

func fifo(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip("the file system has no FIFOs: ", err)
	}
	return path
}

func TestFIFOs(t *testing.T) {
	path := fifo(t)
	long := strings.Repeat("0123456789", 30000) // more than the kernel keeps
	failed := make(chan error, 1)
	go func() { failed <- Write(t.Context(), path, Public, text(long)) }()
	data, err := Read(t.Context(), path, 1<<20)
	if err != nil || string(data) != long {
		t.Errorf("read %d bytes, %v", len(data), err)
	}
	if err := <-failed; err != nil || mode(t, path)&fs.ModeNamedPipe == 0 {
		t.Errorf("written: %v; the FIFO is %v", err, mode(t, path))
	}
}

// A FIFO without another side blocks, but not for longer than the context.
func TestFIFOsEndWithTheContext(t *testing.T) {
	path := fifo(t)
	why := errors.New("enough")
	within := func() context.Context {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(20*time.Millisecond, func() { cancel(why) })
		return ctx
	}
	if _, err := Read(within(), path, 10); !errors.Is(err, why) {
		t.Errorf("reading: %v", err)
	}
	path = fifo(t) // the one above still has the opening that was given up
	if err := Write(within(), path, Public, text("x")); !errors.Is(err, why) {
		t.Errorf("writing: %v", err)
	}
	path = fifo(t)
	if _, err := ReadRegular(path, 10); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("as a regular file: %v", err)
	}
	// A reader that came and reads nothing.
	r, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := Write(within(), path, Public, text(strings.Repeat("x", 1<<20))); !errors.Is(err, why) {
		t.Errorf("writing to a reader that sleeps: %v", err)
	}
}

// TestDescriptors is the test of a shell's >(command) and of /dev/stdout.
func TestDescriptors(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := write(t.Context(), "/dev/fd/"+strconv.Itoa(int(w.Fd())), Public, text("through the pipe")); err != nil {
		t.Skip("no /dev/fd here: ", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(r); err != nil || string(data) != "through the pipe" {
		t.Errorf("read %q, %v", data, err)
	}
	log := filepath.Join(t.TempDir(), "log")
	put(t, log, "first\n", 0o600)
	f, err := os.OpenFile(log, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := write(t.Context(), "/dev/fd/"+strconv.Itoa(int(f.Fd())), Public, text("second\n")); err != nil || held(t, log) != "first\nsecond\n" {
		t.Errorf("an open file: %v, %q", err, held(t, log))
	}
	if standard("/dev/stdout") != os.Stdout || standard("/dev/fd/2") != os.Stderr || standard(log) != nil {
		t.Error("the standard files are not known by their names")
	}
}

// TestAsAnotherUser runs the tests of this file as a user who may replace
// nothing in /dev, which is what the suite's own user usually is not.
func TestAsAnotherUser(t *testing.T) {
	if os.Getenv(child) != "" || os.Getuid() != 0 {
		t.Skip("the suite itself runs as a user without privileges")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "files-as-nobody")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	const nobody = 65534
	data, err := os.ReadFile(exe)
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "files.test") // the original lies where only root looks
	if err := os.WriteFile(binary, data, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, binary} {
		if err := os.Chown(path, nobody, nobody); err != nil {
			t.Skip("not allowed to give a file away: ", err)
		}
	}
	c := exec.Command(binary, "-test.run", "^(TestModes|TestSymbolicLinksStay|TestDevicesAreWrittenTo|TestFIFOs|TestDescriptors|TestUnwritable)$", "-test.v")
	c.Dir, c.Env = dir, []string{child + "=1", "TMPDIR=" + dir}
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := c.CombinedOutput()
	if err != nil || strings.Count(string(out), "--- PASS") < 6 {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestUnwritable needs a user to whom a mode means something.
func TestUnwritable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write anywhere; TestAsAnotherUser runs this")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	put(t, path, "old", 0o600)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700) //nolint:errcheck // for the cleanup of the directory
	if err := Write(t.Context(), path, Public, text("new")); !errors.Is(err, fs.ErrPermission) || held(t, path) != "old" {
		t.Errorf("got %v, content %q", err, held(t, path))
	}
}

// What root replaces keeps its owner.
func TestOwnerIsKept(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give a file to someone")
	}
	path := filepath.Join(t.TempDir(), "f")
	put(t, path, "old", 0o640)
	if err := os.Chown(path, 12345, 54321); err != nil {
		t.Skip("not allowed to give a file away: ", err)
	}
	if err := Write(t.Context(), path, Public, text("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok || s.Uid != 12345 || s.Gid != 54321 || info.Mode() != 0o640 {
		t.Errorf("owner %+v, mode %v", s, info.Mode())
	}
}
