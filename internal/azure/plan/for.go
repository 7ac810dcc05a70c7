package plan

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/azure/audit"
	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// For plans the repair of a snapshot, each subscription by itself: what brings missed
// operations further along the chain, and nothing else. It fails when a wish cannot be
// met at all (*NoHomeError, *NoGroupError); things in the way are conflicts of the plan
// instead. So is a missing place where other subscriptions have one. It ends with ctx.
func For(ctx context.Context, snap subscription.Snapshot, controls []catalog.Control, o Options) (change.Plan, error) {
	world := audit.NewWorld(snap.Subscriptions)
	p := change.Plan{Before: audit.NewReport(controls, o.Audit), Separate: len(snap.Subscriptions) > 1}
	var actions []action.Action
	var homeless *NoHomeError
	for i := range snap.Subscriptions {
		s := &snap.Subscriptions[i]
		before, err := world.Judge(ctx, s, controls, o.Audit)
		if err != nil {
			return change.Plan{}, err
		}
		p.Before.Add(before.Account, nil, before.Findings)
		if !s.Works() {
			continue
		}
		b := &builder{ctx: ctx, snap: &snap, world: world, sub: s, controls: controls, o: o, home: homeOf(s, o)}
		switch err := b.build(before); {
		case errors.As(err, &homeless) && p.Separate:
			b.actions = nil
			b.blocked(s.Scope(), "alert rules are to be created, but no resource group is named", homeless.Hint())
		case err != nil:
			return change.Plan{}, err
		}
		if len(b.conflicts) == 0 || !p.Separate {
			actions = append(actions, b.actions...)
		}
		p.Conflicts = append(p.Conflicts, b.conflicts...)
		p.Drifts = append(p.Drifts, b.drifts...)
		p.Manual = append(p.Manual, b.manual...)
		p.Notes = append(p.Notes, b.notes...)
	}
	if homeless != nil && len(actions) == 0 {
		return change.Plan{}, homeless
	}
	slices.SortStableFunc(actions, func(a, b action.Action) int {
		return cmp.Or(cmp.Compare(a.Common().Account, b.Common().Account), cmp.Compare(a.Place(), b.Place()))
	})
	p.Actions = action.List(actions)
	p.After = p.Before
	if len(p.Conflicts) > 0 && !p.Separate || len(actions) == 0 {
		return p, nil // nothing will be written, so nothing changes
	}
	var err error
	if p.After, err = audit.Run(ctx, Simulate(snap, actions, false), controls, o.Audit); err != nil {
		return change.Plan{}, err
	}
	confirmed, err := audit.Run(ctx, Simulate(snap, actions, true), controls, o.Audit)
	if err == nil && confirmed.Summary() != p.After.Summary() {
		p.Confirmed = &confirmed
	}
	return p, err
}

// Simulate returns the subscriptions as they would be after the actions; verified takes
// new e-mail addresses as confirmed.
func Simulate(snap subscription.Snapshot, actions []action.Action, verified bool) subscription.Snapshot {
	after := snap
	after.Subscriptions = slices.Clone(snap.Subscriptions)
	m := action.Moment{Salt: snap.Salt, Verified: verified}
	for i := range after.Subscriptions {
		var own []action.Action
		for _, a := range actions {
			if subscription.Same(a.Common().Account, after.Subscriptions[i].ID) {
				own = append(own, a)
			}
		}
		after.Subscriptions[i] = *action.Simulate(&after.Subscriptions[i], m, own)
	}
	return after
}

// homeOf returns where our objects stand in a subscription: in the resource group of the
// wishes, else in that of our action group or of an alert rule of ours; none is "".
func homeOf(s *subscription.Subscription, o Options) desired.Home {
	h := desired.Home{Subscription: s.ID, ResourceGroup: o.ResourceGroup}
	if h.ResourceGroup != "" {
		return h
	}
	groups, _ := s.ActionGroups.Got()
	for _, raw := range groups {
		id := action.IDOf(raw)
		if parts, ok := subscription.ParseID(id); ok && subscription.Same(subscription.Name(id), o.names().Group()) && action.OwnerOf(raw).Ours {
			h.ResourceGroup = parts.Group
			return h
		}
	}
	rules, _ := s.AlertRules.Got()
	for _, raw := range rules {
		if parts, ok := subscription.ParseID(action.IDOf(raw)); ok && strings.HasPrefix(subscription.Name(action.IDOf(raw)), o.NamePrefix) && action.OwnerOf(raw).Ours {
			h.ResourceGroup = parts.Group
			return h
		}
	}
	return h
}

// A builder plans the repair of one subscription.
type builder struct {
	ctx      context.Context // ends judging
	snap     *subscription.Snapshot
	world    *audit.World
	sub      *subscription.Subscription
	controls []catalog.Control
	o        Options
	home     desired.Home

	actions   []action.Action
	conflicts []change.Conflict
	drifts    []change.Drift
	manual    []change.Manual
	notes     []change.Manual

	outcome finding.Finding // of the control that was repaired last, as it would be
}

// A step is what is proposed for one control.
type step struct {
	actions   []action.Action
	conflicts []change.Conflict
	drifts    []change.Drift
}

func (b *builder) build(before audit.Result) error {
	if b.o.ActionGroup != "" {
		if err := b.usable(b.o.ActionGroup); err != nil {
			return err
		}
	}
	for i, f := range before.Findings {
		if err := b.repair(b.controls[i], f); err != nil {
			return err
		}
	}
	if err := b.subscribe(); err != nil {
		return err
	}
	if len(b.actions) == 0 {
		return nil
	}
	return b.surroundings()
}

// find looks for an action group in the snapshot; known is false where it was not read.
func (b *builder) find(id string) (raw json.RawMessage, known bool) {
	parts, _ := subscription.ParseID(id)
	for i := range b.snap.Subscriptions {
		s := &b.snap.Subscriptions[i]
		if !subscription.Same(s.ID, parts.Subscription) {
			continue
		}
		list, ok := s.ActionGroups.Got()
		return inList(list, id), ok
	}
	return b.sub.Elsewhere[subscription.Fold(id)].Got()
}

// inList returns the object with an id; nil when there is none.
func inList(list []json.RawMessage, id string) json.RawMessage {
	for _, raw := range list {
		if subscription.Same(action.IDOf(raw), id) {
			return raw
		}
	}
	return nil
}

// repair plans one control. The actions stay only if they improve it.
func (b *builder) repair(c catalog.Control, f finding.Finding) error {
	var missed []catalog.Operation
	switch f.Status {
	case finding.Fail, finding.Warn:
		missed = wanted(c, f)
	case finding.Unknown:
		b.tell(c.ID, "could not be checked: "+f.Why()+"; "+f.Remediation)
	}
	rules := b.o.names().Rules(c, missed, b.o.OneRule, b.o.Once)
	if b.o.Complete && f.Status != finding.Unknown && len(f.BlindSpots) > 0 {
		rules = append(rules, b.o.names().Supplement(c, c.OtherOperations(), b.o.Once))
	}
	if len(rules) == 0 {
		b.leftover(c, f)
		return nil
	}
	s, err := b.stepFor(c, f, rules)
	if err != nil {
		return err
	}
	b.drift(s.drifts)
	if len(s.conflicts) > 0 {
		b.conflict(s.conflicts)
		return nil
	}
	if len(s.actions) > 0 {
		then, err := b.then(c, s.actions)
		if err != nil {
			return err
		}
		if suppressed(then) { // our rules would be, too
			b.leftover(c, then)
			return nil
		}
		if improves(f, then) {
			b.take(s.actions)
			b.outcome = then
			return nil
		}
	}
	if len(s.drifts) == 0 {
		b.leftover(c, f)
	}
	return nil
}

// drift adds edited objects to the plan, each once.
func (b *builder) drift(list []change.Drift) {
	for _, d := range list {
		if !slices.ContainsFunc(b.drifts, func(have change.Drift) bool { return have.Resource == d.Resource }) {
			b.drifts = append(b.drifts, d)
		}
	}
}

// conflict adds what is in the way to the plan, each once.
func (b *builder) conflict(list []change.Conflict) {
	for _, x := range list {
		if !slices.ContainsFunc(b.conflicts, func(have change.Conflict) bool { return have.Resource == x.Resource && have.Reason == x.Reason }) {
			b.conflicts = append(b.conflicts, x)
		}
	}
}

// take adds actions to the plan; one that two controls share is carried out once and
// names both.
func (b *builder) take(actions []action.Action) {
	for _, a := range actions {
		i := slices.IndexFunc(b.actions, func(have action.Action) bool { return action.Same(have, a) })
		if i < 0 {
			b.actions = append(b.actions, a)
			continue
		}
		closes := slices.Clone(b.actions[i].Common().Closes)
		for _, c := range a.Common().Closes {
			if !slices.Contains(closes, c) {
				closes = append(closes, c)
			}
		}
		b.actions[i] = b.actions[i].Closing(closes)
	}
}

func (b *builder) meta(c catalog.Control, why string) change.Meta {
	m := change.Meta{Account: b.sub.ID, Why: why}
	if c.ID != "" {
		m.Closes = []string{c.ID}
	}
	return m
}

func (b *builder) tell(control, text string) {
	b.manual = append(b.manual, change.Manual{Account: b.sub.ID, Control: control, Text: text})
}

func (b *builder) note(text string) {
	b.notes = append(b.notes, change.Manual{Account: b.sub.ID, Text: text})
}
