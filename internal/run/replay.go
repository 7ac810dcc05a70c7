package run

import (
	"context"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/aws/replay"
)

// Chains adds the controls to what is asked of records, with the chains of the account
// or of the snapshot; with none those that apply would create.
func (r *Runner) Chains(ctx context.Context, q *Request, question *replay.Question, none bool) error {
	var snap account.Snapshot
	if !none {
		var err error
		if snap, _, err = r.snapshot(ctx, q, Needs{}); err != nil {
			return err
		}
	}
	_, err := Await(ctx, func() (struct{}, error) {
		return struct{}{}, question.Ask(ctx, snap, q.Selection.Controls, plan.Options{Audit: q.auditOptions(snap)})
	})
	return err
}
