package cmd

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestReadme runs the README's sessions, in order, against the demo's account;
// between two blocks the subscriber confirms, as the text says. With -update the
// output in the README is written anew.
func TestReadme(t *testing.T) {
	name, err := filepath.Abs("../docs/session.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir()) // for the files that the sessions write
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	d, err := newDemoRun(testEnv(&out, &errs), true)
	if err != nil {
		t.Fatal(err)
	}
	defer d.stop()
	parts := strings.Split(string(data), "```console\n")
	if len(parts) < 3 {
		t.Fatal("docs/session.md has fewer than two sessions")
	}
	for i := 1; i < len(parts); i++ {
		session, rest, _ := strings.Cut(parts[i], "```")
		ran := runSession(t, d, session)
		if ran != session && !*update {
			t.Errorf("session %d of docs/session.md:\n%s\nis now:\n%s", i, session, ran)
		}
		parts[i] = ran + "```" + rest
		if i == 1 {
			if err := d.cloud.ConfirmEmail(demoSubscriber); err != nil {
				t.Fatal(err)
			}
		}
	}
	if *update {
		if err := os.WriteFile(name, []byte(strings.Join(parts, "```console\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// runSession runs the commands of a session and returns it with their output.
func runSession(t *testing.T, d *demoRun, session string) string {
	t.Helper()
	var ran strings.Builder
	for line := range strings.Lines(session) {
		command, ok := strings.CutPrefix(strings.TrimSpace(line), "$ monitorctl ")
		if !ok {
			continue
		}
		var out bytes.Buffer
		root := newRoot(d.env.at(&out, &out))
		root.SetArgs(strings.Fields(command))
		if err := root.ExecuteContext(context.Background()); exit.Code(err) == exit.WrongUsage || exit.Code(err) == exit.Failed {
			t.Errorf("%s: %v", command, err)
		}
		ran.WriteString("$ monitorctl " + command + "\n" + out.String())
	}
	return ran.String()
}
