package run

import (
	"context"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/aws/replay"
)

// Chains adds the controls to what is asked of records, with the chains of the account
// or of the snapshot; with none those that apply would create. Places are where the
// trails of the account deliver their log files, as s3://BUCKET/PREFIX.
func (r *Runner) Chains(ctx context.Context, q *Request, question *replay.Question, none bool) (places []string, err error) {
	var snap account.Snapshot
	if !none {
		if snap, _, err = r.snapshot(ctx, q, Needs{NoRules: q.Transport == audit.MetricTransport}); err != nil {
			return nil, err
		}
	}
	o := plan.Options{Audit: q.auditOptions(snap)}
	o.Audit.Transport = q.Transport
	_, err = Await(ctx, func() (struct{}, error) {
		return struct{}{}, question.Ask(ctx, snap, q.Selection.Controls, o)
	})
	return replay.Locations(snap), err
}
