package action

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/change"
)

// PutGroup creates an action group, or changes one: receivers come and go, and it is
// enabled. What else it has stays as Azure answers it at the write, with the addresses
// that no snapshot holds.
type PutGroup struct {
	change.Meta
	ID   string
	Tags map[string]string // of a new one, without the one that says whose it is
	Add  []desired.Named

	// Before is the group as it was read, masked with Salt; nil: it is new.
	Before json.RawMessage
	Salt   string

	Enable *bool    // to what it is set; nil: it stays as it is
	Drop   []string // names of receivers that go
}

func (PutGroup) sealed() {}

// String returns "create action group monitorctl-alerts in monitoring".
func (a PutGroup) String() string {
	v := "create"
	if !a.New() {
		v = "change"
	}
	return fmt.Sprintf("%s action group %s in %s", v, a.Name(), groupIn(a.ID))
}

// Kind returns "put-action-group".
func (PutGroup) Kind() string { return "put-action-group" }

// Name returns the group's name.
func (a PutGroup) Name() string { return subscription.Name(a.ID) }

// New reports whether the group is not there yet.
func (a PutGroup) New() bool { return a.Before == nil }

// Place is before the rules that name it.
func (PutGroup) Place() Place { return putsGroup }

// Object returns the group.
func (a PutGroup) Object() change.Object { return GroupObject(a.ID) }

// Closing sets the controls that the action helps.
func (a PutGroup) Closing(controls []string) Action { a.Closes = controls; return a }

// Permissions returns what reading and writing a group need.
func (a PutGroup) Permissions() []string {
	out := []string{"Microsoft.Insights/actionGroups/read", "Microsoft.Insights/actionGroups/write"}
	if len(a.logicApps()) > 0 {
		out = append(out, "Microsoft.Logic/workflows/triggers/listCallbackUrl/action")
	}
	return out
}

func (a PutGroup) logicApps() []string {
	var out []string
	for _, r := range a.Add {
		if r.Kind == subscription.LogicApp {
			out = append(out, r.Address)
		}
	}
	return out
}

// Cost is nothing until a message is sent.
func (PutGroup) Cost() change.Cost { return change.Cost{} }

// Fields has the receivers as they may be printed.
func (a PutGroup) Fields(bool) []change.Field {
	var fields []change.Field
	if a.New() {
		fields = change.Created([]change.Setting{{Name: "short name", Value: desired.ShortName}, {Name: "location", Value: "Global"}, {Name: "tags", Value: pairs(desired.Tags(a.Tags))}})
	}
	if a.Enable != nil {
		fields = append(fields, change.Field{Name: "enabled", Old: word(!*a.Enable), New: word(*a.Enable), Effect: change.Replaced})
	}
	for _, r := range a.Add {
		fields = append(fields, change.Field{Name: "receiver", New: r.Shown()})
	}
	for _, name := range a.Drop {
		fields = append(fields, change.Field{Name: "receiver", Old: name, Effect: change.Removed})
	}
	return fields
}

// Saved holds what is added in full: the file is as secret as a webhook's URL.
func (a PutGroup) Saved() change.Saved {
	type receiver struct {
		Name    string `json:"name"`
		Kind    string `json:"kind"`
		Country string `json:"country,omitempty"`
		Address string `json:"address"`
	}
	after := struct {
		Tags   map[string]string `json:"tags,omitempty"`
		Add    []receiver        `json:"add"`
		Drop   []string          `json:"drop,omitempty"`
		Enable *bool             `json:"enable,omitempty"`
	}{Add: []receiver{}, Drop: a.Drop, Enable: a.Enable}
	if a.New() {
		after.Tags = desired.Tags(a.Tags)
	}
	for _, r := range a.Add {
		after.Add = append(after.Add, receiver{r.Name, string(r.Kind), r.Country, r.Address})
	}
	s := change.Saved{Name: a.ID, After: after, Secret: true}
	if !a.New() {
		s.Before = subscription.Unsalted(a.Before)
	}
	return s
}

// change returns an answer as it is to be written; nil is a new group.
func (a PutGroup) change(have json.RawMessage, callbacks map[string]string) json.RawMessage {
	if have == nil {
		return desired.GroupBody(a.Add, a.Tags, callbacks)
	}
	body := writable(have)
	properties := child(body, "properties")
	if properties == nil {
		properties = map[string]any{}
		body["properties"] = properties
	}
	if a.Enable != nil {
		for key := range properties {
			if strings.EqualFold(key, "enabled") {
				delete(properties, key)
			}
		}
		properties["enabled"] = *a.Enable
	}
	for key, value := range properties {
		list, ok := value.([]any)
		if !ok || !strings.HasSuffix(strings.ToLower(key), "receivers") {
			continue
		}
		properties[key] = slices.DeleteFunc(list, func(e any) bool {
			r, _ := e.(map[string]any)
			name, _ := r["name"].(string)
			return slices.ContainsFunc(a.Drop, func(n string) bool { return subscription.Same(n, name) })
		})
	}
	desired.Add(properties, a.Add, callbacks)
	return encode(body)
}

func (a PutGroup) simulate(s *subscription.Subscription, m Moment) {
	after := subscription.Mask(identified(a.ID, a.change(nil, nil)), m.Salt)
	if !a.New() {
		added := PutGroup{ID: a.ID, Add: a.Add}.change(json.RawMessage("{}"), nil)
		after = merge(identified(a.ID, PutGroup{Enable: a.Enable, Drop: a.Drop}.change(a.Before, nil)), subscription.Mask(added, m.Salt))
		after = withStatuses(after, a.Before)
	}
	if m.Verified {
		after = verified(after, a.Add)
	}
	Set(s.ActionGroups, a.ID, after)
}

// merge appends the receivers of one group to those of another.
func merge(group, more json.RawMessage) json.RawMessage {
	o := object(group)
	properties := child(o, "properties")
	for key, value := range child(object(more), "properties") {
		list, _ := value.([]any)
		for have := range properties {
			if strings.EqualFold(have, key) {
				key = have
			}
		}
		known, _ := properties[key].([]any)
		properties[key] = append(known, list...)
	}
	return encode(o)
}

// withStatuses gives receivers the status that they have in an answer.
func withStatuses(group, have json.RawMessage) json.RawMessage {
	return eachReceiver(group, func(r map[string]any) {
		for _, known := range subscription.ReadActionGroup(have).Receivers {
			if known.Name == r["name"] && known.Status != "" {
				r["status"] = known.Status
			}
		}
	})
}

// verified gives new receivers the status of those whose owner confirmed them.
func verified(group json.RawMessage, added []desired.Named) json.RawMessage {
	return eachReceiver(group, func(r map[string]any) {
		if slices.ContainsFunc(added, func(n desired.Named) bool { return n.Name == r["name"] && n.Kind == subscription.Email }) {
			r["status"] = "Enabled"
		}
	})
}

func eachReceiver(group json.RawMessage, f func(map[string]any)) json.RawMessage {
	o := object(group)
	for _, value := range child(o, "properties") {
		list, _ := value.([]any)
		for _, e := range list {
			if r, ok := e.(map[string]any); ok {
				f(r)
			}
		}
	}
	return encode(o)
}

func (a PutGroup) check(ctx context.Context, c Calls) error {
	_, _, err := a.now(ctx, c)
	return err
}

func (a PutGroup) apply(ctx context.Context, r *Run) (Outcome, error) {
	have, done, err := a.now(ctx, r.Calls)
	if err != nil || done {
		return Outcome{}, err
	}
	callbacks := map[string]string{}
	for _, id := range a.logicApps() {
		if callbacks[id], err = r.Calls.Callback(ctx, id); err != nil {
			return Outcome{}, err
		}
	}
	body := a.change(have, callbacks)
	return r.write(ctx, r.record(a.Object(), have, body), func(ctx context.Context) error { return r.Calls.Put(ctx, a.ID, body) })
}

// now reads the group, and reports whether it is as planned already.
func (a PutGroup) now(ctx context.Context, c Calls) (have json.RawMessage, done bool, err error) {
	have, err = c.Get(ctx, a.ID)
	changed := func(what string) (json.RawMessage, bool, error) {
		return nil, false, &ChangedError{fmt.Sprintf("action group %q", a.Name()), what}
	}
	switch {
	case err != nil:
		return nil, false, err
	case have != nil && OwnerOf(have).Ours && a.isDone(have):
		return have, true, nil
	case have == nil && !a.New():
		return changed("disappeared")
	case have != nil && a.New():
		return changed("appeared")
	case have != nil && !Equal(subscription.Mask(have, a.Salt), a.Before):
		return changed("was changed")
	}
	return have, false, nil
}

// isDone reports whether an answer has all that the action brings.
func (a PutGroup) isDone(have json.RawMessage) bool {
	g := subscription.ReadActionGroup(subscription.Mask(have, a.Salt))
	if a.Enable != nil && g.Enabled != *a.Enable || a.New() && !g.Enabled {
		return false
	}
	for _, want := range a.Add {
		if !slices.ContainsFunc(g.Receivers, func(r subscription.Receiver) bool { return want.Is(r, a.Salt) }) {
			return false
		}
	}
	return !slices.ContainsFunc(g.Receivers, func(r subscription.Receiver) bool { return slices.Contains(a.Drop, r.Name) })
}
