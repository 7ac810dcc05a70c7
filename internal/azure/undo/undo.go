// Package undo plans how what a journal records is taken back in a subscription of
// Azure: each object that is still as the runs left it is removed, or gets the form that
// it had before. What someone has changed since is left, with the reason. It does no
// I/O.
//
// What an object was before is the journal's answer (change.Rewind); which objects are
// monitorctl's to change, and which depend on which, is said here. Addresses are in no
// journal, only their hashes: an action group gets its form back by what goes from it.
package undo

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/journal"
)

// A Plan is what undo would do.
type Plan struct {
	Actions []change.Action // in their order: what depends on something is removed before it
	Left    []change.Left   // objects that stay as they are, with the reason
	Gone    int             // objects that are as they were before already
}

// Found is an object as it is now.
type Found struct {
	Raw     json.RawMessage // as Azure answers it, not masked; nil: it is not there
	Failure string          // why it could not be read; "" when it was

	Inside []string // of a resource group: ids of what is in it
	Named  []string // of an action group: ids of the rules that name it
}

// A Subscription holds every object of a journal as it is now.
type Subscription map[change.Object]Found

// order is the order in which kinds of objects are taken back.
var order = []string{action.RuleKind, action.GroupKind, action.ResourceGroupKind}

// For plans the undoing of a journal.
func For(j journal.Journal[action.State], now Subscription) Plan {
	u := &undoing{journal: j, now: now}
	objects := j.Objects()
	slices.SortStableFunc(objects, func(a, b change.Object) int {
		return cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind))
	})
	for _, o := range objects {
		if left := u.back(o); left != "" {
			u.plan.Left = append(u.plan.Left, change.Left{Account: of(o), Object: words(o), Why: left})
		}
	}
	return u.plan
}

type undoing struct {
	journal journal.Journal[action.State]
	now     Subscription
	plan    Plan
}

// back plans the way back of one object, or says why it stays as it is.
func (u *undoing) back(o change.Object) (left string) {
	found := u.now[o]
	if found.Failure != "" {
		return "it could not be read: " + found.Failure
	}
	var have *action.State
	raw := found.Raw
	if raw != nil {
		if o.Kind == action.GroupKind {
			raw = subscription.Mask(raw, u.journal.Header.Salt)
		}
		s := action.StateOf(o.Kind, raw)
		have = &s
	}
	is := func(now action.State, r change.Record[action.State]) bool { return now.Same(*r.After) }
	target, left := change.Rewind(u.journal.Of(o), have, is, difference)
	switch {
	case left != "":
		return left
	case have == nil && target == nil, have != nil && target != nil && have.Same(*target):
		u.plan.Gone++
		return ""
	case have == nil:
		return change.LeftRemoved
	case !action.OwnerOf(raw).Ours:
		return "it " + action.OwnerOf(raw).Why + ", whatever the journal says"
	}
	a, left := u.restore(o, raw, target, found)
	if left == "" {
		u.plan.Actions = append(u.plan.Actions, a)
	}
	return left
}

// restore is the action that brings an object from what it is to its target.
func (u *undoing) restore(o change.Object, raw json.RawMessage, target *action.State, found Found) (action.Action, string) {
	m := change.Meta{Account: of(o)}
	switch o.Kind {
	case action.RuleKind:
		if target == nil {
			return action.DeleteRule{Meta: m, ID: o.Name, Before: raw}, ""
		}
		return action.PutRule{Meta: m, ID: o.Name, Before: raw, Body: action.Writable(target.Raw())}, ""
	case action.GroupKind:
		if target == nil {
			for _, id := range found.Named {
				if !u.goes(id, o.Name) {
					return nil, subscription.Name(id) + " names it"
				}
			}
			return action.DeleteGroup{Meta: m, ID: o.Name, Before: raw, Salt: u.journal.Header.Salt}, ""
		}
		return u.group(m, o, raw, target.Raw())
	}
	if target != nil {
		return nil, "it existed before"
	}
	for _, id := range found.Inside {
		if !u.goes(id, "") {
			return nil, "something else is in it: " + id
		}
	}
	return action.DeleteResourceGroup{Meta: m, ID: o.Name, Before: raw}, ""
}

// goes reports whether the plan removes an object, or has it name an action group no
// more; group is "" for what does not matter.
func (u *undoing) goes(id, group string) bool {
	return slices.ContainsFunc(u.plan.Actions, func(a change.Action) bool {
		switch x := a.(type) {
		case action.DeleteRule:
			return subscription.Same(x.ID, id)
		case action.DeleteGroup:
			return subscription.Same(x.ID, id)
		case action.PutRule:
			names := func(g string) bool { return subscription.Same(g, group) }
			return group != "" && subscription.Same(x.ID, id) && !slices.ContainsFunc(subscription.ReadAlertRule(x.Body).Groups, names)
		}
		return false
	})
}

// group takes away the receivers that an action group did not have before, and enables
// or disables it as it was.
func (u *undoing) group(m change.Meta, o change.Object, raw, target json.RawMessage) (action.Action, string) {
	have, then := subscription.ReadActionGroup(raw), subscription.ReadActionGroup(target)
	a := action.PutGroup{Meta: m, ID: o.Name, Before: raw, Salt: u.journal.Header.Salt}
	for _, r := range have.Receivers {
		if !slices.ContainsFunc(then.Receivers, func(t subscription.Receiver) bool { return t.Kind == r.Kind && t.Name == r.Name }) {
			a.Drop = append(a.Drop, r.Name)
		}
	}
	if have.Enabled != then.Enabled {
		a.Enable = &then.Enabled
	}
	if len(a.Drop) == 0 && a.Enable == nil {
		return nil, "what it was before cannot be written: addresses are not in the journal"
	}
	return a, ""
}

// of returns the id of an object's subscription.
func of(o change.Object) string {
	parts, _ := subscription.ParseID(o.Name)
	return parts.Subscription
}

// words names an object.
func words(o change.Object) string {
	parts, _ := subscription.ParseID(o.Name)
	switch o.Kind {
	case action.RuleKind:
		return "alert rule " + subscription.Name(o.Name) + " in " + parts.Group
	case action.GroupKind:
		return "action group " + subscription.Name(o.Name) + " in " + parts.Group
	}
	return "resource group " + parts.Group
}

// difference names the first setting in which two states differ.
func difference(now, then action.State) string {
	settings := action.RuleSettings
	if now.Group != nil {
		settings = action.GroupSettings
	}
	is, was := settings(now.Raw()), settings(then.Raw())
	for i := range was {
		if is[i] != was[i] {
			return was[i].Name
		}
	}
	return "its settings"
}
