package run

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/export"
	"github.com/monitorctl/monitorctl/internal/aws/export/cloudformation"
	"github.com/monitorctl/monitorctl/internal/aws/export/shell"
	"github.com/monitorctl/monitorctl/internal/aws/export/terraform"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/exit"
)

// Codes of why an export writes nothing; export.CodeUnsafe is another. Messages begin with
// them.
const (
	CodeExportConflict = "export-conflict"
	CodeExportNothing  = "export-nothing"
	CodeExportDir      = "export-dir"
)

// A Format is how an export is written.
type Format string

// Formats.
const (
	Terraform      Format = "terraform"
	CloudFormation Format = "cloudformation"
	Shell          Format = "shell"
)

// An ExportRequest is what an export is asked for.
type ExportRequest struct {
	PlanRequest // with Saved the saved plan is written, and no account is asked

	Format   Format
	Template cloudformation.Options
	Dir      string
	Force    bool // write beside and over what no export wrote
}

// An Exported is what an export wrote.
type Exported struct {
	Files []string     // paths, in order
	Plan  *change.Plan // with the expected results; nil for a saved plan
}

// Export plans the account or the snapshot and writes all that the scope asks for as code.
// It writes nothing to AWS.
func (r *Runner) Export(ctx context.Context, q ExportRequest) (Exported, error) {
	ctx, cancel := q.Limit.Context(ctx)
	defer cancel()
	if q.Dir == "" {
		return Exported{}, exit.Hinted(exit.Usage(errors.New("--dir is missing")), "--dir NAME writes the files into a new directory")
	}
	w, err := r.whole(ctx, &q)
	if err != nil {
		return Exported{}, err
	}
	if missing(q.Format, w.List) {
		return Exported{}, r.nothing(&q, w)
	}
	list, err := write(q, w.List)
	if err != nil {
		return Exported{}, err
	}
	if err := writeDir(q.Dir, list, q.Force); err != nil {
		return Exported{}, err
	}
	out := Exported{}
	for _, f := range list {
		out.Files = append(out.Files, filepath.Join(q.Dir, f.Name))
	}
	if q.Saved == nil {
		out.Plan = &w.Plan
	}
	return out, nil
}

// whole lists what is written, of the saved plan or of the account.
func (r *Runner) whole(ctx context.Context, q *ExportRequest) (plan.Whole, error) {
	if q.Saved != nil {
		l, err := plan.ListOf(*q.Saved, q.Selection.Controls)
		return plan.Whole{List: l}, err
	}
	started := r.Now()
	snap, session, err := r.snapshot(ctx, &q.Request, q.needs())
	if err != nil {
		return plan.Whole{}, err
	}
	defer r.calls(&q.Request, session, started)
	o := q.Options
	o.Audit = q.auditOptions(snap)
	w, err := Await(ctx, func() (plan.Whole, error) { return plan.WholeOf(ctx, snap, q.Selection.Controls, o) })
	if err != nil {
		return w, r.lacking(fmt.Errorf("planning: %w", err))
	}
	if len(w.Plan.Conflicts) > 0 {
		return w, &exit.Error{Code: exit.Failed, Err: fmt.Errorf("%s: %w", CodeExportConflict, conflictError(w.Plan)), Hint: conflictHint(w.Plan)}
	}
	if len(w.Plan.Drifts) > 0 {
		d := w.Plan.Drifts[0]
		return w, &exit.Error{
			Code: exit.Failed, Err: fmt.Errorf("%s: %s was created by monitorctl and edited since; nothing was written", CodeExportConflict, d.Resource),
			Hint: "see 'monitorctl plan'; --replace " + d.Name + " overwrites it",
		}
	}
	return w, nil
}

// missing reports whether there is nothing to write. A script holds only what is missing.
func missing(f Format, l desired.List) bool {
	if f == Shell {
		return !l.Lacks()
	}
	return l.IsEmpty()
}

// nothing is the error of an export without an object.
func (r *Runner) nothing(q *ExportRequest, w plan.Whole) error {
	why := "every control passes with objects that monitorctl did not create"
	switch {
	case !w.List.IsEmpty():
		why = "every object in the scope exists already"
	case q.Saved != nil:
		why = "the saved plan has no changes"
	case len(w.Plan.Manual) > 0:
		why = "nothing that monitorctl can create would help"
		for _, m := range w.Plan.Manual {
			r.Console.Say("monitorctl: note: %s: %s", m.Control, m.Text)
		}
	}
	return &exit.Error{Code: exit.Failed, Err: fmt.Errorf("%s: nothing to export: %s", CodeExportNothing, why), Hint: "'monitorctl explain CONTROL' shows how a control passes or what it lacks"}
}

// write writes a list in the format that was asked for.
func write(q ExportRequest, l desired.List) ([]export.File, error) {
	switch q.Format {
	case Terraform:
		return terraform.Files(l)
	case CloudFormation:
		return cloudformation.Files(l, q.Template)
	case Shell:
		return shell.Files(l)
	}
	return nil, fmt.Errorf("unknown format %q", q.Format)
}
