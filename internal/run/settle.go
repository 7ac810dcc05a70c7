package run

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/finding"
)

// settling are the pauses before the account is read again when it looks worse
// than planned: what AWS lists may lag some seconds behind what was written.
var settling = []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second}

// Verify audits the account after its repair. What AWS lists may lag behind what was
// written, so that an account that looks worse than planned is read again.
func (r *Runner) Verify(ctx context.Context, p *Planning) (finding.Report, error) {
	return r.settled(ctx, &p.Request, p.Plan.After, func() (finding.Report, error) {
		snap, err := r.read(ctx, &p.Request, p.session, p.needs)
		if err != nil {
			return finding.Report{}, fmt.Errorf("auditing again: %w", err)
		}
		o := p.options.WithoutSubscribers() // those are subscribed now
		o.Audit = p.Request.auditOptions(snap)
		return r.advised(ctx, snap, p.Request.Selection.Controls, o)
	})
}

// settled audits until the account is no worse than predicted, or its time to settle is
// over.
func (r *Runner) settled(ctx context.Context, q *Request, predicted finding.Report, audit func() (finding.Report, error)) (finding.Report, error) {
	for i := 0; ; i++ {
		out, err := audit()
		if err != nil || i == len(settling) || !worse(predicted, out) {
			return out, err
		}
		r.progress(q, "the results do not match the plan yet; checking again in %s", settling[i])
		if err := r.Pause(ctx, settling[i]); err != nil {
			return out, err
		}
	}
}

// worse reports whether some finding is worse than predicted, or bad for another
// reason.
func worse(predicted, found finding.Report) bool {
	order := []finding.Status{finding.Pass, finding.Warn, finding.Unknown, finding.Fail}
	return slices.ContainsFunc(found.Findings, func(f finding.Finding) bool {
		i := slices.IndexFunc(predicted.Findings, func(p finding.Finding) bool { return p.ID == f.ID })
		if i < 0 {
			return false
		}
		p := predicted.Findings[i]
		return slices.Index(order, f.Status) > slices.Index(order, p.Status) ||
			f.Status == p.Status && f.Status != finding.Pass && mainReason(f) != mainReason(p)
	})
}

func mainReason(f finding.Finding) finding.Code {
	if len(f.Reasons) == 0 {
		return ""
	}
	return f.Reasons[0].Code
}
