package cmd

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/journal"

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

// TestKilledRepeatedAndUndone kills an apply before and after each of its writes,
// repeats it with the same journal, kills the undo of both in the same way, and
// undoes: the account is as it was before the first.
func TestKilledRepeatedAndUndone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGKILL; a process that is terminated there ends its writes in the same way")
	}
	clean := newCmdLab(t)
	before := clean.account()
	clean.want(exitControlsFailed, killApply("")...) // the subscriber has to confirm
	writes := len(clean.writes())
	for n := range writes {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d of %d, done %v", n+1, writes, done), func(t *testing.T) {
				l := newCmdLab(t)
				journal := filepath.Join(t.TempDir(), "journal")
				l.killWith(journal, n, done)
				l.want(exitControlsFailed, killApply(journal)...)
				l.killedUndo(journal, n/2, done)
				r := l.run("undo", "--yes", journal)
				if r.code != exitDone || strings.Contains(r.all(), "removed") {
					t.Errorf("undo exits with %d:\n%s", r.code, r.all())
				}
				if d := cmp.Diff(before, l.account()); d != "" {
					t.Errorf("account (-before +undone):\n%s", d)
				}
				l.want(exitControlsFailed, killApply(journal)...) // and once more, over the same journal
				l.want(exitDone, "undo", "--yes", journal)
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

// TestUndoWithoutARecord takes back a journal that cannot be written: that is said
// and does not keep the account as it is. Another account's is never continued.
func TestUndoWithoutARecord(t *testing.T) {
	l := newCmdLab(t)
	var errs bytes.Buffer
	l.env.err = &errs
	header := journal.Header{Account: demoAccount, Partition: "aws", Salt: "5a17"}
	if w, err := continueJournal[action.State](l.env, os.DevNull, header); w != nil || err != nil || !strings.Contains(errs.String(), "this undo is not recorded: opening the journal "+os.DevNull) {
		t.Errorf("a device: %v, %v, %q", w, err, errs.String())
	}
	path := filepath.Join(t.TempDir(), "journal")
	w, err := continueJournal[action.State](l.env, path, header)
	l.must(err)
	if again, err := continueJournal[action.State](l.env, path, header); err == nil || again != nil {
		t.Errorf("while another run is writing: %v, %v", again, err)
	}
	l.must(w.Close())
	header.Account = "999999999999"
	if w, err := continueJournal[action.State](l.env, path, header); err == nil || w != nil {
		t.Errorf("the journal of another account: %v, %v", w, err)
	}
}
