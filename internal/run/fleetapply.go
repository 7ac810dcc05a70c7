package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/fleet"
	"github.com/monitorctl/monitorctl/internal/aws/permissions"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/exit"
	"github.com/monitorctl/monitorctl/internal/fleet/targets"
	"github.com/monitorctl/monitorctl/internal/fleet/waves"
	"github.com/monitorctl/monitorctl/internal/journal"
	"github.com/monitorctl/monitorctl/internal/planfile"
)

// A FleetApply is what is written to many accounts, chosen but not yet carried out.
type FleetApply struct {
	Owners  []FleetEntry // first, one after the other
	Members [][]FleetEntry
	Needs   int // members with a plan that --write-accounts does not name
	failing bool

	q        FleetPlanRequest
	salt     string
	seen     []account.Snapshot
	planOf   func(FleetEntry) (planfile.File[plan.Wishes], error)
	journals string // folder of the journals; "" for none
	lock     string // file; "" for none

	maxFailures int
}

// DefaultWaves are the sizes of waves that nobody has asked for otherwise.
const DefaultWaves = waves.Default

// FleetLimits are how many accounts are written to at once, and how many may fail.
type FleetLimits struct {
	Waves       string
	MaxFailures int
}

// Accounts is how many accounts are written to.
func (a *FleetApply) Accounts() int { return len(a.Owners) + len(slices.Concat(a.Members...)) }

// Radius says in words what is written, and where.
func (a *FleetApply) Radius() string {
	list := slices.Concat(a.Owners, slices.Concat(a.Members...))
	c := sum(list)
	var parts []string
	for _, p := range []struct {
		n    int
		noun string
	}{{c.Filters, "filter"}, {c.Alarms, "alarm"}, {c.Topics, "topic"}, {c.Others, "other change"}} {
		if p.n > 0 {
			parts = append(parts, Plural(p.n, p.noun))
		}
	}
	where := Plural(len(list), "account")
	if unit := unitOf(list); unit != "" {
		where += " of " + unit
	}
	text := strings.Join(parts, ", ") + " in " + where
	if len(a.Members) > 0 {
		text += fmt.Sprintf(" (wave 1 of %d: %s)", len(a.Members), Plural(len(a.Members[0]), "account"))
	}
	return text
}

// unitOf is the unit that all accounts of a list are in; "" where there are several, or the
// list of accounts said nothing of units.
func unitOf(list []FleetEntry) string {
	unit := ""
	for i, e := range list {
		at := e.OUNames
		if at == "" {
			path := strings.Split(strings.TrimSuffix(e.OUPath, "/"), "/")
			at = path[len(path)-1]
		}
		if i > 0 && at != unit {
			return ""
		}
		unit = at
	}
	return unit
}

// Expected refuses another number of accounts than a script expects; nothing was written.
func (a *FleetApply) Expected(n int) error {
	if n == a.Accounts() {
		return nil
	}
	return &exit.Error{Code: exit.Failed, Err: fmt.Errorf("%s would be written to, but --expect-accounts expects %d; nothing was written", Plural(a.Accounts(), "account"), n)}
}

// ChooseOwners is what apply --org writes: to the owners alone, as they were planned.
func (p *FleetPlanning) ChooseOwners(journals string) (*FleetApply, error) {
	a := &FleetApply{q: p.q, seen: p.seen, Needs: p.Plan.ToWrite(), failing: p.failsThen}
	files := map[string]planfile.File[plan.Wishes]{}
	for _, c := range p.owners {
		if len(c.Plan.Conflicts) > 0 {
			return nil, &exit.Error{Code: exit.Failed, Err: conflictError(c.Plan), Hint: conflictHint(c.Plan)}
		}
		if len(c.Plan.Actions) == 0 {
			continue
		}
		f, err := plan.Save(c.Snap, c.Plan, c.Options, planfile.MadeBy{}, c.Snap.TakenAt)
		if err != nil {
			return nil, err
		}
		files[c.Ref.ID] = f
		a.Owners = append(a.Owners, FleetEntry{FleetRef: c.Ref, Counts: countsOf(c.Plan.Actions)})
	}
	a.planOf = func(e FleetEntry) (planfile.File[plan.Wishes], error) { return files[e.ID], nil }
	if journals != "" {
		a.journals, a.lock = filepath.Join(journals, journalDir), filepath.Join(journals, lockFile)
	}
	return a, nil
}

// Choose is what apply writes of a folder with plans: to the owners, and to the members that
// write names: ids, units, or "all".
func (s *FleetSaved) Choose(q FleetPlanRequest, write []string, limits FleetLimits) (*FleetApply, error) {
	a := &FleetApply{
		q: q, salt: s.Index.Salt, Owners: s.Index.Owners, planOf: s.plan, failing: s.Index.Failing > 0, maxFailures: limits.MaxFailures,
		journals: filepath.Join(s.dir.name, journalDir), lock: filepath.Join(s.dir.name, lockFile),
	}
	var err error
	if a.seen, err = s.seen(); err != nil {
		return nil, err
	}
	f := targets.Filter{Units: write}
	all := slices.Contains(write, "all")
	named := map[string]bool{}
	byID := map[string]FleetEntry{}
	var ids []string
	for _, e := range s.Index.Members {
		t := targets.Target{ID: e.ID, Path: e.OUPath, Names: e.OUNames}
		if !all && !slices.Contains(write, e.ID) && (len(write) == 0 || !f.Keep(&t)) {
			a.Needs++
			continue
		}
		named[e.ID], byID[e.ID] = true, e
		ids = append(ids, e.ID)
	}
	unused := f.Unused()
	for _, w := range write {
		if !named[w] && w != "all" && (targets.IsID(w) || slices.Contains(unused, "--ou "+w)) {
			return nil, exit.Usage(fmt.Errorf("--write-accounts %s matches no account that the folder has a plan for", w))
		}
	}
	sizes, err := waves.Parse(limits.Waves)
	if err != nil {
		return nil, exit.Usage(fmt.Errorf("--waves: %w", err))
	}
	split, err := waves.Split(ids, sizes)
	if err != nil {
		return nil, exit.Usage(fmt.Errorf("--waves: %w", err))
	}
	for _, w := range split {
		var list []FleetEntry
		for _, id := range w {
			list = append(list, byID[id])
		}
		a.Members = append(a.Members, list)
	}
	return a, nil
}

// A FleetApplied is what an apply to many accounts did.
type FleetApplied struct {
	Written int // accounts
	Failed  map[string]error
	Left    []string           // accounts that were not begun, sorted
	Pending []action.Subscribe // e-mail subscribers that have to confirm
	Failing map[string][]string
}

// ApplyFleet carries out what was chosen: the owners first, then the members in waves, each
// account audited again before the next wave. What is done is shown by tell. The error says
// why nothing was begun, or is the verdict on what was done.
func (r *Runner) ApplyFleet(ctx context.Context, a *FleetApply, tell func(format string, args ...any)) (FleetApplied, error) {
	out := FleetApplied{Failed: map[string]error{}, Failing: map[string][]string{}}
	unlock, err := a.begin()
	if err != nil {
		return out, err
	}
	defer unlock()
	if a.q.scopes == nil {
		if err := a.q.scoped(); err != nil {
			return out, err
		}
	}
	f, err := r.openFleet(ctx, &a.q, permissions.Apply, a.salt)
	if err != nil {
		return out, err
	}
	defer f.Close()
	w := &fleetWriter{runner: r, a: a, f: f, out: &out, owners: maps.Clone(f.Owners()), tell: tell}
	for i, e := range a.Owners {
		tell("owner %s", e.FleetRef)
		if err := w.account(ctx, e, true); err != nil {
			out.Failed[e.ID] = err
			out.Left = idsOf(slices.Concat(a.Owners[i+1:], slices.Concat(a.Members...)))
			return out, w.verdict(ctx)
		}
		out.Written++
	}
	w.members(ctx)
	return out, w.verdict(ctx)
}

// begin makes the folder of the journals and locks it.
func (a *FleetApply) begin() (unlock func(), err error) {
	if a.journals == "" {
		return func() {}, nil
	}
	if err := os.MkdirAll(a.journals, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the journals: %w", err)
	}
	release, err := journal.Lock(a.lock)
	if err != nil {
		return nil, err
	}
	return func() { release() }, nil //nolint:errcheck // the lock ends with the process in any case
}

// openFleet connects, and reads the accounts that own what others share.
func (r *Runner) openFleet(ctx context.Context, q *FleetPlanRequest, command permissions.Command, salt string) (*fleet.Fleet, error) {
	if salt == "" {
		var err error
		if salt, err = newSalt(); err != nil {
			return nil, err
		}
	}
	fq := q.FleetRequest
	pr := PlanRequest{Request: fq.Request, Options: q.Options}
	fq.needs, fq.wishes, fq.command = pr.needs(), q.Options, command
	o, err := r.fleetOptions(&fq, salt)
	if err != nil {
		return nil, err
	}
	base, management, err := r.fleetSessions(ctx, &fq)
	if err != nil {
		return nil, err
	}
	f, err := fleet.New(ctx, base, management, fq.Connections, o, nil)
	if err != nil {
		return nil, fq.Source.unreachable(err)
	}
	if !fq.Org && fq.Profiles == "" {
		if _, err := r.source(ctx, &fq, f); err != nil { // how accounts are entered
			f.Close()
			return nil, err
		}
	}
	if err := f.ReadWorld(ctx); err != nil {
		f.Close()
		return nil, fmt.Errorf("reading the accounts that own the organization's trail: %w", fq.Source.unreachable(err))
	}
	r.worldNotes(f)
	return f, nil
}

func idsOf(list []FleetEntry) []string {
	var ids []string
	for _, e := range list {
		ids = append(ids, e.ID)
	}
	return ids
}

// NeedsWriting says how many accounts are left.
func NeedsWriting(n int) string {
	if n == 1 {
		return "1 account needs --write-accounts"
	}
	return fmt.Sprintf("%d accounts need --write-accounts", n)
}

// fewOf names the first of a list of accounts.
func fewOf(ids []string) string {
	const few = 10
	if len(ids) <= few {
		return strings.Join(ids, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(ids[:few], ", "), len(ids)-few)
}

// Verdict is the exit code of a planning for which nothing is carried out: whether something
// fails as the accounts are now.
func (p *FleetPlanning) Verdict() error {
	switch {
	case p.Plan.ToWrite() > 0:
		return &exit.Error{Code: exit.ControlsFailed, Err: errors.New(NeedsWriting(p.Plan.ToWrite())), Hint: "'monitorctl plan --org --save DIR', then 'monitorctl apply --plan DIR --write-accounts all'"}
	case p.failsThen:
		return &exit.Error{Code: exit.ControlsFailed}
	}
	return nil
}

// PlanVerdict is the error of a plan that cannot be carried out everywhere, and with exitCode
// of one that finds something to do, or could not read every account.
func (p *FleetPlanning) PlanVerdict(exitCode bool) error {
	n := p.Plan.ToWrite()
	for _, c := range p.owners {
		if len(c.Plan.Conflicts) > 0 {
			return &exit.Error{Code: exit.Failed, Err: fmt.Errorf("account %s: %w", c.Ref.ID, conflictError(c.Plan)), Hint: conflictHint(c.Plan)}
		}
		n += len(c.Plan.Actions)
	}
	switch blocked := p.Plan.Blocked(); {
	case blocked > 0:
		return &exit.Error{Code: exit.Failed, Err: fmt.Errorf("%s with a conflict: nothing will be written there", Plural(blocked, "account"))}
	case exitCode && n > 0:
		return &exit.Error{Code: exit.ControlsFailed}
	case exitCode && p.Plan.Unreadable > 0:
		return &exit.Error{Code: exit.Failed, Err: fmt.Errorf("%s could not be read", Plural(p.Plan.Unreadable, "account"))}
	}
	return nil
}
