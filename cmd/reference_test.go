package cmd

import (
	"bytes"
	"io"
	"os"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// TestReference holds docs/commands and docs/man to the commands. With -update
// both are written anew.
func TestReference(t *testing.T) {
	for dir, generate := range map[string]func(*cobra.Command, string) error{
		"../docs/commands": doc.GenMarkdownTree,
		"../docs/man": func(root *cobra.Command, dir string) error {
			date := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) // the same pages whenever they are made
			return doc.GenManTree(root, &doc.GenManHeader{Title: "MONITORCTL", Section: "1", Source: "monitorctl", Manual: "User Commands", Date: &date}, dir)
		},
	} {
		made := t.TempDir()
		if err := generate(documented(), made); err != nil {
			t.Fatal(err)
		}
		want := filesIn(t, made)
		if *update {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(dir, os.DirFS(made)); err != nil {
				t.Fatal(err)
			}
		}
		have := filesIn(t, dir)
		for name, text := range want {
			if !bytes.Equal(have[name], text) {
				t.Errorf("%s/%s is not what the command says; run go test ./cmd -run TestReference -update", dir, name)
			}
		}
		for name := range have {
			if _, ok := want[name]; !ok {
				t.Errorf("%s/%s describes no command", dir, name)
			}
		}
	}
}

// documented is the command tree as it is documented: without what cobra adds,
// which depends on how the program is run.
func documented() *cobra.Command {
	root := newRoot(testEnv(io.Discard, io.Discard))
	root.DisableAutoGenTag = true
	root.InitDefaultCompletionCmd()
	return root
}
