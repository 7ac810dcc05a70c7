package cmd

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestManPages has man(1) format every page: it warns of what the language of pages does not
// know.
func TestManPages(t *testing.T) {
	man, err := exec.LookPath("man")
	version, _ := exec.Command(man, "--version").Output() // a small image of Debian has a man that only says so
	if err != nil || !bytes.HasPrefix(version, []byte("man ")) {
		t.Skip("man, which formats the manual pages, is not installed here")
	}
	pages, err := filepath.Glob(filepath.Join("..", "docs", "man", "*.1"))
	if err != nil || len(pages) < 20 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	for _, page := range pages {
		var out, errs bytes.Buffer
		c := exec.Command(man, "--warnings", "--local-file", "-E", "UTF-8", page)
		c.Stdout, c.Stderr = &out, &errs
		c.Env = append(c.Environ(), "MANWIDTH=80", "LC_ALL=C.UTF-8", "MANPAGER=cat", "PAGER=cat")
		if err := c.Run(); err != nil || errs.Len() > 0 || !bytes.Contains(out.Bytes(), []byte("SYNOPSIS")) || !bytes.Contains(out.Bytes(), []byte("monitorctl")) {
			t.Errorf("%s: %v: %s%.300s", filepath.Base(page), err, errs.String(), out.String())
		}
	}
}
