package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/action"
	"github.com/monitorctl/monitorctl/internal/aws/audit"
	"github.com/monitorctl/monitorctl/internal/catalog"
	"github.com/monitorctl/monitorctl/internal/change"
	"github.com/monitorctl/monitorctl/internal/finding"
)

// meetAll answers for the subscribers of the wishes for all and of each route.
func (b *builder) meetAll(before []finding.Finding) {
	if b.isMember() && slices.Equal(b.all.ways(), []string{audit.RuleTransport}) {
		return // people are notified elsewhere
	}
	for _, o := range b.all.Everywhere() {
		b.o = o
		b.meetSubscribers(before)
		b.meetChats()
	}
	b.o = b.all
}

// meetSubscribers answers for every subscriber that was asked for and that no repair
// has planned: our own topic gets him all the same, and where there is none the plan
// says why it does not need him.
func (b *builder) meetSubscribers(before []finding.Finding) {
	for _, sub := range b.subscriptionsOfAll() {
		planned := func(a action.Action) bool {
			s, ok := a.(action.Subscribe)
			return ok && s.Protocol == sub.Protocol && s.Endpoint == sub.Endpoint
		}
		if slices.ContainsFunc(b.actions, planned) || len(b.conflicts) > 0 {
			continue
		}
		shown := sub.Protocol + " " + action.Subscribe{Protocol: sub.Protocol, Endpoint: sub.Endpoint}.ShownEndpoint()
		met := false
		for _, use := range b.ownTopicsInUse() {
			if !sub.subscribedTo(use.topic, b.snap.Salt) {
				b.subscribeTo(use, sub, shown)
				met = true
			}
		}
		if met {
			continue
		}
		if text := b.subscribed(sub); text != "" {
			b.remark(fmt.Sprintf("%s %s", shown, text))
			continue
		}
		b.remark(fmt.Sprintf("%s is not subscribed to anything: %s", shown, b.noUse(before)))
	}
}

// meetChats connects the channels that were asked for to the topic that our alarms notify
// already: no repair has planned it.
func (b *builder) meetChats() {
	if b.chosen == nil || b.o.TopicARN != "" || len(b.conflicts) > 0 || slices.Equal(b.o.ways(), []string{audit.RuleTransport}) {
		return
	}
	r := b.account.Region(b.chosen.Region)
	t := r.Topics[b.o.names().TopicARN(b.home(r.Name))]
	if t == nil || !b.ownerOf(t.Tags).Ours() {
		return
	}
	ids := b.alarmedBy(r, t)
	for _, sub := range b.o.Subscribers {
		if !sub.isChat() || len(ids) == 0 {
			continue
		}
		var s step
		b.connect(&s, catalog.Control{ID: ids[0]}, r.Name, sub, t.ARN)
		for i, a := range s.actions {
			s.actions[i] = a.Closing(ids)
		}
		b.take(s)
	}
}

// subscriptionsOfAll are the subscribers at hand as topics have them, by any of the
// transports that are asked for.
func (b *builder) subscriptionsOfAll() []Subscriber {
	var list []Subscriber
	for _, sub := range b.o.Subscribers {
		for _, way := range b.o.ways() {
			if on, ok := sub.Subscription(way); ok && !slices.Contains(list, on) {
				list = append(list, on)
			}
		}
	}
	return list
}

// remark adds a note on the account to the plan.
func (b *builder) remark(text string) {
	b.notes = append(b.notes, change.Manual{Account: b.account.ID, Text: text})
}

// A topicInUse is a topic of ours that alarms or rules of ours notify.
type topicInUse struct {
	topic    *account.Topic
	region   string
	controls []string // of those alarms and rules
}

// ownTopicsInUse returns our topics where our filters or rules are, each once.
func (b *builder) ownTopicsInUse() []topicInUse {
	if b.o.TopicARN != "" {
		return nil
	}
	var out []topicInUse
	add := func(region string, controls func(*account.Region, *account.Topic) []string) {
		r := b.account.Region(region)
		if r == nil || slices.ContainsFunc(out, func(u topicInUse) bool { return u.region == region }) {
			return
		}
		t := r.Topics[b.o.names().TopicARN(b.home(region))]
		if t == nil || !b.ownerOf(t.Tags).Ours() {
			return
		}
		if attrs, ok := t.Attributes.Got(); !ok || attrs == nil {
			return
		}
		if ids := controls(r, t); len(ids) > 0 {
			out = append(out, topicInUse{t, region, ids})
		}
	}
	if b.chosen != nil {
		add(b.chosen.Region, b.alarmedBy)
	}
	if b.layout != nil {
		for _, region := range b.layout.homes(b.account.Scope) {
			add(region, b.toldByRules)
		}
	}
	return out
}

// alarmedBy lists the controls whose own alarm acts on a topic.
func (b *builder) alarmedBy(r *account.Region, t *account.Topic) []string {
	alarms, _ := r.Alarms.Got()
	var ids []string
	for _, c := range b.controls {
		name := b.o.names().AlarmName(c)
		if c.Names.Alarm != "" && !b.leaves(name, t.ARN) && slices.ContainsFunc(alarms.Metric, func(a account.MetricAlarm) bool { return a.Name == name && slices.Contains(a.AlarmActions, t.ARN) }) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// toldByRules lists the controls whose own rule publishes to a topic.
func (b *builder) toldByRules(r *account.Region, t *account.Topic) []string {
	rules, _ := r.Rules.Got()
	var ids []string
	for _, c := range b.controls {
		if slices.ContainsFunc(rules, func(rule account.Rule) bool {
			targets, _ := rule.Targets.Got()
			return b.o.names().IsRuleOf(rule.Name, c) && slices.ContainsFunc(targets, func(x account.Target) bool { return x.ARN == t.ARN })
		}) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// leaves reports whether the plan sends an alarm to other topics than this one.
func (b *builder) leaves(alarm, topic string) bool {
	return slices.ContainsFunc(b.actions, func(a action.Action) bool {
		put, ok := a.(action.PutAlarm)
		return ok && put.Alarm.Name == alarm && !slices.Contains(put.Alarm.AlarmActions, topic)
	})
}

// subscribeTo plans a subscriber of our own topic that no repair needs.
func (b *builder) subscribeTo(use topicInUse, sub Subscriber, shown string) {
	t := use.topic
	if f := t.Subscriptions.Failed(); f != nil {
		b.remark(fmt.Sprintf("could not find out whether %s is subscribed to topic %s: %s failed: %s", shown, lastPart(t.ARN), f.Operation, f.Code))
		return
	}
	b.actions = append(b.actions, action.Subscribe{
		Meta:     change.Meta{Account: b.account.ID, Region: use.region, Why: "--subscribe asks for it", Closes: use.controls},
		TopicARN: t.ARN, Protocol: sub.Protocol, Endpoint: sub.Endpoint,
	})
}

// subscribed says which topic has the subscriber already; "" when none that was read
// has.
func (b *builder) subscribed(sub Subscriber) string {
	hash := account.HashEndpoint(b.snap.Salt, sub.Protocol, sub.Endpoint)
	pending := ""
	for _, r := range b.account.Regions {
		for _, arn := range slices.Sorted(maps.Keys(r.Topics)) {
			subs, _ := r.Topics[arn].Subscriptions.Got()
			for _, s := range subs {
				switch {
				case s.EndpointHash != hash:
				case s.State == account.Confirmed:
					return fmt.Sprintf("is already subscribed to topic %s (%s)", lastPart(arn), r.Name)
				case s.State == account.Pending:
					pending = fmt.Sprintf("is subscribed to topic %s (%s) but has not confirmed yet: the message from SNS has the link", lastPart(arn), r.Name)
				}
			}
		}
	}
	return pending
}

// noUse says why no topic gets a subscriber.
func (b *builder) noUse(before []finding.Finding) string {
	for _, f := range before {
		if f.Status == finding.Fail || f.Status == finding.Unknown {
			return "a subscriber helps only once the rest of the chain works"
		}
	}
	return "someone is already alerted, by topics that monitorctl did not create"
}

// lastPart is the name at the end of an ARN.
func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, ':')+1:] }
