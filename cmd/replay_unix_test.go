//go:build unix

package cmd

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"testing"

	"compress/gzip"

	"github.com/monitorctl/monitorctl/internal/exit"
)

// rssChild has the directory for the child process of TestReplayMemory.
const rssChild = "MONITORCTL_REPLAY_MEMORY_TEST"

// TestReplayMemory: neither the size of a file nor the number of files takes memory. The
// bounds are those of the whole process: 64 MB for each worker and 32 MB.
func TestReplayMemory(t *testing.T) {
	if dir := os.Getenv(rssChild); dir != "" {
		var out bytes.Buffer
		if code := Main([]string{"replay", dir, "--patterns-only", "--set", "cis", "--workers", "2", "-o", "json"}, bytes.NewReader(nil), &out, os.Stderr, nil); code != exit.Done {
			os.Exit(code)
		}
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("%s\n", status)
		return
	}
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells the peak of a process without that of its parent")
	}
	sample, err := os.ReadFile("../testdata/cloudtrail/218007301253_CloudTrail_us-east-1_20230710T1200Z_x9kHmzMa7cx6l9wM.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	name := func(dir string, i int) string {
		return filepath.Join(dir, fmt.Sprintf("111122223333_CloudTrail_us-east-1_20261101T%02d%02dZ_%016d.json.gz", i/60%24, i%60, i))
	}
	large, many := t.TempDir(), t.TempDir()
	// A log file after the other in one file: some 300 MB unpacked.
	f, err := os.Create(name(large, 0))
	if err != nil {
		t.Fatal(err)
	}
	for range 300_000_000 / unpackedSize(t, sample) {
		if _, err := f.Write(sample); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range 2000 {
		if err := os.WriteFile(name(many, i), sample, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for what, dir := range map[string]string{"one large file": large, "many files": many} {
		child := exec.Command(os.Args[0], "-test.run", "^TestReplayMemory$")
		child.Env = append(os.Environ(), rssChild+"="+dir)
		out, err := child.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", what, err, out)
		}
		peak := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(out)
		if peak == nil {
			t.Fatalf("%s: the process does not tell its peak:\n%s", what, out)
		}
		kb, err := strconv.Atoi(string(peak[1]))
		if err != nil {
			t.Fatal(err)
		}
		if mb := kb >> 10; mb > 2*64+32 {
			t.Errorf("%s: %d MB", what, mb)
		} else {
			t.Logf("%s: %d MB", what, mb)
		}
	}
}

func unpackedSize(t *testing.T, packed []byte) int {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, z)
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}
