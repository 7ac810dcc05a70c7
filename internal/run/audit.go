package run

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// Audit reads the account, the subscriptions or the snapshots and judges them, with
// the next step of each finding. everySubscriber also reads the filter policies of
// subscribers that decide nothing.
func (r *Runner) Audit(ctx context.Context, q *Request, everySubscriber bool) (finding.Report, error) {
	if q.Selection.Cloud == catalog.Azure {
		return r.auditAzure(ctx, q)
	}
	all, err := r.auditAccounts(ctx, q, everySubscriber)
	if err != nil || q.Azure == nil {
		return all, err
	}
	azure, err := r.auditAzure(ctx, q)
	if err != nil {
		return finding.Report{}, err
	}
	all.Join(azure)
	return all, nil
}

// auditAccounts does so for AWS.
func (r *Runner) auditAccounts(ctx context.Context, q *Request, everySubscriber bool) (finding.Report, error) {
	started := r.Now()
	snaps, session, err := r.snapshots(ctx, q, Needs{NoRules: q.Transport == audit.MetricTransport, EverySubscriber: everySubscriber})
	if err != nil {
		return finding.Report{}, err
	}
	defer r.calls(q, session, started)
	var all finding.Report
	for i, snap := range snaps {
		o := q.planOptions(snap)
		o.Audit.Strict, o.Audit.Transport, o.AssumeOurs = q.Strict, q.Transport, session != nil
		if q.Repairs {
			o.Repair = repairOf
		}
		o.Audit.Central = slices.Concat(o.Audit.Central, others(snaps, i))
		one, err := r.advised(ctx, snap, q.Selection.Controls, o)
		if err == nil {
			err = q.originOf(ctx, &one, snap, session)
		}
		if err != nil {
			return finding.Report{}, err
		}
		if i == 0 {
			all = one
		} else {
			all.Join(one)
		}
	}
	return all, nil
}

// advised judges a snapshot, with what a plan with these wishes would do next.
func (r *Runner) advised(ctx context.Context, snap account.Snapshot, controls []catalog.Control, o plan.Options) (finding.Report, error) {
	out, err := Await(ctx, func() (finding.Report, error) { return plan.Audit(ctx, snap, controls, o) })
	return r.judged(ctx, out, err)
}

// planOptions are those of a run on a snapshot, with the wishes of the configuration:
// what the audit says of the next step is what a plan with them would do.
func (q *Request) planOptions(snap account.Snapshot) plan.Options {
	conf := &q.Scope.Config.File
	o := plan.Options{
		Audit: q.auditOptions(snap), Namespace: conf.Names.Namespace, NamePrefix: conf.Names.Prefix, TopicName: conf.Names.Topic,
		TopicARN: conf.Notify.TopicARN,
	}
	for _, text := range conf.Notify.Subscribe {
		if s, err := ReadSubscriber(text); err == nil { // the configuration was checked
			o.Subscribers = append(o.Subscribers, s)
		}
	}
	o.Routes, _ = Routes(conf) // a secret that is not at hand matters to apply only
	return o
}

// auditOptions are those of a run on a snapshot. It is judged as of the time it was
// taken, so that judging it again later gives the same findings.
func (q *Request) auditOptions(snap account.Snapshot) audit.Options {
	s, conf := &q.Selection, &q.Scope.Config
	return audit.Options{
		Benchmark: s.Benchmark, Now: snap.TakenAt, Framework: s.Framework, Checked: s.Checked,
		Waivers: conf.File.Waivers, Accepts: conf.File.Accepts, Declared: conf.File.Declared, Central: conf.Central,
		Peers: q.Peers,
	}
}

// audit judges a snapshot, unless ctx ends before.
func (r *Runner) audit(ctx context.Context, snap account.Snapshot, controls []catalog.Control, o audit.Options) (finding.Report, error) {
	out, err := Await(ctx, func() (finding.Report, error) { return audit.Run(ctx, snap, controls, o) })
	return r.judged(ctx, out, err)
}

// judged finishes a report, or says why there is none.
func (r *Runner) judged(ctx context.Context, out finding.Report, err error) (finding.Report, error) {
	if err != nil && ctx.Err() != nil {
		return out, fmt.Errorf("checking: %w", err)
	}
	out.GeneratedAt = r.Now().UTC().Truncate(time.Second)
	return out, err
}
