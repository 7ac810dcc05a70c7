package report

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// LinesSchema is the value of "schema" in the first line of -o jsonl. Within it
// fields and types of lines are added, never changed or removed.
const LinesSchema = "monitorctl/audit-lines/v1"

// The lines of -o jsonl (docs/schema/audit-lines-v1.schema.json). The name of
// the one field tells a finding from the summary.
type (
	headerLine struct {
		Schema      string        `json:"schema"`
		Tool        jsonTool      `json:"tool"`
		GeneratedAt string        `json:"generatedAt"`
		Scope       jsonScope     `json:"scope"`
		Baseline    *jsonBaseline `json:"baseline"`
	}

	findingLine struct {
		Finding jsonFinding `json:"finding"`
	}

	totalLine struct {
		Summary jsonSummary `json:"summary"`
	}
)

// JSONLines writes a report as one JSON object per line: a header, each
// finding, and the summary, whose absence tells that the output was cut off.
// Each line is one Write, made as soon as the line is known.
func JSONLines(w io.Writer, r finding.Report, o Options) error {
	err := encodeLine(w, headerLine{
		Schema: LinesSchema, Tool: toolOf(o), GeneratedAt: timeOf(r.GeneratedAt), Scope: scopeOf(r, o), Baseline: baselineOf(o),
	})
	for i := 0; i < len(r.Findings) && err == nil; i++ {
		err = encodeLine(w, findingLine{findingOf(r.Findings[i], r.Of(r.Findings[i].Cloud).Benchmark, o)})
	}
	if err != nil {
		return err
	}
	return encodeLine(w, totalLine{summaryOf(r)})
}

// encodeLine writes v in one line, with the escapes of encodeJSON.
func encodeLine(w io.Writer, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(escapeUnsafe(b.Bytes()))
	return err
}
