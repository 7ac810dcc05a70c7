package run

import (
	"bytes"
	"context"
	"fmt"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	azurecollect "github.com/monitorctl/monitorctl/internal/azure/collect"
	azureplan "github.com/monitorctl/monitorctl/internal/azure/plan"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/files"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/report"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// Compare reads two reports or two snapshots, judges snapshots by the scope and
// transport of a request, and compares them. One path may be "-", standard input.
func (r *Runner) Compare(ctx context.Context, q Request, oldPath, newPath string) (report.Comparison, error) {
	old, err := r.side(ctx, q, oldPath)
	if err != nil {
		return report.Comparison{}, err
	}
	now, err := r.side(ctx, q, newPath)
	if err != nil {
		return report.Comparison{}, err
	}
	if old.Schema != now.Schema {
		err := exit.Usage(fmt.Errorf("comparing %s with %s: one is a report, the other a snapshot", oldPath, newPath))
		return report.Comparison{}, exit.Hinted(err, "'monitorctl audit --snapshot FILE -o json' makes a report from a snapshot")
	}
	return report.Compare(old, now), nil
}

// side reads one file, whose schema says what it is.
func (r *Runner) side(ctx context.Context, q Request, path string) (report.Side, error) {
	side, err := r.readSide(ctx, q, path)
	if err == nil {
		return side, nil
	}
	return side, exit.Hinted(fmt.Errorf("reading %s: %w", path, err), "'monitorctl audit -o json' writes a report, 'monitorctl snapshot' a snapshot")
}

func (r *Runner) readSide(ctx context.Context, q Request, path string) (report.Side, error) {
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
		side.Report, err = r.judgeFile(ctx, q, data)
		return side, err
	case report.AuditSchema:
		side.Report, err = report.ReadJSON(bytes.NewReader(data))
		return side, err
	}
	return side, &strictjson.Error{Msg: fmt.Sprintf("it is neither a report nor a snapshot: its schema is %q", side.Schema)}
}

// judgeFile judges a snapshot of any cloud.
func (r *Runner) judgeFile(ctx context.Context, q Request, data []byte) (finding.Report, error) {
	if _, both := holds(data); both {
		aws, azure, err := q.Scope.SelectBoth()
		if err != nil {
			return finding.Report{}, err
		}
		out, err := r.judgeAccounts(ctx, q, aws, part(data, "clouds", "subscriptions"))
		if err != nil {
			return out, err
		}
		other, err := judgeSubscriptionFile(ctx, q.Scope, azure, part(data, "clouds", "accounts"))
		out.Join(other)
		return out, err
	}
	if subscription.IsSnapshot(data) {
		selection, err := q.Scope.Select(catalog.Azure)
		if err != nil {
			return finding.Report{}, err
		}
		return judgeSubscriptionFile(ctx, q.Scope, selection, data)
	}
	selection, err := q.Scope.Select(catalog.AWS)
	if err != nil {
		return finding.Report{}, err
	}
	return r.judgeAccounts(ctx, q, selection, data)
}

// judgeSubscriptionFile judges a snapshot of subscriptions.
func judgeSubscriptionFile(ctx context.Context, s Scope, selection Selection, data []byte) (finding.Report, error) {
	snap, err := azurecollect.Decode(data)
	if err != nil {
		return finding.Report{}, err
	}
	return judgeSubscriptions(ctx, snap, &selection, azureplan.Options{Audit: azureAuditOptions(snap, &selection, &s.Config, false)})
}

// judgeAccounts judges a snapshot of accounts.
func (r *Runner) judgeAccounts(ctx context.Context, q Request, selection Selection, data []byte) (finding.Report, error) {
	snap, err := collect.DecodeSnapshot(data)
	if err != nil {
		return finding.Report{}, err
	}
	q.Selection = selection
	o := q.auditOptions(snap)
	o.Transport = q.Transport
	out, err := r.audit(ctx, snap, q.Selection.Controls, o)
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
