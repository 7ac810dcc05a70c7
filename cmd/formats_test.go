package cmd

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"testing"

	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/report"
)

// TestExitCodeInEveryFormat audits one failing control in every format: alone,
// known from a baseline, and into a file.
func TestExitCodeInEveryFormat(t *testing.T) {
	d, err := newDemoRun(testEnv(io.Discard, io.Discard), true)
	if err != nil {
		t.Fatal(err)
	}
	defer d.stop()
	run := func(args ...string) (code int, out string) {
		var buf bytes.Buffer
		root := newRoot(d.env.at(&buf, io.Discard))
		root.SetArgs(args)
		code = exit.Code(root.ExecuteContext(context.Background()))
		return code, buf.String()
	}
	dir := t.TempDir()
	base, saved := filepath.Join(dir, "base.json"), filepath.Join(dir, "account.json")
	if code, _ := run("snapshot", "--file", saved, "--region", demoRegion); code != exit.Done {
		t.Fatalf("the snapshot exits with %d", code)
	}
	audit := func(args ...string) (code int, out string) {
		return run(append([]string{"audit", "nacl-changes", "--snapshot", saved}, args...)...)
	}
	if code, _ := audit("-o", "json="+base); code != exit.ControlsFailed {
		t.Fatalf("the baseline's run exits with %d", code)
	}
	for _, format := range report.Formats() {
		if code, out := audit("-o", format); code != exit.ControlsFailed || out == "" {
			t.Errorf("%s: exit code %d, %d bytes; want %d", format, code, len(out), exit.ControlsFailed)
		}
		if code, _ := audit("-o", format, "--baseline", base); code != exit.Done {
			t.Errorf("%s: with a baseline exit code %d, want %d", format, code, exit.Done)
		}
		if code, out := audit("-o", format+"="+filepath.Join(dir, format)); code != exit.ControlsFailed || out != "" {
			t.Errorf("%s: into a file exit code %d and on standard output %q; want %d and nothing", format, code, out, exit.ControlsFailed)
		}
	}
}
