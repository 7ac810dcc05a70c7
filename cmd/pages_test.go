package cmd

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/exit"
)

// checkPages writes the pages of a fleet into a folder, once more into the same, and where something else is.
func (l *fleetLab) checkPages(t *testing.T, parts []string, want ...string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pages")
	write := append([]string{"merge", "-o", "html=" + dir + "/"}, parts...)
	l.want(exit.ControlsFailed, write...)
	stale := filepath.Join(dir, "999999999999.html")
	l.must(os.WriteFile(stale, []byte("an earlier run's"), 0o600))
	l.want(exit.ControlsFailed, write...)
	entries, err := os.ReadDir(dir)
	l.must(err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got, want := strings.Join(names, " "), strings.Join(append(want, "index.html"), " "); got != want {
		t.Errorf("the folder holds %s, want %s", got, want)
	}
	index, err := os.ReadFile(filepath.Join(dir, "index.html"))
	l.must(err)
	for _, name := range want {
		if id := strings.TrimSuffix(name, ".html"); !strings.Contains(string(index), `["`+id+`",`) {
			t.Errorf("the first page does not know %s", id)
		}
	}
	l.must(os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("mine"), 0o600))
	if r := l.want(exit.WrongUsage, write...); !strings.Contains(r.err, "the folder holds notes.txt, which is not a page of a report") {
		t.Error(r.err)
	}
}

// TestPageSaysWhere: the page of an account names the principal and the digest of what was read; that of a saved
// snapshot has the digest of the file.
func TestPageSaysWhere(t *testing.T) {
	l := newFleetLab(t, 1)
	dir := t.TempDir()
	file := filepath.Join(dir, "account.json")
	page := func(args ...string) string {
		path := filepath.Join(dir, "page.html")
		l.run(append([]string{"audit", "nacl-changes", "-o", "html=" + path}, args...)...)
		text, err := os.ReadFile(path)
		l.must(err)
		return string(text)
	}
	if text := page(); !strings.Contains(text, ", by arn:aws:iam::"+fleetManagement+":") {
		t.Error("the page does not say who read the account")
	}
	l.want(exit.Done, "snapshot", "--file", file)
	data, err := os.ReadFile(file)
	l.must(err)
	sum := sha256.Sum256(data)
	if text := page("--snapshot", file); !strings.Contains(text, "<dd>SHA-256 "+hex.EncodeToString(sum[:])+"</dd>") || !strings.Contains(text, "checked from a saved snapshot") {
		t.Error("the page does not have the digest of the file")
	}
	if r := l.want(exit.WrongUsage, "audit", "nacl-changes", "--snapshot", file, "-o", "html="+dir+"/"); !strings.Contains(r.err, "this report is one page") {
		t.Error(r.err)
	}
}
