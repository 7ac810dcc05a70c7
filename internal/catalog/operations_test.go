package catalog_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/catalog"
)

const (
	operationsDir  = "../../testdata/operations"
	cloudTrailOnly = "cloudtrail-only.txt"
	botocore       = "botocore 1.43.11"
)

// operations returns the names of the operations of each event source.
func operations(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(operationsDir, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no operations: %v", err)
	}
	names := map[string][]string{}
	for _, file := range files {
		if filepath.Base(file) == cloudTrailOnly {
			continue
		}
		lines := readLines(t, file)
		if !strings.Contains(lines[0], botocore) {
			t.Errorf("%s: first line %q does not name %s", file, lines[0], botocore)
		}
		sources, ok := strings.CutPrefix(lines[1], "# event sources: ")
		if !ok {
			t.Fatalf("%s: second line %q names no event sources", file, lines[1])
		}
		for _, source := range strings.Fields(sources) {
			names[source] = append(names[source], lines[2:]...)
		}
	}
	return names
}

// cloudTrailNames returns the names that are CloudTrail's alone, as "source
// name".
func cloudTrailNames(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, line := range readLines(t, filepath.Join(operationsDir, cloudTrailOnly)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) < 3 {
			t.Fatalf("%s: line %q has no reason", cloudTrailOnly, line)
		}
		names = append(names, fields[0]+" "+fields[1])
	}
	return names
}

func readLines(t *testing.T, file string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	if len(lines) < 3 {
		t.Fatalf("%s has only %d lines", file, len(lines))
	}
	return lines
}

// A name that no service has would be an event that never comes.
func TestEventNamesExist(t *testing.T) {
	known, only := operations(t), cloudTrailNames(t)
	for _, c := range load(t).Controls {
		for _, e := range c.Events {
			if !slices.Contains(known[e.Source], e.Name) && !slices.Contains(only, e.Source+" "+e.Name) {
				t.Errorf("%s: %s has no operation %s", c.ID, e.Source, e.Name)
			}
		}
	}
}

// The catalog names the everyday read of every control of events.
func TestReadsExist(t *testing.T) {
	known := operations(t)
	for _, c := range load(t).Controls {
		if c.Type != catalog.Events {
			continue
		}
		if !strings.HasPrefix(c.Read, "Describe") && !strings.HasPrefix(c.Read, "Get") {
			t.Errorf("%s: %q is no name of a read", c.ID, c.Read)
		}
		if !slices.Contains(known[c.Sources[0]], c.Read) {
			t.Errorf("%s: %s has no operation %q", c.ID, c.Sources[0], c.Read)
		}
	}
}

// The list of exceptions holds nothing that needs none.
func TestCloudTrailOnlyNames(t *testing.T) {
	known := operations(t)
	for _, entry := range cloudTrailNames(t) {
		source, name, _ := strings.Cut(entry, " ")
		if slices.Contains(known[source], name) {
			t.Errorf("%s is an operation of %s", name, source)
		}
		if !named(t, source, name) {
			t.Errorf("no control names %s of %s", name, source)
		}
	}
}

// named tells whether a control has the event, or its condition names it.
func named(t *testing.T, source, name string) bool {
	for _, c := range load(t).Controls {
		for _, e := range c.Events {
			if e.Source == source && e.Name == name {
				return true
			}
		}
		if slices.Contains(c.Sources, source) && strings.Contains(c.Condition, name) {
			return true
		}
	}
	return false
}
