package plan

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// usable checks an action group that is not ours to write.
func (b *builder) usable(id string) error {
	raw, known := b.find(id)
	switch {
	case !known:
		return &NoGroupError{id, "could not be read, so who it notifies is not known"}
	case raw == nil:
		return &NoGroupError{id, "does not exist"}
	}
	g := subscription.ReadActionGroup(raw)
	switch {
	case !g.Enabled:
		return &NoGroupError{id, "is disabled"}
	case len(g.Receivers) == 0:
		return &NoGroupError{id, "has no receiver"}
	}
	return nil
}

// Receivers returns the action group whose receivers a subscription's alerts go to: that
// of the wishes, or our own. The error is a *NoGroupError.
func Receivers(snap subscription.Snapshot, s *subscription.Subscription, o Options) (subscription.ActionGroup, error) {
	b := &builder{snap: &snap, sub: s, o: o, home: homeOf(s, o)}
	id := cmp.Or(o.ActionGroup, b.home.GroupID(o.names().Group()))
	if b.home.ResourceGroup == "" && o.ActionGroup == "" {
		return subscription.ActionGroup{}, &NoGroupError{o.names().Group(), "does not exist in " + cmp.Or(s.Name, s.ID) + ": name one with --action-group"}
	}
	if err := b.usable(id); err != nil {
		return subscription.ActionGroup{}, err
	}
	raw, _ := b.find(id)
	return subscription.ReadActionGroup(raw), nil
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

// wanted returns the operations of a control that get a rule of ours: those that are
// missed, or all where a rule is narrowed.
func wanted(c catalog.Control, f finding.Finding) []catalog.Operation {
	missed := func(o catalog.Operation) bool {
		return slices.ContainsFunc(f.Missed, func(m finding.MissedEvent) bool { return m.Event == cmp.Or(o.Name, o.Incident) })
	}
	if f.Status == finding.Warn {
		narrowed := len(f.Reasons) > 0 && f.Reasons[0].Code == audit.CodeRuleNarrowed
		missed = func(catalog.Operation) bool { return narrowed }
	}
	return slices.DeleteFunc(c.RequiredOperations(), func(o catalog.Operation) bool { return !missed(o) })
}

// stepFor proposes the rules, and the action group that they notify.
func (b *builder) stepFor(c catalog.Control, f finding.Finding, rules []desired.Rule) (step, error) {
	var s step
	list, ok := b.sub.AlertRules.Got()
	if !ok {
		return s, nil // the finding says so
	}
	if b.home.ResourceGroup == "" {
		return s, &NoHomeError{cmp.Or(b.sub.Name, b.sub.ID)}
	}
	groupID := cmp.Or(b.o.ActionGroup, b.home.GroupID(b.o.names().Group()))
	for _, r := range rules {
		id := b.home.RuleID(r.Name)
		body := r.Body(b.home, groupID, b.o.Tags)
		put := action.PutRule{Meta: b.meta(c, why(f, r)), ID: id, Body: body}
		have := inList(list, id)
		if have == nil {
			s.actions = append(s.actions, put)
			continue
		}
		if action.Equal(have, body) {
			continue
		}
		b.occupied(&s, c, put, have)
	}
	if b.o.ActionGroup == "" {
		b.group(&s, c)
	}
	return s, nil
}

// why says what a rule is for, one clause.
func why(f finding.Finding, r desired.Rule) string {
	if r.Name != "" && f.Status == finding.Pass {
		return "the control does not require it: --complete asks for it"
	}
	return f.Why()
}

// occupied decides what becomes of an object under the name of a rule.
func (b *builder) occupied(s *step, c catalog.Control, put action.PutRule, have json.RawMessage) {
	owner, name := action.OwnerOf(have), put.Name()
	fields := change.Differences(action.RuleSettings(have), action.RuleSettings(put.Body))
	fixed := action.Replaceable(have)
	if slices.Contains(b.o.Replace, name) && fixed == "" {
		put.Before, put.Why = have, "--replace "+name+" asks for it"
		s.actions = append(s.actions, put)
		return
	}
	if owner.Ours {
		s.drifts = append(s.drifts, change.Drift{Account: b.sub.ID, Resource: put.ID, Object: put.Object(), Name: name, Control: c.ID, Why: fixed, Fields: fields})
		return
	}
	reason := "the alert rule " + owner.Why
	if fixed != "" {
		reason += "; it cannot be replaced: " + fixed
	}
	s.conflicts = append(s.conflicts, change.Conflict{
		Account: b.sub.ID, Resource: put.ID, Name: name, Reason: reason, Replaceable: fixed == "", Fields: fields,
		Avoid: "--name-prefix PREFIX uses names of your own",
	})
}

// group adds the making of our action group to a step, or what stands in its way.
func (b *builder) group(s *step, c catalog.Control) {
	list, ok := b.sub.ActionGroups.Got()
	id := b.home.GroupID(b.o.names().Group())
	have := inList(list, id)
	switch {
	case !ok:
		s.conflicts = append(s.conflicts, change.Conflict{
			Account: b.sub.ID, Resource: id, Name: subscription.Name(id), Unread: true, Reason: "whether an action group has that name could not be read",
			Answer: "give the run the role Monitoring Contributor on the subscription, or name a group with --action-group",
		})
	case have == nil && len(s.actions) > 0:
		s.actions = append(s.actions, action.PutGroup{
			Meta: b.meta(c, "there is no action group created by monitorctl"), ID: id, Tags: b.o.Tags, Add: desired.Name(b.o.Receivers, nil), Salt: b.snap.Salt,
		})
	case have != nil && !action.OwnerOf(have).Ours && len(s.actions) > 0:
		s.conflicts = append(s.conflicts, change.Conflict{
			Account: b.sub.ID, Resource: id, Name: subscription.Name(id), Reason: "the action group " + action.OwnerOf(have).Why,
			Have: "someone else's action group", Want: "monitorctl's action group",
			Avoid: "--action-group uses an existing one, --name-prefix PREFIX uses names of your own",
		})
	case have != nil:
		b.extend(s, c, id, have)
	}
}

// extend adds the receivers of the wishes that our action group lacks, and enables it
// where --replace names it.
func (b *builder) extend(s *step, c catalog.Control, id string, have json.RawMessage) {
	if !action.OwnerOf(have).Ours {
		return
	}
	g := subscription.ReadActionGroup(have)
	put := action.PutGroup{Meta: b.meta(c, "asked for with --subscribe"), ID: id, Before: have, Salt: b.snap.Salt, Add: b.lacking(g)}
	if !g.Enabled {
		if slices.Contains(b.o.Replace, put.Name()) {
			yes := true
			put.Enable, put.Why = &yes, "--replace "+put.Name()+" asks for it"
		} else {
			s.drifts = append(s.drifts, change.Drift{
				Account: b.sub.ID, Resource: id, Object: put.Object(), Name: put.Name(), Control: c.ID,
				Fields: []change.Field{{Name: "enabled", Old: "no", New: "yes", Effect: change.Replaced}},
			})
		}
	}
	if len(put.Add) > 0 || put.Enable != nil {
		s.actions = append(s.actions, put)
	}
}

// lacking returns the receivers of the wishes that a group does not have.
func (b *builder) lacking(g subscription.ActionGroup) []desired.Named {
	var names []string
	for _, r := range g.Receivers {
		names = append(names, r.Name)
	}
	missing := slices.DeleteFunc(slices.Clone(b.o.Receivers), func(want desired.Receiver) bool {
		return slices.ContainsFunc(g.Receivers, func(r subscription.Receiver) bool { return want.Is(r, b.snap.Salt) })
	})
	return desired.Name(missing, names)
}

// subscribe meets the wish for receivers where no control has asked for our group.
func (b *builder) subscribe() error {
	if len(b.o.Receivers) == 0 || slices.ContainsFunc(b.actions, func(a action.Action) bool { _, ok := a.(action.PutGroup); return ok }) {
		return nil
	}
	list, _ := b.sub.ActionGroups.Got()
	id := b.home.GroupID(b.o.names().Group())
	have := inList(list, id)
	if have == nil || !action.OwnerOf(have).Ours {
		b.note("--subscribe: there is no action group created by monitorctl, and none is needed, so nobody was added")
		return nil
	}
	var s step
	b.extend(&s, catalog.Control{}, id, have)
	if len(s.actions) == 0 && len(s.drifts) == 0 {
		b.note("--subscribe: action group " + subscription.Name(id) + " has all of these receivers")
	}
	b.drift(s.drifts)
	b.take(s.actions)
	return nil
}

// surroundings adds what the actions need around them: the resource group, the provider,
// room for the rules, and no lock.
func (b *builder) surroundings() error {
	group := b.sub.ResourceGroups[subscription.Fold(b.home.ResourceGroup)]
	raw, read := group.Got()
	switch {
	case read && raw == nil && b.o.CreateIn != "":
		b.actions = append(b.actions, action.CreateResourceGroup{
			Meta: change.Meta{Account: b.sub.ID, Why: "it does not exist, and --create-resource-group asks for it"}, ID: b.home.ID(), Location: b.o.CreateIn, Tags: b.o.Tags,
		})
	case read && raw == nil:
		b.blocked(b.home.ID(), "resource group "+b.home.ResourceGroup+" does not exist", "name another one with --resource-group, or create it with --create-resource-group LOCATION")
	case !read && group.Failed() != nil:
		b.note(fmt.Sprintf("whether resource group %s exists could not be read: %s", b.home.ResourceGroup, group.Failed().Code))
	}
	if registered, ok := b.sub.Registered.Got(); ok && !registered {
		if !b.o.Register {
			b.blocked(b.sub.Scope(), "the subscription is not registered for Microsoft.Insights, so that Azure refuses alert rules", "--register-provider registers it")
		} else {
			b.actions = append(b.actions, action.RegisterProvider{Meta: change.Meta{Account: b.sub.ID, Why: "the subscription never used it, and --register-provider asks for it"}})
		}
	}
	b.locks()
	rules, _ := b.sub.AlertRules.Got()
	added := 0
	for _, a := range b.actions {
		if p, ok := a.(action.PutRule); ok && p.New() {
			added++
		}
		if p, ok := a.(action.PutGroup); ok && p.New() && len(p.Add) == 0 {
			b.note("action group " + p.Name() + " will have no receiver: --subscribe email:ADDRESS adds one")
		}
	}
	if room := action.Room(rules); added > room {
		b.conflicts = append(b.conflicts, change.Conflict{
			Account: b.sub.ID, Resource: b.sub.Scope(), Name: cmp.Or(b.sub.Name, b.sub.ID), NoRoom: true,
			Reason: "a subscription has at most 100 enabled alert rules, and Azure does not raise that limit",
			Have:   fmt.Sprintf("%d enabled alert rules", action.Enabled(rules)), Want: fmt.Sprintf("%d more", added),
			Avoid: "--one-rule writes one rule for all operations of a control (other tools then fail it), or delete alert rules that nobody needs",
		})
	}
	return nil
}

// locks finds what keeps the actions from being carried out, or from being undone.
func (b *builder) locks() {
	list, _ := b.sub.Locks.Got()
	for _, raw := range list {
		var l struct {
			ID         string `json:"id"`
			Properties struct {
				Level string `json:"level"`
			} `json:"properties"`
		}
		_ = json.Unmarshal(raw, &l) // what is no lock locks nothing
		scope, _, ok := cutFold(l.ID, "/providers/Microsoft.Authorization/locks/")
		inside := subscription.Fold(b.home.ID()) + "/"
		if !ok || !strings.HasPrefix(inside, subscription.Fold(scope)+"/") {
			continue
		}
		if subscription.Same(l.Properties.Level, "ReadOnly") {
			b.blocked(scope, "it is locked (ReadOnly), so that Azure refuses every write in it", "remove the lock, or name another resource group with --resource-group")
		} else {
			b.note("a lock (" + l.Properties.Level + ") on " + scope + " will keep undo and destroy from removing what is created")
		}
	}
}

// cutFold is strings.Cut without case.
func cutFold(s, sep string) (before, after string, ok bool) {
	i := strings.Index(strings.ToLower(s), strings.ToLower(sep))
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// blocked adds a conflict that no other name resolves.
func (b *builder) blocked(resource, reason, answer string) {
	b.conflict([]change.Conflict{{Account: b.sub.ID, Resource: resource, Name: subscription.Name(resource), Reason: reason, Unread: true, Answer: answer}})
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

// then judges a control as it would be after actions, once new addresses are verified.
func (b *builder) then(c catalog.Control, actions []action.Action) (finding.Finding, error) {
	after := action.Simulate(b.sub, action.Moment{Salt: b.snap.Salt, Verified: true}, slices.Concat(b.actions, actions))
	r, err := b.world.With(after).Judge(b.ctx, after, []catalog.Control{c}, b.o.Audit)
	if err != nil {
		return finding.Finding{}, err
	}
	return r.Findings[0], nil
}

// suppressed reports whether an alert processing rule removes the action groups of every
// alert rule.
func suppressed(f finding.Finding) bool {
	return f.Status == finding.Fail && slices.ContainsFunc(f.Reasons, func(r finding.Reason) bool { return r.Code == audit.CodeAlertSuppressed && r.Status == finding.Fail })
}

// improves reports whether a control comes further along the chain.
func improves(now, then finding.Finding) bool {
	return worth(then) > worth(now) || len(then.Missed) < len(now.Missed) || links(then) > links(now) || len(then.BlindSpots) < len(now.BlindSpots)
}

// worth orders statuses, the best last.
func worth(f finding.Finding) int {
	return slices.Index([]finding.Status{finding.Fail, finding.Unknown, finding.Warn, finding.Waived, finding.Pass}, f.Status)
}

// links counts the links of the chain that are whole.
func links(f finding.Finding) int {
	n := 0
	for _, s := range f.Columns {
		if s.State == finding.StateOK {
			n++
		}
	}
	return n
}

// leftover tells what needs manual action when no action helps.
func (b *builder) leftover(c catalog.Control, f finding.Finding) {
	if f.Status == finding.Fail || f.Status == finding.Warn {
		b.tell(c.ID, f.Why()+"; "+f.Remediation)
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
