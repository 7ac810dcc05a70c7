package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/planfile"
)

// A PlanRequest is what plan and apply are asked for.
type PlanRequest struct {
	Request
	Options plan.Options // the wishes; what is about the audit is not set

	// Saved is the plan that apply is to carry out exactly; nil for a new one.
	Saved *planfile.File[plan.Wishes]
}

// A Planning is a plan with what it was made from.
type Planning struct {
	PlanRequest
	Plan change.Plan

	options plan.Options // as the plan was made with
	snap    account.Snapshot
	session *collect.Session // nil for a saved snapshot
	needs   Needs
	started time.Time
}

// Calls shows the calls made so far, if that is wanted.
func (r *Runner) Calls(p *Planning) { r.calls(&p.Request, p.session, p.started) }

// Plan reads the account or the snapshots and plans their repair. With a saved plan the
// error says where the account is not as that was made for.
func (r *Runner) Plan(ctx context.Context, q PlanRequest) (*Planning, error) {
	ctx, cancel := q.Limit.Context(ctx)
	defer cancel()
	p := &Planning{PlanRequest: q, options: q.Options, needs: q.needs(), started: r.Now()}
	snaps, session, err := r.snapshots(ctx, &q.Request, p.needs)
	if err != nil {
		return nil, err
	}
	p.snap, p.session = snaps[0], session
	for i, snap := range snaps {
		p.options.Audit = q.auditOptions(snap)
		p.options.Audit.Central = slices.Concat(p.options.Audit.Central, others(snaps, i))
		var one change.Plan
		one, err = Await(ctx, func() (change.Plan, error) { return plan.For(ctx, snap, q.Selection.Controls, p.options) })
		if err != nil {
			break
		}
		r.keptBy(ctx, p.session, snap, &one)
		p.Plan.Join(one)
	}
	if err != nil && ctx.Err() != nil {
		return nil, fmt.Errorf("planning: %w", err)
	}
	if err != nil {
		return nil, r.lacking(err)
	}
	return p, r.comparePlan(p)
}

// WithHeartbeat makes the control that asks for a heartbeat part of the run, where one is
// wished: what is planned shows in the expected results.
func (q PlanRequest) WithHeartbeat() (PlanRequest, error) {
	if q.Options.HeartbeatHours == 0 || slices.ContainsFunc(q.Selection.Controls, func(c catalog.Control) bool { return c.State == catalog.TrailDelivery }) {
		return q, nil
	}
	cat, err := q.Scope.Catalogs.Of(catalog.AWS)
	if err != nil {
		return q, err
	}
	c, err := cat.Find(catalog.TrailDeliverySilence, q.Selection.Benchmark)
	if err != nil {
		return q, err
	}
	q.Selection.Controls = append(slices.Clone(q.Selection.Controls), c)
	return q, nil
}

// needs are what the plan must know of the account.
func (q *PlanRequest) needs() Needs {
	n := Needs{Own: Names(q.Options, q.Selection)}
	if byRules(q.Options) {
		n.Own = withRules(n.Own, q.Options, q.Selection)
	} else if q.Options.Calls() {
		n.Own = withAlarmRules(n.Own, q.Options, q.Selection)
	}
	n.Own = withTrail(n.Own, q.Options, false)
	n.Topics, _ = q.Options.Topics()
	if q.Options.Chats() {
		n.Own = withChats(n.Own, q.Options)
		n.Own.Workspaces = true
	}
	if q.Options.KeyARN != "" {
		n.Keys = []string{q.Options.KeyARN}
	}
	return n
}

// lacking prints the statement that a key's policy lacks: no permission of ours
// would be small enough to add it.
func (r *Runner) lacking(err error) error {
	var key *plan.KeyError
	var trail *plan.TrailError
	if errors.As(err, &trail) {
		return exit.Hinted(exit.Usage(err), trail.Advice)
	}
	if !errors.As(err, &key) || key.Statement == "" {
		return err
	}
	r.Console.ClearProgress()
	fmt.Fprintln(r.Console.Out, key.Statement)
	return exit.Hinted(err, "nothing was written; add the statement above to the policy of the key")
}

// PlanVerdict is the error of a plan that cannot be carried out, and with exitCode of
// one that finds something to do, or could not check everything.
func PlanVerdict(p change.Plan, exitCode bool) error {
	switch {
	case len(p.Conflicts) > 0:
		return &exit.Error{Code: exit.Failed, Err: conflictError(p), Hint: conflictHint(p)}
	case exitCode:
		return Gate{changes: true}.Verdict(p.Before, p.Actions)
	}
	return nil
}

// conflictHint says what resolves the conflicts: other names, unless it is not a name
// that is in the way of any.
func conflictHint(p change.Plan) string {
	for _, x := range p.Conflicts {
		if x.Code != "" {
			return x.WayOut(true)
		}
	}
	name := func(x change.Conflict) bool { return !x.NoRoom && !x.Unread }
	if !slices.ContainsFunc(p.Conflicts, name) {
		return p.Conflicts[0].WayOut(true)
	}
	hint := "choose other names with --name-prefix, or remove what is in the way"
	for _, x := range p.Conflicts {
		if x.Replaceable {
			return hint + ", or replace it: --replace " + x.Name
		}
	}
	return hint
}

func conflictError(p change.Plan) error {
	if len(p.Conflicts) == 1 {
		c := p.Conflicts[0]
		code := ""
		if c.Code != "" {
			code = " (" + c.Code + ")"
		}
		return fmt.Errorf("%s: %s%s; nothing was written", c.Resource, c.Reason, code)
	}
	return fmt.Errorf("%d objects are in the way; the first is %s: %s; nothing was written", len(p.Conflicts), p.Conflicts[0].Resource, p.Conflicts[0].Reason)
}
