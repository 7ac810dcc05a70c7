package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
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
// anybody. Of the options only the names count.
func Destroy(snap account.Snapshot, controls []catalog.Control, o Options) Removal {
	d := &destroyer{o: o, controls: catalog.Repairable(controls)}
	for i := range snap.Accounts {
		a := &snap.Accounts[i]
		for k := range a.Regions {
			d.account, d.region = a, &a.Regions[k]
			d.alarms()
			d.filters()
			d.topic()
		}
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

func (d *destroyer) leave(why, format string, args ...any) {
	d.out.Left = append(d.out.Left, change.Left{
		Object: fmt.Sprintf(format, args...) + " (" + d.region.Name + ")", Why: why,
		Foreign: strings.Contains(why, "is not monitorctl's"),
	})
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
		d.leave(f.Operation+" failed: "+f.Code, "the alarms")
	}
	if !ok {
		return
	}
	for _, c := range d.controls {
		name := d.o.names().AlarmName(c)
		if kind, _, _ := nameTaken(list, name); kind != "" {
			d.leave("a "+kind+" alarm is not monitorctl's", "alarm %s", name)
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
	if whose := ownership(tags); whose != "" {
		d.leave("it "+whose, "alarm %s", have.Name)
		return
	}
	want := d.o.names().Alarm(c, d.home(), have.Namespace, have.Metric, "")
	want.AlarmActions = have.AlarmActions
	if !sameAlarm(have, want) {
		d.leave("it was edited ("+describeAlarm(have)+"): delete it by hand", "alarm %s", have.Name)
		return
	}
	d.actions = append(d.actions, action.DeleteAlarm{Meta: d.meta(c.ID, "it has our name and our tag"), Alarm: have.Settings(), Tags: tags.Value})
}

func (d *destroyer) filters() {
	if f := d.region.MetricFilters.Failed(); f != nil {
		d.leave(f.Operation+" failed: "+f.Code, "the metric filters")
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
	want := d.o.names().Filter(c, d.o.Audit.Benchmark, have.LogGroup)
	switch {
	case !d.o.names().Shipped(have, c):
		d.leave("it is not monitorctl's: it has another metric, or a pattern that no version shipped", "metric filter %s on %s", have.Name, have.LogGroup)
	case drifted(have, want):
		d.leave("it was edited ("+describeFilter(have)+"): delete it by hand", "metric filter %s on %s", have.Name, have.LogGroup)
	case d.watched(have) != "":
		d.leave(d.watched(have), "metric filter %s on %s", have.Name, have.LogGroup)
	default:
		d.actions = append(d.actions, action.DeleteFilter{Meta: d.meta(c.ID, "it has our name, our metric and a pattern of ours"), Filter: have})
	}
}

// watched says why a filter stays because of an alarm on its metric; "" when every
// such alarm is removed too, or there is none. Filters carry no tags: whose a
// filter is shows in its alarms, and what watches a metric must not lose it.
func (d *destroyer) watched(f account.MetricFilter) string {
	alarms, ok := d.region.Alarms.Got()
	if !ok {
		return "whether an alarm watches its metric could not be read"
	}
	for _, a := range alarms.Metric {
		direct := a.Namespace == f.Namespace && a.Metric == f.Metric
		if !direct && !a.Mentions(f.Metric) && !slices.ContainsFunc(a.Queries, func(q account.MetricQuery) bool { return q.Namespace == f.Namespace && q.Metric == f.Metric }) {
			continue
		}
		removed := slices.ContainsFunc(d.actions, func(x action.Action) bool {
			r, ok := x.(action.DeleteAlarm)
			return ok && r.Account == d.account.ID && r.Region == d.region.Name && r.Alarm.Name == a.Name
		})
		whose := ownership(d.region.AlarmTags[a.Name])
		switch {
		case removed:
		case strings.Contains(whose, "is not monitorctl's"):
			return "it is not monitorctl's: alarm " + a.Name + ", which lacks the tag " + desired.ManagedTag + "=true, watches its metric"
		default:
			return "alarm " + a.Name + ", which stays, watches its metric"
		}
	}
	return ""
}

// topic removes our topic if nothing else uses it.
func (d *destroyer) topic() {
	arn := d.o.names().TopicARN(d.home())
	t := d.region.Topics[arn]
	if t == nil {
		return
	}
	attrs, ok := t.Attributes.Got()
	if ok && attrs == nil {
		return
	}
	if why := d.keepTopic(t, attrs); why != "" {
		d.leave(why, "topic %s", d.o.names().TopicName())
		return
	}
	a := action.DeleteTopic{
		Meta: d.meta("", "it has our name and our tag"), Topic: d.o.names().TopicName(), ARN: arn, Policy: attrs.Policy, KeyID: attrs.KeyID, Tags: t.Tags.Value,
	}
	for _, s := range t.Subscriptions.Value {
		if s.State == account.Confirmed {
			a.Subscriptions = append(a.Subscriptions, s.ARN)
		}
	}
	if n := len(a.Subscriptions); n > 0 {
		a.Why += fmt.Sprintf("; its %d confirmed subscribers go with it", n)
	}
	d.actions = append(d.actions, a)
}

// keepTopic says why a topic under our name is left alone, "" when it can go.
func (d *destroyer) keepTopic(t *account.Topic, attrs *account.TopicAttributes) string {
	if f := t.Attributes.Failed(); f != nil {
		return f.Operation + " failed: " + f.Code
	}
	if attrs == nil {
		return "it was not read"
	}
	if whose := ownership(t.Tags); whose != "" {
		return "it " + whose
	}
	if f := t.Subscriptions.Failed(); f != nil {
		return "who subscribes to it cannot be told: " + f.Operation + " failed: " + f.Code
	}
	if attrs.Policy != d.o.names().TopicPolicy(d.home()) && !policy.IsDefault(attrs.Policy) {
		return "its policy was edited: delete it by hand"
	}
	list, ok := d.region.Alarms.Got()
	if !ok {
		return "whether alarms notify it cannot be told: " + unreadAlarms(d.region)
	}
	for _, a := range list.Metric {
		if slices.Contains(slices.Concat(a.AlarmActions, a.OKActions, a.NoDataActions), t.ARN) && !d.removes(a.Name) {
			return "alarm " + a.Name + " notifies it"
		}
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

// removes says whether an alarm of the region is planned to go.
func (d *destroyer) removes(name string) bool {
	return slices.ContainsFunc(d.actions, func(a action.Action) bool {
		x, ok := a.(action.DeleteAlarm)
		return ok && x.Alarm.Name == name && x.Region == d.region.Name && x.Account == d.account.ID
	})
}
