package pattern

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The faults of testdata/faults are changes of one line that a test must catch.
// scripts/faults.sh plants each and runs the tests, which takes minutes; here
// it is checked that they can still be planted.

// leastFaults is the number of faults below which some were lost.
const leastFaults = 20

// A fault is a patch of one place.
type fault struct {
	why        string // its first line
	file       string // in this package
	old        string // the lines that it wants to find
	gone, come int    // lines
}

// readFault reads a unified diff with a description in front.
func readFault(t *testing.T, path string) fault {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var f fault
	var old strings.Builder
	why, diff, _ := strings.Cut(string(text), "\n\n")
	f.why = why
	_, diff, _ = strings.Cut(diff, "\n--- a/internal/pattern/")
	f.file, diff, _ = strings.Cut(diff, "\n")
	_, hunk, _ := strings.Cut(diff, "\n@@ ")
	_, hunk, _ = strings.Cut(hunk, "\n")
	for line := range strings.Lines(hunk) {
		switch line[0] {
		case ' ':
			old.WriteString(line[1:])
		case '-':
			f.gone++
			old.WriteString(line[1:])
		case '+':
			f.come++
		default:
			t.Fatalf("%s: more than one hunk, or not a diff: %q", path, line)
		}
	}
	f.old = old.String()
	return f
}

func TestFaultsApply(t *testing.T) {
	paths, err := filepath.Glob("testdata/faults/*.patch")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) < leastFaults {
		t.Errorf("%d faults, want at least %d", len(paths), leastFaults)
	}
	for _, path := range paths {
		f := readFault(t, path)
		if !strings.HasSuffix(f.why, ".") || strings.Contains(f.why, "\n") {
			t.Errorf("%s: described as %q, want one sentence", path, f.why)
		}
		if f.gone != 1 || f.come > 1 {
			t.Errorf("%s: %d lines become %d, want one line", path, f.gone, f.come)
		}
		if strings.HasSuffix(f.file, "_test.go") {
			t.Errorf("%s: a fault of the tests themselves", path)
		}
		source, err := os.ReadFile(f.file)
		if err != nil {
			t.Errorf("%s: %v", path, err)
		} else if n := strings.Count(string(source), f.old); n != 1 {
			t.Errorf("%s: found at %d places of %s, want one: make the patch anew", path, n, f.file)
		}
	}
}
