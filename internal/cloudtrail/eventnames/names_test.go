package eventnames

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite names.txt from testdata/operations")

const namesHeader = "# Names of CloudTrail events by event source: the operations of the services that\n" +
	"# the catalog speaks of, and the events that are no operation. Written from\n" +
	"# testdata/operations: go test ./internal/cloudtrail/eventnames -update\n"

// TestNames keeps names.txt, which is embedded, equal to testdata/operations,
// which is beyond the reach of embedding.
func TestNames(t *testing.T) {
	var b strings.Builder
	b.WriteString(namesHeader)
	for _, line := range slices.Sorted(maps.Keys(operations(t))) {
		b.WriteString(line + "\n")
	}
	if *update {
		if err := os.WriteFile("names.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if namesText != b.String() {
		t.Error("names.txt is not what testdata/operations says: go test ./internal/cloudtrail/eventnames -update, then run generate.py")
	}
}

// operations returns the lines "source name" of all operations.
func operations(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("../../../testdata/operations/*.txt")
	if err != nil || len(files) < 10 {
		t.Fatalf("only %d files of operations: %v", len(files), err)
	}
	all := map[string]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var sources []string
		for _, line := range strings.Split(string(data), "\n") {
			if list, ok := strings.CutPrefix(line, "# event sources: "); ok {
				sources = strings.Fields(list)
			}
		}
		for _, line := range lines(string(data)) {
			fields := strings.Fields(line)
			if len(sources) == 0 {
				all[fields[0]+" "+fields[1]] = true
			}
			for _, s := range sources {
				all[s+" "+fields[0]] = true
			}
		}
	}
	return all
}

// The lists are well-formed, and none repeats another.
func TestLists(t *testing.T) {
	named := operations(t)
	for _, line := range lines(servicesText) {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			t.Errorf("services.txt: %q lacks its source", line)
			continue
		}
		if named[fields[0]+" "+fields[1]] {
			t.Errorf("services.txt: %s is in names.txt already", line)
		}
		if !strings.HasSuffix(fields[0], ".amazonaws.com") {
			t.Errorf("services.txt: %q is no event source", fields[0])
		}
	}
	shared := lines(sharedText)
	if len(shared) < 100 || !slices.IsSorted(shared) {
		t.Errorf("shared.txt has %d names, sorted: %t", len(shared), slices.IsSorted(shared))
	}
	for _, name := range shared {
		if !slices.Contains(known().names, name) {
			t.Errorf("shared.txt: %s is not listed; run generate.py", name)
		}
	}
	others := lines(othersText)
	if len(others) < 100 || !slices.IsSorted(others) {
		t.Errorf("others.txt has %d names, sorted: %t", len(others), slices.IsSorted(others))
	}
	for _, name := range others {
		if slices.Contains(known().names, name) {
			t.Errorf("others.txt: %s is listed", name)
		}
		if !slices.ContainsFunc(known().names, func(have string) bool {
			return distance(strings.ToLower(have), strings.ToLower(name), nearLimit) <= nearLimit
		}) {
			t.Errorf("others.txt: %s is not near to any listed name; run generate.py", name)
		}
	}
}
