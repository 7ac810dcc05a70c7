package plan

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/finding"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
)

// For plans the repair of a snapshot: what brings missed events further along
// the chain, and nothing else. It fails when a wish cannot be met at all (a
// topic in another region, no trail in the region asked for); things in the way
// are conflicts of the plan instead. It ends with ctx.
func For(ctx context.Context, snap account.Snapshot, controls []catalog.Control, o Options) (change.Plan, error) {
	return Shared(ctx, snap, nil, controls, o)
}

// Shared is For for an account that owns the log group of other accounts' events, too. seen
// are some of those, as they were read: what they lack is fixed here where that is possible,
// although the owner may lack nothing itself. The plan's reports are about the owner alone.
func Shared(ctx context.Context, snap account.Snapshot, seen []account.Account, controls []catalog.Control, o Options) (change.Plan, error) {
	world := audit.NewWorld(snap.Accounts, o.Audit.Central)
	snap.Accounts = slices.Clone(snap.Accounts)
	var actions []action.Action
	p := change.Plan{Before: audit.NewReport(controls, o.Audit)}
	for i := range snap.Accounts {
		b := newBuilder(ctx, world, &snap, &snap.Accounts[i], controls, o)
		before, err := judge(ctx, world, b.account, controls, &o)
		if err != nil {
			return change.Plan{}, err
		}
		p.Before.Add(before[0].Account, b.account.Scope, worst(before))
		ready, err := b.bootstrap()
		if err != nil {
			return change.Plan{}, err
		}
		if !ready {
			p.Conflicts, p.Notes = append(p.Conflicts, b.conflicts...), append(p.Notes, b.notes...)
			continue
		}
		if len(b.first) > 0 { // the rest is for the account as it will be
			if before, err = judge(ctx, world, b.account, controls, &o); err != nil {
				return change.Plan{}, err
			}
		}
		if err := b.build(ctx, before, seen); err != nil {
			return change.Plan{}, err
		}
		p.Chosen = append(p.Chosen, b.choices...)
		actions = append(append(actions, b.first...), b.actions...)
		p.Conflicts = append(p.Conflicts, b.conflicts...)
		p.Drifts = append(p.Drifts, b.drifts...)
		p.Manual = append(p.Manual, b.manual...)
		p.Notes = append(p.Notes, b.notes...)
	}
	slices.SortStableFunc(actions, func(a, b action.Action) int { return cmp.Compare(a.Place(), b.Place()) })
	p.Actions = action.List(actions)
	p.After = p.Before
	if len(p.Conflicts) > 0 {
		return p, nil // nothing will be written, so nothing changes
	}
	after, err := Simulate(snap, p.Actions, false)
	if err != nil {
		return change.Plan{}, err
	}
	if p.After, err = run(ctx, after, controls, &o); err != nil {
		return change.Plan{}, err
	}
	p.Confirmed, err = confirmed(ctx, snap, p.Actions, p.After, controls, o)
	return p, err
}

// confirmed is the report once every pending subscriber has answered, nil when
// that changes no status.
func confirmed(ctx context.Context, snap account.Snapshot, actions []change.Action, after finding.Report, controls []catalog.Control, o Options) (*finding.Report, error) {
	if !slices.ContainsFunc(actions, func(a change.Action) bool {
		s, ok := a.(action.Subscribe)
		return ok && !action.ConfirmedAtOnce(s.Protocol)
	}) {
		return nil, nil //nolint:nilnil // nothing changes, and nothing failed
	}
	later, err := Simulate(snap, actions, true)
	if err != nil {
		return nil, err
	}
	r, err := run(ctx, later, controls, &o)
	if err != nil || r.Summary() == after.Summary() {
		return nil, err
	}
	return &r, nil
}

// A builder plans the repair of one account.
type builder struct {
	ctx      context.Context // ends decisions on patterns
	world    *audit.World
	snap     *account.Snapshot
	account  *account.Account
	controls []catalog.Control
	all      Options   // the wishes as they were given
	o        Options   // those for the control at hand
	also     []Options // for further topics of its alarm

	chosen    *audit.TrailChoice // nil when no trail can carry a chain of filter and alarm
	layout    *layout            // of rules; nil when none are asked for or no trail records
	way       string             // the transport that is planned
	editing   bool               // only edits are looked for
	keeper    desired.Keeper     // of code that keeps what would have to change; "" for none
	choices   []change.Choice
	first     []action.Action // that make the trail which the account is planned with
	actions   []action.Action
	conflicts []change.Conflict
	drifts    []change.Drift
	manual    []change.Manual
	notes     []change.Manual
}

func newBuilder(ctx context.Context, world *audit.World, snap *account.Snapshot, a *account.Account, controls []catalog.Control, o Options) *builder {
	return &builder{ctx: ctx, world: world, snap: snap, account: a, controls: controls, all: o, o: o, way: o.ways()[0]}
}

// A verdict is what was found of one control.
type verdict struct {
	finding.Finding
	evidence audit.Evidence
}

// build goes through the findings of the account by each transport, control by
// control.
func (b *builder) build(ctx context.Context, before []audit.Result, seen []account.Account) error {
	if err := b.checkChats(); err != nil {
		return err
	}
	if err := b.chooseTrail(); err != nil {
		return err
	}
	if err := b.chooseLayout(); err != nil {
		return err
	}
	for i, way := range b.o.ways() {
		b.way = way
		if err := b.repairAll(ctx, before[i]); err != nil {
			return err
		}
	}
	if err := b.shared(ctx, seen); err != nil {
		return err
	}
	b.meetAll(worst(before))
	if err := b.alarmRules(); err != nil {
		return err
	}
	if b.keeper != "" {
		b.remark(fmt.Sprintf("alarms of this account are kept by %[1]s: 'monitorctl export %[1]s' writes the repair as code", b.keeper))
	}
	b.checkQuota()
	b.checkCustodian()
	b.checkRuleQuota()
	b.admitMembers()
	if byMetrics := len(b.o.ways()) > 1 || !b.o.byRules(); byMetrics && b.chosen != nil && slices.ContainsFunc(b.actions, isOfMetrics) {
		b.choices = append(b.choices, b.choice())
	}
	if b.layout != nil && slices.ContainsFunc(b.actions, isOfRules) {
		b.choices = append(b.choices, b.ruleChoice())
		b.remarkOnHome()
	}
	return nil
}

// isOfMetrics reports whether an action is part of a chain of filter and alarm, or may
// be.
func isOfMetrics(a action.Action) bool { return !isOfRules(a) }

// isOfRules reports whether an action is about rules.
func isOfRules(a action.Action) bool {
	switch a.(type) { //nolint:gochecksumtype // the others are of topics, or of metrics
	case action.PutRule, action.PutTarget, action.CreateRole, action.CreateConnection, action.CreateDestination, action.PutPermission:
		return true
	}
	return false
}

// repairAll plans the controls by one transport.
func (b *builder) repairAll(ctx context.Context, before audit.Result) error {
	for i, f := range before.Findings {
		b.turnTo(b.controls[i])
		if b.controls[i].State == catalog.TrailDelivery && b.o.HeartbeatHours > 0 {
			if b.way == audit.RuleTransport {
				continue
			}
			if err := b.heartbeat(b.controls[i], f); err != nil {
				return err
			}
			continue
		}
		if b.controls[i].Type == catalog.State {
			if f.Remediation != "" { // apply cannot bring it about
				b.tell(f.Control, f.Remediation)
			}
			continue
		}
		if err := b.repair(ctx, b.controls[i], verdict{f, before.Evidence[i]}); err != nil {
			return err
		}
		if err := b.satisfy(b.controls[i], verdict{f, before.Evidence[i]}); err != nil {
			return err
		}
		if b.way == audit.RuleTransport {
			if err := b.ruleEdits(b.controls[i]); err != nil {
				return err
			}
		} else {
			b.edits(b.controls[i])
		}
	}
	return nil
}

// repair plans one control. The actions stay only if they improve it.
func (b *builder) repair(ctx context.Context, c catalog.Control, f verdict) error {
	var step step
	switch f.Status {
	case finding.Fail, finding.Warn:
		s, err := b.stepFor(c, f)
		if err != nil {
			return err
		}
		step = s
	case finding.Unknown:
		b.tell(c.ID, "could not be checked: "+f.Why()+"; "+f.Remediation)
	}
	if b.o.Complete && f.Status != finding.Unknown && len(f.BlindSpots) > 0 {
		s, err := b.complete(c, f)
		if err != nil {
			return err
		}
		step.add(s)
	}
	if step.keeper != "" {
		step.actions = nil
		b.keeper = step.keeper
	}
	if len(step.actions) == 0 && len(step.conflicts) == 0 {
		return b.leftover(ctx, c, f, step)
	}
	better, err := b.improves(ctx, c, f, step)
	if err != nil {
		return err
	}
	if !better {
		return b.leftover(ctx, c, f, step)
	}
	b.take(step)
	return nil
}

// take adds a step to the plan; an action that two controls share is carried
// out once and names both.
func (b *builder) take(s step) {
	for _, x := range s.conflicts {
		if !slices.ContainsFunc(b.conflicts, func(y change.Conflict) bool { return y.Resource == x.Resource && y.Reason == x.Reason }) {
			b.conflicts = append(b.conflicts, x)
		}
	}
	b.keepDrifts(s.drifts)
	b.note(s.notes)
	for _, a := range s.actions {
		if i := slices.IndexFunc(b.actions, func(have action.Action) bool { return action.Same(have, a) }); i >= 0 {
			closes := union(b.actions[i].Common().Closes, a.Common().Closes)
			if put, ok := a.(action.PutChat); ok { // a channel of several topics
				have, _ := b.actions[i].(action.PutChat)
				a = have.With(put)
				b.actions[i] = a
			}
			if _, ok := a.(action.PutRule); ok { // a forwarder of several controls: the later one lists the events of the earlier ones too
				b.actions[i] = a
			}
			b.actions[i] = b.actions[i].Closing(closes)
			continue
		}
		b.actions = append(b.actions, a)
	}
}

// union returns the controls of both lists, each once, in their order.
func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, c := range b {
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// keepDrifts adds edited objects to the plan, each once.
func (b *builder) keepDrifts(list []change.Drift) {
	for _, d := range list {
		if !slices.ContainsFunc(b.drifts, func(e change.Drift) bool { return e.Resource == d.Resource }) {
			b.drifts = append(b.drifts, d)
		}
	}
}

// leftover tells what else helps when no action does: another wish, or a person.
func (b *builder) leftover(ctx context.Context, c catalog.Control, f verdict, s step) error {
	b.note(s.notes)
	b.keepDrifts(s.drifts)
	if f.Status == finding.Fail && len(s.drifts) == 0 {
		a, err := b.adviceOn(ctx, c, f)
		if err != nil {
			return err
		}
		if len(s.notes) == 0 || a.command != "" {
			m := change.Manual{Control: c.ID, Text: f.Why() + "; " + a.sentence(f.Finding)}
			if a.command == "" {
				m.Elsewhere = f.Elsewhere()
			}
			b.note([]change.Manual{m})
		}
	}
	for _, r := range f.Reasons {
		if f.Status == finding.Fail && r.Status == finding.Unknown { // this may be why nothing can be planned
			b.tell(c.ID, r.Message)
		}
	}
	return nil
}

func (b *builder) tell(control, text string) {
	b.note([]change.Manual{{Control: control, Text: text}})
}

// note adds what needs manual action in the account, each once.
func (b *builder) note(list []change.Manual) {
	for _, m := range list {
		m.Account = b.account.ID
		if !slices.Contains(b.manual, m) {
			b.manual = append(b.manual, m)
		}
	}
}

// improves reports whether the step brings the control further along the chain, or
// its status is better, once subscribers have answered.
func (b *builder) improves(ctx context.Context, c catalog.Control, f verdict, s step) (bool, error) {
	if len(s.conflicts) > 0 {
		return true, nil // it must be shown
	}
	better, _, err := b.outcome(ctx, c, f, s)
	return better, err
}

// outcome reports whether a step without conflicts improves a control, and what its
// status would be, once subscribers have answered.
func (b *builder) outcome(ctx context.Context, c catalog.Control, f verdict, s step) (better bool, status finding.Status, err error) {
	after, err := action.Simulate(b.account, momentOf(b.snap), slices.Concat(b.actions, s.actions), true)
	if err != nil {
		return false, "", err
	}
	r, err := b.world.Judge(ctx, after, []catalog.Control{c}, b.o.along(b.way))
	if err != nil {
		return false, "", err
	}
	g := r.Findings[0]
	better = worth(g) > worth(f.Finding) || r.Evidence[0].Broken < f.evidence.Broken || len(g.BlindSpots) < len(f.BlindSpots)
	return better, g.Status, nil
}

// worth orders statuses, the best last: what is waived once a step is done has no
// cause left but accepted ones.
func worth(f finding.Finding) int {
	return slices.Index([]finding.Status{finding.Fail, finding.Unknown, finding.Warn, finding.Waived, finding.Pass}, f.Status)
}

// chooseTrail picks the trail whose log group gets our filters.
func (b *builder) chooseTrail() error {
	ranked := audit.Trails(b.account, b.controls, b.o.Audit)
	for i := range ranked {
		t := &ranked[i]
		if t.Group == "" || t.Carried == 0 && (t.Probes > 0 || stopped(t.Trail)) || b.o.Region != "" && t.Trail.HomeRegion != b.o.Region {
			continue
		}
		b.chosen = t
		return nil
	}
	if b.o.Region != "" && !slices.ContainsFunc(ranked, func(t audit.TrailChoice) bool { return t.Trail.HomeRegion == b.o.Region }) {
		return &NoTrailError{Account: b.account.ID, Region: b.o.Region, Homes: homes(ranked)}
	}
	return nil
}

// stopped reports whether a trail is not known to be logging.
func stopped(t account.Trail) bool {
	s, ok := t.Status.Got()
	return !ok || !s.Logging
}

// A NoTrailError says that no trail has its home in the region asked for.
type NoTrailError struct {
	Account string
	Region  string
	Homes   []string // where trails are, sorted; empty when there are none
}

// Error names the account and the region.
func (e *NoTrailError) Error() string {
	return fmt.Sprintf("choosing a trail of account %s: no trail has its home region in %s", e.Account, e.Region)
}

func homes(ranked []audit.TrailChoice) []string {
	var out []string
	for _, t := range ranked {
		out = append(out, t.Trail.HomeRegion)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// choice explains the chosen trail.
func (b *builder) choice() change.Choice {
	t := b.chosen
	why := fmt.Sprintf("it carries %d of %d required events and regions", t.Carried, t.Probes)
	if t.Carried == t.Probes {
		why = "it carries every required event"
	}
	if t.Trail.MultiRegion {
		why += ", from all regions"
	}
	if b.o.Region != "" {
		why += "; --home-region asks for a trail of " + b.o.Region
	}
	return change.Choice{Account: b.account.ID, TrailARN: t.Trail.ARN, Region: t.Region, LogGroup: t.Group, Why: why}
}

// checkQuota refuses a plan that a log group has no room for, before anything
// is written.
func (b *builder) checkQuota() {
	if b.chosen == nil {
		return
	}
	n, added := b.countFilters()
	if n+added > action.FilterQuota {
		b.conflicts = append(b.conflicts, change.Conflict{
			Account: b.account.ID, Region: b.chosen.Region, Resource: b.chosen.Group, Name: b.chosen.Group,
			Reason: fmt.Sprintf("a log group has at most %d metric filters, and AWS does not raise that limit", action.FilterQuota),
			Have:   fmt.Sprintf("%d metric filters", n),
			Want:   fmt.Sprintf("%d more", added),
			NoRoom: true, Spare: spareFilters(b.account.Region(b.chosen.Region), b.chosen.Group),
		})
	}
}

// countFilters returns how many metric filters the chosen log group has, and how many
// the plan adds.
func (b *builder) countFilters() (have, added int) {
	list, _ := b.account.Region(b.chosen.Region).MetricFilters.Got()
	for _, f := range list {
		if f.LogGroup == b.chosen.Group {
			have++
		}
	}
	for _, a := range b.actions {
		if f, ok := a.(action.PutFilter); ok && f.Before == nil {
			added++
		}
	}
	return have, added
}
