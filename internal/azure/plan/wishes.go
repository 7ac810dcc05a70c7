package plan

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/planfile"
)

// Wishes are the options of a plan as a saved plan holds them: docs/output.md,
// docs/schema/saved-plan-v1.schema.json. Subscribers are as --subscribe takes them: the
// file is as secret as a webhook's URL.
type Wishes struct {
	Benchmark           string            `json:"benchmark"`
	Controls            []string          `json:"controls"` // ids
	ResourceGroup       string            `json:"resourceGroup"`
	CreateResourceGroup string            `json:"createResourceGroup"` // a location
	ActionGroup         string            `json:"actionGroup"`
	Subscribers         []string          `json:"subscribers"`
	Complete            bool              `json:"complete"`
	Once                bool              `json:"once"`
	OneRule             bool              `json:"oneRule"`
	RegisterProvider    bool              `json:"registerProvider"`
	NamePrefix          string            `json:"namePrefix"`
	Tags                map[string]string `json:"tags"`
	Replace             []string          `json:"replace"` // names
}

// WishesOf returns the options of a plan for some controls.
func WishesOf(o Options, controls []string) Wishes {
	w := Wishes{
		Benchmark: string(o.Audit.Benchmark), Controls: controls, ResourceGroup: o.ResourceGroup, CreateResourceGroup: o.CreateIn, ActionGroup: o.ActionGroup,
		Subscribers: []string{}, Complete: o.Complete, Once: o.Once, OneRule: o.OneRule, RegisterProvider: o.Register, NamePrefix: o.NamePrefix, Tags: o.Tags,
		Replace: append([]string{}, o.Replace...),
	}
	for _, r := range o.Receivers {
		w.Subscribers = append(w.Subscribers, flag(r))
	}
	return w
}

// Options returns the wishes as options of a plan; those of its audit are left to the
// caller, but for the benchmark. A subscriber that does not parse is left out: Check
// refuses it.
func (w Wishes) Options() Options {
	o := Options{
		ResourceGroup: w.ResourceGroup, CreateIn: w.CreateResourceGroup, ActionGroup: w.ActionGroup, Complete: w.Complete, Once: w.Once, OneRule: w.OneRule,
		Register: w.RegisterProvider, NamePrefix: w.NamePrefix, Tags: w.Tags, Replace: w.Replace,
	}
	o.Audit.Benchmark = catalog.Benchmark(w.Benchmark)
	for _, text := range w.Subscribers {
		if r, err := ParseReceiver(text); err == nil {
			o.Receivers = append(o.Receivers, r)
		}
	}
	return o
}

// Check holds the wishes to the rules that flags are held to.
func (w Wishes) Check() error {
	if b, err := catalog.ParseBenchmark(w.Benchmark); err != nil || !slices.Contains(catalog.BenchmarksOf(catalog.Azure), b) {
		return fmt.Errorf("%q is not a benchmark of Azure", w.Benchmark)
	}
	if len(w.Controls) == 0 {
		return errors.New("it names no control")
	}
	for _, text := range w.Subscribers {
		if _, err := ParseReceiver(text); err != nil {
			return err
		}
	}
	return Check(w.Options())
}

// Save returns the file of a plan for one subscription that has no conflicts.
func Save(snap subscription.Snapshot, p change.Plan, o Options, by planfile.MadeBy, now time.Time) (planfile.File[Wishes], error) {
	if len(snap.Subscriptions) != 1 {
		return planfile.File[Wishes]{}, fmt.Errorf("saving the plan: it is for %d subscriptions, but a saved plan is for one", len(snap.Subscriptions))
	}
	actions, err := action.Of(p.Actions)
	if err != nil {
		return planfile.File[Wishes]{}, fmt.Errorf("saving the plan: %w", err)
	}
	a := planfile.Account{ID: snap.Subscriptions[0].ID, Partition: string(catalog.Azure)}
	return planfile.New(a, WishesOf(o, p.Before.Controls), basis(snap, actions), p.Actions, by, now), nil
}

// basis returns what the actions of a plan rest on: what stands under the names that they
// write, and the resource group. The facts are sorted, each is there once.
func basis(snap subscription.Snapshot, actions []action.Action) []change.Fact {
	known := Facts(snap)
	var out []change.Fact
	for _, a := range actions {
		resource := subscription.Fold(a.Object().Name)
		i := slices.IndexFunc(known, func(f change.Fact) bool { return f.Resource == resource })
		f := change.Fact{Resource: resource, Name: factName, Value: change.NoFact}
		if i >= 0 {
			f = known[i]
		}
		out = append(out, f)
	}
	return sorted(out)
}

// factName is what is known of an object: all of it.
const factName = "object"

// Facts returns all that Basis could find in a snapshot, except for what is not there.
// Hashes of addresses are left out: each run has a salt of its own.
func Facts(snap subscription.Snapshot) []change.Fact {
	var out []change.Fact
	add := func(id string, raw json.RawMessage) {
		out = append(out, change.Fact{Resource: subscription.Fold(id), Name: factName, Value: action.Text(subscription.Unsalted(raw))})
	}
	for i := range snap.Subscriptions {
		s := &snap.Subscriptions[i]
		for _, list := range []*subscription.Read[[]json.RawMessage]{s.AlertRules, s.ActionGroups} {
			objects, _ := list.Got()
			for _, raw := range objects {
				add(action.IDOf(raw), raw)
			}
		}
		for name, group := range s.ResourceGroups {
			if raw, ok := group.Got(); ok && raw != nil {
				add(desired.Home{Subscription: s.ID, ResourceGroup: name}.ID(), raw)
			}
		}
		if registered, ok := s.Registered.Got(); ok && registered {
			out = append(out, change.Fact{Resource: subscription.Fold(s.Scope() + "/providers/Microsoft.Insights"), Name: factName, Value: "registered"})
		}
	}
	return sorted(out)
}

func sorted(facts []change.Fact) []change.Fact {
	slices.SortFunc(facts, func(x, y change.Fact) int {
		return cmp.Or(cmp.Compare(x.Resource, y.Resource), cmp.Compare(x.Value, y.Value))
	})
	return slices.Compact(facts)
}
