package run

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/fleet"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
	"github.com/monitorctl/monitorctl/internal/report"
)

// A fleetPlanner makes the plan for many accounts.
type fleetPlanner struct {
	runner *Runner
	p      *FleetPlanning
	store  *savedFleets
	list   []targets.Target
	before *fleetTally

	options  fleet.Options
	world    []account.Account // once the owners' plans are carried out and confirmed
	header   report.FleetHeader
	owned    map[string]bool
	then     *fleetTally // with the owners' plans carried out
	answered *fleetTally // and every new subscriber confirmed

	mu      sync.Mutex
	groups  map[[sha256.Size]byte]*report.FleetPlanned
	left    map[string]*report.FleetLeft
	planned map[string]outlook // by account that a plan changes
}

// An outlook is how an account stands once its plan is carried out, and once every new
// subscriber has confirmed.
type outlook struct{ then, answered []finding.Status }

// planOwners plans the accounts that own the log group of an organization's trail.
func (x *fleetPlanner) planOwners(ctx context.Context) error {
	q := &x.p.q
	f, o, err := x.runner.savedRun(&q.FleetRequest, x.store, x.store)
	if err != nil {
		return err
	}
	if err := f.ReadWorld(ctx); err != nil {
		return err
	}
	x.options, x.header, x.p.org, x.owned = o, fleetHeader(&q.FleetRequest, f, o), f.Organization(), map[string]bool{}
	owners := f.Owners()
	then, answered := maps.Clone(owners), maps.Clone(owners)
	for _, id := range logOwners(f) {
		snap := owners[id]
		if snap == nil {
			continue // worldNotes has said that it could not be read
		}
		c, err := q.planOwner(ctx, *snap, x.p.seen, centralOf(owners, id), o.Audit.Now)
		if err != nil {
			return fmt.Errorf("planning account %s: %w", id, x.runner.lacking(err))
		}
		x.owned[id] = true
		x.p.owners = append(x.p.owners, c)
		if len(c.Plan.Conflicts) > 0 {
			continue
		}
		for _, to := range []struct {
			world   map[string]*account.Snapshot
			confirm bool
		}{{then, false}, {answered, true}} {
			after, err := plan.Simulate(*snap, c.Plan.Actions, to.confirm)
			if err != nil {
				return err
			}
			to.world[id] = &after
		}
	}
	x.world = centralOf(answered, "")
	if x.then, err = x.judged(ctx, then, nil); err != nil {
		return err
	}
	x.groups, x.left, x.planned = map[[sha256.Size]byte]*report.FleetPlanned{}, map[string]*report.FleetLeft{}, map[string]outlook{}
	x.p.Plan.Header = x.header
	return x.judgeAndPlan(ctx, answered)
}

// logOwners are the accounts that own the log group of an organization's trail, sorted.
func logOwners(f *fleet.Fleet) []string {
	var ids []string
	for _, t := range f.Trails() {
		if arn, ok := account.ParseARN(t.LogGroupARN); ok {
			ids = append(ids, arn.Account)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// centralOf are the accounts of a world but for one, by id.
func centralOf(world map[string]*account.Snapshot, but string) []account.Account {
	var list []account.Account
	for _, id := range slices.Sorted(maps.Keys(world)) {
		if id != but {
			list = append(list, world[id].Dated().Accounts...)
		}
	}
	return list
}

// planOwner plans an account that owns a log group which others share. What is waived in the
// account itself may be needed for others: it is asked for what all of them are.
func (q *FleetPlanRequest) planOwner(ctx context.Context, snap account.Snapshot, seen []account.Snapshot, central []account.Account, at time.Time) (FleetChange, error) {
	var accounts []account.Account
	for _, s := range seen {
		if s.Accounts[0].ID != snap.Accounts[0].ID {
			accounts = append(accounts, s.Accounts[0])
		}
	}
	return q.planWith(ctx, snap, accounts, central, q.Options, fleet.Terms{Controls: q.Selection.Controls, Waivers: q.Scope.Config.File.Waivers, Accepts: q.Scope.Config.File.Accepts}, at)
}

// planMember plans another account in a world, for what is asked of it. Nothing is overwritten there: a name of
// --replace is that of an object of the owner, and the same name elsewhere is another object.
func (q *FleetPlanRequest) planMember(ctx context.Context, snap account.Snapshot, central []account.Account, terms fleet.Terms, at time.Time) (FleetChange, error) {
	o := q.Options
	o.Replace = nil
	return q.planWith(ctx, snap, nil, central, o, terms, at)
}

func (q *FleetPlanRequest) planWith(ctx context.Context, snap account.Snapshot, seen, central []account.Account, o plan.Options, terms fleet.Terms, at time.Time) (FleetChange, error) {
	o.Audit = q.auditOptions(account.Snapshot{TakenAt: at})
	o.Audit.Waivers, o.Audit.Accepts = terms.Waivers, terms.Accepts
	o.Audit.Central = slices.Concat(o.Audit.Central, central)
	o.Audit.Workers = 1 // accounts are planned side by side
	snap = snap.Dated()
	p, err := plan.Shared(ctx, snap, seen, terms.Controls, o)
	return FleetChange{Ref: report.FleetRef{ID: snap.Accounts[0].ID}, Snap: snap, Plan: p, Controls: terms.Controls, Options: o}, err
}

// judged judges all accounts in a world as it would be.
func (x *fleetPlanner) judged(ctx context.Context, owners map[string]*account.Snapshot, after func(fleet.Outcome) error) (*fleetTally, error) {
	f, _, err := x.runner.savedRun(&x.p.q.FleetRequest, x.store, simulatedStore{x.store, owners})
	if err != nil {
		return nil, err
	}
	if err := f.ReadWorld(ctx); err != nil {
		return nil, err
	}
	t := &fleetTally{after: after}
	return t, f.Run(ctx, targets.Of(x.list), t)
}

// judgeAndPlan judges all accounts in the world in which the owners' plans are carried out
// and confirmed, and plans those that still fail, as many at once as there are processors.
func (x *fleetPlanner) judgeAndPlan(ctx context.Context, owners map[string]*account.Snapshot) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan fleet.Outcome)
	var workers sync.WaitGroup
	for range x.options.Audit.Processors() {
		workers.Go(func() {
			for out := range queue {
				if err := x.planMember(ctx, out); err != nil {
					cancel(err)
				}
			}
		})
	}
	var err error
	x.answered, err = x.judged(ctx, owners, func(out fleet.Outcome) error {
		if x.owned[out.Target.ID] || !failing(out.Verdict.Findings) {
			return nil
		}
		select {
		case queue <- out:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		return nil
	})
	close(queue)
	workers.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func failing(list []finding.Finding) bool {
	return slices.ContainsFunc(list, func(f finding.Finding) bool { return f.Status == finding.Fail })
}

// planMember plans one account that still fails.
func (x *fleetPlanner) planMember(ctx context.Context, out fleet.Outcome) error {
	ref := refOf(out.Target)
	switch {
	case out.Snapshot == nil:
		return nil // it could not be read: nobody knows what it lacks
	case shares(&out.Snapshot.Accounts[0]):
		x.leave(ref, "the organization's trail carries its events; nothing that apply adds in the account of the log group helps", out.Verdict.Findings)
		return nil
	}
	c, err := x.p.q.planMember(ctx, *out.Snapshot, x.world, x.options.Terms(&out.Target), x.options.Audit.Now)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		x.leave(ref, strings.ReplaceAll(err.Error(), ref.ID, "{account}"), nil)
		return nil
	}
	c.Ref, c.Tags = ref, out.Target.Tags
	if len(c.Plan.Actions) == 0 || len(c.Plan.Conflicts) > 0 {
		for _, m := range c.Plan.Manual {
			x.leave(ref, strings.ReplaceAll(m.Text, ref.ID, "{account}"), nil)
		}
		if len(c.Plan.Manual)+len(c.Plan.Conflicts) == 0 {
			x.leave(ref, "nothing that apply adds would help", out.Verdict.Findings)
		}
	}
	if len(c.Plan.Actions)+len(c.Plan.Conflicts) == 0 {
		return nil
	}
	return x.keep(c)
}

// keep adds the plan of an account to those that are identical.
func (x *fleetPlanner) keep(c FleetChange) error {
	key, err := alike(c)
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if g := x.groups[key]; g == nil {
		x.groups[key] = &report.FleetPlanned{Plan: c.Plan, Accounts: []report.FleetRef{c.Ref}}
	} else {
		if c.Ref.ID < g.Accounts[0].ID { // whoever comes first, the report is the same
			g.Plan = c.Plan
		}
		g.Accounts = append(g.Accounts, c.Ref)
		slices.SortFunc(g.Accounts, byID)
	}
	if len(c.Plan.Conflicts) > 0 {
		return nil
	}
	x.planned[c.Ref.ID] = outlookOf(&c.Plan)
	if x.p.q.Each != nil {
		return x.p.q.Each(c)
	}
	return nil
}

// outlookOf is how the account of a plan stands afterwards.
func outlookOf(p *change.Plan) outlook {
	answered := p.After
	if p.Confirmed != nil {
		answered = *p.Confirmed
	}
	return outlook{statuses(p.After.Findings), statuses(answered.Findings)}
}

func byID(a, b report.FleetRef) int { return strings.Compare(a.ID, b.ID) }

func statuses(list []finding.Finding) []finding.Status {
	out := make([]finding.Status, len(list))
	for i := range list {
		out[i] = list[i].Status
	}
	return out
}

// alike is the same for plans that differ in the account alone.
func alike(c FleetChange) ([sha256.Size]byte, error) {
	var parts []any
	for _, a := range c.Plan.Actions {
		parts = append(parts, a.Kind(), a.Common().Region, a.Common().Closes, a.Saved())
	}
	data, err := json.Marshal([]any{parts, c.Plan.Conflicts, c.Plan.Drifts, c.Plan.Manual, c.Plan.Notes})
	if err != nil {
		return [sha256.Size]byte{}, fmt.Errorf("comparing the plan of account %s: %w", c.Ref.ID, err)
	}
	return sha256.Sum256([]byte(strings.ReplaceAll(string(data), c.Ref.ID, "{account}"))), nil
}
