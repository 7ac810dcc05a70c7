package cmd

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

// settled audits the account after its repair.
func (e *env) settled(ctx context.Context, f *planFlags, j *planning) (finding.Report, error) {
	for i := 0; ; i++ {
		snap, err := e.read(ctx, &f.source, j.session, j.request)
		if err != nil {
			return finding.Report{}, fmt.Errorf("auditing again: %w", err)
		}
		o := j.options.WithoutSubscribers() // those are subscribed now
		o.Audit = f.auditOptions(j.benchmark, j.controls, snap)
		r, err := e.advised(ctx, snap, j.controls, o)
		if err != nil || i == len(settling) || !worse(j.plan.After, r) {
			return r, err
		}
		e.progress(f.quiet, "the account is not yet as foretold; reading it again in %s", settling[i])
		if err := e.pause(ctx, settling[i]); err != nil {
			return r, err
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

// pause waits; the error says that ctx ended before.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
