package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/diff"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// An earlier report, and where it was read from.
type earlier struct {
	path   string
	report finding.Report
}

// earlier reads the report that --baseline names; nil when there is none.
func (f *gateFlags) earlier(ctx context.Context) (*earlier, error) {
	if f.baseline == "" {
		return nil, nil //nolint:nilnil // no baseline is what most runs have
	}
	in, err := files.Open(ctx, f.baseline)
	if err != nil {
		return nil, fmt.Errorf("reading the baseline: %w", err)
	}
	defer in.Close() //nolint:errcheck // only read from
	r, err := report.ReadJSON(in)
	var bad *strictjson.Error
	if errors.As(err, &bad) {
		return nil, hinted(fmt.Errorf("reading the baseline %s: %w", f.baseline, err), "'monitorctl audit -o json=FILE' writes one")
	}
	if err != nil {
		return nil, fmt.Errorf("reading the baseline %s: %w", f.baseline, err)
	}
	return &earlier{f.baseline, r}, nil
}

// against holds a run against an earlier report, tells the gate what is known,
// and says on stderr where the two asked different questions.
func (e *env) against(old *earlier, now finding.Report, g *gate) *report.Baseline {
	if old == nil {
		return nil
	}
	e.clearProgress()
	for _, note := range diff.Notes(old.report, now, "the baseline", "this run") {
		fmt.Fprintf(e.err, "monitorctl: baseline %s: %s\n", report.Sanitize(old.path), report.Sanitize(note))
	}
	standing := diff.Against(old.report, now, g.strict)
	g.known = standing.Known
	return &report.Baseline{Path: old.path, Standing: standing}
}
