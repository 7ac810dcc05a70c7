package run

import (
	"bytes"
	"context"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	azurecollect "github.com/monitorctl/monitorctl/internal/azure/collect"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// Compare reads two reports or two snapshots, judges snapshots by the scope, and
// compares them. One path may be "-", standard input.
func (r *Runner) Compare(ctx context.Context, s Scope, oldPath, newPath string) (report.Comparison, error) {
	old, err := r.side(ctx, s, oldPath)
	if err != nil {
		return report.Comparison{}, err
	}
	now, err := r.side(ctx, s, newPath)
	if err != nil {
		return report.Comparison{}, err
	}
	if old.Schema != now.Schema {
		err := exit.Usage(fmt.Errorf("comparing %s with %s: one is a report, the other a snapshot", oldPath, newPath))
		return report.Comparison{}, exit.Hinted(err, "'monitorctl audit --snapshot FILE -o json' makes a report of a snapshot")
	}
	return report.Compare(old, now), nil
}

// side reads one file, whose schema says what it is.
func (r *Runner) side(ctx context.Context, s Scope, path string) (report.Side, error) {
	side, err := r.readSide(ctx, s, path)
	if err == nil {
		return side, nil
	}
	return side, exit.Hinted(fmt.Errorf("reading %s: %w", path, err), "'monitorctl audit -o json' writes a report, 'monitorctl snapshot' a snapshot")
}

func (r *Runner) readSide(ctx context.Context, s Scope, path string) (report.Side, error) {
	data, err := r.input(ctx, path)
	if err != nil {
		return report.Side{}, err
	}
	side := report.Side{Path: path}
	side.Schema, err = strictjson.Schema(data)
	if err != nil {
		return side, err
	}
	switch side.Schema {
	case account.SchemaV1:
		side.Report, err = r.judgeFile(ctx, s, data)
		return side, err
	case report.AuditSchema:
		side.Report, err = report.ReadJSON(bytes.NewReader(data))
		return side, err
	}
	return side, &strictjson.Error{Msg: fmt.Sprintf("it is neither a report nor a snapshot: its schema is %q", side.Schema)}
}

// judgeFile judges a snapshot of any cloud.
func (r *Runner) judgeFile(ctx context.Context, s Scope, data []byte) (finding.Report, error) {
	if subscription.IsSnapshot(data) {
		snap, err := azurecollect.Decode(data)
		if err != nil {
			return finding.Report{}, err
		}
		selection, err := s.Select(catalog.Azure)
		if err != nil {
			return finding.Report{}, err
		}
		return judgeSubscriptions(ctx, snap, &selection, &s.Config, false)
	}
	snap, err := collect.DecodeSnapshot(data)
	if err != nil {
		return finding.Report{}, err
	}
	q := Request{Scope: s}
	if q.Selection, err = s.Select(catalog.AWS); err != nil {
		return finding.Report{}, err
	}
	out, err := r.audit(ctx, snap, q.Selection.Controls, q.auditOptions(snap))
	out.GeneratedAt = snap.TakenAt
	return out, err
}

// input reads a file, or standard input for "-".
func (r *Runner) input(ctx context.Context, path string) ([]byte, error) {
	if path == "-" {
		return files.ReadAll(ctx, r.Console.In, account.MaxFile)
	}
	return files.Read(ctx, path, account.MaxFile)
}
