package run

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/console"
	"github.com/monitorctl/monitorctl/internal/journal"
)

// TestUndoWithoutARecord takes back a journal that cannot be written: that is said
// and does not keep the account as it is. Another account's is never continued.
func TestUndoWithoutARecord(t *testing.T) {
	var errs strings.Builder
	r := New(console.New(t.Context(), strings.NewReader(""), nil, &errs, nil), "test")
	header := journal.Header{Account: "111122223333", Partition: "aws", Salt: "5a17"}
	if w, err := r.continueJournal(os.DevNull, header); w != nil || err != nil || !strings.Contains(errs.String(), "this undo is not recorded: opening the journal "+os.DevNull) {
		t.Errorf("a device: %v, %v, %q", w, err, errs.String())
	}
	path := filepath.Join(t.TempDir(), "journal")
	w, err := r.continueJournal(path, header)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := r.continueJournal(path, header); err == nil || again != nil {
		t.Errorf("while another run is writing: %v, %v", again, err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	header.Account = "999999999999"
	if w, err := r.continueJournal(path, header); err == nil || w != nil {
		t.Errorf("the journal of another account: %v, %v", w, err)
	}
}
