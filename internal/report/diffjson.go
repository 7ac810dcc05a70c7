package report

import (
	"io"
	"time"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/diff"
)

// DiffSchema is the value of "schema" in JSON comparisons; the promise of
// AuditSchema holds for it, too.
const DiffSchema = "monitorctl/diff/v1"

// The structs below are the published form of a comparison:
// docs/schema/diff-v1.schema.json.
type (
	jsonDiff struct {
		Schema      string           `json:"schema"`
		Tool        jsonTool         `json:"tool"`
		GeneratedAt string           `json:"generatedAt"`
		Old         jsonSide         `json:"old"`
		New         jsonSide         `json:"new"`
		Notes       []string         `json:"notes"`
		Worse       bool             `json:"worse"`
		Changes     []jsonDiffChange `json:"changes"`
		Summary     jsonDiffSummary  `json:"summary"`
	}

	jsonSide struct {
		Path        string      `json:"path"`
		Schema      string      `json:"schema"`
		GeneratedAt string      `json:"generatedAt"`
		Benchmark   string      `json:"benchmark"`
		Summary     jsonSummary `json:"summary"`
	}

	jsonDiffChange struct {
		Kind     string       `json:"kind"`
		Worse    bool         `json:"worse"`
		ID       string       `json:"id"`
		Control  string       `json:"control"`
		Title    string       `json:"title"`
		Severity string       `json:"severity"`
		Account  string       `json:"account"`
		Old      *string      `json:"old"` // the status; null when it was not checked
		New      *string      `json:"new"`
		Came     []jsonReason `json:"came"`
		Went     []jsonReason `json:"went"`
	}

	jsonDiffSummary struct {
		NewFailures int `json:"newFailures"`
		Fixed       int `json:"fixed"`
		Status      int `json:"status"`
		Reasons     int `json:"reasons"`
		Added       int `json:"added"`
		Gone        int `json:"gone"`
		Unchanged   int `json:"unchanged"`
	}
)

// DiffJSON writes a comparison that was made at that time for programs.
func DiffJSON(w io.Writer, c Comparison, at time.Time, o Options) error {
	return encodeJSON(w, jsonDiff{
		Schema: DiffSchema, Tool: toolOf(o), GeneratedAt: timeOf(at),
		Old: sideOf(c.Old), New: sideOf(c.New), Notes: list(c.Notes), Worse: c.Worse(),
		Changes: each(c.Changes, diffChangeOf),
		Summary: jsonDiffSummary{
			NewFailures: c.Count(diff.NewFailure), Fixed: c.Count(diff.Fixed), Status: c.Count(diff.Status),
			Reasons: c.Count(diff.Reasons), Added: c.Count(diff.Added), Gone: c.Count(diff.Gone), Unchanged: c.Unchanged,
		},
	})
}

func sideOf(s Side) jsonSide {
	return jsonSide{s.Path, s.Schema, timeOf(s.Report.GeneratedAt), string(s.Report.Benchmark), summaryOf(s.Report)}
}

func diffChangeOf(c diff.Change) jsonDiffChange {
	f := c.Finding()
	return jsonDiffChange{
		Kind: string(c.Kind), Worse: c.Worse, ID: f.ID, Control: f.Control, Title: f.Title, Severity: f.Severity.String(), Account: f.Account,
		Old: statusOf(c.Old), New: statusOf(c.New), Came: reasonsOf(&f, c.Came), Went: reasonsOf(&f, c.Went),
	}
}

func statusOf(f *finding.Finding) *string {
	if f == nil {
		return nil
	}
	s := string(f.Status)
	return &s
}
