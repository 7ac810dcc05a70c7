package lint

import (
	"bytes"
	"encoding/json"
	"errors"
	"github.com/monitorctl/monitorctl/internal/cover"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// sample is a report with one of everything.
func sample() Report {
	nearly := &Coverage{Control: "vpc-changes", Number: "4.14", Missed: []Event{{"ec2.amazonaws.com", "CreateVpc"}}, Lost: []string{"a is missing"}}
	return Report{Benchmark: "cis-3.0.0", Files: []File{
		{Path: "a\x1b[31m.tf", Format: Terraform, Patterns: []Pattern{
			{Place: Place{Line: 3, Column: 13}, Name: "x", Use: "metric filter", Text: "{ \u202e }", Findings: []Finding{
				{Path: "a\x1b[31m.tf", Place: Place{Line: 3, Column: 15}, Offset: 2, Code: "syntax", Message: "it is no \x07pattern"},
				{Path: "other.tf", Place: Place{Line: 3, Column: 13}, Code: CodeNearly, Message: "nearly covers " + nearly.String(), Nearly: nearly},
			}},
			{Place: Place{Line: 9, Column: 1}, Name: "y", Use: "metric filter", NotJudged: "interpolation of var.x"},
			{Place: Place{Line: 10, Column: 1}, Name: "part", Use: "metric filter", Unknown: []string{"var.y"}, Notes: []Finding{{Path: "a\x1b[31m.tf", Place: Place{Line: 10, Column: 2}, Code: CodeUnlisted, Message: "it was not checked"}}},
			{Place: Place{Line: 12, Column: 1}, Name: "z", Use: "metric filter", Text: "p", Covers: []Coverage{{Control: "guardduty-changes"}}},
		}},
		{Path: "b.yaml", Format: CloudFormation, Err: &Problem{Place{Line: 2, Column: 1}, "it is torn"}},
		{Path: "c.txt", Format: Text, Err: &Problem{Message: "it is a binary file"}},
		{Path: Stdin, Format: Lines, Empty: true},
	}, Asked: []Asked{
		{Control: "vpc-changes", Number: "4.14", Verdict: cover.Missed, Missed: []Event{{"ec2.amazonaws.com", "CreateVpc"}}},
		{Control: "root-usage", Verdict: cover.Covered},
	}}
}

func TestWriteText(t *testing.T) {
	var b bytes.Buffer
	if err := WriteText(&b, sample(), false); err != nil {
		t.Fatal(err)
	}
	want := `a\x1b[31m.tf:3:15: it is no \x07pattern [syntax]
other.tf:3:13: nearly covers vpc-changes (4.14) but for CreateVpc, and for records in which a is missing [nearly-covers]
a\x1b[31m.tf:9:1: not checked: interpolation of var.x
a\x1b[31m.tf:10:2: note: it was not checked [source-not-listed]
a\x1b[31m.tf:10:1: note: checked in part: interpolation of var.y
a\x1b[31m.tf:12:1: note: covers guardduty-changes
b.yaml:2:1: not read: it is torn
c.txt: not read: it is a binary file
<stdin>: no pattern was found
vpc-changes (4.14) is not covered but for CreateVpc
root-usage is covered
4 patterns in 4 files, 2 findings, 1 not checked, 1 file without a pattern, 2 files not read, 1 of 2 controls covered
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
	b.Reset()
	if err := WriteText(&b, sample(), true); err != nil {
		t.Fatal(err)
	}
	var quiet string
	for line := range strings.Lines(want) {
		if !strings.Contains(line, "note: ") && !strings.Contains(line, " is covered") && !strings.Contains(line, "patterns in") {
			quiet += line
		}
	}
	if b.String() != quiet {
		t.Errorf("quiet: got\n%s\nwant\n%s", b.String(), quiet)
	}
	if err := WriteText(brokenWriter{}, sample(), true); err == nil {
		t.Error("an error of the writer is lost")
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("full") }

// TestWriteJSON holds the report to its schema, and the schema to the report.
func TestWriteJSON(t *testing.T) {
	data, err := os.ReadFile("../../docs/schema/lint-v1.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("lint.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("lint.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []Report{sample(), {Benchmark: "cis-3.0.0"}} {
		var b bytes.Buffer
		if err := WriteJSON(&b, r); err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(b.String(), "\x1b\x07\u202e") {
			t.Errorf("unsafe characters: %q", b.String())
		}
		report, err := jsonschema.UnmarshalJSON(&b)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(report); err != nil {
			t.Errorf("%v", err)
		}
	}
	if err := schema.Validate(map[string]any{"schema": Schema}); err == nil {
		t.Error("the schema demands nothing")
	}
}

func TestJSONFields(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJSON(&b, sample()); err != nil {
		t.Fatal(err)
	}
	var got jsonReport
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if want := (jsonSummary{Files: 4, Patterns: 4, Findings: 2, NotJudged: 1, Empty: 1, Uncovered: 1, Unread: 2}); got.Summary != want {
		t.Errorf("summary: got %+v, want %+v", got.Summary, want)
	}
	f := got.Files[0].Patterns[0].Findings
	if f[0].Nearly != nil || f[0].Offset != 2 || f[0].Line != 3 || f[0].Column != 15 || f[1].Nearly.Missed[0].Event != "CreateVpc" {
		t.Errorf("findings: got %+v", f)
	}
	if got.Files[1].Error.Line != 2 || got.Files[2].Error.Line != 0 || got.Files[3].Error != nil {
		t.Errorf("errors: got %+v", got.Files)
	}
}
