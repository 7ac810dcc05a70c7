package cmd

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/report"
)

// TestExitCodeInEveryFormat audits one failing control in every format: alone,
// known from a baseline, and into a file.
func TestExitCodeInEveryFormat(t *testing.T) {
	d, err := newDemoRun(newEnv(strings.NewReader(""), io.Discard, io.Discard, nil), true)
	if err != nil {
		t.Fatal(err)
	}
	defer d.stop()
	run := func(args ...string) (code int, out string) {
		var buf bytes.Buffer
		e := *d.env
		e.out = &buf
		root := newRoot(&e)
		root.SetArgs(args)
		code = exitCode(root.ExecuteContext(context.Background()))
		return code, buf.String()
	}
	dir := t.TempDir()
	base, saved := filepath.Join(dir, "base.json"), filepath.Join(dir, "account.json")
	if code, _ := run("snapshot", "--file", saved, "--region", demoRegion); code != exitDone {
		t.Fatalf("the snapshot exits with %d", code)
	}
	audit := func(args ...string) (code int, out string) {
		return run(append([]string{"audit", "nacl-changes", "--snapshot", saved}, args...)...)
	}
	if code, _ := audit("-o", "json="+base); code != exitControlsFailed {
		t.Fatalf("the baseline's run exits with %d", code)
	}
	for _, format := range report.Formats() {
		if code, out := audit("-o", format); code != exitControlsFailed || out == "" {
			t.Errorf("%s: exit code %d, %d bytes; want %d", format, code, len(out), exitControlsFailed)
		}
		if code, _ := audit("-o", format, "--baseline", base); code != exitDone {
			t.Errorf("%s: with a baseline exit code %d, want %d", format, code, exitDone)
		}
		if code, out := audit("-o", format+"="+filepath.Join(dir, format)); code != exitControlsFailed || out != "" {
			t.Errorf("%s: into a file exit code %d and on standard output %q; want %d and nothing", format, code, out, exitControlsFailed)
		}
	}
}
