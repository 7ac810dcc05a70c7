package cmd

import (
	"bytes"
	"cmp"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/exit"
)

// A measured is what a process of the program took.
type measured struct {
	out       string
	wall, cpu time.Duration
	peak      int // KB of resident memory
}

// measure runs the program as a process of its own, so that what it takes is not what the
// accounts in memory take. What the system notes for a child begins with the memory of its
// parent, so that the child tells its own.
func (l *fleetLab) measure(code int, args ...string) measured {
	l.t.Helper()
	var out, problems bytes.Buffer
	c := l.process(args...)
	c.Args[0] = "measured"
	c.Env = slices.DeleteFunc(c.Env, func(v string) bool { return strings.HasPrefix(v, "MONITORCTL_FLEET") }) // the program would take it for a flag
	c.Stdout, c.Stderr = &out, &problems
	status, told, err := os.Pipe()
	l.must(err)
	defer status.Close()
	c.ExtraFiles = []*os.File{told}
	started := time.Now()
	l.must(c.Start())
	l.must(told.Close())
	text, err := io.ReadAll(status)
	l.must(err)
	_ = c.Wait() // its exit code says it
	m := measured{out: out.String(), wall: time.Since(started), cpu: c.ProcessState.UserTime() + c.ProcessState.SystemTime()}
	if got := c.ProcessState.ExitCode(); got != code {
		l.t.Fatalf("%s exits with %d, want %d:\n%s", strings.Join(args, " "), got, code, problems.String())
	}
	peak := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(text)
	if peak == nil {
		l.t.Fatalf("the process does not tell its peak:\n%s", text)
	}
	m.peak, err = strconv.Atoi(string(peak[1]))
	l.must(err)
	return m
}

// measuredMain is the program, which tells at its end what the system knows of it.
func measuredMain() {
	code := Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		_, _ = os.NewFile(3, "told").Write(status)
	}
	os.Exit(code)
}

// TestFleetMemory audits covered members, and judges them again from the folder: 2,000 take
// the memory of 500, within a tenth and what one collection more or less makes, and neither
// takes more than 100 MB.
// MONITORCTL_FLEET=1000,10000 names other sizes; the others are compared with the first.
func TestFleetMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has /proc, which tells the most memory that a process took")
	}
	const slack = 4 << 10 // KB
	var first [2]measured
	for i, n := range fleetSizes(t, "500,2000") {
		l := newFleetLab(t, n)
		dir := filepath.Join(t.TempDir(), "read")
		args := slices.Concat(fleetControls, []string{"-o", "csv"})
		now := [2]measured{
			l.measure(exit.Done, slices.Concat([]string{"audit", "--org", "--account-role", "audit", "--dir", dir}, args)...),
			l.measure(exit.Done, slices.Concat([]string{"audit", "--snapshot", dir}, args)...),
		}
		for k, what := range []string{"audit", "judged again"} {
			t.Logf("%d accounts, %s: %d KB at most, %s of processor time", n, what, now[k].peak, now[k].cpu)
			if rows := strings.Count(now[k].out, "\n"); rows < 2*n {
				t.Errorf("%d accounts, %s: %d lines", n, what, rows)
			}
			if i > 0 && k == 0 && now[k].peak > first[k].peak*11/10+slack {
				t.Errorf("%s: the first take %d KB, %d take %d", what, first[k].peak, n, now[k].peak)
			}
			if now[k].peak > 100<<10 {
				t.Errorf("%d accounts, %s: %d KB", n, what, now[k].peak)
			}
		}
		if i == 0 {
			first = now
		}
	}
}

// fleetSizes are those that MONITORCTL_FLEET says.
func fleetSizes(tb testing.TB, otherwise string) []int {
	tb.Helper()
	var sizes []int
	for _, text := range strings.Split(cmp.Or(os.Getenv("MONITORCTL_FLEET"), otherwise), ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			tb.Fatal(err)
		}
		sizes = append(sizes, n)
	}
	return sizes
}
