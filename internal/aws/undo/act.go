package undo

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/monitorctl/monitorctl/internal/aws/account"
	"github.com/monitorctl/monitorctl/internal/aws/plan"
	"github.com/monitorctl/monitorctl/internal/aws/policy"
	"github.com/monitorctl/monitorctl/internal/journal"
	"github.com/monitorctl/monitorctl/internal/strictjson"
)

// act plans the change that brings an object to its target.
func (u *undoing) act(o journal.Object) {
	target, ok := u.target[o]
	if !ok {
		return
	}
	found := u.now[o]
	if target == found.State || target != nil && found.State != nil && identical(target, found.State) {
		u.plan.Gone++
		return
	}
	switch o.Kind {
	case journal.Alarm:
		u.alarm(o, found.State, target)
	case journal.Filter:
		u.filter(o, found.State, target)
	case journal.Subscriber:
		if found.Pending {
			u.plan.Gone++ // it goes with its topic
			return
		}
		u.plan.Actions = append(u.plan.Actions, plan.Unsubscribe{
			Meta: u.meta(o, "the run added it"), TopicARN: o.Name, ARN: found.ARN,
			Protocol: found.State.Subscription.Protocol, Endpoint: found.State.Subscription.Endpoint,
		})
	case journal.TopicKind:
		u.topic(o, found, target)
	}
}

// identical says whether nothing need be written: policies must be the same
// byte for byte.
func identical(a, b *journal.State) bool {
	return journal.Same(a, b) && (a.Policy == nil || b.Policy == nil || *a.Policy == *b.Policy)
}

func (u *undoing) meta(o journal.Object, why string) plan.Meta {
	return plan.Meta{Account: u.journal.Header.Account, Region: o.Region, Why: why}
}

func (u *undoing) alarm(o journal.Object, now, target *journal.State) {
	if target == nil {
		u.plan.Actions = append(u.plan.Actions, plan.DeleteAlarm{Meta: u.meta(o, "the run made it"), Alarm: *now.Alarm, Tags: *now.Tags})
		return
	}
	u.plan.Actions = append(u.plan.Actions, plan.PutAlarm{
		Meta: u.meta(o, "the run replaced it"), Alarm: *target.Alarm, Before: now.Alarm, Tags: *target.Tags, TagsBefore: *now.Tags,
	})
}

func (u *undoing) filter(o journal.Object, now, target *journal.State) {
	if target == nil {
		u.plan.Actions = append(u.plan.Actions, plan.DeleteFilter{Meta: u.meta(o, "the run made it"), Filter: *now.Filter})
		return
	}
	u.plan.Actions = append(u.plan.Actions, plan.PutFilter{Meta: u.meta(o, "the run replaced it"), Filter: *target.Filter, Before: now.Filter})
}

func (u *undoing) topic(o journal.Object, found Found, target *journal.State) {
	if target != nil {
		u.plan.Actions = append(u.plan.Actions, plan.SetTopicPolicy{
			Meta: u.meta(o, "the run extended it"), TopicARN: o.Name, Policy: *target.Policy, Before: *found.State.Policy,
		})
		return
	}
	a := plan.DeleteTopic{
		Meta: u.meta(o, "the run made it"), Name: lastPart(o.Name), ARN: o.Name, Policy: *found.State.Policy, Tags: *found.State.Tags,
	}
	for _, s := range found.Subscribers {
		if s.ARN != "" {
			a.Subscriptions = append(a.Subscriptions, s.ARN)
		}
	}
	u.plan.Actions = append(u.plan.Actions, a)
}

// refuse says why a write is not one that monitorctl makes: a journal that was
// edited must not lead undo to what is somebody else's. Subscriptions carry no
// mark by which that could be told.
func (u *undoing) refuse(cur *journal.State, e journal.Entry) string {
	const foreign = "it is not monitorctl's, whatever the journal says: "
	switch kind := e.Object.Kind; {
	case kind == journal.Filter && !u.shipped(*e.After.Filter):
		return foreign + "no control has that name and pattern"
	case kind == journal.Alarm && !managed(cur), kind == journal.TopicKind && e.Before == nil && !managed(cur):
		return foreign + "it lacks the tag " + plan.ManagedTag + "=true"
	case kind == journal.TopicKind && e.Before != nil && !u.extends(e):
		return foreign + "its policy is not the old one with one statement more"
	}
	return ""
}

func managed(s *journal.State) bool { return s.Tags != nil && (*s.Tags)[plan.ManagedTag] == "true" }

// shipped says whether a filter is one that apply writes.
func (u *undoing) shipped(f account.MetricFilter) bool {
	for _, c := range u.controls {
		if strings.Contains(f.Name, c.Names.Filter) && strings.HasSuffix(f.Metric, c.Names.Metric) && slices.Contains(c.Shipped(), f.Pattern) {
			return true
		}
	}
	return false
}

// extends says whether a policy was written by us: our own in place of SNS's, or
// another's with our statement.
func (u *undoing) extends(e journal.Entry) bool {
	h := u.journal.Header
	after := e.After.Policy
	if e.Before.Policy == nil || after == nil {
		return false
	}
	if journal.Same(&journal.State{Policy: after}, state(policy.TopicPolicy(e.Object.Name, h.Account, h.Partition))) {
		return policy.IsDefault(*e.Before.Policy)
	}
	extended, err := policy.ExtendTopicPolicy(*e.Before.Policy, e.Object.Name, h.Account, h.Partition)
	return err == nil && journal.Same(&journal.State{Policy: after}, state(extended))
}

func state(doc string) *journal.State { return &journal.State{Policy: &doc} }

// words names an object.
func (u *undoing) words(o journal.Object) string {
	switch o.Kind {
	case journal.Filter:
		return fmt.Sprintf("metric filter %s on %s (%s)", o.Name, o.LogGroup, o.Region)
	case journal.Alarm:
		return fmt.Sprintf("alarm %s (%s)", o.Name, o.Region)
	case journal.Subscriber:
		for _, e := range u.journal.Entries {
			if e.Object == o {
				s := e.After.Subscription
				return fmt.Sprintf("subscription of %s %s to topic %s (%s)", s.Protocol, s.Endpoint, lastPart(o.Name), o.Region)
			}
		}
	}
	return fmt.Sprintf("topic %s (%s)", lastPart(o.Name), o.Region)
}

// difference names the first setting in which two states differ.
func difference(now, then *journal.State) string {
	is, was := leaves(now), leaves(then)
	parts := map[string]bool{} // that the write was about
	for _, path := range slices.Sorted(maps.Keys(was)) {
		parts[part(path)] = true
		if is[path] != was[path] {
			return path
		}
	}
	for _, path := range slices.Sorted(maps.Keys(is)) {
		if _, ok := was[path]; !ok && parts[part(path)] {
			return path
		}
	}
	return "its settings"
}

func leaves(s *journal.State) map[string]string {
	data, _ := json.Marshal(s) // plain data: it cannot fail
	return strictjson.Leaves(data)
}

// part returns the first element of a path.
func part(path string) string {
	first, _, _ := strings.Cut(path, ".")
	return first
}

func lastPart(arn string) string { return arn[strings.LastIndexByte(arn, ':')+1:] }
