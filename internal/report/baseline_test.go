package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/diff"
	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// since is what a run is held against in these tests: one failure is known, one
// was fixed.
func since() Options {
	return Options{Version: "1.2.3", Baseline: &Baseline{
		Path: "baseline.json",
		Standing: diff.Standing{
			Known: map[string]bool{"0b77de": true},
			Fixed: []finding.Finding{{ID: "9912aa", Account: "111122223333", Control: "nacl-changes"}},
		},
	}}
}

func TestTableBaselineGolden(t *testing.T) {
	var b bytes.Buffer
	if err := Table(&b, everyStatus(), since()); err != nil {
		t.Fatal(err)
	}
	golden(t, "table-baseline.txt", b.Bytes())
}

// TestKnownIsShown demands of the formats that have room for it that they tell
// the one known failure from the others.
func TestKnownIsShown(t *testing.T) {
	out := map[string]string{}
	for _, format := range formats {
		name := format.Name
		var b bytes.Buffer
		if err := format.Write(&b, everyStatus(), since()); err != nil {
			t.Fatal(err)
		}
		out[name] = b.String()
	}
	for _, name := range []string{"table", "markdown", "junit", "github", "gitlab"} {
		if n := strings.Count(out[name], "known: "); n == 0 || n > 2 {
			t.Errorf("%s marks %d times, want once or, with details, twice:\n%s", name, n, out[name])
		}
	}
	for _, name := range []string{"table", "markdown", "github"} {
		if !strings.Contains(out[name], "Fixed since the baseline: nacl-changes in account") || !strings.Contains(out[name], "1 failure is known from the baseline") {
			t.Errorf("%s does not say what the baseline changes:\n%s", name, out[name])
		}
	}
	rows, err := csv.NewReader(strings.NewReader(out["csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		if known := row[slices.Index(rows[0], "known")] == "known"; known != (row[0] == "0b77de") {
			t.Errorf("csv: finding %s: known %t", row[0], known)
		}
	}
}

// TestJSONBaseline holds the report with a baseline to the schema and reads it.
func TestJSONBaseline(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, everyStatus(), since()); err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := compileSchemas(t, true)["audit"].Validate(v); err != nil {
		t.Error(err)
	}
	var doc struct {
		Baseline struct {
			Path  string
			Known int
			Fixed []struct{ ID, Control, Account string }
		}
		Findings []struct {
			ID    string
			Known bool
		}
	}
	if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Baseline.Path != "baseline.json" || doc.Baseline.Known != 1 || len(doc.Baseline.Fixed) != 1 || doc.Baseline.Fixed[0].ID != "9912aa" {
		t.Errorf("the baseline is %+v", doc.Baseline)
	}
	for _, f := range doc.Findings {
		if f.Known != (f.ID == "0b77de") {
			t.Errorf("finding %s: known %t", f.ID, f.Known)
		}
	}
}
