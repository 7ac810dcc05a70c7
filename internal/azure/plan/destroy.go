package plan

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/monitorctl/monitorctl/internal/azure/action"
	"github.com/monitorctl/monitorctl/internal/azure/desired"
	"github.com/monitorctl/monitorctl/internal/azure/subscription"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
)

// A Removal is what destroy would do.
type Removal struct {
	Actions []change.Action // alert rules, then action groups
	Left    []change.Left   // objects under our names that stay, with the reason
}

// Destroy plans the removal of what is ours in a subscription: under the names of the
// controls (and --name-prefix), by tag, and not edited by anybody. Of the options only
// the names and the resource group count.
func Destroy(snap *subscription.Snapshot, s *subscription.Subscription, controls []catalog.Control, o Options) Removal {
	d := &destroyer{snap: snap, sub: s, o: o}
	for _, c := range controls {
		d.rules(c)
	}
	d.group()
	slices.SortStableFunc(d.actions, func(a, b action.Action) int { return int(a.Place()) - int(b.Place()) })
	d.out.Actions = action.List(d.actions)
	return d.out
}

type destroyer struct {
	snap    *subscription.Snapshot
	sub     *subscription.Subscription
	o       Options
	actions []action.Action
	out     Removal
}

func (d *destroyer) leave(foreign bool, object, why string) {
	d.out.Left = append(d.out.Left, change.Left{Account: d.sub.ID, Object: object, Why: why, Foreign: foreign})
}

func (d *destroyer) meta(c, why string) change.Meta {
	m := change.Meta{Account: d.sub.ID, Why: why}
	if c != "" {
		m.Closes = []string{c}
	}
	return m
}

// named returns the objects of a list with a name, in the resource group of the wishes or
// in any.
func (d *destroyer) named(list *subscription.Read[[]json.RawMessage], name string) []json.RawMessage {
	var out []json.RawMessage
	all, _ := list.Got()
	for _, raw := range all {
		parts, ok := subscription.ParseID(action.IDOf(raw))
		if ok && subscription.Same(subscription.Name(action.IDOf(raw)), name) && (d.o.ResourceGroup == "" || subscription.Same(parts.Group, d.o.ResourceGroup)) {
			out = append(out, raw)
		}
	}
	return out
}

// rules removes the rules of a control, in every form that apply writes them in.
func (d *destroyer) rules(c catalog.Control) {
	if f := d.sub.AlertRules.Failed(); f != nil {
		d.leave(false, "the alert rules for "+c.ID, f.Operation+" failed: "+f.Code)
		return
	}
	names := d.o.names()
	forms := slices.Concat(names.Rules(c, c.RequiredOperations(), false, false), names.Rules(c, c.RequiredOperations(), true, false))
	forms = append(forms, names.Supplement(c, c.OtherOperations(), false))
	for _, r := range forms {
		for _, raw := range d.named(d.sub.AlertRules, r.Name) {
			d.rule(c, r, raw)
		}
	}
}

func (d *destroyer) rule(c catalog.Control, r desired.Rule, raw json.RawMessage) {
	id := action.IDOf(raw)
	words := "alert rule " + r.Name + " in " + groupIn(id)
	if owner := action.OwnerOf(raw); !owner.Ours {
		d.leave(true, words, "it "+owner.Why)
		return
	}
	if !d.asWritten(r, raw) {
		d.leave(false, words, "it was edited: delete it by hand")
		return
	}
	d.actions = append(d.actions, action.DeleteRule{Meta: d.meta(c.ID, "it has monitorctl's name and tag"), ID: id, Before: raw})
}

// asWritten reports whether a rule is as apply writes it, with any one action group. A
// rule for several operations may be one for those that were missed then.
func (d *destroyer) asWritten(r desired.Rule, raw json.RawMessage) bool {
	have := subscription.ReadAlertRule(raw)
	home := desired.Home{Subscription: d.sub.ID, ResourceGroup: groupIn(have.ID)}
	if len(have.Groups) != 1 {
		return false
	}
	if len(r.Operations) > 1 {
		text := strings.ToLower(string(have.Condition))
		r.Operations = slices.DeleteFunc(slices.Clone(r.Operations), func(o catalog.Operation) bool {
			return !strings.Contains(text, strings.ToLower(strconv.Quote(cmp.Or(o.Name, o.Incident))))
		})
	}
	for _, once := range []bool{false, true} {
		r.Once = once
		if action.Equal(raw, r.Body(home, have.Groups[0], nil)) {
			return true
		}
	}
	return false
}

// group removes our action group if nothing else notifies it.
func (d *destroyer) group() {
	name := d.o.names().Group()
	if f := d.sub.ActionGroups.Failed(); f != nil {
		d.leave(false, "action group "+name, f.Operation+" failed: "+f.Code)
		return
	}
	for _, raw := range d.named(d.sub.ActionGroups, name) {
		id := action.IDOf(raw)
		words := "action group " + name + " in " + groupIn(id)
		owner := action.OwnerOf(raw)
		switch by := d.notifiedBy(id); {
		case !owner.Ours:
			d.leave(true, words, "it "+owner.Why)
		case by != "":
			d.leave(false, words, by)
		default:
			d.actions = append(d.actions, action.DeleteGroup{Meta: d.meta("", "it has monitorctl's name and tag; its receivers are removed with it"), ID: id, Before: raw, Salt: d.snap.Salt})
		}
	}
}

// notifiedBy says what stays and notifies an action group, a clause; "" for nothing.
func (d *destroyer) notifiedBy(group string) string {
	names := func(ids []string) bool {
		return slices.ContainsFunc(ids, func(id string) bool { return subscription.Same(id, group) })
	}
	for i := range d.snap.Subscriptions {
		s := &d.snap.Subscriptions[i]
		rules, ok := s.AlertRules.Got()
		processing, read := s.ProcessingRules.Got()
		if subscription.Same(s.ID, d.sub.ID) && (!ok || !read) {
			return "something that could not be read may notify it"
		}
		for _, raw := range rules {
			r := subscription.ReadAlertRule(raw)
			goes := slices.ContainsFunc(d.actions, func(a action.Action) bool { return subscription.Same(a.Object().Name, r.ID) })
			if names(r.Groups) && !goes {
				return "alert rule " + r.Name + " notifies it"
			}
		}
		for _, raw := range processing {
			if p := subscription.ReadProcessingRule(raw); names(p.Adds) {
				return "alert processing rule " + p.Name + " notifies it"
			}
		}
	}
	return ""
}

func groupIn(id string) string {
	parts, _ := subscription.ParseID(id)
	return parts.Group
}
