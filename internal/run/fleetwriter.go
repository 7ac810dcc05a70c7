package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/apply"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/collect"
	"github.com/monitorctl/monitorctl/internal/aws/fleet"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
	"github.com/monitorctl/monitorctl/internal/fleet/waves"
	"github.com/monitorctl/monitorctl/internal/planfile"
)

// A fleetWriter writes to many accounts.
type fleetWriter struct {
	runner *Runner
	a      *FleetApply
	f      *fleet.Fleet
	owners map[string]*account.Snapshot // as they are now

	mu   sync.Mutex
	out  *FleetApplied
	tell func(format string, args ...any)
}

// members carries the waves out.
func (w *fleetWriter) members(ctx context.Context) {
	entries := map[string]FleetEntry{}
	var split [][]string
	for _, list := range w.a.Members {
		split = append(split, idsOf(list))
		for _, e := range list {
			entries[e.ID] = e
		}
	}
	d := waves.Driver{
		MaxFailures: w.a.maxFailures,
		Do:          func(ctx context.Context, id string) error { return w.account(ctx, entries[id], false) },
		OnWave:      func(n, of int, ids []string) { w.say("wave %d of %d: %s", n, of, Plural(len(ids), "account")) },
	}
	result := d.Run(ctx, split)
	w.out.Written += len(result.Done)
	w.out.Left = result.Left
	maps.Copy(w.out.Failed, result.Failed)
}

func (w *fleetWriter) say(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tell(format, args...)
}

// account writes to one account, and audits it again.
func (w *fleetWriter) account(ctx context.Context, e FleetEntry, owner bool) error {
	s, err := w.f.Open(ctx, e.ID)
	if err != nil {
		return err
	}
	q := &w.a.q
	saved, err := w.a.planOf(e)
	if err != nil {
		return err
	}
	terms := q.terms(e, saved.Wishes.Controls)
	var regions []string
	if !owner {
		regions = terms.Regions
	}
	snap, err := w.f.Read(ctx, s, e.ID, regions)
	if err != nil {
		return err
	}
	central := centralOf(w.owners, e.ID)
	var c FleetChange
	if owner {
		c, err = q.planOwner(ctx, snap, w.a.seen, central, snap.TakenAt)
	} else {
		c, err = q.planMember(ctx, snap, central, terms, snap.TakenAt)
	}
	if err != nil {
		return fmt.Errorf("planning account %s: %w", e.ID, err)
	}
	c.Ref = e.FleetRef
	if err := w.same(e, saved, c); err != nil {
		return err
	}
	if err := w.carry(ctx, s, c); err != nil {
		return err
	}
	return w.verify(ctx, s, c, owner, regions)
}

// terms are what was asked of an account when its plan was made: the controls are those that
// the plan says.
func (q *FleetPlanRequest) terms(e FleetEntry, controls []string) fleet.Terms {
	out := q.scopes.terms(&targets.Target{ID: e.ID, Path: e.OUPath, Names: e.OUNames, Tags: e.Tags})
	out.Controls = nil
	for _, id := range controls { // in the order of the plan
		if i := slices.IndexFunc(q.Selection.Controls, func(c catalog.Control) bool { return c.ID == id }); i >= 0 {
			out.Controls = append(out.Controls, q.Selection.Controls[i])
		}
	}
	return out
}

// journal is the path of an account's journal; "" for none.
func (a *FleetApply) journal(id string) string {
	if a.journals == "" {
		return ""
	}
	return filepath.Join(a.journals, id+".jsonl")
}

// same refuses a plan that is not the one that was agreed to. What an earlier run that was
// cut off has written is no difference: the journal shows that there was one.
func (w *fleetWriter) same(e FleetEntry, saved planfile.File[plan.Wishes], c FleetChange) error {
	if len(c.Plan.Conflicts) > 0 {
		return fmt.Errorf("account %s: %w", e.ID, conflictError(c.Plan))
	}
	now, err := plan.Save(c.Snap, c.Plan, c.Options, planfile.MadeBy{}, c.Snap.TakenAt)
	if err != nil {
		return err
	}
	diffs := planfile.Compare(saved, now, action.Facts(c.Snap))
	if info, err := os.Stat(w.a.journal(e.ID)); err == nil && info.Size() > 0 {
		diffs = planfile.Beyond(saved, now)
	}
	if len(diffs) == 0 {
		return nil
	}
	for _, d := range diffs {
		w.say("  %s: %s", e.ID, d)
	}
	return fmt.Errorf("account %s has changed since the plan was made (%s); nothing was written there", e.ID, Plural(len(diffs), "difference"))
}

// carry makes the changes.
func (w *fleetWriter) carry(ctx context.Context, s *collect.Session, c FleetChange) error {
	if len(c.Plan.Actions) == 0 {
		w.say("  %s: everything exists already", c.Ref)
		return nil
	}
	j, err := w.runner.openJournal(w.a.journal(c.Ref.ID), c.Snap)
	if err != nil {
		return err
	}
	done := 0
	o := apply.Options{Pause: w.runner.Pause, OnDone: func(x action.Outcome) {
		done++
		w.say("  %s %d/%d %s", c.Ref.ID, done, len(c.Plan.Actions), x.Action)
		if sub, ok := x.Action.(action.Subscribe); ok && x.Pending && sub.Protocol == "email" {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.out.Pending = append(w.out.Pending, sub)
		}
	}}
	if j != nil {
		defer j.Close() //nolint:errcheck // every record is on the disk already
		o.Journal = j
	}
	result, err := apply.Run(ctx, s, c.Plan, o)
	for i := range result.Skipped {
		w.say("  %s left out: %v", c.Ref.ID, &result.Skipped[i])
	}
	if err != nil {
		return fmt.Errorf("account %s: %d of %d changes made: %w", c.Ref.ID, done, len(c.Plan.Actions), err)
	}
	return nil
}

// verify audits an account again, and with an owner those that its plan was tried on.
func (w *fleetWriter) verify(ctx context.Context, s *collect.Session, c FleetChange, owner bool, regions []string) error {
	q := &w.a.q
	judge := func() (finding.Report, error) {
		snap, err := w.f.Read(ctx, s, c.Ref.ID, regions)
		if err != nil {
			return finding.Report{}, fmt.Errorf("auditing again: %w", err)
		}
		if owner {
			w.owners[c.Ref.ID] = &snap
		}
		return w.judge(ctx, c, snap)
	}
	predicted, err := w.predicted(ctx, c, owner)
	if err != nil {
		return err
	}
	found, err := w.runner.settled(ctx, &q.Request, predicted, func() (finding.Report, error) {
		r, err := judge()
		if err != nil || !owner {
			return r, err
		}
		return r, w.judgeSeen(ctx, c, w.owners[c.Ref.ID], &r)
	})
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range found.Findings {
		if f.Status == finding.Fail {
			w.out.Failing[f.Account] = append(w.out.Failing[f.Account], f.Control)
		}
	}
	if worse(predicted, found) {
		return fmt.Errorf("account %s: the results do not match the plan", c.Ref.ID)
	}
	return nil
}

// judge judges an account as it was planned.
func (w *fleetWriter) judge(ctx context.Context, c FleetChange, snap account.Snapshot) (finding.Report, error) {
	o := c.Options.Audit
	o.Now = snap.TakenAt
	return w.runner.audit(ctx, snap, c.Controls, o)
}

// predicted is what the audit afterwards must say.
func (w *fleetWriter) predicted(ctx context.Context, c FleetChange, owner bool) (finding.Report, error) {
	r := c.Plan.After
	if !owner {
		return r, nil
	}
	r.Accounts, r.Findings = slices.Clone(r.Accounts), slices.Clone(r.Findings)
	then, err := plan.Simulate(c.Snap, c.Plan.Actions, false)
	if err != nil {
		return r, err
	}
	return r, w.judgeSeen(ctx, c, &then, &r)
}

// judgeSeen adds to a report how the accounts stand that an owner's plan was tried on.
func (w *fleetWriter) judgeSeen(ctx context.Context, c FleetChange, owner *account.Snapshot, r *finding.Report) error {
	world := audit.NewWorld(owner.Accounts, c.Options.Audit.Central)
	for i := range w.a.seen {
		a := &w.a.seen[i].Accounts[0]
		if a.ID == c.Ref.ID {
			continue
		}
		result, err := world.Judge(ctx, a, c.Controls, c.Options.Audit)
		if err != nil {
			return err
		}
		r.Add(result.Account, a.Scope, result.Findings)
	}
	return nil
}

// verdict says how the apply ended.
func (w *fleetWriter) verdict(ctx context.Context) error {
	out := w.out
	for _, id := range slices.Sorted(maps.Keys(out.Failed)) {
		w.tell("failed: %v", out.Failed[id])
	}
	if len(out.Left) > 0 {
		w.tell("%s not started: %s", Plural(len(out.Left), "account"), fewOf(out.Left))
	}
	again := "run it again: it continues where this run stopped"
	if w.a.journals != "" {
		again += "; 'monitorctl undo --journal-dir " + filepath.Dir(w.a.journals) + "' takes it back"
	}
	switch {
	case ctx.Err() != nil:
		return &exit.Error{Code: exit.Interrupted, Err: fmt.Errorf("interrupted: %s written", Plural(out.Written, "account")), Then: again}
	case len(out.Failed) > 0:
		return &exit.Error{Code: exit.Failed, Err: fmt.Errorf("%s failed, %d written, %d not started", Plural(len(out.Failed), "account"), out.Written, len(out.Left)), Then: again}
	case w.a.Needs > 0:
		return &exit.Error{Code: exit.ControlsFailed, Err: errors.New(NeedsWriting(w.a.Needs)), Hint: "'monitorctl plan --org --save DIR', then 'monitorctl apply --plan DIR --write-accounts all'"}
	case w.a.failing || len(out.Failing) > 0:
		return &exit.Error{Code: exit.ControlsFailed}
	}
	return nil
}
