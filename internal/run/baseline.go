package run

import (
	"context"
	"errors"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/diff"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// An Earlier is a report of an earlier run, and where it was read from.
type Earlier struct {
	Path   string
	Report finding.Report
}

// ReadBaseline reads a report that audit has written; nil for the path "".
func ReadBaseline(ctx context.Context, path string) (*Earlier, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // no baseline is what most runs have
	}
	in, err := files.Open(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("reading the baseline: %w", err)
	}
	defer in.Close() //nolint:errcheck // only read from
	r, err := report.ReadJSON(in)
	var bad *strictjson.Error
	if errors.As(err, &bad) {
		return nil, exit.Hinted(fmt.Errorf("reading the baseline %s: %w", path, err), "'monitorctl audit -o json=FILE' writes one")
	}
	if err != nil {
		return nil, fmt.Errorf("reading the baseline %s: %w", path, err)
	}
	return &Earlier{path, r}, nil
}

// Against holds a report against an earlier one: the gate that knows which failures
// are old, and what a report shows of it. It shows where the two asked different
// questions. Without an earlier report it returns the gate as it is, and nil.
func (r *Runner) Against(old *Earlier, now finding.Report, g Gate) (Gate, *report.Baseline) {
	if old == nil {
		return g, nil
	}
	for _, note := range diff.Notes(old.Report, now, "the baseline", "this run") {
		r.Console.Say("monitorctl: baseline %s: %s", old.Path, note)
	}
	standing := diff.Against(old.Report, now, g.Strict)
	g.known = standing.Known
	return g, &report.Baseline{Path: old.Path, Standing: standing}
}
