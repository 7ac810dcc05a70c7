package plan

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
)

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

// group adds the making of our action group to a step, or what stands in its way.
func (b *builder) group(s *step, c catalog.Control) {
	list, ok := b.sub.ActionGroups.Got()
	id := b.home.GroupID(b.o.names().Group())
	have := inList(list, id)
	switch {
	case !ok:
		s.conflicts = append(s.conflicts, change.Conflict{
			Account: b.sub.ID, Resource: id, Name: subscription.Name(id), Unread: true, Reason: "could not find out whether an action group has that name",
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
			Avoid: "--action-group uses an existing one, --name-prefix PREFIX uses your own names",
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
