package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
)

// A Fact is something about an account that a plan rests on. Two readings of an
// account that give the same facts and the same actions are the same to apply.
type Fact struct {
	Resource string // ARN, or "metric filter GROUP:NAME"
	Name     string // which of its properties
	Value    string // in words or as JSON; "none" where there is nothing
}

// NoFact is the value of what does not exist.
const NoFact = "none"

// unread is the value of what could not be read.
const unread = "unread"

// Basis returns what the actions of a plan rest on: the trail and the log group
// they go to, what stands under the names that they write, the filters that feed
// the alarms' metrics, and the topics. The facts are sorted, each is there once.
// What changes by itself, such as the state of an alarm, is not among them.
func Basis(snap account.Snapshot, p Plan) []Fact {
	b := &basis{}
	for _, c := range p.Chosen {
		for i := range snap.Accounts {
			if a := &snap.Accounts[i]; a.ID == c.Account && a.Trail(c.TrailARN) != nil {
				b.trail(a, a.Trail(c.TrailARN))
			}
		}
	}
	for _, a := range p.Actions {
		if region := regionOf(&snap, a.Common()); region != nil {
			b.action(region, a)
		}
	}
	return b.sorted()
}

// Facts returns all that Basis could find in a snapshot, except for what is not
// there.
func Facts(snap account.Snapshot) []Fact {
	b := &basis{}
	for i := range snap.Accounts {
		a := &snap.Accounts[i]
		for k := range a.Trails {
			b.trail(a, &a.Trails[k])
		}
		for k := range a.Regions {
			b.region(&a.Regions[k])
		}
	}
	return b.sorted()
}

func (b *basis) region(r *account.Region) {
	for arn := range r.Topics {
		b.topic(r, arn)
	}
	filters, _ := r.MetricFilters.Got()
	for _, f := range filters {
		b.filter(r, f.LogGroup, f.Name)
	}
	alarms, _ := r.Alarms.Got()
	for _, a := range alarms.Metric {
		b.alarm(r, a)
	}
}

func (b *basis) sorted() []Fact {
	slices.SortFunc(b.facts, func(x, y Fact) int {
		return cmp.Or(cmp.Compare(x.Resource, y.Resource), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Value, y.Value))
	})
	return slices.Compact(b.facts)
}

type basis struct{ facts []Fact }

func (b *basis) add(resource, name string, value any) {
	text, ok := value.(string)
	if !ok {
		data, _ := json.Marshal(value) // plain data: it cannot fail
		text = string(data)
	}
	b.facts = append(b.facts, Fact{resource, name, cmp.Or(text, NoFact)})
}

// trail adds what decides whether a trail carries the events to its log group.
func (b *basis) trail(a *account.Account, t *account.Trail) {
	b.add(t.ARN, "multi-region", fmt.Sprint(t.MultiRegion))
	b.add(t.ARN, "log group", t.LogGroupARN)
	status, ok := t.Status.Got()
	b.add(t.ARN, "logging", read(status.Logging, ok))
	selectors, ok := t.Selectors.Got()
	b.add(t.ARN, "event selectors", read(selectors, ok))
	arn, _ := account.ParseARN(t.LogGroupARN)
	name, ok := arn.LogGroupName()
	if r := a.Region(arn.Region); ok && r != nil && arn.Account == a.ID {
		group, ok := r.LogGroups[name].Got()
		b.add("log group "+name, "settings", read(group, ok))
	}
}

// read stands in for what has no value.
func read(value any, ok bool) any {
	if !ok {
		return unread
	}
	return value
}

// action adds what an action meets.
func (b *basis) action(r *account.Region, a Action) {
	switch a := a.(type) {
	case CreateTopic:
		b.topic(r, a.ARN)
	case Subscribe:
		b.topic(r, a.TopicARN)
	case SetTopicPolicy:
		b.topic(r, a.TopicARN)
	case PutFilter:
		b.filter(r, a.Filter.LogGroup, a.Filter.Name)
		b.feeders(r, a.Filter.Namespace, a.Filter.Metric)
	case PutAlarm:
		b.alarm(r, a.Alarm)
		b.feeders(r, a.Alarm.Namespace, a.Alarm.Metric)
		for _, arn := range a.Alarm.AlarmActions {
			b.topic(r, arn)
		}
	}
}

func (b *basis) topic(r *account.Region, arn string) {
	t := r.Topics[arn]
	if t == nil {
		b.add(arn, "topic", unread)
		return
	}
	attrs, ok := t.Attributes.Got()
	switch {
	case !ok:
		b.add(arn, "topic", unread)
	case attrs == nil:
		b.add(arn, "topic", NoFact)
	default:
		b.add(arn, "topic", "there")
		b.add(arn, "policy", attrs.Policy)
		b.add(arn, "key", cmp.Or(attrs.KeyID, NoFact))
	}
}

func (b *basis) filter(r *account.Region, group, name string) {
	resource := "metric filter " + group + ":" + name
	list, ok := r.MetricFilters.Got()
	if !ok {
		b.add(resource, "settings", unread)
		return
	}
	for _, f := range list {
		if f.LogGroup == group && f.Name == name {
			b.add(resource, "settings", f)
			return
		}
	}
	b.add(resource, "settings", NoFact)
}

// feeders adds the filters that write to a metric.
func (b *basis) feeders(r *account.Region, namespace, metric string) {
	list, _ := r.MetricFilters.Got()
	for _, f := range list {
		if f.Namespace == namespace && f.Metric == metric {
			b.filter(r, f.LogGroup, f.Name)
		}
	}
}

func (b *basis) alarm(r *account.Region, want account.MetricAlarm) {
	list, ok := r.Alarms.Got()
	if !ok {
		b.add(want.ARN, "settings", unread)
		return
	}
	for _, have := range list.Metric {
		if have.Name == want.Name {
			b.add(want.ARN, "settings", have.Settings())
			tags, ok := r.AlarmTags[have.Name].Got()
			b.add(want.ARN, "tags", read(tags, ok))
			return
		}
	}
	b.add(want.ARN, "settings", NoFact)
}
