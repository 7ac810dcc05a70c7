package action

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/change"
)

// An Action is one change to a subscription. The set is closed: only this package can
// add one.
//
//sumtype:decl
type Action interface {
	change.Action
	sealed()

	// Place is where the action stands in the order of a plan: nothing points to what
	// is not there yet, and what depends on something goes before it.
	Place() Place

	// Object is what the action is about.
	Object() change.Object

	// Closing returns the action as one that helps these controls.
	Closing(controls []string) Action

	// Permissions are the operations that its reads and writes need.
	Permissions() []string

	// simulate changes a subscription to what it is after the action. Its lists may be
	// changed in place.
	simulate(*subscription.Subscription, Moment)

	// check looks before the first write of a plan whether the action can be carried
	// out on what is there now.
	check(context.Context, Calls) error

	// apply looks at the object again and writes it.
	apply(context.Context, *Run) (Outcome, error)
}

// A Place is the place of an action in the order of a plan.
type Place int

// Places, in order.
const (
	registers Place = iota
	createsGroup
	putsGroup
	putsRule
	deletesRule
	deletesGroup
	deletesResourceGroup
)

// A Moment is what a simulation depends on besides the subscription.
type Moment struct {
	Salt string // of the snapshot's masked addresses

	// Verified takes new addresses as verified by their owners: the question is then
	// whether the chain would be whole, not whether it is yet.
	Verified bool
}

// Same reports whether two actions are about the same object.
func Same(a, b Action) bool {
	return a.Kind() == b.Kind() && a.Common().Account == b.Common().Account && a.Object() == b.Object()
}

// Of returns the actions of a plan that is for subscriptions of Azure.
func Of(list []change.Action) ([]Action, error) {
	out := make([]Action, 0, len(list))
	for _, x := range list {
		a, ok := x.(Action)
		if !ok {
			return nil, fmt.Errorf("%s is not a change to a subscription of Azure", x)
		}
		out = append(out, a)
	}
	return out, nil
}

// List returns the actions as those of a plan.
func List(actions []Action) []change.Action {
	out := make([]change.Action, 0, len(actions))
	for _, a := range actions {
		out = append(out, a)
	}
	return out
}

// Simulate returns a subscription as it would be after the actions on it. The one that
// is given stays as it is.
func Simulate(s *subscription.Subscription, m Moment, actions []Action) *subscription.Subscription {
	after := *s
	for _, list := range []**subscription.Read[[]json.RawMessage]{&after.AlertRules, &after.ActionGroups} {
		if *list != nil {
			own := **list
			own.Value = slices.Clone(own.Value)
			*list = &own
		}
	}
	after.ResourceGroups = maps.Clone(s.ResourceGroups)
	for _, a := range actions {
		a.simulate(&after, m)
	}
	return &after
}

// Set puts an object into a list in the place of the one with its id; nil removes it. A
// list that was not read stays so.
func Set(list *subscription.Read[[]json.RawMessage], id string, raw json.RawMessage) {
	if _, ok := list.Got(); !ok {
		return
	}
	i := slices.IndexFunc(list.Value, func(have json.RawMessage) bool { return subscription.Same(IDOf(have), id) })
	switch {
	case raw == nil && i >= 0:
		list.Value = slices.Delete(list.Value, i, i+1)
	case raw == nil:
	case i >= 0:
		list.Value[i] = raw
	default:
		list.Value = append(list.Value, raw)
	}
}

// IDOf returns the id of an answer, as written.
func IDOf(raw json.RawMessage) string {
	var o struct {
		ID string `json:"id"`
	}
	_ = json.Unmarshal(raw, &o) // one without an id is no answer
	return o.ID
}

// identified returns what is written as an answer would have it: with its id and name.
func identified(id string, body json.RawMessage) json.RawMessage {
	o := object(body)
	o["id"], o["name"] = id, subscription.Name(id)
	return encode(o)
}

func encode(v any) json.RawMessage {
	data, _ := json.Marshal(v) // plain data: it cannot fail
	return data
}

// Calls are the calls that actions make. Errors name the operation.
type Calls interface {
	// Get reads an object; nil without an error where there is none.
	Get(ctx context.Context, id string) (json.RawMessage, error)
	// List reads the alert rules of a subscription.
	AlertRules(ctx context.Context, subscription string) ([]json.RawMessage, error)
	// Resources lists the ids of all that is in a resource group.
	Resources(ctx context.Context, group string) ([]string, error)
	// Callback asks for the URL of a logic app's trigger.
	Callback(ctx context.Context, logicApp string) (string, error)

	Put(ctx context.Context, id string, body json.RawMessage) error
	Delete(ctx context.Context, id string) error
	// Register asks for the registration of Microsoft.Insights, and returns when it is
	// done.
	Register(ctx context.Context, subscription string) error

	// MayHaveHappened reports whether a write that failed with err may have taken
	// effect.
	MayHaveHappened(err error) bool
}

// A ChangedError says that something is not as it was when the plan was made.
type ChangedError struct {
	Resource string // in words: `alert rule "X"`
	Change   string // what is different, in words
}

func (e *ChangedError) Error() string {
	return e.Resource + " " + e.Change + " since the plan was made"
}

// A Run carries out the actions of one plan.
type Run struct {
	Calls   Calls
	Journal change.Journal[State] // nil: nothing is recorded
}

// An Outcome is what came of an action.
type Outcome struct {
	Action  Action
	Written bool // false: it was there already, exactly as planned
}

// Do carries out one action. Reads end with ctx, writes do not: one that is broken off
// may or may not have happened.
func (r *Run) Do(ctx context.Context, a Action) (Outcome, error) {
	out, err := a.apply(ctx, r)
	out.Action = a
	return out, err
}

// write makes a write with its record in the journal.
func (r *Run) write(ctx context.Context, e change.Record[State], call func(context.Context) error) (Outcome, error) {
	ctx, cancel := change.Writing(ctx)
	defer cancel()
	err := change.Write(r.Journal, e, func() (string, error) { return "", call(ctx) }, r.Calls.MayHaveHappened)
	if err != nil && r.Calls.MayHaveHappened(err) {
		err = fmt.Errorf("%w; whether it took effect is not known", err)
	}
	return Outcome{Written: err == nil}, err
}

// salt is that of the journal's hashes of addresses, "" without a journal.
func (r *Run) salt() string {
	if r.Journal == nil {
		return ""
	}
	return r.Journal.Salt()
}

// maxRules is how many enabled alert rules a subscription can have (Azure Monitor
// service limits; it is not raised).
const maxRules = 100

// ErrNoRoom is the error of a plan with more alert rules than a subscription can have.
var ErrNoRoom = errors.New("no room for the alert rules")

// Check looks before the first write whether every action can be carried out on what is
// there now.
func Check(ctx context.Context, c Calls, actions []Action) error {
	added := map[string]int{}
	for _, a := range actions {
		if err := a.check(ctx, c); err != nil {
			return err
		}
		if p, ok := a.(PutRule); ok && p.Before == nil {
			added[p.Account]++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(added)) {
		rules, err := c.AlertRules(ctx, id)
		if err != nil {
			return err
		}
		if n := Enabled(rules); n+added[id] > maxRules {
			return fmt.Errorf("%w: subscription %s has %d enabled ones, the plan adds %d, and %d is the limit", ErrNoRoom, id, n, added[id], maxRules)
		}
	}
	return nil
}

// Room returns how many more alert rules a subscription can have.
func Room(rules []json.RawMessage) int { return maxRules - Enabled(rules) }

// Enabled counts the alert rules that are enabled: those count against the limit.
func Enabled(rules []json.RawMessage) int {
	n := 0
	for _, raw := range rules {
		if subscription.ReadAlertRule(raw).Enabled {
			n++
		}
	}
	return n
}

// verb is what is done to an object.
func verb(isNew bool) string {
	if isNew {
		return "create"
	}
	return "update"
}

// pairs returns tags in one line, sorted.
func pairs(tags map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, k+"="+tags[k])
	}
	return strings.Join(out, ", ")
}
