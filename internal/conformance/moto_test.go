package conformance

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// requireVariable makes the test fail, instead of being skipped, where moto is
// not installed. .ci/run sets it.
const requireVariable = "MONITORCTL_REQUIRE_MOTO"

const (
	// startTimeout is for a Python process that imports much, on a busy machine.
	startTimeout = time.Minute

	// logShown is how much of the server's log a failed test shows, in lines.
	logShown = 100
)

// motoServer finds the emulator or ends the test.
func motoServer(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("moto_server")
	if err == nil {
		return path
	}
	const missing = "moto_server is not in the PATH; it comes with the Python package moto[server]"
	if os.Getenv(requireVariable) != "" {
		t.Fatalf("%s, and %s is set: %v", missing, requireVariable, err)
	}
	t.Skip(missing)
	return ""
}

// startMoto starts the emulator in a process of its own, which ends with the
// test, and returns its URL. The server picks the port: one that was free a
// moment ago could belong to someone else's by now.
func startMoto(t *testing.T) string {
	t.Helper()
	log := &serverLog{url: make(chan string, 1)}
	server := exec.Command(motoServer(t), "-H", "127.0.0.1", "-p", "0")
	server.Env = environ("MOTO_")
	server.Stdout, server.Stderr = log, log
	server.WaitDelay = 5 * time.Second // a wrapper script's child may hold the pipes
	if err := server.Start(); err != nil {
		t.Fatalf("starting %s: %v", server.Path, err)
	}
	exited := make(chan struct{})
	var failure error
	go func() {
		failure = server.Wait()
		close(exited)
	}()
	t.Cleanup(func() {
		_ = server.Process.Kill() // it may have ended by itself
		<-exited
		if t.Failed() {
			t.Logf("end of the log of moto_server:\n%s", log.tail())
		}
	})
	select {
	case url := <-log.url:
		return url
	case <-exited:
		t.Fatalf("moto_server ended at once: %v", failure)
	case <-time.After(startTimeout):
		t.Fatalf("moto_server has not answered within %s", startTimeout)
	}
	return ""
}

// A serverLog keeps what the server writes and waits for the line that says
// where it listens.
type serverLog struct {
	url chan string // has room for one

	mu    sync.Mutex
	text  bytes.Buffer
	found bool
}

var running = regexp.MustCompile(`Running on (http://127\.0\.0\.1:[0-9]+)\s`)

// Write keeps p.
func (l *serverLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Write(p)
	if m := running.FindSubmatch(l.text.Bytes()); !l.found && m != nil {
		l.found = true
		l.url <- string(m[1])
	}
	return len(p), nil
}

// tail returns the last lines, without those about requests that went well and
// the frames of tracebacks.
func (l *serverLog) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := slices.DeleteFunc(strings.Split(l.text.String(), "\n"), func(line string) bool {
		return strings.Contains(line, `" 200 `) || strings.HasPrefix(line, "  ")
	})
	return strings.Join(lines[max(0, len(lines)-logShown):], "\n")
}

// empty removes every object of every account.
func (l *lab) empty(t *testing.T) {
	t.Helper()
	resp, err := http.Post(l.url+"/moto-api/reset", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("resetting the emulator: %s", resp.Status)
	}
}

// environ is the environment of this process without the variables that begin
// with one of the prefixes: a test must not depend on whose machine it runs on.
func environ(without ...string) []string {
	return slices.DeleteFunc(os.Environ(), func(kv string) bool {
		return slices.ContainsFunc(without, func(prefix string) bool { return strings.HasPrefix(kv, prefix) })
	})
}
