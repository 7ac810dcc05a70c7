package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func auditLines(b *bytes.Buffer, r finding.Report, o Options) error { return JSONLines(b, r, o) }

func TestJSONLinesGolden(t *testing.T) {
	golden(t, "audit.jsonl", written(t, auditLines, everyStatus()))
}

// TestJSONLinesFollowSchema holds each line to the published schema.
func TestJSONLinesFollowSchema(t *testing.T) {
	for _, closed := range []bool{false, true} {
		schema := compileSchemas(t, closed)["audit-lines"]
		for line := range bytes.Lines(written(t, auditLines, everyStatus())) {
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(v); err != nil {
				t.Errorf("%s (closed: %t): %v", line, closed, err)
			}
		}
		for _, line := range []string{`{"schema":"monitorctl/audit-lines/v1"}`, `{"finding":{}}`, `{"summary":{"pass":1}}`, `{"summary":null}`, `{}`, `[]`} {
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
			if err != nil {
				t.Fatal(err)
			}
			if schema.Validate(v) == nil {
				t.Errorf("the schema allows %s", line)
			}
		}
	}
}

// TestJSONLinesSayWhatJSONSays puts the lines together again.
func TestJSONLinesSayWhatJSONSays(t *testing.T) {
	var want jsonReport
	if err := json.Unmarshal(written(t, auditJSON, everyStatus()), &want); err != nil {
		t.Fatal(err)
	}
	got := jsonReport{Schema: AuditSchema, Findings: []jsonFinding{}}
	for line := range bytes.Lines(written(t, auditLines, everyStatus())) {
		var l struct {
			headerLine
			Finding *jsonFinding
			Summary *jsonSummary
		}
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatal(err)
		}
		switch {
		case l.Schema == LinesSchema:
			got.Tool, got.GeneratedAt, got.Scope, got.Baseline = l.Tool, l.GeneratedAt, l.Scope, l.Baseline
		case l.Finding != nil:
			got.Findings = append(got.Findings, *l.Finding)
		case l.Summary != nil:
			got.Summary = *l.Summary
		default:
			t.Errorf("a line that is nothing: %s", line)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the lines differ from the report (-json +lines):\n%s", diff)
	}
}

// A writeLog remembers each Write.
type writeLog struct{ writes []string }

func (w *writeLog) Write(p []byte) (int, error) {
	w.writes = append(w.writes, string(p))
	return len(p), nil
}

// TestJSONLinesAreStreamed demands one Write per line, so that nothing waits
// for the end.
func TestJSONLinesAreStreamed(t *testing.T) {
	var w writeLog
	r := everyStatus()
	if err := JSONLines(&w, r, Options{}); err != nil {
		t.Fatal(err)
	}
	if want := len(r.Findings) + 2; len(w.writes) != want {
		t.Errorf("%d writes, want %d", len(w.writes), want)
	}
	for _, line := range w.writes {
		if strings.Count(line, "\n") != 1 || !strings.HasSuffix(line, "\n") {
			t.Errorf("a write is not one line: %q", line)
		}
	}
}

// readJSONLines is the check of -o jsonl: every line a JSON value.
func readJSONLines(t *testing.T, out []byte) (shape, text string) {
	t.Helper()
	var shapes, texts strings.Builder
	for line := range bytes.Lines(out) {
		s, txt := readJSONShape(t, line)
		shapes.WriteString(s + "\n")
		texts.WriteString(txt)
	}
	return shapes.String(), texts.String()
}
