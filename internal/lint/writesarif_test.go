package lint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
)

func TestWriteSARIF(t *testing.T) {
	for name, r := range map[string]Report{"one of everything": sample(), "empty": {}} {
		var b bytes.Buffer
		if err := WriteSARIF(&b, r, "1.2.3", false); err != nil {
			t.Fatal(err)
		}
		text := bytes.Clone(b.Bytes())
		dec := json.NewDecoder(&b)
		dec.DisallowUnknownFields()
		var closed sarif.Report
		if err := dec.Decode(&closed); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		read, err := sarif.FromBytes(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range read.Runs {
			// The library validates what it would write, an absent list as an empty
			// one; only this one must not be empty.
			run.NewlineSequences = sarif.NewRun().NewlineSequences
		}
		if err := read.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Each problem is one result at its place, and says what the text report says.
func TestSARIFResults(t *testing.T) {
	var b bytes.Buffer
	if err := WriteSARIF(&b, sample(), "", false); err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	want := []struct {
		rule, level, uri string
		line, column     int
	}{
		{"syntax", "error", "a%5Cx1b%5B31m.tf", 3, 15},
		{"nearly-covers", "error", "other.tf", 3, 13},
		{"not-checked", "warning", "a%5Cx1b%5B31m.tf", 9, 1},
		{"not-read", "error", "b.yaml", 2, 1},
		{"not-read", "error", "c.txt", 1, 1},
		{"no-pattern", "warning", "stdin", 1, 1},
		{"not-covered", "error", "a%5Cx1b%5B31m.tf", 1, 1},
	}
	run := log.Runs[0]
	if len(run.Results) != len(want) || run.Invocations[0].ExecutionSuccessful {
		t.Fatalf("%d results, want %d; %+v", len(run.Results), len(want), run.Invocations)
	}
	marks := map[string]bool{}
	for i, got := range run.Results {
		at := got.Locations[0].PhysicalLocation
		if got.RuleID != want[i].rule || got.Level != want[i].level || at.ArtifactLocation.URI != want[i].uri || at.Region.StartLine != want[i].line || at.Region.StartColumn != want[i].column {
			t.Errorf("got %+v, want %+v", got, want[i])
		}
		if run.Tool.Driver.Rules[got.RuleIndex].ID != got.RuleID {
			t.Errorf("rule %s is not at %d", got.RuleID, got.RuleIndex)
		}
		mark := got.PartialFingerprints["primaryLocationLineHash"]
		if marks[mark] {
			t.Errorf("%s has the fingerprint of another result", got.RuleID)
		}
		marks[mark] = true
	}
}

// What is allowed is a note, in SARIF and for GitHub.
func TestAllowed(t *testing.T) {
	for _, p := range sample().problems(true) {
		if (p.code == codeNotChecked || p.code == codeNoPattern) != (p.level == levelNote) {
			t.Errorf("%s has the level %s", p.code, p.level.sarif())
		}
	}
}

func TestWriteGitHub(t *testing.T) {
	var b bytes.Buffer
	if err := WriteGitHub(&b, sample(), false); err != nil {
		t.Fatal(err)
	}
	want := `::error file=a\x1b[31m.tf,line=3,col=15,title=monitorctl%3A syntax::it is no \x07pattern
::error file=other.tf,line=3,col=13,title=monitorctl%3A nearly-covers::nearly covers vpc-changes (4.14) but for CreateVpc, and for records in which a is missing
::error file=b.yaml,line=2,col=1,title=monitorctl%3A not-read::not read: it is torn
::error file=c.txt,title=monitorctl%3A not-read::not read: it is a binary file
::error file=a\x1b[31m.tf,title=monitorctl%3A not-covered::vpc-changes (4.14) is not covered: no pattern matches CreateVpc
::warning file=a\x1b[31m.tf,line=9,col=1,title=monitorctl%3A not-checked::not checked: interpolation of var.x
::warning file=<stdin>,title=monitorctl%3A no-pattern::no pattern was found
::notice title=monitorctl::4 patterns in 4 files, 2 findings, 1 not checked, 1 file without a pattern, 2 files not read, 1 of 2 controls covered
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// GitHub keeps 5,000 results: the gravest, and how many are left out.
func TestWriteSARIFKeepsTheGravest(t *testing.T) {
	r := Report{}
	for i := range 6000 {
		f := File{Path: fmt.Sprintf("%04d.tf", i), Format: Terraform, Patterns: []Pattern{{Place: Place{Line: 9, Column: 1}, Use: "metric filter", NotJudged: "interpolation of var.x"}}}
		if i >= 5900 {
			f.Patterns = nil
			f.Err = &Problem{Place{Line: 2, Column: 1}, "it is torn"}
		}
		r.Files = append(r.Files, f)
	}
	var b bytes.Buffer
	if err := WriteSARIF(&b, r, "1.2.3", false); err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	if err := json.Unmarshal(b.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if run.Properties == nil || run.Properties.Left != len(r.problems(false))-5000 || run.Properties.Left < 1 || len(run.Results) != 5000 || run.Results[99].Level != "error" || run.Results[100].Level == "error" {
		t.Errorf("%d results, %+v left out", len(run.Results), run.Properties)
	}
}

// What GitHub would drop in silence is named, with its place.
func TestWriteGitHubCapsAnnotations(t *testing.T) {
	r := Report{}
	for i := range 300 {
		r.Files = append(r.Files, File{Path: fmt.Sprintf("%03d.tf", i), Format: Terraform, Err: &Problem{Place{Line: 2, Column: 1}, "it is torn"}})
	}
	var b bytes.Buffer
	if err := WriteGitHub(&b, r, false); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if n := strings.Count(text, "::error "); n != 10 {
		t.Errorf("%d errors", n)
	}
	for _, want := range []string{"::error file=008.tf,line=2,col=1,", "::error title=monitorctl%3A 291 more::", "%0A009.tf:2:1: not read: it is torn%0A", "%0Aand 91 more\n::notice title=monitorctl::"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing:\n%.3000s", want, text)
		}
	}
}

func TestSARIFURI(t *testing.T) {
	t.Chdir(t.TempDir())
	for path, want := range map[string]string{"./a b/c.tf": "a%20b/c.tf", "../x.tf": "../x.tf", "/no/where.tf": "file:///no/where.tf", "a:b.tf": "a%3Ab.tf"} {
		if got := sarifURI(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}
