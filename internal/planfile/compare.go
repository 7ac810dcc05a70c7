package planfile

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// A Difference is something in which an account is not as a saved plan found
// it.
type Difference struct {
	What string // the action or resource, in words
	Was  string // when the plan was saved; "" where there is no such thing
	Is   string // now; "" where there is no such thing
}

func (d Difference) String() string {
	switch {
	case d.Was == "" && d.Is == "":
		return d.What
	case d.Was == "":
		return fmt.Sprintf("%s: now %s", d.What, d.Is)
	case d.Is == "":
		return fmt.Sprintf("%s: was %s", d.What, d.Was)
	}
	return fmt.Sprintf("%s: was %s, is %s", d.What, d.Was, d.Is)
}

// Compare says where an account differs from what a saved plan was made for: in
// the facts that it rests on, and in the actions of the plan that would be made
// now. Nil means that carrying out one is carrying out the other. Reasons and
// the controls that an action helps do not count: they are not written.
func Compare[W Wishes](saved, now File[W], facts []change.Fact) []Difference {
	if saved.Account != now.Account {
		return []Difference{{"account", saved.Account, now.Account}}
	}
	return append(changed(saved.Basis, facts), actions(saved.Actions, now.Actions)...)
}

// Beyond says what a plan that would be made now has and a saved one has not. Nil means that
// carrying it out is carrying out a part of the saved one, which an earlier run may have
// begun: what that run wrote is no difference.
func Beyond[W Wishes](saved, now File[W]) []Difference {
	if saved.Account != now.Account {
		return []Difference{{"account", saved.Account, now.Account}}
	}
	var out []Difference
	for _, a := range now.Actions {
		i := slices.IndexFunc(saved.Actions, a.is)
		if i < 0 {
			out = append(out, Difference{What: a.words() + ": needed now, but not in the plan"})
			continue
		}
		out = append(out, fields(saved.Actions[i], a)...)
	}
	return out
}

// changed looks for what the saved plan rests on. A fact that is not there any
// more stands for something that was deleted, or cannot be read now.
func changed(saved []Fact, now []change.Fact) []Difference {
	type key struct{ resource, name string }
	have := map[key]string{}
	for _, f := range now {
		have[key{f.Resource, f.Name}] = f.Value
	}
	var out []Difference
	for _, f := range saved {
		if value := cmp.Or(have[key{f.Resource, f.Name}], change.NoFact); value != f.Value {
			out = append(out, Difference{f.Resource + ", " + f.Name, f.Value, value})
		}
	}
	return out
}

func actions(saved, now []Action) []Difference {
	var out []Difference
	for _, a := range saved {
		i := slices.IndexFunc(now, a.is)
		if i < 0 {
			out = append(out, Difference{What: a.words() + ": planned, but not needed or not possible any more"})
			continue
		}
		out = append(out, fields(a, now[i])...)
	}
	for _, a := range now {
		if !slices.ContainsFunc(saved, a.is) {
			out = append(out, Difference{What: a.words() + ": needed now, but not in the plan"})
		}
	}
	if len(out) == 0 && !slices.EqualFunc(saved, now, Action.is) {
		out = append(out, Difference{What: "the order of the actions"})
	}
	return out
}

// is reports whether two actions are about the same object. Two webhooks can have the
// same name, in which only the host is shown: where what is written is secret, actions
// that differ in it are different ones, and nothing of it is named.
func (a Action) is(b Action) bool {
	return a.Kind == b.Kind && a.Region == b.Region && a.Name == b.Name &&
		(!a.Secret && !b.Secret || maps.Equal(strictjson.Leaves(a.After), strictjson.Leaves(b.After)))
}

func (a Action) words() string {
	if a.Region == "" {
		return a.Kind + " " + a.Name
	}
	return fmt.Sprintf("%s %s (%s)", a.Kind, a.Name, a.Region)
}

// fields compares what two actions write and what they replace.
func fields(saved, now Action) []Difference {
	var out []Difference
	for _, side := range []struct {
		name     string
		was, now json.RawMessage
	}{{"replaces ", saved.Before, now.Before}, {"", saved.After, now.After}} {
		was, is := strictjson.Leaves(side.was), strictjson.Leaves(side.now)
		for _, path := range slices.Sorted(maps.Keys(both(was, is))) {
			if was[path] != is[path] {
				out = append(out, Difference{saved.words() + ": " + side.name + path, was[path], is[path]})
			}
		}
	}
	return out
}

func both(a, b map[string]string) map[string]string {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}
