// Package undo plans how what a journal records is taken back: each object that
// is still as the run left it is removed, or gets the form that it had before.
// What somebody has changed since is left, with the reason. It does no I/O.
package undo

import (
	"cmp"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/journal"
)

// A Plan is what undo would do.
type Plan struct {
	// Actions are the changes in their order: what depends on something is
	// removed before it.
	Actions []plan.Action

	// Left are the objects that stay as they are, with the reason.
	Left []plan.Left

	// Gone counts the objects that need nothing: they are as they were before
	// already.
	Gone int
}

// Found is an object as it is now.
type Found struct {
	State *journal.State // with all its parts; nil: it is not there

	Failure string // why it could not be read; "" when it was

	// Of a subscription.
	ARN     string // "" unless it is confirmed
	Pending bool

	// Of a topic.
	Settings    []string // names of settings that monitorctl does not write
	Subscribers []Subscriber
	Alarms      []string // names of the alarms of its region that notify it
}

// A Subscriber is one subscriber of a topic.
type Subscriber struct {
	Key     string // journal.Object.Endpoint
	ARN     string // "" unless it is confirmed
	Shown   string // protocol and masked endpoint
	Pending bool
}

// An Account holds every object of a journal as it is now.
type Account map[journal.Object]Found

// For plans the undoing of a journal. The controls are those of the catalog: by
// their texts a filter is known as ours.
func For(j journal.Journal, now Account, controls []catalog.Control) Plan {
	u := &undoing{journal: j, now: now, controls: controls, target: map[journal.Object]*journal.State{}}
	objects := u.objects()
	for _, o := range objects {
		u.walk(o)
	}
	u.topics(objects)
	for _, o := range objects {
		u.act(o)
	}
	return u.plan
}

// An undoing is the work on one journal.
type undoing struct {
	journal  journal.Journal
	now      Account
	controls []catalog.Control

	target map[journal.Object]*journal.State // what each object becomes; left ones are absent
	plan   Plan
}

// objects returns the journal's objects, alarms first and topics last, within a
// kind the newest first.
func (u *undoing) objects() []journal.Object {
	var out []journal.Object
	for _, e := range slices.Backward(u.journal.Entries) {
		if !slices.Contains(out, e.Object) {
			out = append(out, e.Object)
		}
	}
	order := []journal.Kind{journal.Alarm, journal.Filter, journal.Subscriber, journal.TopicKind}
	slices.SortStableFunc(out, func(a, b journal.Object) int {
		return cmp.Compare(slices.Index(order, a.Kind), slices.Index(order, b.Kind))
	})
	return out
}

func (u *undoing) leave(o journal.Object, why string) {
	u.plan.Left = append(u.plan.Left, plan.Left{Object: u.words(o), Why: why})
	delete(u.target, o)
}

// walk goes back through the writes to one object, the newest first, as long as
// the account agrees with the journal.
func (u *undoing) walk(o journal.Object) {
	found := u.now[o]
	if found.Failure != "" {
		u.leave(o, "it could not be read: "+found.Failure)
		return
	}
	cur := found.State
	if cur == nil && u.made(o) {
		u.target[o] = nil // removed since, or never made
		return
	}
	for _, e := range slices.Backward(u.journal.Entries) {
		if e.Object != o || e.Result == journal.Failed {
			continue
		}
		switch uncertain := e.Result != journal.Done; {
		case e.BeforeUnknown:
			u.leave(o, "whether it was there before is not known")
			return
		case cur == nil:
			u.leave(o, "it was removed since")
			return
		case uncertain && e.Before != nil && journal.Same(cur, e.Before):
			// the write did not take place
		case !is(cur, e):
			u.leave(o, "it was changed since: "+difference(cur, e.After))
			return
		default:
			if why := u.refuse(cur, e); why != "" {
				u.leave(o, why)
				return
			}
			cur = back(cur, e)
		}
	}
	u.target[o] = cur
}

// made says whether the first write to an object made it.
func (u *undoing) made(o journal.Object) bool {
	for _, e := range u.journal.Entries {
		if e.Object == o && e.Result != journal.Failed {
			return e.Before == nil && !e.BeforeUnknown
		}
	}
	return true // no write took place
}

// is says whether an object is as a write left it. One that the write made has
// nothing else about it.
func is(cur *journal.State, e journal.Entry) bool {
	if !journal.Same(cur, e.After) {
		return false
	}
	return e.Before != nil || cur.Policy == nil || policy.IsDefault(*cur.Policy)
}

// back takes one write back.
func back(cur *journal.State, e journal.Entry) *journal.State {
	if e.Before == nil {
		return nil
	}
	out := *cur
	if e.Before.Filter != nil {
		out.Filter = e.Before.Filter
	}
	if e.Before.Alarm != nil {
		out.Alarm = e.Before.Alarm
	}
	if e.Before.Tags != nil {
		out.Tags = e.Before.Tags
	}
	if e.Before.Policy != nil {
		out.Policy = e.Before.Policy
	}
	return &out
}

// topics decides which topics can go: they may have no subscriber and no alarm
// but those that this undoing removes, and no setting of somebody else's.
func (u *undoing) topics(objects []journal.Object) {
	for _, o := range objects {
		target, ok := u.target[o]
		if o.Kind != journal.TopicKind || !ok || u.now[o].State == nil {
			continue
		}
		if target == nil {
			if why := u.inUse(o); why != "" {
				u.leave(o, why)
			}
		}
	}
	for _, o := range objects {
		target, ok := u.target[o]
		if o.Kind == journal.Subscriber && ok && target == nil && u.now[o].Pending && !u.goes(o.Region, o.Name) {
			u.leave(o, "it is pending, and a pending subscription cannot be deleted; SNS drops it when nobody confirms it within two days")
		}
	}
}

// inUse says what keeps a topic that was made from being deleted.
func (u *undoing) inUse(o journal.Object) string {
	found := u.now[o]
	if len(found.Settings) > 0 {
		return "it was changed since: it has the setting " + found.Settings[0]
	}
	for _, name := range found.Alarms {
		alarm := journal.Object{Kind: journal.Alarm, Region: o.Region, Name: name}
		target, ok := u.target[alarm]
		if !ok || target != nil && target.Alarm != nil && slices.Contains(target.Alarm.AlarmActions, o.Name) {
			return "alarm " + name + " notifies it"
		}
	}
	for _, s := range found.Subscribers {
		sub := journal.Object{Kind: journal.Subscriber, Region: o.Region, Name: o.Name, Endpoint: s.Key}
		if target, ok := u.target[sub]; !ok || target != nil {
			return s.Shown + " subscribes to it"
		}
	}
	return ""
}

// goes says whether a topic will be deleted.
func (u *undoing) goes(region, arn string) bool {
	o := journal.Object{Kind: journal.TopicKind, Region: region, Name: arn}
	target, ok := u.target[o]
	return ok && target == nil && u.now[o].State != nil
}
