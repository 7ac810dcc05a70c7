package conformance

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/monitorctl/monitorctl/internal/logs"
)

// speedLogs is the variable with a directory of log files to measure with. The benchmark
// of package logs makes one.
const speedLogs = "MONITORCTL_BENCH_LOGS"

// A speed is what a replay took: seconds of processor time of the program, and of Trino for
// the statements.
type speed struct {
	program, trino time.Duration
	report         string // without what depends on the engine
	unpacked       float64
}

// TestTrinoSpeed measures Trino beside reading the same files here, with 15 controls: alone
// and with a worker. It is for docs/performance.md, and skipped without files.
func TestTrinoSpeed(t *testing.T) {
	from := os.Getenv(speedLogs)
	if from == "" {
		t.Skip(speedLogs + " does not name a directory of log files to measure with")
	}
	c := newTrino(t, "")
	c.rows(t, "CREATE SCHEMA hive.monitorctl WITH (location = 'local:///schema')")
	program := filepath.Join(t.TempDir(), "monitorctl")
	if out, err := exec.Command("go", "build", "-o", program, "../..").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	dir := filepath.Join(c.store, "speed")
	copyLogs(t, from, dir)
	onTrino := []string{"--engine", "trino", "--trino", c.url, "--trino-schema", "monitorctl", "--engine-location", "local:///speed"}
	here := c.measure(t, program, dir, "--engine", "local", "--workers", "1")
	t.Logf("here, one worker: %.2f s of processor time, %.0f MB for each", here.program.Seconds(), here.unpacked/1e6/here.program.Seconds())
	for _, nodes := range []string{"one node", "two nodes"} {
		if nodes == "two nodes" {
			c.worker(t)
		}
		for range 2 { // the first one compiles Trino's own code, too
			s := c.measure(t, program, dir, onTrino...)
			if s.report != here.report {
				t.Errorf("%s: the report differs", nodes)
			}
			t.Logf("Trino, %s: %.2f s, %.1f MB for each; %.1f times as much as here (the program itself took %.2f s)", nodes, s.trino.Seconds(), here.unpacked/1e6/s.trino.Seconds(),
				s.trino.Seconds()/here.program.Seconds(), s.program.Seconds())
		}
	}
}

// copyLogs puts copies of files into CloudTrail's folders.
func copyLogs(t *testing.T, from, dir string) {
	t.Helper()
	entries, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		key, ok := logs.ParseKey(e.Name())
		if !ok {
			continue
		}
		data, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		folder := filepath.Join(dir, "AWSLogs", key.Account, "CloudTrail", key.Region, key.Delivered.Format("2006/01/02"))
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, e.Name()), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// measure replays once.
func (c *trinoCluster) measure(t *testing.T, program, dir string, args ...string) speed {
	t.Helper()
	run := exec.Command(program, slices.Concat([]string{"replay", dir, "--patterns-only", "--set", "cis", "-q", "-o", "json"}, args)...)
	run.Env = environ("AWS_", "MONITORCTL_")
	var stdout, stderr bytes.Buffer
	run.Stdout, run.Stderr = &stdout, &stderr
	if err := run.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, stderr.String())
	}
	var report map[string]any
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
		t.Fatal(err)
	}
	engine, ok := report["engine"].(map[string]any)
	if !ok {
		t.Fatal("no engine")
	}
	delete(report, "engine")
	rest, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	s := speed{program: run.ProcessState.UserTime() + run.ProcessState.SystemTime(), report: string(rest)}
	s.unpacked, _ = engine["unpackedBytes"].(float64)
	ids, _ := engine["queries"].([]any)
	for _, id := range ids {
		var query struct {
			QueryStats struct{ TotalCPUTime string }
		}
		if err := get(c.url+"/v1/query/"+id.(string), &query); err != nil { //nolint:forcetypeassert // of our own JSON
			t.Fatal(err)
		}
		took, err := time.ParseDuration(strings.ReplaceAll(query.QueryStats.TotalCPUTime, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		s.trino += took
	}
	return s
}
