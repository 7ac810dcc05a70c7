package cmd

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// TestKilledAndUndone kills the program before and after each of its writes and
// takes back what its journal records: the account is as it was before.
func TestKilledAndUndone(t *testing.T) {
	needsSIGKILL(t)
	clean := newCmdLab(t)
	before := clean.account()
	whole := filepath.Join(t.TempDir(), "journal")
	clean.want(exit.ControlsFailed, killApply(whole)...) // the subscriber has to confirm
	writes := len(clean.writes())
	clean.want(exit.Done, "undo", "--yes", whole)
	if d := cmp.Diff(before, clean.account()); d != "" {
		t.Errorf("after a whole run (-before +undone):\n%s", d)
	}
	for n := range writes {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d of %d, done %v", n+1, writes, done), func(t *testing.T) {
				l := newCmdLab(t)
				journal := filepath.Join(t.TempDir(), "journal")
				l.killWith(journal, n, done)
				l.want(exit.Done, "undo", "--yes", journal)
				if d := cmp.Diff(before, l.account()); d != "" {
					t.Errorf("account (-before +undone):\n%s", d)
				}
				l.want(exit.Done, "undo", "--yes", journal)
			})
		}
	}
}

// TestKilledRepeatedAndUndone kills an apply before and after each of its writes,
// repeats it with the same journal, kills the undo of both in the same way, and
// undoes: the account is as it was before the first.
func TestKilledRepeatedAndUndone(t *testing.T) {
	needsSIGKILL(t)
	clean := newCmdLab(t)
	before := clean.account()
	clean.want(exit.ControlsFailed, killApply("")...) // the subscriber has to confirm
	writes := len(clean.writes())
	for n := range writes {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d of %d, done %v", n+1, writes, done), func(t *testing.T) {
				l := newCmdLab(t)
				journal := filepath.Join(t.TempDir(), "journal")
				l.killWith(journal, n, done)
				l.want(exit.ControlsFailed, killApply(journal)...)
				l.killedUndo(journal, n/2, done)
				r := l.run("undo", "--yes", journal)
				if r.code != exit.Done || strings.Contains(r.all(), "removed") {
					t.Errorf("undo exits with %d:\n%s", r.code, r.all())
				}
				if d := cmp.Diff(before, l.account()); d != "" {
					t.Errorf("account (-before +undone):\n%s", d)
				}
				l.want(exit.ControlsFailed, killApply(journal)...) // and once more, over the same journal
				l.want(exit.Done, "undo", "--yes", journal)
				if d := cmp.Diff(before, l.account()); d != "" {
					t.Errorf("account (-before +undone again):\n%s", d)
				}
			})
		}
	}
}

// killedUndo starts an undo and kills it at its n-th write, from 0.
func (l *cmdLab) killedUndo(journal string, n int, done bool) {
	l.t.Helper()
	if !l.killed([]string{"undo", "--yes", "--quiet", journal}, n, done) {
		l.t.Fatalf("undo ended before its write %d", n+1)
	}
	l.cloud.ResetCalls()
}
