package audit_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"
)

// rowsFile lists the rows of the rules.
const rowsFile = judgingDir + "/rows.yaml"

// caseFiles are the files of the cases.
func caseFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(judgingDir, "*.yaml"))
	if err != nil || len(files) < 180 {
		t.Fatalf("%d cases in %s, want at least 180 (%v)", len(files), judgingDir, err)
	}
	return slices.DeleteFunc(files, func(f string) bool { return filepath.Base(f) == filepath.Base(rowsFile) })
}

// A ruleRow is a row of the rules.
type ruleRow struct {
	ID      string `yaml:"id"`
	Section int    `yaml:"section"`
	Text    string `yaml:"text"`
	Tested  string `yaml:"tested"` // the test that holds a row that no snapshot can show
}

// TestRows sees that every row has a case on each side of its line.
func TestRows(t *testing.T) {
	data, err := os.ReadFile(rowsFile)
	if err != nil {
		t.Fatal(err)
	}
	var rows []ruleRow
	if err := yaml.UnmarshalWithOptions(data, &rows, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	cases := map[string][]string{} // "row side" -> names
	for _, file := range caseFiles(t) {
		c := readCase(t, file)
		for id, side := range c.Rows {
			if !slices.ContainsFunc(rows, func(r ruleRow) bool { return r.ID == id }) || side != "in" && side != "out" {
				t.Errorf("%s: there is no row %s with a side %s", file, id, side)
			}
			cases[id+" "+side] = append(cases[id+" "+side], caseName(file))
		}
	}
	seen := map[string]bool{}
	for _, r := range rows {
		if seen[r.ID] || r.ID == "" || r.Text == "" || r.Section < 1 || r.Section > 10 {
			t.Errorf("row %+v is not whole, or stands twice", r)
		}
		seen[r.ID] = true
		for _, side := range []string{"in", "out"} {
			if len(cases[r.ID+" "+side]) == 0 && r.Tested == "" {
				t.Errorf("row %s (%s) has no case %s", r.ID, r.Text, side)
			}
		}
	}
}
