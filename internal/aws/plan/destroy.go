package plan

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/aws/desired"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
)

// A Removal is what destroy would do.
type Removal struct {
	// Actions are the deletions in their order: alarms, filters, topics.
	Actions []change.Action

	// Left are objects under our names that stay, with the reason.
	Left []change.Left
}

// Destroy plans the removal of what is ours in a snapshot: under the names of
// the controls (and --name-prefix), by tag or shipped pattern, and not edited by
// anybody. Of the options only the names and the transport count: rules, or filters and
// alarms, or both. A topic goes when nothing that stays notifies it.
func Destroy(snap account.Snapshot, controls []catalog.Control, o Options) Removal {
	d := &destroyer{o: o, controls: catalog.Repairable(controls)}
	silence := slices.ContainsFunc(controls, func(c catalog.Control) bool { return c.State == catalog.TrailDelivery })
	for i := range snap.Accounts {
		a := &snap.Accounts[i]
		for k := range a.Regions {
			d.account, d.region = a, &a.Regions[k]
			if o.Transport != audit.RuleTransport {
				d.alarms()
				d.filters()
				d.alarmRules()
				if silence {
					d.heartbeat()
				}
			}
			d.rules()
		}
		d.account = a
		d.forwarders()
		d.destinations()
		d.chats()
		for k := range a.Regions {
			d.region = &a.Regions[k]
			d.topics()
		}
		d.trail()
	}
	slices.SortStableFunc(d.actions, func(a, b action.Action) int { return cmp.Compare(a.Place(), b.Place()) })
	d.out.Actions = action.List(d.actions)
	return d.out
}

// A destroyer plans removals, region by region.
type destroyer struct {
	o        Options
	controls []catalog.Control
	account  *account.Account
	region   *account.Region
	actions  []action.Action
	out      Removal
}

// home is where the objects at hand stand.
func (d *destroyer) home() desired.Home {
	return desired.Home{Partition: d.account.Partition, Account: d.account.ID, Region: d.region.Name}
}

// leave notes an object that stays; foreign when it is known to be someone
// else's.
func (d *destroyer) leave(foreign bool, why, format string, args ...any) {
	d.out.Left = append(d.out.Left, change.Left{Object: fmt.Sprintf(format, args...) + " (" + d.region.Name + ")", Why: why, Foreign: foreign})
}

func (d *destroyer) meta(c string, why string) change.Meta {
	m := change.Meta{Account: d.account.ID, Region: d.region.Name, Why: why}
	if c != "" {
		m.Closes = []string{c}
	}
	return m
}

func (d *destroyer) alarms() {
	list, ok := d.region.Alarms.Got()
	if f := d.region.Alarms.Failed(); f != nil {
		d.leave(false, f.Operation+" failed: "+f.Code, "the alarms")
	}
	if !ok {
		return
	}
	for _, c := range d.controls {
		name := d.o.names().AlarmName(c)
		if kind, _, _ := nameTaken(list, name); kind != "" {
			d.leave(true, "a "+kind+" alarm was not created by monitorctl", "alarm %s", name)
		}
		for _, a := range list.Metric {
			if a.Name == name {
				d.alarm(c, a)
			}
		}
	}
}

func (d *destroyer) alarm(c catalog.Control, have account.MetricAlarm) {
	tags := d.region.AlarmTags[have.Name]
	if owner := desired.OwnerOf(tags); !owner.Ours() {
		d.leave(owner.IsForeign(), "it "+owner.Why, "alarm %s", have.Name)
		return
	}
	want := d.o.names().Alarm(c, d.home(), have.Namespace, have.Metric, "")
	want.AlarmActions = have.AlarmActions
	if !sameAlarm(have, want) {
		d.leave(false, "it was edited ("+describeAlarm(have)+"): delete it by hand", "alarm %s", have.Name)
		return
	}
	d.actions = append(d.actions, action.DeleteAlarm{Meta: d.meta(c.ID, "it has monitorctl's name and tag"), Alarm: have.Settings(), Tags: tags.Value})
}

func (d *destroyer) filters() {
	if f := d.region.MetricFilters.Failed(); f != nil {
		d.leave(false, f.Operation+" failed: "+f.Code, "the metric filters")
	}
	list, _ := d.region.MetricFilters.Got()
	for _, have := range list {
		for _, c := range d.controls {
			if d.o.names().HasName(have, c) {
				d.filter(c, have)
				break
			}
		}
	}
}

func (d *destroyer) filter(c catalog.Control, have account.MetricFilter) {
	leave := func(foreign bool, why string) {
		d.leave(foreign, why, "metric filter %s on %s", have.Name, have.LogGroup)
	}
	watchers, ok := desired.Watchers(d.region, have)
	owner := desired.OwnerOfFilter(watchers)
	stays := slices.IndexFunc(watchers, func(w desired.Watcher) bool { return !d.removes(w.Alarm) })
	switch {
	case owner.ByCode():
		leave(true, "it "+owner.Why)
	case !d.o.names().Shipped(have, c):
		leave(true, "it was not created by monitorctl: it has another metric, or a pattern that no version shipped")
	case drifted(have, d.o.names().Filter(c, d.o.Audit.Benchmark, have.LogGroup)):
		leave(false, "it was edited ("+describeFilter(have)+"): delete it by hand")
	case !ok:
		leave(false, "could not find out whether an alarm watches its metric")
	case !owner.Ours():
		leave(owner.IsForeign(), "it "+owner.Why)
	case stays >= 0:
		leave(false, "alarm "+watchers[stays].Alarm+", which stays, watches its metric")
	default:
		d.actions = append(d.actions, action.DeleteFilter{Meta: d.meta(c.ID, "it has monitorctl's name, metric and pattern"), Filter: have})
	}
}

// topics removes our topics of the region at hand: those of the options, and those that
// what goes has notified, which routes made.
func (d *destroyer) topics() {
	_, names := d.o.Topics()
	names = append(names, desired.ChatTopicName)
	for _, arn := range d.silenced() {
		if t := d.region.Topics[arn]; t != nil && desired.OwnerOf(t.Tags).Ours() {
			names = append(names, lastPart(arn))
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		d.topic(name)
	}
}

// silenced are the topics that the alarms and rules which go from the region at hand have
// notified.
func (d *destroyer) silenced() []string {
	var arns []string
	for _, a := range d.actions {
		if m := a.Common(); m.Region != d.region.Name || m.Account != d.account.ID {
			continue
		}
		switch x := a.(type) { //nolint:gochecksumtype // the others notify nothing
		case action.DeleteAlarm:
			arns = append(arns, x.Alarm.AlarmActions...)
		case action.RemoveTarget:
			arns = append(arns, x.Target.ARN)
		}
	}
	return arns
}

// topic removes a topic of ours if nothing else uses it.
func (d *destroyer) topic(name string) {
	arn := desired.Names{Topic: name}.TopicARN(d.home())
	t := d.region.Topics[arn]
	if t == nil {
		return
	}
	attrs, ok := t.Attributes.Got()
	if ok && attrs == nil {
		return
	}
	owner := desired.OwnerOf(t.Tags)
	if why := d.keepTopic(t, attrs, owner); why != "" {
		asked := d.o.Transport == "" || d.o.Transport == BothTransports // else the other transport may need it
		d.leave(attrs != nil && (owner.IsForeign() || !asked), why, "topic %s", name)
		return
	}
	a := action.DeleteTopic{
		Meta: d.meta("", "it has monitorctl's name and tag"), Topic: name, ARN: arn, Policy: attrs.Policy, KeyID: attrs.KeyID, Tags: t.Tags.Value,
	}
	for _, s := range t.Subscriptions.Value {
		if s.State == account.Confirmed {
			a.Subscriptions = append(a.Subscriptions, s.ARN)
		}
	}
	if n := len(a.Subscriptions); n > 0 {
		a.Why += fmt.Sprintf("; its %d confirmed subscribers are removed with it", n)
	}
	d.actions = append(d.actions, a)
}

// keepTopic says why a topic under our name is left alone, "" when it can go.
func (d *destroyer) keepTopic(t *account.Topic, attrs *account.TopicAttributes, owner desired.Owner) string {
	if f := t.Attributes.Failed(); f != nil {
		return f.Operation + " failed: " + f.Code
	}
	if attrs == nil {
		return "it was not read"
	}
	if !owner.Ours() {
		return "it " + owner.Why
	}
	if f := t.Subscriptions.Failed(); f != nil {
		return "could not find out who subscribes to it: " + f.Operation + " failed: " + f.Code
	}
	if _, ours := policy.PublishersOf(attrs.Policy, t.ARN, d.account.ID, d.account.Partition); !ours && !policy.IsDefault(attrs.Policy) {
		return "its policy was edited: delete it by hand"
	}
	list, ok := d.region.Alarms.Got()
	if !ok && !d.ruleRegionOnly() {
		return "could not find out whether alarms notify it: " + unreadAlarms(d.region)
	}
	for _, a := range list.Metric {
		if slices.Contains(slices.Concat(a.AlarmActions, a.OKActions, a.NoDataActions), t.ARN) && !d.removes(a.Name) {
			return "alarm " + a.Name + " notifies it"
		}
	}
	if name := d.publishedTo(t.ARN); name != "" {
		return "rule " + name + " publishes to it"
	}
	for _, a := range list.Composite {
		if slices.Contains(a.AlarmActions, t.ARN) {
			return "alarm " + a.Name + " notifies it"
		}
	}
	for _, a := range list.Log {
		if slices.Contains(a.AlarmActions, t.ARN) {
			return "alarm " + a.Name + " notifies it"
		}
	}
	return ""
}

// removes reports whether an alarm of the region is planned to go.
func (d *destroyer) removes(name string) bool {
	return slices.ContainsFunc(d.actions, func(a action.Action) bool {
		x, ok := a.(action.DeleteAlarm)
		return ok && x.Alarm.Name == name && x.Region == d.region.Name && x.Account == d.account.ID
	})
}
