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
	if err != nil {
		t.Skip("man is not here; it formats the manual pages")
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
		if err := c.Run(); err != nil {
			t.Skipf("man cannot format a local page here: %v: %s", err, errs.String())
		}
		if errs.Len() > 0 || !bytes.Contains(out.Bytes(), []byte("SYNOPSIS")) || !bytes.Contains(out.Bytes(), []byte("monitorctl")) {
			t.Errorf("%s: %s%.300s", filepath.Base(page), errs.String(), out.String())
		}
	}
}
