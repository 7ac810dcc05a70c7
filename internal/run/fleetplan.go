package run

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/fleet"
	"github.com/monitorctl/monitorctl/internal/aws/permissions"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/finding"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
	"github.com/monitorctl/monitorctl/internal/report"
)

// A FleetPlanRequest is what plan and apply over many accounts are asked for.
type FleetPlanRequest struct {
	FleetRequest
	Options plan.Options // the wishes

	// Dirs are folders that hold what was read; none: the accounts are read.
	Dirs []string

	// Each is told of each account that a plan changes, in no order; nil for nobody. The
	// planning does not keep those plans: identical ones are in the report once.
	Each func(FleetChange) error
}

// A FleetChange is the plan of one account of many.
type FleetChange struct {
	Ref   report.FleetRef
	Owner bool
	Snap  account.Snapshot
	Plan  change.Plan

	// Options are those that the plan was made with; Audit.Central is the world.
	Options plan.Options
}

// A FleetPlanning is a plan for many accounts, with what it was made from.
type FleetPlanning struct {
	Plan report.FleetPlan

	q         FleetPlanRequest
	owners    []FleetChange      // with actions or without
	seen      []account.Snapshot // accounts that stand for those which fail by the shared chain
	dirs      []string
	failsThen bool // something fails with the owners' plans carried out alone

	temp string // folder that goes with the planning; "" for none
	org  *account.Organization
}

// Close removes what the planning kept.
func (p *FleetPlanning) Close() {
	if p.temp != "" {
		os.RemoveAll(p.temp) //nolint:errcheck // a temporary folder
	}
}

// CheckWishes refuses wishes that many accounts do not have, before the first call.
func (q *FleetPlanRequest) CheckWishes() error {
	switch o := &q.Options; {
	case o.Bootstrap != nil:
		return exit.Hinted(exit.Usage(errors.New("--create-trail is for one account: no trail is made in many accounts")), "enroll accounts without a trail into the organization's trail")
	case o.Transport != "" && o.Transport != "metric":
		return exit.Hinted(exit.Usage(fmt.Errorf("--transport %s: a rule sees the events of its own account only, and many accounts share a log group", o.Transport)), "leave --transport out, or plan one account at a time")
	case len(o.Replace) > 0:
		return exit.Hinted(exit.Usage(errors.New("--replace overwrites an object of one account: it is not for many")), "replace it with 'monitorctl apply' in the account")
	}
	return nil
}

// PlanFleet reads many accounts, or takes the folders, and plans their repair: first in the
// accounts that own the chain which all share, and then, with that done on paper, in the
// accounts that still fail. Close the planning.
func (r *Runner) PlanFleet(ctx context.Context, q FleetPlanRequest) (*FleetPlanning, error) {
	p := &FleetPlanning{q: q, dirs: q.Dirs}
	before := &fleetTally{}
	if err := r.readForPlan(ctx, p, before); err != nil {
		p.Close()
		return nil, err
	}
	err := r.planFleet(ctx, p, before)
	if err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// readForPlan reads and judges all accounts, into a folder.
func (r *Runner) readForPlan(ctx context.Context, p *FleetPlanning, before *fleetTally) error {
	var done *FleetRun
	var err error
	if len(p.dirs) > 0 {
		done, err = r.savedFleet(ctx, p.q.Request, p.dirs, "", before)
	} else {
		q := p.q.FleetRequest
		if q.Dir == "" && q.Resume == "" {
			if p.temp, err = os.MkdirTemp("", "monitorctl-plan-*"); err != nil {
				return fmt.Errorf("making a folder for what is read: %w", err)
			}
			q.Dir = p.temp
		}
		p.dirs = []string{q.Dir + q.Resume} // one of them is empty
		pr := PlanRequest{Request: q.Request, Options: p.q.Options}
		q.needs, q.wishes, q.also = pr.needs(), p.q.Options, before
		q.command = max(q.command, permissions.Plan)
		done, err = r.Fleet(ctx, q)
	}
	if err != nil {
		return err
	}
	defer done.Close()
	if done.Err != nil {
		return (Gate{}).incomplete(done)
	}
	return nil
}

// incomplete is the error of a run that did not get through all accounts: no plan is made of
// a part.
func (Gate) incomplete(done *FleetRun) error {
	code := exit.Failed
	if errors.Is(done.Err, context.Canceled) {
		code = exit.Interrupted
	}
	return &exit.Error{Code: code, Err: fmt.Errorf("not all accounts were read, and no plan is made of a part: %s", done.Report.Why)}
}

// A fleetTally notes how each account stands, and keeps some that stand for the others.
type fleetTally struct {
	status              map[string][]finding.Status // by account, in the order of the controls
	unreadable, skipped int
	why                 map[string]string // of accounts that could not be read
	first               []finding.Finding // of any account: for titles and numbers

	seen  map[int]account.Snapshot // by class
	after func(fleet.Outcome) error
}

// maxSeen is how many classes of accounts the plan of an owner is tried on.
const maxSeen = 32

// Put implements fleet.Sink.
func (t *fleetTally) Put(out fleet.Outcome) error {
	if out.Verdict == nil {
		t.skipped++
		return nil
	}
	if t.status == nil {
		t.status, t.why, t.seen, t.first = map[string][]finding.Status{}, map[string]string{}, map[int]account.Snapshot{}, out.Verdict.Findings
	}
	list := make([]finding.Status, len(out.Verdict.Findings))
	for i := range out.Verdict.Findings {
		list[i] = out.Verdict.Findings[i].Status
	}
	t.status[out.Target.ID] = list
	switch {
	case out.Failure != nil:
		t.unreadable++
		t.why[out.Target.ID] = out.Failure.Operation + ": " + out.Failure.Code
	case out.Snapshot != nil && slices.Contains(list, finding.Fail) && shares(&out.Snapshot.Accounts[0]) && len(t.seen) < maxSeen:
		if _, have := t.seen[out.Verdict.Number]; !have {
			t.seen[out.Verdict.Number] = out.Snapshot.Dated()
		}
	}
	if t.after != nil {
		return t.after(out)
	}
	return nil
}

// of is how an account stands; now where it was not judged again.
func (t *fleetTally) of(id string, now []finding.Status) []finding.Status {
	if list := t.status[id]; list != nil {
		return list
	}
	return now
}

// shares reports whether an account is under a trail of the organization whose log group is
// in another account: it gets no chain of its own.
func shares(a *account.Account) bool {
	return slices.ContainsFunc(a.Trails, func(t account.Trail) bool {
		group, ok := account.ParseARN(t.LogGroupARN)
		return ok && t.Organization && group.Account != a.ID
	})
}

// A simulatedStore is a store whose owners are as a plan would leave them.
type simulatedStore struct {
	fleet.Store
	owners map[string]*account.Snapshot
}

// Central implements fleet.Store.
func (s simulatedStore) Central(id string) *account.Snapshot {
	if snap := s.owners[id]; snap != nil {
		return snap
	}
	return s.Store.Central(id)
}

// planFleet plans from the folders.
func (r *Runner) planFleet(ctx context.Context, p *FleetPlanning, before *fleetTally) error {
	s := &savedFleets{}
	defer s.close()
	list, err := s.open(p.dirs)
	if err != nil {
		return err
	}
	x := &fleetPlanner{runner: r, p: p, store: s, list: list, before: before}
	for _, number := range slices.Sorted(maps.Keys(before.seen)) {
		p.seen = append(p.seen, before.seen[number])
	}
	if err := x.planOwners(ctx); err != nil {
		return err
	}
	x.report()
	return nil
}

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

// planOwner plans an account that owns a log group which others share.
func (q *FleetPlanRequest) planOwner(ctx context.Context, snap account.Snapshot, seen []account.Snapshot, central []account.Account, at time.Time) (FleetChange, error) {
	var accounts []account.Account
	for _, s := range seen {
		if s.Accounts[0].ID != snap.Accounts[0].ID {
			accounts = append(accounts, s.Accounts[0])
		}
	}
	return q.planOne(ctx, snap, accounts, central, at)
}

// planOne plans one account in a world.
func (q *FleetPlanRequest) planOne(ctx context.Context, snap account.Snapshot, seen, central []account.Account, at time.Time) (FleetChange, error) {
	o := q.Options
	o.Audit = q.auditOptions(account.Snapshot{TakenAt: at})
	o.Audit.Central = slices.Concat(o.Audit.Central, central)
	o.Audit.Workers = 1 // accounts are planned side by side
	snap = snap.Dated()
	p, err := plan.Shared(ctx, snap, seen, q.Selection.Controls, o)
	return FleetChange{Ref: report.FleetRef{ID: snap.Accounts[0].ID}, Snap: snap, Plan: p, Options: o}, err
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
	c, err := x.p.q.planOne(ctx, *out.Snapshot, nil, x.world, x.options.Audit.Now)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		x.leave(ref, strings.ReplaceAll(err.Error(), ref.ID, "{account}"), nil)
		return nil
	}
	c.Ref = ref
	if len(c.Plan.Actions) == 0 || len(c.Plan.Conflicts) > 0 {
		for _, m := range c.Plan.Manual {
			x.leave(ref, strings.ReplaceAll(m.Text, ref.ID, "{account}"), nil)
		}
		if len(c.Plan.Manual)+len(c.Plan.Conflicts) == 0 {
			x.leave(ref, "nothing that apply adds helps", out.Verdict.Findings)
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

// leave notes an account that no plan changes; of list those that fail say why, where the
// text does not.
func (x *fleetPlanner) leave(ref report.FleetRef, text string, list []finding.Finding) {
	x.mu.Lock()
	defer x.mu.Unlock()
	texts := []string{text}
	if list != nil {
		texts = nil
		for i := range list {
			if f := &list[i]; f.Status == finding.Fail {
				texts = append(texts, f.Control+": "+strings.ReplaceAll(f.Why(), f.Account, "{account}")+"; "+text)
			}
		}
	}
	for _, t := range texts {
		l := x.left[t]
		if l == nil {
			l = &report.FleetLeft{Text: t}
			x.left[t] = l
		}
		l.Accounts = append(l.Accounts, ref)
	}
}

// refOf is how a plan names an account.
func refOf(t targets.Target) report.FleetRef {
	return report.FleetRef{ID: t.ID, Name: t.Name, OUPath: t.Path, OUNames: t.Names}
}

// report puts the plan together.
func (x *fleetPlanner) report() {
	out := &x.p.Plan
	out.Accounts, out.Unreadable, out.Skipped = len(x.before.status), x.before.unreadable, x.before.skipped
	refs := map[string]report.FleetRef{}
	for _, t := range x.list {
		refs[t.ID] = refOf(t)
	}
	for i := range x.p.owners {
		c := &x.p.owners[i]
		c.Owner = true
		if ref, ok := refs[c.Ref.ID]; ok {
			c.Ref = ref
		}
		out.Owners = append(out.Owners, report.FleetPlanned{Accounts: []report.FleetRef{c.Ref}, Plan: c.Plan})
		if len(c.Plan.Conflicts) == 0 {
			x.planned[c.Ref.ID] = outlookOf(&c.Plan)
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(x.groups), func(a, b [sha256.Size]byte) int {
		return byID(x.groups[a].Accounts[0], x.groups[b].Accounts[0])
	}) {
		out.Members = append(out.Members, *x.groups[key])
	}
	for _, text := range slices.Sorted(maps.Keys(x.left)) {
		l := x.left[text]
		slices.SortFunc(l.Accounts, byID)
		l.Accounts = slices.Compact(l.Accounts)
		out.Left = append(out.Left, *l)
	}
	x.predict()
	out.Mails = mailsOf(out)
}

// predict counts how the controls stand now and afterwards.
func (x *fleetPlanner) predict() {
	out := &x.p.Plan
	for i := range x.before.first {
		f := &x.before.first[i]
		row := report.FleetPredicted{
			Control: f.Control, Number: f.Number, Now: map[finding.Status]int{}, Owners: map[finding.Status]int{}, After: map[finding.Status]int{}, Confirmed: map[finding.Status]int{},
		}
		for id, now := range x.before.status {
			x.p.failsThen = x.p.failsThen || x.then.of(id, now)[i] == finding.Fail
			then, answered := x.then.of(id, now), x.answered.of(id, now)
			row.Owners[answered[i]]++
			if p, ok := x.planned[id]; ok {
				then, answered = p.then, p.answered
			}
			row.Now[now[i]]++
			row.After[then[i]]++
			row.Confirmed[answered[i]]++
		}
		out.Rows = append(out.Rows, row)
	}
	for id, now := range x.before.status {
		last, fixed := x.answered.of(id, now), false
		for i := range now {
			fixed = fixed || now[i] == finding.Fail && last[i] != finding.Fail
		}
		if fixed {
			out.Fixed++
		}
		if p, ok := x.planned[id]; ok {
			last = p.answered
		}
		if slices.Contains(last, finding.Fail) {
			out.Failing = append(out.Failing, id)
		}
	}
	slices.Sort(out.Failing)
}

// mailsOf counts the subscribers that have to confirm.
func mailsOf(p *report.FleetPlan) report.FleetMails {
	var m report.FleetMails
	addresses := map[string]bool{}
	for _, g := range slices.Concat(p.Owners, p.Members) {
		if len(g.Plan.Conflicts) > 0 {
			continue
		}
		n := 0
		for _, a := range g.Plan.Actions {
			if s, ok := a.(action.Subscribe); ok && strings.HasPrefix(s.Protocol, "email") {
				addresses[s.Endpoint] = true
				n++
			}
		}
		if n > 0 {
			m.Accounts += len(g.Accounts)
			m.Confirmations += n * len(g.Accounts)
		}
	}
	m.Addresses = len(addresses)
	return m
}
