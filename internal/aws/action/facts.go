package action

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/change"
)

// unread is the value of what could not be read.
const unread = "unread"

// Basis returns what the actions of a plan rest on: the trail and the log group
// they go to, what stands under the names that they write, the filters that feed
// the alarms' metrics, and the topics. The facts are sorted, each is there once.
// What changes by itself, such as the state of an alarm, is not among them.
func Basis(snap account.Snapshot, chosen []change.Choice, actions []Action) []change.Fact {
	b := &basis{}
	for _, c := range chosen {
		for i := range snap.Accounts {
			if a := &snap.Accounts[i]; a.ID == c.Account && a.Trail(c.TrailARN) != nil {
				b.trail(a, a.Trail(c.TrailARN))
			}
		}
	}
	for _, a := range actions {
		for i := range snap.Accounts {
			if snap.Accounts[i].ID != a.Common().Account {
				continue
			}
			if r := snap.Accounts[i].Region(a.Common().Region); r != nil {
				b.now = r
				b.roles, b.chats, b.parts = snap.Accounts[i].Roles, snap.Accounts[i].Chats, snap.Accounts[i].TrailParts
				a.rests(b)
			}
		}
	}
	return b.sorted()
}

// Facts returns all that Basis could find in a snapshot, except for what is not
// there.
func Facts(snap account.Snapshot) []change.Fact {
	b := &basis{}
	for i := range snap.Accounts {
		a := &snap.Accounts[i]
		for k := range a.Trails {
			b.trail(a, &a.Trails[k])
		}
		b.roles, b.parts = a.Roles, a.TrailParts
		b.trailParts()
		for arn := range a.Roles {
			b.role(arn)
		}
		for k := range a.Regions {
			b.now = &a.Regions[k]
			b.region()
		}
	}
	return b.sorted()
}

func (b *basis) region() {
	if b.parts != nil {
		if g, ok := b.parts.Groups[b.now.Name].Got(); ok && g != nil {
			b.trailGroup(g.Name)
		}
	}
	for arn := range b.now.Topics {
		b.topic(arn)
	}
	filters, _ := b.now.MetricFilters.Got()
	for _, f := range filters {
		b.filter(f.LogGroup, f.Name)
	}
	alarms, _ := b.now.Alarms.Got()
	for _, a := range alarms.Metric {
		b.alarm(a)
	}
	for name := range b.now.RuleTags {
		b.rule(name)
	}
	rules, _ := b.now.Rules.Got()
	for _, r := range rules {
		targets, _ := r.Targets.Got()
		for _, t := range targets {
			b.target(r.Name, t.ID)
		}
	}
}

func (b *basis) sorted() []change.Fact {
	slices.SortFunc(b.facts, func(x, y change.Fact) int {
		return cmp.Or(cmp.Compare(x.Resource, y.Resource), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Value, y.Value))
	})
	return slices.Compact(b.facts)
}

// A basis collects facts.
type basis struct {
	facts []change.Fact
	now   *account.Region          // of the action or object at hand
	roles map[string]*account.Role // of its account
	chats *account.Read[[]account.ChatConfiguration]
	parts *account.TrailParts // of its account; nil where no trail was asked for
}

func (b *basis) add(resource, name string, value any) {
	text, ok := value.(string)
	if !ok {
		data, _ := json.Marshal(value) // plain data: it cannot fail
		text = string(data)
	}
	b.facts = append(b.facts, change.Fact{Resource: resource, Name: name, Value: cmp.Or(text, change.NoFact)})
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

func (b *basis) topic(arn string) {
	t := b.now.Topics[arn]
	if t == nil { // of another account: what this one shows has nothing of it
		b.add(arn, "topic", change.NoFact)
		return
	}
	attrs, ok := t.Attributes.Got()
	switch {
	case !ok:
		b.add(arn, "topic", unread)
	case attrs == nil:
		b.add(arn, "topic", change.NoFact)
	default:
		b.add(arn, "topic", "there")
		b.add(arn, "policy", attrs.Policy)
		b.add(arn, "key", cmp.Or(attrs.KeyID, change.NoFact))
	}
}

func (b *basis) filter(group, name string) {
	resource := "metric filter " + group + ":" + name
	list, ok := b.now.MetricFilters.Got()
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
	b.add(resource, "settings", change.NoFact)
}

// feeders adds the filters that write to a metric.
func (b *basis) feeders(namespace, metric string) {
	list, _ := b.now.MetricFilters.Got()
	for _, f := range list {
		if f.Namespace == namespace && f.Metric == metric {
			b.filter(f.LogGroup, f.Name)
		}
	}
}

// rule adds a rule of the default bus under one of our names.
func (b *basis) rule(name string) {
	resource := "rule " + name
	list, ok := b.now.Rules.Got()
	if !ok {
		b.add(resource, "settings", unread)
		return
	}
	for _, r := range list {
		if r.Name == name {
			b.add(resource, "settings", r.Settings())
			tags, ok := b.now.RuleTags[name].Got()
			b.add(resource, "tags", read(tags, ok))
			return
		}
	}
	b.add(resource, "settings", change.NoFact)
}

// target adds a target of such a rule.
func (b *basis) target(rule, id string) {
	resource := "target " + id + " of rule " + rule
	list, _ := b.now.Rules.Got()
	for _, r := range list {
		if r.Name != rule {
			continue
		}
		targets, ok := r.Targets.Got()
		if !ok {
			b.add(resource, "settings", unread)
			return
		}
		for _, t := range targets {
			if t.ID == id {
				b.add(resource, "settings", t)
				return
			}
		}
	}
	b.add(resource, "settings", change.NoFact)
}

// destination adds an API destination under one of our names.
func (b *basis) destination(name string) {
	resource := "API destination " + name
	if _, ok := b.now.OwnDestinations.Got(); !ok {
		b.add(resource, "settings", unread)
		return
	}
	for _, read := range b.now.APIDestinations {
		if d, _ := read.Got(); d != nil && d.Name == name {
			b.add(resource, "settings", *DestinationState(*d).Destination)
			return
		}
	}
	b.add(resource, "settings", change.NoFact)
}

// connection adds a connection under one of our names.
func (b *basis) connection(name string) {
	resource := "connection " + name
	if _, ok := b.now.OwnConnections.Got(); !ok {
		b.add(resource, "settings", unread)
		return
	}
	for _, read := range b.now.Connections {
		if c, _ := read.Got(); c != nil && c.Name == name {
			b.add(resource, "settings", *ConnectionState(*c).Connection)
			return
		}
	}
	b.add(resource, "settings", change.NoFact)
}

// chat adds a chat configuration under one of our names.
func (b *basis) chat(arn string) {
	list, ok := b.chats.Got()
	if !ok {
		b.add(arn, "settings", unread)
		return
	}
	for _, c := range list {
		if c.ARN == arn {
			b.add(arn, "settings", *ChatState(c))
			return
		}
	}
	b.add(arn, "settings", change.NoFact)
}

// role adds a role that rules use.
func (b *basis) role(arn string) {
	role := b.roles[arn]
	if role == nil {
		b.add(arn, "role", unread)
		return
	}
	trust, ok := role.Trust.Got()
	if ok && trust == nil {
		b.add(arn, "role", change.NoFact)
		return
	}
	inline := map[string]any{}
	for name, p := range role.Inline {
		text, ok := p.Got()
		inline[name] = read(text, ok)
	}
	b.add(arn, "trust", read(trust, ok))
	b.add(arn, "policies", inline)
}

func (b *basis) alarm(want account.MetricAlarm) {
	list, ok := b.now.Alarms.Got()
	if !ok {
		b.add(want.ARN, "settings", unread)
		return
	}
	for _, have := range list.Metric {
		if have.Name == want.Name {
			b.add(want.ARN, "settings", have.Settings())
			tags, ok := b.now.AlarmTags[have.Name].Got()
			b.add(want.ARN, "tags", read(tags, ok))
			return
		}
	}
	b.add(want.ARN, "settings", change.NoFact)
}
