// Package apply carries a plan for subscriptions of Azure out. It decides nothing: it
// checks that the subscription still is what the plan was made for, writes the plan's
// actions in their order, and says truthfully how far it came. What an action checks and
// writes is in internal/azure/action; the calls that it makes are here.
//
// A PUT replaces a whole object, so each write is preceded by a fresh read, and whatever
// turned up under a name since the plan stops the run.
package apply

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/azure/arm"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/azure/undo"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/journal"
)

// Options say whom to tell, and how to wait.
type Options struct {
	// OnDone is told what came of each action that was carried out. May be nil.
	OnDone func(action.Outcome)

	// OnSubscription is told the id of each subscription before RunEach begins it; an
	// error ends the run. May be nil.
	OnSubscription func(id string) error

	// Journal records each write before and after it is made. May be nil.
	Journal change.Journal[action.State]

	// Pause waits; the error says that ctx ended before.
	Pause func(context.Context, time.Duration) error
}

// Run carries out the actions of p in their order.
//
// Everything that can be checked is checked before the first write; a failed check
// writes nothing. When ctx ends, the write under way is finished and the next is not
// begun. The error is a *change.StoppedError. Running the rest of a plan again is safe:
// what is there already is left as it is.
func Run(ctx context.Context, client *arm.Client, p change.Plan, o Options) error {
	actions, err := action.Of(p.Actions)
	if err == nil && len(p.Conflicts) > 0 {
		err = errors.New("the plan has conflicts")
	}
	if err != nil {
		return &change.StoppedError{Left: p.Actions, Err: err}
	}
	c := calls{client, o.Pause}
	if err := action.Check(ctx, c, actions); err != nil {
		return &change.StoppedError{Left: p.Actions, Err: err}
	}
	r := &action.Run{Calls: c, Journal: o.Journal}
	for i, a := range actions {
		if ctx.Err() != nil {
			return &change.StoppedError{Done: p.Actions[:i], Left: p.Actions[i:], Err: context.Cause(ctx)}
		}
		out, err := r.Do(ctx, a)
		if err != nil {
			return &change.StoppedError{Done: p.Actions[:i], Left: p.Actions[i:], Action: p.Actions[i], Err: err}
		}
		if o.OnDone != nil {
			o.OnDone(out)
		}
	}
	return nil
}

// Look reads every object of a journal as it is now, and what may keep it from being
// removed.
func Look(ctx context.Context, client *arm.Client, j journal.Journal[action.State]) (undo.Subscription, error) {
	c := calls{client: client}
	out := undo.Subscription{}
	for _, o := range j.Objects() {
		parts, _ := subscription.ParseID(o.Name)
		found, err := c.look(ctx, parts.Subscription, o)
		var signIn *arm.CredentialError
		if ctx.Err() != nil || errors.As(err, &signIn) {
			return nil, err
		}
		if err != nil {
			found = undo.Found{Failure: err.Error()}
		}
		out[o] = found
	}
	return out, nil
}

func (c calls) look(ctx context.Context, id string, o change.Object) (undo.Found, error) {
	raw, err := c.Get(ctx, o.Name)
	found := undo.Found{Raw: raw}
	if err != nil || raw == nil {
		return found, err
	}
	switch o.Kind {
	case action.ResourceGroupKind:
		found.Inside, err = c.Resources(ctx, o.Name)
	case action.GroupKind:
		found.Named, err = c.naming(ctx, id, o.Name)
	}
	return found, err
}

// naming lists the ids of the alert rules and alert processing rules of a subscription
// that name an action group.
func (c calls) naming(ctx context.Context, id, group string) ([]string, error) {
	var out []string
	rules, err := c.AlertRules(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, raw := range rules {
		r := subscription.ReadAlertRule(raw)
		out = appendIfNamed(out, r.ID, r.Groups, group)
	}
	processing, err := c.client.List(ctx, arm.Request{
		Operation: "Microsoft.AlertsManagement/actionRules/read", Path: "/subscriptions/" + id + "/providers/Microsoft.AlertsManagement/actionRules", Version: "2021-08-08",
	})
	for _, raw := range processing {
		r := subscription.ReadProcessingRule(raw)
		out = appendIfNamed(out, r.ID, r.Adds, group)
	}
	return out, err
}

func appendIfNamed(out []string, id string, groups []string, group string) []string {
	if slices.ContainsFunc(groups, func(g string) bool { return subscription.Same(g, group) }) {
		return append(out, id)
	}
	return out
}

// Refresh reads the objects that a plan was about by their names and puts them into a
// snapshot: lists may lag behind what was written.
func Refresh(ctx context.Context, client *arm.Client, snap *subscription.Snapshot, p change.Plan) error {
	actions, err := action.Of(p.Actions)
	if err != nil {
		return err
	}
	c := calls{client: client}
	for _, a := range actions {
		o := a.Object()
		if o.Kind != action.RuleKind && o.Kind != action.GroupKind {
			continue
		}
		raw, err := c.Get(ctx, o.Name)
		if err != nil {
			return err
		}
		if raw != nil {
			raw = subscription.Mask(raw, snap.Salt)
		}
		for i := range snap.Subscriptions {
			if subscription.Same(snap.Subscriptions[i].ID, a.Common().Account) {
				put(&snap.Subscriptions[i], o, raw)
			}
		}
	}
	return nil
}

// put puts an object into the list of its kind.
func put(s *subscription.Subscription, o change.Object, raw json.RawMessage) {
	list := s.AlertRules
	if o.Kind == action.GroupKind {
		list = s.ActionGroups
	}
	action.Set(list, o.Name, raw)
}
