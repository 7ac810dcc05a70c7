package cmd

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestKilledAndUndone kills the program before and after each of its writes and
// takes back what its journal records: the account is as it was before.
func TestKilledAndUndone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGKILL; a process that is terminated there ends its writes in the same way")
	}
	clean := newCmdLab(t)
	before := clean.account()
	whole := filepath.Join(t.TempDir(), "journal")
	clean.want(exitControlsFailed, killApply(whole)...) // the subscriber has to confirm
	writes := len(clean.writes())
	clean.want(exitDone, "undo", "--yes", whole)
	if d := cmp.Diff(before, clean.account()); d != "" {
		t.Errorf("after a whole run (-before +undone):\n%s", d)
	}
	for n := range writes {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d of %d, done %v", n+1, writes, done), func(t *testing.T) {
				l := newCmdLab(t)
				journal := filepath.Join(t.TempDir(), "journal")
				l.killWith(journal, n, done)
				l.want(exitDone, "undo", "--yes", journal)
				if d := cmp.Diff(before, l.account()); d != "" {
					t.Errorf("account (-before +undone):\n%s", d)
				}
				l.want(exitDone, "undo", "--yes", journal)
			})
		}
	}
}
